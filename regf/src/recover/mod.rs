// SPDX-License-Identifier: MIT OR Apache-2.0
//! Recovery of deleted keys and values: [`Hive::recover`]. See
//! [regf.md](crate::format#deleted-records).
//!
//! 1. One pass marks each cell that the live tree refers to. The rest is unused space: free cells,
//!    unreferenced cells, slack after live content, broken bins, and bytes after the last bin.
//! 2. A search tries every even offset of the unused space for keys and values, by signature and by
//!    plausible fields.
//! 3. Value lists of recovered keys connect keys and values. Parent offsets give the paths.
//!
//! Windows leaves deleted bytes in place, and later allocations overwrite them. Each recovered item
//! therefore reports its [losses](Loss), and a [confidence](Confidence) with reasons.
//!
//! - [`Recovered`]: a key or value, with its place, path and data.
//! - [`mod@carve`]: hives, logs and the caller's signatures in raw bytes.

mod allowance;
mod belonging;
pub mod carve;
mod cell_marks;
mod claims;
mod confidence;
mod counterpart;
mod data;
mod live;
mod log_pages;
mod loss;
mod marks;
mod path;
mod record;
mod recovered;
mod search;
mod slack;
mod space;
mod stray_match;

pub use confidence::{Confidence, Doubt, Level};
pub use counterpart::{Counterpart, Differences};
pub use data::{Piece, RecoveredData};
pub use log_pages::{LogPlace, recover_from_logs, recover_overwritten};
pub use loss::Loss;
pub use path::RecoveredPath;
pub use record::{KeyRecord, ValueRecord};
pub use recovered::{Record, Recovered};
pub use space::SpaceKind;
pub use stray_match::{OverwrittenValue, StrayMatch};

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use crate::budget::Budget;
use crate::bytes::Bytes;
use crate::error::Error;
use crate::hive::Hive;
use crate::hive::hbin::file_offset;
use crate::limits::Limits;
use crate::meter::count;
use crate::offset::CellOffset;
use allowance::Allowance;
use live::{Live, Slack};
use record::{Before, Terms};
use space::{Region, Space};

/// Recovered keys and values of a hive, sorted by offset. See [`Hive::recover`].
pub struct Recovery<'d> {
    hive: Hive<'d>,
    terms: Terms,
    live: Live<'d>,
    /// The tree that counts for counterparts, if `hive` is an older state. `None` if it is the tree of `hive`.
    current: Option<Arc<Live<'d>>>,
    space: Space,
    found: Vec<Found>,
    /// Index from the cell of a parent to the recovered subkeys, as positions in `found`.
    children: Vec<(CellOffset, u32)>,
    faults: Vec<Error>,
    allowance: Allowance,
}

/// A recovered record.
#[derive(Clone, Copy, Debug)]
struct Found {
    /// Place of the signature, from the first bin.
    at: u32,
    /// End of the region that holds the record.
    end: u32,
    space: SpaceKind,
    is_key: bool,
    loss: Loss,
    owner: Owner,
    /// For a key: whether its parents lead to a root.
    leads: Leads,
}

impl Found {
    const NOTHING: Self = Self {
        at: 0,
        end: 0,
        space: SpaceKind::Slack,
        is_key: false,
        loss: Loss::empty(),
        owner: Owner::Unknown,
        leads: Leads::Unknown,
    };
}

/// Whether the parents of a recovered key lead to a root.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Leads {
    /// Not yet followed.
    Unknown,
    /// Levels below a live key or a root.
    ToRoot(u16),
    Nowhere,
}

impl Leads {
    /// Returns the state of a key one level below.
    fn below(self) -> Self {
        match self {
            Self::ToRoot(depth) if usize::from(depth) < Limits::default().depth => {
                Self::ToRoot(depth.saturating_add(1))
            }
            _ => Self::Nowhere,
        }
    }
}

/// Key that a value belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Owner {
    /// No list leads to the value.
    Unknown,
    /// The list of a recovered key leads to the value. The number is the index of the key.
    Recovered(u32),
    /// The slack of the value list of this live key leads to the value.
    Slack(CellOffset),
}

