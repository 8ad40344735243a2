// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`MemoryTree`]: files whose bytes are in memory.

use alloc::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use calhive_regf::LostBytes;

use crate::escape;
use crate::locator::Locator;
use crate::tree::{Member, Omission, Tree};

/// Files whose bytes are in memory. None of them is an archive or a disk image.
#[derive(Debug)]
pub(crate) struct MemoryTree {
    format: &'static str,
    members: Vec<Member>,
    files: Vec<Vec<u8>>,
}

impl MemoryTree {
    /// Returns the files below a path that stands for them. `format` says in places where the bytes came from.
    pub(crate) fn new(
        root: &Path,
        format: &'static str,
        files: BTreeMap<PathBuf, Vec<u8>>,
    ) -> Self {
        let member = |(path, bytes): (&PathBuf, &Vec<u8>)| {
            let locator = Locator {
                input: escape::path(root),
                format: format.into(),
                path: escape::path(path),
                volume: None,
            };
            Member { path: path.clone(), size: bytes.len() as u64, locator }
        };
        let members = files.iter().map(member).collect();
        Self { format, members, files: files.into_values().collect() }
    }

    fn file(&self, at: usize) -> &[u8] {
        self.files.get(at).map_or(&[], Vec::as_slice)
    }
}

impl Tree for MemoryTree {
    fn format(&self) -> &str {
        self.format
    }

    fn members(&self) -> &[Member] {
        &self.members
    }

    fn head(&self, at: usize, most: usize) -> io::Result<Vec<u8>> {
        let bytes = self.file(at);
        Ok(bytes.get(..most).unwrap_or(bytes).into())
    }

    fn read(&self, at: usize) -> io::Result<(Vec<u8>, Option<LostBytes>)> {
        Ok((self.file(at).into(), None))
    }

    fn omissions(&self) -> &[Omission] {
        &[]
    }

    fn bytes_read(&self) -> u64 {
        self.members.iter().map(|member| member.size).sum()
    }
}
