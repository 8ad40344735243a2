// SPDX-License-Identifier: MIT OR Apache-2.0
//! Shadow copies with random changes: no panic, no endless work.

use alloc::sync::Arc;
use core::time::Duration;
use std::time::Instant;

use super::super::ShadowCopies;
use super::forge::{BLOCK, FIRST_OF_STORES, random_volume};
use super::windows::volume_of_windows;
use crate::disk::Disk;
use crate::ntfs::tests::mutations::{Mutated, Random, cases, read_all};
use crate::scratch::Scratch;

/// Longest time for one volume.
const LONGEST: Duration = Duration::from_secs(5);

/// Opens each shadow copy, and reads its first bytes. Returns the number of shadow copies that open.
fn read(disk: Arc<dyn Disk>, files: bool) -> usize {
    let Ok(copies) = ShadowCopies::of(disk) else { return 0 };
    let mut opened = 0;
    for copy in copies.list().iter().take(70) {
        let Ok(disk) = copies.disk(copy.number) else { continue };
        opened += 1;
        if files {
            read_all(disk);
            continue;
        }
        let mut piece = vec![0; 100_000];
        let mut at = 0;
        while at + 100_000 < disk.size().min(8 << 20) && disk.read_at(at, &mut piece).is_ok() {
            at += 100_000;
        }
    }
    opened
}

#[test]
fn mutated_shadow_copies_are_read_without_panic_or_hang() {
    let random = &mut Random(17);
    let (mut opened, mut slowest) = (0, Duration::ZERO);
    for case in 0..cases() {
        let bytes = Arc::new(random_volume(&mut Random(u64::from(case % 16))));
        let size = bytes.len() as u64;
        let mut disk = Mutated { bytes, changes: Vec::new(), size };
        for _ in 0..=random.below(8) {
            let block = (FIRST_OF_STORES + random.below(40)) * BLOCK as u64;
            let at = match random.below(8) {
                0 => 0x1E00 + random.below(64),
                1..=4 => block + random.below(56),
                _ => block + 128 + random.below(600),
            };
            let byte = random.next().to_le_bytes();
            disk.changes.push((at, if byte[1] < 128 { byte[0] } else { byte[0] & 0x84 }));
        }
        if random.below(12) == 0 {
            disk.size = random.below(disk.size);
        }
        let start = Instant::now();
        opened += read(Arc::new(disk.clone()), false);
        let time = start.elapsed();
        slowest = slowest.max(time);
        assert!(time < LONGEST, "case {case}: {time:?}: {:?}", disk.changes);
    }
    println!("{} cases, {opened} shadow copies opened, slowest {slowest:?}", cases());
    assert!(opened > 0);
}

#[test]
fn mutated_shadow_copies_of_windows_are_read_without_panic_or_hang() {
    let scratch = Scratch::new("shadow-mutations");
    let Some(raw) = volume_of_windows(&scratch) else { return };
    let bytes = Arc::new(std::fs::read(raw).unwrap());
    let size = bytes.len() as u64;
    let (stores, random) = (
        [0x3156_0000, 0x3156_4000, 0x3156_C000, 0x6E4_0000, 0x6E4_4000, 0x6E5_0000],
        &mut Random(18),
    );
    let catalog = crate::field::u64_at(&bytes, 0x1E00 + 48).unwrap();
    let (mut opened, mut slowest) = (0, Duration::ZERO);
    for case in 0..cases() / 2 {
        let mut disk = Mutated { bytes: Arc::clone(&bytes), changes: Vec::new(), size };
        for _ in 0..=random.below(8) {
            let store = stores[usize::try_from(random.below(6)).unwrap()];
            let at = match random.below(10) {
                0 => 0x1E00 + random.below(64),
                1 | 2 => catalog + random.below(600),
                3 => store + random.below(56),
                _ => store + 128 + random.below(15_000),
            };
            disk.changes.push((at, random.next().to_le_bytes()[0]));
        }
        let start = Instant::now();
        opened += read(Arc::new(disk.clone()), true);
        let time = start.elapsed();
        slowest = slowest.max(time);
        assert!(time < LONGEST, "case {case}: {time:?}: {:?}", disk.changes);
    }
    println!("{} cases, {opened} shadow copies opened, slowest {slowest:?}", cases() / 2);
    assert!(opened > 0);
}
