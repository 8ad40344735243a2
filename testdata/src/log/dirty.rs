// SPDX-License-Identifier: MIT OR Apache-2.0

//! A hive with its logs, as stored on disk after the machine stopped.

use super::file::LogFile;
use super::update::Update;
use crate::base_block;
use crate::space::BASE_BLOCK;
use crate::tree::Tree;

/// A hive, its logs, and the hive after replay.
#[derive(Clone, Debug)]
pub struct Dirty {
    /// Name of the state.
    pub name: String,
    /// The hive on the disk.
    pub primary: Vec<u8>,
    /// Its logs by the ends of their names: `LOG`, `LOG1`, `LOG2`. Windows lists no order.
    pub logs: Vec<(&'static str, LogFile)>,
    /// The hive after replay, with the base block that Windows writes: both sequence numbers one
    /// more than that of the last applied update, type 0, and a checksum. If nothing applies, it
    /// equals `primary`.
    pub expected: Vec<u8>,
    /// Tree of `expected`, if `expected` is whole.
    pub tree: Option<Tree>,
    /// Applied updates in order: name of the log and sequence number. For an old-format log, the
    /// number is that of the log.
    pub applied: Vec<(&'static str, u32)>,
}

impl Dirty {
    /// Returns one log, for further damage.
    ///
    /// # Panics
    ///
    /// If no log has this name.
    pub fn log(&mut self, name: &str) -> &mut LogFile {
        let found = self.logs.iter_mut().find(|(known, _)| *known == name);
        &mut found.unwrap_or_else(|| panic!("no log {name:?}")).1
    }

    /// The same hive without its logs: nothing can be applied.
    #[must_use]
    pub fn without_logs(self) -> Self {
        let expected = self.primary.clone();
        Self { logs: Vec::new(), expected, tree: None, applied: Vec::new(), ..self }
    }

    /// Bins data after replay. Readers have to agree on them, whatever they write into the base
    /// block.
    pub fn expected_bins(&self) -> &[u8] {
        bins(&self.expected)
    }
}

/// Returns the bins data of a hive. Without a size in the base block, returns everything after it.
pub(super) fn bins(hive: &[u8]) -> &[u8] {
    match u32_at(hive, 40) {
        0 => &hive[BASE_BLOCK..],
        size => &hive[BASE_BLOCK..][..size as usize],
    }
}

/// State of the base block of the primary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Base {
    /// Correct checksum.
    Sound,
    /// Only the checksum is wrong.
    BadChecksum,
    /// Zeros only.
    Zeroed,
}

impl Base {
    /// Damages the base block of `primary` accordingly.
    pub(super) fn strike(self, primary: &mut [u8]) {
        match self {
            Self::Sound => {}
            Self::BadChecksum => primary[508] ^= 1,
            Self::Zeroed => primary[..BASE_BLOCK].fill(0),
        }
    }
}

/// Writes the first `pages` pages of `update` to `hive`. The file of a hive never shrinks.
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

/// Writes the sequence numbers and the checksum of a base block.
pub fn number_base(hive: &mut [u8], primary: u32, secondary: u32) {
    hive[4..8].copy_from_slice(&primary.to_le_bytes());
    hive[8..12].copy_from_slice(&secondary.to_le_bytes());
    base_block::seal(hive);
}

/// Ends a replay: writes the base block of `base`, a hive or log, with sequence numbers and size.
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
