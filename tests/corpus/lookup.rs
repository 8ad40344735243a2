// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a walk shows can be looked up.

use std::collections::HashMap;

use calhive::{CellOffset, ErrorKind, Field, Hive};

use super::{hives, scenarios};

/// How many keys were looked for, and how many were found.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) keys: usize,
    /// Found by `key_thorough`.
    pub(crate) thorough: usize,
    /// Keys that all lists on the way name in order and with right hashes.
    pub(crate) in_order: usize,
    /// Those of them that `key` found.
    pub(crate) by_hash: usize,
}

/// Looks up every key that the walk shows.
pub(crate) fn look_up(hive: Hive<'_>) -> Found {
    let mut found = Found::default();
    // Which keys have all lists on their way in order; the walk shows a key before those below it.
    let mut in_order: HashMap<CellOffset, bool> = HashMap::new();
    let mut above: Vec<CellOffset> = Vec::new();
    let mut walk = hive.walk();
    while let Some(entry) = walk.next() {
        let Ok(entry) = entry else { continue };
        let path = walk.path().to_key_path();
        let cell = entry.key.cell_offset();
        above.truncate(entry.depth);
        let way = above.last().is_none_or(|parent| in_order[parent]);
        above.push(cell);
        let own_list = way && {
            let mut ordered = true;
            let nothing = "a name that no key of a corpus has";
            entry.key.subkey_thorough(nothing, |fault| {
                ordered &=
                    !matches!(fault.kind(), ErrorKind::Order { .. } | ErrorKind::Duplicate { .. });
            });
            ordered
        };
        in_order.insert(cell, own_list);

        found.keys += 1;
        let mut hashes = true;
        let thorough = hive.key_thorough(&path, |fault| {
            hashes &= !matches!(fault.kind(), ErrorKind::Mismatch { field: Field::Hash, .. });
        });
        found.thorough += usize::from(is(thorough, cell));
        if way && hashes {
            found.in_order += 1;
            found.by_hash += usize::from(is(hive.key(&path), cell));
        }
    }
    found
}

fn is(key: calhive::Result<Option<calhive::Key<'_>>>, cell: CellOffset) -> bool {
    matches!(key, Ok(Some(key)) if key.cell_offset() == cell)
}

#[test]
fn every_key_of_the_walk_is_found() {
    let (mut sum, mut seen) = (Found::default(), 0);
    let mut see = |name: &str, bytes: &[u8]| {
        let found = look_up(Hive::parse(bytes).unwrap());
        assert_eq!(found.thorough, found.keys, "{name}");
        assert_eq!(found.by_hash, found.in_order, "{name}");
        seen += 1;
        sum.keys += found.keys;
        sum.thorough += found.thorough;
        sum.in_order += found.in_order;
        sum.by_hash += found.by_hash;
    };
    for (name, bytes) in scenarios() {
        see(&name, &bytes);
    }
    for file in hives("every_key_of_the_walk_is_found").into_iter().flatten() {
        see(&file.name, &file.bytes);
    }
    println!(
        "{seen} hives: {} of {} keys found by key_thorough, {} of {} by key",
        sum.thorough, sum.keys, sum.by_hash, sum.in_order
    );
    assert!(sum.in_order > 200);
}
