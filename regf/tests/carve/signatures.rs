// SPDX-License-Identifier: MIT OR Apache-2.0
//! Signatures of the caller, found beside hives.

use std::fs::File;
use std::io::{Seek as _, SeekFrom, Write as _};

use calhive_regf::recover::carve::{Carved, Kind, Match, Signatures, Window, carve, carve_bytes};
use hive_forge::rng::Rng;
use hive_forge::{Options, random, write};

use super::found::{Found, carved};
use crate::memory::measure;

/// Finds a mark at any offset; the byte after the mark is the tag.
#[derive(Debug, Default)]
struct Marks {
    /// End of the ranges that were searched.
    searched: u64,
}

const MARK: [u8; 8] = *b"\xF1ma\0rk\xF2\xF3";

impl Signatures for Marks {
    fn scan(&mut self, window: Window<'_>, from: u64, to: u64, report: &mut dyn FnMut(Match)) {
        assert_eq!(from, self.searched, "ranges follow each other");
        self.searched = to;
        for offset in from..to {
            let bytes = window.slice(offset, offset + MARK.len() as u64 + 1);
            if let Some([tag]) = bytes.strip_prefix(&MARK) {
                let length = bytes.len() as u64;
                report(Match { offset, length, is_whole: true, tag: u32::from(*tag) });
            }
        }
    }

    fn fresh(&self) -> Box<dyn Signatures> {
        Box::new(Self::default())
    }
}

fn word(tag: u32) -> &'static str {
    ["zero", "one", "two"][tag as usize]
}

fn put(raw: &mut [u8], at: usize, tag: u8) {
    raw[at..][..MARK.len()].copy_from_slice(&MARK);
    raw[at + MARK.len()] = tag;
}

#[test]
fn marks_at_window_ends_are_found_once() {
    let mut rng = Rng::named("marks in noise");
    let mut raw = rng.bytes(3 << 20);
    let mut expected = Vec::new();
    // Before the end of a window, across it, up to it, and after it.
    for (number, border) in (0x10_0000..0x2F_0000).step_by(0x1_0000).enumerate() {
        for back in [[30, 4], [9, 0]][number % 2] {
            let tag = (number % 3) as u8;
            put(&mut raw, border - back, tag);
            expected.push(((border - back) as u64, 9, word(u32::from(tag)), true));
        }
    }
    let found = carved(&raw, Some(&Marks::default()), word);
    assert_eq!(found.iter().map(Found::short).collect::<Vec<_>>(), expected);
}

/// A mark in a hive is reported as well as the hive, with its bytes.
#[test]
fn mark_in_a_hive_is_reported_beside_the_hive() {
    let mut raw = write(&random::tree(1, 60, 5), &Options::default()).bytes;
    let bins = u32::from_le_bytes(raw[40..44].try_into().unwrap()) as usize;
    raw.truncate(4096 + bins);
    let at = raw.len() - 20;
    put(&mut raw, at, 2);
    let mut marks = Vec::new();
    carve_bytes(&raw, Some(&Marks::default()), |carved| {
        if let Kind::Signature { bytes, tag } = carved.kind {
            marks.push((carved.place.offset.get(), bytes.to_vec(), tag));
        }
    });
    assert_eq!(marks, [(at as u64, [&MARK[..], &[2]].concat(), 2)]);
    let kinds: Vec<_> =
        carved(&raw, Some(&Marks::default()), word).iter().map(|it| it.kind).collect();
    assert_eq!(kinds, ["hive", "two"]);
}

/// 2 GiB of zeros, a mark at an odd offset.
#[test]
fn carving_two_gigabytes_takes_little_memory() {
    let path = std::env::temp_dir().join(format!("calhive-carve-marks-{}", std::process::id()));
    let mut file = File::create_new(&path).unwrap();
    file.set_len(2 << 30).unwrap();
    let at = (1_u64 << 30) + 0x3_FFF1;
    file.seek(SeekFrom::Start(at)).unwrap();
    file.write_all(&[&MARK[..], &[1]].concat()).unwrap();
    let source = File::open(&path).unwrap();
    std::fs::remove_file(&path).ok();
    let mut found = Vec::with_capacity(8);
    let see = |carved: Carved<'_>| {
        found.push(Found::of(&carved, word).short());
        Ok(())
    };
    let (length, used) = measure(|| carve(source, Some(&Marks::default()), |_| {}, see));
    assert_eq!(length.unwrap(), 2 << 30);
    assert_eq!(found, [(at, 9, "one", true)]);
    assert!(used.peak < 16 << 20, "{used:?}");
}
