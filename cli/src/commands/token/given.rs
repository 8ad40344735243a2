// SPDX-License-Identifier: GPL-3.0-or-later
//! [`Given`]: what `calhive token` was given, read and decoded.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use calhive::FileError;
use calhive_evidence::Recognized;

use super::encoding::Encoding;
use crate::digest;
use crate::messages::Messages;
use crate::output::escape;

/// No more is read: a token has at most 1 MiB, and text twice as much and some.
const MOST: usize = 4 << 20;

/// A file or standard input, and the bytes that it holds in whatever form.
pub(super) struct Given {
    /// The file; `-` for standard input.
    pub(super) path: String,
    /// The number of its bytes.
    pub(super) size: u64,
    /// The SHA-256 of them.
    pub(super) sha256: String,
    /// In what form it holds the others.
    pub(super) encoding: Encoding,
    /// The bytes of the token.
    pub(super) bytes: Vec<u8>,
}

impl Given {
    /// Reads a regular file, or standard input for `-`.
    ///
    /// # Errors
    /// Where it cannot be read, is too long, empty or a hive, or is text that cannot be decoded.
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
                bail!("{name} is {recognized}; `calhive scan` takes the tokens in hives apart")
            }
            Recognized::TransactionLog => {
                bail!("{name} is {recognized}; give its hive to `calhive scan`")
            }
            Recognized::Windows9x => bail!("{name} is {recognized}, and no token"),
            Recognized::Empty => bail!("{name}: empty; there is no token in it"),
            _ => {}
        }
        if raw.len() > MOST {
            bail!("{name} is longer than 4 MiB, which no token is; the rest was not read");
        }
        let (encoding, bytes) = Encoding::decode(&raw).with_context(|| name.to_owned())?;
        let (size, sha256) = (raw.len() as u64, digest::sha256([raw.as_slice()]));
        Ok(Self { path, size, sha256, encoding, bytes })
    }

    /// Its name in a message, with how it was read.
    pub(super) fn as_read(&self) -> String {
        match self.encoding.words() {
            Some(words) => format!("{} (read as {words})", name(&self.path)),
            None => name(&self.path).to_owned(),
        }
    }

    /// Tells people what it is.
    pub(super) fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        write!(out, "{}: {} bytes", name(&self.path), self.size)?;
        match self.encoding.words() {
            Some(words) => writeln!(
                out,
                " of {words}, SHA-256 {}\n  What follows is of the {} bytes that it stands for.",
                self.sha256,
                self.bytes.len()
            ),
            None => writeln!(out, ", SHA-256 {}", self.sha256),
        }
    }
}

fn name(path: &str) -> &str {
    if path == "-" { "standard input" } else { path }
}

/// The first bytes of a regular file.
fn file(path: &Path, messages: &Messages) -> Result<Vec<u8>, FileError> {
    let read = || {
        // Asked for before it is opened: opening a pipe would wait for a writer.
        let before = path.metadata()?;
        if !before.is_file() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"));
        }
        let bytes = read_some(File::open(path)?)?;
        let after = path.metadata()?;
        let is_same =
            before.len() == after.len() && before.modified().ok() == after.modified().ok();
        Ok((bytes, is_same))
    };
    let (bytes, is_same) = read().map_err(|error| FileError::new(path, error))?;
    if !is_same {
        messages.incomplete(format_args!(
            "{}: changed while it was read; what is shown may be of two states",
            path.display()
        ));
    }
    Ok(bytes)
}

/// As much as may be, and a byte more where there is one.
fn read_some(from: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(MOST.saturating_add(1) as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}
