// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Hive::check`]: every fault of a hive in one linear pass
//! ([regf.md](crate::format#consistency-checks)).

use alloc::collections::{BTreeMap, BTreeSet};

use crate::budget::Budget;
use crate::error::{Error, ErrorKind, Field, Limit, Structure};
use crate::hive::Hive;
use crate::hive::big_data::SEGMENT_LENGTH;
use crate::hive::hbin::Bin;
use crate::hive::hidden::Weight;
use crate::hive::key::{Key, LONGEST_NODE};
use crate::hive::look_up::{hint_fault, order_fault};
use crate::hive::security::Security;
use crate::hive::value::Value;
use crate::hive::violation::Violation;
use crate::offset::{CellOffset, FileOffset};
use crate::raw;

/// Number of faults that even a small hive can have.
const FEW_FAULTS: u64 = 4096;

/// Number of keys that use each security cell, and place of the first reference.
type SecurityUse = BTreeMap<CellOffset, (u32, FileOffset)>;

/// State of a pass over all keys.
struct Pass {
    uses: SecurityUse,
    /// Remaining elements of subkey lists to read. Many keys can share one list.
    left: usize,
    /// Entries of access control lists to read.
    entries: Budget,
    /// Cells of the subkey lists.
    lists: BTreeSet<CellOffset>,
}

impl<'d> Hive<'d> {
    /// Reports every fault of the hive to `violation`, with its place and grade. The check covers:
    /// - the base block, all bins and all cells;
    /// - every key: name, parent offset, class name, and security cell;
    /// - every subkey list (counts, order, hashes) and every value list;
    /// - every value with its data;
    /// - the ring of security cells;
    /// - hidden content that contradicts other parts of the hive.
    ///
    /// The rules are the known checks of the Windows kernel
    /// ([regf.md](crate::format#consistency-checks)). A hive that Windows wrote and closed has no
    /// faults. Different sequence numbers are a fault, because changes can exist in the logs only.
    ///
    /// ```
    /// # let mut forged = hive_forge::write(&hive_forge::tree::Tree::new("ROOT"), &Default::default());
    /// # forged.set("bin 0", "offset", 4096);
    /// let hive = calhive_regf::Hive::parse(&forged.bytes)?;
    /// let mut faults = Vec::new();
    /// hive.check(|violation| faults.push(violation));
    /// assert_eq!(faults[0].error.to_string(),
    ///     "bin header (hbin): offset is 4096, expected 0, at file offset 0x1000");
    /// assert_eq!(faults[0].grade.to_string(), "contradiction");
    /// # Ok::<(), calhive_regf::Error>(())
    /// ```
    ///
    /// Elements of overlapping lists can each have a fault. The number of faults is therefore limited in
    /// proportion to the bins. The check reports the limit once, with the place of the first fault left
    /// out, and returns the number of faults left out.
    pub fn check(self, mut violation: impl FnMut(Violation)) -> u64 {
        let most = (self.bins_at_hand() as u64 / 16).saturating_add(FEW_FAULTS);
        let mut faults = Budget::new(Limit::Faults, most);
        let mut fault = |error: Error| {
            if faults.take(1, error.offset()) {
                violation(error.into());
            }
        };
        self.check_all(&mut fault);
        faults.fault().into_iter().for_each(|limit| violation(limit.into()));
        faults.refused()
    }

    fn check_all(self, mut fault: &mut impl FnMut(Error)) {
        self.check_base_block(fault);
        for bin in self.bins() {
            bin.and_then(Bin::whole).err().into_iter().for_each(&mut fault);
        }
        self.cells().filter_map(Result::err).filter(|error| !is_bin(error)).for_each(&mut fault);
        let mut pass = Pass {
            uses: SecurityUse::new(),
            left: self.bins_at_hand() / 4,
            entries: Budget::new(Limit::Elements, self.bins_at_hand() as u64 / 4),
            lists: BTreeSet::new(),
        };
        self.root().err().into_iter().for_each(&mut fault);
        let mut walk = self.walk().with_values(true);
        while let Some(entry) = walk.next() {
            match entry {
                Ok(entry) => {
                    check_key(entry.key, &mut pass, fault);
                    for value in entry.values {
                        let value = match value {
                            Ok(value) => value,
                            Err(error) => {
                                fault(error);
                                continue;
                            }
                        };
                        value.name_fault().into_iter().for_each(&mut fault);
                        empty_fault(value).into_iter().for_each(&mut fault);
                        segments_fault(value).into_iter().for_each(&mut fault);
                        walk.data(value).err().into_iter().for_each(&mut fault);
                    }
                }
                // `check_key` reports the faults of subkey lists.
                Err(error) if is_of_list(&error) => {}
                Err(error) => fault(error),
            }
        }
        walk.faults().iter().copied().for_each(&mut fault);
        pass.entries.fault().into_iter().for_each(&mut fault);
        self.check_security(&pass.uses, fault);
        self.check_hidden(fault);
    }

