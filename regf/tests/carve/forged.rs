// SPDX-License-Identifier: MIT OR Apache-2.0
//! Forged hives and logs in noise.

use std::io::Cursor;

use calhive_regf::Hive;
use calhive_regf::recover::carve::{Kind, carve_bytes, extract};
use hive_forge::cases::cases;
use hive_forge::random::mutate;
use hive_forge::rng::Rng;
use hive_forge::{Options, random, write};

use super::{carved, short};

fn hive(seed: u64, keys: usize) -> Vec<u8> {
    let bytes =
        write(&random::tree(seed, keys, 5), &Options { minor: 5, ..Options::default() }).bytes;
    let bins = u32::from_le_bytes(bytes[40..44].try_into().unwrap()) as usize;
    bytes[..4096 + bins].to_vec()
}

/// The windows of a source end at multiples of 512 after 1 MiB: hives and bins at these offsets and
/// around them.
#[test]
fn hives_at_window_ends_are_found_whole() {
    let mut rng = Rng::named("hives in noise");
    let hive = hive(1, 60);
    let length = hive.len() as u64;
    for border in [0x14_0000_u64, 0x10_0000, 0x24_0000] {
        for back in [0, 512, 4096, 4608, length - 512, length] {
            let at = border - back;
            let mut raw = rng.bytes(3 << 20);
            raw[at as usize..][..hive.len()].copy_from_slice(&hive);
            let expected = [(at, length, "hive", true)];
            assert_eq!(short(&raw), expected, "{at:#x}");
            let found = carved(&raw)[0].place;
            let again = extract(&mut Cursor::new(&raw), found).unwrap();
            assert!(again == hive);
            // Without its base block, the bins are left.
            raw[at as usize..][..4].fill(0);
            assert_eq!(short(&raw), [(at + 4096, length - 4096, "bins", true)]);
        }
    }
}

#[test]
fn truncated_hive_is_reported_up_to_its_end() {
    let hive = hive(2, 300);
    for length in [4096, 8192, hive.len() - 4096, hive.len() - 512] {
        let cut = &hive[..length];
        assert_eq!(short(cut), [(0, length as u64, "hive", false)], "{length}");
    }
}

#[test]
fn every_log_and_entry_is_found() {
    let (mut logs, mut entries) = (0, 0);
    for dirty in hive_forge::log::states() {
        for (name, log) in &dirty.logs {
            let Ok(parsed) = calhive_regf::log::Log::parse(&log.bytes) else { continue };
            if !parsed.base_block().checksum_is_valid() {
                continue;
            }
            let found = short(&log.bytes);
            let is_log = |it: &&(u64, u64, &str, bool)| it.2 == "log" && it.0 == 0;
            assert_eq!(found.iter().filter(is_log).count(), 1, "{} {name}", dirty.name);
            logs += 1;
            if parsed.format() == calhive_regf::log::Format::New {
                let known: Vec<(u64, u64)> = parsed
                    .entries()
                    .map(|entry| (entry.offset().get(), entry.size() as u64))
                    .collect();
                let listed = found.iter().filter(|it| it.2 == "entry");
                let listed: Vec<(u64, u64)> = listed.map(|it| (it.0, it.1)).collect();
                assert_eq!(listed, known, "{} {name}", dirty.name);
                entries += known.len();
            }
        }
    }
    assert!(logs > 40 && entries > 30, "{logs} {entries}");
}

/// Carving damaged hives and logs ends, and finds the same in memory and in windows.
#[test]
fn damaged_hives_and_logs_do_no_harm() {
    let mut sound = vec![hive(3, 60), hive(4, 20)];
    sound.extend(
        hive_forge::log::states()
            .into_iter()
            .flat_map(|dirty| dirty.logs.into_iter().map(|(_, log)| log.bytes)),
    );
    if let Some(file) =
        hive_forge::corpus::file("damaged_hives_and_logs_do_no_harm", "carving/NTFSCompressed")
    {
        sound.push(file.bytes);
    }
    let (mut extracted, mut keys) = (0, 0);
    for seed in 0..cases(200) {
        let mut rng = Rng::nth(41, u64::from(seed));
        let mut raw = Vec::new();
        for _ in 0..rng.range(1, 3) {
            raw.extend_from_slice(&sound[rng.below(sound.len())]);
        }
        mutate(&mut raw, &mut rng);
        let found = carved(&raw);
        carve_bytes(&raw, None, |carved| {
            if let Kind::Hive { .. } | Kind::Bins { .. } = carved.kind {
                let bytes = extract(&mut Cursor::new(&raw), carved.place).unwrap();
                extracted += 1;
                keys += Hive::parse(&bytes).map_or(0, |hive| hive.walk().count());
            }
        });
        assert!(found.len() <= raw.len() / 40 + 1);
    }
    println!("{extracted} hives and bins, {keys} keys");
    assert!(extracted > 0 && keys > extracted, "{extracted} {keys}");
}
