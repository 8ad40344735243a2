// SPDX-License-Identifier: MIT OR Apache-2.0
//! Volumes with random changes: no panic, no endless work.

use alloc::sync::Arc;
use core::time::Duration;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use super::forge::{Forged, TOOLS, all, has_tools, noise, run};
use super::{Files, Volume};
use crate::disk::Disk;

/// Longest time for one volume.
const LONGEST: Duration = Duration::from_secs(5);

/// Returns the number of cases, from CALHIVE_CASES.
pub(crate) fn cases() -> u32 {
    std::env::var("CALHIVE_CASES").ok().and_then(|count| count.parse().ok()).unwrap_or(60)
}

/// A disk with some other bytes.
#[derive(Clone)]
pub(crate) struct Mutated {
    pub(crate) bytes: Arc<Vec<u8>>,
    pub(crate) changes: Vec<(u64, u8)>,
    pub(crate) size: u64,
}

impl Disk for Mutated {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> std::io::Result<()> {
        if offset.saturating_add(buffer.len() as u64) > self.size {
            return Err(crate::disk::past_end(offset, buffer.len(), self.size));
        }
        self.bytes.read_at(offset, buffer)?;
        for (at, byte) in &self.changes {
            let index = at.checked_sub(offset).and_then(|index| usize::try_from(index).ok());
            if let Some(place) = index.and_then(|index| buffer.get_mut(index)) {
                *place = *byte;
            }
        }
        Ok(())
    }
}

/// A simple random number generator (splitmix64).
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ mixed >> 31
    }

    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }
}

/// Reads all files and all free clusters. Errors are fine.
pub(crate) fn read_all(disk: Arc<dyn Disk>) -> Option<Files> {
    let volume = Volume::open(disk).ok()?;
    let files = all(&volume);
    let mut left = 64 << 20;
    for file in &files.found {
        let Ok(disk) = volume.open_file(file) else { continue };
        let mut piece = vec![0; 1 << 16];
        let mut at = 0;
        while at < disk.size() && left > 0 {
            let length =
                usize::try_from(disk.size() - at).unwrap_or(usize::MAX).min(piece.len()).min(left);
            if disk.read_at(at, &mut piece[..length]).is_err() {
                break;
            }
            at += length as u64;
            left -= length;
        }
    }
    let free = volume.unallocated().take_while(Result::is_ok).count();
    assert!(free < 1 << 20);
    Some(files)
}

#[test]
fn mutated_volumes_are_read_without_panic_or_hang() {
    if !has_tools(&TOOLS) {
        return;
    }
    let forged = Forged::new("mutations", 8, 512, &[]);
    forged.mount("rw,compression", |root| {
        fs::create_dir_all(root.join("Windows/System32/config")).unwrap();
        fs::create_dir_all(root.join("packed")).unwrap();
        let set =
            "import os,sys; os.setxattr(sys.argv[1], 'system.ntfs_attrib', b'\\0\\x08\\0\\0')";
        run(Command::new("python3").args(["-c", set]).arg(root.join("packed")));
        fs::write(root.join("packed/SOFTWARE"), b"text ".repeat(30_000)).unwrap();
        let mut names = 0..60;
        names.try_for_each(|n| fs::write(root.join(format!("f{n}")), noise(3000, n))).unwrap();
        (0..60).step_by(2).for_each(|n| fs::remove_file(root.join(format!("f{n}"))).unwrap());
        fs::write(root.join("Windows/System32/config/SYSTEM"), noise(600_000, 1)).unwrap();
        for n in 0..40 {
            let name = "long ".repeat(20);
            let link = root.join(format!("{name}{n}"));
            fs::hard_link(root.join("Windows/System32/config/SYSTEM"), link).unwrap();
        }
    });
    let bytes = Arc::new(forged.bytes());
    let whole = read_all(Arc::clone(&bytes) as Arc<dyn Disk>).unwrap();
    let records = whole.found.iter().map(|file| file.record).max().unwrap() + 1;
    let (mft, random) = (forged.record_offset(0) as u64, &mut Random(16));
    let (mut opened, mut slowest) = (0, Duration::ZERO);
    for case in 0..cases() {
        let mut disk =
            Mutated { bytes: Arc::clone(&bytes), changes: Vec::new(), size: bytes.len() as u64 };
        for _ in 0..=random.below(12) {
            let at = match random.below(10) {
                0 => random.below(512),
                // Headers and attributes of the records of the volume itself.
                1 | 2 => mft + random.below(16) * 1024 + random.below(400),
                3..=8 => mft + random.below(records) * 1024 + random.below(500),
                _ => random.below(bytes.len() as u64),
            };
            let byte = [0, 1, 0xFF, 0x80, 0x7F][usize::try_from(random.below(5)).unwrap()];
            let byte = if random.below(2) == 0 { byte } else { random.next().to_le_bytes()[0] };
            disk.changes.push((at, byte));
        }
        if random.below(12) == 0 {
            disk.size = random.below(disk.size);
        }
        let start = Instant::now();
        opened += u32::from(read_all(Arc::new(disk.clone())).is_some());
        let time = start.elapsed();
        slowest = slowest.max(time);
        assert!(time < LONGEST, "case {case}: {time:?}: {:?}", disk.changes);
    }
    println!("{} cases, {opened} opened, slowest {slowest:?}", cases());
    assert!(opened > cases() / 2);
}

#[test]
fn volumes_that_broke_another_reader_are_read() {
    let Some(images) = std::env::var_os("CALHIVE_IMAGES") else {
        return println!("skipped: CALHIVE_IMAGES is not set");
    };
    if !has_tools(&["xz"]) {
        return;
    }
    for number in [2191, 3105, 394] {
        let path = Path::new(&images).join(format!("bad/ntfs_panic_{number}.raw.xz"));
        let bytes = run(Command::new("xz").arg("-dc").arg(path));
        let files = read_all(Arc::new(bytes));
        println!("{number}: {:?}", files.map(|files| (files.found.len(), files.omissions)));
    }
}
