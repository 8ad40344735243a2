// SPDX-License-Identifier: MIT OR Apache-2.0
//! Entry points that read a hive.

use calhive_regf::hive::hidden::{Item, Shown};
use calhive_regf::hive::look_up::LookUp;
use calhive_regf::registry::{ControlSet, HiveKind, KindSigns};
use calhive_regf::{Hive, Key, KeyPath, Name, Value};
use hive_forge::family::Case;

use super::{Entry, ITEM, SAMPLE, sample, text};

pub(super) fn entries() -> Vec<Entry> {
    vec![
        Entry::new("parse", |case| on(case, |hive| text(format!("{hive:?}"))), [8, 1, 1, 1]),
        Entry::new("cells, bins and remnant", |case| on(case, cells), [8, 1, 1, 8]),
        Entry::new("walk", |case| on(case, |hive| walk(hive, false)), [64, 8, 16, 8]),
        Entry::new(
            "walk with names and values",
            |case| on(case, |hive| walk(hive, true)),
            [64, 8, 16, 16],
        ),
        Entry::new("data of a walk", |case| on(case, data), [64, 8, 16, 16]),
        Entry::new("paths of a walk", |case| on(case, paths), [64, 32, 128, 32]),
        Entry::new("look-up of a path", |case| on(case, look_up), [64, 8, 64, 1]),
        Entry::new("thorough look-up of a path", |case| on(case, thorough), [64, 8, 64, 64]),
        Entry::new("look-ups within one limit", |case| on(case, within), [64, 8, 64, 1]),
        Entry::new(
            "subkeys, values and spans of keys",
            |case| on(case, of_keys),
            [64, 32, 256, 64],
        ),
        Entry::new("names, data and spans of values", |case| on(case, of_values), [64, 8, 64, 64]),
        Entry::new("security of keys", |case| on(case, security), [64, 8, 64, 128]),
        Entry::new("check", |case| on(case, check), [128, 32, 256, 8]),
        Entry::new("hidden", |case| on(case, hidden), [128, 32, 256, 16]),
        Entry::new("hidden beside the tree", |case| on(case, beside), [128, 32, 256, 16]),
        Entry::new("paths of hidden items", |case| on(case, hidden_paths), [128, 32, 256, 64]),
        Entry::new("kind of a hive", |case| on(case, kind), [64, 8, 128, 1]),
        Entry::new("control sets", |case| on(case, control_sets), [64, 16, 64, 16]),
    ]
}

