// SPDX-License-Identifier: MIT OR Apache-2.0
//! Hives without their base block.

use std::collections::BTreeSet;

use calhive::hive::fragment::Fragment;
use calhive::{Error, ErrorKind, Hive, Image, Structure};
use hive_forge::rng::Rng;
use hive_forge::{Options, random, write};

use super::zeroed::told;
use crate::cases::cases;

/// The fragment in these bytes, by way of a file.
fn fragment(name: &str, bytes: &[u8]) -> Result<Fragment, Error> {
    let name = format!("calhive-fragment-{name}-{}", std::process::id());
    let path = std::env::temp_dir().join(name);
    std::fs::write(&path, bytes).unwrap();
    let image = Image::read(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    image.fragment()
}

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
            let fragment = fragment("left", file).unwrap();
            assert_eq!(fragment.start.get(), start as u64);
            assert_eq!(fragment.shift, first as i64 - start as i64);
            let told = in_file(&fragment);
            let shifted: BTreeSet<u64> =
                all.iter().map(|at| at + start as u64 - first as u64).collect();
            let is_big = minor > 1 && minor < 4;
            assert!(is_big || told.is_superset(&shifted), "case {seed}, version 1.{minor}");
        }
    }
}

#[test]
fn a_file_without_bins_is_refused() {
    let mut bytes = vec![0; 8192];
    let structure = Structure::Bin;
    let error = fragment("none", &bytes).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Signature { structure, found: [0; 4] });
    // A bin that lies at the end of what offsets reach.
    bytes[512..520].copy_from_slice(b"hbin\0\xF0\xFF\xFF");
    bytes[520..524].copy_from_slice(&4096_u32.to_le_bytes());
    bytes[544..548].copy_from_slice(&0xFFFF_FFF0_u32.to_le_bytes());
    let error = fragment("end", &bytes).unwrap_err();
    let (target, end) = (0xFFFF_F000, u32::MAX);
    assert_eq!(error.kind(), ErrorKind::OutOfBounds { structure, target, end });
    assert_eq!(error.offset().get(), 512);
}

/// A bin that says that it lies far on costs no memory.
#[test]
fn zeros_cost_nothing() {
    let mut bytes = vec![0; 4096];
    bytes[..8].copy_from_slice(b"hbin\0\0\0\x10");
    bytes[8..12].copy_from_slice(&4096_u32.to_le_bytes());
    bytes[32..36].copy_from_slice(&(-4064_i32).to_le_bytes());
    let (fragment, used) = crate::memory::measure(|| fragment("far", &bytes).unwrap());
    assert_eq!(fragment.image.bytes().len(), 0x1000_0000 + 8192);
    assert!(used.peak < 1 << 20, "{} bytes", used.peak);
}
