// SPDX-License-Identifier: MIT OR Apache-2.0
//! Certificates and tokens of real license servers and session hosts.

use calhive::meaning::{CertificateKind, Container, Reading, SignatureState, Wrapping};
use calhive::report::{BindingReport, LicenseReport, Report, TokenKind, TokenReport};
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
    assert!(
        registered.text.contains("names ncacn_ip_tcp:10.10.44.231 as the host, and"),
        "{registered:?}"
    );
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
    let records: Vec<(u16, u16, u32)> =
        versions.iter().map(|it| (it.major, it.minor, it.flags)).collect();
    let flags = 0x0080_8000;
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

/// Field names and texts of a certificate about a license or a host.
fn fields(license: &LicenseReport) -> [(&'static str, String); 22] {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let shown = |it: Option<String>| it.unwrap_or_default();
    [
        ("binding", shown(license.binding.as_ref().map(BindingReport::text))),
        ("certificate version", shown(license.certificate_version.map(|it| format!("{it:#010x}")))),
        ("hardware ID", shown(license.hardware_id.map(|it| it.to_string()))),
        ("masked", text(&license.hardware_id_masked)),
        ("platform", shown(license.client_platform_id.map(|it| format!("{it:#x}")))),
        ("company", text(&license.company)),
        ("issuer", text(&license.issuer)),
        ("activation name", text(&license.activation_name)),
        ("domain", text(&license.issuer_domain)),
        ("license server", text(&license.license_server)),
        ("scope", text(&license.scope)),
        ("product ID", text(&license.license_server_id)),
        ("SPK", text(&license.license_server_spk)),
        ("key", text(&license.license_server_key_sha256)),
        ("machine", text(&license.client_reported_machine)),
        ("user", text(&license.client_reported_user)),
        ("language", shown(license.language.as_deref().map(String::from))),
        ("requested", text(&license.requested_product)),
        ("license ID", text(&license.license_id)),
        ("flags", shown(license.flags_meaning.as_deref().map(String::from))),
        ("valid from", shown(license.valid_from.map(|it| it.to_string()))),
        ("expires", shown(license.expires.map(|it| it.to_string()))),
    ]
}

#[track_caller]
fn assert_fields(license: &LicenseReport, expected: [&str; 22]) {
    for ((name, found), expected) in fields(license).into_iter().zip(expected) {
        assert_eq!(found, expected, "{name}");
    }
}

const HOST_PRODUCT: &str = "3d267954-eeb7-11d1-b94e-00c04fa3080d";

/// Rows 01 and 13: one license server, one host and one client.
#[test]
fn every_field_of_the_real_chain_and_the_real_token_is_read() {
    let Some(host) = described(CHAIN) else { return };
    let host = host.license.unwrap();
    assert_fields(
        &host,
        [
            "ncacn_ip_tcp:10.10.44.231",
            "0x00050001",
            "00000002-f66b3726-ae9c5091-da66bed6-33ef3452",
            "d4170a790bd87e7be074c482de31de34ec0196be",
            "0x2",
            "Microsoft Corporation",
            "WALLIX",
            "WALLIX",
            "",
            "DC01",
            "RED",
            "00252-80525-09630-AT909",
            "",
            "547f63b9a6da72ba0dfeb816a10dffecb99a386215d194b39a43997205339cf7",
            "",
            "",
            "French (France)",
            HOST_PRODUCT,
            HOST_PRODUCT,
            "0x00808000",
            "2019-05-06T15:16:30.0000000Z",
            "2038-01-19T03:14:07.0000000Z",
        ],
    );
    let path = "13-text-inputs/store-file-4-byte-length.bin";
    let client = described(path).unwrap();
    assert_eq!(client.certificates[1].serial, "0300000004");
    let client = client.license.unwrap();
    assert_fields(
        &client,
        [
            "",
            "0x00050001",
            "00000002-30544c43-00000032-00000000-00000000",
            "d4170a796ea341bd4324582c088fb8eebe35798d",
            "0xff",
            "Microsoft Corporation",
            "DC01",
            "",
            "RED",
            "DC01",
            "RED",
            "00252-80525-09630-AT909",
            "PHM3PYBPP7G23P2JW6YTTMJPTGC6G2269C3",
            client.license_server_key_sha256.clone().unwrap().as_str(),
            "CLT02",
            "Tester@RED",
            "default of the process",
            "A02",
            "A02-6.02-S",
            "0x00808000 (permanent, enforced, released version)",
            "2019-05-06T15:34:50.0000000Z",
            "2019-11-30T23:15:50.0000000Z",
        ],
    );
    // The same license server, by its product ID, and by its key if it has one key.
    assert_eq!(host.license_server_id, client.license_server_id);
}

/// Tokens and chains in the hives of all trials.
#[test]
fn tokens_of_all_trial_hives_have_an_established_kind_and_no_wrong_name() {
    let Some(folder) = std::env::var_os("CALHIVE_TRIALS") else { return };
    let mut tokens = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if !path.is_dir() || path.ends_with("hostile") {
            continue;
        }
        // Folders without hives are refused.
        let Ok(report) = scan([&path], &Options::default()) else { continue };
        for token in &report.tokens {
            // The token of row 23 is overwritten.
            let Some(license) = &token.license else { continue };
            tokens += 1;
            let is_host = token.kind == TokenKind::HostCertificate;
            let expected = if is_host {
                CertificateKind::HostCertificate
            } else {
                CertificateKind::ClientToken
            };
            assert_eq!(license.kind, expected, "{} in {}", token.id, path.display());
            assert_eq!(license.binding.is_some(), is_host, "{}", path.display());
            assert_eq!(license.client_reported_user.is_some(), !is_host, "{}", path.display());
        }
    }
    assert!(tokens > 4, "{tokens}");
}
