// SPDX-License-Identifier: MIT OR Apache-2.0
//! Hives of machines that stopped at any moment.

use calhive_regf::Hive;
use calhive_regf::log::replay::replay;
use hive_forge::Locality;
use hive_forge::cases::cases;
use hive_forge::log::{Dirty, new_crash, old_crash, states};
use hive_forge::rng::Rng;
use hive_forge::stream::{Synthetic, write_dirty_synthetic};

use super::{applied, check, recover};

#[test]
fn named_states_are_replayed_as_expected() {
    let states = states();
    states.iter().for_each(check);
    println!("{} states", states.len());
    assert!(states.len() > 40, "{}", states.len());
}

#[test]
fn random_crashes_are_replayed_up_to_the_last_whole_update() {
    let (cases, mut updates) = (u64::from(cases(200)), 0);
    for seed in 0..cases {
        let dirty = new_crash(seed);
        updates += dirty.applied.len();
        check(&dirty);
        check(&old_crash(seed));
    }
    println!("{cases} crashes with new logs ({updates} updates), as many with old ones");
    assert!(updates as u64 >= cases / 2, "{updates}");
}

/// The hive of the replay benchmark, at a small size. Its update changes data and timestamps only.
#[test]
fn synthetic_hive_is_sound_before_and_after_replay() {
    for minor in 3..=6 {
        let synthetic = Synthetic { bytes: 2_000_000, locality: Locality::InOrder, seed: 7, minor };
        let mut hive = Vec::new();
        let (summary, log) = write_dirty_synthetic(&mut hive, &synthetic, 300_000);
        let (recovered, report) = replay(&hive, &[&log.bytes]);
        assert_eq!((report.logs[0].applied, recovered.len()), (1, hive.len()));
        assert!(report.written.len() > 60, "{}", report.written.len());
        let seen = [&hive, &recovered].map(|bytes| {
            let hive = Hive::parse(bytes).unwrap();
            let mut findings = Vec::new();
            hive.check(|finding| findings.push(format!("{finding:?}")));
            // The dirty hive is reported as dirty.
            assert_eq!(findings.len(), usize::from(hive.is_dirty()), "{findings:#?}");
            hive.walk().map(|entry| entry.unwrap().key.name().to_string()).collect::<Vec<_>>()
        });
        assert_eq!(seen[0].len() as u64, summary.keys);
        assert!(seen[0] == seen[1]);
    }
}

/// Sequence number of the entry that a byte of a new-format log belongs to. Entries after the last
/// one in sequence are left over, and may have the same numbers.
fn entry_at(log: &[u8], at: usize) -> Option<u32> {
    let word = |at: usize| u32::from_le_bytes(log[at..at + 4].try_into().unwrap());
    let (mut start, mut number) = (512, word(4));
    while log.get(start..start + 40).is_some_and(|entry| entry.starts_with(b"HvLE"))
        && word(start + 12) == number
    {
        let size = word(start + 4) as usize;
        if (start..start + size).contains(&at) {
            return Some(number);
        }
        number = number.wrapping_add(1);
        start += size.max(512);
    }
    None
}

/// One bit of an applied log is flipped. The entries before the damaged entry are applied.
#[test]
fn flipped_bit_ends_replay_before_its_entry() {
    let (cases, mut before, mut whole) = (u64::from(cases(200)), 0, 0);
    for seed in 0..cases {
        let mut dirty = new_crash(seed);
        let Some(&(name, _)) = dirty.applied.first() else { continue };
        let whole_set = dirty.clone();
        let (sound, _) = recover(&dirty);
        let mut rng = Rng::new(seed);
        let log = &mut dirty.log(name).bytes;
        let at = 512 + rng.below(log.len() - 512);
        let hit = entry_at(log, at);
        log[at] ^= 1 << rng.below(8);
        let (flipped, report) = recover(&dirty);
        let expected: Vec<(&str, u32)> =
            dirty.applied.iter().copied().take_while(|(_, number)| Some(*number) != hit).collect();
        assert_eq!(applied(&dirty, &report), expected, "{}: byte {at}, {report:#?}", dirty.name);
        if expected.len() == dirty.applied.len() {
            assert!(flipped == sound, "{}: byte {at} belongs to no entry", dirty.name);
            whole += 1;
        } else {
            assert!(
                flipped == state_before(&whole_set, expected.len()),
                "{}: byte {at}",
                dirty.name
            );
            before += 1;
        }
    }
    println!("{cases} logs: {before} end before the flipped byte, {whole} do not hold it");
    assert!(before > 0);
}

/// The hive after replay if its logs end after this number of updates: each log is cut where the
/// next entry begins.
fn state_before(dirty: &Dirty, updates: usize) -> Vec<u8> {
    let Some(&(name, next)) = dirty.applied.get(updates) else { return recover(dirty).0 };
    let mut dirty = dirty.clone();
    let log = &mut dirty.log(name).bytes;
    let cut = (512..log.len())
        .step_by(512)
        .find(|at| log[*at..].starts_with(b"HvLE") && log[at + 12..at + 16] == next.to_le_bytes());
    log.truncate(cut.expect("the entry was there"));
    recover(&dirty).0
}
