// SPDX-License-Identifier: MIT OR Apache-2.0
//! The check of any hive: its faults are bounded and lie in the file, and a hive without faults reads
//! without errors.

use calhive_regf::hive::hidden::Weight;
use calhive_regf::{ErrorKind, Hive, Limit};

use crate::forms::as_given_and_sealed;

/// Checks the hive in `bytes`, and reads it whole if it has no fault.
pub fn check(bytes: &[u8]) {
    as_given_and_sealed(bytes, faults);
}

fn faults(bytes: &[u8], hive: Hive<'_>) {
    let mut faults = Vec::new();
    let refused = hive.check(|violation| faults.push(violation));
    let most = hive.bin_bytes().len() / 16 + 4096;
    assert!(faults.len() <= most + 1, "{} faults", faults.len());
    let is_limit = |error: &calhive_regf::Error| {
        matches!(error.kind(), ErrorKind::LimitReached { limit: Limit::Faults, .. })
    };
    assert_eq!(refused > 0, faults.last().is_some_and(|it| is_limit(&it.error)), "{refused}");
    for (number, violation) in faults.iter().enumerate() {
        assert!(violation.error.offset().get() <= bytes.len() as u64, "{violation:?}");
        if number < 100 {
            std::hint::black_box(format!("{} {}", violation.error, violation.grade));
        }
    }
    if faults.is_empty() {
        is_sound(hive);
    }
}

/// Asserts that a hive without faults has no error anywhere.
fn is_sound(hive: Hive<'_>) {
    let mut walk = hive.walk().with_values(true);
    while let Some(entry) = walk.next() {
        let entry = entry.expect("a walk without an error");
        for value in entry.values {
            let value = value.expect("a value without an error");
            walk.data(value).expect("data without an error");
        }
        let security = entry.key.security().expect("readable security");
        if let Some(security) = security {
            security.descriptor().expect("a readable descriptor");
        }
        entry.key.class_name().expect("a readable class name");
        entry.key.parent().expect("a readable parent");
    }
    assert_eq!(walk.faults(), []);
    for item in hive.hidden().iter() {
        assert!(item.weight == Weight::LeftOver, "{item:?}");
    }
    assert_eq!(hive.bins().find_map(Result::err), None);
    assert_eq!(hive.cells().find_map(Result::err), None);
    assert_eq!((hive.root_fault(), hive.missing()), (None, None));
}
