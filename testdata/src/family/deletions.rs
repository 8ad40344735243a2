// SPDX-License-Identifier: MIT OR Apache-2.0

//! Deleted keys and values: long paths, shared lists and data, copies of live items.

use super::{Case, Family};
use crate::NIL;
use crate::SEGMENT;
use crate::overlapping::{Bin, elements, name};

pub(super) fn families() -> Vec<Family> {
    vec![
        Family { name: "deleted keys below a long path", make: below_a_path },
        Family { name: "a chain of deleted keys", make: chain },
        Family { name: "deleted keys in a ring", make: ring },
        Family { name: "deleted keys that share a value list", make: shared_list },
        Family { name: "deleted values that share data", make: shared_data },
        Family { name: "deleted values that share segments", make: shared_segments },
        Family { name: "deleted values with data between live cells", make: pieces },
        Family { name: "deleted copies of a key with many values", make: many_values },
        Family { name: "deleted copies of keys in a long list", make: |n| copies(n, false) },
        Family { name: "deleted copies of keys in an unsorted list", make: |n| copies(n, true) },
        Family { name: "deleted copies of one large value", make: large_value },
        Family { name: "deleted values in the slack of a list", make: slack_elements },
        Family { name: "deleted values without names", make: smallest },
        Family { name: "deleted keys with long names", make: long_names },
        Family { name: "deleted keys of one parent", make: one_parent },
        Family { name: "letters nk in free cells", make: |n| letters(n, *b"nk") },
        Family { name: "letters vk in free cells", make: |n| letters(n, *b"vk") },
        Family { name: "data that end with older data", make: slack },
        Family { name: "records in bytes after the last bin", make: remnant },
    ]
}

fn begin() -> (Bin, u32) {
    let mut bin = Bin::default();
    let root = bin.key("ROOT", 0x2C, NIL);
    (bin, root)
}

fn deleted_key(bin: &mut Bin, name: &str, parent: u32) -> u32 {
    let key = bin.key(name, 0x20, parent);
    bin.free(key);
    key
}

fn deleted_value(bin: &mut Bin, name: &str, size: u32, data: u32) -> u32 {
    bin.value(name, size, data, Some(0))
}

/// A third of the bytes is a chain of up to 500 keys with long names.
fn below_a_path(size: usize) -> Case {
    let (mut bin, root) = begin();
    let mut parent = root;
    for at in 0..(size / 3 / 330).min(500) {
        parent = deleted_key(&mut bin, &format!("{at:03}{}", "x".repeat(247)), parent);
    }
    for at in 0..(size * 2 / 3 / 88) as u32 {
        deleted_key(&mut bin, &name(at), parent);
    }
    bin.finish(&[]).into()
}

fn chain(size: usize) -> Case {
    let (mut bin, root) = begin();
    let mut parent = root;
    for at in 0..(size / 88) as u32 {
        parent = deleted_key(&mut bin, &name(at), parent);
    }
    bin.finish(&[]).into()
}

fn ring(size: usize) -> Case {
    let (mut bin, root) = begin();
    let keys: Vec<u32> =
        (0..(size / 88) as u32).map(|at| deleted_key(&mut bin, &name(at), root)).collect();
    for (key, next) in keys.iter().zip(keys.iter().cycle().skip(1)) {
        bin.put(*key, 16, *next);
    }
    bin.finish(&[]).into()
}

fn shared_list(size: usize) -> Case {
    let (mut bin, root) = begin();
    let values: Vec<u32> = (0..(size / 3 / 36) as u32)
        .map(|at| deleted_value(&mut bin, &name(at), 0x8000_0004, at))
        .collect();
    let list = bin.cell(&elements(&values), None);
    bin.free(list);
    for at in 0..(size / 2 / 88) as u32 {
        let key = deleted_key(&mut bin, &name(at), root);
        bin.put(key, 36, values.len() as u32);
        bin.put(key, 40, list);
    }
    bin.finish(&[]).into()
}