fn on(case: &Case, run: fn(Hive<'_>) -> u64) -> u64 {
    Hive::parse(&case.bytes).map_or_else(text, run)
}

fn cells(hive: Hive<'_>) -> u64 {
    let bins = hive.bins().count() + hive.cells().count();
    bins as u64 + hive.missing().map_or(0, |range| range.start) / 4096
}

fn walk(hive: Hive<'_>, with_values: bool) -> u64 {
    let mut walk = hive.walk().with_values(with_values);
    let mut output = 0;
    for entry in walk.by_ref() {
        output += ITEM;
        let Ok(entry) = entry else { continue };
        output += entry.values.count() as u64 * ITEM / 4;
    }
    output + walk.faults().len() as u64 * ITEM
}

fn data(hive: Hive<'_>) -> u64 {
    let mut walk = hive.walk().with_values(true);
    let mut output = 0;
    while let Some(entry) = walk.next() {
        for value in entry.into_iter().flat_map(|entry| entry.values).flatten() {
            output += match walk.data(value) {
                Ok(data) => data.to_bytes().len() as u64,
                Err(_) => {
                    let (data, _) = walk.available(value);
                    data.map_or(0, |data| data.segments().map(|it| it.len() as u64).sum())
                }
            };
        }
    }
    output
}

/// Paths of some keys. A path has at most 512 names, so the paths of all keys can be as long as the tree
/// is deep.
fn paths(hive: Hive<'_>) -> u64 {
    let step = (hive.walk().count() / SAMPLE).max(1);
    let mut walk = hive.walk();
    let (mut output, mut index) = (0, 0);
    while let Some(entry) = walk.next() {
        index += 1;
        if index % step == 0 && entry.is_ok() {
            output += text(walk.path()) + text(walk.path().to_key_path());
        }
    }
    let mut walk = hive.walk();
    let first = walk.entries_with_paths().next();
    output + first.and_then(Result::ok).map_or(0, |(path, _)| text(path))
}

fn some_paths(hive: Hive<'_>) -> Vec<KeyPath> {
    let keys: Vec<Key<'_>> = hive.walk().flatten().map(|entry| entry.key).collect();
    sample(keys).filter_map(|key| key.path_by_parents().ok()).collect()
}

fn look_up(hive: Hive<'_>) -> u64 {
    some_paths(hive).iter().filter(|path| matches!(hive.key(*path), Ok(Some(_)))).count() as u64
}

fn thorough(hive: Hive<'_>) -> u64 {
    let mut faults = 0;
    for path in some_paths(hive) {
        let found = hive.key_thorough(&path, |_| faults += 1);
        faults += u64::from(found.is_ok());
    }
    faults * ITEM
}

/// Look-ups of many names below many keys, all within one limit.
fn within(hive: Hive<'_>) -> u64 {
    let names = ["000001", "000777", "x", "absent"].map(Name::from);
    let Ok(root) = hive.root() else { return 0 };
    let mut left = hive.bin_bytes().len() / 4;
    let mut found = 0;
    for entry in hive.walk().flatten() {
        for name in names {
            for way in [LookUp::Thorough, LookUp::Trusting] {
                found += u64::from(entry.key.subkey_within(name, way, &mut left, |_| {}).is_some());
            }
        }
        let named = entry.key.named_subkeys(&names, &mut left);
        found += named.and_then(|it| it.subkey(2, |_| {})).map_or(0, |_| 1);
        if left == 0 {
            break;
        }
    }
    found + u64::from(root.is_root())
}

fn some_keys(hive: Hive<'_>) -> Vec<Key<'_>> {
    sample(hive.walk().flatten().map(|entry| entry.key).collect()).collect()
}

fn some_values(hive: Hive<'_>) -> Vec<Value<'_>> {
    let values = hive.walk().with_values(true).flatten().flat_map(|entry| entry.values.flatten());
    sample(values.collect()).collect()
}

fn of_keys(hive: Hive<'_>) -> u64 {
    let of = |key: Key<'_>| {
        let items = key.subkeys().count() + key.values().count() + key.spans().len();
        let class = key.class_name().ok().flatten().map_or(0, text);
        let link = key.link_target().map_or(0, |_| 1);
        let above = key.parent_chain().count() as u64;
        let faults = [key.name_fault().is_some(), key.parent().is_err()];
        let value = key.value("absent").map_or(1, |_| 2);
        let subkey = key.subkey("absent").map_or(1, |_| 2);
        let walked = key.walk().count() as u64;
        let name = text(key.name()) + text(format!("{key:?} {:?}", key.node_span()));
        items as u64 * ITEM
            + class
            + link
            + above
            + faults.len() as u64
            + value
            + subkey
            + name
            + walked
    };
    some_keys(hive).into_iter().map(of).sum()
}

fn of_values(hive: Hive<'_>) -> u64 {
    let of = |value: Value<'_>| {
        let (data, fault) = value.available();
        let pieces: u64 = data.segments().map(|piece| piece.len() as u64).sum();
        let whole = value.data().map_or(0, |data| data.to_bytes().len() as u64);
        let name = text(format!("{value:?}")) + value.name().to_string_lossy().len() as u64;
        name + pieces + whole + value.spans().len() as u64 * ITEM + u64::from(fault.is_some())
    };
    some_values(hive).into_iter().map(of).sum()
}

fn security(hive: Hive<'_>) -> u64 {
    let mut output = 0;
    for key in some_keys(hive) {
        let Ok(Some(security)) = key.security() else { continue };
        let Ok(descriptor) = security.descriptor() else { continue };
        for sid in [descriptor.owner(), descriptor.group()].into_iter().flatten().flatten() {
            output += text(sid);
        }
        for acl in [descriptor.dacl(), descriptor.sacl()].into_iter().flatten().flatten() {
            output += acl.entries().flatten().map(|entry| text(format!("{entry:?}"))).sum::<u64>();
        }
    }
    output
}

fn check(hive: Hive<'_>) -> u64 {
    let mut output = 0;
    let left_out = hive.check(|_| output += ITEM);
    output + left_out.min(1)
}

fn count_items(items: &[calhive_regf::hive::hidden::Hidden<'_>]) -> u64 {
    let of = |item: &calhive_regf::hive::hidden::Hidden<'_>| {
        let pieces = match &item.item {
            Item::Data { data, .. } => data.len() as u64,
            _ => 0,
        };
        ITEM * (1 + pieces)
    };
    items.iter().map(of).sum()
}

fn hidden(hive: Hive<'_>) -> u64 {
    let hidden = hive.hidden();
    count_items(&hidden) + hidden.faults().len() as u64
}

fn beside(hive: Hive<'_>) -> u64 {
    let mut output = 0;
    let hidden = hive.hidden_beside(|walk, shown| {
        output += match shown {
            Ok(Shown::Value(value)) => walk.data(value).map_or(1, |it| it.to_bytes().len() as u64),
            _ => ITEM,
        };
    });
    output + count_items(&hidden)
}

fn hidden_paths(hive: Hive<'_>) -> u64 {
    let hidden = hive.hidden();
    let paths: u64 =
        sample(hidden.iter().collect()).map(|item| hidden.path(item).map_or(0, text)).sum();
    paths + hidden.iter().map(text).sum::<u64>()
}

fn kind(hive: Hive<'_>) -> u64 {
    let signs = KindSigns::by(hive, LookUp::Trusting);
    signs.signs.len() as u64
        + u64::from(HiveKind::of(hive) == HiveKind::Other)
        + signs.conflicts().count() as u64
}

fn control_sets(hive: Hive<'_>) -> u64 {
    let mut faults = 0;
    let sets = [LookUp::Thorough, LookUp::Trusting]
        .map(|way| ControlSet::all(hive, way, |_| faults += 1).len() as u64);
    (sets[0] + sets[1] + faults) * ITEM
}
