// SPDX-License-Identifier: MIT OR Apache-2.0
//! Hives that yarp refuses. calhive reads the keys and values that are left.

use calhive_regf::Hive;
use hive_forge::canonical::sha256;
use hive_forge::corpus::{file, hives};

use super::canonical::unescaped;

/// Expected reading of each hive: numbers of keys, values, errors and faults, then the first half
/// of the hash of the canonical form. Independent facts agree: the two hives of 5,003 keys have
/// equal hashes, and libregf counts the same keys in `corrupt_sub_key_list.hiv`, `WrongOrderHive`,
/// `InvalidParentHive` and `nt-hive-testhive`.
const DAMAGED: [(&str, [u64; 4], &str); 11] = [
    (
        "oldlog-BadBaseBlockHive/BadBaseBlockHive",
        [5003, 0, 0, 0],
        "401804cdddfcd7de71404e9b14febdbc",
    ),
    ("corrupt/corrupted_system_hive", [1687, 5616, 176, 0], "35505e334be4026cc0ae12b24a5168e2"),
    ("corrupt/corrupt_sub_key_list.hiv", [100, 99, 1, 0], "4334733a057799103cb08969e7f24b34"),
    ("corrupt/regfio_corrupt_hbin1.dat", [1, 0, 2, 1], "237283856df2ec9effa08a5707ed48ee"),
    ("corrupt/SAMBadHBinHeader", [68, 73, 0, 0], "765ef955efd76bdf3f7569e7a56a0112"),
    ("corrupt/BadListHive", [6, 0, 1, 1], "1cd5ce9ad79219775113555ca4bea547"),
    ("corrupt/TruncatedHive", [2, 0, 10, 0], "e0ccfc35eb8bce95ca1779df682e2789"),
    ("corrupt/TruncatedNameHive", [2, 0, 0, 1], "db3ef62cbb61576fe67e550bbb49cdaa"),
    ("corrupt/WrongOrderHive", [11, 0, 0, 0], "0620f120a7628c3637939707465282fa"),
    ("corrupt/InvalidParentHive", [5003, 0, 0, 1], "401804cdddfcd7de71404e9b14febdbc"),
    ("special/nt-hive-testhive", [528, 12, 0, 0], "30ed8d64b5385ac7124da259b5d786d8"),
];

#[test]
fn hives_that_yarp_refuses_are_read_as_far_as_possible() {
    let Some(hives) = hives("hives_that_yarp_refuses_are_read_as_far_as_possible") else { return };
    let mut seen = 0;
    for file in hives.filter(|file| file.canonical_hash().is_none()) {
        seen += 1;
        let read = unescaped(Hive::parse(&file.bytes).unwrap());
        let counts = [read.keys, read.values, read.errors, read.faults as u64];
        let hash = &sha256(&read.text)[..32];
        println!("{}: {counts:?} {hash}", file.name);
        let expected = DAMAGED.iter().find(|(name, ..)| *name == file.name);
        let (_, known, half) = expected.unwrap_or_else(|| panic!("{} is new", file.name));
        assert_eq!((counts, hash), (*known, *half), "{}", file.name);
    }
    assert_eq!(seen, DAMAGED.len());
}

/// A damaged bin header loses nothing.
#[test]
fn hive_with_damaged_bin_header_equals_its_sound_twin() {
    let test = "hive_with_damaged_bin_header_equals_its_sound_twin";
    let Some(damaged) = file(test, "corrupt/SAMBadHBinHeader") else { return };
    let healthy = file(test, "corrupt/SAM").unwrap();
    let read = |bytes: &[u8]| unescaped(Hive::parse(bytes).unwrap()).text;
    assert!(read(&damaged.bytes) == read(&healthy.bytes));
}
