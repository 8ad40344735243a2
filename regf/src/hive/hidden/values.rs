// SPDX-License-Identifier: MIT OR Apache-2.0
//! Hidden values: values that no value list leads to, each with the field that hides the value. A
//! value does not store its key, so the search infers the key from lists and neighboring cells.

use alloc::collections::BTreeSet;
use alloc::vec::Vec;

use zerocopy::little_endian::U32;

use crate::bytes::Bytes;
use crate::hive::hidden::marks::{Live, Use};
use crate::hive::hidden::orphans::{Orphans, nearest};
use crate::hive::hidden::{Cause, Hidden, HiddenBy, Item};
use crate::hive::key::Key;
use crate::hive::value::Value;
use crate::offset::{CellOffset, FileOffset};
use crate::raw::KeyFlags;

/// Element of a value list that leads to no value, or repeats a value.
struct Bad<'d> {
    key: Key<'d>,
    place: FileOffset,
    found: CellOffset,
    /// Cell of the previous value, or of the list.
    near: CellOffset,
}

/// Suspicious value lists of live keys.
#[derive(Default)]
struct Suspects<'d> {
    /// Keys whose list is unreadable, is shared, or has only bad elements.
    lists: Vec<Key<'d>>,
    elements: Vec<Bad<'d>>,
}

/// Finds the hidden values, marks their cells, and adds the values.
pub(super) fn hidden_values<'d>(
    live: &mut Live<'d>,
    orphans: &Orphans,
    items: &mut Vec<Hidden<'d>>,
) {
    let hive = live.hive;
    for (at, (value, key)) in core::mem::take(&mut live.repaired.values) {
        let Some(resized) = live.sizes.get(at) else { continue };
        live.claim_value(value);
        items.push(resized.cause(hive).hides(Item::Value(value), Some(key)));
    }
    if orphans.values.iter().all(|at| live.has(Use::Value, *at)) {
        return;
    }
    let (mut suspects, mut looked) = (Suspects::default(), BTreeSet::new());
    for entry in hive.walk().filter_map(Result::ok) {
        // A list that several keys share is read only once.
        let list = CellOffset::new(entry.key.raw().values.get());
        if list.is_nil() || entry.key.value_count() == 0 || looked.insert(list) {
            look_at(entry.key, live, orphans, &mut suspects, items);
        } else {
            suspects.lists.push(entry.key);
        }
    }
    let settled = moved_lists(live, orphans, &suspects.lists, items);
    for bad in suspects.elements {
        if settled.contains(&bad.key.cell_offset()) {
            continue;
        }
        let fits = |at| is_open(live, orphans, at);
        let Some(found) = nearest(&orphans.values, bad.near, fits) else { continue };
        let suggested = u64::from(found.get());
        let cause =
            Cause::new(HiddenBy::ValueElement, bad.place, u64::from(bad.found.get()), suggested);
        add(live, found, cause, Some(bad.key.cell_offset()), items);
    }
    for at in &orphans.values {
        let cause = Cause::unreferenced(at.file_offset(), *at);
        add(live, *at, cause, None, items);
    }
}

/// Whether a hidden value is not yet assigned.
fn is_open(live: &Live<'_>, orphans: &Orphans, at: CellOffset) -> bool {
    orphans.values.binary_search(&at).is_ok() && !live.has(Use::Value, at)
}

fn add<'d>(
    live: &mut Live<'d>,
    at: CellOffset,
    cause: Cause,
    key: Option<CellOffset>,
    items: &mut Vec<Hidden<'d>>,
) {
    let Some(value) = Value::parse(live.hive, at) else { return };
    if !live.has(Use::Value, at) {
        live.claim_value(value);
        items.push(cause.hides(Item::Value(value), key));
    }
}

/// Returns all elements in the cell of a value list.
fn room<'d>(live: &Live<'d>, list: CellOffset) -> (Bytes<'d>, &'d [U32]) {
    let data = live.sizes.bytes(live.hive, list);
    (data, data.array(0, data.len()))
}

/// Looks for hidden values in the value list of a live key.
fn look_at<'d>(
    key: Key<'d>,
    live: &mut Live<'d>,
    orphans: &Orphans,
    suspects: &mut Suspects<'d>,
    items: &mut Vec<Hidden<'d>>,
) {
    let hive = live.hive;
    let (at, count) = (CellOffset::new(key.raw().values.get()), key.value_count() as usize);
    let (list, elements) = room(live, at);
    if key.flags().contains(KeyFlags::PREDEF_HANDLE) {
        return predefined(key, live, orphans, items);
    }
    if key.raw().value_count.get() as usize != count || !live.charge(elements.len().max(1)) {
        return;
    }
    if let Some(resized) = live.sizes.get(at) {
        let within = hive.payload(at).map_or(0, <[u8]>::len) / 4;
        for cell in elements.iter().take(count).skip(within).map(|it| CellOffset::new(it.get())) {
            if is_open(live, orphans, cell) {
                add(live, cell, resized.cause(hive), Some(key.cell_offset()), items);
            }
        }
    }
    // If the key has no values, its list offset is trusted only if the list belongs to no other
    // key.
    if count > 0 || !live.has(Use::ValueList, at) {
        beyond_count(key, elements, live, orphans, items);
    }
    if count == 0 {
        // A nonzero largest name or data size shows that the key had values.
        let raw = key.raw();
        if raw.largest_value_name.get() > 0 || raw.largest_value_data.get() > 0 {
            suspects.lists.push(key);
        }
        return;
    }
    let (mut seen, mut near, mut good) = (BTreeSet::new(), at, 0_usize);
    let first_bad = suspects.elements.len();
    for (index, cell) in elements.iter().take(count).enumerate() {
        let cell = CellOffset::new(cell.get());
        let is_value = Value::parse(hive, cell).is_some() || live.sizes.get(cell).is_some();
        if is_value && seen.insert(cell) {
            near = cell;
            good = good.saturating_add(1);
        } else {
            let place = list.offset_of(index.saturating_mul(4));
            suspects.elements.push(Bad { key, place, found: cell, near });
        }
    }
    if good == 0 || live.shared.contains(&at) {
        suspects.lists.push(key);
    }
    // If all elements are bad, the list offset probably leads to the wrong cell, unless the cell
    // size fits the count. Windows NT adds 8 bytes to list cells.
    let fits = hive.rounded(count.saturating_mul(4)).saturating_add(8);
    if good == 0 && (count > elements.len() || list.len() > fits) {
        suspects.elements.truncate(first_bad);
    }
}

