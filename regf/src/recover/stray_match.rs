// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`StrayMatch`]: a match of the caller's signatures in unused space. No value refers to the
//! match.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use crate::bytes::Bytes;
use crate::hive::key::Key;
use crate::hive::value::Value;
use crate::offset::{BASE_BLOCK_LENGTH, CellOffset, FileOffset};
use crate::recover::carve::{Kind, Signatures, carve_bytes};
use crate::recover::live::Slack;
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
    /// The value whose data once held the match, if the match is in the slack of the data.
    pub value: Option<OverwrittenValue<'d>>,
}

/// Live value whose data were overwritten in place by shorter data.
#[derive(Clone, Copy, Debug)]
pub struct OverwrittenValue<'d> {
    /// Key of the value.
    pub key: Key<'d>,
    /// The value.
    pub value: Value<'d>,
    /// Bytes after the data, up to the end of their cell. They are older than the data.
    pub rest: Bytes<'d>,
}

impl<'d> Recovery<'d> {
    /// Returns the live values whose cell of data still holds other bytes after the data, in the order
    /// of these bytes. A program that overwrites data by shorter data leaves such bytes. Windows
    /// itself leaves them in reused cells.
    ///
    /// ```
    /// # let mut tree = hive_forge::tree::Tree::new("ROOT");
    /// # tree.root.at("A").values.push(hive_forge::tree::Value::binary("v", &[7; 100]));
    /// # let mut forged = hive_forge::write(&tree, &Default::default());
    /// # forged.set("value A:v", "data_size", 40);
    /// // The value had 100 bytes of data and now has 40.
    /// let hive = calhive_regf::Hive::parse(&forged.bytes)?;
    /// let values = hive.recover().overwritten_values();
    /// assert_eq!(values[0].value.name(), "v".into());
    /// assert!(values[0].rest.as_slice().starts_with(&[7; 60]));
    /// # Ok::<(), calhive_regf::Error>(())
    /// ```
    pub fn overwritten_values(&self) -> Vec<OverwrittenValue<'d>> {
        let bytes = self.hive.after_base_block();
        let rest = |slack: Slack| {
            bytes.clip(slack.start as usize, slack.end.saturating_sub(slack.start) as usize)
        };
        let mut sorted: Vec<_> = self.live.data_slack.iter().collect();
        sorted.sort_unstable_by_key(|(slack, _)| slack.start);
        // Slack of overlapping cells shares its bytes, so the search for a used byte goes on where the
        // search before ended.
        let mut next = 0;
        let mut is_used = |slack: Slack| {
            let (start, end) = (slack.start as usize, slack.end as usize);
            if next < start || next == 0 {
                let rest = bytes.as_slice().get(start..).unwrap_or_default();
                let zeros = rest.iter().position(|byte| *byte != 0).unwrap_or(rest.len());
                next = start.saturating_add(zeros);
            }
            next < end
        };
        let used: Vec<_> = sorted.into_iter().filter(|(slack, _)| is_used(*slack)).collect();
        if used.is_empty() {
            return Vec::new();
        }
        let wanted: BTreeSet<CellOffset> = used.iter().map(|(_, value)| *value).collect();
        let mut found = BTreeMap::new();
        for entry in self.hive.walk().with_values(true).filter_map(Result::ok) {
            for value in entry.values.filter_map(Result::ok) {
                if wanted.contains(&value.cell_offset()) {
                    found.entry(value.cell_offset()).or_insert((entry.key, value));
                }
            }
        }
        let of = |(slack, at): &&(Slack, CellOffset)| {
            let (key, value) = *found.get(at)?;
            Some(OverwrittenValue { key, value, rest: rest(*slack) })
        };
        let mut values: Vec<_> = used.iter().filter_map(of).collect();
        values.sort_by_key(|it| it.rest.offset());
        values
    }

    /// Reports each match of `signatures` that starts in unused space or in the slack of a live cell, and
    /// that neither a live value nor a recovered value leads to.
    pub fn unclaimed(&self, signatures: &dyn Signatures, mut see: impl FnMut(StrayMatch<'d>)) {
        let bytes = self.hive.after_base_block();
        let (mut led_to, mut overwritten) = (None, None);
        let mut slack = self.live.slack.clone();
        slack.sort_unstable_by_key(|slack| slack.start);
        let slack_at = |at: u32| {
            let index = slack.partition_point(|slack| slack.start <= at).checked_sub(1)?;
            slack.get(index).filter(|slack| at < slack.end)
        };
        let gap = self.hive.gap();
        let at_hand = bytes.as_slice().get(gap..).unwrap_or_default();
        carve_bytes(at_hand, Some(signatures), |carved| {
            let Kind::Signature { tag, .. } = carved.kind else { return };
            let at = carved.place.offset.get().saturating_add(gap as u64);
            let Ok(at) = u32::try_from(at) else { return };
            let in_slack = slack_at(at).map(|slack| (slack.end, SpaceKind::Slack));
            let unused = || {
                let space = self.space.kind_at(at).unwrap_or(SpaceKind::FreeCell);
                Some((self.space.end_at(at)?, space))
            };
            let Some((end, space)) = in_slack.or_else(unused) else { return };
            let led_to = led_to.get_or_insert_with(|| self.data_places());
            if led_to.contains(&bytes.offset_of(at as usize)) {
                return;
            }
            let size = carved.place.length;
            let length = usize::try_from(size).unwrap_or(usize::MAX);
            let there = end.saturating_sub(at) as usize;
            let place = bytes.offset_of(at as usize);
            let value = in_slack.and_then(|_| {
                let overwritten = overwritten.get_or_insert_with(|| self.overwritten_values());
                let index = overwritten.partition_point(|it| it.rest.offset() <= place);
                let of = overwritten.get(index.checked_sub(1)?)?;
                let end = of.rest.offset().plus(of.rest.len() as u64);
                (place < end).then_some(*of)
            });
            let bytes = bytes.clip(at as usize, length.min(there));
            see(StrayMatch { bytes, size, space, tag, value });
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
            let StrayMatch { bytes, size, space, tag, .. } = note;
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
    fn match_in_the_slack_of_shorter_data_is_tied_to_its_value() {
        let mut tree = Tree::new("ROOT");
        let data = [&[1; 40], NOTE].concat();
        tree.root.at("A").values.push(Value::binary("Short", &data));
        let mut forged = hive_forge::write(&tree, &Default::default());
        forged.set("value A:Short", "data_size", 12);
        let recovery = Hive::parse(&forged.bytes).unwrap().recover();
        let mut all = Vec::new();
        recovery.unclaimed(&Notes::default(), |note| {
            assert_eq!((note.bytes.as_slice(), note.space), (NOTE, SpaceKind::Slack));
            let of = note.value.unwrap();
            assert_eq!((of.key.name(), of.value.name()), ("A".into(), "Short".into()));
            all.push(usize::try_from(note.bytes.offset().get()).unwrap());
        });
        assert_eq!(all, offsets(&forged.bytes, NOTE));
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
