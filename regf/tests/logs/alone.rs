// SPDX-License-Identifier: MIT OR Apache-2.0
//! Logs without their hive: pages in newer states, and older pages that were left over.

use std::collections::BTreeMap;

use calhive_regf::log::{Format, Log};
use hive_forge::corpus::files;
use hive_forge::log::{Dirty, states};

/// Entries of all logs, by age: 0 is the last entry that is applied.
fn entries(dirty: &Dirty) -> BTreeMap<u32, Vec<(u32, Vec<u8>)>> {
    let (_, last) = *dirty.applied.last().unwrap();
    let logs = dirty.logs.iter().filter_map(|(_, log)| Log::parse(&log.bytes).ok());
    // Sequence numbers repeat. Entries in sequence come before entries that are left over.
    let in_order = logs.clone().flat_map(|log| log.sequence().filter_map(Result::ok));
    let mut entries = BTreeMap::new();
    for entry in in_order.chain(logs.flat_map(Log::entries)) {
        let pages = entry.pages().map(|page| (page.target.get(), page.data.as_slice().to_vec()));
        let age = last.wrapping_sub(entry.sequence());
        if age < u32::MAX / 2 {
            entries.entry(age).or_insert(pages.collect());
        }
    }
    entries
}

/// The pages of a log hold the bytes of the recovered hive at the same offsets.
#[test]
fn pages_of_logs_equal_the_recovered_hive() {
    let (mut compared, mut older) = (0, 0);
    for dirty in states().iter().filter(|state| !state.applied.is_empty()) {
        let expected = dirty.expected_bins();
        let mut known = vec![None; expected.len()];
        let mut put = |target: u32, data: &[u8]| {
            let places = known.iter_mut().skip(target as usize);
            places.zip(data).for_each(|(place, byte)| *place = Some(*byte));
        };
        let is_new =
            dirty.logs.iter().any(|(name, log)| dirty.applied[0].0 == *name && log.bytes[28] == 6);
        if is_new {
            let entries = entries(dirty);
            older += entries.len() - dirty.applied.len();
            for (target, data) in entries.values().rev().flatten() {
                put(*target, data);
            }
        } else {
            let (name, _) = dirty.applied[0];
            let log = dirty.logs.iter().find(|(known, _)| *known == name).unwrap();
            for page in Log::parse(&log.1.bytes).unwrap().pages() {
                put(page.target.get(), page.data.as_slice());
            }
        }
        for (place, (known, expected)) in known.iter().zip(expected).enumerate() {
            if let Some(known) = known {
                assert_eq!(known, expected, "{} at {place:#x}", dirty.name);
                compared += 1;
            }
        }
    }
    println!("{compared} bytes of pages are those of the hives, {older} older entries");
    assert!(compared > 100_000 && older > 0);
}

/// Real logs without hives.
#[test]
fn real_logs_without_hive_are_read() {
    let Some(logs) = files("real_logs_without_a_hive", |name| name.contains("logs-without-base/"))
    else {
        return;
    };
    let mut seen = 0;
    for file in logs {
        let log = Log::parse(&file.bytes).unwrap();
        let (mut pages, mut bytes) = (0, 0);
        for page in log.pages() {
            let place = page.data.offset().get();
            let end = place + page.data.len() as u64;
            assert!(end <= file.bytes.len() as u64 && !page.target.is_nil(), "{}", file.name);
            pages += 1;
            bytes += page.data.len();
        }
        let (numbers, in_order) =
            (log.entries().count(), log.sequence().filter(Result::is_ok).count());
        println!(
            "{}: {pages} pages, {bytes} bytes, {numbers} entries, {in_order} in order",
            file.name
        );
        assert!(pages > 0 && numbers >= in_order, "{}", file.name);
        assert_eq!(log.format() == Format::New, numbers > 0, "{}", file.name);
        seen += 1;
    }
    assert_eq!(seen, 3);
}
