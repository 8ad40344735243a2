// SPDX-License-Identifier: GPL-3.0-or-later
//! Names and ids in a report that get pseudonyms.

use std::collections::HashSet;

use calhive::meaning::{HardwareId, MachineName};
use calhive::report::{
    FactReport, LicenseReport, LicenseServerReport, NodeKind, Report, TokenReport,
};
use regex::Regex;

use super::paths;
use super::pseudonyms::{Kind, Pseudonyms};
use super::strings::{Holds, Strings as _};

/// Form of a serial number in the name of a certificate.
pub(super) const SERIAL_NUMBER: &str = r"serialNumber=([^,\\]+)";

/// Names that belong to no organization.
const PUBLIC: [&str; 7] =
    ["", ".", "WORKGROUP", "MICROSOFT.COM", "LOCALSYSTEM", "NT AUTHORITY", "NT SERVICE"];

/// Users that every Windows has.
const BUILT_IN: [&str; 3] = ["Administrator", "Guest", "DefaultAccount"];

/// Profiles that every Windows has.
const PROFILES: [&str; 6] =
    ["Public", "Default", "All Users", "Default User", "LocalService", "NetworkService"];

/// Searches for ids that have a form of their own.
struct Ids {
    forms: Vec<(Kind, Regex)>,
    address: Regex,
    /// Server in a network path.
    server: Regex,
    /// User in the path of a profile.
    profile: Regex,
    guid: Regex,
    /// Hashes that stay: SHA-256 of hives and logs, and evidence ids.
    kept: HashSet<String>,
}

/// Adds all names and ids of a report.
///
/// # Errors
/// If the forms of ids cannot be compiled.
pub(super) fn collect(report: &mut Report, into: &mut Pseudonyms) -> Result<(), regex::Error> {
    let ids = Ids::new(report)?;
    for fact in &report.facts {
        of_fact(fact, &ids, into);
    }
    for profile in report.hosts.iter().flat_map(|host| &host.profiles) {
        if let Some(name) = profile.name.as_ref().filter(|name| !is_common_profile(name)) {
            user(name, into);
        }
        for host in &profile.remote_hosts {
            remote_host(&host.name, into);
        }
    }
    for event in &report.events {
        let Some(change) = &event.change else { continue };
        for state in [&change.before, &change.after].into_iter().flatten() {
            let shown = state.shown.as_deref().unwrap_or_default();
            ids.add_of_data(shown, into);
            of_value(change.location.as_str(), change.value_name.as_deref(), shown, into);
        }
    }
    report.tokens.iter().for_each(|token| of_token(token, into));
    for node in &report.graph.nodes {
        for name in [&node.name].into_iter().chain(&node.other_names) {
            match node.kind {
                NodeKind::Scope => domain(name, into),
                NodeKind::Farm => add(Kind::Farm, name, into),
                _ => machine(name, into),
            }
        }
        node.product_ids.iter().for_each(|id| add(Kind::Id, id, into));
    }
    report.each(Holds::Words, &mut |text, holds| match holds {
        Holds::Words | Holds::Key => ids.add(text, into),
        Holds::Path => path(text, into),
        Holds::Argument => {}
    });
    Ok(())
}

impl Ids {
    fn new(report: &Report) -> Result<Self, regex::Error> {
        let of_logs = report.sources.iter().flat_map(|source| &source.replay);
        let of_logs = of_logs.flat_map(|replay| &replay.logs).filter_map(|log| log.sha256.clone());
        let of_sources = report.sources.iter().filter_map(|source| source.sha256.clone());
        let of_facts = report.facts.iter().map(|fact| fact.evidence_id.clone());
        Self::keeping(of_sources.chain(of_logs).chain(of_facts).collect())
    }

    fn keeping(kept: HashSet<String>) -> Result<Self, regex::Error> {
        let forms = [
            (Kind::SecurityIdentifier, r"\bS-1-(?:5-21-\d+-\d+-\d+|12-1-\d+-\d+-\d+-\d+)\b"),
            (Kind::HardwareId, r"(?i)\b[0-9a-f]{8}(?:-[0-9a-f]{8}){4}\b"),
            (Kind::Hash, r"(?i)\b[0-9a-f]{32,}\b"),
        ];
        let forms = forms.into_iter().map(|(kind, form)| Ok((kind, Regex::new(form)?)));
        Ok(Self {
            forms: forms.collect::<Result<_, regex::Error>>()?,
            address: Regex::new(r"\b(?:\d{1,3}\.){3}\d{1,3}\b")?,
            server: Regex::new(r"\\\\([A-Za-z0-9][A-Za-z0-9._-]*)\\")?,
            profile: Regex::new(r"(?i)\\(?:Users|Documents and Settings)\\([^\\/:,;]+)")?,
            guid: Regex::new(r"(?i)\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")?,
            kept,
        })
    }

