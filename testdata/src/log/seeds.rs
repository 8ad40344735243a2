// SPDX-License-Identifier: MIT OR Apache-2.0

//! Small hives with logs as fuzzing seeds.

use super::{Base, Dirty, History, NewCrash, OldCrash, SECTOR};
use crate::Options;
use crate::clean::File;
use crate::tree::{Key, Tree, Value};

/// One [packed](packed()) input of each kind for the fuzz target.
pub fn seeds() -> Vec<File> {
    let (new, old) = (history(0), history(5));
    let two = || NewCrash::new(&new).alignment(SECTOR).log("LOG2", 1).log("LOG1", 2);
    let one = || NewCrash::new(&new).alignment(SECTOR).log("LOG1", 3);
    let single = || OldCrash::new(&old).log("LOG1", 0, 3);
    let crashes = [
        ("new-two-logs", two().build("")),
        ("new-one-log", one().build("")),
        ("new-partly-written", two().written(1).build("")),
        ("new-clean", two().flushed(3).build("")),
        ("new-first-not-eligible", two().flushed(1).build("")),
        ("new-bad-checksum", two().flushed(1).base(Base::BadChecksum).build("")),
        ("new-numbers-wrap", two().sequence(0xFFFF_FFFE).build("")),
        ("new-left-over", one().left_over(2).build("")),
        ("new-damaged", two().damaged(1, "page 0").build("")),
        ("new-shuffled", one().shuffled(1).build("")),
        ("old-one-log", single().by_sectors().build("")),
        ("old-two-logs", OldCrash::new(&old).log("LOG1", 0, 1).log("LOG2", 0, 3).build("")),
        ("old-type-2", single().file_type(2).by_sectors().written(2).build("")),
        ("old-bad-checksum", single().written(1).base(Base::BadChecksum).build("")),
        ("old-clean", single().flushed(3).build("")),
    ];
    crashes.map(|(name, dirty)| File { path: format!("{name}.logs"), bytes: packed(&dirty) }).into()
}

/// Returns a hive of few cells that grows with the second update and shrinks with the third.
fn history(seconds: u64) -> History {
    let tree = |number: u32, long: usize| {
        let key = Key::new("Key").value(Value::binary("Long", &vec![0x5A; long]));
        let mut tree = Tree::new("ROOT");
        tree.root = tree.root.key(key).dword("Number", number);
        tree
    };
    let trees = vec![tree(1, 8), tree(2, 8), tree(3, 4000), tree(4, 8)];
    History::new(trees, &Options::default(), seconds)
}

/// Returns a hive with one or two logs as one input: the hive, the logs, and the numbers of sectors of
/// the hive and the first log, of 16 bits each.
///
/// # Panics
///
/// If a file is longer than 65,535 sectors.
pub fn packed(dirty: &Dirty) -> Vec<u8> {
    let mut bytes = dirty.primary.clone();
    let mut counts = vec![sectors(&dirty.primary)];
    for (_, log) in &dirty.logs {
        bytes.extend_from_slice(&log.bytes);
        bytes.resize(bytes.len().next_multiple_of(SECTOR), 0);
        counts.push(sectors(&log.bytes));
    }
    counts.truncate(2);
    bytes.extend(counts.iter().flat_map(|count| count.to_le_bytes()));
    bytes
}

fn sectors(bytes: &[u8]) -> u16 {
    u16::try_from(bytes.len().div_ceil(SECTOR)).expect("seeds are small")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn log_seeds_are_small_and_end_with_their_sizes() {
        for File { path, bytes } in seeds() {
            assert!(bytes.len() < 50_000, "{path} has {} bytes", bytes.len());
            let count = |back: usize| {
                let at = bytes.len() - back;
                SECTOR * usize::from(u16::from_le_bytes([bytes[at], bytes[at + 1]]))
            };
            let log = &bytes[count(4)..][..count(2)];
            assert!(bytes.len() >= count(4) + count(2) + 4, "{path}");
            assert_eq!(log[..4], *b"regf", "{path}");
            assert_ne!(log[28], 0, "{path}: the type of a log");
        }
    }
}
