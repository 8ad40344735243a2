// SPDX-License-Identifier: MIT OR Apache-2.0
//! Hidden names: names that the tree shows with the wrong length or in the wrong encoding.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use crate::hive::hidden::candidates::Named;
use crate::hive::hidden::marks::{Live, Use};
use crate::hive::hidden::stored_name::{Better, Stored, better, decides, looks_sure};
use crate::hive::hidden::{Cause, Hidden, HiddenBy, Item};
use crate::hive::key::Key;
use crate::hive::name::Name;
use crate::hive::subkeys::Hint;
use crate::hive::value::Value;
use crate::offset::{CellOffset, FileOffset};
use crate::raw::{self, KeyFlags, ValueFlags};

/// Adds the hidden names of live keys, hidden keys, and values.
pub(super) fn hidden_names<'d>(
    live: &mut Live<'d>,
    items: &mut Vec<Hidden<'d>>,
    names: &mut BTreeMap<CellOffset, Name<'d>>,
) {
    let hive = live.hive;
    if live.is_sound() {
        for named in core::mem::take(&mut live.candidates.names) {
            match named {
                Named::Root(at) => {
                    if let Some(key) = Key::parse(hive, at) {
                        key_name(key, Hint::None, live, items, names);
                    }
                }
                Named::Subkeys(at) => {
                    if let Some(key) = Key::parse(hive, at) {
                        subkeys(key, live, items, names);
                    }
                }
                Named::Value((at, key)) => {
                    if let Some(value) = Value::parse(hive, at) {
                        value_name(value, Key::parse(hive, key), live, items);
                    }
                }
            }
        }
    } else {
        every_name(live, items, names);
    }
    for index in 0..items.len() {
        match items.get(index).map(|item| (&item.item, item.key)) {
            Some((Item::Key(key), _)) => {
                let key = *key;
                subkeys(key, live, items, names);
                if !live.has(Use::Key, CellOffset::new(key.raw().parent.get())) {
                    key_name(key, Hint::None, live, items, names);
                }
            }
            Some((Item::Value(value), key)) => {
                let key = key.and_then(|at| Key::parse(hive, at));
                value_name(*value, key, live, items);
            }
            _ => {}
        }
    }
}

/// Adds the hidden names of all live keys and their values.
fn every_name<'d>(
    live: &mut Live<'d>,
    items: &mut Vec<Hidden<'d>>,
    names: &mut BTreeMap<CellOffset, Name<'d>>,
) {
    let mut walk = live.hive.walk().with_values(true);
    while let Some(entry) = walk.next() {
        let Ok(entry) = entry else { continue };
        if walk.parent_cell().is_none() {
            key_name(entry.key, Hint::None, live, items, names);
        }
        subkeys(entry.key, live, items, names);
        for value in entry.values.filter_map(Result::ok) {
            value_name(value, Some(entry.key), live, items);
        }
    }
}

/// Returns the value of a hidden item, and its key.
pub(super) fn as_value<'d>(item: &Hidden<'d>) -> Option<(Value<'d>, Option<CellOffset>)> {
    match item.item {
        Item::Value(value) => Some((value, item.key)),
        _ => None,
    }
}

/// Adds the names of subkeys that contradict the hints in the subkey lists.
fn subkeys<'d>(
    key: Key<'d>,
    live: &mut Live<'d>,
    items: &mut Vec<Hidden<'d>>,
    names: &mut BTreeMap<CellOffset, Name<'d>>,
) {
    if key.subkey_count() == 0 || live.left == 0 {
        return;
    }
    let mut left = live.left;
    let mut odd = Vec::new();
    key.each_element(&mut left, |_, _, hint, subkey, _| {
        if let Ok(subkey) = subkey
            && subkey.raw().parent.get() == key.cell_offset().get()
            && (subkey.name().is_empty() || !hint.allows(subkey.name()) || !decides(hint))
        {
            odd.push((subkey, hint));
        }
    });
    live.left = left;
    for (subkey, hint) in odd {
        key_name(subkey, hint, live, items, names);
    }
}

