// SPDX-License-Identifier: GPL-3.0-or-later
//! Opening what the user named: the one way from a path to a hive.

use std::path::Path;

use anyhow::{Context as _, Result, bail};
use calhive::{Access, FileError, Hive};
use calhive_evidence::Recognized;

use crate::args::Reading;
use crate::messages::Messages;
use crate::sigbus::Guarded;

/// A file that is being read.
#[derive(Debug)]
pub(crate) struct Input {
    guarded: Guarded,
}

impl Input {
    /// Maps or reads a file.
    ///
    /// # Errors
    /// Where it cannot be opened.
    pub(crate) fn open(path: &Path, reading: Reading, access: Access) -> Result<Self, FileError> {
        let guarded =
            if reading.no_mmap { Guarded::read(path)? } else { Guarded::map(path, access)? };
        Ok(Self { guarded })
    }

    /// The same for a file that should be a hive, named by the user.
    ///
    /// # Errors
    /// Where it cannot be opened, or is a folder.
    pub(crate) fn open_hive(path: &Path, reading: Reading, access: Access) -> Result<Self> {
        if path.is_dir() {
            bail!("{} is a folder; give one hive", path.display());
        }
        Ok(Self::open(path, reading, access)?)
    }

    pub(crate) fn path(&self) -> &Path {
        self.guarded.image().path()
    }

    /// All bytes of the file.
    pub(crate) fn bytes(&self) -> &[u8] {
        self.guarded.image().bytes()
    }

    /// The hive in it.
    ///
    /// # Errors
    /// Where it is none: what it is, and what to do.
    pub(crate) fn hive(&self) -> Result<Hive<'_>> {
        let recognized = Recognized::of(self.bytes());
        if let Some(advice) = recognized.what_to_do() {
            bail!("{} is {recognized}; {advice}", self.path().display());
        }
        Hive::parse(self.bytes()).with_context(|| self.path().display().to_string())
    }

    /// Names the file if what was read of it may be of two states. To be called when all is read.
    pub(crate) fn finish(self, messages: &Messages) {
        let path = self.path().display();
        if self.guarded.image().has_changed() {
            messages.incomplete(format_args!(
                "{path}: changed while it was read; what is shown may be of two states"
            ));
        } else if self.guarded.has_lost_pages() {
            messages.incomplete(format_args!(
                "{path}: parts could not be read and were taken for zeros (a faulty disk, or cut \
                 short for a time)"
            ));
        }
    }
}
