// SPDX-License-Identifier: MIT OR Apache-2.0
//! What was deleted and still lies in the bytes: [`Hive::recover`] (REGF 8).
//!
//! One pass marks each cell that the live tree refers to. In what is left (free cells, allocated ones
//! that nothing leads to, the slack behind live content, broken bins, bytes after the last bin) keys and
//! values are looked for at each even place, by their signature and by what else their bytes have to
//! be. A key and its values are then brought together by the lists that the key still names, and paths by the
//! parents that keys name.
//!
//! Deleting leaves bytes as they are, and later allocations write over them. So each thing that was
//! recovered tells what of it is [lost](Loss), and how far it [can be trusted](Confidence), and why.
//!
//! - [`Recovered`]: a key or a value, where it was, what belongs to it.
//! - [`carve`]: hives, logs and tokens in bytes that are no hive.

mod belonging;
pub mod carve;
mod claims;
mod confidence;
mod counterpart;
mod data;
mod live;
mod log_pages;
mod marks;
mod path;
mod record;
mod recovered;
mod search;
mod space;
mod tokens;

pub use confidence::{Confidence, Doubt, Level};
pub use counterpart::{Change, Counterpart};
pub use data::{Piece, RecoveredData};
pub use log_pages::{FromLog, recover_left_over, recover_overwritten};
pub use path::RecoveredPath;
pub use record::{KeyRecord, ValueRecord};
pub use recovered::{Loss, Record, Recovered};
pub use space::Origin;
pub use tokens::StrayToken;

use alloc::vec::Vec;
use core::fmt;

use crate::bytes::{Bytes, CellOffset};
use crate::error::{Error, ErrorKind, Limit};
use crate::hive::Hive;
use crate::hive::hbin::file_offset;
use crate::limits::Limits;
use live::{Live, Slack};
use record::{Before, Terms};
use space::{Region, Space};

/// How many records are kept: as many as 32 bits of offset have room for in a hive of some GB of nothing
/// but deleted values.
const MOST: usize = 1 << 25;

/// What [`Hive::recover`] found, in the order in which it lies.
pub struct Recovery<'d> {
    hive: Hive<'d>,
    terms: Terms,
    live: Live<'d>,
    space: Space,
    found: Vec<Found>,
    /// Keys among `found`, by the cell of their parent.
    children: Vec<(CellOffset, u32)>,
    faults: Vec<Error>,
    work: Work,
}

/// How many bytes of data and lists are looked through for what was written into them since: many records
/// may name the same, so no more than four times what the file has.
#[derive(Clone, Copy, Debug)]
struct Work {
    left: usize,
    is_spent: bool,
}

impl Work {
    /// Whether so many bytes more may be looked through.
    fn take(&mut self, bytes: usize) -> bool {
        let left = self.left.checked_sub(bytes);
        self.is_spent |= left.is_none();
        self.left = left.unwrap_or(self.left);
        left.is_some()
    }
}

/// A record that was found.
#[derive(Clone, Copy, Debug)]
struct Found {
    /// Where its signature stands, relative to the first bin.
    at: u32,
    /// Where the stretch that it was found in ends.
    end: u32,
    origin: Origin,
    is_key: bool,
    loss: Loss,
    owner: Owner,
    /// Of a key, whether parents lead from it to a root, as far as that was gone through.
    leads: Leads,
}

impl Found {
    const NOTHING: Self = Self {
        at: 0,
        end: 0,
        origin: Origin::Slack,
        is_key: false,
        loss: Loss::empty(),
        owner: Owner::Unknown,
        leads: Leads::Unknown,
    };
}

/// Whether parents lead from a recovered key to a root.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Leads {
    /// Not gone through.
    Unknown,
    /// So many keys further down than a live key or a root.
    ToRoot(u16),
    Nowhere,
}

impl Leads {
    /// The same of a key below.
    fn below(self) -> Self {
        match self {
            Self::ToRoot(depth) if usize::from(depth) < Limits::default().depth => {
                Self::ToRoot(depth.saturating_add(1))
            }
            _ => Self::Nowhere,
        }
    }
}

/// What a value belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Owner {
    /// Nothing says.
    Unknown,
    /// The list of a recovered key, by its number, leads to it.
    Recovered(u32),
    /// The list of this live key leads to it, behind the elements that it counts.
    Slack(CellOffset),
}

impl<'d> Hive<'d> {
    /// What was deleted and still lies in the bytes of the hive. A dirty hive should be
    /// [replayed](crate::Image::replay) first: what its logs would change counts as live else.
    ///
    /// Its work and memory are linear in the size of the hive.
    ///
    /// ```
    /// # let mut tree = hive_forge::tree::Tree::new("ROOT");
    /// # tree.root.at("Kept").values.clear();
    /// # tree.root.at("Lost").values.push(hive_forge::tree::Value::dword("n", 7));
    /// # let mut forged = hive_forge::write(&tree, &Default::default());
    /// # for (record, field, to) in [("key ", "subkey_count", 1), ("list ", "count", 1)] { forged.set(record, field, to); }
    /// // Nothing leads to the key `Lost` of this hive.
    /// let hive = calhive::Hive::parse(&forged.bytes)?;
    /// let recovery = hive.recover();
    /// let key = recovery.iter().find(|found| found.key().is_some()).expect("it is there");
    /// assert_eq!(key.path().to_string(), "Lost");
    /// let value = key.values().next().expect("and its value");
    /// assert_eq!(value.data().to_bytes(), 7_u32.to_le_bytes());
    /// println!("{} at {}: {}", key.origin(), key.offset(), key.confidence());
    /// # Ok::<(), calhive::Error>(())
    /// ```
    pub fn recover(self) -> Recovery<'d> {
        let mut live = Live::of(self);
        let space = Space::of(self, &mut live);
        Recovery::search_in(self, live, space)
    }
}

