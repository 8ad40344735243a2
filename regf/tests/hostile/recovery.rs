// SPDX-License-Identifier: MIT OR Apache-2.0
//! Free cells and slack that cause much work for recovery.

use calhive_regf::Hive;
use hive_forge::tree::{Key, Tree};
use hive_forge::{Options, checksum, write};

use super::Worst;

/// A hive, and one large free cell in an additional last bin. The content of the cell is addressed
/// by offset.
struct Free {
    hive: Vec<u8>,
    bins: usize,
    content: Vec<u8>,
}

impl Free {
    fn new(tree: &Tree) -> Self {
        let mut hive = write(tree, &Options { minor: 5, ..Options::default() }).bytes;
        let bins = u32::from_le_bytes(hive[40..44].try_into().unwrap()) as usize;
        hive.truncate(4096 + bins);
        Self { hive, bins, content: Vec::new() }
    }

    /// Offset of the next cell.
    fn next(&self) -> u32 {
        (self.bins + 32 + self.content.len()) as u32
    }

    /// Adds a freed cell with this content. Returns its offset.
    fn cell(&mut self, content: &[u8]) -> u32 {
        let at = self.next();
        let size = (content.len() + 4).next_multiple_of(8);
        self.content.extend((size as u32).to_le_bytes());
        self.content.extend(content);
        self.content.resize(self.content.len().next_multiple_of(8), 0);
        at
    }

    fn key(&mut self, name: &str, parent: u32, values: u32, list: u32) -> u32 {
        let mut node = vec![0; 76];
        node[..4].copy_from_slice(b"nk\x20\0");
        node[4..12].copy_from_slice(&133_512_192_001_234_567_u64.to_le_bytes());
        node[16..20].copy_from_slice(&parent.to_le_bytes());
        let words = [(28, u32::MAX), (36, values), (40, list), (44, u32::MAX), (48, u32::MAX)];
        for (at, word) in words {
            node[at..at + 4].copy_from_slice(&word.to_le_bytes());
        }
        node[72..74].copy_from_slice(&(name.len() as u16).to_le_bytes());
        node.extend(name.as_bytes());
        self.cell(&node)
    }

    fn value(&mut self, name: &str, size: u32, data: u32) -> u32 {
        let mut value = b"vk".to_vec();
        value.extend((name.len() as u16).to_le_bytes());
        value.extend([size, data, 3, 1].map(u32::to_le_bytes).concat());
        value.extend(name.as_bytes());
        self.cell(&value)
    }

    fn list(&mut self, elements: &[u32]) -> u32 {
        self.cell(&elements.iter().flat_map(|it| it.to_le_bytes()).collect::<Vec<_>>())
    }

    fn finish(self) -> Vec<u8> {
        let Self { hive: mut bytes, bins, content } = self;
        let size = (32 + content.len() + 8).next_multiple_of(4096);
        bytes.extend(b"hbin");
        bytes.extend([bins as u32, size as u32].map(u32::to_le_bytes).concat());
        bytes.resize(4096 + bins + 32, 0);
        bytes.extend(content);
        bytes.resize(4096 + bins + size, 0);
        // One free cell covers the whole bin. Its size overwrites the size of the first freed cell.
        let first = 4096 + bins + 32;
        bytes[first..first + 4].copy_from_slice(&((size - 32) as u32).to_le_bytes());
        bytes[40..44].copy_from_slice(&((bins + size) as u32).to_le_bytes());
        let sum = checksum(&bytes);
        bytes[508..512].copy_from_slice(&sum.to_le_bytes());
        bytes
    }
}

fn empty() -> Free {
    let mut free = Free::new(&Tree::new("ROOT"));
    // The size of this cell is overwritten by the size of the whole free cell.
    free.cell(&[0; 4]);
    free
}

/// Offset of the root.
fn root(free: &Free) -> u32 {
    u32::from_le_bytes(free.hive[36..40].try_into().unwrap())
}

/// Reads everything within the bounds of [`Worst`]. Returns the number of recovered items, and
/// whether a limit was reached.
fn run(name: &str, bytes: &[u8]) -> (usize, bool) {
    let mut worst = Worst::default();
    worst.run(|| name.to_owned(), bytes);
    worst.report(name);
    let recovery = Hive::parse(bytes).unwrap().recover();
    (recovery.len(), !recovery.faults().is_empty())
}

#[test]
fn keys_that_share_a_value_list_are_bounded() {
    let mut free = empty();
    let values: Vec<u32> = (0..5000).map(|_| free.value("v", 0x8000_0004, 7)).collect();
    let list = free.list(&values);
    let root = root(&free);
    for _ in 0..5000 {
        free.key("k", root, 5000, list);
    }
    assert_eq!(run("keys that share a list", &free.finish()), (10_000, true));
}