fn shared_data(size: usize) -> Case {
    let (mut bin, _) = begin();
    let length = (size / 2).min(16_344);
    let data = bin.cell(&vec![7; length], None);
    bin.free(data);
    for at in 0..(size / 2 / 32) as u32 {
        deleted_value(&mut bin, &name(at), length as u32, data);
    }
    bin.finish(&[]).into()
}

fn shared_segments(size: usize) -> Case {
    let (mut bin, _) = begin();
    let segment = bin.cell(&vec![7; SEGMENT.min(size / 4)], None);
    bin.free(segment);
    let many = (size / 16).min(0xFFFF);
    let list = bin.cell(&elements(&vec![segment; many]), None);
    bin.free(list);
    let header = [&b"db"[..], &(many as u16).to_le_bytes(), &list.to_le_bytes()].concat();
    let header = bin.cell(&header, None);
    bin.free(header);
    let length = (many * SEGMENT).min(size).max(SEGMENT + 1);
    for at in 0..(size / 3 / 32) as u32 {
        deleted_value(&mut bin, &name(at), length as u32, header);
    }
    bin.finish(&[]).into()
}

/// Live values cut free space into pieces, and each deleted value claims all of it as its data.
fn pieces(size: usize) -> Case {
    let (mut bin, root) = begin();
    let many = (size / 96) as u32;
    let start = bin.0.len() as u32;
    let mut live = Vec::new();
    for at in 0..many {
        let piece = bin.cell(&[b'B'; 20], None);
        bin.free(piece);
        live.push(bin.value(&name(at), 0x8000_0004, at, None));
    }
    let length = bin.0.len() as u32 - start;
    let list = bin.cell(&elements(&live), None);
    bin.put(root, 36, many);
    bin.put(root, 40, list);
    for at in 0..many {
        deleted_value(&mut bin, &name(at), length, start);
    }
    let hive = bin.finish(&[]);
    // Version 1.3 has no big data.
    with_minor(hive, 3).into()
}

fn with_minor(mut hive: Vec<u8>, minor: u32) -> Vec<u8> {
    hive[24..28].copy_from_slice(&minor.to_le_bytes());
    crate::base_block::seal(&mut hive);
    hive
}

fn many_values(size: usize) -> Case {
    let (mut bin, root) = begin();
    let key = bin.key("Many", 0x20, root);
    bin.list_subkeys(root, &[key]);
    let live: Vec<u32> =
        (0..(size / 3 / 36) as u32).map(|at| bin.value(&name(at), 0x8000_0004, at, None)).collect();
    let list = bin.cell(&elements(&live), None);
    bin.put(key, 36, live.len() as u32);
    bin.put(key, 40, list);
    for copy in 0..(size / 2 / 1000) as u32 {
        let values: Vec<u32> = (0..20)
            .map(|at| deleted_value(&mut bin, &format!("w{copy:05}x{at}"), 0x8000_0004, 7))
            .collect();
        let list = bin.cell(&elements(&values), None);
        bin.free(list);
        let copy = deleted_key(&mut bin, "Many", root);
        bin.put(copy, 36, live.len() as u32);
        bin.put(copy, 40, list);
    }
    bin.finish(&[]).into()
}

fn copies(size: usize, unsorted: bool) -> Case {
    let (mut bin, root) = begin();
    let mut keys: Vec<u32> =
        (0..(size / 2 / 92) as u32).map(|at| bin.key(&name(at), 0x20, root)).collect();
    if unsorted {
        keys.reverse();
        keys.truncate(0xFFFF);
        let li =
            crate::hostile::list(b"lf", &keys.iter().flat_map(|key| [*key, 0]).collect::<Vec<_>>());
        let li = bin.cell(&li, None);
        bin.put(root, 20, keys.len() as u32);
        bin.put(root, 28, li);
    } else {
        bin.list_subkeys(root, &keys);
    }
    for at in 0..(size / 2 / 88) as u32 {
        deleted_key(&mut bin, &name(at % 10), root);
    }
    bin.finish(&[]).into()
}

