// SPDX-License-Identifier: MIT OR Apache-2.0
//! Keys and values in hives without a base block.

use std::collections::BTreeSet;

use calhive_regf::Hive;
use calhive_regf::hive::fragment::Fragment;
use hive_forge::cases::cases;
use hive_forge::rng::Rng;
use hive_forge::{Options, random, write};

use super::zeroed::found;
use crate::image::image;

/// File offsets of the keys and values that are shown or hidden in a fragment.
fn in_file(fragment: &Fragment) -> BTreeSet<u64> {
    let place = |at| fragment.file_offset(calhive_regf::FileOffset::new(at)).unwrap().get();
    found(fragment.image.bytes()).into_iter().map(place).collect()
}

#[test]
fn keys_and_values_of_fragment_are_all_found() {
    let mut compared = 0;
    for seed in 0..cases(30) {
        let minor = 1 + seed % 6;
        let tree = random::tree(u64::from(seed), 150, minor);
        let sound = write(&tree, &Options { minor, leaf_elements: 9, ..Options::default() }).bytes;
        let hive = Hive::parse(&sound).unwrap();
        let bins: Vec<u64> = hive.bins().map(|bin| bin.unwrap().offset().get()).collect();
        let mut rng = Rng::nth(11, u64::from(seed));
        let first = bins[rng.below(bins.len())] as usize;
        let all: BTreeSet<u64> =
            found(&sound).into_iter().filter(|at| *at >= first as u64).collect();
        // The remaining bins alone, the hive with a destroyed beginning, and the bins at another
        // offset.
        let mut destroyed = sound.clone();
        destroyed[..first].fill(0xA5);
        let moved = [vec![0; 512], sound[first..].to_vec()].concat();
        for (file, start) in [(&sound[first..], 0), (&destroyed, first), (&moved, 512)] {
            let fragment = image(file).fragment().unwrap().unwrap();
            assert_eq!(fragment.start.get(), start as u64);
            assert_eq!(fragment.shift, first as i64 - start as i64);
            let found = in_file(&fragment);
            let shifted: BTreeSet<u64> =
                all.iter().map(|at| at + start as u64 - first as u64).collect();
            let is_big = minor > 1 && minor < 4;
            let lost: Vec<&u64> = shifted.difference(&found).collect();
            let read = Hive::parse(fragment.image.bytes()).unwrap().base_block().version().1;
            assert!(
                is_big || lost.is_empty(),
                "case {seed}, 1.{minor} read as 1.{read}: {lost:x?}"
            );
            compared += if is_big { 0 } else { shifted.len() };
        }
    }
    println!("{compared} keys and values of fragments");
    assert!(compared > 1000, "{compared}");
}
