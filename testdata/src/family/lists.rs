// SPDX-License-Identifier: MIT OR Apache-2.0

//! Lists that overlap, that repeat one element, and that many keys share.

use super::{Case, Family};
use crate::NIL;
use crate::hostile::list;
use crate::overlapping::{Bin, Wide, elements, full_lists, name, wide};

/// Bytes of a key with a name of six letters, and of the list element that leads to it.
const KEY: usize = 92;

pub(super) fn families() -> Vec<Family> {
    vec![
        Family {
            name: "keys whose cells overlap",
            make: |n| wide(count(n, 130), Wide::Keys).into(),
        },
        Family {
            name: "value lists that overlap",
            make: |n| wide(count(n, 140), Wide::ValueLists).into(),
        },
        Family {
            name: "subkey lists that overlap",
            make: |n| wide(count(n, 150), Wide::SubkeyLists).into(),
        },
        Family { name: "li that overlap", make: |n| full_lists(count(n, 100), *b"li").into() },
        Family { name: "lf that overlap", make: |n| full_lists(count(n, 100), *b"lf").into() },
        Family { name: "lh that overlap", make: |n| full_lists(count(n, 100), *b"lh").into() },
        Family { name: "ri that overlap", make: |n| full_lists(count(n, 100), *b"ri").into() },
        Family { name: "keys that share a value list", make: shared_values },
        Family { name: "keys that share a subkey list", make: shared_subkeys },
        Family { name: "keys that share a list of nothing", make: shared_nothing },
        Family { name: "keys that share an ri of empty leaves", make: shared_empty_leaves },
        Family { name: "keys that share an ri of one leaf", make: shared_leaf },
        Family { name: "keys that share an ri of nothing", make: shared_bad_leaves },
        Family { name: "keys that list each other", make: each_other },
        Family { name: "a chain of keys", make: chain },
        Family { name: "one key with all keys", make: flat },
        Family { name: "value lists beyond their count", make: beyond_values },
        Family { name: "lists beyond their count", make: beyond_list },
        Family { name: "unlisted keys below one key", make: unlisted },
        Family { name: "unlisted keys and bad elements", make: bad_elements },
        Family { name: "unreferenced value lists", make: moved_lists },
        Family { name: "control sets with one number", make: control_sets },
    ]
}

fn count(size: usize, each: usize) -> u32 {
    (size / each) as u32
}

/// A bin with a root and `count` keys below it.
fn keys(count: u32) -> (Bin, u32, Vec<u32>) {
    let mut bin = Bin::default();
    let root = bin.key("ROOT", 0x2C, NIL);
    let keys: Vec<u32> = (0..count).map(|at| bin.key(&name(at), 0x20, root)).collect();
    bin.list_subkeys(root, &keys);
    (bin, root, keys)
}

fn shared_values(size: usize) -> Case {
    let (mut bin, _, keys) = keys(count(size / 2, KEY));
    let value = bin.value("v", 0x8000_0004, 1, None);
    let many = count(size / 2, 4);
    let list = bin.cell(&elements(&vec![value; many as usize]), None);
    for key in keys {
        bin.put(key, 36, many);
        bin.put(key, 40, list);
    }
    bin.finish(&[]).into()
}

/// Half of the bytes are keys, and half a list that `list` writes. All keys lead to the list.
fn shared(size: usize, of: impl Fn(&mut Bin, u32, usize) -> u32) -> Case {
    let (mut bin, root, keys) = keys(count(size / 2, KEY));
    let child = bin.key("x", 0x20, root);
    let list = of(&mut bin, child, (size / 8).min(0xFFFF));
    for key in keys {
        bin.put(key, 20, 0xFFFF);
        bin.put(key, 28, list);
    }
    bin.finish(&[]).into()
}

fn shared_subkeys(size: usize) -> Case {
    shared(size, |bin, child, many| bin.cell(&list(b"li", &vec![child; many]), None))
}

fn shared_nothing(size: usize) -> Case {
    shared(size, |bin, _, many| bin.cell(&list(b"li", &vec![NIL; many]), None))
}

fn shared_empty_leaves(size: usize) -> Case {
    shared(size, |bin, _, many| {
        let leaf = bin.cell(&list(b"li", &[]), None);
        bin.cell(&list(b"ri", &vec![leaf; many]), None)
    })
}

fn shared_leaf(size: usize) -> Case {
    shared(size, |bin, child, many| {
        let leaf = bin.cell(&list(b"li", &vec![child; many / 2]), None);
        bin.cell(&list(b"ri", &vec![leaf; many / 2]), None)
    })
}