/// Adds the values of a predefined key. Such a key stores a handle in the field of the value count.
/// If the field is instead the length of a list of values, the flag hides these values.
fn predefined<'d>(
    key: Key<'d>,
    live: &mut Live<'d>,
    orphans: &Orphans,
    items: &mut Vec<Hidden<'d>>,
) {
    let count = key.raw().value_count.get() as usize;
    let (_, elements) = room(live, CellOffset::new(key.raw().values.get()));
    let Some(listed) = elements.get(..count).filter(|_| live.charge(count)) else { return };
    let flag = u64::from(KeyFlags::PREDEF_HANDLE.bits());
    let found = u64::from(key.raw().flags.get());
    let cause = Cause::new(HiddenBy::PredefinedHandle, key.place(2), found, found & !flag);
    for cell in listed.iter().map(|cell| CellOffset::new(cell.get())) {
        if is_open(live, orphans, cell) {
            add(live, cell, cause, Some(key.cell_offset()), items);
        }
    }
}

/// Adds the hidden values among the elements after the count of a value list.
fn beyond_count<'d>(
    key: Key<'d>,
    elements: &[U32],
    live: &mut Live<'d>,
    orphans: &Orphans,
    items: &mut Vec<Hidden<'d>>,
) {
    let count = key.value_count() as usize;
    let beyond = elements.iter().enumerate().skip(count);
    let beyond = beyond.map(|(index, cell)| (index, CellOffset::new(cell.get())));
    // If Windows shortened a list, the last element can appear again after the end.
    let mut seen = BTreeSet::new();
    let is_next =
        |(_, cell): &(usize, CellOffset)| is_open(live, orphans, *cell) && seen.insert(*cell);
    let run = beyond.clone().take_while(is_next).count();
    let last = beyond.clone().rfind(|(_, cell)| is_open(live, orphans, *cell));
    let last = last.map_or(0, |(index, _)| index.saturating_add(1));
    let suggested = if run > 0 { count.saturating_add(run) } else { last } as u64;
    for (_, cell) in beyond {
        if is_open(live, orphans, cell) {
            let cause = Cause::new(HiddenBy::ValueCount, key.place(36), count as u64, suggested);
            add(live, cell, cause, Some(key.cell_offset()), items);
        }
    }
}

/// Assigns unreferenced value lists to keys without a good list, and returns these keys.
fn moved_lists<'d>(
    live: &mut Live<'d>,
    orphans: &Orphans,
    keys: &[Key<'d>],
    items: &mut Vec<Hidden<'d>>,
) -> BTreeSet<CellOffset> {
    let hive = live.hive;
    let mut settled = BTreeSet::new();
    let mut lists: Vec<List> = Vec::new();
    for at in &orphans.plain {
        if live.has(Use::ValueList, *at) || live.has(Use::Data, *at) {
            continue;
        }
        let (_, elements) = room(live, *at);
        let is_value = |cell: &&U32| is_open(live, orphans, CellOffset::new(cell.get()));
        if elements.first().as_ref().is_some_and(is_value) {
            let count = elements.iter().take_while(is_value).count();
            let values = elements.iter().take(count);
            let values = values.filter_map(|at| Value::parse(hive, CellOffset::new(at.get())));
            let size = values.map(Value::data_size).max().unwrap_or(0);
            live.charge(count);
            lists.push(List { at: *at, count, size, is_taken: false });
        }
    }
    for key in keys {
        let claimed = key.value_count() as usize;
        let points = |list: &List| {
            (
                u8::from(list.count >= claimed),
                u8::from(list.size == key.raw().largest_value_data.get()),
            )
        };
        // A key with a shared list may be its real owner, and a key without values may never have
        // had a list. For such keys, both count and data size of a list must fit.
        let others = claimed == 0 || live.shared.contains(&CellOffset::new(key.raw().values.get()));
        let fits = |list: &&mut List| !list.is_taken && (!others || points(list) == (1, 1));
        if !live.charge(lists.len().min(256)) {
            break;
        }
        let Some(list) = lists.iter_mut().take(256).filter(fits).max_by_key(|list| points(list))
        else {
            continue;
        };
        list.is_taken = true;
        settled.insert(key.cell_offset());
        live.mark(Use::ValueList, list.at);
        let found = u64::from(key.raw().values.get());
        let cause = Cause::new(HiddenBy::ValueList, key.place(40), found, u64::from(list.at.get()));
        for cell in room(live, list.at).1.iter().take(list.count) {
            add(live, CellOffset::new(cell.get()), cause, Some(key.cell_offset()), items);
        }
    }
    settled
}

/// Unreferenced value list.
struct List {
    at: CellOffset,
    count: usize,
    /// Largest data size of its values.
    size: u32,
    is_taken: bool,
}
