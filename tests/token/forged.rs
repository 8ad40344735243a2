// SPDX-License-Identifier: MIT OR Apache-2.0
//! Tokens that hive-forge writes are decoded to the fields that they were written from.

use calhive::describe_token;
use calhive::meaning::SignatureState;
use calhive::report::TokenKind;
use calhive::token::Chain;
use calhive::token::Token;
use calhive::{FileTime, Name};
use hive_forge::cases::cases;
use hive_forge::rng::Rng;
use hive_forge::token::{Generation, HostSpec, TokenSpec, bare_chain, chain, host_certificate};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

/// Text with the escapes of calhive.
fn shown(text: &str) -> String {
    let units: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    Name::utf16(&units).as_text().to_string()
}

/// Compares every field of a token with its specification.
fn same(token: &Token, spec: &TokenSpec) {
    let chain = &token.chain;
    assert_eq!(chain.certificates.len(), spec.above + 2);
    assert_eq!(chain.leaf_index(), Some(spec.above + 1));
    for (signature, certificate) in chain.signatures.iter().zip(&chain.certificates) {
        assert_eq!(signature.state, SignatureState::Valid, "{signature:?} {certificate:?}");
    }
    let leaf = chain.leaf().unwrap();
    let text = |text: &str| Some(shown(text));
    let owned = |text: Option<&str>| text.map(str::to_owned);
    assert_eq!(owned(leaf.issuer.common_name()), text(&spec.server));
    assert_eq!(owned(leaf.issuer.locality()), text(&spec.server_domain));
    assert_eq!(owned(leaf.subject.common_name()), text(&spec.machine));
    assert_eq!(owned(leaf.subject.locality()), text(&spec.user));
    let [a, b, c, d] = spec.serial.to_be_bytes();
    assert_eq!(leaf.serial, [3, a, b, c, d]);
    assert_eq!(leaf.not_before.map(FileTime::raw), Some(spec.not_before));
    assert_eq!(leaf.not_after.map(FileTime::raw), Some(spec.not_after));
    let embedded = leaf.embedded_hardware_id().unwrap();
    let words = [embedded.id.platform_id].into_iter().chain(embedded.id.data);
    assert_eq!(words.flat_map(u32::to_le_bytes).collect::<Vec<_>>(), spec.hardware_id);

    let license = &leaf.license;
    assert_eq!(license.manufacturer, text(&spec.manufacturer));
    assert_eq!(license.certificate_version, Some(spec.cert_version));
    assert_eq!(license.unnamed_9, spec.unnamed_9);
    let product = license.product.as_ref().unwrap();
    assert_eq!(product.license_count, spec.license_count);
    assert_eq!(product.platform_id, spec.platform_id);
    assert_eq!(product.language_id, spec.language_id);
    assert_eq!(product.requested_product, shown(&spec.requested_product));
    assert_eq!(product.product, shown(&spec.product));
    let [version] = product.versions[..] else { panic!("{product:?}") };
    assert_eq!((version.major, version.minor), spec.version);
    assert_eq!(version.flags.bits(), spec.flags);
    let server = license.server.as_ref().unwrap();
    assert_eq!(server.issuer, shown(&spec.server));
    assert_eq!(server.issuer_id, text(&spec.server_id));
    assert_eq!(server.scope, shown(&spec.scope));

    let issuer = &chain.certificates[spec.above];
    assert_eq!(issuer.key, leaf.key, "a token has the license server's key");
    assert_eq!(issuer.license.server_spk, spec.server_spk.as_deref().map(shown));
    if spec.above == 0 {
        assert_eq!(issuer.serial, {
            let serial = spec.server_created.to_be_bytes();
            let zeros = serial.iter().take_while(|byte| **byte == 0).count();
            serial[zeros..].to_vec()
        });
    }
}