fn shared_bad_leaves(size: usize) -> Case {
    shared(size, |bin, _, many| bin.cell(&list(b"ri", &vec![NIL; many]), None))
}

fn each_other(size: usize) -> Case {
    let (mut bin, _, keys) = keys(count(size, KEY + 4));
    let all = &keys[..keys.len().min(0xFFFF)];
    let list = bin.cell(&list(b"li", all), None);
    for key in &keys {
        bin.put(*key, 20, all.len() as u32);
        bin.put(*key, 28, list);
    }
    bin.finish(&[]).into()
}

fn chain(size: usize) -> Case {
    let mut bin = Bin::default();
    let mut above = bin.key("ROOT", 0x2C, NIL);
    for at in 0..count(size, 108) {
        let key = bin.key(&name(at), 0x20, above);
        let below = bin.cell(&list(b"li", &[key]), None);
        bin.put(above, 20, 1);
        bin.put(above, 28, below);
        above = key;
    }
    bin.finish(&[]).into()
}

fn flat(size: usize) -> Case {
    keys(count(size, KEY + 4)).0.finish(&[]).into()
}

/// Each key counts one value. Its list, shared by all keys, has room for many more.
fn beyond_values(size: usize) -> Case {
    let (mut bin, _, keys) = keys(count(size / 3, KEY));
    let values: Vec<u32> =
        (0..count(size / 3, 40)).map(|at| bin.value(&name(at), 0x8000_0004, at, None)).collect();
    let lists: Vec<u32> = keys.iter().map(|_| bin.cell(&elements(&values[..1]), None)).collect();
    let tail = bin.cell(&elements(&values), None);
    for (key, list) in keys.iter().zip(&lists) {
        bin.put(*key, 36, 1);
        bin.put(*key, 40, *list);
    }
    debug_assert!(tail > 0);
    bin.finish(&lists).into()
}

/// Lists of one element each, whose cells reach over elements that lead to unlisted keys.
fn beyond_list(size: usize) -> Case {
    let (mut bin, _, keys) = keys(count(size / 3, KEY));
    let orphans: Vec<u32> = (0..count(size / 3, 100))
        .map(|at| bin.key(&name(at), 0x20, keys[at as usize % keys.len()]))
        .collect();
    let lists: Vec<u32> = keys.iter().map(|key| bin.cell(&list(b"li", &[*key]), None)).collect();
    let tail = bin.cell(&elements(&orphans), None);
    for (key, list) in keys.iter().zip(&lists) {
        bin.put(*key, 20, 1);
        bin.put(*key, 28, *list);
    }
    debug_assert!(tail > 0);
    bin.finish(&lists).into()
}

fn unlisted(size: usize) -> Case {
    let mut bin = Bin::default();
    let root = bin.key("ROOT", 0x2C, NIL);
    for at in 0..count(size, KEY) {
        bin.key(&name(at), 0x20, root);
    }
    bin.finish(&[]).into()
}

fn bad_elements(size: usize) -> Case {
    let mut bin = Bin::default();
    let root = bin.key("ROOT", 0x2C, NIL);
    for at in 0..count(size / 2, KEY) {
        bin.key(&name(at), 0x20, root);
    }
    let many = (size / 8).min(0xFFFF);
    let bad = bin.cell(&list(b"lh", &vec![8; many]), None);
    bin.put(root, 20, many as u32 / 2);
    bin.put(root, 28, bad);
    bin.finish(&[]).into()
}

/// Keys that count a value and have no list, and cells that hold lists of unlisted values.
fn moved_lists(size: usize) -> Case {
    let (mut bin, _, keys) = keys(count(size / 2, KEY));
    for key in &keys {
        bin.put(*key, 36, 1);
        bin.put(*key, 40, 0x20);
        bin.put(*key, 60, 8);
    }
    for at in 0..count(size / 2, 56) {
        let value = bin.value(&name(at), 0x8000_0004, at, None);
        bin.cell(&elements(&[value; 3]), None);
    }
    bin.finish(&[]).into()
}

fn control_sets(size: usize) -> Case {
    let mut bin = Bin::default();
    let root = bin.key("ROOT", 0x2C, NIL);
    let keys: Vec<u32> =
        (0..count(size, KEY + 8)).map(|_| bin.key("ControlSet001", 0x20, root)).collect();
    bin.list_subkeys(root, &keys);
    bin.finish(&[]).into()
}
