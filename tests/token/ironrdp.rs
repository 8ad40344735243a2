// SPDX-License-Identifier: MIT OR Apache-2.0
//! Every field of two real certificates: a license server that the Clearinghouse certified, and a session host.

use calhive::describe_token;
use calhive::meaning::{CertificateKind, Container, Reading, SignatureState};
use calhive::report::{BindingReport, CertificateReport, TokenKind, TokenReport};

fn described(name: &str) -> TokenReport {
    let path = format!("{}/testdata/vectors/{name}", env!("CARGO_MANIFEST_DIR"));
    describe_token(&std::fs::read(path).unwrap(), TokenKind::File)
}

fn times(certificate: &CertificateReport) -> [String; 2] {
    [certificate.not_before, certificate.not_after].map(|time| time.unwrap().to_string())
}

/// Identifier, name, criticality and size of each extension.
fn extensions(certificate: &CertificateReport) -> Vec<(&str, &str, bool, usize)> {
    let of = |it: &calhive::report::ExtensionReport| it.hex.len() / 2;
    certificate
        .extensions
        .iter()
        .map(|it| (it.oid.as_str(), it.name.as_deref().unwrap_or("-"), it.is_critical, of(it)))
        .collect()
}

fn assert_license_server_certificate(certificate: &CertificateReport) {
    assert_eq!(certificate.kind, CertificateKind::LicenseServerIssued);
    assert_eq!(certificate.size, 990);
    assert_eq!(
        certificate.sha256,
        "c7f69844b9708d070fdb932ff61b860abed7e2861b68ea13fe56252f30f71865"
    );
    assert_eq!((certificate.reading, certificate.faults.len()), (Reading::Strict, 0));
    assert_eq!(certificate.version, Some(3));
    assert_eq!(certificate.serial, "7f00000176008f08640868a763000000000176");
    assert_eq!(certificate.issuer, "CN=Prod2LSRAsha2RDSLM");
    assert_eq!(certificate.subject, "CN=Becker");
    assert_eq!(
        times(certificate),
        ["2019-10-26T22:53:40.0000000Z", "2027-06-06T20:42:38.0000000Z"]
    );
    assert_eq!(certificate.key_bits, Some(2048));
    assert_eq!(certificate.key_algorithm.as_deref(), Some("1.2.840.113549.1.1.1"));
    assert_eq!(certificate.key_sha256.as_deref(), Some(SERVER_KEY));
    assert_eq!(certificate.signature_algorithm.as_deref(), Some("1.2.840.113549.1.1.11"));
    assert_eq!(
        (certificate.signature, certificate.signature_issuer),
        (SignatureState::NotCheckable, None)
    );
    assert_eq!(
        extensions(certificate),
        [
            ("2.5.29.14", "subjectKeyIdentifier", false, 22),
            ("2.5.29.35", "authorityKeyIdentifier", false, 24),
            ("2.5.29.31", "cRLDistributionPoints", false, 67),
            ("1.3.6.1.5.5.7.1.1", "authorityInfoAccess", false, 88),
            ("2.5.29.19", "basicConstraints", true, 2),
            ("1.3.6.1.4.1.311.18", "root of the licensing arc", false, 11),
        ]
    );
    assert_eq!(certificate.extensions[5].hex, "1609544c537e4241534943", "TLS~BASIC");
}

/// SHA-256 of the modulus of the license server's key.
const SERVER_KEY: &str = "1bedb9df1f9f416dab1a0dc673ef2affb1a6e7203175fbb8e86933fb02da0f8e";

