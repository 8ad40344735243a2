// SPDX-License-Identifier: MIT OR Apache-2.0

//! Hives that are damaged on purpose, if possible in one field. A reader must end on each of them
//! in under a second and under 64 MiB, with a fault or an error.

use crate::group::Kind;
use crate::space::{BASE_BLOCK, NIL};
use crate::tree::{Key, Name, Tree, Value};
use crate::{Forged, Options, SEGMENT, write};

/// A damaged hive.
#[derive(Clone, Debug)]
pub struct Hostile {
    /// Name of the damage.
    pub name: &'static str,
    /// The hive.
    pub bytes: Vec<u8>,
}

/// All hostile hives.
pub fn all() -> Vec<Hostile> {
    let mut all = Vec::new();
    let mut add = |name, hive: Forged| all.push(Hostile { name, bytes: hive.bytes });
    let nil = u64::from(NIL);

    add("root offset NIL", broken("base", "root", nil));
    add("root offset past the end", broken("base", "root", 0x7FFF_FFF0));
    add("root cell size 0", broken("key ", "cell_size", 0));
    add("root cell size i32 MIN", broken("key ", "cell_size", 0x8000_0000));
    add("child cell size 0", broken("key A", "cell_size", 0));
    add("leaf element NIL", broken("list ", "element 0", nil));
    add("lh count 0", broken("list ", "count", 0));
    add("lh count 65535", broken("list ", "count", 0xFFFF));
    add("ri lists itself", ri_of_itself(1));
    add("ri lists itself 200 times", ri_of_itself(200));
    add("ri nested five deep", nested_ri());
    add("child lists its parent's subkeys", cycle());
    add("24 levels of eight links to the same child", diamonds());
    add("chain of 50000 keys", chain(50_000));
    add("value count 0xFFFFFFF0", broken("key A", "value_count", 0xFFFF_FFF0));
    add("name length 65535", broken("key A", "name_length", 0xFFFF));
    add("value data size 0x7FFFFFFF", broken("value A:binary", "data_size", 0x7FFF_FFFF));
    add("db of 65535 segments that are one", amplified());
    add("class length 65535", broken("key A", "class_length", 0xFFFF));
    add("UTF-16 name of odd length", broken("key \u{394}\u{3b4}", "name_length", 3));
    add("last-written time all ones", broken("key A", "last_written", u64::MAX));
    add("predefined handle", predefined_handle());
    add("cut at 4096", cut(4096));
    add("cut at 4136", cut(4136));
    add("cut at 100", cut(100));
    add("cut at 0", cut(0));
    add("bins size 0xFFFFF000", broken("base", "bins_size", 0xFFFF_F000));
    add("ri to an empty leaf", empty_leaf());
    add("db list NIL", broken("data A:big", "list", nil));
    add("value data offset NIL", broken("value A:binary", "data", nil));
    add("value element NIL", broken("values A", "element 0", nil));
    all
}

/// A hive of `keys` keys that share one value list. The list has `keys` elements that name one
/// value: a naive walk of 20,000 keys sees 400 million values.
pub fn shared_value_list(keys: usize) -> Vec<u8> {
    let mut tree = Tree::new("ROOT");
    tree.root.subkeys = (0..keys).map(|number| Key::new(format!("{number:05}").as_str())).collect();
    tree.root.values.push(Value::dword("shared", 1));
    let mut hive = write(&tree, &Options::default());
    let value = hive.offset("value :shared").to_le_bytes();
    let list = hive.append(&[&value.repeat(keys)])[0];
    let cells: Vec<usize> = hive
        .map
        .records
        .iter()
        .filter(|record| record.part.kind == Kind::Key)
        .map(|record| record.offset)
        .collect();
    for cell in cells {
        let count = keys as u32;
        hive.bytes[cell + 4 + 36..][..4].copy_from_slice(&count.to_le_bytes());
        hive.bytes[cell + 4 + 40..][..4].copy_from_slice(&list.to_le_bytes());
    }
    hive.seal();
    hive.bytes
}

/// A small hive with one of each structure.
fn sound() -> Tree {
    let mut tree = Tree::new("ROOT");
    let a = Key::new("A")
        .class("class")
        .binary("binary", &[7; 40])
        .dword("number", 1)
        .sz("text", "some text")
        .binary("big", &[9; SEGMENT + 1])
        .key(Key::new("below").dword("number", 2));
    tree.root.subkeys = vec![a, Key::new("B"), Key::new("C").key(Key::new("D"))];
    tree.root.subkeys.push(Key::new(Name::from("\u{394}\u{3b4}")));
    tree
}

fn forged() -> Forged {
    write(&sound(), &Options::default())
}

fn broken(record: &str, field: &str, value: u64) -> Forged {
    let mut hive = forged();
    hive.set(record, field, value).seal();
    hive
}

