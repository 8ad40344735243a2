// SPDX-License-Identifier: MIT OR Apache-2.0

//! States by name: each way in which Windows leaves a hive with its logs.

use super::{Base, Dirty, History, NewCrash, OldCrash};
use crate::tree::{Key, Tree, Value};
use crate::{Options, random};

/// All named states, with trees that any reader can read.
pub fn states() -> Vec<Dirty> {
    let mut states = new_format();
    states.extend(old_format());
    states
}

fn new_format() -> Vec<Dirty> {
    let some = edits(4, 0);
    let grown = History::new(vec![small(), large()], &Options::default(), 0);
    let shrunk = History::new(vec![large(), small()], &Options::default(), 0);
    let both = History::new(vec![small(), large(), small()], &Options::default(), 0);
    let two = || NewCrash::new(&some).log("LOG1", 1).log("LOG2", 3);
    let one = |history| NewCrash::new(history).log("LOG1", 1);
    let log2_begins = NewCrash::new(&some).log("LOG2", 2).log("LOG1", 2);
    let empty_log2 = NewCrash::new(&some).log("LOG1", 4).log("LOG2", 0);
    vec![
        two().flushed(4).build("clean, stale logs"),
        two().build("nothing written"),
        NewCrash::new(&some).log("LOG1", 4).build("nothing written, one log"),
        empty_log2.build("nothing written, second log of no bytes"),
        log2_begins.build("nothing written, LOG2 the first"),
        two().written(4).build("partly written"),
        two().written(usize::MAX).build("all written but the base block"),
        two().flushed(1).build("first log not eligible"),
        two().flushed(1).written(2).build("first log not eligible, partly written"),
        two().flushed(2).build("no log eligible"),
        two().flushed(1).base(Base::BadChecksum).build("bad checksum"),
        two().flushed(1).base(Base::Zeroed).build("base block of zeros"),
        two().flushed(1).written(3).base(Base::BadChecksum).build("bad checksum, partly written"),
        one(&grown).build("growth"),
        one(&grown).written(3).build("growth, partly written"),
        one(&shrunk).build("shrinking"),
        one(&shrunk).written(3).build("shrinking, partly written"),
        NewCrash::new(&both).log("LOG1", 2).build("growth and shrinking"),
        two().sequence(0xFFFF_FFFE).build("numbers from their largest to 0"),
        two().sequence(0xFFFF_FFFF).flushed(1).build("numbers from 0, first log not eligible"),
        two().left_over(3).build("older entries left over"),
        two().left_over(1).garbage(1).build("the last number again, then garbage"),
        two().garbage(2).build("garbage behind the entries"),
        two().shuffled(3).build("references in any order"),
        two().flags(0xFFFF_FFFF).build("entries with all flags"),
        two().alignment(512).build("entries end at sectors"),
        two().damaged(0, "page 0").build("first entry damaged"),
        two().damaged(2, "page 0").build("entry damaged in the middle"),
        two().damaged(3, "hash1").build("last entry, first hash wrong"),
        two().damaged(3, "hash2").build("last entry, second hash wrong"),
        two().damaged(3, "sequence").build("last entry, number wrong"),
        log2_begins_damaged(&some),
    ]
}

/// The second log is valid but begins after a gap.
fn log2_begins_damaged(history: &History) -> Dirty {
    let crash = NewCrash::new(history).log("LOG2", 2).log("LOG1", 2);
    crash.damaged(1, "padding").build("first log damaged at its end")
}

fn old_format() -> Vec<Dirty> {
    let some = edits(2, 5);
    let single = edits(1, 5);
    let grown = History::new(vec![small(), large()], &Options::default(), 5);
    let shrunk = History::new(vec![large(), small()], &Options::default(), 5);
    let huge = History::new(vec![huge(1), huge(2)], &Options::default(), 5);
    let one = |history| OldCrash::new(history).log("LOG1", 0, 1);
    let two = || OldCrash::new(&some).log("LOG1", 0, 1).log("LOG2", 0, 2);
    let flushed = OldCrash::new(&some).log("LOG1", 0, 1).log("LOG2", 1, 2).flushed(1);
    vec![
        one(&single).flushed(1).build("old log: clean, stale log"),
        one(&single).not_begun().build("old log: not begun"),
        one(&single).build("old log: nothing written"),
        one(&single).written(2).build("old log: partly written"),
        one(&single).written(usize::MAX).build("old log: all written but the base block"),
        one(&single).written(1).base(Base::BadChecksum).build("old log: bad checksum"),
        one(&single).written(1).base(Base::Zeroed).build("old log: base block of zeros"),
        one(&single).by_sectors().build("old log: dirty by sectors"),
        OldCrash::new(&single)
            .log("LOG", 0, 1)
            .file_type(2)
            .by_sectors()
            .written(3)
            .build("old log: type 2"),
        one(&grown).build("old log: growth"),
        one(&grown).written(3).build("old log: growth, partly written"),
        one(&shrunk).build("old log: shrinking"),
        one(&shrunk).written(3).build("old log: shrinking, partly written"),
        one(&huge).by_sectors().build("old log: long bitmap"),
        one(&single).sequence(u32::MAX).build("old log: numbers from their largest to 0"),
        one(&single).garbage(4).build("old log: garbage behind the sectors"),
        two().build("old log: LOG2 the later"),
        flushed.build("old log: LOG2 the later, LOG1 in the hive"),
        one(&single).damaged("LOG1", "base", "checksum").build("old log: bad checksum of the log"),
        one(&single).damaged("LOG1", "dirt", "signature").build("old log: signature wrong"),
    ]
}

