// SPDX-License-Identifier: MIT OR Apache-2.0
//! Inputs that once made the reader slow or large, and their siblings, each with its bound.

use hive_forge::family::{self, Case};

use crate::entries;
use crate::ledger::Cost;

/// Runs an entry point on an input of a family.
fn cost(entry: &str, family: &str, size: usize) -> (Cost, u64) {
    let family = family::all().into_iter().find(|it| it.name == family).expect("a family");
    cost_of(entry, &(family.make)(size))
}

fn cost_of(entry: &str, case: &Case) -> (Cost, u64) {
    let entry = entries::all().into_iter().find(|it| it.name == entry).expect("an entry point");
    (Cost::of(&entry, case), case.length() as u64)
}

/// Checks the cost of a byte. The limits are work, peak memory and output.
#[track_caller]
fn assert_bound(entry: &str, family: &str, limits: [u64; 3]) {
    let (cost, length) = cost(entry, family, 256 << 10);
    let costs = [cost.work, cost.peak, cost.output];
    for ((cost, limit), what) in costs.into_iter().zip(limits).zip(["work", "peak", "output"]) {
        let rate = cost / length;
        println!("{entry}, {family}: {what} {rate} a byte");
        assert!(rate <= limit, "{entry}, {family}: {what} {rate} a byte, at most {limit}");
    }
}

#[test]
fn recovery_from_overlapping_cells_lists_and_data_is_bounded() {
    for family in [
        "keys whose cells overlap",
        "value lists that overlap",
        "subkey lists that overlap",
        "data cells that overlap",
    ] {
        assert_bound("recover", family, [16, 8, 2]);
        assert_bound("records", family, [32, 8, 2]);
        assert_bound("data of records", family, [32, 8, 2]);
    }
}

#[test]
fn recovery_of_shared_lists_data_and_segments_is_bounded() {
    for family in [
        "deleted keys that share a value list",
        "deleted values that share data",
        "deleted values that share segments",
        "deleted values with data between live cells",
    ] {
        assert_bound("recover", family, [32, 8, 2]);
        assert_bound("data of records", family, [64, 8, 80]);
        assert_bound("spans of records", family, [64, 8, 64]);
        assert_bound("values and subkeys of records", family, [64, 8, 16]);
    }
}

#[test]
fn check_of_full_lists_is_bounded() {
    for family in ["ri that overlap", "li that overlap", "lf that overlap", "lh that overlap"] {
        assert_bound("check", family, [64, 16, 4]);
        assert_bound("thorough look-up of a path", family, [64, 16, 32]);
    }
}

#[test]
fn check_of_shared_lists_is_bounded() {
    for family in [
        "keys that share a value list",
        "keys that share a subkey list",
        "keys that share a list of nothing",
        "keys that share an ri of empty leaves",
        "keys that share an ri of one leaf",
        "keys that share an ri of nothing",
        "keys that list each other",
    ] {
        assert_bound("check", family, [64, 16, 4]);
        assert_bound("hidden", family, [64, 16, 16]);
    }
}

#[test]
fn names_class_names_and_security_that_overlap_are_bounded() {
    for family in [
        "key names that overlap",
        "value names that overlap",
        "class names that overlap",
        "a class name that all keys share",
        "security records that overlap",
        "a security record that all keys share",
    ] {
        assert_bound("check", family, [96, 16, 4]);
        assert_bound("hidden", family, [96, 16, 16]);
    }
}

/// 90 KB once took 201 MB: each value listed all elements of one segment list.
#[test]
fn segment_list_of_nothing_that_values_share_is_read_within_a_limit() {
    for family in ["big data with a list of nothing", "big data whose last segment is bad"] {
        assert_bound("hidden", family, [64, 16, 16]);
        assert_bound("check", family, [64, 16, 4]);
    }
}

#[test]
fn carving_holds_no_finds() {
    for family in ["values without cells", "keys without cells", "a bin in each sector"] {
        let (small, _) = cost("carve bytes", family, 256 << 10);
        let (large, length) = cost("carve bytes", family, 1 << 20);
        assert!(large.peak <= small.peak + 4096, "{family}: {small}, then {large}");
        assert!(large.work <= 4 * length, "{family}: {large}");
    }
}

/// Each compressed unit once had a buffer of 1.3 MB.
#[test]
fn noise_that_looks_compressed_takes_memory_in_proportion() {
    let (cost, length) = cost("carve bytes", "compressed chunks of bins", 256 << 10);
    assert!(cost.total <= 400 * length, "{cost}");
}

#[test]
fn logs_that_shrink_and_grow_are_replayed_within_a_limit() {
    for family in [
        "log entries that shrink and grow",
        "log entries of one page",
        "log entries whose pages overlap",
        "log entries that grow",
        "sectors of an old log",
    ] {
        assert_bound("replay", family, [16, 16, 1]);
        assert_bound("history of a replay", family, [64, 16, 16]);
        assert_bound("patches and report of a replay", family, [64, 16, 1]);
    }
}

#[test]
fn entries_that_were_not_applied_share_one_limit() {
    for family in ["log entries that were not applied", "log entries of another hive"] {
        assert_bound("recovery from pages of logs", family, [64, 16, 4]);
    }
    assert_bound(
        "recovery of what replay overwrites",
        "deleted keys that a log overwrites",
        [32, 16, 4],
    );
}

/// A page of 4 KiB, and an offset of 512 MiB. Work and memory once followed the offset.
#[test]
fn fragment_far_from_the_start_costs_as_much_as_a_near_one() {
    let case = |offset: u32| {
        let mut bytes = vec![0; 4096];
        bytes[..4].copy_from_slice(b"hbin");
        bytes[4..8].copy_from_slice(&offset.to_le_bytes());
        bytes[8..12].copy_from_slice(&4096_u32.to_le_bytes());
        bytes[32..36].copy_from_slice(&4064_u32.to_le_bytes());
        Case::from(bytes)
    };
    let (near, _) = cost_of("fragment", &case(0x1000));
    let (far, _) = cost_of("fragment", &case(0x1FFF_F000));
    println!("near: {near}; far: {far}");
    assert!(far.work <= near.work * 2 && far.peak <= near.peak * 2, "{near}; {far}");
    assert!(far.work < 64 << 10 && far.peak < 64 << 10, "{far}");
}

/// Each of many records below one long path once had the whole path.
#[test]
fn paths_of_records_below_a_long_path_share_one_limit() {
    for family in [
        "deleted keys below a long path",
        "a chain of deleted keys",
        "deleted keys with long names",
    ] {
        assert_bound("paths of records", family, [256, 8, 80]);
        assert_bound("confidence of records", family, [256, 8, 4]);
    }
}

#[test]
fn counterparts_of_records_share_one_limit() {
    for family in [
        "deleted copies of a key with many values",
        "deleted copies of keys in a long list",
        "deleted copies of keys in an unsorted list",
        "deleted copies of one large value",
        "deleted values in the slack of a list",
    ] {
        assert_bound("counterparts of records", family, [640, 16, 1]);
    }
}