fn cut(len: usize) -> Forged {
    let mut hive = forged();
    hive.bytes.truncate(len);
    hive
}

/// Returns the bytes of an ri or li.
pub(crate) fn list(signature: &[u8; 2], elements: &[u32]) -> Vec<u8> {
    let mut bytes = signature.to_vec();
    bytes.extend_from_slice(&(elements.len() as u16).to_le_bytes());
    bytes.extend(elements.iter().flat_map(|element| element.to_le_bytes()));
    bytes
}

/// Overwrites the content of an appended cell.
fn rewrite(hive: &mut Forged, cell: u32, content: &[u8]) {
    let start = BASE_BLOCK + cell as usize + 4;
    hive.bytes[start..start + content.len()].copy_from_slice(content);
}

fn ri_of_itself(times: usize) -> Forged {
    let mut hive = forged();
    let ri = hive.append(&[&list(b"ri", &vec![0; times])])[0];
    rewrite(&mut hive, ri, &list(b"ri", &vec![ri; times]));
    hive.set("key ", "subkeys", u64::from(ri)).seal();
    hive
}

/// Five levels of ri. All 64 elements of a level refer to the next level; the last level refers to
/// a leaf.
fn nested_ri() -> Forged {
    let mut hive = forged();
    let mut next = hive.offset("list ");
    let empty = list(b"ri", &[0; 64]);
    let cells = hive.append(&[empty.as_slice(); 5]);
    for &cell in &cells {
        rewrite(&mut hive, cell, &list(b"ri", &[next; 64]));
        next = cell;
    }
    hive.set("key ", "subkeys", u64::from(next)).seal();
    hive
}

fn cycle() -> Forged {
    let mut hive = forged();
    for field in ["subkeys", "subkey_count"] {
        let parents = hive.get("key ", field);
        hive.set("key A", field, parents);
    }
    hive.seal();
    hive
}

fn diamonds() -> Forged {
    /// Returns the number of levels of keys, including the root.
    const LEVELS: usize = 24;
    let mut tree = Tree::new("ROOT");
    tree.root.at(&["k"; LEVELS - 1].join("\\"));
    let mut hive = write(&tree, &Options::default());
    for level in 0..LEVELS - 1 {
        let child = hive.offset(&format!("key {}", vec!["k"; level + 1].join("\\")));
        let eight = hive.append(&[&list(b"li", &[child; 8])])[0];
        let parent = format!("key {}", vec!["k"; level].join("\\"));
        hive.set(&parent, "subkeys", u64::from(eight)).set(&parent, "subkey_count", 8);
    }
    hive.seal();
    hive
}

fn chain(keys: usize) -> Forged {
    let mut key = Key::new("k");
    for _ in 2..keys {
        key = Key::new("k").key(key);
    }
    let mut tree = Tree { root: Key::new("ROOT").key(key) };
    let hive = write(&tree, &Options::default());
    // Dropping such a long chain at once would overflow the stack.
    let mut rest = std::mem::take(&mut tree.root.subkeys);
    while let Some(mut key) = rest.pop() {
        rest.append(&mut key.subkeys);
    }
    hive
}

fn amplified() -> Forged {
    const SEGMENTS: u16 = u16::MAX;
    let mut hive = forged();
    let segment = hive.offset("segment A:big:0").to_le_bytes();
    let list = hive.append(&[&segment.repeat(usize::from(SEGMENTS))])[0];
    hive.set("value A:big", "data_size", u64::from(SEGMENTS) * SEGMENT as u64)
        .set("data A:big", "segments", u64::from(SEGMENTS))
        .set("data A:big", "list", u64::from(list))
        .seal();
    hive
}

fn predefined_handle() -> Forged {
    let mut hive = forged();
    let flags = hive.get("key A", "flags");
    hive.set("key A", "flags", flags | 0x40).set("key A", "value_count", 0x8000_0002).seal();
    hive
}

fn empty_leaf() -> Forged {
    let mut hive = write(&sound(), &Options { leaf_elements: 2, ..Options::default() });
    hive.set("leaf :0", "count", 0).seal();
    hive
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_31_hostile_hives() {
        let all = all();
        assert_eq!(all.len(), 31);
        let names: std::collections::HashSet<_> = all.iter().map(|hostile| hostile.name).collect();
        assert_eq!(names.len(), 31);
        let size =
            |name: &str| all.iter().find(|hostile| hostile.name == name).unwrap().bytes.len();
        assert!(size("db of 65535 segments that are one") < 300_000);
        assert!((5_000_000..5_500_000).contains(&size("chain of 50000 keys")));
    }

    #[test]
    fn shared_value_list_is_as_small_as_stated() {
        let hive = shared_value_list(20_000);
        assert!((1_900_000..2_100_000).contains(&hive.len()), "{}", hive.len());
    }
}