fn assert_host_certificate(certificate: &CertificateReport) {
    assert_eq!(certificate.kind, CertificateKind::HostCertificate);
    assert_eq!(certificate.size, 1117);
    assert_eq!(
        certificate.sha256,
        "44224352c4d81e54e5eaff59a7d844406a8c3de3cc73a73431ff14f7fce7dac2"
    );
    assert_eq!((certificate.reading, certificate.faults.len()), (Reading::Strict, 0));
    assert_eq!(certificate.version, Some(3));
    assert_eq!(certificate.serial, "0100000002");
    assert_eq!(certificate.issuer, "CN=Becker");
    assert_eq!(
        certificate.subject,
        r"CN=ncacn_ip_tcp:127, L=ncacn_ip_tcp:127.0.0.1, serialNumber=1BcKeV3MgtjUto2PIh5RWV6BXHw=\u{D}\u{A}"
    );
    assert_eq!(
        times(certificate),
        ["2019-10-26T23:26:45.0000000Z", "2038-01-19T03:14:07.0000000Z"]
    );
    assert_eq!(certificate.key_bits, Some(512));
    assert_eq!(certificate.key_algorithm.as_deref(), Some("1.3.14.3.2.15"));
    assert_eq!(certificate.signature_algorithm.as_deref(), Some("1.3.14.3.2.29"));
    assert_eq!(
        extensions(certificate),
        [
            ("1.3.6.1.4.1.311.18.4", "HYDRA_CERT_VERSION", true, 4),
            ("1.3.6.1.4.1.311.18.2", "MANUFACTURER", true, 44),
            ("1.3.6.1.4.1.311.18.5", "LICENSED_PRODUCT_INFO", true, 204),
            ("1.3.6.1.4.1.311.18.6", "MS_LICENSE_SERVER_INFO", true, 112),
            ("2.5.29.35", "authorityKeyIdentifier", true, 45),
        ]
    );
}

#[test]
fn certificate_of_the_license_server_has_every_field() {
    let report = described("ironrdp_license_server.der");
    assert_eq!(report.certificate_kind, Some(CertificateKind::LicenseServerIssued));
    assert_eq!(
        report.kind_in_words().as_deref(),
        Some("certificate of a license server, issued by Prod2LSRAsha2RDSLM")
    );
    assert_eq!((report.container, report.wrapping), (Some(Container::Certificates), None));
    assert_eq!((report.size, report.reading), (990, Some(Reading::Strict)));
    assert!(report.license.is_none() && report.index.is_none() && report.error.is_none());
    assert!(report.faults.is_empty() && report.disagreements.is_empty());
    let [certificate] = &report.certificates[..] else { panic!("{report:?}") };
    assert_license_server_certificate(certificate);
    let server = report.license_server.unwrap();
    assert_eq!((server.certificate, server.kind), (0, CertificateKind::LicenseServerIssued));
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    for (found, expected) in [
        (text(&server.name), "Becker"),
        (text(&server.certified_by), "Prod2LSRAsha2RDSLM"),
        (text(&server.text), "TLS~BASIC"),
        (text(&server.key_sha256), SERVER_KEY),
        (text(&server.domain), ""),
        (text(&server.computer_name), ""),
        (text(&server.product_id), ""),
        (text(&server.certificate_type), ""),
        (text(&server.organization), ""),
        (text(&server.country), ""),
        (text(&server.spk), ""),
    ] {
        assert_eq!(found, expected);
    }
}

