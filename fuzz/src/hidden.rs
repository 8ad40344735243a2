// SPDX-License-Identifier: MIT OR Apache-2.0
//! Hidden content of any hive: it lies in the file, and the tree does not show it.

use std::collections::BTreeSet;

use calhive_regf::hive::hidden::{Hidden, HiddenBy, Item, Shown};
use calhive_regf::{CellOffset, Hive};

use crate::forms::as_given_and_sealed;

/// Number of items whose path is built.
const PATHS: usize = 200;

/// Finds the hidden content of the hive in `bytes`.
pub fn hidden(bytes: &[u8]) {
    as_given_and_sealed(bytes, check);
}

fn check(bytes: &[u8], hive: Hive<'_>) {
    let (mut keys, mut values) = (Vec::new(), Vec::new());
    let hidden = hive.hidden_beside(|_, shown| match shown {
        Ok(Shown::Key(key)) => keys.push(key.cell_offset()),
        Ok(Shown::Value(value)) => values.push(value.cell_offset()),
        Err(_) => {}
    });
    let walked = hive.walk().filter_map(Result::ok).map(|entry| entry.key.cell_offset());
    assert!(walked.eq(keys.iter().copied()), "the tree beside hidden content is the walk");
    let (keys, values): (BTreeSet<CellOffset>, BTreeSet<CellOffset>) =
        (keys.into_iter().collect(), values.into_iter().collect());
    for (number, item) in hidden.iter().enumerate() {
        is_outside_the_tree(item, &keys, &values);
        let place = item.place.get();
        assert!(place <= bytes.len() as u64, "{item:?}");
        if number < PATHS {
            std::hint::black_box((item.to_string(), item.suggested_type(), hidden.path(item)));
        }
        if let Item::Data { data, .. } = &item.item {
            for piece in data {
                let start = usize::try_from(piece.offset().get()).unwrap_or(usize::MAX);
                let there = bytes.get(start..).and_then(|rest| rest.get(..piece.len()));
                assert!(there == Some(piece.as_slice()), "{item:?}");
            }
        }
    }
    for fault in hidden.faults().iter().chain(hidden.tree_faults()) {
        assert!(fault.offset().get() <= bytes.len() as u64, "{fault}");
    }
}

/// Asserts that the tree does not show the item.
fn is_outside_the_tree(
    item: &Hidden<'_>,
    keys: &BTreeSet<CellOffset>,
    values: &BTreeSet<CellOffset>,
) {
    // The tree shows the second item of a name, but no look-up finds it. The tree also shows a root that a search
    // found, because the base block leads to no key.
    if matches!(item.by, HiddenBy::SameName | HiddenBy::Root) {
        return;
    }
    match item.item {
        Item::Key(key) => assert!(!keys.contains(&key.cell_offset()), "{item:?}"),
        Item::Value(value) => assert!(!values.contains(&value.cell_offset()), "{item:?}"),
        Item::KeyName { key, name } => assert!(key.name() != name, "{item:?}"),
        Item::ValueName { value, name } => assert!(value.name() != name, "{item:?}"),
        Item::Data { .. } => {}
    }
}
