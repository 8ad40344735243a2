// SPDX-License-Identifier: MIT OR Apache-2.0
//! Forged hives, logs and tokens, put into noise.

use std::io::Cursor;

use calhive::Hive;
use calhive::recover::carve::{Kind, carve, carve_bytes, extract};
use hive_forge::rng::Rng;
use hive_forge::{Options, random, write};

use super::{Found, carved, short};
use crate::cases::cases;
use crate::hostile::mutations::mutate;
use crate::memory::measure;

/// A token in eight bytes of either noise, by the vector of [MS-RDPELE] 4.6.
fn token() -> Vec<u8> {
    let hex =
        include_str!("../../testdata/vectors/rdpele_4.6_ClientLicense_pkcs7_temp_A02-6.00-S.hex");
    let digits: Vec<u8> = hex.bytes().filter(u8::is_ascii_hexdigit).collect();
    digits
        .chunks(2)
        .map(|two| u8::from_str_radix(std::str::from_utf8(two).unwrap(), 16).unwrap())
        .collect()
}

fn hive(seed: u64, keys: usize) -> Vec<u8> {
    let bytes =
        write(&random::tree(seed, keys, 5), &Options { minor: 5, ..Options::default() }).bytes;
    let bins = u32::from_le_bytes(bytes[40..44].try_into().unwrap()) as usize;
    bytes[..4096 + bins].to_vec()
}

/// The windows of a source end at multiples of 512 after 1 MiB: hives, bins and tokens at them and around.
#[test]
fn hives_in_noise_across_the_ends_of_windows() {
    let mut rng = Rng::named("hives in noise");
    let hive = hive(1, 60);
    let (length, token) = (hive.len() as u64, token());
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
            // Its base block destroyed.
            raw[at as usize..][..4].fill(0);
            assert_eq!(short(&raw), [(at + 4096, length - 4096, "bins", true)]);
        }
        for back in [1, 7, 30, 33, 500, token.len() - 1, token.len(), 0] {
            let at = border as usize - back;
            let mut raw = rng.bytes(3 << 20);
            raw[at..][..token.len()].copy_from_slice(&token);
            let expected = [(at as u64, token.len() as u64, "token", true)];
            assert_eq!(short(&raw), expected, "{at:#x}");
            // Its head destroyed: the certificates are left.
            raw[at..][..12].fill(0);
            let found = short(&raw);
            assert_eq!((found.len(), found[0].2), (1, "token fragment"), "{found:x?}");
            assert!(found[0].0 > at as u64 && found[0].0 < at as u64 + 60, "{found:x?}");
        }
    }
}

#[test]
fn cut_hives_and_tokens_are_told_as_far_as_they_go() {
    let hive = hive(2, 300);
    for length in [4096, 8192, hive.len() - 4096, hive.len() - 512] {
        let cut = &hive[..length];
        assert_eq!(short(cut), [(0, length as u64, "hive", false)], "{length}");
    }
    let token = token();
    for length in [120, 700, token.len() - 1] {
        let found = short(&token[..length]);
        assert_eq!(found, [(0, length as u64, "token", false)], "{length}");
    }
}

#[test]
fn every_log_and_entry_is_found() {
    let mut entries = 0;
    for dirty in hive_forge::log::states() {
        for (name, log) in &dirty.logs {
            let Ok(parsed) = calhive::log::Log::parse(&log.bytes) else { continue };
            if !parsed.base_block().checksum_is_valid() {
                continue;
            }
            let found = short(&log.bytes);
            let is_log = |it: &&(u64, u64, &str, bool)| it.2 == "log" && it.0 == 0;
            assert_eq!(found.iter().filter(is_log).count(), 1, "{} {name}", dirty.name);
            if parsed.format() == calhive::log::Format::New {
                let known: Vec<(u64, u64)> = parsed
                    .entries()
                    .map(|entry| (entry.offset().get(), entry.size() as u64))
                    .collect();
                let told = found.iter().filter(|it| it.2 == "entry");
                let told: Vec<(u64, u64)> = told.map(|it| (it.0, it.1)).collect();
                assert_eq!(told, known, "{} {name}", dirty.name);
                entries += known.len();
            }
        }
    }
    assert!(entries > 30, "{entries}");
}

/// A token at an odd place of 2 GiB of nothing.
#[test]
fn a_token_in_two_gigabytes_takes_little_memory() {
    use std::io::{Seek as _, SeekFrom, Write as _};
    let path = std::env::temp_dir().join(format!("calhive-carve-{}", std::process::id()));
    let mut file = std::fs::File::create_new(&path).unwrap();
    file.set_len(2 << 30).unwrap();
    let at = (1_u64 << 30) + 0x3_FFF1;
    file.seek(SeekFrom::Start(at)).unwrap();
    file.write_all(&token()).unwrap();
    let source = std::fs::File::open(&path).unwrap();
    std::fs::remove_file(&path).ok();
    let mut found = Vec::with_capacity(8);
    let (length, used) = measure(|| {
        carve(
            source,
            |_| {},
            |carved| {
                found.push(Found::of(&carved).short());
                Ok(())
            },
        )
    });
    assert_eq!(length.unwrap(), 2 << 30);
    assert_eq!(found, [(at, token().len() as u64, "token", true)]);
    assert!(used.peak < 16 << 20, "{used:?}");
}

/// Whatever bytes there are, carving ends, and both ways find the same.
#[test]
fn no_bytes_do_harm() {
    let mut sound = vec![hive(3, 60), token(), [token(), token()].concat()];
    sound.extend(
        hive_forge::log::states()
            .into_iter()
            .flat_map(|dirty| dirty.logs.into_iter().map(|(_, log)| log.bytes)),
    );
    if let Some(file) = crate::corpus::file("no_bytes_do_harm", "carving/NTFSCompressed") {
        sound.push(file.bytes);
    }
    for seed in 0..cases(200) {
        let mut rng = Rng::nth(41, u64::from(seed));
        let mut raw = Vec::new();
        for _ in 0..rng.range(1, 3) {
            raw.extend_from_slice(&sound[rng.below(sound.len())]);
        }
        mutate(&mut raw, &mut rng);
        let found = carved(&raw);
        carve_bytes(&raw, |carved| {
            if let Kind::Hive { .. } | Kind::Bins { .. } = carved.kind {
                let bytes = extract(&mut Cursor::new(&raw), carved.place).unwrap();
                let _ = Hive::parse(&bytes).map(|hive| hive.walk().count());
            }
        });
        assert!(found.len() <= raw.len() / 40 + 1);
    }
}