impl<'d> Hive<'d> {
    /// Recovers deleted keys and values. [Replay](crate::Image::replay) the logs of a dirty hive first.
    /// Otherwise recovery takes outdated content for live.
    ///
    /// Work and memory are linear in the size of the hive.
    ///
    /// ```
    /// # let mut tree = hive_forge::tree::Tree::new("ROOT");
    /// # tree.root.at("Kept").values.clear();
    /// # tree.root.at("Lost").values.push(hive_forge::tree::Value::dword("n", 7));
    /// # let mut forged = hive_forge::write(&tree, &Default::default());
    /// # for (record, field, to) in [("key ", "subkey_count", 1), ("list ", "count", 1)] { forged.set(record, field, to); }
    /// // No list of this hive leads to the key `Lost`.
    /// let hive = calhive_regf::Hive::parse(&forged.bytes)?;
    /// let recovery = hive.recover();
    /// let key = recovery.iter().find(|found| found.key().is_some()).expect("a key");
    /// assert_eq!(key.path().to_string(), "Lost");
    /// let value = key.values().next().expect("a value");
    /// assert_eq!(value.data().to_bytes(), 7_u32.to_le_bytes());
    /// println!("{} at {}: {}", key.space(), key.offset(), key.confidence());
    /// # Ok::<(), calhive_regf::Error>(())
    /// ```
    pub fn recover(self) -> Recovery<'d> {
        let mut live = Live::of(self);
        let space = Space::of(self, &mut live);
        Recovery::search_in(self, live, space)
    }
}

impl<'d> Recovery<'d> {
    fn search_in(hive: Hive<'d>, live: Live<'d>, space: Space) -> Self {
        Self::search_within(hive, live, space, Allowance::of(hive.bytes_at_hand()))
    }

    fn search_within(hive: Hive<'d>, live: Live<'d>, space: Space, allowance: Allowance) -> Self {
        let terms = Terms::of(hive);
        let (found, children) = (Vec::new(), Vec::new());
        let faults = live.elements.fault().into_iter().collect();
        let current = None;
        let mut recovery =
            Self { hive, terms, live, current, space, found, children, faults, allowance };
        recovery.search();
        recovery.connect_values();
        recovery.follow_parents();
        recovery.faults.extend(recovery.allowance.of_search());
        recovery
    }

