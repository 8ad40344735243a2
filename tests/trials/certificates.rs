// SPDX-License-Identifier: MIT OR Apache-2.0
//! Certificates and tokens of real license servers and session hosts.

use calhive::meaning::{CertificateKind, Container, Reading, SignatureState, Wrapping};
use calhive::report::{Report, TokenKind, TokenReport};
use calhive::token::{CarvedToken, TokenSignatures};
use calhive::{Options, describe_token, scan};
use calhive_regf::recover::carve::{Kind, carve_bytes};

use super::trial;
use crate::recover::chain;

fn bytes(name: &str) -> Option<Vec<u8>> {
    Some(std::fs::read(trial(name)?).unwrap())
}

fn described(name: &str) -> Option<TokenReport> {
    Some(describe_token(&bytes(name)?, TokenKind::File))
}

fn scanned(name: &str) -> Option<Report> {
    Some(scan([trial(name)?], &Options::default()).unwrap())
}

fn kinds(report: &TokenReport) -> Vec<CertificateKind> {
    report.certificates.iter().map(|it| it.kind).collect()
}

const CHAIN: &str = "01-carve-host-chain/chain.bin";
const CHAIN_SHA256: &str = "b37305fb453112d2a03f2f02cdbe47833211b38d868d0338d63ebf4899e3db8e";

/// Row 01.
#[test]
fn chain_of_a_host_is_carved_as_one_container() {
    let Some(raw) = bytes("01-carve-host-chain/raw.bin") else { return };
    let mut found = Vec::new();
    carve_bytes(&raw, Some(&TokenSignatures::new()), |carved| {
        let Kind::Signature { bytes, tag } = carved.kind else { return };
        let kind = CarvedToken::from_tag(tag).unwrap();
        found.push((carved.place.offset.get(), carved.is_whole, kind, bytes.to_vec()));
    });
    let [(0x2BC, true, CarvedToken::Chain, chain)] = &found[..] else { panic!("{found:?}") };
    let report = describe_token(chain, TokenKind::File);
    assert_eq!((report.size, report.sha256.as_str()), (5007, CHAIN_SHA256));
    assert_real_chain(&report);
}

/// The chain of row 01: every signature holds up to the root.
fn assert_real_chain(report: &TokenReport) {
    use CertificateKind::{Authority, HostCertificate, LicenseServerIssued};
    assert_eq!(report.container, Some(Container::CertificateChain));
    assert_eq!(report.reading, Some(Reading::Strict));
    assert_eq!(kinds(report), [Authority, Authority, LicenseServerIssued, HostCertificate]);
    let issuers: Vec<(SignatureState, Option<u64>)> =
        report.certificates.iter().map(|it| (it.signature, it.signature_issuer)).collect();
    let valid = SignatureState::Valid;
    assert_eq!(issuers, [(valid, Some(0)), (valid, Some(0)), (valid, Some(1)), (valid, Some(2))]);
    assert!(report.disagreements.is_empty(), "{:?}", report.disagreements);
    let license = report.license.as_ref().unwrap();
    assert_eq!(license.binding.as_ref().unwrap().text(), "ncacn_ip_tcp:10.10.44.231");
    assert_eq!(license.license_server_in_words().unwrap(), "DC01 (activation name WALLIX)");
    assert_eq!(license.language.as_deref(), Some("French (France)"));
    let server = report.license_server.as_ref().unwrap();
    assert_eq!(server.certified_by.as_deref(), Some("Prod2LSRAsha2RDSLM"));
    assert_eq!(server.text.as_deref(), Some("TLS~BASIC"));
    assert_eq!(server.product_id.as_deref(), Some("00252-80525-09630-AT909"));
}

/// Row 01, in a free cell of SYSTEM.
#[test]
fn real_chain_in_a_free_cell_is_an_earlier_registration() {
    let Some(chain) = bytes(CHAIN) else { return };
    let report = chain::report_without_value(&chain);
    let [token] = &report.tokens[..] else { panic!("{:?}", report.tokens) };
    assert_real_chain(token);
    let [earlier] = &report.hosts[0].earlier_registrations[..] else { panic!("{report:?}") };
    assert!(earlier.text.contains("DC01 (activation name WALLIX)"), "{earlier:?}");
    assert!(earlier.text.contains("ncacn_ip_tcp:10.10.44.231"), "{earlier:?}");
}

