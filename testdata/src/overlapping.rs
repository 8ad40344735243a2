// SPDX-License-Identifier: MIT OR Apache-2.0

//! Hives of one bin whose cells claim the bytes of the cells after them, and hives with many deleted
//! keys below one long path. Their content grows with the square of their size.

use crate::NIL;
use crate::hostile::Hostile;
use crate::time::DEFAULT;

/// Kind of cell that reaches the end of the bin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wide {
    /// Keys, with deleted values after them.
    Keys,
    /// Lists of one value each.
    ValueLists,
    /// Lists of one subkey each.
    SubkeyLists,
    /// Data of eight bytes each.
    Data,
}

/// All kinds of hives, each in a small size.
pub fn all() -> Vec<Hostile> {
    vec![
        Hostile { name: "wide keys", bytes: wide(1000, Wide::Keys) },
        Hostile { name: "wide lists of values", bytes: wide(2000, Wide::ValueLists) },
        Hostile { name: "wide lists of subkeys", bytes: wide(2000, Wide::SubkeyLists) },
        Hostile { name: "wide data", bytes: wide(2000, Wide::Data) },
        Hostile { name: "wide index roots", bytes: full_lists(8000, *b"ri") },
        Hostile { name: "wide leaves", bytes: full_lists(8000, *b"li") },
        Hostile { name: "deleted keys below a long path", bytes: deep(300) },
    ]
}

/// Returns a hive with `count` live cells of a kind, which all claim to reach the end of the bin, and
/// `count` deleted values.
pub fn wide(count: u32, kind: Wide) -> Vec<u8> {
    let mut bin = Bin::default();
    let root = bin.key("ROOT", 0x2C, NIL);
    let value = bin.value("v", 0x8000_0004, 1, None);
    let mut wide = Vec::new();
    if kind == Wide::Data {
        let values: Vec<u32> = (0..count).map(|at| bin.value(&name(at), 8, 0, None)).collect();
        wide.extend(values.iter().map(|_| bin.cell(&[1, 2, 3, 4, 5, 6, 7, 0], None)));
        values.iter().zip(&wide).for_each(|(value, data)| bin.put(*value, 8, *data));
        let list = bin.cell(&elements(&values), None);
        bin.put(root, 36, count);
        bin.put(root, 40, list);
    } else {
        let keys: Vec<u32> = (0..count).map(|at| bin.key(&name(at), 0x20, root)).collect();
        bin.list_subkeys(root, &keys);
        let deep = bin.key("x", 0x20, root);
        let (count_at, list_at, list) = match kind {
            Wide::ValueLists => (36, 40, elements(&[value])),
            _ => (20, 28, [&b"li\x01\0"[..], &elements(&[deep])].concat()),
        };
        if kind == Wide::Keys {
            wide = keys;
        } else {
            for key in keys {
                let list = bin.cell(&list, None);
                bin.put(key, count_at, 1);
                bin.put(key, list_at, list);
                wide.push(list);
            }
        }
    }
    for at in 0..count {
        let deleted = if kind == Wide::ValueLists {
            bin.cell(&elements(&[value; 7]), None)
        } else {
            bin.value(&name(at), 0x8000_0004, at, Some(40))
        };
        debug_assert!(deleted > 0);
    }
    bin.finish(&wide)
}

/// Returns a hive with `count` keys. Each has a list of its own, which claims 65,535 elements and the
/// rest of the bin.
pub fn full_lists(count: u32, signature: [u8; 2]) -> Vec<u8> {
    let mut bin = Bin::default();
    let root = bin.key("ROOT", 0x2C, NIL);
    let keys: Vec<u32> = (0..count).map(|at| bin.key(&name(at), 0x20, root)).collect();
    bin.list_subkeys(root, &keys);
    let mut lists = Vec::new();
    for key in keys {
        let list = bin.cell(&[signature[0], signature[1], 0xFF, 0xFF], None);
        bin.put(key, 20, 0xFFFF);
        bin.put(key, 28, list);
        lists.push(list);
    }
    bin.finish(&lists)
}

/// Returns a hive with `count` deleted keys, each 500 levels below the root, in keys with long names.
pub fn deep(count: u32) -> Vec<u8> {
    let mut bin = Bin::default();
    let root = bin.key("ROOT", 0x2C, NIL);
    let mut parent = root;
    for at in 0..500 {
        parent = bin.key(&format!("{at:03}{}", "x".repeat(247)), 0x20, parent);
        bin.free(parent);
    }
    for at in 0..count {
        let key = bin.key(&name(at), 0x20, parent);
        bin.free(key);
    }
    bin.finish(&[])
}

