// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Source`]: a hive to collect facts from.

use alloc::string::String;
use alloc::vec::Vec;
use std::path::PathBuf;

use calhive_evidence::{Corroboration, Locator};
use calhive_regf::hive::Hive;
use calhive_regf::log::patches::Patches;
use calhive_regf::log::report::ReplayReport;

/// A hive to collect facts from, with its name in reports.
#[derive(Clone, Debug)]
pub struct Source<'d> {
    pub(crate) hive: Hive<'d>,
    pub(crate) path: String,
    pub(crate) sha256: Option<String>,
    pub(crate) replayed: Option<Replayed<'d>>,
    /// Logs for the history; empty if the history is not requested.
    pub(crate) logs: Vec<&'d [u8]>,
    /// For a fragment: offset in the hive minus offset in the file, and size of the file, both in bytes.
    pub(crate) fragment: Option<(i64, u64)>,
    pub(crate) corroboration: Vec<Corroboration>,
    pub(crate) real_path: Option<PathBuf>,
    pub(crate) locator: Option<Locator>,
    pub(crate) beside: Vec<String>,
}

/// Origin of a hive after replay, even if the replay changed nothing.
#[derive(Clone, Debug)]
pub(crate) struct Replayed<'d> {
    /// The file as stored.
    pub(crate) base: &'d [u8],
    pub(crate) report: ReplayReport,
    /// Origin of the bytes; `None` if no log was applied.
    pub(crate) patches: Option<Patches<'d>>,
}

impl<'d> Source<'d> {
    /// Returns a source with a hive and the path of its file. Reports show this path.
    pub fn new(hive: Hive<'d>, path: impl Into<String>) -> Self {
        Self {
            hive,
            path: path.into(),
            sha256: None,
            replayed: None,
            logs: Vec::new(),
            fragment: None,
            corroboration: Vec::new(),
            real_path: None,
            locator: None,
            beside: Vec::new(),
        }
    }

    /// Returns the size of the file as stored, in bytes.
    pub(crate) fn size(&self) -> u64 {
        let of_base = self.replayed.as_ref().map(|it| it.base.len() as u64);
        let of_fragment = self.fragment.map(|(_, size)| size);
        of_base.or(of_fragment).unwrap_or(self.hive.file_length())
    }

    /// Marks the hive as made from a [fragment](calhive_regf::hive::fragment), a file without a base block.
    /// `shift` is the offset in the hive minus the offset in the file. `size` is the size of the file. Both
    /// are in bytes.
    #[must_use]
    pub const fn fragment(mut self, shift: i64, size: u64) -> Self {
        self.fragment = Some((shift, size));
        self
    }

    /// Adds the result of a replay. `base` is the file as stored. `patches` are the origin of the bytes, if
    /// logs were applied.
    #[must_use]
    pub fn replayed(
        mut self,
        base: &'d [u8],
        report: ReplayReport,
        patches: Option<Patches<'d>>,
    ) -> Self {
        self.replayed = Some(Replayed { base, report, patches });
        self
    }

    /// Also collects what each update from these logs changed. Pass the bytes of all logs in the
    /// order given to replay. The history needs a copy of the hive in memory. If no log was
    /// applied, there is no history.
    #[must_use]
    pub fn history(mut self, logs: impl IntoIterator<Item = &'d [u8]>) -> Self {
        self.logs = logs.into_iter().collect();
        self
    }

    /// Adds other evidence near the hive that calhive looked for, both present and absent.
    #[must_use]
    pub fn corroboration(mut self, beside: Vec<Corroboration>) -> Self {
        self.corroboration = beside;
        self
    }

    /// Adds the path of the file without escapes, with the links in its folder resolved. `interpret` pairs
    /// hives by this path. Without this path, `interpret` uses the displayed path.
    #[must_use]
    pub fn real_path(mut self, path: impl Into<PathBuf>) -> Self {
        self.real_path = Some(path.into());
        self
    }

    /// Adds the place of the hive inside a disk image or an archive. `interpret` knows shadow copies and deleted
    /// files by this place.
    #[must_use]
    pub fn locator(mut self, locator: impl Into<Option<Locator>>) -> Self {
        self.locator = locator.into();
        self
    }

    /// Adds the escaped paths of hives in the same folder that are not read.
    #[must_use]
    pub fn beside(mut self, paths: Vec<String>) -> Self {
        self.beside = paths;
        self
    }

    /// Adds the SHA-256 of the whole file as stored, in hex.
    #[must_use]
    pub fn sha256(mut self, hash: impl Into<String>) -> Self {
        self.sha256 = Some(hash.into());
        self
    }
}
