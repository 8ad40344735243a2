// SPDX-License-Identifier: GPL-3.0-or-later
//! [`Staging`]: a temporary folder whose files get their final names when all of them are written.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::Path;

use anyhow::{Context as _, Result};
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

use super::manifest::Output;
use crate::interrupt::{self, Temporary};
use crate::output::left_out::LeftOut;
use crate::text::escape;
use crate::text::hex;

/// A temporary folder. Dropping it removes the folder with all files that have no final name.
#[derive(Debug)]
pub(super) struct Staging {
    folder: TempDir,
    /// Until the drop, a request to end removes the folder.
    _temporary: Temporary,
}

/// First letters of the name of a temporary folder.
pub(super) const PREFIX: &str = ".calhive-part-";

impl Staging {
    /// Makes the temporary folder inside `folder`, so that a rename stays on one file system.
    pub(super) fn new(folder: &Path) -> Result<Self> {
        let make = || {
            let made = tempfile::Builder::new().prefix(PREFIX).tempdir_in(folder)?;
            let path = made.path().to_path_buf();
            Ok((made, path))
        };
        let (made, temporary) = Temporary::new(make).with_context(|| escape::path(folder))?;
        Ok(Self { folder: made, _temporary: temporary })
    }

    /// Writes a file. Returns its size and hash, and what its format leaves out.
    pub(super) fn file(
        &self,
        name: &'static str,
        write: impl FnOnce(&mut dyn Write) -> io::Result<LeftOut>,
    ) -> Result<(Output, LeftOut)> {
        let written = || {
            let path = self.folder.path().join(name);
            // A request to end removes the folder with all files in it.
            let open = || OpenOptions::new().write(true).create_new(true).open(path);
            let file = interrupt::undivided(open)?;
            let mut out = Hashing { out: BufWriter::new(file), sha256: Sha256::new(), size: 0 };
            let left_out = write(&mut out)?;
            out.flush()?;
            out.out.get_ref().sync_all()?;
            let sha256 = hex::digits(&out.sha256.finalize());
            Ok::<_, io::Error>((Output { name, size: out.size, sha256 }, left_out))
        };
        written().with_context(|| format!("{name} could not be written"))
    }

    /// Gives a file its final name.
    pub(super) fn publish(&self, name: &str, path: &Path) -> Result<()> {
        fs::rename(self.folder.path().join(name), path).with_context(|| escape::path(path))
    }
}

/// Hashes and counts what it writes.
struct Hashing {
    out: BufWriter<File>,
    sha256: Sha256,
    size: u64,
}

impl Write for Hashing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.sha256.update(bytes.get(..written).unwrap_or(bytes));
        self.size = self.size.saturating_add(written as u64);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
