// SPDX-License-Identifier: GPL-3.0-or-later
//! [`Given`]: reads and decodes the input of `calhive token`.

use std::fs::FileType;
use std::io::{self, Read, Write};
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use calhive::FileError;
use calhive_evidence::Recognized;
use calhive_regf::image::open_without_waiting;

use super::encoding::{Decoded, Encoding, License};
use super::registry_text::RegistryValue;
use crate::digest;
use crate::messages::Messages;
use crate::text::{escape, number};

/// Maximum number of bytes to read. A token has up to 1 MiB. Its hex text can be more than twice as long.
const MOST: usize = 4 << 20;

/// A file or standard input, with its decoded bytes.
pub(super) struct Given {
    /// Path of the file; `-` for standard input.
    pub(super) path: String,
    /// Size of the file in bytes.
    pub(super) size: u64,
    /// SHA-256 of the file.
    pub(super) sha256: String,
    /// Encoding of the licenses in the file.
    pub(super) encoding: Encoding,
    /// Licenses in the file, at least one.
    pub(super) licenses: Vec<License>,
    /// All values of an export, or of the output of `reg query`.
    pub(super) values: Vec<RegistryValue>,
}

impl Given {
    /// Reads a regular file, or standard input for `-`.
    ///
    /// # Errors
    /// If the input cannot be read, is too large, is empty, is a hive, or is text that cannot be decoded.
    pub(super) fn read(path: &Path, messages: &Messages) -> Result<Self> {
        let is_standard_input = path.as_os_str() == "-";
        let raw = if is_standard_input {
            read_some(io::stdin().lock()).context("standard input")?
        } else {
            file(path, messages)?
        };
        let path = if is_standard_input { "-".into() } else { escape::path(path) };
        let name = name(&path);
        let recognized = Recognized::of(&raw);
        match recognized {
            Recognized::Hive | Recognized::Fragment => {
                bail!("{name} is {recognized}; use `calhive scan` to decode its tokens")
            }
            Recognized::TransactionLog => {
                bail!("{name} is {recognized}; use `calhive scan` on the hive")
            }
            Recognized::Windows9x => bail!("{name} is {recognized}, not a token"),
            Recognized::Empty => bail!("{name}: empty, contains no token"),
            _ => {}
        }
        if raw.len() > MOST {
            bail!("{name} is larger than 4 MiB; a token has at most 1 MiB");
        }
        let Decoded { encoding, licenses, values } =
            Encoding::decode(&raw).with_context(|| name.to_owned())?;
        let (size, sha256) = (raw.len() as u64, digest::sha256([raw.as_slice()]));
        Ok(Self { path, size, sha256, encoding, licenses, values })
    }

    /// Returns the name of a license for a message, with the encoding of the file.
    pub(super) fn as_read(&self, license: &License) -> String {
        let file = match self.encoding.words() {
            Some(words) => format!("{} (read as {words})", name(&self.path)),
            None => name(&self.path).to_owned(),
        };
        match &license.name {
            Some(place) if self.licenses.len() > 1 => {
                format!("{file}, {}", escape::message(place))
            }
            _ => file,
        }
    }

    /// Writes the name, size, hash and encoding of the input.
    pub(super) fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let (name, size, sha256) = (name(&self.path), number::grouped(self.size), &self.sha256);
        writeln!(out, "{name}: {size} bytes, SHA-256 {sha256}")?;
        let Some(words) = self.encoding.words() else { return Ok(()) };
        let all = self.licenses.iter().map(|license| license.bytes.len() as u64);
        let decoded = number::grouped(all.sum());
        writeln!(
            out,
            "Decoded {decoded} bytes from {size} bytes of {words}; all offsets refer to the decoded bytes."
        )
    }
}

fn name(path: &str) -> &str {
    if path == "-" { "standard input" } else { path }
}

/// Reads a regular file, up to the limit.
fn file(path: &Path, messages: &Messages) -> Result<Vec<u8>, FileError> {
    let read = || {
        let (file, before) = open_without_waiting(path, FileType::is_file)?;
        let bytes = read_some(file)?;
        let after = path.metadata()?;
        let is_same =
            before.len() == after.len() && before.modified().ok() == after.modified().ok();
        Ok((bytes, is_same))
    };
    let (bytes, is_same) = read().map_err(|error| FileError::new(path, error))?;
    if !is_same {
        messages.changed(escape::path(path));
    }
    Ok(bytes)
}

/// Reads up to one byte more than the limit.
fn read_some(from: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(MOST.saturating_add(1) as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}
