// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Candidates`]: keys and values of the live tree that can hide something, by their own bytes.
//!
//! The pass that marks the live tree selects them, so that the searches for hidden names, data and
//! repeated names look at few keys and values. A selected item need not hide anything.

use alloc::vec::Vec;

use crate::hive::Hive;
use crate::hive::big_data::SEGMENT_LENGTH;
use crate::hive::hidden::stored_name::{Stored, is_plain};
use crate::hive::hidden::text;
use crate::hive::key::Key;
use crate::hive::name::Name;
use crate::hive::subkeys::{Hint, Kind, List};
use crate::hive::upcase;
use crate::hive::value::Value;
use crate::hive::value_type::ValueType;
use crate::offset::CellOffset;

/// Smallest offset of a cell: the length of the header of a bin.
const FIRST_CELL: u32 = 32;

/// Cell of a value and cell of its key.
pub(super) type OfKey = (CellOffset, CellOffset);

/// Record with a name that other bytes can contradict.
#[derive(Clone, Copy, Debug)]
pub(super) enum Named {
    /// The first key of the walk.
    Root(CellOffset),
    /// The key whose subkeys are meant.
    Subkeys(CellOffset),
    Value(OfKey),
}

/// Keys and values that can hide something, in the order of the walk.
#[derive(Debug)]
pub(super) struct Candidates {
    pub(super) names: Vec<Named>,
    pub(super) data: Vec<OfKey>,
    /// Keys that can have several subkeys or several values of one name.
    pub(super) same_names: Vec<CellOffset>,
    /// Hashes of the subkeys of the current key.
    hashes: Repeated,
    /// Signatures of the values of the current key.
    signatures: Repeated,
    /// Remaining work. Keys can share lists, and cells can overlap.
    left: usize,
}

impl Candidates {
    /// Returns no candidates. Their selection may cost work in proportion to the bins.
    pub(super) fn none(hive: Hive<'_>) -> Self {
        Self {
            names: Vec::new(),
            data: Vec::new(),
            same_names: Vec::new(),
            hashes: Repeated::default(),
            signatures: Repeated::default(),
            left: hive.bin_bytes().len(),
        }
    }

    /// Whether some candidates can be missing, because the work was used up.
    pub(super) const fn is_cut(&self) -> bool {
        self.left == 0
    }

    /// Starts with a key. `is_first` says whether the walk starts with this key.
    pub(super) fn key(&mut self, key: Key<'_>, is_first: bool) {
        if is_first {
            self.names.push(Named::Root(key.cell_offset()));
        }
        self.hashes.numbers.clear();
        self.signatures.numbers.clear();
        if key.subkey_count() > 0 && self.has_odd_subkey(key) {
            self.names.push(Named::Subkeys(key.cell_offset()));
        }
    }

    /// Adds a value of the current key. `is_first` says whether its data belong to no earlier value.
    pub(super) fn value(&mut self, value: Value<'_>, key: Key<'_>, is_first: bool) {
        let of_key = (value.cell_offset(), key.cell_offset());
        if value.name_fault().is_some() || !is_plain(Stored::of_value(value)) {
            self.names.push(Named::Value(of_key));
        }
        if can_hide_data(value, is_first, &mut self.left) {
            self.data.push(of_key);
        }
        self.signatures.numbers.push(signature(value));
    }

    /// Ends the values of a key. `is_whole` says whether every value could be read.
    pub(super) fn end(&mut self, key: Key<'_>, is_whole: bool) {
        let is_repeated = self.signatures.is_any() || self.hashes.is_any();
        if is_repeated || !is_whole {
            self.same_names.push(key.cell_offset());
        }
    }

    /// Whether a subkey can have another name, by the hints in the list. Takes the hashes of all
    /// names.
    fn has_odd_subkey(&mut self, key: Key<'_>) -> bool {
        let hive = key.hive();
        let mut is_odd = false;
        for list in key.leaves() {
            self.left = self.left.saturating_sub(1);
            if self.left == 0 {
                return is_odd;
            }
            let Ok((_, List { kind: Kind::Leaf(leaf), .. })) = list else { continue };
            for (cell, hint) in (0..leaf.len()).map_while(|at| leaf.element(at)) {
                let subkey = Key::parse(hive, cell);
                let name = subkey.map(Key::name);
                let length = name.and_then(Name::as_bytes).map_or(0, <[u8]>::len);
                // Elements that lead to no key are work, too.
                self.left = self.left.saturating_sub((length / 64).saturating_add(1));
                if self.left == 0 {
                    return is_odd;
                }
                let (Some(subkey), Some(name)) = (subkey, name) else { continue };
                let hash = name.lh_hash();
                self.hashes.numbers.push(hash);
                let is_of_key = subkey.raw().parent.get() == key.cell_offset().get();
                is_odd |= is_of_key
                    && match hint {
                        Hint::Hash(hint) => hint != hash || subkey.raw().name_length.get() == 0,
                        _ => subkey.name_fault().is_some() || !is_plain(Stored::of_key(subkey)),
                    };
            }
        }
        is_odd
    }
}