    /// Iterates over the recovered keys and values, sorted by offset.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Recovered<'_, 'd>> + Clone {
        (0..self.found.len()).map(|index| Recovered::new(self, index))
    }

    /// Returns the number of recovered keys and values.
    pub const fn len(&self) -> usize {
        self.found.len()
    }

    /// Returns whether nothing was recovered.
    pub const fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// Returns a budget for the paths and counterparts of all records: 64 steps for each byte of the
    /// hive. A caller that combines several hives can share one budget.
    pub fn look_ups(&self) -> Budget {
        allowance::look_ups(self.hive.bytes_at_hand() as u64)
    }

    /// Returns the hive.
    pub const fn hive(&self) -> Hive<'d> {
        self.hive
    }

    /// Returns the limits that the search reached. If a limit was reached, the hive can hold more records
    /// than reported, and data or lists reported as lost can be intact.
    pub fn faults(&self) -> &[Error] {
        &self.faults
    }

    /// Returns the limits that the methods of the records have reached so far. All records share them.
    /// Beyond a limit, paths are shortened, and values, data and counterparts can be missing.
    pub fn limits_of_records(&self) -> Vec<Error> {
        self.allowance.of_records().collect()
    }

    /// Searches all unused space for records.
    fn search(&mut self) {
        let header = self.terms.layout.header();
        let gap = self.hive.gap();
        let mut found = core::mem::take(&mut self.found);
        let (mut records, mut work) = (self.allowance.records, self.allowance.work);
        for region in &self.space.regions {
            // The first record of a cell starts after the header of the cell.
            let skipped = match region.space {
                SpaceKind::FreeCell | SpaceKind::Unreferenced => header,
                _ => 0,
            };
            let start = (region.start as usize).max(gap).saturating_add(skipped);
            self.search_region(*region, start, &mut found, (&mut records, &mut work));
        }
        for Slack { start, end } in slack::joined(self.hive, &self.live.slack) {
            let region = Region { start, end, space: SpaceKind::Slack, is_foreign: false };
            self.search_region(region, start as usize, &mut found, (&mut records, &mut work));
        }
        // Cells of a damaged hive can overlap. A record in two spaces is one record: the first space counts.
        found.sort_by_key(|found| found.at);
        found.dedup_by_key(|found| found.at);
        self.found = found;
        (self.allowance.records, self.allowance.work) = (records, work);
    }

    fn search_region(
        &self,
        region: Region,
        start: usize,
        found: &mut Vec<Found>,
        (records, work): (&mut Budget, &mut Budget),
    ) {
        let Region { end, space, is_foreign, .. } = region;
        let bytes = self.hive.after_base_block();
        let bytes = bytes.clip(start, (end as usize).saturating_sub(start));
        let loss = if is_foreign { Loss::FOREIGN } else { Loss::empty() };
        search::signatures(bytes.as_slice(), |place| {
            let at = start.saturating_add(place);
            let Ok(at) = u32::try_from(at) else { return 2 };
            let new = Found { at, end, space, loss, ..Found::NOTHING };
            let own = if is_foreign { None } else { self.recognize(new, work) };
            // Reused memory, and bytes after the last bin, can hold parts of other hives.
            let record = own.or_else(|| self.recognize(Found { loss: Loss::FOREIGN, ..new }, work));
            let Some((record, length)) = record else { return 2 };
            // Cells of a damaged hive can overlap, and a live record can be in the unused bytes of another
            // cell.
            if self.is_live(at) {
                return length;
            }
            if records.take(1, file_offset(at as usize)) {
                found.push(record);
            }
            length
        });
    }

    /// Returns whether the tree shows the record with its signature at this place.
    fn is_live(&self, at: u32) -> bool {
        let cell = (at as usize).checked_sub(self.terms.layout.header());
        cell.is_some_and(|cell| cell & 7 == 0 && self.live.is_visited(cell))
    }

    /// Returns the record at this place, if any, with its length.
    fn recognize(&self, new: Found, work: &mut Budget) -> Option<(Found, usize)> {
        count(1);
        let as_key = Found { is_key: true, ..new };
        let is_free = new.space == SpaceKind::FreeCell;
        let before = self.before(new.at, new.end);
        let (found_here, fits, is_freed, length) = if let Some(key) = self.key_of(as_key) {
            let loss = new.loss | self.key_loss(key);
            let (fits, is_freed) = (key.fits(before, self.terms), key.is_freed(before, self.terms));
            (Found { loss, ..as_key }, fits, is_freed, key.length())
        } else {
            let value = self.value_of(new)?;
            let loss = new.loss | self.value_loss(new, value, work);
            let (fits, is_freed) =
                (value.fits(before, self.terms), value.is_freed(before, self.terms));
            (Found { loss, ..new }, fits, is_freed, value.length())
        };
        let mut loss = found_here.loss;
        // If a record is inside a free cell, but its own size marks an allocated cell, the record
        // was not freed in this hive. The bytes came with reused memory.
        loss.set(Loss::FOREIGN, loss.contains(Loss::FOREIGN) || is_free && fits && !is_freed);
        loss.set(Loss::CELL, if is_free { !is_freed } else { !fits });
        // The offsets in a foreign value can lie beyond the file and prove nothing. Only a cell of the
        // right size confirms a foreign value.
        if new.loss.contains(Loss::FOREIGN) && !found_here.is_key && !fits {
            return None;
        }
        Some((Found { loss, ..found_here }, length))
    }

    /// Returns the number stored before a record. For a record in a cell, the number is the cell size.
    fn before(&self, at: u32, end: u32) -> Option<Before> {
        let start = (at as usize).checked_sub(self.terms.layout.header())?;
        let bytes = self.hive.after_base_block().as_slice().get(start..)?;
        let size = bytes.first_chunk::<4>().filter(|_| start & 7 == 0)?;
        let room = (end as usize).saturating_sub(start);
        Some(Before { size: i32::from_le_bytes(*size), room })
    }

    fn terms_of(&self, found: Found) -> Terms {
        if found.loss.contains(Loss::FOREIGN) { self.terms.foreign() } else { self.terms }
    }

    fn key_of(&self, found: Found) -> Option<KeyRecord<'d>> {
        count(1);
        let bytes = self.record_bytes(found).as_slice();
        let before = self.before(found.at, found.end);
        found.is_key.then(|| KeyRecord::parse(bytes, before, self.terms_of(found))).flatten()
    }

    fn value_of(&self, found: Found) -> Option<ValueRecord<'d>> {
        count(1);
        let bytes = self.record_bytes(found);
        let before = self.before(found.at, found.end);
        (!found.is_key).then(|| ValueRecord::parse(bytes, before, self.terms_of(found))).flatten()
    }

    fn record_bytes(&self, found: Found) -> Bytes<'d> {
        let length = found.end.saturating_sub(found.at) as usize;
        self.hive.after_base_block().clip(found.at as usize, length)
    }

    fn key_loss(&self, key: KeyRecord<'d>) -> Loss {
        let mut loss = Loss::empty();
        loss.set(Loss::NAME, key.is_name_cut());
        loss.set(Loss::TIME, !key.last_written().is_plausible());
        loss
    }

    fn value_loss(&self, found: Found, value: ValueRecord<'d>, work: &mut Budget) -> Loss {
        let mut loss = Loss::empty();
        loss.set(Loss::NAME, value.is_name_cut());
        loss.set(Loss::DATA, !self.data_is_whole(found, value, work));
        loss
    }

    /// Returns the index of the record recovered from this cell.
    fn found_in(&self, cell: CellOffset) -> Option<usize> {
        count(1);
        let at = cell.get().checked_add(u32::try_from(self.terms.layout.header()).ok()?)?;
        self.found.binary_search_by_key(&at, |found| found.at).ok()
    }
}

