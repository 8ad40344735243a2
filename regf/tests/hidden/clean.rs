// SPDX-License-Identifier: MIT OR Apache-2.0
//! Sound hives hide nothing.

use calhive_regf::Hive;
use calhive_regf::hive::hidden::{Hidden, HiddenBy, Weight};
use hive_forge::cases::cases;
use hive_forge::tree::{Tree, Value};
use hive_forge::{Locality, Options, clean, random, write};

#[track_caller]
fn hides_nothing(name: &str, bytes: &[u8]) {
    let hidden = Hive::parse(bytes).unwrap().hidden();
    // Random trees have data of all kinds under each type, and ASCII names in UTF-16.
    let by_chance = |item: &&Hidden<'_>| {
        matches!(item.by, HiddenBy::DataType | HiddenBy::NameFlag)
            && item.weight == Weight::LeftOver
    };
    let first = hidden.iter().find(|item| !by_chance(item));
    assert!(first.is_none(), "{name}: {first:#?}");
    assert_eq!(hidden.faults(), [], "{name}");
}

#[test]
fn forged_hives_hide_nothing() {
    let files = clean::hives().into_iter().chain(clean::seeds());
    let mut hives = 0;
    for file in files.filter(|file| !file.path.ends_with(".canonical")) {
        assert!(Hive::parse(&file.bytes).unwrap().root_fault().is_none());
        hides_nothing(&file.path, &file.bytes);
        hives += 1;
    }
    assert!(hives > 40, "{hives}");
    hive_forge::scenario::hives().iter().for_each(|(name, bytes)| hides_nothing(name, bytes));
}

#[test]
fn random_trees_hide_nothing() {
    for seed in 0..cases(60) {
        let minor = 1 + seed % 6;
        let tree = random::tree(u64::from(seed), 60, minor);
        let locality = if seed % 2 == 0 { Locality::InOrder } else { Locality::Shuffled(1) };
        let options = Options { minor, locality, leaf_elements: 5, ..Options::default() };
        hides_nothing(&format!("tree {seed}"), &write(&tree, &options).bytes);
    }
}

/// A hive that shrank leaves the bins of its larger state after the last bin. A wrong checksum does
/// not turn these records into hidden ones.
#[test]
fn remnants_of_a_larger_hive_stay_unreported_with_a_wrong_checksum() {
    for seed in 0..cases(20) {
        let tree = |keys| random::tree(u64::from(seed), keys, 5);
        let small = write(&tree(20), &Options::default()).bytes;
        let large = write(&tree(400), &Options::default()).bytes;
        let mut bytes = small.clone();
        bytes.extend_from_slice(&large[small.len()..]);
        bytes[508] ^= 0xFF;
        let hive = Hive::parse(&bytes).unwrap();
        assert!(hive.bin_bytes().len() > small.len(), "the remnant counts as bins");
        hides_nothing(&format!("tree {seed}"), &bytes);
    }
}

/// A number that is small enough can be the offset of any bytes of the hive. Before such bytes, others can look like the
/// size of a very large cell.
#[test]
fn numbers_that_could_be_offsets_cost_no_work() {
    let mut tree = Tree::new("ROOT");
    let large = 24_000_u32.wrapping_neg().to_le_bytes();
    let data: Vec<u8> = large.iter().copied().cycle().take(16_000).collect();
    tree.root.at("Data").values.push(Value::binary("sizes", &data));
    tree.root.at("Other").values.push(Value::binary("room", &vec![7; 16_000]));
    let first = 4096_u32;
    let numbers = (0..400).map(|at| Value::dword(&format!("number {at}"), first + at * 32));
    tree.root.at("Numbers").values.extend(numbers);
    let bytes = write(&tree, &Options::default()).bytes;
    let start = bytes.windows(8).position(|it| it == [large, large].concat()).unwrap();
    assert!(start < 16_384, "the numbers lead into the data at {start}");
    hides_nothing("numbers", &bytes);
}