#[test]
fn values_that_share_data_are_bounded() {
    let mut free = empty();
    let data = free.cell(&[7; 16_344]);
    for size in 0..20_000 {
        free.value("v", 16_344 - size % 5, data);
    }
    assert_eq!(run("values that share data", &free.finish()), (20_000, true));
    // A segment list that repeats one segment.
    let mut free = empty();
    let segment = free.cell(&[7; 16_344]);
    let list = free.list(&[segment; 60_000]);
    let mut db = b"db".to_vec();
    db.extend(60_000_u16.to_le_bytes());
    db.extend(list.to_le_bytes());
    let db = free.cell(&db);
    // The size does not exceed the file.
    let size = 50 * 16_344;
    for _ in 0..20_000 {
        free.value("v", size, db);
    }
    assert_eq!(run("values that share segments", &free.finish()), (20_000, true));
}

#[test]
fn loops_and_chains_of_parents_are_bounded() {
    let mut free = empty();
    let first = free.next();
    for number in 0..1000 {
        free.key("k", first + (number + 1) % 1000 * 88, 0, u32::MAX);
    }
    assert_eq!(run("parents in a ring", &free.finish()), (1000, false));
    let mut free = empty();
    let mut parent = root(&free);
    for _ in 0..100_000 {
        parent = free.key("k", parent, 0, u32::MAX);
    }
    let bytes = free.finish();
    assert_eq!(run("a chain of parents", &bytes), (100_000, false));
    let recovery = Hive::parse(&bytes).unwrap().recover();
    let mut names = 0;
    for found in recovery.iter() {
        let path = found.path();
        assert_eq!(found.subkeys().count(), usize::from(found.offset().get() + 88 < last(&bytes)));
        names = names.max(path.names.names().count());
    }
    // A path has at most 512 levels.
    assert_eq!(names, 512, "a path has a limit");
}

/// Offset of the end of the last key of a chain.
fn last(bytes: &[u8]) -> u64 {
    let at = bytes.windows(2).rposition(|pair| pair == b"nk").unwrap();
    at as u64 + 88
}

#[test]
fn copies_of_a_key_with_many_values_are_bounded() {
    let mut key = Key::new("Many");
    for number in 0..50_000 {
        key = key.dword(&format!("v{number}"), number);
    }
    let mut tree = Tree::new("ROOT");
    tree.root = tree.root.key(key);
    let mut free = Free::new(&tree);
    free.cell(&[0; 4]);
    let root = root(&free);
    for copy in 0..20 {
        let values: Vec<u32> =
            (0..300).map(|it| free.value(&format!("w{copy}x{it}"), 0x8000_0004, 7)).collect();
        let list = free.list(&values);
        free.key("Many", root, 300, list);
    }
    assert_eq!(run("copies of a large key", &free.finish()), (20 * 301, false));
}

#[test]
fn free_cells_full_of_records_are_bounded() {
    let mut free = empty();
    for _ in 0..100_000 {
        free.value("", 0x8000_0004, 7);
    }
    assert_eq!(run("the smallest values", &free.finish()), (100_000, false));
    let mut free = empty();
    free.cell(&b"nk".repeat(1 << 20));
    free.cell(&b"vk".repeat(1 << 20));
    assert_eq!(run("letters", &free.finish()), (0, false));
}

/// A live key counts one element of a list. The cell of the list has room for a million elements.
#[test]
fn slack_of_a_million_elements_is_bounded() {
    let mut tree = Tree::new("ROOT");
    tree.root = tree.root.dword("v", 1);
    let mut free = Free::new(&tree);
    free.cell(&[0; 4]);
    let value = free.value("w", 0x8000_0004, 7);
    let mut bytes = free.finish();
    // The list has its own bin.
    let bins = bytes.len() - 4096;
    let size = (4 << 20) + 4096;
    bytes.extend(b"hbin");
    bytes.extend([bins as u32, size as u32].map(u32::to_le_bytes).concat());
    bytes.resize(4096 + bins + 32, 0);
    bytes.extend((32 - size as i32).to_le_bytes());
    let hive = Hive::parse(&bytes).unwrap();
    let root = hive.root().unwrap();
    let live = root.values().next().unwrap().unwrap().cell_offset();
    let node = root.offset().get() as usize + 4;
    bytes.extend(live.get().to_le_bytes());
    while bytes.len() < 4096 + bins + size {
        bytes.extend(value.to_le_bytes());
    }
    bytes[node + 40..node + 44].copy_from_slice(&((bins + 32) as u32).to_le_bytes());
    bytes[40..44].copy_from_slice(&((bins + size) as u32).to_le_bytes());
    let sum = checksum(&bytes);
    bytes[508..512].copy_from_slice(&sum.to_le_bytes());
    let (found, is_limited) = run("slack of a million elements", &bytes);
    assert!(found <= 2 && !is_limited, "{found}");
}

/// A mutated hive with overlapping cells, found by fuzzing: a record was in the slack of two cells.
#[test]
fn record_in_two_overlapping_cells_is_recovered_once() {
    let bytes = include_bytes!("overlapping-cells.hive");
    let recovery = Hive::parse(bytes).unwrap().recover();
    let offsets: Vec<u64> = recovery.iter().map(|found| found.offset().get()).collect();
    assert!(offsets.len() > 50, "{}", offsets.len());
    assert!(offsets.is_sorted_by(|one, next| one < next), "{offsets:?}");
}
