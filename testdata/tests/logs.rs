// SPDX-License-Identifier: MIT OR Apache-2.0

//! Hives with logs, replayed from outside by the rules of the format: what comes out is what the
//! forge expects.

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
fn states_come_out_as_expected() {
    states().iter().for_each(check);
}

#[test]
fn hostile_logs_apply_up_to_the_broken_entry() {
    hostile_logs().iter().for_each(check);
}

#[test]
fn random_crashes_come_out_as_expected() {
    let mut applied = 0;
    for seed in 0..120 {
        let dirty = new_crash(seed);
        applied += dirty.applied.len();
        check(&dirty);
    }
    assert!(applied > 100, "{applied}");
}

#[test]
fn random_crashes_with_old_logs_come_out_as_expected() {
    (0..60).map(old_crash).for_each(|dirty| check(&dirty));
}
