// SPDX-License-Identifier: MIT OR Apache-2.0
//! Hives without their base block.

use std::collections::BTreeSet;

use calhive::Hive;
use calhive::hive::fragment::Fragment;
use hive_forge::rng::Rng;
use hive_forge::{Options, random, write};

use super::zeroed::told;
use crate::cases::cases;
use crate::image::image;

/// The same key or value, by its bytes in the file, wherever it lies.
fn in_file(fragment: &Fragment) -> BTreeSet<u64> {
    let place = |at| fragment.file_offset(calhive::FileOffset::new(at)).unwrap().get();
    told(fragment.image.bytes()).into_iter().map(place).collect()
}

#[test]
fn all_that_is_left_is_told() {
    for seed in 0..cases(30) {
        let minor = 1 + seed % 6;
        let tree = random::tree(u64::from(seed), 150, minor);
        let sound = write(&tree, &Options { minor, leaf_elements: 9, ..Options::default() }).bytes;
        let hive = Hive::parse(&sound).unwrap();
        let bins: Vec<u64> = hive.bins().map(|bin| bin.unwrap().offset().get()).collect();
        let mut rng = Rng::nth(11, u64::from(seed));
        let first = bins[rng.below(bins.len())] as usize;
        let all: BTreeSet<u64> =
            told(&sound).into_iter().filter(|at| *at >= first as u64).collect();
        // In a file of its own; in one whose beginning is destroyed; and in one that begins elsewhere.
        let mut destroyed = sound.clone();
        destroyed[..first].fill(0xA5);
        let moved = [vec![0; 512], sound[first..].to_vec()].concat();
        for (file, start) in [(&sound[first..], 0), (&destroyed, first), (&moved, 512)] {
            let fragment = image(file).fragment().unwrap().unwrap();
            assert_eq!(fragment.start.get(), start as u64);
            assert_eq!(fragment.shift, first as i64 - start as i64);
            let told = in_file(&fragment);
            let shifted: BTreeSet<u64> =
                all.iter().map(|at| at + start as u64 - first as u64).collect();
            let is_big = minor > 1 && minor < 4;
            let lost: Vec<&u64> = shifted.difference(&told).collect();
            let read = Hive::parse(fragment.image.bytes()).unwrap().base_block().version().1;
            assert!(
                is_big || lost.is_empty(),
                "case {seed}, 1.{minor} read as 1.{read}: {lost:x?}"
            );
        }
    }
}
