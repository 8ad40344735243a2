// SPDX-License-Identifier: MIT OR Apache-2.0
//! Overlapping cells and long paths: results, memory and work stay in proportion to the hive.

use calhive_regf::{Budget, ErrorKind, Hive, Limit};
use hive_forge::overlapping::{self, Wide, deep, full_lists, wide};

use super::Worst;
use crate::memory::measure;

/// Memory for reading one of the hives, beside the file.
const MEMORY: u64 = 64 << 20;

#[test]
fn overlapping_cells_and_long_paths_take_little_time_and_memory() {
    let mut worst = Worst::default();
    for hive in overlapping::all() {
        worst.run(|| hive.name.to_owned(), &hive.bytes);
    }
    worst.report("overlapping cells");
    assert_eq!(worst.cases, 7);
}

/// Reads a hive of a kind in two sizes. Returns the recovered records of both.
fn recovered(kind: Wide) -> [usize; 2] {
    [1500, 6000].map(|count| {
        let bytes = wide(count, kind);
        let (found, used) = measure(|| {
            let recovery = Hive::parse(&bytes).unwrap().recover();
            let values = recovery.overwritten_values().len();
            assert!(values <= count as usize, "{kind:?}");
            recovery.len()
        });
        println!("{kind:?}: {} bytes, {found} records, {} KiB", bytes.len(), used.peak / 1024);
        assert!(used.peak < 16 * bytes.len() as u64, "{kind:?}: {} bytes", used.peak);
        assert!(used.peak < MEMORY, "{kind:?}: {} bytes", used.peak);
        found
    })
}

#[test]
fn recovery_from_overlapping_cells_takes_memory_in_proportion_to_the_hive() {
    for (kind, expected) in [
        (Wide::Keys, [1502, 6002]),
        (Wide::ValueLists, [1, 1]),
        (Wide::SubkeyLists, [1501, 6001]),
        (Wide::Data, [1501, 6001]),
    ] {
        assert_eq!(recovered(kind), expected, "{kind:?}");
    }
}

#[test]
fn elements_of_overlapping_lists_are_limited_and_the_limit_has_an_offset() {
    let bytes = wide(2000, Wide::ValueLists);
    let recovery = Hive::parse(&bytes).unwrap().recover();
    let most = (bytes.len() as u64 - 4096) / 4;
    let [fault] = recovery.faults() else { panic!("{:?}", recovery.faults()) };
    assert_eq!(fault.kind(), ErrorKind::LimitReached { limit: Limit::Elements, most });
    assert!(fault.offset().get() > 4096, "{fault}");
}

#[test]
fn faults_of_overlapping_lists_are_counted_beyond_the_limit() {
    for signature in [*b"ri", *b"li", *b"lf", *b"lh"] {
        let bytes = full_lists(8000, signature);
        let mut faults = Vec::new();
        let left_out = Hive::parse(&bytes).unwrap().check(|fault| faults.push(fault.error));
        let bins = bytes.len() as u64 - 4096;
        let most = bins / 16 + 4096;
        let is_limit = |kind| kind == ErrorKind::LimitReached { limit: Limit::Faults, most };
        let limits = faults.iter().filter(|fault| is_limit(fault.kind())).count();
        assert_eq!(limits, usize::from(left_out > 0), "{signature:?}");
        assert!(faults.len() as u64 <= most + 1, "{signature:?}");
        // The budget for elements ends the work, for lists that cannot be read as for others.
        assert!(faults.len() as u64 + left_out < bins, "{signature:?}: {left_out}");
    }
}

#[test]
fn paths_and_counterparts_end_with_their_budget() {
    let bytes = deep(300);
    let recovery = Hive::parse(&bytes).unwrap().recover();
    let mut look_ups = Budget::new(Limit::LookUps, 2_000_000);
    let paths: Vec<_> =
        recovery.iter().map(|found| found.key_path_within(&mut look_ups).unwrap()).collect();
    let whole = paths.iter().filter(|path| path.is_whole).count();
    let short = paths.iter().filter(|path| path.is_shortened).count();
    assert_eq!((paths.len(), whole + short), (800, 800));
    assert!(whole > 10 && short > 10, "{whole} {short}");
    assert!(
        paths.iter().filter(|path| path.is_shortened).all(|path| path.names.names().count() == 1)
    );
    let last = recovery.iter().last().unwrap();
    assert_eq!(last.counterpart_within(&mut look_ups), None);
    let first = recovery.iter().nth(whole - 1).unwrap().offset();
    let fault = look_ups.fault().unwrap();
    assert_eq!(fault.kind(), ErrorKind::LimitReached { limit: Limit::LookUps, most: 2_000_000 });
    assert!(fault.offset() >= first, "{fault}");
}