    /// Reports each field that hides content and contradicts other parts of the hive.
    fn check_hidden(self, fault: &mut impl FnMut(Error)) {
        let mut reported = BTreeSet::new();
        let hidden = self.hidden();
        hidden.faults().iter().for_each(|limit| fault(*limit));
        for hidden in hidden.iter().filter(|it| it.weight == Weight::Contradiction) {
            let (structure, by) = (hidden.item.structure(), hidden.by);
            if reported.insert((hidden.place, by)) {
                fault(Error::new(ErrorKind::Hidden { structure, by }, hidden.place));
            }
        }
    }

    fn check_base_block(self, fault: &mut impl FnMut(Error)) {
        let block = self.base_block();
        let raw = block.raw();
        if !block.checksum_is_valid() {
            let (expected, found) = (block.computed_checksum(), raw.checksum.get());
            fault(Error::new(ErrorKind::Checksum { expected, found }, FileOffset::new(508)));
        }
        let (primary, secondary) = block.sequence();
        let bins = u64::from(block.bins_size());
        let there = self.file_length().saturating_sub(4096);
        let pages = u64::from(block.bins_size() & !0xFFF);
        for (field, at, expected, found) in [
            (Field::Sequence, 8, u64::from(primary), u64::from(secondary)),
            (Field::Format, 28, 0, u64::from(raw.file_type.get())),
            (Field::Format, 32, 1, u64::from(raw.file_format.get())),
            (Field::Format, 44, 1, u64::from(raw.clustering.get())),
            (Field::Size, 40, pages, bins),
            (Field::Size, 40, bins.min(there), bins),
        ] {
            if expected != found {
                let structure = Structure::BaseBlock;
                let kind = ErrorKind::Mismatch { structure, field, expected, found };
                fault(Error::new(kind, FileOffset::new(at)));
            }
        }
    }

    /// Checks the ring of security cells: links and reference counts.
    fn check_security(self, uses: &SecurityUse, fault: &mut impl FnMut(Error)) {
        let mut expect = |at: FileOffset, field, expected: u64, found: u64| {
            if expected != found {
                let structure = Structure::Security;
                fault(Error::new(ErrorKind::Mismatch { structure, field, expected, found }, at));
            }
        };
        let header = self.layout().header_length();
        for (cell, (count, _)) in uses {
            let Ok(security) = Security::parse(self, *cell) else { continue };
            let raw = security.raw();
            let place = security.offset().plus(header);
            let stored = u64::from(raw.reference_count.get());
            expect(place.plus(12), Field::ReferenceCount, u64::from(*count), stored);
            let next = Security::parse(self, CellOffset::new(raw.flink.get()));
            let back = next.map_or(u64::MAX, |next| u64::from(next.raw().blink.get()));
            expect(place.plus(4), Field::Link, u64::from(cell.get()), back);
        }
    }
}

fn check_key(key: Key<'_>, pass: &mut Pass, fault: &mut impl FnMut(Error)) {
    let raw = key.raw();
    let mismatch = |field, at: u64, expected: u64, found: u64| {
        let kind = ErrorKind::Mismatch { structure: Structure::KeyNode, field, expected, found };
        Error::new(kind, key.place(at))
    };
    if raw.name_length.get() == 0 {
        fault(mismatch(Field::Size, 72, 1, 0));
    }
    if let Ok(cell) = key.hive().cell(key.cell_offset())
        && cell.size() > LONGEST_NODE
    {
        fault(mismatch(Field::Size, 0, u64::from(LONGEST_NODE), u64::from(cell.size())));
    }
    let class_length = u64::from(raw.class_length.get());
    match key.class_bytes() {
        Ok(class) => {
            let there = class.map_or(0, |class| class.len() as u64);
            if there < class_length {
                fault(mismatch(Field::Size, 74, there, class_length));
            }
        }
        Err(error) => fault(error),
    }
    match key.security() {
        Ok(Some(security)) => {
            let first = (0, key.place(44));
            let (count, place) = pass.uses.entry(security.cell_offset()).or_insert(first);
            *count = count.saturating_add(1);
            if *place == key.place(44) {
                check_descriptor(security, &mut pass.entries, fault);
            }
        }
        Ok(None) => {
            let structure = Structure::Security;
            fault(Error::new(ErrorKind::Nil { structure }, key.place(44)));
        }
        Err(error) => fault(error),
    }
    let list = CellOffset::new(raw.subkeys.get());
    if key.subkey_count() > 0 && !list.is_nil() && !pass.lists.insert(list) {
        let (structure, target) = (Structure::SubkeyList, list.get());
        let kind = ErrorKind::AlreadyVisited { structure, target };
        fault(Error::new(kind, key.place(28)));
    }
    check_subkeys(key, &mut pass.left, fault);
}

