// SPDX-License-Identifier: MIT OR Apache-2.0

//! Small hives that cause much work: many keys share a list. Each field is valid by itself, but
//! cells are referenced again and again.

use crate::group::Kind;
use crate::hostile::{Hostile, list};
use crate::tree::{Key, Tree, Value};
use crate::{Forged, Options, write};

/// Number of keys that share a list, and of elements in the list.
const MANY: usize = 2000;
/// Largest number of elements of a list.
const FULL: usize = 65_535;

/// All amplified hives.
pub fn all() -> Vec<Hostile> {
    vec![
        Hostile { name: "licenses that share a list of values", bytes: licenses() },
        Hostile { name: "control sets that share a list of subkeys", bytes: control_sets() },
        Hostile { name: "keys that share an ri of empty leaves", bytes: shared_root(false) },
        Hostile { name: "keys that share an ri of nothing", bytes: shared_root(true) },
        Hostile { name: "a list of very many license servers", bytes: servers() },
    ]
}

fn cells(hive: &Forged, kind: Kind) -> Vec<usize> {
    let records = hive.map.records.iter().filter(|record| record.part.kind == kind);
    records.map(|record| record.offset).collect()
}

/// Writes numbers into the node of a key, at `at`.
fn put(hive: &mut Forged, cell: usize, at: usize, number: u32) {
    hive.bytes[cell + 4 + at..][..4].copy_from_slice(&number.to_le_bytes());
}

/// A store of 2,000 licenses. Each has the same 2,000 values, and all of these are one value.
fn licenses() -> Vec<u8> {
    let mut tree = Tree::new("ROOT");
    tree.root.at("Classes");
    let store = tree.root.at(r"Microsoft\MSLicensing\Store");
    let license = |number| Key::new(format!("LICENSE{number:03}").as_str());
    store.subkeys = (0..MANY).map(license).collect();
    store.values.push(Value::dword("shared", 1));
    let mut hive = write(&tree, &Options::default());
    let value = hive.offset(r"value Microsoft\MSLicensing\Store:shared").to_le_bytes();
    let values = hive.append(&[&value.repeat(MANY)])[0];
    for cell in cells(&hive, Kind::Key) {
        put(&mut hive, cell, 36, MANY as u32);
        put(&mut hive, cell, 40, values);
    }
    hive.seal();
    hive.bytes
}

/// 300 control sets. Each lists one subkey 65,535 times.
fn control_sets() -> Vec<u8> {
    let mut tree = Tree::new("ROOT");
    tree.root.at("Select").push(Value::dword("Current", 1));
    let set = |number| Key::new(format!("ControlSet{number:03}").as_str());
    tree.root.subkeys.extend((1..=300).map(set));
    tree.root.at("other");
    share(&tree, "key other", |key| list(b"li", &vec![key; FULL]), |name| name != "key ")
}

/// 2,000 keys that share an ri. The ri refers 65,535 times to an empty leaf or to nothing.
fn shared_root(of_nothing: bool) -> Vec<u8> {
    let mut tree = Tree::new("ROOT");
    tree.root.subkeys = (0..MANY).map(|number| Key::new(format!("{number:05}").as_str())).collect();
    let mut hive = write(&tree, &Options::default());
    let leaf = if of_nothing { u32::MAX } else { hive.append(&[&list(b"li", &[])])[0] };
    let root = hive.append(&[&list(b"ri", &vec![leaf; FULL])])[0];
    let own = BASE + hive.offset("key ") as usize;
    for cell in cells(&hive, Kind::Key).into_iter().filter(|cell| *cell != own) {
        put(&mut hive, cell, 20, FULL as u32);
        put(&mut hive, cell, 28, root);
    }
    hive.seal();
    hive.bytes
}

/// File offset of the first cell.
const BASE: usize = crate::space::BASE_BLOCK;

/// Writes the tree with one list of subkeys for all keys except the root.
fn share(
    tree: &Tree,
    element: &str,
    made: impl Fn(u32) -> Vec<u8>,
    is_ours: impl Fn(&str) -> bool,
) -> Vec<u8> {
    let mut hive = write(tree, &Options::default());
    let content = made(hive.offset(element));
    let subkeys = hive.append(&[&content])[0];
    let names: Vec<String> = hive.records().map(String::from).collect();
    for name in names.iter().filter(|name| name.starts_with("key ") && is_ours(name)) {
        hive.set(name, "subkeys", u64::from(subkeys)).set(name, "subkey_count", FULL as u64);
    }
    hive.seal();
    hive.bytes
}

/// One value with 50,000 license servers.
fn servers() -> Vec<u8> {
    let mut tree = Tree::new("ROOT");
    tree.root.at("Select").push(Value::dword("Current", 1));
    let names: Vec<String> = (0..50_000).map(|number| format!("{number}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    tree.root
        .at(r"ControlSet001\Services\TermService\Parameters\LicenseServers")
        .push(Value::multi_sz("SpecifiedLicenseServers", &names));
    write(&tree, &Options::default()).bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amplified_hives_are_small() {
        for hostile in all() {
            assert!(hostile.bytes.len() < 1_000_000, "{}", hostile.name);
        }
    }
}
