// SPDX-License-Identifier: MIT OR Apache-2.0
//! Single keys and values, outside of hives and bins.

use calhive_regf::Hive;
use calhive_regf::recover::carve::{Kind, carve_bytes};
use hive_forge::cases::cases;
use hive_forge::rng::Rng;
use hive_forge::{Options, random, write};

use super::{Found, carved, short};

/// A cell of a hive, and what carving has to report about it.
struct Cell {
    bytes: Vec<u8>,
    /// Length of the record and of the cell size before it.
    length: u64,
    kind: &'static str,
    is_whole: bool,
}

/// The cells of all keys and values of a forged hive that carving has to find.
fn cells(seed: u64) -> Vec<Cell> {
    let options = Options { minor: 5, ..Options::default() };
    let bytes = write(&random::tree(seed, 200, 5), &options).bytes;
    let hive = Hive::parse(&bytes).unwrap();
    let mut cells = Vec::new();
    for entry in hive.walk().with_values(true) {
        let entry = entry.unwrap();
        let cell = |at: u64, length: usize, kind, is_whole| {
            let at = at as usize;
            let size = i32::from_le_bytes(bytes[at..at + 4].try_into().unwrap());
            let bytes = bytes[at..at + size.unsigned_abs() as usize].to_vec();
            Cell { bytes, length: 4 + length as u64, kind, is_whole }
        };
        let key = entry.key;
        let name = usize::from(key.raw().name_length.get());
        if key.last_written().is_plausible() {
            cells.push(cell(key.offset().get(), 76 + name, "key", true));
        }
        for value in entry.values {
            let value = value.unwrap();
            let name = usize::from(value.raw().name_length.get());
            let size = value.raw().data_size.get();
            let is_inline = size >= 1 << 31;
            let controls = value.name().units().filter(|unit| *unit < 0x20).count();
            let has_type = value.value_type().name().is_some() && controls <= 5;
            if is_inline || has_type && (name > 0 || size > 0 && value.value_type().0 != 0) {
                cells.push(cell(value.offset().get(), 20 + name, "value", is_inline || size == 0));
            }
        }
    }
    cells
}

/// Allocated and free cells at even offsets, in the middle of windows and across their ends.
#[test]
fn cells_at_even_offsets_of_noise_are_found() {
    let cells = cells(3);
    let kinds = |kind| cells.iter().filter(|cell| cell.kind == kind).count();
    assert!(kinds("key") > 100 && kinds("value") > 100, "{} {}", kinds("key"), kinds("value"));
    let mut rng = Rng::named("cells in noise");
    let mut raw = rng.bytes(3 << 20);
    let mut expected = Vec::new();
    let mut put = |at: usize, cell: &Cell, is_free: bool| {
        let mut bytes = cell.bytes.clone();
        if is_free {
            let size = i32::from_le_bytes(bytes[..4].try_into().unwrap());
            bytes[..4].copy_from_slice(&(-size).to_le_bytes());
        }
        raw[at..][..bytes.len()].copy_from_slice(&bytes);
        expected.push((at as u64, cell.length, cell.kind, cell.is_whole));
    };
    let mut at = 2;
    for (number, cell) in cells.iter().enumerate() {
        put(at, cell, number % 2 == 0);
        at += cell.bytes.len() + 2 * (number % 5);
    }
    assert!(at < 0xF_0000, "{at:#x}");
    // A key across each end of a block and of a window. No byte is searched twice.
    let key = cells.iter().find(|cell| cell.kind == "key").unwrap();
    for (number, border) in (0x10_0000..0x2F_0000).step_by(0x1_0000).enumerate() {
        put(border - 2 * (number % 50), key, true);
    }
    let found = short(&raw);
    let differs = found.iter().zip(&expected).find(|(found, expected)| found != expected);
    assert_eq!(differs, None);
    assert_eq!(found.len(), expected.len());
    // At odd offsets, nothing is found.
    raw.insert(0, 7);
    assert_eq!(short(&raw), []);
}

