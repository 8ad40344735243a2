// SPDX-License-Identifier: MIT OR Apache-2.0

//! A hive as it lies on the disk after the machine stopped, with its logs.

use super::file::LogFile;
use super::update::Update;
use crate::base_block;
use crate::space::BASE_BLOCK;
use crate::tree::Tree;

/// A hive, its logs, and what they make together.
#[derive(Clone, Debug)]
pub struct Dirty {
    /// What is the matter with it.
    pub name: String,
    /// The hive as it is on the disk.
    pub primary: Vec<u8>,
    /// Its logs by what their names end with: `LOG`, `LOG1`, `LOG2`. Windows lists no order.
    pub logs: Vec<(&'static str, LogFile)>,
    /// The hive after replay, with a base block as Windows writes it: both sequence numbers one
    /// more than that of the last update applied, type 0, and a checksum. Where nothing applies it
    /// is `primary`.
    pub expected: Vec<u8>,
    /// What is in `expected`, where that is whole.
    pub tree: Option<Tree>,
    /// What was applied, in order: name of the log and sequence number, the log's own for an
    /// old-format one.
    pub applied: Vec<(&'static str, u32)>,
}

impl Dirty {
    /// One log, to break it further.
    ///
    /// # Panics
    ///
    /// If there is no log of this name.
    pub fn log(&mut self, name: &str) -> &mut LogFile {
        let found = self.logs.iter_mut().find(|(known, _)| *known == name);
        &mut found.unwrap_or_else(|| panic!("no log {name:?}")).1
    }

    /// The same hive where its logs were not collected: nothing can be applied.
    #[must_use]
    pub fn without_logs(self) -> Self {
        let expected = self.primary.clone();
        Self { logs: Vec::new(), expected, tree: None, applied: Vec::new(), ..self }
    }

    /// The bins data after replay: what readers have to agree on, whatever they write into the
    /// base block.
    pub fn expected_bins(&self) -> &[u8] {
        bins(&self.expected)
    }
}

/// The bins data of a hive. Without a size in the base block it is all that follows.
pub(super) fn bins(hive: &[u8]) -> &[u8] {
    match u32_at(hive, 40) {
        0 => &hive[BASE_BLOCK..],
        size => &hive[BASE_BLOCK..][..size as usize],
    }
}

/// How the base block of the primary is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Base {
    /// Its checksum is right.
    Sound,
    /// Its checksum is wrong, and nothing else.
    BadChecksum,
    /// It is all zeros.
    Zeroed,
}

impl Base {
    /// Does to the base block of `primary` what the name says.
    pub(super) fn strike(self, primary: &mut [u8]) {
        match self {
            Self::Sound => {}
            Self::BadChecksum => primary[508] ^= 1,
            Self::Zeroed => primary[..BASE_BLOCK].fill(0),
        }
    }
}

/// Writes the first `pages` pages of `update` to `hive`, which does not shrink: the file of a
/// hive only grows.
pub(super) fn write_part(hive: &mut Vec<u8>, update: Update, pages: usize, granularity: usize) {
    if pages == 0 {
        return;
    }
    let bins_size = update.bins_size;
    let len = hive.len().max(BASE_BLOCK + bins_size as usize);
    let mut update = update.split(granularity);
    update.runs.truncate(pages);
    update.bins_size = (len - BASE_BLOCK) as u32;
    update.apply(hive);
    hive[40..44].copy_from_slice(&bins_size.to_le_bytes());
}

/// Writes the numbers of a base block, and the checksum.
pub(super) fn number_base(hive: &mut [u8], primary: u32, secondary: u32) {
    hive[4..8].copy_from_slice(&primary.to_le_bytes());
    hive[8..12].copy_from_slice(&secondary.to_le_bytes());
    base_block::seal(hive);
}

/// Ends a replay: the base block of `base`, a hive or log, with numbers and size.
pub(super) fn finish_base(hive: &mut [u8], base: &[u8], update: &Update, sequence: u32) {
    hive[..512].copy_from_slice(&base[..512]);
    hive[28..32].fill(0);
    hive[40..44].copy_from_slice(&update.bins_size.to_le_bytes());
    let flags = u32_at(hive, 144) & !1 | update.flags & 1;
    hive[144..148].copy_from_slice(&flags.to_le_bytes());
    number_base(hive, sequence, sequence);
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    crate::fields::number(&bytes[at..at + 4]) as u32
}
