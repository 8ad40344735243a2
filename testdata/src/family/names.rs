// SPDX-License-Identifier: MIT OR Apache-2.0

//! Names, class names and security records that overlap, or that many keys share.

use super::{Case, Family};
use crate::NIL;
use crate::overlapping::{Bin, elements, name};

pub(super) fn families() -> Vec<Family> {
    vec![
        Family { name: "key names that overlap", make: |n| key_names(n, 0x20) },
        Family { name: "UTF-16 key names that overlap", make: |n| key_names(n, 0) },
        Family { name: "value names that overlap", make: |n| value_names(n, 1) },
        Family { name: "UTF-16 value names that overlap", make: |n| value_names(n, 0) },
        Family { name: "class names that overlap", make: |n| classes(n, true) },
        Family { name: "a class name that all keys share", make: |n| classes(n, false) },
        Family { name: "security records that overlap", make: |n| security(n, true) },
        Family { name: "a security record that all keys share", make: |n| security(n, false) },
        Family { name: "values of one name", make: |n| same_names(n) },
        Family { name: "long names in a chain", make: long_chain },
        Family { name: "values whose names look cut", make: cut_names },
    ]
}

fn count(size: usize, each: usize) -> u32 {
    (size / each) as u32
}

/// Keys whose names reach over the keys after them.
fn key_names(size: usize, flags: u16) -> Case {
    let mut bin = Bin::default();
    let root = bin.key("ROOT", 0x2C, NIL);
    let keys: Vec<u32> = (0..count(size, 92)).map(|at| bin.key(&name(at), flags, root)).collect();
    bin.list_subkeys(root, &keys);
    for key in &keys {
        bin.put(*key, 72, 0xFFFE);
    }
    bin.finish(&keys).into()
}

fn value_names(size: usize, flag: u32) -> Case {
    let mut bin = Bin::default();
    let root = bin.key("ROOT", 0x2C, NIL);
    let values: Vec<u32> =
        (0..count(size, 36)).map(|at| bin.value(&name(at), 0x8000_0004, at, None)).collect();
    for value in &values {
        bin.put(*value, 0, u32::from_le_bytes([b'v', b'k', 0xFE, 0xFF]));
        bin.put(*value, 16, flag);
    }
    let list = bin.cell(&elements(&values), None);
    bin.put(root, 36, values.len() as u32);
    bin.put(root, 40, list);
    bin.finish(&values).into()
}

fn classes(size: usize, own: bool) -> Case {
    let mut bin = Bin::default();
    let root = bin.key("ROOT", 0x2C, NIL);
    let each = if own { 108 } else { 92 };
    let keys: Vec<u32> = (0..count(size, each)).map(|at| bin.key(&name(at), 0x20, root)).collect();
    bin.list_subkeys(root, &keys);
    let cells: Vec<u32> = keys
        .iter()
        .take(if own { usize::MAX } else { 1 })
        .map(|_| bin.cell(b"c\0", None))
        .collect();
    for (key, class) in keys.iter().zip(cells.iter().cycle()) {
        bin.put(*key, 48, *class);
        bin.put(*key, 72, 0xFFFE_0006);
    }
    bin.finish(&cells).into()
}

/// Security records with a list of access entries that fills the rest of the bin.
fn security(size: usize, own: bool) -> Case {
    let mut bin = Bin::default();
    let root = bin.key("ROOT", 0x2C, NIL);
    let (each, many) = if own { (160, count(size, 250)) } else { (92, count(size / 2, 92)) };
    debug_assert!(each > 0);
    let keys: Vec<u32> = (0..many).map(|at| bin.key(&name(at), 0x20, root)).collect();
    bin.list_subkeys(root, &keys);
    // The descriptor has a list of entries at offset 20, which counts all that the bytes can hold.
    let mut record = b"sk\0\0".to_vec();
    record.extend([0_u32, 0, 1, 0xFFFF].map(u32::to_le_bytes).concat());
    record.extend([1, 0, 4, 0x80]);
    record.extend([0_u32, 0, 0, 20].map(u32::to_le_bytes).concat());
    record.extend([2, 0, 0xF0, 0xFF, 0xFF, 0xFF, 0, 0]);
    let cells: Vec<u32> = keys
        .iter()
        .take(if own { usize::MAX } else { 1 })
        .map(|_| {
            let cell = bin.cell(&record, None);
            // Access entries of four bytes.
            bin.cell(&[0, 0, 4, 0].repeat(15), None);
            cell
        })
        .collect();
    if !own {
        bin.cell(&[0, 0, 4, 0].repeat(size / 8), None);
    }
    for (key, cell) in keys.iter().zip(cells.iter().cycle()) {
        bin.put(*key, 44, *cell);
    }
    bin.finish(&cells).into()
}

fn same_names(size: usize) -> Case {
    let mut bin = Bin::default();
    let root = bin.key("ROOT", 0x2C, NIL);
    let values: Vec<u32> =
        (0..count(size, 36)).map(|at| bin.value("same", 0x8000_0004, at, None)).collect();
    let list = bin.cell(&elements(&values), None);
    bin.put(root, 36, values.len() as u32);
    bin.put(root, 40, list);
    bin.finish(&[]).into()
}

/// A chain of keys with names of 255 letters, and a leaf key below each.
fn long_chain(size: usize) -> Case {
    let mut bin = Bin::default();
    let mut above = bin.key("ROOT", 0x2C, NIL);
    for at in 0..count(size, 460) {
        let key = bin.key(&format!("{at:05}{}", "y".repeat(250)), 0x20, above);
        let leaf = bin.key("leaf", 0x20, above);
        let both = [&b"li\x02\0"[..], &elements(&[leaf, key])].concat();
        let below = bin.cell(&both, None);
        bin.put(above, 20, 2);
        bin.put(above, 28, below);
        above = key;
    }
    bin.finish(&[]).into()
}

/// Values without a name, in cells with room for a long one that overlaps others.
fn cut_names(size: usize) -> Case {
    let mut bin = Bin::default();
    let root = bin.key("ROOT", 0x2C, NIL);
    let values: Vec<u32> =
        (0..count(size, 44)).map(|at| bin.value("abcdefghij", 0x8000_0004, at, None)).collect();
    for value in &values {
        bin.put(*value, 0, u32::from_le_bytes([b'v', b'k', 0, 0]));
    }
    let list = bin.cell(&elements(&values), None);
    bin.put(root, 36, values.len() as u32);
    bin.put(root, 40, list);
    bin.finish(&values).into()
}