fn large_value(size: usize) -> Case {
    let (mut bin, root) = begin();
    let length = (size / 4).min(16_000) as u32;
    let data = bin.cell(&vec![7; length as usize], None);
    let other = bin.cell(&vec![7; length as usize], None);
    bin.free(other);
    let value = bin.value("large", length, data, None);
    let deleted: Vec<u32> = (0..(size / 2 / 36) as u32)
        .map(|_| deleted_value(&mut bin, "large", length, other))
        .collect();
    let all: Vec<u32> = core::iter::once(value).chain(deleted).collect();
    let list = bin.cell(&elements(&all), None);
    bin.put(root, 36, 1);
    bin.put(root, 40, list);
    bin.put(root, 60, 100);
    bin.put(root, 64, length);
    bin.finish(&[]).into()
}

/// A live key with many values. Its list has elements after them, which lead to deleted values.
fn slack_elements(size: usize) -> Case {
    let (mut bin, root) = begin();
    let many = (size / 80) as u32;
    let live: Vec<u32> = (0..many).map(|at| bin.value(&name(at), 0x8000_0004, 1, None)).collect();
    let deleted: Vec<u32> =
        (0..many).map(|at| deleted_value(&mut bin, &name(at), 0x8000_0004, 2)).collect();
    let list = bin.cell(&elements(&[live, deleted].concat()), None);
    bin.put(root, 36, many);
    bin.put(root, 40, list);
    bin.put(root, 60, 100);
    bin.put(root, 64, 100);
    bin.finish(&[]).into()
}

fn smallest(size: usize) -> Case {
    let (mut bin, _) = begin();
    for at in 0..(size / 24) as u32 {
        deleted_value(&mut bin, "", 0x8000_0004, at);
    }
    bin.finish(&[]).into()
}

fn long_names(size: usize) -> Case {
    let (mut bin, root) = begin();
    let keys: Vec<u32> =
        (0..(size / 92) as u32).map(|at| deleted_key(&mut bin, &name(at), root)).collect();
    for (key, parent) in keys.iter().zip(core::iter::once(&root).chain(&keys)) {
        bin.put(*key, 16, *parent);
        bin.put(*key, 72, 2048);
    }
    bin.finish(&[]).into()
}

fn one_parent(size: usize) -> Case {
    let (mut bin, root) = begin();
    let parent = deleted_key(&mut bin, "parent", root);
    for at in 0..(size / 88) as u32 {
        deleted_key(&mut bin, &name(at), parent);
    }
    bin.finish(&[]).into()
}

fn letters(size: usize, letters: [u8; 2]) -> Case {
    let (mut bin, _) = begin();
    let cell = bin.cell(&letters.repeat(size / 2), None);
    bin.free(cell);
    bin.finish(&[]).into()
}

/// Live values of eight bytes in cells of 64, whose rest holds a whole value record.
fn slack(size: usize) -> Case {
    let (mut bin, root) = begin();
    let mut old = Bin::default();
    let record = old.value("old", 0x8000_0004, 1, Some(0)) as usize;
    let record = old.0[record..].to_vec();
    let values: Vec<u32> =
        (0..(size / 110) as u32).map(|at| bin.value(&name(at), 8, 0, None)).collect();
    for value in &values {
        let data = bin.cell(&[&[1; 12][..], &record, &[9; 16]].concat(), None);
        bin.put(*value, 8, data);
    }
    let list = bin.cell(&elements(&values), None);
    bin.put(root, 36, values.len() as u32);
    bin.put(root, 40, list);
    bin.finish(&[]).into()
}

fn remnant(size: usize) -> Case {
    let (bin, _) = begin();
    let mut hive = bin.finish(&[]);
    let (mut after, root) = begin();
    for at in 0..(size / 88) as u32 {
        deleted_key(&mut after, &name(at), root);
    }
    hive.extend(after.0);
    hive.into()
}
