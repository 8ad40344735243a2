// SPDX-License-Identifier: MIT OR Apache-2.0
//! Hives that cause much work: overlapping cells, and lists that all keys share.

use std::time::{Duration, Instant};

use calhive_regf::Hive;
use hive_forge::tree::{Key, Tree};
use hive_forge::{Options, write};

use crate::hostile::worked;
use crate::memory::measure;

/// Size of the hives, and the limits of time and memory for each hive.
const LENGTH: usize = 4 << 20;
const TIME: Duration = Duration::from_secs(1);
const MEMORY: u64 = 64 << 20;

#[track_caller]
fn assert_cheap(name: &str, bytes: &[u8]) {
    let since = Instant::now();
    let before = worked(since);
    let (count, used) = measure(|| Hive::parse(bytes).unwrap().hidden().len());
    let took = worked(since).saturating_sub(before);
    println!("{name}: {count} hidden, {took:?}, {} KiB", used.peak / 1024);
    assert!(took < TIME, "{name} took {took:?}");
    assert!(used.peak < MEMORY, "{name} took {} bytes", used.peak);
}

/// A hive whose last bins are filled with a repeated pattern.
fn filled(pattern: &[u8], header: bool) -> Vec<u8> {
    let mut tree = Tree::new("ROOT");
    tree.root = (0..50).fold(tree.root, |key, at| {
        key.key(Key::new(format!("key {at}").as_str()).dword("value", 1))
    });
    let mut hive = write(&tree, &Options::default());
    let start = hive.bytes.len();
    let mut fill: Vec<u8> = pattern.iter().copied().cycle().take(LENGTH).collect();
    if header {
        let own = ((start - 4096) as u32).to_le_bytes();
        let length = (LENGTH as u32).to_le_bytes();
        fill[..32].fill(0);
        fill[..4].copy_from_slice(b"hbin");
        fill[4..8].copy_from_slice(&own);
        fill[8..12].copy_from_slice(&length);
    }
    hive.bytes.extend_from_slice(&fill);
    hive.set("base", "bins_size", (start - 4096 + LENGTH) as u64).seal();
    hive.bytes
}

/// A cell of this size: the stored size, the first bytes, then zeros.
fn cell(size: usize, stored: i32, start: &[u8]) -> Vec<u8> {
    let mut cell = stored.to_le_bytes().to_vec();
    cell.extend_from_slice(start);
    cell.resize(size, 0);
    cell
}

#[test]
fn overlapping_cells_take_little_time_and_memory() {
    for (name, start) in [
        ("keys", &b"nk\x20\0"[..]),
        ("values", b"vk\0\0"),
        ("lists with hashes", b"lh\xFF\xFF"),
        ("lists", b"li\xFF\xFF"),
        ("index roots", b"ri\xFF\xFF"),
        ("big data", b"db\xFF\xFF"),
        ("data", b"\x20\0\0\0"),
    ] {
        for (what, stored) in [("side by side", -8), ("wide", -0x400), ("very wide", -0x10_0000)] {
            for header in [true, false] {
                let bytes = filled(&cell(8, stored, start), header);
                assert_cheap(&format!("{name}, {what}, header {header}"), &bytes);
            }
        }
    }
}

#[test]
fn bins_full_of_keys_or_values_take_little_time_and_memory() {
    // Subkeys of one key, which share one subkey list.
    let mut node = b"nk\x20\0".to_vec();
    node.resize(16, 0);
    node.extend_from_slice(&0x20_u32.to_le_bytes());
    node.extend_from_slice(&0xFFFF_u32.to_le_bytes());
    node.resize(28, 0);
    node.extend_from_slice(&0x2020_u32.to_le_bytes());
    node.resize(36, 0);
    node.extend_from_slice(&0xFFFF_u32.to_le_bytes());
    node.extend_from_slice(&0x2020_u32.to_le_bytes());
    assert_cheap("keys", &filled(&cell(80, -80, &node), true));
    assert_cheap("keys without a header", &filled(&cell(80, -80, &node), false));
    assert_cheap("values", &filled(&cell(24, -24, b"vk\0\0\x10\0\0\0\x20\0\0\0\x01"), true));
    assert_cheap(
        "values, long",
        &filled(&cell(24, -24, b"vk\0\0\xFF\xFF\x01\0\x20\x20\0\0\x01"), true),
    );
}

/// Many values with the offset of one long cell. The cell is searched once.
#[test]
fn values_that_share_a_long_cell_take_little_time_and_memory() {
    const VALUES: usize = 1500;
    for (pattern, value_type, size) in [(*b"A\0", 1, 1000), (*b"\0\0", 3, 100), (*b"A\0", 7, 1000)]
    {
        let mut tree = Tree::new("ROOT");
        tree.root = (0..VALUES)
            .fold(tree.root, |key, at| key.binary(format!("value {at}").as_str(), &[1; 8]));
        let mut hive = write(&tree, &Options::default());
        let long: Vec<u8> = pattern.iter().copied().cycle().take(1 << 20).collect();
        let at = hive.append(&[&long])[0];
        for number in 0..VALUES {
            let record = format!("value :value {number}");
            hive.set(&record, "data", u64::from(at)).set(&record, "data_size", size);
            hive.set(&record, "value_type", value_type);
        }
        assert_cheap("values that share one long cell", &hive.seal().bytes);
    }
}
