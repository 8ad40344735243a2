// SPDX-License-Identifier: MIT OR Apache-2.0
//! Carving finds license tokens in raw bytes where they were put, and no bytes do harm.

use std::fs::File;
use std::io::{Seek as _, SeekFrom, Write as _};

use calhive::token::{CarvedToken, TokenSignatures};
use calhive_regf::recover::carve::{Carved, carve};
use hive_forge::cases::cases;
use hive_forge::random::{self, mutate};
use hive_forge::rng::Rng;
use hive_forge::token::{Generation, HostSpec, TokenSpec, chain, host_certificate};
use hive_forge::{Options, write};

#[path = "../../regf/tests/carve/found.rs"]
mod found;

use crate::memory::measure;
use found::Found;

/// The token of [MS-RDPELE] 4.6.
fn token() -> Vec<u8> {
    let hex =
        include_str!("../../testdata/vectors/rdpele_4.6_ClientLicense_pkcs7_temp_A02-6.00-S.hex");
    let digits: Vec<u8> = hex.bytes().filter(u8::is_ascii_hexdigit).collect();
    digits
        .chunks(2)
        .map(|two| u8::from_str_radix(std::str::from_utf8(two).unwrap(), 16).unwrap())
        .collect()
}

fn word(tag: u32) -> &'static str {
    match CarvedToken::from_tag(tag) {
        Some(CarvedToken::Token) => "token",
        Some(CarvedToken::Remains) => "remains",
        Some(CarvedToken::Chain) => "chain",
        Some(CarvedToken::Fragment) => "fragment",
        _ => "unknown",
    }
}

fn carved(raw: &[u8]) -> Vec<Found> {
    found::carved(raw, Some(&TokenSignatures::new()), word)
}

fn short(raw: &[u8]) -> Vec<(u64, u64, &'static str, bool)> {
    carved(raw).iter().map(Found::short).collect()
}

/// The windows of a source end at multiples of 512 after 1 MiB: tokens at these offsets and around them.
#[test]
fn tokens_at_window_ends_are_found_whole() {
    let mut rng = Rng::named("tokens in noise");
    let token = token();
    for border in [0x14_0000_usize, 0x10_0000, 0x24_0000] {
        for back in [1, 7, 30, 33, 500, token.len() - 1, token.len(), 0] {
            let at = border - back;
            let mut raw = rng.bytes(3 << 20);
            raw[at..][..token.len()].copy_from_slice(&token);
            let expected = [(at as u64, token.len() as u64, "token", true)];
            assert_eq!(short(&raw), expected, "{at:#x}");
            // Without its head, the certificates are left.
            raw[at..][..12].fill(0);
            let found = short(&raw);
            assert_eq!((found.len(), found[0].2), (1, "fragment"), "{found:x?}");
            assert!(found[0].0 > at as u64 && found[0].0 < at as u64 + 60, "{found:x?}");
        }
    }
}

/// The certificates of a session host below three authorities, in an X509_CERTIFICATE_CHAIN.
fn host_chain() -> Vec<u8> {
    let token = TokenSpec { above: 3, ..TokenSpec::generation(Generation::Server2019) };
    let mut certificates = token.certificates();
    certificates.pop();
    certificates.push(host_certificate(&HostSpec::new(&token, "RDSH01")));
    chain(&certificates)
}

#[test]
fn chains_at_window_ends_are_found_whole_with_their_padding() {
    let mut rng = Rng::named("chains in noise");
    let chain = host_chain();
    for border in [0x14_0000_usize, 0x10_0000] {
        for back in [1, 9, 33, 500, chain.len() - 1, chain.len(), 0] {
            let at = border - back;
            let mut raw = rng.bytes(2 << 20);
            raw[at..][..chain.len()].copy_from_slice(&chain);
            assert_eq!(short(&raw), [(at as u64, chain.len() as u64, "chain", true)], "{at:#x}");
        }
    }
}

#[test]
fn incomplete_chains_are_reported_as_far_as_they_reach() {
    let chain = host_chain();
    // The identifier in the certificate of the license server is at the beginning of the third quarter.
    let cut = chain.len() - 100;
    assert_eq!(short(&chain[..cut]), [(0, cut as u64, "chain", false)]);
    let mut headless = chain.clone();
    headless[..8].fill(0xEE);
    let kinds: Vec<&str> = carved(&headless).iter().map(|it| it.kind).collect();
    assert!(!kinds.is_empty() && kinds.iter().all(|kind| *kind == "fragment"), "{kinds:?}");
    let both = [&chain[..], &chain].concat();
    let length = chain.len() as u64;
    assert_eq!(short(&both), [(0, length, "chain", true), (length, length, "chain", true)]);
}

#[test]
fn truncated_token_is_reported_up_to_its_end() {
    let token = token();
    for (length, kind) in [(120, "remains"), (700, "remains"), (token.len() - 1, "token")] {
        let found = short(&token[..length]);
        assert_eq!(found, [(0, length as u64, kind, false)], "{length}");
    }
}

/// 2 GiB of zeros, a token at an odd offset.
#[test]
fn carving_two_gigabytes_takes_little_memory() {
    let path = std::env::temp_dir().join(format!("calhive-carve-token-{}", std::process::id()));
    let mut file = File::create_new(&path).unwrap();
    file.set_len(2 << 30).unwrap();
    let at = (1_u64 << 30) + 0x3_FFF1;
    file.seek(SeekFrom::Start(at)).unwrap();
    file.write_all(&token()).unwrap();
    let source = File::open(&path).unwrap();
    std::fs::remove_file(&path).ok();
    let mut found = Vec::with_capacity(8);
    let see = |carved: Carved<'_>| {
        found.push(Found::of(&carved, word).short());
        Ok(())
    };
    let (length, used) = measure(|| carve(source, Some(&TokenSignatures::new()), |_| {}, see));
    assert_eq!(length.unwrap(), 2 << 30);
    assert_eq!(found, [(at, token().len() as u64, "token", true)]);
    assert!(used.peak < 16 << 20, "{used:?}");
}

/// Carving damaged tokens and hives ends, and finds the same in memory and in windows.
#[test]
fn damaged_tokens_do_no_harm() {
    let options = Options { minor: 5, ..Options::default() };
    let hive = write(&random::tree(3, 60, 5), &options).bytes;
    let sound = [hive, token(), [token(), token()].concat(), host_chain()];
    let mut tokens = 0;
    for seed in 0..cases(200) {
        let mut rng = Rng::nth(41, u64::from(seed));
        let mut raw = Vec::new();
        for _ in 0..rng.range(1, 3) {
            raw.extend_from_slice(&sound[rng.below(sound.len())]);
        }
        mutate(&mut raw, &mut rng);
        let found = carved(&raw);
        tokens += found.iter().filter(|it| !["hive", "bins"].contains(&it.kind)).count();
        assert!(found.len() <= raw.len() / 40 + 1);
    }
    assert!(tokens > 0);
}

/// The end of the first token was overwritten.
#[test]
fn token_behind_the_beginning_of_another_is_found_whole() {
    let token = token();
    for cut in [70, 300, 700, token.len() - 1] {
        let found = short(&[&token[..cut], &token].concat());
        let whole = (cut as u64, token.len() as u64, "token", true);
        assert!(found.contains(&whole), "{cut}: {found:?}");
        let before = found.iter().filter(|it| **it != whole);
        assert!(before.clone().count() <= 1, "{cut}: {found:?}");
        assert!(before.into_iter().all(|it| it.0 == 0 && it.1 == cut as u64), "{cut}: {found:?}");
    }
}