impl<'d> Recovery<'d> {
    fn search_in(hive: Hive<'d>, live: Live<'d>, space: Space) -> Self {
        let terms = Terms::of(hive);
        let (found, faults, children) = (Vec::new(), Vec::new(), Vec::new());
        let most = hive.after_base_block().len().saturating_mul(4);
        let work = Work { left: most, is_spent: false };
        let mut recovery = Self { hive, terms, live, space, found, children, faults, work };
        recovery.search();
        recovery.bring_together();
        recovery.follow_parents();
        if recovery.work.is_spent {
            let kind = ErrorKind::LimitReached { limit: Limit::Data, most: most as u64 };
            recovery.faults.push(Error::new(kind, file_offset(0)));
        }
        recovery
    }

    /// What was recovered, in the order in which it lies.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Recovered<'_, 'd>> + Clone {
        (0..self.found.len()).map(|index| Recovered::new(self, index))
    }

    /// How many keys and values were recovered.
    pub const fn len(&self) -> usize {
        self.found.len()
    }

    /// Whether nothing was.
    pub const fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// The hive.
    pub const fn hive(&self) -> Hive<'d> {
        self.hive
    }

    /// Limits that were reached: where there are any, there may be more than is told, and data and lists that
    /// are told as lost may be whole.
    pub fn faults(&self) -> &[Error] {
        &self.faults
    }

    /// Goes through all that is not live.
    fn search(&mut self) {
        let header = self.terms.layout.header();
        let mut found = core::mem::take(&mut self.found);
        let mut work = self.work;
        for region in &self.space.regions {
            // What a cell holds begins behind its header, and so does the first record of a cell.
            let skipped = match region.origin {
                Origin::FreeCell | Origin::Unreferenced => header,
                _ => 0,
            };
            let start = (region.start as usize).saturating_add(skipped);
            self.search_region(*region, start, &mut found, &mut work);
        }
        for slack in &self.live.slack {
            let Slack { start, end } = *slack;
            let region = Region { start, end, origin: Origin::Slack, is_foreign: false };
            self.search_region(region, start as usize, &mut found, &mut work);
        }
        if !self.live.slack.is_empty() {
            found.sort_unstable_by_key(|found| found.at);
        }
        if found.len() >= MOST {
            let kind = ErrorKind::LimitReached { limit: Limit::Keys, most: MOST as u64 };
            self.faults.push(Error::new(kind, file_offset(0)));
        }
        self.found = found;
        self.work = work;
    }

    fn search_region(&self, region: Region, start: usize, found: &mut Vec<Found>, work: &mut Work) {
        let Region { end, origin, is_foreign, .. } = region;
        let bytes = self.hive.after_base_block();
        let bytes = bytes.clip(start, (end as usize).saturating_sub(start));
        let loss = if is_foreign { Loss::FOREIGN } else { Loss::empty() };
        search::signatures(bytes.as_slice(), |place| {
            let at = start.saturating_add(place);
            let (Ok(at), true) = (u32::try_from(at), found.len() < MOST) else { return 2 };
            let new = Found { at, end, origin, loss, ..Found::NOTHING };
            let own = if is_foreign { None } else { self.recognize(new, found, work) };
            // Memory that Windows made a bin of, and the disk behind the last one, may hold other hives.
            let length =
                own.or_else(|| self.recognize(Found { loss: Loss::FOREIGN, ..new }, found, work));
            length.unwrap_or(2)
        });
    }

    /// Notes a record, if one is there; how long it is.
    fn recognize(&self, new: Found, found: &mut Vec<Found>, work: &mut Work) -> Option<usize> {
        let as_key = Found { is_key: true, ..new };
        let is_free = new.origin == Origin::FreeCell;
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
        // A cell that is in use inside a free one was never freed here: the memory came with it.
        loss.set(Loss::FOREIGN, loss.contains(Loss::FOREIGN) || is_free && fits && !is_freed);
        loss.set(Loss::CELL, if is_free { !is_freed } else { !fits });
        // Of offsets that lead beyond the file nothing can be told: the cell has to speak for the value.
        if new.loss.contains(Loss::FOREIGN) && !found_here.is_key && !fits {
            return None;
        }
        found.push(Found { loss, ..found_here });
        Some(length)
    }

    /// What stands before a record, which in a cell is its size.
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
        let bytes = self.record_bytes(found).as_slice();
        let before = self.before(found.at, found.end);
        found.is_key.then(|| KeyRecord::parse(bytes, before, self.terms_of(found))).flatten()
    }

    fn value_of(&self, found: Found) -> Option<ValueRecord<'d>> {
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

    fn value_loss(&self, found: Found, value: ValueRecord<'d>, work: &mut Work) -> Loss {
        let mut loss = Loss::empty();
        loss.set(Loss::NAME, value.is_name_cut());
        loss.set(Loss::DATA, !self.data_is_whole(found, value, work));
        loss
    }

    /// The number of the record in this cell, if one was recovered from it.
    fn found_in(&self, cell: CellOffset) -> Option<usize> {
        let at = cell.get().checked_add(u32::try_from(self.terms.layout.header()).ok()?)?;
        self.found.binary_search_by_key(&at, |found| found.at).ok()
    }
}

impl fmt::Debug for Recovery<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recovery").field("found", &self.found.len()).finish_non_exhaustive()
    }
}
