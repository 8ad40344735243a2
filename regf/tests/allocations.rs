// SPDX-License-Identifier: MIT OR Apache-2.0
//! A walk allocates memory for its stack and for its sets of visited cells, and none per key.

use std::hint::black_box;

use calhive_regf::Hive;
use hive_forge::tree::{Key, Tree, Value};
use hive_forge::{Options, write};

use crate::memory::measure;

/// A hive with this number of keys, one or two levels deep, two values each.
fn hive(keys: usize) -> Vec<u8> {
    let mut tree = Tree::new("ROOT");
    for number in 0..keys / 2 {
        let name = format!("key {number:05}");
        let below = Key::new("below").dword("number", 7).binary("data", &[5; 300]);
        let key = Key::new(name.as_str()).value(Value::sz("text", "some text")).key(below);
        tree.root.subkeys.push(key.dword("number", 8));
    }
    write(&tree, &Options::default()).bytes
}

/// Walks with values. Returns the numbers of keys and values, and a sum of names and data.
fn walk(bytes: &[u8]) -> (u64, u64, u64) {
    let hive = Hive::parse(bytes).unwrap();
    let (mut keys, mut values, mut sum) = (0, 0, 0_u64);
    let mut walk = hive.walk().with_values(true);
    while let Some(entry) = walk.next() {
        let entry = entry.unwrap();
        keys += 1;
        sum += entry.key.name().units().map(u64::from).sum::<u64>();
        sum += walk.path().names().map(|name| name.units().count() as u64).sum::<u64>();
        for value in entry.values {
            let value = value.unwrap();
            values += 1;
            sum += value.name().units().map(u64::from).sum::<u64>();
            let data = walk.data(value).unwrap();
            sum += data
                .segments()
                .flat_map(|part| part.as_slice())
                .map(|b| u64::from(*b))
                .sum::<u64>();
        }
    }
    (keys, values, sum)
}

#[test]
fn walk_of_more_keys_makes_no_more_allocations() {
    let (small, large) = (hive(500), hive(5000));
    let (read, few) = measure(|| black_box(walk(black_box(&small))));
    assert_eq!((read.0, read.1), (501, 1000));
    let (read, many) = measure(|| black_box(walk(black_box(&large))));
    assert_eq!((read.0, read.1), (5001, 10_000));
    println!("500 keys: {few:?}; 5,000 keys: {many:?}");
    assert_eq!(few.allocations, many.allocations, "the stack and the sets of visited cells");
    assert!(many.allocations <= 4, "{many:?}");
    // Two bits for every eight bytes of bins, and the stack.
    assert!(many.peak < large.len() as u64 / 32 + 4096, "{many:?}");
}

#[test]
fn look_up_allocates_nothing() {
    let bytes = hive(500);
    let hive = Hive::parse(&bytes).unwrap();
    let ((), used) = measure(|| {
        assert!(hive.key(r"key 00100\below").unwrap().is_some());
        let key = hive.key_thorough(r"key 00100\below", |_| {}).unwrap().unwrap();
        assert_eq!(key.value("NUMBER").unwrap().unwrap().data().unwrap().to_dword(), Some(7));
    });
    assert_eq!(used.allocations, 0);
}