#[test]
fn certificate_of_the_session_host_has_every_field() {
    let report = described("ironrdp_host.der");
    assert_eq!(report.certificate_kind, Some(CertificateKind::HostCertificate));
    let [certificate] = &report.certificates[..] else { panic!("{report:?}") };
    assert_host_certificate(certificate);
    assert_eq!(certificate.signature, SignatureState::NotCheckable);
    assert!(report.license_server.is_none() && report.disagreements.is_empty());
    let license = report.license.unwrap();
    assert_eq!((license.certificate, license.kind), (0, CertificateKind::HostCertificate));
    let binding =
        BindingReport { protocol: "ncacn_ip_tcp".to_owned(), name: "127.0.0.1".to_owned() };
    assert_eq!(license.binding, Some(binding));
    assert_eq!((license.client_reported_machine, license.client_reported_user), (None, None));
    assert_eq!(
        (license.license_type, license.is_temporary, license.generation),
        (None, None, None)
    );
    assert_eq!(
        license.hardware_id.unwrap().to_string(),
        "00000002-55972370-a3d592a5-b7e9912a-f125b4e0"
    );
    assert_eq!(license.hardware_id_is_plausible, Some(true));
    let text = |text: Option<String>| text.unwrap_or_default();
    let numbers = [license.certificate_version, license.client_platform_id, license.language_id];
    assert_eq!(numbers, [Some(0x0005_0001), Some(2), Some(0x0422)]);
    assert_eq!(license.flags, Some(0x0080_8000));
    assert_eq!(license.language.as_deref(), Some("Ukrainian (Ukraine)"));
    // The platform ID and the four numbers of the hardware ID, each with its lowest byte first.
    let hardware_id = "0200000070239755a592d5a32a91e9b7e0b425f1";
    assert_eq!(license.hardware_id_hex.as_deref(), Some(hardware_id));
    for (found, expected) in [
        (text(license.hardware_id_masked), "d4170a795dcc82d8d4b68d8f221e51595e815c7c"),
        (text(license.company), "Microsoft Corporation"),
        (text(license.issuer), "Becker"),
        (text(license.activation_name), ""),
        (text(license.issuer_domain), ""),
        (text(license.license_server), "WIN-4L4L6AMBCSQ"),
        (text(license.scope), "WORKGROUP"),
        (text(license.license_server_id), "00429-00000-34972-AT353"),
        (text(license.license_server_spk), ""),
        (text(license.license_server_key_sha256), ""),
        (text(license.requested_product), "3d267954-eeb7-11d1-b94e-00c04fa3080d"),
        (text(license.license_id), "3d267954-eeb7-11d1-b94e-00c04fa3080d"),
        (license.flags_meaning.unwrap().to_string(), "0x00808000"),
        (license.valid_from.unwrap().to_string(), "2019-10-26T23:26:45.0000000Z"),
        (license.expires.unwrap().to_string(), "2038-01-19T03:14:07.0000000Z"),
    ] {
        assert_eq!(found, expected);
    }
    let versions: Vec<(u16, u16, u32)> =
        license.versions.iter().map(|it| (it.major, it.minor, it.flags)).collect();
    let flags = 0x0080_8000;
    assert_eq!(versions, [(0, 0, flags), (0, 0x1000, flags), (0, 0, flags)]);
    assert_eq!((license.is_enforced, license.is_released), (Some(true), Some(true)));
    assert_eq!((license.license_count, license.unnamed_9), (Some(1), None));
}

#[test]
fn chain_of_both_names_the_computer_and_the_activation() {
    let report = described("ironrdp_host_chain.bin");
    assert_eq!(report.container, Some(Container::CertificateChain));
    assert_eq!((report.size, report.reading), (2139, Some(Reading::Strict)));
    let [server, host] = &report.certificates[..] else { panic!("{report:?}") };
    assert_license_server_certificate(server);
    assert_host_certificate(host);
    assert_eq!((host.signature, host.signature_issuer), (SignatureState::Valid, Some(0)));
    assert_eq!((server.offset, host.offset), (12, 12 + 990 + 4));
    assert!(report.disagreements.is_empty(), "{:?}", report.disagreements);
    let license = report.license.unwrap();
    assert_eq!(license.activation_name.as_deref(), Some("Becker"));
    assert_eq!(license.license_server_key_sha256.as_deref(), Some(SERVER_KEY));
    assert_eq!(
        license.license_server_in_words().unwrap(),
        "WIN-4L4L6AMBCSQ (activation name Becker)"
    );
    let server = report.license_server.unwrap();
    assert_eq!(server.computer_name.as_deref(), Some("WIN-4L4L6AMBCSQ"));
    assert_eq!(server.product_id.as_deref(), Some("00429-00000-34972-AT353"));
}
