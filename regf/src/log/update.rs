// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Update`]: a change of the hive by one log entry, or by a log of the old format.

use core::ops::Range;

use crate::hive::base_block::seal;
use crate::log::dirt::Dirt;
use crate::log::hvle::LogEntry;
use crate::log::{Page, SECTOR};
use crate::offset::BASE_BLOCK_LENGTH;
use crate::raw;

/// Pages of one update.
#[derive(Clone, Copy)]
pub(super) enum Pages<'d> {
    Entry(LogEntry<'d>),
    Dirt(Dirt<'d>),
}

impl<'d> Pages<'d> {
    pub(super) fn each(&self, see: impl FnMut(Page<'d>)) {
        match self {
            Self::Entry(entry) => entry.pages().for_each(see),
            Self::Dirt(dirt) => dirt.pages().for_each(see),
        }
    }

    /// Returns the offset of the update in its log.
    pub(super) const fn offset(&self) -> u64 {
        match self {
            Self::Entry(entry) => entry.offset().get(),
            Self::Dirt(_) => SECTOR as u64,
        }
    }
}

/// An update to apply.
pub(super) struct Update<'d> {
    /// Index of the log in the list given by the caller.
    pub(super) log: usize,
    pub(super) sequence: u32,
    pub(super) pages: Pages<'d>,
    /// Size of all bins before and after the update. `Some` if replay must fill the bytes between
    /// both sizes with zeros.
    pub(super) grown: Option<(u32, u32)>,
    /// New value of bit 0 of the base block flags. Only entries of the new format hold this bit.
    pub(super) flag: Option<u32>,
    /// Size of all bins after the update, in bytes.
    pub(super) bins: u32,
}

impl Update<'_> {
    /// Turns the base block before the update into the base block after the update.
    pub(super) fn head(&self, mut head: raw::BaseBlockHead) -> raw::BaseBlockHead {
        head.file_type.set(0);
        head.primary_sequence.set(self.sequence);
        head.secondary_sequence.set(self.sequence);
        head.bins_size.set(self.bins);
        if let Some(flag) = self.flag {
            head.flags.set(head.flags.get() & !1 | flag);
        }
        seal(&mut head);
        head
    }

    /// Returns the bytes that the update adds to the hive. Replay fills these bytes with zeros, so
    /// bytes that an earlier update cut off do not reappear.
    pub(super) fn growth(&self) -> Range<usize> {
        let place = |size: u32| (BASE_BLOCK_LENGTH as usize).saturating_add(size as usize);
        let (from, to) = self.grown.unwrap_or_default();
        place(from)..place(to.max(from))
    }
}

/// Returns the offset in a log at which the applied entries end.
pub(super) fn end_of_applied(updates: &[Update<'_>], log: usize) -> usize {
    let last = updates.iter().rev().find(|update| update.log == log);
    let end = last.and_then(|update| match update.pages {
        Pages::Entry(entry) => {
            Some(usize::try_from(entry.offset().get()).ok()?.saturating_add(entry.size()))
        }
        Pages::Dirt(_) => None,
    });
    end.unwrap_or(SECTOR as usize)
}

#[cfg(test)]
mod tests {
    use alloc::vec;
    use alloc::vec::Vec;

    use super::*;
    use crate::log::zeros::Zeros;
    use crate::offset::FileOffset;

    #[test]
    fn bytes_that_a_hive_grows_by_are_zeroed() {
        let blank = |bytes: &mut Vec<u8>, from, to| {
            let mut log = [0; 516];
            log[512..].copy_from_slice(b"DIRT");
            let log = crate::bytes::Bytes::new(&log, FileOffset::default());
            let pages = Pages::Dirt(Dirt::parse(log, 0).unwrap());
            let grown = Some((from, to));
            let update = Update { log: 0, sequence: 0, pages, grown, flag: None, bins: to };
            Zeros::default().fill(bytes, update.growth());
        };
        let mut bytes = vec![7; 4096 + 32];
        blank(&mut bytes, 8, 16);
        assert_eq!(bytes[4096..][..8], [7; 8]);
        assert_eq!(bytes[4096 + 8..][..8], [0; 8]);
        assert_eq!(bytes[4096 + 16..], [7; 16]);
        // If the hive shrinks, no byte changes. Zeros end at the end of the file.
        blank(&mut bytes, 16, 8);
        blank(&mut bytes, 24, u32::MAX);
        assert_eq!(bytes[4096 + 16..], [7, 7, 7, 7, 7, 7, 7, 7, 0, 0, 0, 0, 0, 0, 0, 0]);
    }
}
