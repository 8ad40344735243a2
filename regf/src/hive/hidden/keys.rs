// SPDX-License-Identifier: MIT OR Apache-2.0
//! Hidden keys: keys that no subkey list leads to, each with the field that hides the key.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec;
use alloc::vec::Vec;
use core::cmp::Ordering;

use crate::hive::Hive;
use crate::hive::hidden::lists::{Reach, Roomy, Slot, each_slot};
use crate::hive::hidden::marks::{Live, Use};
use crate::hive::hidden::orphans::Orphans;
use crate::hive::hidden::sizes::Sizes;
use crate::hive::hidden::{Cause, Hidden, HiddenBy, Item};
use crate::hive::key::Key;
use crate::hive::subkeys::Hint;
use crate::offset::{CellOffset, FileOffset};

/// Largest number of bad list elements per key that are compared with hidden keys.
const MOST_BAD: usize = 64;

/// Reason why a key is hidden.
#[derive(Clone, Copy)]
enum Why {
    /// No reason yet.
    Open,
    /// A field of the parent, of a list, or of the base block.
    Field(Cause),
    /// The parent lists the key and is hidden itself.
    Parent,
}

/// List element that leads to no subkey of the key, or to the same subkey as another element.
struct Bad<'d> {
    slot: Slot,
    /// Keys of the previous and the next element.
    beside: [Option<Key<'d>>; 2],
    /// Whether the hash belongs to the repeated subkey.
    is_copy: bool,
    is_taken: bool,
}

/// Finds the hidden keys, marks their cells, and adds the keys with their values.
pub(super) fn hidden_keys<'d>(live: &mut Live<'d>, orphans: &Orphans, items: &mut Vec<Hidden<'d>>) {
    let hive = live.hive;
    let sizes = live.sizes.clone();
    let found = orphans.keys.iter().filter_map(|at| Key::parse(hive, *at));
    let mut keys: Vec<Key<'d>> = found.chain(live.repaired.keys.values().copied()).collect();
    keys.sort_unstable_by_key(|key| key.cell_offset());
    keys.dedup_by_key(|key| key.cell_offset());
    let own_size = |key: &Key<'d>| {
        let is_repaired = live.repaired.keys.contains_key(&key.cell_offset());
        let resized = sizes.get(key.cell_offset()).filter(|_| is_repaired);
        resized.map_or(Why::Open, |resized| Why::Field(resized.cause(hive)))
    };
    let mut why: Vec<Why> = keys.iter().map(own_size).collect();
    roots(live, &keys, &mut why, items);
    // The keys are sorted by parent, so that the lists of each parent are read only once.
    let parent = |index: &usize| keys.get(*index).map(|key| key.raw().parent.get());
    let mut order: Vec<usize> = (0..keys.len()).collect();
    order.sort_by_key(parent);
    let moved = Moved::of(hive, live, orphans, &keys, sizes);
    for children in order.chunk_by(|a, b| parent(a) == parent(b)) {
        let above = children.first().and_then(parent).map(CellOffset::new);
        if let Some(above) = above.and_then(|at| live.key(at)) {
            below(above, children, &keys, &mut why, &moved, live);
        }
    }
    add(live, &keys, &why, items);
}

/// Finds keys with the root flag that the base block does not lead to. If the base block leads to
/// no key, the function also adds the root key that the reader shows.
fn roots<'d>(live: &Live<'d>, keys: &[Key<'d>], why: &mut [Why], items: &mut Vec<Hidden<'d>>) {
    let hive = live.hive;
    let (place, found) = (FileOffset::new(36), u64::from(hive.base_block().root().get()));
    let shown = hive.root().ok();
    if let (Some(_), Some(root)) = (hive.root_fault(), shown) {
        let at = root.cell_offset();
        let cause = Cause::new(HiddenBy::Root, place, found, u64::from(at.get()));
        items.push(cause.hides(Item::Key(root), Some(at)));
    }
    let is_right = hive.root_fault().is_none() && shown.is_some_and(Key::is_root);
    for (key, why) in keys.iter().zip(why) {
        if key.is_root() && !live.has(Use::Key, key.cell_offset()) {
            let at = u64::from(key.cell_offset().get());
            let cause = Cause::new(HiddenBy::Root, place, found, at);
            *why = Why::Field(if is_right { cause.left_over() } else { cause });
        }
    }
}