/// Row 02.
#[test]
fn license_server_of_the_clearinghouse_contradicts_nothing() {
    for name in ["host-chain.bin", "client-token-forged.bin"] {
        let path = format!("02-ch-issued-license-server/{name}");
        let Some(report) = described(&path) else { return };
        assert!(report.disagreements.is_empty(), "{name}: {:?}", report.disagreements);
    }
    let Some(report) = scanned("02-ch-issued-license-server/SOFTWARE") else { return };
    let codes: Vec<&str> = report.findings.iter().map(|it| it.code).collect();
    assert!(!codes.contains(&"client.token.contradicts_itself"), "{codes:?}");
    let words = report.tokens[0].license.as_ref().unwrap().license_server_in_words().unwrap();
    assert_eq!(words, "DC01 (name in its certificate ACME)");
}

/// Rows 03 and 07.
#[test]
fn registered_host_has_its_whole_binding_and_no_fixed_dates() {
    let Some(report) = scanned("03-host-subject-cut") else { return };
    let [registered] = &report.hosts[0].registered_with[..] else { panic!("{report:?}") };
    assert!(registered.text.contains("for ncacn_ip_tcp:10.10.44.231 at"), "{registered:?}");
    assert!(registered.text.contains("DC01 (activation name WALLIX)"), "{registered:?}");
    let license = report.tokens[0].license.as_ref().unwrap();
    assert_eq!((&license.client_reported_machine, &license.client_reported_user), (&None, &None));
    let binding = license.binding.as_ref().unwrap();
    assert_eq!((&*binding.protocol, &*binding.name), ("ncacn_ip_tcp", "10.10.44.231"));
    for event in &report.events {
        let time = event.time.unwrap().to_string();
        assert!(!time.starts_with("2038") && !time.starts_with("1979"), "{event:?}");
    }
}

/// Row 05.
#[test]
fn certificate_of_a_license_server_is_named_with_its_issuer() {
    let Some(report) = described("05-ext-18-bare/license-server.der") else { return };
    assert_eq!(
        report.kind_in_words().unwrap(),
        "certificate of a license server, issued by Prod2LSRAsha2RDSLM"
    );
    let extensions = &report.certificates[0].extensions;
    assert!(extensions.iter().all(|it| it.name.is_some()), "{extensions:?}");
}

/// Row 06.
#[test]
fn all_version_records_of_a_real_host_are_reported() {
    let Some(report) = described("06-version-records/host.der") else { return };
    let versions = report.license.unwrap().versions;
    let records: Vec<(u16, u16, &str)> =
        versions.iter().map(|it| (it.major, it.minor, it.flags.as_str())).collect();
    let flags = "0x00808000";
    assert_eq!(records, [(0, 0, flags), (0, 0x1000, flags), (0, 0, flags)]);
}

/// Row 12. The publisher altered the strings of this chain.
#[test]
fn altered_chain_has_no_established_kind_anywhere() {
    let Some(report) = described("12-kind-of-certificate/chain.bin") else { return };
    assert_eq!(report.certificate_kind, Some(CertificateKind::NotEstablished));
    assert_eq!(
        kinds(&report),
        [CertificateKind::LicenseServerSelfSigned, CertificateKind::NotEstablished]
    );
    let license = report.license.unwrap();
    assert_eq!(license.kind, CertificateKind::NotEstablished);
    assert_eq!((license.client_reported_machine, license.client_reported_user), (None, None));
    assert_eq!((license.binding, license.license_type), (None, None));
    assert_eq!(license.signature, Some(SignatureState::Invalid));
}

/// Row 13.
#[test]
fn length_before_a_token_is_a_wrapping() {
    let Some(report) = described("13-text-inputs/store-file-4-byte-length.bin") else { return };
    assert_eq!(report.wrapping, Some(Wrapping::LengthPrefix));
    assert_eq!(report.reading, Some(Reading::Strict));
    assert_eq!(report.container_in_words().unwrap(), "length prefix + PKCS #7 SignedData");
    assert_eq!(
        kinds(&report),
        [CertificateKind::LicenseServerSelfSigned, CertificateKind::ClientToken]
    );
    let license = report.license.unwrap();
    assert_eq!(license.license_server_in_words().as_deref(), Some("DC01"));
    assert_eq!(license.license_id.as_deref(), Some("A02-6.02-S"));
    assert_eq!(license.signature, Some(SignatureState::Valid));
    assert_eq!(report.certificates[0].offset, 4 + 45);
}

/// LICENSING.md 9.1: one license server has one key in both certificates; the product ID is the same, too.
#[test]
fn client_and_host_of_one_real_license_server_share_its_product_id() {
    let (Some(host), Some(client)) =
        (described(CHAIN), described("13-text-inputs/store-file-4-byte-length.bin"))
    else {
        return;
    };
    let (host, client) = (host.license.unwrap(), client.license.unwrap());
    assert_eq!(host.license_server_id, client.license_server_id);
    assert!(host.license_server_key_sha256.is_some() && client.license_server_key_sha256.is_some());
}
