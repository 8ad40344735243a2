// SPDX-License-Identifier: MIT OR Apache-2.0
//! Look-ups find every key that a walk shows.

use std::collections::HashMap;

use calhive_regf::{CellOffset, ErrorKind, Field, Hive};
use hive_forge::corpus::hives;

/// Numbers of keys that were looked up and found.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) keys: usize,
    /// Keys that `key_thorough` found.
    pub(crate) thorough: usize,
    /// Keys on whose path all lists are in order and have correct hashes.
    pub(crate) in_order: usize,
    /// Keys among `in_order` that `key` found.
    pub(crate) by_hash: usize,
}

/// Looks up every key that the walk shows.
pub(crate) fn look_up(hive: Hive<'_>) -> Found {
    let mut found = Found::default();
    // Whether all lists on the path to a key are in order. The walk shows a key before the keys
    // below it.
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

fn is(key: calhive_regf::Result<Option<calhive_regf::Key<'_>>>, cell: CellOffset) -> bool {
    matches!(key, Ok(Some(key)) if key.cell_offset() == cell)
}

#[test]
fn every_key_of_a_walk_is_found_by_look_up() {
    let (mut sum, mut seen) = (Found::default(), 0);
    let mut see = |name: &str, bytes: &[u8]| {
        let found = look_up(Hive::parse(bytes).unwrap());
        assert!(found.keys > 0, "{name}");
        assert_eq!(found.thorough, found.keys, "{name}");
        assert_eq!(found.by_hash, found.in_order, "{name}");
        seen += 1;
        sum.keys += found.keys;
        sum.thorough += found.thorough;
        sum.in_order += found.in_order;
        sum.by_hash += found.by_hash;
    };
    for (name, bytes) in hive_forge::scenario::hives() {
        see(&name, &bytes);
    }
    let corpus = hives("every_key_of_a_walk_is_found_by_look_up");
    let expected = if corpus.is_some() { (138, 158_947, 158_937) } else { (53, 10_875, 10_875) };
    for file in corpus.into_iter().flatten() {
        see(&file.name, &file.bytes);
    }
    println!(
        "{seen} hives: {} of {} keys found by key_thorough, {} of {} by key",
        sum.thorough, sum.keys, sum.by_hash, sum.in_order
    );
    assert_eq!((seen, sum.keys, sum.in_order), expected);
}