/// Unreferenced lists, indexed by the cells that their elements lead to.
struct Moved<'d> {
    sizes: Sizes<'d>,
    /// List with an element for the key.
    by_key: BTreeMap<CellOffset, CellOffset>,
    /// Index root with an element for the leaf.
    by_leaf: BTreeMap<CellOffset, CellOffset>,
}

impl<'d> Moved<'d> {
    fn of(
        hive: Hive<'d>,
        live: &mut Live<'_>,
        orphans: &Orphans,
        keys: &[Key<'_>],
        sizes: Sizes<'d>,
    ) -> Self {
        let mut moved = Self { sizes, by_key: BTreeMap::new(), by_leaf: BTreeMap::new() };
        // A list that a hidden key leads to does not count as unreferenced.
        let owned: BTreeSet<u32> = keys
            .iter()
            .filter(|key| key.subkey_count() > 0)
            .map(|key| key.raw().subkeys.get())
            .collect();
        for at in orphans.lists.iter().filter(|at| !owned.contains(&at.get())) {
            let Some(list) = Roomy::parse(hive, *at, &moved.sizes) else { continue };
            if !live.charge(list.claimed.min(list.len()).saturating_add(1)) {
                break;
            }
            for (cell, ..) in list.elements().take(list.claimed) {
                if orphans.keys.binary_search(&cell).is_ok() {
                    moved.by_key.entry(cell).or_insert(*at);
                }
            }
            for (cell, _) in list.leaves().take(list.claimed) {
                moved.by_leaf.entry(cell).or_insert(*at);
            }
        }
        moved
    }
}

/// Finds the reasons for the hidden subkeys of one key.
fn below<'d>(
    above: Key<'d>,
    children: &[usize],
    keys: &[Key<'_>],
    why: &mut [Why],
    moved: &Moved<'d>,
    live: &mut Live<'_>,
) {
    let is_hidden = !live.has(Use::Key, above.cell_offset());
    let at = |index: &usize| keys.get(*index).map(|key| key.cell_offset());
    let mut beyond: Vec<(usize, Slot)> = Vec::new();
    let mut shown: Vec<Slot> = Vec::new();
    let mut bad_leaf = None;
    let mut listed = Vec::new();
    let counted = each_slot(
        above,
        &moved.sizes,
        |work| live.charge(work),
        |slot| {
            let child = children.binary_search_by_key(&Some(slot.cell), at).ok();
            match (child.and_then(|child| children.get(child)), slot.reach) {
                (Some(child), Reach::Live) if is_hidden => listed.push(*child),
                (Some(child), reach) if reach != Reach::Live => beyond.push((*child, slot)),
                (None, Reach::Live) => shown.push(slot),
                _ => {}
            }
        },
        |_, place| bad_leaf = bad_leaf.or(Some(place)),
    );
    let mut bad = bad_elements(above, &shown);
    for child in listed {
        settle(why, child, Why::Parent);
    }
    // A shortened list can repeat an element after its end. Elements within the count of the list
    // therefore come before elements beyond that count. Elements beyond the count follow in reverse
    // order, so that the suggested count includes all of them.
    let mut last = BTreeMap::new();
    let by_key = beyond.iter().filter(|(_, slot)| slot.reach == Reach::BeyondKey);
    let by_list = beyond.iter().rev().filter(|(_, slot)| slot.reach != Reach::BeyondKey);
    for (child, slot) in by_key.chain(by_list) {
        if !matches!(why.get(*child), Some(Why::Open)) {
            continue;
        }
        if let Reach::BeyondList { place, index, .. } = slot.reach {
            last.entry(place).or_insert(index.saturating_add(1));
        }
        let cause = match slot.reach {
            Reach::BeyondCell(at) => moved.sizes.get(at).map(|it| it.cause(above.hive())),
            _ => None,
        };
        let cause = cause.unwrap_or_else(|| beyond_cause(above, *slot, counted, &last));
        settle(why, *child, Why::Field(cause));
    }
    for child in children {
        let (Some(key), Some(Why::Open)) = (keys.get(*child), why.get(*child)) else { continue };
        if let Some(list) = moved.by_key.get(&key.cell_offset()) {
            settle(why, *child, Why::Field(moved_cause(above, *list, moved, bad_leaf)));
        } else if let Some(bad) = bad.iter_mut().find(|bad| !bad.is_taken && bad.may_be(*key)) {
            let (place, found) = (bad.slot.place, u64::from(bad.slot.cell.get()));
            let suggested = u64::from(key.cell_offset().get());
            bad.is_taken = true;
            let cause = Cause::new(HiddenBy::SubkeyElement, place, found, suggested);
            settle(why, *child, Why::Field(cause));
        }
    }
}

/// Sets the reason for a key that has no reason yet.
fn settle(why: &mut [Why], child: usize, is: Why) {
    if let Some(why @ Why::Open) = why.get_mut(child) {
        *why = is;
    }
}

/// Returns the elements of a key that may have led to other keys.
fn bad_elements<'d>(above: Key<'d>, shown: &[Slot]) -> Vec<Bad<'d>> {
    let hive = above.hive();
    let mut cells: Vec<CellOffset> = shown.iter().map(|slot| slot.cell).collect();
    cells.sort_unstable();
    let is_twice = |cell: CellOffset| {
        let first = cells.partition_point(|other| *other < cell);
        cells.get(first.saturating_add(1)) == Some(&cell)
    };
    let is_bad = |slot: &Slot| match Key::parse(hive, slot.cell) {
        Some(key) => {
            key.raw().parent.get() != above.cell_offset().get()
                || is_twice(slot.cell)
                || !key.has_overlong_name() && !slot.hint.allows(key.name())
        }
        None => true,
    };
    // If two adjacent elements lead to one key, one of the two elements is right. Each therefore
    // counts as a neighbor of the other.
    let beside = |at: Option<usize>, own: CellOffset| {
        let cell = shown.get(at?)?.cell;
        Key::parse(hive, cell).filter(|_| cell == own || !is_twice(cell))
    };
    let slots = shown.iter().enumerate().filter(|(_, slot)| is_bad(slot));
    let bad = slots.map(|(at, slot)| {
        let beside = [beside(at.checked_sub(1), slot.cell), beside(at.checked_add(1), slot.cell)];
        let key = Key::parse(hive, slot.cell).filter(|key| !key.has_overlong_name());
        let is_copy = is_twice(slot.cell) && key.is_some_and(|key| slot.hint.allows(key.name()));
        Bad { slot: *slot, beside, is_copy, is_taken: false }
    });
    bad.take(MOST_BAD).collect()
}

