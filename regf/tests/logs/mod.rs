// SPDX-License-Identifier: MIT OR Apache-2.0
//! Replay gives the hive after the last whole update, and no log does harm.

mod alone;
mod crashes;
mod history;
mod hostile;
mod ledger;
#[cfg(feature = "mmap")]
mod mapped;
mod scenarios;

use calhive_regf::Hive;
use calhive_regf::log::outcome::{Refusal, Replay, Untouched};
use calhive_regf::log::replay::replay;
use hive_forge::checksum;
use hive_forge::log::{Dirty, LogFile, states};

use crate::same_tree::same_tree;

/// Applies the logs of a forged hive in both orders: the order does not matter.
fn recover(dirty: &Dirty) -> (Vec<u8>, Replay) {
    let logs: Vec<&[u8]> = dirty.logs.iter().map(|(_, log)| bytes(log)).collect();
    let recovered = replay(&dirty.primary, &logs);
    // If two old-format logs have the same timestamp, the first one is applied. Their order is
    // kept.
    if logs.iter().all(|log| log.get(28) == Some(&6)) {
        let reversed: Vec<&[u8]> = logs.iter().rev().copied().collect();
        assert!(replay(&dirty.primary, &reversed).0 == recovered.0, "{}", dirty.name);
    }
    recovered
}

fn bytes(log: &LogFile) -> &[u8] {
    &log.bytes
}

/// Applied updates, in the form of `Dirty::applied`.
fn applied(dirty: &Dirty, report: &Replay) -> Vec<(&'static str, u32)> {
    let mut applied: Vec<(usize, u32)> =
        report.written.iter().map(|written| (written.log, written.sequence)).collect();
    applied.dedup();
    applied.into_iter().map(|(log, sequence)| (dirty.logs[log].0, sequence)).collect()
}

/// Asserts that the bins, tree, base block and report after replay are those that hive-forge
/// expects.
fn check(dirty: &Dirty) {
    let name = &dirty.name;
    let (recovered, report) = recover(dirty);
    assert_eq!(applied(dirty, &report), dirty.applied, "{name}: {report:#?}");
    let counted: u32 = report.logs.iter().map(|log| log.applied).sum();
    assert_eq!(counted as usize, dirty.applied.len(), "{name}: {report:#?}");
    if let Some((_, last)) = dirty.applied.last() {
        let expected = dirty.expected_bins();
        assert_eq!(report.untouched, None, "{name}");
        assert_eq!(report.bins_after as usize, expected.len(), "{name}");
        assert!(recovered[4096..][..expected.len()] == *expected, "{name}: {report:#?}");
        assert_eq!(report.sequence, *last, "{name}");
        let word = |at: usize| u32::from_le_bytes(recovered[at..at + 4].try_into().unwrap());
        assert_eq!([word(4), word(8), word(28)], [*last, *last, 0], "{name}");
        assert_eq!(word(508), checksum(&recovered), "{name}");
        assert!(!Hive::parse(&recovered).unwrap().is_dirty(), "{name}");
    } else {
        assert!(report.untouched.is_some(), "{name}");
        assert!(recovered == dirty.primary, "{name}: without an applied log the hive is unchanged");
    }
    if let Some(tree) = &dirty.tree {
        let hive = Hive::parse(&recovered).unwrap();
        same_tree(hive.root().unwrap(), tree, hive.base_block().version().1);
    }
    let dirty = Hive::parse(&dirty.primary).is_ok_and(|hive| hive.is_dirty());
    if report.untouched == Some(Untouched::Clean) {
        assert!(!dirty, "{name}");
    }
}

/// Sequence numbers of two hives may fit by chance. Their resource managers differ.
#[test]
fn log_of_another_hive_is_refused() {
    let states = states();
    let find = |name| states.iter().find(|state: &&Dirty| state.name == name).unwrap();
    let named = |hive: [u8; 16], log: [u8; 16]| {
        let mut dirty = find("nothing written, one log").clone();
        dirty.primary[112..128].copy_from_slice(&hive);
        let sum = checksum(&dirty.primary).to_le_bytes();
        dirty.primary[508..512].copy_from_slice(&sum);
        dirty.log("LOG1").set_bytes("base", "rm_id", &log).seal();
        recover(&dirty).1
    };
    for (hive, log) in [([7; 16], [7; 16]), ([7; 16], [0; 16]), ([0; 16], [7; 16])] {
        assert!(named(hive, log).is_applied(), "{hive:?} {log:?}");
    }
    let report = named([7; 16], [8; 16]);
    assert_eq!(report.untouched, Some(Untouched::NoLog));
    assert_eq!(report.logs[0].refused, Some(Refusal::AnotherHive));
    // Hives of old Windows versions have no resource manager. Their file names differ.
    for (state, log) in [("nothing written, one log", "LOG1"), ("old log: nothing written", "LOG1")]
    {
        for (name, is_other) in
            [(r"config\OTHER", true), (r"other folder\FORGED", false), ("", false)]
        {
            let mut dirty = find(state).clone();
            let units: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
            let mut field = [0; 64];
            field[..units.len()].copy_from_slice(&units);
            dirty.log(log).set_bytes("base", "file_name", &field).seal();
            let report = recover(&dirty).1;
            assert_eq!(report.is_applied(), !is_other, "{state}, {name}: {report:#?}");
        }
    }
}
