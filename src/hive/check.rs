// SPDX-License-Identifier: MIT OR Apache-2.0
//! `Hive::check`: every fault that the hive has, in one linear pass (REGF 10).

use alloc::collections::{BTreeMap, BTreeSet};

use crate::bytes::{CellOffset, FileOffset};
use crate::error::{Error, ErrorKind, Field, Limit, Structure};
use crate::hive::Hive;
use crate::hive::hbin::Bin;
use crate::hive::hidden::Weight;
use crate::hive::key::{Key, LONGEST_NODE};
use crate::hive::look_up::{hint_fault, order_fault};
use crate::hive::security::Security;
use crate::hive::severity::Finding;
use crate::hive::value::Value;

/// How often each security cell is used by keys, and where it is used first.
type SecurityUse = BTreeMap<CellOffset, (u32, FileOffset)>;

/// What is kept from key to key.
struct Pass {
    uses: SecurityUse,
    /// Elements of lists of subkeys that may still be looked at: many keys may share one list.
    left: usize,
    /// Entries of access control lists that may still be looked at.
    entries: usize,
}

impl<'d> Hive<'d> {
    /// Looks for every fault, and hands each to `finding` with its place and severity: base block,
    /// bins, cells, every key with its name, parent, subkey list (counts, order, hashes), value list, class name
    /// and security cell, every value with its data, the ring of security cells, and what is hidden in contradiction to
    /// the rest.
    ///
    /// The checks are those of the Windows kernel as far as they are known (REGF 10). A hive that
    /// Windows wrote and that was not in use has none; sequence numbers that differ are reported,
    /// since changes may stand in the logs only.
    ///
    /// ```
    /// # let mut forged = hive_forge::write(&hive_forge::tree::Tree::new("ROOT"), &Default::default());
    /// # forged.set("bin 0", "offset", 4096);
    /// let hive = calhive::Hive::parse(&forged.bytes)?;
    /// let mut faults = Vec::new();
    /// hive.check(|finding| faults.push(finding));
    /// assert_eq!(faults[0].error.to_string(),
    ///     "bin header (hbin): offset is 4096, expected 0, at file offset 0x1000");
    /// assert_eq!(faults[0].severity.to_string(), "contradiction");
    /// # Ok::<(), calhive::Error>(())
    /// ```
    pub fn check(self, mut finding: impl FnMut(Finding)) {
        let mut fault = |error: Error| finding(error.into());
        self.check_base_block(&mut fault);
        for bin in self.bins() {
            bin.and_then(Bin::whole).err().into_iter().for_each(&mut fault);
        }
        self.cells().filter_map(Result::err).filter(|error| !is_bin(error)).for_each(&mut fault);
        let mut pass = Pass {
            uses: SecurityUse::new(),
            left: self.bin_bytes().len() / 4,
            entries: self.bin_bytes().len() / 4,
        };
        self.root().err().into_iter().for_each(&mut fault);
        let mut walk = self.walk().with_values(true);
        while let Some(entry) = walk.next() {
            match entry {
                Ok(entry) => {
                    check_key(entry.key, &mut pass, &mut fault);
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
                        walk.data(value).err().into_iter().for_each(&mut fault);
                    }
                }
                // A subkey list tells of these itself, see `check_key`.
                Err(error) if is_of_list(&error) => {}
                Err(error) => fault(error),
            }
        }
        walk.faults().iter().copied().for_each(&mut fault);
        self.check_security(&pass.uses, &mut fault);
        self.check_hidden(&mut fault);
    }

    /// Each field that hides something in contradiction to the rest.
    fn check_hidden(self, fault: &mut impl FnMut(Error)) {
        let mut told = BTreeSet::new();
        let hidden = self.hidden();
        hidden.faults().iter().for_each(|limit| fault(*limit));
        for hidden in hidden.iter().filter(|it| it.weight == Weight::Contradiction) {
            let (structure, by) = (hidden.item.structure(), hidden.by);
            if told.insert((hidden.place, by)) {
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

    /// The ring of security cells: links that agree, and counts that match the keys.
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
    check_subkeys(key, &mut pass.left, fault);
}

/// The fault of a value without data that leads to a cell nevertheless.
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

fn check_descriptor(security: Security<'_>, left: &mut usize, fault: &mut impl FnMut(Error)) {
    let descriptor = match security.descriptor() {
        Ok(descriptor) => descriptor,
        Err(error) => return fault(error),
    };
    let looked_at = *left as u64;
    descriptor.owner().err().into_iter().for_each(&mut *fault);
    descriptor.group().err().into_iter().for_each(&mut *fault);
    for acl in [descriptor.dacl(), descriptor.sacl()] {
        match acl {
            Ok(Some(acl)) => {
                let mut entries = acl.entries();
                while let (true, Some(entry)) = (*left > 0, entries.next()) {
                    *left = left.saturating_sub(1);
                    entry.err().into_iter().for_each(&mut *fault);
                    if *left == 0 {
                        let (limit, most) = (Limit::Elements, looked_at);
                        fault(Error::new(
                            ErrorKind::LimitReached { limit, most },
                            security.offset(),
                        ));
                    }
                }
            }
            Ok(None) => {}
            Err(error) => fault(error),
        }
    }
}

/// The lists of subkeys: counts, order over all leaves, hashes and hints. Where no more elements may
/// be looked at, that is told once, and the lists of later keys are left out.
fn check_subkeys(key: Key<'_>, left: &mut usize, fault: &mut impl FnMut(Error)) {
    if key.subkey_count() == 0 {
        // A list that the key does not count.
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

/// Whether the bins have told of it already.
fn is_bin(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::Signature { structure: Structure::Bin, .. }
            | ErrorKind::Mismatch { structure: Structure::Bin, .. }
            | ErrorKind::Truncated { structure: Structure::Bin, .. }
    )
}

/// Whether the pass over the elements of a key's lists tells of it as well.
fn is_of_list(error: &Error) -> bool {
    !matches!(error.kind(), ErrorKind::AlreadyVisited { .. } | ErrorKind::LimitReached { .. })
}

impl Bin<'_> {
    /// The number of bytes that its header claims and the hive does not have.
    pub fn missing(self) -> u64 {
        u64::from(self.size()).saturating_sub(self.bytes().len() as u64)
    }

    /// The bin, if all of it is there.
    fn whole(self) -> Result<Self, Error> {
        let (needed, available) = (u64::from(self.size()), self.bytes().len() as u64);
        let kind = ErrorKind::Truncated { structure: Structure::Bin, needed, available };
        if needed > available { Err(Error::new(kind, self.offset())) } else { Ok(self) }
    }
}
