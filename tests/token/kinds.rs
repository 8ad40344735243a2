// SPDX-License-Identifier: MIT OR Apache-2.0
//! The kind of a certificate is decided once, and every field follows the decision.

use calhive::describe_token;
use calhive::meaning::CertificateKind::{
    self, Authority, ClientToken, HostCertificate, LicenseServerIssued, LicenseServerSelfSigned,
    NotEstablished,
};
use calhive::report::{TokenKind, TokenReport};
use hive_forge::token::{Generation, HostSpec, TokenSpec, bare_chain, chain, host_certificate};

fn described(bytes: &[u8]) -> TokenReport {
    describe_token(bytes, TokenKind::File)
}

fn kinds(report: &TokenReport) -> Vec<CertificateKind> {
    report.certificates.iter().map(|it| it.kind).collect()
}

/// A license server that the Clearinghouse certified: its name was typed at the activation.
fn certified() -> TokenSpec {
    TokenSpec {
        activation_name: Some("Example Company".to_owned()),
        clearinghouse_text: Some("TLS~BASIC".to_owned()),
        server_spk: None,
        above: 2,
        ..TokenSpec::generation(Generation::Server2019)
    }
}

/// The chain of a host with this certificate, below the license server of `token`.
fn host_chain(token: &TokenSpec, host: &HostSpec) -> Vec<u8> {
    let mut certificates = token.certificates();
    certificates.pop();
    certificates.push(host_certificate(host));
    chain(&certificates)
}

#[test]
fn certificates_of_every_kind_are_distinguished() {
    for generation in Generation::ALL {
        let token = TokenSpec::generation(generation);
        let report = described(&token.encode());
        assert_eq!(kinds(&report), [LicenseServerSelfSigned, ClientToken], "{generation:?}");
        assert_eq!(report.certificate_kind, Some(ClientToken));
        let host = HostSpec::new(&token, "RDSH01");
        let report = described(&host_chain(&token, &host));
        assert_eq!(kinds(&report), [LicenseServerSelfSigned, HostCertificate], "{generation:?}");
        assert_eq!(report.certificate_kind, Some(HostCertificate));
    }
    let token = certified();
    let report = described(&token.encode());
    assert_eq!(kinds(&report), [Authority, Authority, LicenseServerIssued, ClientToken]);
    let alone = |place: usize| described(&token.certificates()[place]).certificate_kind;
    assert_eq!(alone(0), Some(Authority));
    assert_eq!(alone(2), Some(LicenseServerIssued), "by the text of the Clearinghouse");
    assert_eq!(alone(3), Some(ClientToken));
    let own = TokenSpec::generation(Generation::Server2008).certificates();
    assert_eq!(described(&own[0]).certificate_kind, Some(LicenseServerSelfSigned));
}

#[test]
fn contradicting_signs_leave_the_kind_open_in_every_field() {
    let sound = TokenSpec::generation(Generation::Server2012);
    let host_product = "3d267954-eeb7-11d1-b94e-00c04fa3080d";
    for (product, user, expected) in [
        ("A02-6.02-S", "alice", ClientToken),
        // The client supplies the user name, so it decides nothing against a known license.
        ("A02-6.02-S", "ncalrpc:CLIENT", ClientToken),
        ("X99", "alice", ClientToken),
        ("X99", "ncalrpc:CLIENT", NotEstablished),
        (host_product, "alice", NotEstablished),
        ("3d267954-dea7-12d1-b94e-00c04fa3080d", "ncalrpc:CLIENT", NotEstablished),
        (host_product, "ncalrpc:CLIENT", HostCertificate),
    ] {
        let spec = TokenSpec {
            product: product.to_owned(),
            requested_product: product.to_owned(),
            user: user.to_owned(),
            ..sound.clone()
        };
        let report = described(&spec.encode());
        assert_eq!(report.certificate_kind, Some(expected), "{product} {user}");
        assert_eq!(kinds(&report)[1], expected);
        let license = report.license.unwrap();
        let is_client = expected == ClientToken;
        assert_eq!(license.kind, expected);
        assert_eq!(license.client_reported_machine.is_some(), is_client, "{product} {user}");
        assert_eq!(license.client_reported_user.is_some(), is_client, "{product} {user}");
        assert_eq!(license.license_type.is_some(), is_client, "{product} {user}");
        assert_eq!(license.is_temporary.is_some(), is_client, "{product} {user}");
        assert_eq!(license.binding.is_some(), expected == HostCertificate, "{product} {user}");
    }
}