pub(crate) fn name(at: u32) -> String {
    format!("{at:06}")
}

pub(crate) fn elements(cells: &[u32]) -> Vec<u8> {
    cells.iter().flat_map(|cell| cell.to_le_bytes()).collect()
}

/// A bin under construction. Offsets count from the start of the bin.
pub(crate) struct Bin(pub(crate) Vec<u8>);

impl Default for Bin {
    fn default() -> Self {
        Self(vec![0; 32])
    }
}

impl Bin {
    /// Appends a cell. A free cell has the size `free`.
    pub(crate) fn cell(&mut self, content: &[u8], free: Option<u32>) -> u32 {
        let at = self.0.len() as u32;
        let length = (content.len() + 4).next_multiple_of(8);
        let size = free.unwrap_or((length as u32).wrapping_neg());
        self.0.extend_from_slice(&size.to_le_bytes());
        self.0.extend_from_slice(content);
        self.0.resize(at as usize + length, 0);
        at
    }

    pub(crate) fn key(&mut self, name: &str, flags: u16, parent: u32) -> u32 {
        let mut node = vec![0; 76];
        node[..2].copy_from_slice(b"nk");
        node[2..4].copy_from_slice(&flags.to_le_bytes());
        node[4..12].copy_from_slice(&DEFAULT.to_le_bytes());
        node[16..20].copy_from_slice(&parent.to_le_bytes());
        for at in [28, 32, 40, 44, 48] {
            node[at..][..4].copy_from_slice(&NIL.to_le_bytes());
        }
        node[72..74].copy_from_slice(&(name.len() as u16).to_le_bytes());
        node.extend_from_slice(name.as_bytes());
        self.cell(&node, None)
    }

    pub(crate) fn value(&mut self, name: &str, size: u32, data: u32, free: Option<u32>) -> u32 {
        let length = (name.len() as u16).to_le_bytes();
        let mut value = [&b"vk"[..], &length, &size.to_le_bytes(), &data.to_le_bytes()].concat();
        value.extend_from_slice(&[4, 0, 0, 0, 1, 0, 0, 0]);
        value.extend_from_slice(name.as_bytes());
        let free = free.map(|_| (value.len() as u32 + 4).next_multiple_of(8));
        self.cell(&value, free)
    }

    /// Sets a number in the content of a cell.
    pub(crate) fn put(&mut self, cell: u32, at: usize, number: u32) {
        self.0[cell as usize + 4 + at..][..4].copy_from_slice(&number.to_le_bytes());
    }

    /// Frees the last cell.
    pub(crate) fn free(&mut self, cell: u32) {
        let size = self.0.len() as u32 - cell;
        self.0[cell as usize..][..4].copy_from_slice(&size.to_le_bytes());
    }

    pub(crate) fn list_subkeys(&mut self, key: u32, subkeys: &[u32]) {
        let mut leaves = Vec::new();
        for part in subkeys.chunks(500) {
            let list = [&b"li"[..], &(part.len() as u16).to_le_bytes(), &elements(part)].concat();
            leaves.push(self.cell(&list, None));
        }
        let count = (leaves.len() as u16).to_le_bytes();
        let root = self.cell(&[&b"ri"[..], &count, &elements(&leaves)].concat(), None);
        self.put(key, 20, subkeys.len() as u32);
        self.put(key, 28, root);
    }

    /// Lets `wide` cells reach the end of the bin, and returns the hive.
    pub(crate) fn finish(mut self, wide: &[u32]) -> Vec<u8> {
        let end = self.0.len().next_multiple_of(4096);
        let rest = end - self.0.len();
        if rest >= 8 {
            self.cell(&vec![0; rest - 4], Some(rest as u32));
        }
        self.0.resize(end, 0);
        for cell in wide {
            let size = (end as u32 - cell).wrapping_neg();
            self.0[*cell as usize..][..4].copy_from_slice(&size.to_le_bytes());
        }
        self.0[..4].copy_from_slice(b"hbin");
        self.0[8..12].copy_from_slice(&(end as u32).to_le_bytes());
        let mut hive = vec![0; 4096];
        hive[..4].copy_from_slice(b"regf");
        for (at, number) in
            [(4, 1), (8, 1), (20, 1), (24, 5), (32, 1), (36, 32), (40, end as u32), (44, 1)]
        {
            hive[at..at + 4].copy_from_slice(&u32::to_le_bytes(number));
        }
        hive[12..20].copy_from_slice(&DEFAULT.to_le_bytes());
        crate::base_block::seal(&mut hive);
        hive.extend_from_slice(&self.0);
        hive
    }
}