impl Bad<'_> {
    /// Returns whether the element may have led to `key`. The hash or hint of the element decides.
    /// Without a hash or hint, the order of names decides.
    fn may_be(&self, key: Key<'_>) -> bool {
        if key.has_overlong_name() {
            return false;
        }
        let [before, after] = self.beside.map(|beside| {
            beside.filter(|it| !it.has_overlong_name()).map(|it| it.name().cmp_upcased(key.name()))
        });
        match self.slot.hint {
            hint if self.is_copy || matches!(hint, Hint::None) => {
                before.is_none_or(|order| order == Ordering::Less)
                    && after.is_none_or(|order| order == Ordering::Greater)
            }
            hint => hint.allows(key.name()),
        }
    }
}

/// Returns the cause for a key whose list element is beyond a count.
fn beyond_cause(
    above: Key<'_>,
    slot: Slot,
    counted: u64,
    last: &BTreeMap<FileOffset, usize>,
) -> Cause {
    let by_key = u64::from(above.subkey_count());
    match slot.reach {
        Reach::BeyondList { place, claimed, .. } => {
            let suggested = last.get(&place).copied().unwrap_or(claimed);
            let cause = Cause::new(HiddenBy::ListCount, place, claimed as u64, suggested as u64);
            // If both counts agree, Windows may have removed the key without freeing its cell.
            if by_key > counted { cause } else { cause.left_over() }
        }
        _ => Cause::new(HiddenBy::SubkeyCount, above.place(20), by_key, counted),
    }
}