/// Returns a number that is equal for values of the same name, from its length and four characters.
fn signature(value: Value<'_>) -> u32 {
    let name = value.name();
    let bytes = name.as_bytes().unwrap_or_default();
    let (length, units) = if name.is_latin1() {
        let unit = |at: usize| u16::from(bytes.get(at).copied().unwrap_or_default());
        (bytes.len(), places(bytes.len()).map(unit))
    } else {
        let pairs = bytes.as_chunks::<2>().0;
        let unit = |at: usize| pairs.get(at).map_or(0, |pair| u16::from_le_bytes(*pair));
        (pairs.len(), places(pairs.len()).map(unit))
    };
    let length = u32::try_from(length).unwrap_or(u32::MAX);
    let mix = |sum: u32, unit: u16| sum.wrapping_mul(0x0101_0101) ^ u32::from(upcase(unit));
    units.into_iter().fold(length, mix)
}

/// Returns places all over a name of this length. Names of one key often begin alike.
const fn places(length: usize) -> [usize; 4] {
    [0, length / 2, length.saturating_sub(2), length.saturating_sub(1)]
}

/// Finds numbers that occur twice.
#[derive(Debug, Default)]
struct Repeated {
    numbers: Vec<u32>,
    /// Table of the numbers, by the upper bits of a product. 0 is a free slot.
    slots: Vec<u32>,
}

impl Repeated {
    /// Number of numbers that are compared with each other.
    const FEW: usize = 8;

    /// Whether a number occurs twice. Numbers that collide often count as repeated.
    fn is_any(&mut self) -> bool {
        let count = self.numbers.len();
        if count <= Self::FEW {
            let mut rest = self.numbers.as_slice();
            while let [first, others @ ..] = rest {
                if others.contains(first) {
                    return true;
                }
                rest = others;
            }
            return false;
        }
        let size = count.saturating_mul(2).next_power_of_two();
        self.slots.clear();
        self.slots.resize(size, 0);
        let mut tries = count.saturating_mul(4);
        for number in &self.numbers {
            let number = (*number).max(1);
            let mut slot = number.wrapping_mul(0x9E37_79B1).rotate_left(16) as usize;
            loop {
                slot &= size.wrapping_sub(1);
                match self.slots.get_mut(slot) {
                    Some(free @ 0) => {
                        *free = number;
                        break;
                    }
                    Some(other) if *other != number && tries > 0 => {
                        tries = tries.wrapping_sub(1);
                        slot = slot.wrapping_add(1);
                    }
                    _ => return true,
                }
            }
        }
        false
    }
}

/// Whether a value can hide data, by its own fields and by the cell of its data.
fn can_hide_data(value: Value<'_>, is_first: bool, left: &mut usize) -> bool {
    let (hive, size) = (value.hive(), value.data_size());
    let at = CellOffset::new(u32::from_le_bytes(value.raw().data));
    let kind = value.value_type();
    let wrong_number = match kind {
        ValueType::DWORD | ValueType::DWORD_BIG_ENDIAN => size != 4,
        ValueType::QWORD => size != 8,
        _ => false,
    };
    if value.is_inline() {
        return wrong_number || size > 4 || is_text_type(kind) || can_be_cell(hive, at);
    }
    if size == 0 {
        return wrong_number || can_be_cell(hive, at);
    }
    if wrong_number || size <= 4 || size > SEGMENT_LENGTH {
        return true;
    }
    let Some(cell) = hive.payload(at) else { return true };
    let (size, room) = (size as usize, cell.len());
    let Some(shown) = cell.get(..size) else { return true };
    if !is_first {
        return false;
    }
    *left = left.saturating_sub(size / 16);
    cell.starts_with(b"db")
        || room >= hive.rounded(size).saturating_add(8)
        || *left > 0
            && is_text_type(kind)
            && !text::is_terminated_text(shown, kind == ValueType::MULTI_SZ)
}

const fn is_text_type(kind: ValueType) -> bool {
    matches!(kind, ValueType::SZ | ValueType::EXPAND_SZ | ValueType::MULTI_SZ | ValueType::LINK)
}

/// Whether a number can be the offset of a cell.
fn can_be_cell(hive: Hive<'_>, at: CellOffset) -> bool {
    at.get() & 7 == 0 && at.get() >= FIRST_CELL && (at.get() as usize) < hive.bin_bytes().len()
}
