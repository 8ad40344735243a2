// SPDX-License-Identifier: MIT OR Apache-2.0
//! Values and subkeys that a look-up by name never reaches, because an earlier element of the same
//! list has the same name.

use alloc::collections::BTreeSet;
use alloc::vec::Vec;

use crate::hive::hidden::marks::Live;
use crate::hive::hidden::{Cause, Hidden, HiddenBy, Item};
use crate::hive::key::Key;
use crate::hive::name::Name;
use crate::hive::value::Value;
use crate::offset::{CellOffset, FileOffset};

/// Element of a list: hash of its name, position, place, and cell.
type Element = (u32, usize, FileOffset, CellOffset);

/// Adds the later ones of several values or subkeys of one name, for each live key.
pub(super) fn hidden_by_same_name<'d>(live: &mut Live<'d>, items: &mut Vec<Hidden<'d>>) {
    let hive = live.hive;
    let mut elements: Vec<Element> = Vec::new();
    let renamed: BTreeSet<CellOffset> = items.iter().filter_map(shown_under_another_name).collect();
    let mut of_key = |key: Key<'d>, live: &mut Live<'d>, items: &mut Vec<Hidden<'d>>| {
        elements.clear();
        let list = live.sizes.bytes(hive, CellOffset::new(key.raw().values.get()));
        let listed = list.array::<zerocopy::little_endian::U32>(0, key.value_count() as usize);
        // Many keys can share one list.
        if !live.charge(listed.len()) {
            return false;
        }
        for (index, cell) in listed.iter().enumerate() {
            let cell = CellOffset::new(cell.get());
            let Some(value) = Value::parse(hive, cell) else { continue };
            let place = list.offset_of(index.saturating_mul(4));
            if renamed.contains(&cell) {
                continue;
            }
            if !add(live, &mut elements, value.name(), index, place, cell) {
                return false;
            }
        }
        let name = |at| Value::parse(hive, at).map(Value::name);
        repeated(&mut elements, name, |first, at| {
            if let Some(value) = Value::parse(hive, at) {
                items.push(cause(first).hides(Item::Value(value), Some(key.cell_offset())));
            }
        });
        elements.clear();
        let (mut left, mut index, mut is_whole) = (live.left, 0_usize, true);
        key.each_element(&mut left, |_, place, _, subkey, _| {
            if let (Ok(subkey), true) = (subkey, is_whole)
                && let cell = subkey.cell_offset()
                && !renamed.contains(&cell)
            {
                is_whole = add(live, &mut elements, subkey.name(), index, place, cell);
            }
            index = index.saturating_add(1);
        });
        live.left = live.left.min(left);
        if !is_whole || left == 0 {
            return false;
        }
        let name = |at| Key::parse(hive, at).map(Key::name);
        repeated(&mut elements, name, |first, at| {
            if let Some(subkey) = Key::parse(hive, at) {
                items.push(cause(first).hides(Item::Key(subkey), Some(at)));
            }
        });
        true
    };
    if live.is_sound() {
        let keys = core::mem::take(&mut live.candidates.same_names);
        let mut keys = keys.into_iter().filter_map(|at| Key::parse(hive, at));
        keys.all(|key| of_key(key, live, items));
    } else {
        let mut entries = hive.walk().filter_map(Result::ok);
        entries.all(|entry| of_key(entry.key, live, items));
    }
}

/// Returns the cell of a key or value whose name is hidden.
fn shown_under_another_name(item: &Hidden<'_>) -> Option<CellOffset> {
    match &item.item {
        Item::KeyName { key, .. } => Some(key.cell_offset()),
        Item::ValueName { value, .. } => Some(value.cell_offset()),
        _ => None,
    }
}

fn cause((_, _, place, cell): Element) -> Cause {
    Cause::new(HiddenBy::SameName, place, u64::from(cell.get()), None)
}

/// Adds an element. Long names cost work, because many elements can share one name. Returns whether
/// enough work remained.
fn add(
    live: &mut Live<'_>,
    elements: &mut Vec<Element>,
    name: Name<'_>,
    index: usize,
    place: FileOffset,
    cell: CellOffset,
) -> bool {
    let length = name.as_bytes().map_or(0, <[u8]>::len);
    let is_paid = live.charge(length / 64);
    if is_paid {
        elements.push((name.lh_hash(), index, place, cell));
    }
    is_paid
}

/// Passes each element whose name occurs earlier in the list to `see`, with the earlier element.
fn repeated<'d>(
    elements: &mut [Element],
    name: impl Fn(CellOffset) -> Option<Name<'d>>,
    mut see: impl FnMut(Element, CellOffset),
) {
    elements.sort_unstable();
    for alike in elements.chunk_by(|a, b| a.0 == b.0) {
        let Some((first, rest)) = alike.split_first() else { continue };
        for other in rest {
            // An element that repeats the same cell hides nothing.
            let is_other = other.3 != first.3;
            let same = || Some(name(first.3)?.same(name(other.3)?));
            if is_other && same() == Some(true) {
                see(*first, other.3);
            }
        }
    }
}
