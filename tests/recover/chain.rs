// SPDX-License-Identifier: MIT OR Apache-2.0
//! Removed certificates of a session host: an earlier registration.

use calhive::fact::{Origin, Source};
use calhive::meaning::CertificateKind;
use calhive::regf::hive::look_up::LookUp;
use calhive::report::{Clock, EventCode, Report};
use calhive::{Hive, collect, interpret};
use hive_forge::deletion::Edits;
use hive_forge::token::{Generation, HostSpec, TokenSpec, chain, host_certificate};
use hive_forge::tree::{Key, Tree, Value};
use hive_forge::{Options, time};

const RCM: &str = r"ControlSet001\Control\Terminal Server\RCM";

/// The chain of a session host of a forged license server.
fn forged() -> Vec<u8> {
    let token = TokenSpec::generation(Generation::Server2019);
    let host = HostSpec { protocol: "ncacn_np".to_owned(), ..HostSpec::new(&token, "OLDHOST-01") };
    chain(&[token.certificates().remove(0), host_certificate(&host)])
}

/// A SYSTEM hive in which the value with this chain was deleted.
fn deleted(chain: &[u8]) -> Vec<u8> {
    let mut system = Tree::new("SYSTEM");
    system.root = system.root.key(Key::new("Select").dword("Current", 1).dword("Default", 1));
    let manager = system.root.made(RCM, time::DEFAULT);
    manager.set(Value::binary("X509 Certificate", chain));
    manager.set(Value::binary("X509 Certificate ID", &[7; 16]));
    let mut edits = Edits::new(&system, &Options::default());
    let manager = edits.key(RCM);
    edits.keep_deleted(true);
    edits.delete_value(manager, "X509 Certificate", time::DEFAULT + 1);
    edits.finish().hive.bytes
}

fn report(system: &[u8]) -> Report {
    let hive = Hive::parse(system).unwrap();
    interpret(&[collect(&Source::new(hive, "SYSTEM"), LookUp::Thorough)], None)
}

/// Report on a SYSTEM hive with this chain in a free cell. No record leads to the cell.
pub(crate) fn report_without_value(chain: &[u8]) -> Report {
    let mut bytes = deleted(chain);
    let name = b"X509 Certificate";
    let is_name =
        |at: &usize| bytes[*at..].starts_with(name) && bytes[at - 20..].starts_with(b"vk\x10\0");
    let places: Vec<usize> = (20..bytes.len()).filter(is_name).collect();
    for at in places {
        bytes[at - 20..at + name.len()].fill(0);
    }
    report(&bytes)
}

fn assert_earlier_registration(report: &Report, origin: Origin) {
    let [token] = &report.tokens[..] else { panic!("{:?}", report.tokens) };
    assert_eq!(token.origin, Some(origin));
    assert_eq!(token.certificate_kind, Some(CertificateKind::HostCertificate));
    let fact = report.facts.iter().find(|fact| fact.id == token.facts[0]).unwrap();
    assert_eq!(fact.code.as_str(), "host.x509_certificate");
    let host = &report.hosts[0];
    assert!(host.registered_with.is_empty(), "{host:?}");
    let [earlier] = &host.earlier_registrations[..] else { panic!("{host:?}") };
    assert_eq!(
        earlier.text,
        "a recovered certificate names ncacn_np:OLDHOST-01 as the host, and LS-2021, scope WORKGROUP, as the \
         license server (self-reported name); valid from 2021-03-14T09:26:53.0000000Z (server clock); not in the tree"
    );
    let mut events = report.events.iter().filter(|it| it.code == EventCode::TokenValidFrom);
    let event = events.next().unwrap();
    assert_eq!(event.clock, Clock::LicenseServer);
    assert!(event.meaning.contains("(recovered, not in the tree)"), "{event:?}");
    assert!(event.meaning.contains("ncacn_np:OLDHOST-01 from license server LS-2021"), "{event:?}");
    assert!(events.next().is_none());
    // The end of every host certificate is a fixed date.
    assert!(report.events.iter().all(|it| it.code != EventCode::TokenExpires));
}

#[test]
fn deleted_value_of_a_chain_is_an_earlier_registration() {
    assert_earlier_registration(&report(&deleted(&forged())), Origin::Recovered);
}

#[test]
fn chain_in_a_free_cell_without_value_is_an_earlier_registration() {
    assert_earlier_registration(&report_without_value(&forged()), Origin::Carved);
}

/// The form of Windows 2000 and Server 2003 begins at midnight of 1980-01-01 local time.
#[test]
fn fixed_dates_of_a_host_certificate_are_no_events() {
    let token = TokenSpec::generation(Generation::Server2003);
    let not_before = time::filetime(1979, 12, 31, 23, 0, 0);
    let host = HostSpec { not_before, ..HostSpec::new(&token, "TS2003") };
    let chain = chain(&[token.certificates().remove(0), host_certificate(&host)]);
    let report = report(&deleted(&chain));
    assert_eq!(report.hosts[0].earlier_registrations.len(), 1);
    let of_token = |it: &&calhive::report::Event| !it.tokens.is_empty();
    assert_eq!(report.events.iter().filter(of_token).count(), 0, "{:?}", report.events);
}