    /// Adds the ids in a text.
    fn add(&self, text: &str, into: &mut Pseudonyms) {
        for (kind, form) in &self.forms {
            for found in form.find_iter(text) {
                let id = found.as_str();
                match kind {
                    Kind::HardwareId => {
                        if let Some(id) = hardware_id(id) {
                            into.hardware_id(id);
                        }
                    }
                    Kind::Hash if self.kept.contains(id) => {}
                    _ => add(*kind, id, into),
                }
            }
        }
    }

    /// Adds the GUIDs, addresses and names in paths in the data of a value. Key paths hold GUIDs that every Windows has, and other
    /// texts hold numbers of sections.
    fn add_of_data(&self, shown: &str, into: &mut Pseudonyms) {
        self.guid.find_iter(shown).for_each(|guid| add(Kind::Id, guid.as_str(), into));
        let first = |found: regex::Captures<'_>| found.get(1).map(|name| name.as_str().to_owned());
        for name in self.server.captures_iter(shown).filter_map(first) {
            machine(&name, into);
        }
        for name in self.profile.captures_iter(shown).filter_map(first) {
            if !is_common_profile(&name) {
                user(&name, into);
            }
        }
        let addresses = self.address.find_iter(shown);
        for found in addresses.filter(|found| is_address(shown, found.range())) {
            add(Kind::Address, found.as_str(), into);
        }
    }
}

fn of_fact(fact: &FactReport, ids: &Ids, into: &mut Pseudonyms) {
    let value = fact.provenance.value_name.as_deref();
    let code = fact.code.as_str();
    if code == "host.license_servers.subkey" && fact.state.is_found() {
        let path = fact.provenance.key_path.rsplit_once('\\');
        if let Some((parent, name)) = path
            && parent.to_ascii_lowercase().ends_with(r"\licenseservers")
        {
            machine(name, into);
        }
    }
    for name in fact.list.iter().flatten().filter(|_| names_machines(code)) {
        machine(name, into);
    }
    if fact.number.is_none() {
        let shown = fact.shown.as_deref().unwrap_or_default();
        ids.add_of_data(shown, into);
        of_value(code, value, shown, into);
    }
}

/// Adds the names in a value, by its place in the catalog.
fn of_value(code: &str, value: Option<&str>, shown: &str, into: &mut Pseudonyms) {
    match code {
        "system.computer_name" | "system.host_name" => machine(shown, into),
        "client.profile.address" | "client.profile.server" => remote_host(shown, into),
        "client.profile.user_hint" => user_hint(shown, into),
        "system.dns_suffix" | "system.primary_domain" => domain(shown, into),
        "system.farm" | "system.policy.broker_farm" | "host.avd.pool" => {
            add(Kind::Farm, shown, into)
        }
        "system.distinguished_name" => {
            add(Kind::Contact, shown, into);
            let machine_name = shown.split(',').next().and_then(|part| part.strip_prefix("CN="));
            machine(machine_name.unwrap_or_default(), into);
        }
        "license_server.software" if value != Some("CountryRegion") => {
            add(Kind::Contact, shown, into);
        }
        "license_server.parameters" if value == Some("Scope") => domain(shown, into),
        "license_server.parameters" => add_account(shown, false, into),
        "host.service.account" | "license_server.account" => add_account(shown, true, into),
        _ if names_machines(code) => {
            shown.split([',', ';', ' ']).for_each(|name| machine(name, into));
        }
        _ => {}
    }
}

fn is_common_profile(name: &str) -> bool {
    PROFILES.iter().any(|profile| name.eq_ignore_ascii_case(profile))
}

/// Adds a host that the Remote Desktop client stores: its name or address, without the port.
fn remote_host(name: &str, into: &mut Pseudonyms) {
    let port = name.rsplit_once(':').filter(|(_, port)| port.parse::<u16>().is_ok());
    machine(port.map_or(name, |(name, _)| name), into);
}

/// Adds a user name with its domain or machine: `DOMAIN\user`, `user@domain` or `user`.
fn user_hint(shown: &str, into: &mut Pseudonyms) {
    match (shown.split_once('\\'), shown.rsplit_once('@')) {
        (Some((of, name)), _) => {
            machine(of, into);
            user(name, into);
        }
        (None, Some((name, of))) => {
            user(name, into);
            domain(of, into);
        }
        (None, None) => user(shown, into),
    }
}

/// Whether the values at a place of the catalog are names or addresses of machines.
fn names_machines(code: &str) -> bool {
    matches!(
        code,
        "system.broker"
            | "system.policy.broker"
            | "host.license_servers"
            | "host.license_servers.parameters"
            | "host.license_servers.console"
            | "host.policy.license_servers"
            | "host.default_license_server"
            | "host.deployment.license_servers"
    )
}

/// Adds the domain of an account such as `DOMAIN\user`, unless every Windows has it, and the user. A group is no
/// user.
fn add_account(shown: &str, is_user: bool, into: &mut Pseudonyms) {
    let is_path = shown.contains([':', '%']) || shown.matches('\\').count() != 1;
    let Some((of, name)) = shown.split_once('\\').filter(|_| !is_path) else { return };
    if !PUBLIC.iter().any(|public| of.eq_ignore_ascii_case(public)) {
        machine(of, into);
        if is_user {
            user(name, into);
        }
    }
}

