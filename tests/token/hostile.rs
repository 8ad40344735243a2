// SPDX-License-Identifier: MIT OR Apache-2.0
//! No bytes make the token decoder panic, take long, or take much memory.

use std::time::{Duration, Instant};

use calhive::describe_token;
use calhive::fact::Source;
use calhive::meaning::ProprietaryCertificate;
use calhive::regf::hive::look_up::LookUp;
use calhive::report::TokenKind;
use calhive::token::Token;
use hive_forge::cases::cases;
use hive_forge::rng::Rng;
use hive_forge::token::{Generation, TokenSpec, damaged, odd};
use hive_forge::tree::{Tree, Value};

use super::vector;
use crate::hostile::worked;
use crate::memory::measure;

/// Longest time for one token, in a debug build. The slowest tokens have 32 signatures to check.
const TIME: Duration = Duration::from_secs(1);
/// Largest memory per byte of a token, beside 256 KiB.
const MEMORY_PER_BYTE: u64 = 64;

/// Decodes a token, and checks all offsets of its report.
fn read(bytes: &[u8]) {
    let report = describe_token(bytes, TokenKind::File);
    assert_eq!(report.error.is_some(), Token::parse(bytes).is_err());
    for certificate in &report.certificates {
        assert!(certificate.offset + certificate.size <= bytes.len() as u64, "{certificate:?}");
        for extension in &certificate.extensions {
            let end = extension.offset + extension.hex.len() as u64 / 2;
            assert!(end <= bytes.len() as u64, "{extension:?}");
        }
    }
    let _ = ProprietaryCertificate::parse(bytes);
}

struct Worst {
    slowest: Duration,
    largest: u64,
}

impl Worst {
    fn run(&mut self, name: &str, bytes: &[u8]) {
        let since = Instant::now();
        let before = worked(since);
        let ((), used) = measure(|| read(bytes));
        let took = worked(since).saturating_sub(before);
        assert!(took < TIME, "{name} took {took:?}");
        let most = (256 << 10) + MEMORY_PER_BYTE * bytes.len() as u64;
        assert!(used.peak < most, "{name}: {} bytes of memory for {}", used.peak, bytes.len());
        self.slowest = self.slowest.max(took);
        self.largest = self.largest.max(used.peak);
    }

    fn report(&self, what: &str) {
        println!(
            "{what}: no panic; slowest {:?}, most memory {} KiB",
            self.slowest,
            self.largest / 1024
        );
    }
}

const NOTHING: Worst = Worst { slowest: Duration::ZERO, largest: 0 };

#[test]
fn damaged_tokens_do_no_harm() {
    let mut sound = vec![
        vector("rdpele_4.6_NEW_LICENSE_INFO"),
        vector("rdpele_4.6_ClientLicense_pkcs7_temp_A02-6.00-S"),
        vector("rdpele_4.1_terminal_server_cert"),
        vector("regipy_RCM_Certificate"),
        TokenSpec { above: 6, ..TokenSpec::generation(Generation::Server2016) }.encode(),
    ];
    sound.extend(odd().into_iter().map(|odd| odd.token));
    let (mut worst, count) = (NOTHING, cases(2_000));
    for number in 0..count {
        let mut rng = Rng::nth(0x70CE, u64::from(number));
        let mut bytes = sound[number as usize % sound.len()].clone();
        damaged(&mut rng, &mut bytes);
        worst.run(&format!("case {number}"), &bytes);
    }
    worst.report(&format!("{count} mutations of {} tokens", sound.len()));
}

/// The most expensive tokens: many certificates, many names, deep nesting, long keys, runs of one
/// byte.
#[test]
fn amplified_tokens_take_little_time_and_memory() {
    let mut worst = NOTHING;
    let leaf = vector("rdpele_4.6_cert1_client_CAL_leaf");
    worst.run("400 leaves", &leaf.repeat(400));
    worst.run("chain of 200", &hive_forge::token::bare_chain(&vec![leaf.clone(); 200]));
    worst.run("many small elements", &[0x30, 0].repeat(500_000));
    worst.run("zeros behind a certificate", &[leaf, vec![0; 900_000]].concat());
    worst.run("nested without lengths", &[0x30, 0x80].repeat(500_000));
    worst.run("zeros", &vec![0; 1 << 20]);
    worst.run("beginnings of certificates", &{
        let head = [0x30, 0x82, 0xFF, 0xFF, 0x30, 0x82, 0xFF, 0xFF, 0xA0, 3, 2, 1, 2];
        [&[1, 2, 3, 4][..], &head.repeat(80_000)].concat()
    });
    worst.run("more than a token has", &vec![0x30; (1 << 20) + 1]);
    worst.report("amplified tokens");
}

/// 600 stored tokens: 599 copies of one, and another one at the end, or all of them different.
#[test]
fn tokens_beyond_the_limit_are_counted_and_different_ones_come_first() {
    const LAST: &[u8] = b"the real one";
    let leaf = || vector("rdpele_4.6_cert1_client_CAL_leaf");
    let store = |is_alike: bool| {
        let mut tree = Tree::new("ROOT");
        let mut content = |number: u32, bytes: &[u8]| {
            let key = tree.root.at(&format!(r"Microsoft\MSLicensing\Store\LICENSE{number:03}"));
            key.values.push(Value::binary("ClientLicense", bytes));
        };
        for number in 0..599_u32 {
            let mut bytes = leaf();
            if !is_alike {
                bytes.extend(number.to_le_bytes());
            }
            content(number, &bytes);
        }
        content(599, &[&leaf()[..], LAST].concat());
        hive_forge::write(&tree, &hive_forge::Options::default()).bytes
    };
    for (is_alike, has_last) in [(true, true), (false, false)] {
        let bytes = store(is_alike);
        let source = Source::new(calhive::Hive::parse(&bytes).unwrap(), "SOFTWARE");
        let facts = calhive::collect(&source, LookUp::Thorough);
        let report = calhive::interpret(&[facts], None);
        assert_eq!((report.tokens.len(), report.hosts[0].tokens_not_decoded), (512, Some(88)));
        let size = (leaf().len() + LAST.len()) as u64;
        assert_eq!(report.tokens.iter().any(|it| it.size == size), has_last, "{is_alike}");
    }
}