fn edits(updates: u64, seconds: u64) -> History {
    let mut trees = vec![random::plain_tree(11, 60)];
    for seed in 0..updates {
        trees.push(random::plain_edit(seed, trees.last().expect("a first tree"), 3));
    }
    History::new(trees, &Options::default(), seconds)
}

fn small() -> Tree {
    random::plain_tree(12, 30)
}

fn large() -> Tree {
    let mut tree = small();
    // In the middle of the keys, so that other keys move.
    let more = Key::new("M").binary("Long", &[0x5A; 40_000]);
    tree.root.subkeys.push(more);
    tree
}

/// A hive whose bitmap is longer than the rest of the second sector.
fn huge(number: u32) -> Tree {
    let mut tree = small();
    tree.root.at("A").push(Value::dword("Number", number));
    tree.root.at("B").push(Value::binary("Long", &[0xA5; 2_200_000]));
    tree
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn names_are_distinct() {
        let states = states();
        let names: HashSet<&str> = states.iter().map(|state| state.name.as_str()).collect();
        assert_eq!(names.len(), states.len());
    }

    #[test]
    fn state_names_match_their_bytes() {
        let states = states();
        let state = |name: &str| states.iter().find(|state| state.name == name).unwrap();
        let numbers = |name: &str| [4, 8].map(|at| word(&state(name).primary, at));
        assert_eq!(numbers("clean, stale logs"), [6, 6]);
        assert_eq!(numbers("nothing written"), [3, 2]);
        assert_eq!(numbers("first log not eligible"), [4, 3]);
        assert_eq!(numbers("numbers from their largest to 0"), [0xFFFF_FFFF, 0xFFFF_FFFE]);
        assert_eq!(numbers("old log: nothing written"), [5, 4]);
        assert_eq!(numbers("old log: numbers from their largest to 0"), [0, u32::MAX]);
        let applied = |name: &str| state(name).applied.as_slice();
        assert_eq!(applied("clean, stale logs"), []);
        assert_eq!(applied("no log eligible"), []);
        assert_eq!(applied("first entry damaged"), []);
        assert_eq!(applied("entry damaged in the middle"), [("LOG1", 2), ("LOG2", 3)]);
        assert_eq!(applied("first log damaged at its end"), [("LOG2", 2)]);
        assert_eq!(
            applied("bad checksum, partly written"),
            [("LOG2", 3), ("LOG2", 4), ("LOG2", 5)]
        );
        assert_eq!(applied("old log: LOG2 the later"), [("LOG2", 6)]);
        assert_eq!(applied("old log: signature wrong"), []);
        let size = |name: &str| {
            let state = state(name);
            (state.primary.len(), state.expected.len())
        };
        assert!(size("growth").0 < size("growth").1);
        assert!(size("shrinking").0 > size("shrinking").1);
        assert_eq!(size("growth, partly written").0, size("growth").1);
        let flagged = state("entries with all flags");
        assert_eq!((word(&flagged.primary, 144), word(&flagged.expected, 144)), (0, 1));
        let long = &state("old log: long bitmap").logs[0].1;
        assert_eq!(long.field("dirt", "page 0").start, 1536);
    }

    /// A partly written hive without replay has no tree.
    #[test]
    fn applied_states_have_a_tree() {
        let states = states();
        assert!(states.iter().all(|state| state.applied.is_empty() || state.tree.is_some()));
        let unknown: Vec<&str> = states
            .iter()
            .filter(|state| state.tree.is_none())
            .map(|state| state.name.as_str())
            .collect();
        assert_eq!(unknown, ["old log: bad checksum of the log", "old log: signature wrong"]);
    }

    fn word(bytes: &[u8], at: usize) -> u32 {
        u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap())
    }
}
