// SPDX-License-Identifier: MIT OR Apache-2.0

//! Hives with logs, replayed by the rules of the format: the result is what hive-forge expects.

use hive_forge::log::{Dirty, hostile_logs, new_crash, old_crash, states};

mod rules;

use rules::{replay, sound, u32_at};

fn check(dirty: &Dirty) {
    let (bins, applied) = replay(dirty);
    assert_eq!(applied, dirty.applied, "{}", dirty.name);
    assert!(bins == dirty.expected_bins(), "{}", dirty.name);
    if !applied.is_empty() {
        let numbers = applied.last().unwrap().1.wrapping_add(1);
        assert!(sound(&dirty.expected), "{}", dirty.name);
        assert_eq!([4, 8, 28].map(|at| u32_at(&dirty.expected, at)), [numbers, numbers, 0]);
        assert_eq!(u32_at(&dirty.expected, 36), 0x20, "the root");
        assert_eq!(u32_at(&dirty.expected, 40) as usize, bins.len());
    }
}

#[test]
fn named_states_are_replayed_as_expected() {
    let states = states();
    states.iter().for_each(check);
    assert!(states.len() > 40, "{}", states.len());
}

#[test]
fn hostile_logs_are_applied_up_to_the_damaged_entry() {
    let hostile = hostile_logs();
    hostile.iter().for_each(check);
    assert!(hostile.len() > 10, "{}", hostile.len());
}

#[test]
fn random_crashes_are_replayed_as_expected() {
    let mut applied = 0;
    for seed in 0..120 {
        let dirty = new_crash(seed);
        applied += dirty.applied.len();
        check(&dirty);
    }
    assert!(applied > 100, "{applied}");
}

#[test]
fn random_crashes_with_old_logs_are_replayed_as_expected() {
    let mut applied = 0;
    for seed in 0..60 {
        let dirty = old_crash(seed);
        applied += dirty.applied.len();
        check(&dirty);
    }
    assert!(applied > 20, "{applied}");
}
