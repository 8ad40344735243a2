// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`StrayMatch`]: a match of the caller's signatures in unused space. No value refers to the
//! match.

use alloc::collections::BTreeSet;

use crate::bytes::Bytes;
use crate::offset::{BASE_BLOCK_LENGTH, FileOffset};
use crate::recover::carve::{Kind, Signatures, carve_bytes};
use crate::recover::{Recovery, SpaceKind};

/// A match of the caller's signatures in unused space. No value refers to the match.
#[derive(Clone, Copy, Debug)]
pub struct StrayMatch<'d> {
    /// Bytes of the match, up to the next live byte.
    pub bytes: Bytes<'d>,
    /// Length of the match according to the scanner, in bytes.
    pub size: u64,
    /// Kind of space that holds the match.
    pub space: SpaceKind,
    /// Tag from the scanner. See [`Match::tag`](crate::recover::carve::Match::tag).
    pub tag: u32,
}

impl<'d> Recovery<'d> {
    /// Reports each match of `signatures` that starts in unused space, unless a live or recovered
    /// value refers to the match.
    pub fn unclaimed(&self, signatures: &dyn Signatures, mut see: impl FnMut(StrayMatch<'d>)) {
        let bytes = self.hive.after_base_block();
        let mut led_to = None;
        carve_bytes(bytes.as_slice(), Some(signatures), |carved| {
            let Kind::Signature { tag, .. } = carved.kind else { return };
            let Ok(at) = u32::try_from(carved.place.offset.get()) else { return };
            let Some(end) = self.space.end_at(at) else { return };
            let led_to = led_to.get_or_insert_with(|| self.data_places());
            if led_to.contains(&bytes.offset_of(at as usize)) {
                return;
            }
            let size = carved.place.length;
            let length = usize::try_from(size).unwrap_or(usize::MAX);
            let there = end.saturating_sub(at) as usize;
            see(StrayMatch {
                bytes: bytes.clip(at as usize, length.min(there)),
                size,
                space: self.space.kind_at(at).unwrap_or(SpaceKind::FreeCell),
                tag,
            });
        });
    }

    /// Returns the offsets of the data of all recovered values.
    fn data_places(&self) -> BTreeSet<FileOffset> {
        let values = self.iter().filter_map(|found| found.value());
        let header = self.terms.layout.header() as u64;
        let cells = values.map(|value| value.data_cell()).filter(|cell| !cell.is_nil());
        cells
            .map(|cell| {
                let start = u64::from(cell.get()).saturating_add(header);
                FileOffset::new(start).plus(u64::from(BASE_BLOCK_LENGTH))
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use hive_forge::deletion::Edits;
    use hive_forge::time;
    use hive_forge::tree::{Tree, Value};

    use super::*;
    use crate::hive::Hive;
    use crate::recover::carve::signatures::tests::{NOTE, Notes};

    /// Returns a hive with a note in a live value and a note in a deleted value.
    fn hive_with_deleted_note() -> Vec<u8> {
        let mut tree = Tree::new("ROOT");
        tree.root.at("Kept").values.push(Value::binary("Live", NOTE));
        tree.root.at("Gone").values.push(Value::binary("Deleted", NOTE));
        let mut edits = Edits::new(&tree, &Default::default());
        edits.delete_key(edits.key("Gone"), time::DEFAULT + 1);
        edits.finish().hive.bytes
    }

    /// Returns each unclaimed note as (offset in the file, bytes, claimed size, kind of space,
    /// tag).
    fn unclaimed(hive: &[u8]) -> Vec<(u64, Vec<u8>, u64, SpaceKind, u32)> {
        let mut all = Vec::new();
        let recovery = Hive::parse(hive).unwrap().recover();
        recovery.unclaimed(&Notes::default(), |note| {
            let StrayMatch { bytes, size, space, tag } = note;
            all.push((bytes.offset().get(), bytes.as_slice().to_vec(), size, space, tag));
        });
        all
    }

    fn offsets(hive: &[u8], needle: &[u8]) -> Vec<usize> {
        memchr::memmem::find_iter(hive, needle).collect()
    }

    #[test]
    fn match_in_the_data_of_a_live_or_recovered_value_is_claimed() {
        let hive = hive_with_deleted_note();
        assert_eq!(offsets(&hive, NOTE).len(), 2);
        let recovery = Hive::parse(&hive).unwrap().recover();
        let values = recovery.iter().filter(|found| found.value().is_some());
        let notes: Vec<_> = values.map(|value| value.data().to_bytes()).collect();
        assert_eq!(notes, [NOTE]);
        assert!(unclaimed(&hive).is_empty());
    }

    #[test]
    fn match_in_a_free_cell_without_its_value_is_unclaimed() {
        let mut hive = hive_with_deleted_note();
        let name = offsets(&hive, b"Deleted")[0];
        assert_eq!(&hive[name - 20..][..2], b"vk");
        hive[name - 20] = 0;
        // The key `Gone` sorts before `Kept`, so its data come first.
        let [deleted, _] = offsets(&hive, NOTE)[..] else { panic!() };
        let expected = (deleted as u64, NOTE.to_vec(), 32, SpaceKind::FreeCell, 0);
        assert_eq!(unclaimed(&hive), [expected]);
    }

    #[test]
    fn match_that_reaches_a_live_cell_ends_before_that_cell() {
        let mut tree = Tree::new("ROOT");
        tree.root.at("A").values.push(Value::binary("Deleted", &NOTE[..12]));
        tree.root.at("B").values.push(Value::binary("Live", &[0; 40]));
        let mut edits = Edits::new(&tree, &Default::default());
        edits.delete_value(edits.key("A"), "Deleted", time::DEFAULT + 1);
        let mut hive = edits.finish().hive.bytes;
        let name = offsets(&hive, b"Deleted")[0];
        hive[name - 20] = 0;
        let note = offsets(&hive, &NOTE[..12])[0];
        let live = Hive::parse(&hive).unwrap().cells().map(Result::unwrap).find(|cell| {
            cell.is_allocated() && cell.cell_offset().file_offset().get() > note as u64
        });
        let end = usize::try_from(live.unwrap().cell_offset().file_offset().get()).unwrap();
        assert!(end < note + NOTE.len());
        let expected = (note as u64, hive[note..end].to_vec(), 32, SpaceKind::FreeCell, 0);
        assert_eq!(unclaimed(&hive), [expected]);
    }
}