fn user(name: &str, into: &mut Pseudonyms) {
    if !BUILT_IN.iter().any(|built_in| name.eq_ignore_ascii_case(built_in)) {
        add(Kind::User, name, into);
    }
}

fn of_token(token: &TokenReport, into: &mut Pseudonyms) {
    if let Some(license) = &token.license {
        of_license(license, into);
    }
    if let Some(server) = &token.license_server {
        of_server(server, into);
    }
}

fn of_license(license: &LicenseReport, into: &mut Pseudonyms) {
    let machines = [
        license.client_reported_machine.as_ref(),
        license.license_server.as_ref(),
        license.issuer.as_ref(),
        license.activation_name.as_ref(),
        license.binding.as_ref().map(|binding| &binding.name),
    ];
    machines.into_iter().flatten().for_each(|name| machine(name, into));
    if let Some(name) = &license.client_reported_user {
        user(name, into);
    }
    let domains = [&license.issuer_domain, &license.scope];
    domains.into_iter().flatten().for_each(|name| domain(name, into));
    let ids = [&license.license_server_id, &license.license_server_spk];
    ids.into_iter().flatten().for_each(|id| add(Kind::Id, id, into));
    if let Some(id) = license.hardware_id {
        into.hardware_id(id);
    }
}

fn of_server(server: &LicenseServerReport, into: &mut Pseudonyms) {
    for name in [&server.name, &server.computer_name, &server.certified_by].into_iter().flatten() {
        if !name.starts_with("Microsoft ") {
            machine(name, into);
        }
    }
    if let Some(name) = &server.domain {
        domain(name, into);
    }
    if let Some(name) = &server.organization {
        add(Kind::Contact, name, into);
    }
    let ids = [&server.product_id, &server.spk];
    ids.into_iter().flatten().for_each(|id| add(Kind::Id, id, into));
}

/// Adds the name of a machine. A full name consists of the name of the machine and of its domain.
fn machine(name: &str, into: &mut Pseudonyms) {
    let name = name.trim();
    let name = MachineName::from(name.strip_prefix("ncalrpc:").unwrap_or(name));
    if PUBLIC.iter().any(|public| name.as_str().eq_ignore_ascii_case(public)) || name.is_loopback()
    {
        return;
    }
    if name.is_address() {
        return add(Kind::Address, name.as_str(), into);
    }
    match name.as_str().split_once('.') {
        Some((own, of)) if !own.is_empty() && !own.contains(' ') => {
            into.add(Kind::Machine, &name.comparable(), own);
            domain(of, into);
        }
        _ => into.add(Kind::Machine, &name.comparable(), name.as_str()),
    }
}

fn domain(name: &str, into: &mut Pseudonyms) {
    if !PUBLIC.iter().any(|public| name.eq_ignore_ascii_case(public)) {
        add(Kind::Domain, name, into);
    }
}

fn add(kind: Kind, original: &str, into: &mut Pseudonyms) {
    into.add(kind, original, original);
}

/// Whether four numbers are an address, and not a part of a version or of an object identifier.
fn is_address(text: &str, range: core::ops::Range<usize>) -> bool {
    let before = text.get(..range.start).and_then(|text| text.chars().last());
    let after = text.get(range.end..).and_then(|text| text.strip_prefix('.'));
    let is_longer =
        before == Some('.') || after.is_some_and(|it| it.starts_with(|c: char| c.is_ascii_digit()));
    let id = text.get(range).unwrap_or_default();
    !is_longer && id.parse::<core::net::Ipv4Addr>().is_ok_and(|it| !it.is_loopback())
}

/// Parses a hardware id from its form in reports.
fn hardware_id(text: &str) -> Option<HardwareId> {
    let mut numbers = text.split('-').map(|part| u32::from_str_radix(part, 16).ok());
    let platform_id = numbers.next()??;
    let mut data = [0; 4];
    for number in &mut data {
        *number = numbers.next()??;
    }
    Some(HardwareId { platform_id, data })
}

fn path(text: &str, into: &mut Pseudonyms) {
    let (own, common) = paths::split(text);
    if own.chars().any(char::is_alphanumeric) {
        add(Kind::Path, own, into);
        if !paths::is_distinct(own) && !common.is_empty() {
            into.add_whole_path(own, text, common);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn server_and_user_in_a_path_are_machine_1_and_user_1() {
        let ids = Ids::keeping(HashSet::new()).unwrap();
        let mut pseudonyms = Pseudonyms::default();
        for shown in [r"\\FILESRV07\tslic", r"C:\Users\mmustermann\x", r"C:\Users\Public\x"] {
            ids.add_of_data(shown, &mut pseudonyms);
        }
        let redaction = super::super::Redaction::new(pseudonyms).unwrap();
        let text = r"filesrv07 mmustermann Public";
        assert_eq!(redaction.text(text), "MACHINE-1 USER-1 Public");
    }
}
