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

/// Looks up every key that the walk shows, by its path in capitals and small letters as they are.
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

/// Keys that look-up cannot tell apart from another of the same name, or cannot reach for another
/// reason, by hive. Their number is all that is kept.
const NOT_FOUND: [(&str, usize); 0] = [];

#[test]
fn every_key_of_the_walk_is_found() {
    let mut sum = Found::default();
    let mut missing = Vec::new();
    let mut hives_seen = 0;
    let mut see = |name: &str, bytes: &[u8]| {
        let found = look_up(Hive::parse(bytes).unwrap());
        hives_seen += 1;
        if found.thorough != found.keys || found.by_hash != found.in_order {
            println!("{name}: {found:?}");
        }
        assert_eq!(found.by_hash, found.in_order, "{name}");
        if found.thorough < found.keys {
            missing.push((name.to_owned(), found.keys - found.thorough));
        }
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
        "{hives_seen} hives: {} of {} keys found by key_thorough, {} of {} by key",
        sum.thorough, sum.keys, sum.by_hash, sum.in_order
    );
    let known: Vec<(String, usize)> =
        NOT_FOUND.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect();
    assert!(missing.iter().all(|one| known.contains(one)), "{missing:?}");
    assert!(sum.keys > 100);
}
