// SPDX-License-Identifier: MIT OR Apache-2.0

//! Logs that are damaged on purpose in one field, with good hashes. A reader must end on each of
//! them in under a second and under 64 MiB, with a fault or an error.

use super::{Dirty, History, LogFile, NewCrash, OldCrash};
use crate::{Options, random};

/// All hostile logs, each with its hive: logs that make readers loop, allocate gigabytes, or write
/// to invalid offsets. In new-format logs the second entry is damaged, and the first one applies.
/// An entry or old-format log applies whole or not at all.
pub fn hostile_logs() -> Vec<Dirty> {
    let new = history(0);
    let old = history(5);
    let entry = |name: &str, fields: &[(&str, u64)]| {
        // The result is the same as with a wrong hash of the entry.
        let mut dirty = NewCrash::new(&new).log("LOG1", 2).damaged(1, "hash1").build(name);
        let log = dirty.log("LOG1");
        for &(field, value) in fields {
            log.set("entry 1", field, value);
        }
        log.rehash("entry 1");
        dirty
    };
    let bitmap = |name: &str, change: fn(&mut LogFile)| {
        let crash = OldCrash::new(&old).log("LOG1", 0, 2);
        let mut dirty = crash.damaged("LOG1", "base", "checksum").build(name);
        change(dirty.log("LOG1"));
        dirty.log("LOG1").seal();
        dirty
    };
    let pages = u64::from(u32::MAX);
    vec![
        entry("log entry of size 0", &[("size", 0)]),
        entry("log entry of size 10", &[("size", 10)]),
        entry("log entry with 2^32-1 pages", &[("pages", pages)]),
        entry("log entry with a reference past the end", &[("ref 0 offset", 0x7FFF_F000)]),
        entry("log entry with a reference that wraps", &[("ref 0 offset", 0xFFFF_F000)]),
        entry("log entry with a page of 4 GiB", &[("ref 0 size", 0xFFFF_F000)]),
        entry("log entry without pages", &[("pages", 0)]),
        entry("log entry that ends past the log", &[("size", 0x7FFF_FE00)]),
        entry("log entry of 512 bytes with all its pages", &[("size", 512)]),
        entry("log entry for a hive of no bytes", &[("bins_size", 0)]),
        entry("log entry for a hive of odd size", &[("bins_size", 4097)]),
        entry("log entry for a hive smaller than its pages", &[("bins_size", 4096)]),
        bitmap("bitmap for a hive of 4 GiB", |log| {
            log.set("base", "bins_size", 0xFFFF_F000);
        }),
        bitmap("bitmap of ones with few pages", |log| {
            let len = log.field("dirt", "bitmap").len();
            log.set_bytes("dirt", "bitmap", &vec![0xFF; len]);
            let second = log.field("dirt", "page 1").start;
            log.bytes.truncate(second);
        }),
        bitmap("bitmap for a hive of no bytes", |log| {
            log.set("base", "bins_size", 0);
        }),
        bitmap("log cut in its bitmap", |log| {
            let start = log.field("dirt", "bitmap").start;
            log.bytes.truncate(start + 1);
        }),
    ]
}

fn history(seconds: u64) -> History {
    let mut trees = vec![random::plain_tree(21, 40)];
    for seed in 0..2 {
        trees.push(random::plain_edit(seed, &trees[seed as usize], 3));
    }
    History::new(trees, &Options::default(), seconds)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::marvin32;

    #[test]
    fn hashes_are_good() {
        let all = hostile_logs();
        assert_eq!(all.len(), 16);
        for dirty in all.iter().filter(|dirty| dirty.name.starts_with("log entry")) {
            let log = &dirty.logs[0].1;
            let start = log.field("entry 1", "signature").start;
            let entry = &log.bytes[start..];
            assert_eq!(log.get("entry 1", "hash2"), marvin32(&entry[..32]), "{}", dirty.name);
            let size = log.get("entry 1", "size") as usize;
            let hashed = if (40..=entry.len()).contains(&size) { size } else { entry.len() };
            assert_eq!(log.get("entry 1", "hash1"), marvin32(&entry[40..hashed]), "{}", dirty.name);
            assert_eq!(dirty.applied, [("LOG1", 2)]);
            if dirty.name.ends_with("smaller than its pages") {
                let end = |number: u64| {
                    ["offset", "size"]
                        .iter()
                        .map(|word| log.get("entry 1", &format!("ref {number} {word}")))
                        .sum::<u64>()
                };
                assert!((0..log.get("entry 1", "pages")).map(end).max() > Some(4096));
            }
        }
    }
}