/// Returns the cause for a key in an unreferenced list.
fn moved_cause(
    above: Key<'_>,
    list: CellOffset,
    moved: &Moved<'_>,
    bad_leaf: Option<FileOffset>,
) -> Cause {
    let root = moved.by_leaf.get(&list);
    match bad_leaf {
        // The index root still exists, and one of its elements leads to no leaf.
        Some(place) if root.is_none() => {
            let found = above.hive().bin_bytes();
            let at = place.get().saturating_sub(found.offset().get());
            let found = usize::try_from(at).ok().and_then(|at| found.get(at, 4));
            let found = found.and_then(|bytes| bytes.as_slice().try_into().ok());
            let found = u64::from(found.map_or(0, u32::from_le_bytes));
            Cause::new(HiddenBy::SubkeyElement, place, found, u64::from(list.get()))
        }
        _ => {
            let found = u64::from(above.raw().subkeys.get());
            let list = u64::from(root.unwrap_or(&list).get());
            Cause::new(HiddenBy::SubkeyList, above.place(28), found, list)
        }
    }
}

/// Returns, for each hidden key, the index of the key whose field is the cause: the key itself or
/// one of its parents. In a loop of parents, the search stops at a key of the loop.
fn tops(keys: &[Key<'_>], why: &[Why]) -> Vec<usize> {
    const OPEN: usize = usize::MAX;
    let above = |at: usize| {
        let parent = CellOffset::new(keys.get(at)?.raw().parent.get());
        keys.binary_search_by_key(&parent, |key| key.cell_offset()).ok()
    };
    let mut tops = vec![OPEN; keys.len()];
    // Start index of the last search that visited each key.
    let mut passed = vec![OPEN; keys.len()];
    let mut way = Vec::new();
    for start in 0..keys.len() {
        let mut at = start;
        let top = loop {
            if let Some(top) = tops.get(at).filter(|top| **top != OPEN) {
                break *top;
            }
            if let Some(passed) = passed.get_mut(at)
                && core::mem::replace(passed, start) == start
            {
                break at;
            }
            way.push(at);
            match (why.get(at), above(at)) {
                (Some(Why::Parent), Some(above)) => at = above,
                _ => break at,
            }
        };
        for at in way.drain(..) {
            if let Some(of) = tops.get_mut(at) {
                *of = top;
            }
        }
    }
    tops
}

/// Adds each key, then its values. Without a cause of its own, a key has the cause of the key
/// above.
fn add<'d>(live: &mut Live<'d>, keys: &[Key<'d>], why: &[Why], items: &mut Vec<Hidden<'d>>) {
    let index = |at: CellOffset| keys.binary_search_by_key(&at, |key| key.cell_offset()).ok();
    let tops = tops(keys, why);
    let unknown = |key: Key<'_>| Cause::unreferenced(key.offset(), key.cell_offset());
    for (at, key) in keys.iter().enumerate() {
        live.claim_key(*key);
        let top = tops.get(at).copied().unwrap_or(at);
        let cause = match (why.get(top), keys.get(top)) {
            (Some(Why::Field(cause)), _) => *cause,
            (_, Some(top)) => unknown(*top),
            _ => unknown(*key),
        };
        let above = index(CellOffset::new(key.raw().parent.get())).and_then(|at| keys.get(at));
        let above = above.filter(|_| !key.is_root()).map(|key| key.cell_offset());
        let mut hidden = cause.hides(Item::Key(*key), Some(key.cell_offset()));
        hidden.below = above;
        items.push(hidden);
        if !live.charge(key.value_count().min(0xFFFF) as usize) {
            continue;
        }
        for value in key.values().filter_map(Result::ok) {
            if live.has(Use::Value, value.cell_offset()) {
                continue;
            }
            live.claim_value(value);
            let mut hidden = cause.hides(Item::Value(value), Some(key.cell_offset()));
            hidden.below = Some(key.cell_offset());
            items.push(hidden);
        }
    }
}
