// SPDX-License-Identifier: MIT OR Apache-2.0
//! Keys, values, names and data that the live tree leaves out while the bytes still hold them.

mod clean;
mod corpus;
mod cost;
mod data;
mod fragment;
mod keys;
mod laboratory;
mod named;
mod names;
mod values;
mod zeroed;

use calhive_regf::hive::hidden::{HiddenBy, Item, Weight};
use calhive_regf::{Bytes, Hive};
use hive_forge::tree::{Key, Tree, Value};
use hive_forge::{Forged, NIL, Options, write};

/// Size of `Alpha:big`, in three segments.
const BIG: usize = 2 * hive_forge::SEGMENT + 100;

fn tree() -> Tree {
    let a = Key::new("Alpha")
        .class("class")
        .binary("binary", &[7; 44])
        .dword("number", 0x0102_0304)
        .value(Value::qword("long", 0x0102_0304_0506_0708))
        .sz("text", "some text that is long")
        .binary("big", &[9; BIG])
        .value(Value::sz("", "the default value"))
        .key(Key::new("below").dword("number", 2).key(Key::new("deep")));
    let mut tree = Tree::new("ROOT");
    tree.root.subkeys = vec![a, Key::new("Bravo").dword("of Bravo", 3), Key::new("Charlie")];
    tree.root.subkeys.push(Key::new(hive_forge::tree::Name::from("\u{394}\u{3b4}\u{3c0}")));
    tree
}

fn forged() -> Forged {
    write(&tree(), &Options::default())
}

/// All hidden items, one line each: kind, path, hiding field, weight, and whether another item
/// hides it.
fn hidden(bytes: &[u8]) -> Vec<String> {
    let hive = Hive::parse(bytes).unwrap();
    let hidden = hive.hidden();
    assert_eq!(hidden.faults(), []);
    let line = |item: &calhive_regf::hive::hidden::Hidden<'_>| {
        let path = hidden.path(item).map_or("?".to_owned(), |path| path.to_string());
        let what = match &item.item {
            Item::Key(_) => format!("key {path}"),
            Item::Value(value) => format!("value {path}:{}", value.name()),
            Item::KeyName { name, .. } => format!("name {path} is {name}"),
            Item::ValueName { name, .. } => format!("name {path}:{name}"),
            Item::Data { value, data } => {
                let size: usize = data.iter().copied().map(Bytes::len).sum();
                format!("data {path}:{} {size}", value.name())
            }
        };
        let weight = if item.weight == Weight::LeftOver { " left over" } else { "" };
        let below = if item.below.is_some() { " below" } else { "" };
        format!("{what} {:?}{weight}{below}", item.by)
    };
    hidden.iter().map(line).collect()
}

/// Asserts the offset, value and suggested value of the field that hides, for all items that this
/// field hides.
#[track_caller]
fn field(hive: &Forged, by: HiddenBy, record: &str, name: &str, suggested: u64) {
    let bytes = &hive.bytes;
    let hidden = Hive::parse(bytes).unwrap().hidden();
    let (place, found) = (hive.field(record, name).start as u64, hive.get(record, name));
    assert!(!hidden.is_empty());
    for item in hidden.iter().filter(|item| item.by == by) {
        assert_eq!((item.place.get(), item.found), (place, found), "{item:?}");
        assert_eq!(item.suggested, Some(suggested), "{item:?}");
        assert_eq!(item.weight, Weight::Contradiction);
    }
    assert!(hidden.iter().any(|item| item.by == by), "{hidden:#?}");
}

#[test]
fn sound_hive_hides_nothing() {
    assert_eq!(hidden(&forged().bytes), Vec::<String>::new());
}

#[test]
fn moved_root_is_found_and_suggested() {
    let rest = [
        "key Bravo Root below",
        "value Bravo:of Bravo Root below",
        "key Charlie Root below",
        "key \u{394}\u{3b4}\u{3c0} Root below",
    ];
    let mut hive = forged();
    let right = hive.get("base", "root");
    hive.set("base", "root", u64::from(hive.offset("key Alpha"))).seal();
    assert_eq!(hidden(&hive.bytes)[1..], rest);
    assert_eq!(hidden(&hive.bytes)[0], "key  Root");
    field(&hive, HiddenBy::Root, "base", "root", right);

    // If the root offset leads to no key, the tree is shown, and the root is reported as hidden.
    for nowhere in [NIL, 0, 0x7FFF_FFF0] {
        let mut hive = forged();
        hive.set("base", "root", u64::from(nowhere)).seal();
        let read = Hive::parse(&hive.bytes).unwrap();
        assert_eq!(read.walk().filter(Result::is_ok).count(), 7);
        assert_eq!(hidden(&hive.bytes), ["key  Root"]);
        field(&hive, HiddenBy::Root, "base", "root", right);
    }
}

/// A check reports each hiding field once, however much the field hides.
#[test]
fn hiding_field_is_reported_once_by_check() {
    use calhive_regf::ErrorKind;
    let mut hive = forged();
    hive.set("key ", "subkey_count", 0);
    let place = hive.field("key ", "subkey_count").start as u64;
    let mut reported = Vec::new();
    Hive::parse(&hive.bytes).unwrap().check(|violation| {
        if let ErrorKind::Hidden { structure, by } = violation.error.kind() {
            reported.push((structure, by, violation.error.offset().get()));
        }
    });
    assert_eq!(reported, [(calhive_regf::Structure::KeyNode, HiddenBy::SubkeyCount, place)]);
}