#[test]
fn host_has_a_binding_and_no_client_reported_names() {
    let token = TokenSpec::generation(Generation::Server2019);
    for (protocol, host) in
        [("ncalrpc", "RDSH01"), ("ncacn_np", "RDSH01"), ("ncacn_ip_tcp", "192.0.2.231")]
    {
        let spec = HostSpec {
            protocol: protocol.to_owned(),
            versions: vec![(0, 0), (0, 0x1000), (0, 0)],
            flags: 0x0080_8000,
            ..HostSpec::new(&token, host)
        };
        let report = described(&host_chain(&token, &spec));
        let license = report.license.unwrap();
        let binding = license.binding.unwrap();
        assert_eq!((&*binding.protocol, &*binding.name), (protocol, host));
        assert_eq!(binding.text(), format!("{protocol}:{host}"), "not cut after 16 characters");
        assert_eq!((license.client_reported_machine, license.client_reported_user), (None, None));
        let versions: Vec<(u16, u16, u32)> =
            license.versions.iter().map(|it| (it.major, it.minor, it.flags)).collect();
        let flags = 0x0080_8000;
        assert_eq!(versions, [(0, 0, flags), (0, 0x1000, flags), (0, 0, flags)]);
    }
}

#[test]
fn activation_name_is_no_disagreement_and_stands_beside_the_computer_name() {
    let token = certified();
    let host = HostSpec::new(&token, "RDSH01");
    for bytes in [token.encode(), host_chain(&token, &host)] {
        let report = described(&bytes);
        assert!(report.disagreements.is_empty(), "{:?}", report.disagreements);
        let license = report.license.unwrap();
        assert_eq!(license.activation_name.as_deref(), Some("Example Company"));
        assert_eq!(
            license.license_server_in_words().unwrap(),
            format!("{} (activation name Example Company)", token.server)
        );
        let server = report.license_server.unwrap();
        assert_eq!(server.computer_name.as_ref(), Some(&token.server));
        assert_eq!(server.text.as_deref(), Some("TLS~BASIC"));
        assert_eq!(server.certified_by.as_deref(), Some("Forged Licensing Authority 1"));
    }
}

#[test]
fn other_name_is_a_disagreement_only_without_an_activation() {
    let plain = TokenSpec {
        activation_name: Some("OTHER".to_owned()),
        server_spk: None,
        ..TokenSpec::generation(Generation::Server2008)
    };
    let what = |spec: &TokenSpec| -> Vec<String> {
        described(&spec.encode()).disagreements.into_iter().map(|it| it.what.to_string()).collect()
    };
    assert_eq!(what(&plain), ["license server"]);
    let activated = TokenSpec { server_spk: Some("A".repeat(35)), ..plain.clone() };
    assert_eq!(what(&activated), [""; 0]);
    let alone = plain.certificates().pop().unwrap();
    assert!(described(&alone).disagreements.is_empty(), "the issuer's certificate is missing");
}

#[test]
fn registered_organization_and_country_are_read() {
    let text = r"CertType:SignOnly\r\nSubject.Organization:Example GmbH\r\nSubject.Country:DE";
    let token = TokenSpec { clearinghouse_text: Some(text.to_owned()), ..certified() };
    let server = described(&bare_chain(&token.certificates())).license_server.unwrap();
    assert_eq!(server.certificate_type.as_deref(), Some("SignOnly"));
    assert_eq!(server.organization.as_deref(), Some("Example GmbH"));
    assert_eq!(server.country.as_deref(), Some("DE"));
}