/// Returns a fault if the value has no data but has a data offset.
fn empty_fault(value: Value<'_>) -> Option<Error> {
    let found = u32::from_le_bytes(value.raw().data);
    let nil = CellOffset::NIL.get();
    (value.data_size() == 0 && !value.is_inline() && found != nil).then(|| {
        let (structure, field) = (Structure::KeyValue, Field::Offset);
        let (expected, found) = (u64::from(nil), u64::from(found));
        let kind = ErrorKind::Mismatch { structure, field, expected, found };
        Error::new(kind, value.place(8))
    })
}

/// Returns a fault if big data count more segments than their list has room for, although the size
/// needs fewer.
fn segments_fault(value: Value<'_>) -> Option<Error> {
    let hive = value.hive();
    let header = hive.allocated(value.data_cell(), Structure::BigData).ok()?.data();
    let raw: &raw::BigData = header.record(Structure::BigData).ok().filter(|_| value.is_big())?;
    let list = hive.allocated(CellOffset::new(raw.list.get()), Structure::SegmentList).ok()?;
    let (room, found) = (list.data().len() / 4, usize::from(raw.segments.get()));
    let expected = value.data_size().div_ceil(SEGMENT_LENGTH) as usize;
    let (structure, field) = (Structure::BigData, Field::Count);
    let kind =
        ErrorKind::Mismatch { structure, field, expected: expected as u64, found: found as u64 };
    let is_wrong = raw.signature == *b"db" && found > room && expected <= room;
    is_wrong.then(|| Error::new(kind, header.offset_of(2)))
}

fn check_descriptor(security: Security<'_>, entries: &mut Budget, fault: &mut impl FnMut(Error)) {
    let descriptor = match security.descriptor() {
        Ok(descriptor) => descriptor,
        Err(error) => return fault(error),
    };
    descriptor.owner().err().into_iter().for_each(&mut *fault);
    descriptor.group().err().into_iter().for_each(&mut *fault);
    for acl in [descriptor.dacl(), descriptor.sacl()] {
        match acl {
            Ok(Some(acl)) => {
                for entry in acl.entries() {
                    if !entries.take(1, security.offset()) {
                        break;
                    }
                    entry.err().into_iter().for_each(&mut *fault);
                }
            }
            Ok(None) => {}
            Err(error) => fault(error),
        }
    }
}

/// Checks the subkey lists: counts, order across leaves, hashes and hints. At the limit of
/// elements, reports the limit once and skips the lists of later keys.
fn check_subkeys(key: Key<'_>, left: &mut usize, fault: &mut impl FnMut(Error)) {
    if key.subkey_count() == 0 {
        // The key counts no subkeys, but the list may have elements.
        return key.subkeys().filter_map(Result::err).for_each(fault);
    }
    if *left == 0 {
        return;
    }
    for leaf in key.leaves().take(*left) {
        *left = left.saturating_sub(1);
        leaf.ok().and_then(|(_, list)| list.count_fault()).into_iter().for_each(&mut *fault);
    }
    let mut elements = 0_u64;
    key.each_element(left, |index, place, hint, subkey, before| {
        match subkey {
            Ok(subkey) => {
                order_fault(index, place, before, subkey).into_iter().for_each(&mut *fault);
                hint_fault(place, hint, subkey).into_iter().for_each(&mut *fault);
            }
            Err(error) => fault(error),
        }
        elements = elements.saturating_add(1);
    });
    if *left == 0 {
        let most = key.most_elements() as u64;
        let kind = ErrorKind::LimitReached { limit: Limit::Elements, most };
        return fault(Error::new(kind, key.place(28)));
    }
    let claimed = u64::from(key.subkey_count());
    if elements != claimed {
        let (structure, field) = (Structure::KeyNode, Field::Count);
        let kind = ErrorKind::Mismatch { structure, field, expected: elements, found: claimed };
        fault(Error::new(kind, key.place(20)));
    }
}

/// Whether the check of bins already reported the error.
fn is_bin(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::Signature { structure: Structure::Bin, .. }
            | ErrorKind::Mismatch { structure: Structure::Bin, .. }
            | ErrorKind::Truncated { structure: Structure::Bin, .. }
    )
}

/// Whether the check of subkey lists also reports the error.
fn is_of_list(error: &Error) -> bool {
    !matches!(error.kind(), ErrorKind::AlreadyVisited { .. } | ErrorKind::LimitReached { .. })
}

impl Bin<'_> {
    /// Returns the number of bytes that are missing from a truncated bin.
    pub fn missing(self) -> u64 {
        u64::from(self.size()).saturating_sub(self.bytes().len() as u64)
    }

    /// Returns the bin if it is complete.
    fn whole(self) -> Result<Self, Error> {
        let (needed, available) = (u64::from(self.size()), self.bytes().len() as u64);
        let kind = ErrorKind::Truncated { structure: Structure::Bin, needed, available };
        if needed > available { Err(Error::new(kind, self.offset())) } else { Ok(self) }
    }
}