impl fmt::Debug for Recovery<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recovery").field("found", &self.found.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use hive_forge::tree::Tree;

    use super::*;

    /// Two live cells that both cover the record of a third key.
    fn hive_with_overlapping_cells() -> Vec<u8> {
        let mut tree = Tree::new("ROOT");
        for name in ["A", "B", "C"] {
            tree.root.at(name).values.clear();
        }
        let mut forged = hive_forge::write(&tree, &Default::default());
        let size = u32::try_from(forged.get("key C", "cell_size")).unwrap();
        let end = forged.offset("key C") + size.wrapping_neg();
        for key in ["key A", "key B"] {
            let size = end - forged.offset(key);
            forged.set(key, "cell_size", u64::from(size.wrapping_neg()));
        }
        forged.set("key ", "subkey_count", 2).set("list ", "count", 2);
        forged.bytes
    }

    #[test]
    fn each_byte_of_overlapping_cells_is_searched_once() {
        let bytes = hive_with_overlapping_cells();
        let hive = Hive::parse(&bytes).unwrap();
        let within = |most: u64| {
            let mut live = Live::of(hive);
            let space = Space::of(hive, &mut live);
            let mut allowance = Allowance::of(hive.bytes_at_hand());
            allowance.records = Budget::new(crate::error::Limit::Records, most);
            let recovery = Recovery::search_within(hive, live, space, allowance);
            let mut places: Vec<u32> = recovery.found.iter().map(|found| found.at).collect();
            let all = places.len();
            places.dedup();
            assert_eq!(places.len(), all, "a record is listed twice");
            (all, recovery.faults.first().map(|fault| fault.offset()))
        };
        let (whole, limit) = within(1000);
        assert!(whole > 0 && limit.is_none());
        let limits: Vec<_> = (0..10).map(within).collect();
        let reached = limits.iter().filter(|(_, limit)| limit.is_some()).count();
        // A limit of all records is enough, so both cells yielded the record only once.
        assert_eq!(reached, whole, "{limits:?}");
        assert!(limits[reached..].iter().all(|it| *it == (whole, None)), "{limits:?}");
        let at = u64::try_from(memchr::memmem::rfind(&bytes, b"nk").unwrap()).unwrap();
        let last = limits[reached - 1].1.map(|place| place.get());
        assert_eq!(last, Some(at), "the limit names the first record that is left out");
    }
}
