// SPDX-License-Identifier: MIT OR Apache-2.0
//! hive-forge builds a hive from a script of operations: calhive reads everything as written, and
//! reports nothing that is not there.

#[path = "../../regf/tests/same_tree.rs"]
mod same_tree;

use calhive_regf::Hive;
use calhive_regf::hive::hidden::{HiddenBy, Weight};
use calhive_regf::recover::carve::{Kind, carve_bytes, extract};
use hive_forge::tree::{Key, Name, Security, Tree, Value};
use hive_forge::{ListKind, Locality, Options, SEGMENT, upcase, write};

use crate::script::Script;

/// Most operations of a script.
const OPERATIONS: usize = 200;
/// Most levels of keys below the root.
const DEPTH: usize = 40;

/// Forges the hive that `bytes` describe, and reads it.
pub fn structure(bytes: &[u8]) {
    let mut script = Script::new(bytes);
    let options = options(&mut script);
    let tree = tree(&mut script, options.minor);
    let forged = write(&tree, &options).bytes;
    let hive = Hive::parse(&forged).expect("a forged hive is readable");
    assert!(!hive.is_dirty());
    let root = hive.root().expect("a forged hive has a root");
    let keys = same_tree::same_tree(root, &tree, options.minor);
    let walk = hive.walk().inspect(|entry| assert!(entry.is_ok(), "{entry:?}"));
    assert_eq!(walk.count(), keys);
    hive.check(|violation| panic!("a forged hive has a fault: {violation:?}"));
    nothing_false(hive);
    crate::look_up::look_up(&forged);
    if options.minor >= 3 {
        crate::nt_hive::is_read_alike(&forged);
    }
    is_carved(&forged, bytes);
}

fn options(script: &mut Script<'_>) -> Options {
    let lists = [ListKind::Auto, ListKind::Li, ListKind::Lf, ListKind::Lh];
    let localities = [Locality::InOrder, Locality::Shuffled(7), Locality::Aged(3)];
    Options {
        minor: u32::from(script.byte() % 6) + 1,
        list: lists[script.below(lists.len())],
        leaf_elements: [507, 1, 2, 3, 7][script.below(5)],
        locality: localities[script.below(localities.len())],
        ..Options::default()
    }
}

/// Builds a tree within the limits of hive-forge: the upper-case names of siblings differ, and each
/// key has a name.
fn tree(script: &mut Script<'_>, minor: u32) -> Tree {
    let mut tree = Tree::new("ROOT");
    let mut path: Vec<usize> = Vec::new();
    for _ in 0..OPERATIONS {
        if script.is_empty() {
            break;
        }
        let key = path.iter().fold(&mut tree.root, |key, index| &mut key.subkeys[*index]);
        match script.below(8) {
            0 | 1 => {
                let name = script.name(30);
                if !name.is_empty() && is_new(&name, key.subkeys.iter().map(|it| &it.name)) {
                    key.subkeys.push(Key::new(name).written(u64::from(script.number()) << 32));
                    if path.len() < DEPTH && script.byte() & 1 == 0 {
                        path.push(key.subkeys.len() - 1);
                    }
                }
            }
            2 | 3 => value(script, key, minor),
            4 => drop(path.pop()),
            5 if !key.subkeys.is_empty() && path.len() < DEPTH => {
                path.push(script.below(key.subkeys.len()));
            }
            6 => {
                let class = script.bytes(40).iter().map(|byte| u16::from(*byte)).collect();
                key.class = Some(class).filter(|class: &Vec<u16>| !class.is_empty());
            }
            _ => key.security = Security::administrators_full(),
        }
    }
    tree
}

fn value(script: &mut Script<'_>, key: &mut Key, minor: u32) {
    let name = script.name(30);
    if !is_new(&name, key.values.iter().map(|it| &it.name)) {
        return;
    }
    let kind = u32::from(script.byte());
    let data = match script.below(5) {
        // Long data, which are in segments from version 1.4 on.
        0 => vec![script.byte(); SEGMENT - 2 + script.below(5)],
        1 if minor > 3 => vec![script.byte(); 2 * SEGMENT + script.below(3)],
        _ => script.bytes(60).to_vec(),
    };
    key.values.push(Value::new(name, kind, &data));
}

/// Whether no other name has the same upper-case form.
fn is_new<'n>(name: &Name, mut others: impl Iterator<Item = &'n Name>) -> bool {
    let units = name.units();
    !others.any(|other| upcase::compare(&other.units(), &units).is_eq())
}

/// Asserts that calhive finds nothing hidden and nothing deleted.
fn nothing_false(hive: Hive<'_>) {
    let hidden = hive.hidden();
    // A script has data of all kinds under each type, and ASCII names in UTF-16.
    let by_chance =
        |by: HiddenBy| matches!(by, HiddenBy::DataType | HiddenBy::NameFlag | HiddenBy::Terminator);
    for item in hidden.iter() {
        assert!(item.weight == Weight::LeftOver && by_chance(item.by), "{item:#?}");
    }
    assert_eq!(hidden.faults(), []);
    let recovery = hive.recover();
    assert_eq!(recovery.iter().count(), 0, "{:#?}", recovery.iter().next());
    assert_eq!(recovery.faults(), []);
}

/// Asserts that the hive is carved whole out of raw bytes.
fn is_carved(forged: &[u8], noise: &[u8]) {
    let mut raw = noise.to_vec();
    raw.resize(noise.len().next_multiple_of(512), 0);
    let at = raw.len();
    raw.extend_from_slice(forged);
    raw.extend_from_slice(noise);
    let mut place = None;
    carve_bytes(&raw, None, |carved| {
        if matches!(carved.kind, Kind::Hive { .. }) && carved.place.offset.get() == at as u64 {
            assert!(carved.is_whole, "{carved:?}");
            place = Some(carved.place);
        }
    });
    let place = place.expect("the hive is carved");
    let again = extract(&mut std::io::Cursor::new(&raw), place).expect("bytes in memory");
    assert!(again == forged, "the carved hive is the hive");
}