/// Keys in hives and bins are not reported again. Keys after a truncated bin are reported.
#[test]
fn records_in_hives_and_bins_are_not_reported_again() {
    let options = Options { minor: 5, ..Options::default() };
    let hive = write(&random::tree(4, 300, 5), &options).bytes;
    let bins = u32::from_le_bytes(hive[40..44].try_into().unwrap()) as usize;
    let hive = &hive[..4096 + bins];
    let cell = cells(4).into_iter().find(|cell| cell.kind == "key").unwrap();
    let mut raw = cell.bytes.clone();
    raw.resize(512, 0);
    raw.extend(hive);
    raw.extend(&hive[4096..]);
    let behind = raw.len() as u64;
    raw.extend(&cell.bytes);
    let length = hive.len() as u64;
    let expected = [
        (0, cell.length, "key", true),
        (512, length, "hive", true),
        (512 + length, length - 4096, "bins", true),
        (behind, cell.length, "key", true),
    ];
    assert_eq!(short(&raw), expected);
    // A bin claims 64 KiB. A hive begins at the second page of the bin, and a cell follows the
    // hive.
    let mut raw = vec![0; 4096];
    raw[..4].copy_from_slice(b"hbin");
    raw[8..12].copy_from_slice(&0x40_0000_u32.to_le_bytes());
    raw.extend(hive);
    let behind = raw.len() as u64;
    raw.extend(&cell.bytes);
    let expected = [
        (0, 4096, "bins", false),
        (4096, length, "hive", true),
        (behind, cell.length, "key", true),
    ];
    assert_eq!(short(&raw), expected);
}

/// The fields of a single record are those of its cell.
#[test]
fn single_records_are_reported_with_their_fields() {
    let mut raw = vec![0; 6];
    let (key, value) = (raw.len(), raw.len() + 88);
    raw.extend((-88_i32).to_le_bytes());
    raw.extend(b"nk\x20\0");
    raw.extend(133_512_192_001_234_567_u64.to_le_bytes());
    raw.extend([0, 0, 0, 0, 0x20, 0x1F, 0, 0]);
    raw.extend([0_u32, 0, u32::MAX, u32::MAX].map(u32::to_le_bytes).concat());
    raw.extend([0_u32, u32::MAX, u32::MAX, u32::MAX].map(u32::to_le_bytes).concat());
    raw.extend([0; 20]);
    raw.extend(b"\x07\0\0\0License\0");
    raw.resize(value, 0);
    raw.extend(32_i32.to_le_bytes());
    raw.extend(b"vk\x04\0\x04\0\0\x80\x2A\0\0\0\x04\0\0\0\x01\0\0\0Mode");
    raw.extend([0; 64]);
    let mut seen = 0;
    carve_bytes(&raw, None, |carved| {
        seen += 1;
        match carved.kind {
            Kind::Key { record, cell_size } => {
                assert_eq!(carved.place.offset.get(), key as u64);
                assert_eq!((record.name().to_string().as_str(), cell_size), ("License", Some(-88)));
                assert_eq!(record.last_written().raw(), 133_512_192_001_234_567);
                assert_eq!(record.parent().get(), 0x1F20);
            }
            Kind::Value { record, cell_size } => {
                assert_eq!(carved.place.offset.get(), value as u64);
                assert_eq!((record.name().to_string().as_str(), cell_size), ("Mode", 32));
                let data = record.inline_data();
                assert_eq!(
                    (data.as_slice(), data.offset().get()),
                    (&[42, 0, 0, 0][..], value as u64 + 12)
                );
                assert!(carved.is_whole);
            }
            _ => panic!("{carved:?}"),
        }
    });
    assert_eq!(seen, 2);
    // A record with an implausible timestamp, a truncated name or a wrong cell size is not
    // reported.
    for (at, to) in [(key + 15, 0x7F), (key + 76, 200), (value, 31), (value, 8), (value + 3, 0x40)]
    {
        let mut raw = raw.clone();
        raw[at] = to;
        assert_eq!(carved(&raw).len(), 1, "{at}");
    }
    // A key without a cell is reported.
    raw[key] = 1;
    let found = carved(&raw);
    assert_eq!(found[0].short(), (key as u64 + 4, 83, "key", true));
}

/// Searches 4 MiB of noise and 4 MiB of text, several times.
#[test]
fn noise_and_text_give_no_finds() {
    let mut rng = Rng::named("noise and text");
    let none: [Found; 0] = [];
    let words =
        ["nk", "vk", "hbin ", "nk\0\0", "vk\0\0", "\0\0\0\0", " vkontakte ", "nk  ", ": ", "\n"];
    let wide = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>();
    for _ in 0..cases(3) {
        assert_eq!(carved(&rng.bytes(4 << 20)), none);
        let mut text = Vec::new();
        while text.len() < 4 << 20 {
            let word = words[rng.below(words.len())];
            let letters: String =
                (0..rng.below(9)).map(|_| char::from(rng.range(32, 127) as u8)).collect();
            match rng.below(4) {
                0 => text.extend(wide(word)),
                1 => text.extend(wide(&letters)),
                2 => text.extend(word.as_bytes()),
                _ => text.extend(letters.as_bytes()),
            }
        }
        assert_eq!(carved(&text), none);
    }
}
