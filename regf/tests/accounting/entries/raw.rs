// SPDX-License-Identifier: MIT OR Apache-2.0
//! Entry points that read raw bytes.

use std::io::Cursor;

use calhive_regf::hive::fragment::Assembled;
use calhive_regf::recover::carve::{Kind, Place, carve, carve_bytes, extract, lznt1};
use calhive_regf::{Hive, Image};
use hive_forge::family::Case;

use super::{Entry, FURTHEST, ITEM, sample};

/// Bytes that carving a stream holds: its window, and one for each of four compressed hives.
const WINDOWS: u64 = 8 << 20;

pub(super) fn entries() -> Vec<Entry> {
    vec![
        Entry::new("carve", |case| carved(case).len() as u64 * ITEM, [128, 64, 512, 16])
            .with_buffer(WINDOWS),
        Entry::new("carve bytes", in_memory, [128, 32, 512, 16]).with_buffer(WINDOWS),
        Entry::new("extract", extracted, [256, 64, 256, 64]).with_buffer(WINDOWS),
        Entry::new("unpack", unpacked, [1024, 1024, 2048, 1024]),
        Entry::new("fragment", fragment, [128, 64, 512, 16]),
        Entry::new("assembled fragment", assembled, [128, 64, 512, 16]).with_buffer(FURTHEST),
    ]
}

fn carved(case: &Case) -> Vec<Place> {
    let mut places = Vec::new();
    let read = carve(
        Cursor::new(&case.bytes),
        None,
        |_| {},
        |found| {
            places.push(found.place);
            Ok(())
        },
    );
    assert_eq!(read.unwrap(), case.bytes.len() as u64);
    places
}

fn in_memory(case: &Case) -> u64 {
    let mut output = 0;
    carve_bytes(&case.bytes, None, |found| {
        output += match found.kind {
            Kind::Signature { bytes, .. } => bytes.len() as u64,
            _ => ITEM,
        };
    });
    output
}

fn extracted(case: &Case) -> u64 {
    let mut source = Cursor::new(&case.bytes);
    let places = sample(carved(case));
    places.map(|place| extract(&mut source, place).unwrap().len() as u64).sum()
}

/// Unpacks all bytes, from one run of chunks to the next.
fn unpacked(case: &Case) -> u64 {
    let (mut rest, mut output) = (&case.bytes[..], 0);
    while !rest.is_empty() {
        let mut bytes = Vec::new();
        let taken = lznt1::unpack(rest, &mut bytes);
        output += bytes.len() as u64;
        rest = &rest[taken.max(512).min(rest.len())..];
    }
    output
}

fn read(hive: Hive<'_>) -> u64 {
    let hidden = hive.hidden().len() as u64;
    let keys = hive.walk().count() as u64;
    let mut faults = 0;
    hive.check(|_| faults += 1);
    (hidden + keys + faults) * ITEM + hive.recover().len() as u64
}

fn fragment(case: &Case) -> u64 {
    let image = Image::of_bytes("remains", case.bytes.clone());
    let Some(fragment) = image.fragment().unwrap() else { return 0 };
    fragment.hive().map_or(0, read)
}

fn assembled(case: &Case) -> u64 {
    let Some(assembled) = Assembled::of(&case.bytes) else { return 0 };
    Hive::parse_assembled(&assembled.bytes).map_or(0, read)
}