#[test]
fn random_tokens_are_decoded_as_written() {
    let config = Config { cases: cases(200), failure_persistence: None, ..Config::default() };
    TestRunner::new(config)
        .run(&any::<u64>(), |seed| {
            let spec = TokenSpec::random(&mut Rng::new(seed));
            same(&Token::parse(&spec.encode()).unwrap(), &spec);
            let token = Token::parse(&spec.new_license_info()).unwrap();
            same(&token, &spec);
            let index = token.index.unwrap();
            prop_assert_eq!(index.version, spec.index_version);
            prop_assert_eq!(index.scope, shown(&spec.index_scope));
            prop_assert_eq!(index.company, shown(&spec.index_company));
            prop_assert_eq!(index.product, shown(&spec.index_product));
            Ok(())
        })
        .unwrap();
}

#[test]
fn tokens_of_every_generation_are_decoded_as_written() {
    for generation in Generation::ALL {
        let spec = TokenSpec::generation(generation);
        for above in [0, 3] {
            let spec = TokenSpec { above, ..spec.clone() };
            same(&Token::parse(&spec.encode()).unwrap(), &spec);
        }
        let seen = if generation.is_seen() { "seen in real data" } else { "forged by analogy" };
        println!("{generation:?}: {:#010x} {}, {seen}", generation.version(), generation.product());
    }
}

#[test]
fn host_certificates_are_decoded_in_every_container() {
    let token = TokenSpec::generation(Generation::Server2019);
    let spec = HostSpec::new(&token, "RDSH01");
    let server = token.certificates().remove(0);
    let own = host_certificate(&spec);
    let both = [server, own.clone()];
    for bytes in [chain(&both), bare_chain(&both), both.concat()] {
        let chain = Chain::parse(&bytes).unwrap();
        let leaf = chain.leaf().unwrap();
        assert_eq!((chain.certificates.len(), &leaf.raw), (2, &own));
        assert_eq!(leaf.subject.common_name(), Some("ncalrpc:RDSH01"));
        assert_eq!(leaf.issuer.common_name(), Some(&*token.server));
        assert_eq!(chain.leaf_signature().unwrap().state, SignatureState::Valid);
    }
    let alone = Chain::parse(&own).unwrap();
    assert_eq!(alone.leaf_signature().unwrap().state, SignatureState::NotCheckable);
}

#[test]
fn flipped_bit_in_any_generation_makes_signature_invalid() {
    let mut rng = Rng::new(0x51);
    for number in 0..cases(300) {
        let generation = Generation::ALL[number as usize % Generation::ALL.len()];
        let spec = TokenSpec { above: rng.below(3), ..TokenSpec::generation(generation) };
        let mut bytes = spec.encode();
        let token = Token::parse(&bytes).unwrap();
        let leaf = token.chain.leaf().unwrap();
        let length = usize::from(u16::from_be_bytes([leaf.raw[6], leaf.raw[7]])) + 4;
        let at = leaf.offset + 4 + rng.below(length);
        bytes[at] ^= 1 << rng.below(8);
        let token = Token::parse(&bytes).unwrap();
        let last = token.chain.signatures.last().unwrap();
        assert_eq!(last.state, SignatureState::Invalid, "{generation:?}, byte {at:#x}: {last:?}");
    }
}

/// The index of a token is compared with its certificate, without regard to case.
#[test]
fn different_index_is_reported() {
    let between = |spec: &TokenSpec| -> Vec<String> {
        let report = describe_token(&spec.new_license_info(), TokenKind::File);
        report.disagreements.into_iter().map(|it| it.what.to_string()).collect()
    };
    let plain = TokenSpec::generation(Generation::Server2012);
    assert_eq!(between(&plain), [""; 0]);
    let company = plain.index_company.to_uppercase();
    let product = plain.index_product.to_lowercase();
    let in_other_case =
        TokenSpec { index_company: company, index_product: product, ..plain.clone() };
    assert_eq!(between(&in_other_case), [""; 0]);
    let other = TokenSpec {
        index_version: 0x0005_0002,
        index_company: "Example".to_owned(),
        index_product: "B01".to_owned(),
        ..plain
    };
    assert_eq!(between(&other), ["product version", "product", "company"]);
}