fn key_name<'d>(
    key: Key<'d>,
    hint: Hint,
    live: &mut Live<'d>,
    items: &mut Vec<Hidden<'d>>,
    names: &mut BTreeMap<CellOffset, Name<'d>>,
) {
    let at = key.cell_offset();
    let (stored, raw) = (Stored::of_key(key), key.raw());
    if !live.charge(stored.room.len() / 8) || names.contains_key(&at) {
        return;
    }
    if let Some(resized) = live.sizes.get(at).filter(|_| key.name_fault().is_some()) {
        let name = whole_name(resized.payload, size_of::<raw::KeyNode>(), stored);
        if let Some(name) = name.filter(|name| *name != key.name()) {
            names.insert(at, name);
            let cause = resized.cause(key.hive());
            items.push(cause.hides(Item::KeyName { key, name }, Some(at)));
        }
        return;
    }
    let differs = |better: &Better<'_>| better.name != key.name();
    let Some(better) = better(stored, hint).filter(differs) else { return };
    let flag = u64::from(KeyFlags::COMP_NAME.bits());
    let (length, flags) = (key.place(72), key.place(2));
    let cause = cause(stored, better, hint, (length, flags), (u64::from(raw.flags.get()), flag));
    names.insert(at, better.name);
    items.push(cause.hides(Item::KeyName { key, name: better.name }, Some(at)));
}

fn value_name<'d>(
    value: Value<'d>,
    key: Option<Key<'d>>,
    live: &mut Live<'d>,
    items: &mut Vec<Hidden<'d>>,
) {
    let (stored, raw) = (Stored::of_value(value), value.raw());
    if !live.charge(stored.room.len() / 8) {
        return;
    }
    let resized = live.sizes.get(value.cell_offset());
    if let Some(resized) = resized.filter(|_| value.name_fault().is_some()) {
        let name = whole_name(resized.payload, size_of::<raw::KeyValue>(), stored);
        if let Some(name) = name.filter(|name| *name != value.name()) {
            let cause = resized.cause(value.hive());
            let key = key.map(|key| key.cell_offset());
            items.push(cause.hides(Item::ValueName { value, name }, key));
        }
        return;
    }
    // The default value has no name. A default value with room for a name may have lost its name.
    let differs = |better: &Better<'_>| better.name != value.name();
    let Some(better) = better(stored, Hint::None).filter(differs) else { return };
    let flag = u64::from(ValueFlags::COMP_NAME.bits());
    let (length, flags) = (value.place(2), value.place(16));
    let raw_flags = u64::from(raw.flags.get());
    let cause = cause(stored, better, Hint::None, (length, flags), (raw_flags, flag));
    let item = Item::ValueName { value, name: better.name };
    items.push(cause.hides(item, key.map(|key| key.cell_offset())));
}

/// Returns the name of a record, by the content of a cell with the suggested size.
fn whole_name<'d>(payload: &'d [u8], fixed: usize, stored: Stored<'_>) -> Option<Name<'d>> {
    let bytes = payload.get(fixed..)?.get(..stored.length)?;
    Some(if stored.is_latin1 { Name::latin1(bytes) } else { Name::utf16(bytes) })
}

/// Returns the cause for a better name.
fn cause(
    stored: Stored<'_>,
    better: Better<'_>,
    hint: Hint,
    (length, flags): (FileOffset, FileOffset),
    (raw, flag): (u64, u64),
) -> Cause {
    if better.length == stored.length {
        let cause = Cause::new(HiddenBy::NameFlag, flags, raw, raw ^ flag);
        let is_sure = decides(hint) || looks_sure(stored);
        return if is_sure { cause } else { cause.left_over() };
    }
    let (found, suggested) = (stored.length as u64, better.length as u64);
    Cause::new(HiddenBy::NameLength, length, found, suggested)
}
