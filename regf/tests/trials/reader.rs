// SPDX-License-Identifier: MIT OR Apache-2.0
//! Trials of the reader.

use calhive_regf::hive::hidden::{HiddenBy, Weight};
use calhive_regf::{ErrorKind, Hive};

use super::input;

/// Asserts that exactly one field hides content, and that the check names the field, too. Returns
/// the paths of the hidden items.
#[track_caller]
fn hiding_field(path: &str, by: HiddenBy, place: u64, found: u64, suggested: u64) -> Vec<String> {
    let Some(bytes) = input(path) else { return Vec::new() };
    let hive = Hive::parse(&bytes).unwrap();
    let hidden = hive.hidden();
    assert!(!hidden.is_empty());
    let mut paths = Vec::new();
    for item in hidden.iter() {
        let expected = (by, place, found, Some(suggested), Weight::Contradiction);
        let is = (item.by, item.place.get(), item.found, item.suggested, item.weight);
        assert_eq!(is, expected, "{item}");
        paths.push(hidden.path(item).expect("the path is known").to_string());
    }
    let mut named = Vec::new();
    hive.check(|violation| {
        if let ErrorKind::Hidden { by, .. } = violation.error.kind() {
            named.push((by, violation.error.offset().get()));
        }
    });
    assert_eq!(named, [(by, place)]);
    paths
}

/// Stored size of an allocated cell.
const fn allocated(size: u32) -> u64 {
    size.wrapping_neg() as u64
}

#[test]
fn lowered_size_of_a_key_is_named_and_the_name_is_kept() {
    let place = 0x1198;
    let (found, was) = (allocated(0x58), allocated(0x60));
    let paths = hiding_field("24-cell-sizes/mr-02.2", HiddenBy::CellSize, place, found, was);
    assert!(paths.iter().all(|path| path == "ActivationBroker"), "{paths:?}");
}

#[test]
fn lowered_size_of_a_subkey_list_is_named_and_paths_are_kept() {
    let place = 0x1610;
    let (found, was) = (allocated(0x188), allocated(0x1a8));
    let paths = hiding_field("24-cell-sizes/mr-03.2", HiddenBy::CellSize, place, found, was);
    assert!(paths.iter().all(|path| path.starts_with(r"ControlSet001\Control\")), "{paths:?}");
}

#[test]
fn lowered_size_of_data_is_named() {
    let (found, was) = (allocated(4), allocated(0x10));
    hiding_field("24-cell-sizes/mr-06.2", HiddenBy::CellSize, 0x1f38, found, was);
}

#[test]
fn length_of_a_number_without_inline_bit_is_named() {
    hiding_field("24-cell-sizes/mr-09", HiddenBy::DataSize, 0x1370, 8, 0x8000_0004);
}

#[test]
fn values_below_a_key_marked_as_predefined_are_hidden_by_the_flag() {
    let Some(bytes) = input("hostile/inputs/predef-handle") else { return };
    let hive = Hive::parse(&bytes).unwrap();
    let hidden = hive.hidden();
    let of_flag: Vec<_> =
        hidden.iter().filter(|item| item.by == HiddenBy::PredefinedHandle).collect();
    assert!(!of_flag.is_empty());
    for item in of_flag {
        assert_eq!((item.place.get(), item.weight), (0x55be, Weight::Contradiction));
        let path = hidden.path(item).unwrap().to_string();
        assert!(path.ends_with(r"RCM\Licensing Core"), "{path}");
    }
}

#[test]
fn second_value_of_one_name_is_hidden_by_the_first() {
    let Some(bytes) = input("hostile/inputs/two-values-of-one-name") else { return };
    let hive = Hive::parse(&bytes).unwrap();
    let hidden = hive.hidden();
    let second: Vec<_> = hidden.iter().filter(|item| item.by == HiddenBy::SameName).collect();
    assert!(!second.is_empty() && second.iter().all(|item| item.found == 0x100));
}

/// A token in the slack of shorter data belongs to the value with these data.
#[test]
fn data_overwritten_by_shorter_data_are_recovered_with_their_value() {
    let Some(bytes) = input("23-token-in-slack/SOFTWARE") else { return };
    let values = Hive::parse(&bytes).unwrap().recover().overwritten_values();
    let license = values.iter().find(|it| it.value.name() == "ClientLicense".into()).unwrap();
    assert_eq!(license.key.name(), "LICENSE000".into());
    // The leaf certificate, a DER sequence of 1,141 bytes.
    let leaf = [0x30, 0x82, 0x04, 0x71];
    let rest = license.rest.as_slice();
    let at = rest.windows(4).position(|bytes| bytes == leaf).expect("the leaf is there");
    assert!(rest.len() >= at + 1141);
}

/// A record in the slack of two overlapping cells is one record.
#[test]
fn record_in_two_overlapping_cells_is_recovered_once() {
    let Some(bytes) = input("hostile/inputs/duplicate-records") else { return };
    let recovery = Hive::parse(&bytes).unwrap().recover();
    let mut places: Vec<_> = recovery.iter().map(|found| found.offset()).collect();
    places.dedup();
    assert_eq!(places.len(), recovery.len());
    for found in recovery.iter() {
        let contested = calhive_regf::recover::Loss::RECORD_CONTESTED;
        assert!(!found.loss().contains(contested), "{found:?} {}", found.confidence());
    }
}
