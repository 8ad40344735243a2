// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Source`]: the bytes of a hive, which its handles share.

use std::path::{Path, PathBuf};

use calhive::evidence::{LogChoice, OpenHive, Opener};
use calhive::{AccessPattern, Hive, Image};

use crate::fault::Fault;

/// Path in messages about bytes that were given without a path.
const NO_PATH: &str = "<bytes>";

/// The bytes of a hive, which its handles share.
#[derive(Debug)]
pub(crate) struct Source {
    bytes: Bytes,
    /// Warnings and remarks about the file and its logs.
    pub(crate) notices: Vec<String>,
}

#[derive(Debug)]
enum Bytes {
    /// A file, with its logs applied.
    File(Box<OpenHive<Image>>),
    /// Bytes that the caller gave.
    Given(Image),
}

impl Source {
    /// Reads a file, and applies the logs beside it.
    pub(crate) fn read(path: &Path, logs: bool) -> Result<Self, Fault> {
        let logs = if logs { LogChoice::Beside } else { LogChoice::NotApplied };
        let mut notices = Vec::new();
        let mut opener = Opener::new(|path: &Path, _| Image::read(path), &logs);
        let mut notify = |notice: calhive::evidence::Notice| notices.push(notice.to_string());
        let file = opener.hive(path, AccessPattern::Sequential, &mut notify)?;
        Self { bytes: Bytes::File(Box::new(file)), notices }.checked()
    }

    /// Takes the bytes of a hive.
    pub(crate) fn given(bytes: &[u8]) -> Result<Self, Fault> {
        let image = Image::of_bytes(PathBuf::from(NO_PATH), bytes.to_vec());
        Self { bytes: Bytes::Given(image), notices: Vec::new() }.checked()
    }

    fn checked(self) -> Result<Self, Fault> {
        self.hive()?;
        Ok(self)
    }

    /// Parses the hive.
    pub(crate) fn hive(&self) -> Result<Hive<'_>, Fault> {
        match &self.bytes {
            Bytes::File(file) => Ok(file.hive()?),
            Bytes::Given(image) => {
                Hive::parse(image.bytes()).map_err(|error| Fault::format(image.path(), &error))
            }
        }
    }

    pub(crate) fn path(&self) -> &Path {
        match &self.bytes {
            Bytes::File(file) => file.path(),
            Bytes::Given(image) => image.path(),
        }
    }

    /// Returns the length of the hive, in bytes.
    pub(crate) fn length(&self) -> u64 {
        match &self.bytes {
            Bytes::File(file) => file.bytes().len() as u64,
            Bytes::Given(image) => image.bytes().len() as u64,
        }
    }

    /// Returns the file with its logs. Bytes without a path have no logs.
    pub(crate) fn file(&self) -> Option<&OpenHive<Image>> {
        match &self.bytes {
            Bytes::File(file) => Some(file),
            Bytes::Given(_) => None,
        }
    }

    /// Whether bytes come from transaction logs.
    pub(crate) fn has_applied_logs(&self) -> bool {
        self.file().is_some_and(|file| file.patches().is_some())
    }
}
