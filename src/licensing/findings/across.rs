// SPDX-License-Identifier: MIT OR Apache-2.0
//! Findings about several hosts. Copies of one host's hives are that host.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::across_pages as pages;
use super::{Page, Raised, Raising};
use crate::licensing::examined::Examined;
use crate::licensing::graph::machine_name;
use crate::licensing::hardware_id::{Form, HardwareId};
use crate::licensing::report::TokenReport;

pub(super) fn find(hosts: &[Examined<'_>], raising: &mut Raising) {
    hardware_ids(hosts, raising);
    tokens(hosts, raising);
    license_servers(hosts, raising);
    farms(hosts, raising);
}

/// Hosts that have something in common: what it is called, and each host with the evidence.
type Group<'h, E> = (String, Vec<(&'h Examined<'h>, E)>);

/// Such groups, by the form in which what they have is compared.
struct Shared<'h, E> {
    of: BTreeMap<String, Group<'h, E>>,
}

impl<'h, E> Shared<'h, E> {
    const fn new() -> Self {
        Self { of: BTreeMap::new() }
    }

    /// Adds a host to those that have this; `form` is what is compared, `name` what is shown.
    fn add(&mut self, form: String, name: &str, host: &'h Examined<'h>, evidence: E) {
        // A copy tells of another time, and a host without a name may be any of the others.
        if host.host.copy.is_some() || machine(host).is_none() {
            return;
        }
        self.of.entry(form).or_insert((name.to_string(), Vec::new())).1.push((host, evidence));
    }

    /// Raises a finding for each that hosts of different computer names have.
    fn raise(
        &self,
        raising: &mut Raising,
        page: &'static Page,
        statement: impl Fn(&str, &str) -> String,
        add: impl Fn(&mut Raised, &E),
    ) {
        for (name, all) in self.of.values() {
            let machines: BTreeSet<_> = all.iter().map(|(host, _)| machine(host)).collect();
            if machines.len() < 2 {
                continue;
            }
            let mut hosts: Vec<String> = Vec::new();
            for (host, _) in all {
                if !hosts.contains(&host.host.id) {
                    hosts.push(host.host.id.clone());
                }
            }
            let names = hosts.join(", ");
            let raised = raising.raise_of(page, hosts, statement(name, &names));
            all.iter().for_each(|(_, evidence)| add(raised, evidence));
        }
    }
}

/// What a machine is told by: its computer name.
fn machine(examined: &Examined<'_>) -> Option<String> {
    examined.host.system.computer_name.as_ref().map(|name| name.text.to_uppercase())
}

fn hardware_ids(hosts: &[Examined<'_>], raising: &mut Raising) {
    let mut shared = Shared::new();
    for examined in hosts {
        for (id, fact) in examined.view.all("client.hardware_id") {
            let Some(stored) = HardwareId::parse(&fact.data) else { continue };
            // Those are computed from a name, or fixed.
            let is_computed = matches!(stored.form(), Some(Form::HostName | Form::FreeRdp));
            if !is_computed && stored.data != [0; 4] {
                shared.add(stored.to_string(), &stored.to_string(), examined, id.clone());
            }
        }
    }
    let statement = |id: &str, hosts: &str| {
        format!("{hosts} hold the hardware id {id}; that is consistent with a cloned image.")
    };
    shared.raise(raising, &pages::SAME_HARDWARE_ID, statement, |raised, id| {
        raised.fact(id);
    });
}

fn add_token(raised: &mut Raised, token: &&TokenReport) {
    raised.token(token);
}

fn tokens(hosts: &[Examined<'_>], raising: &mut Raising) {
    let mut shared = Shared::new();
    for examined in hosts {
        for (token, license) in examined.decoded() {
            let leaf = usize::try_from(license.certificate).unwrap_or_default();
            if let Some(leaf) = token.certificates.get(leaf) {
                shared.add(leaf.sha256.clone(), &leaf.serial, examined, token);
            }
        }
    }
    let statement = |serial: &str, hosts: &str| {
        format!("{hosts} hold one and the same token, with the serial number {serial}.")
    };
    shared.raise(raising, &pages::SAME_TOKEN, statement, add_token);
}

fn license_servers(hosts: &[Examined<'_>], raising: &mut Raising) {
    let mut shared = Shared::new();
    for examined in hosts {
        for (token, license) in examined.decoded() {
            if let Some(name) = license.license_server.as_ref().or(license.issuer.as_ref()) {
                shared.add(machine_name(name), name, examined, token);
            }
        }
    }
    let statement =
        |name: &str, hosts: &str| format!("Tokens of {hosts} name the licence server {name}.");
    shared.raise(raising, &pages::SAME_LICENSE_SERVER, statement, add_token);
}

/// Hosts of one farm that are set to ask different licence servers. Copies tell of another time.
fn farms(hosts: &[Examined<'_>], raising: &mut Raising) {
    let mut farms: BTreeMap<String, Group<'_, String>> = BTreeMap::new();
    for examined in hosts.iter().filter(|examined| examined.host.copy.is_none()) {
        if let Some((farm, fact)) = examined.farm() {
            let members = farms.entry(farm.to_uppercase()).or_insert((farm, Vec::new()));
            members.1.push((examined, fact));
        }
    }
    for (farm, members) in farms.values() {
        let named: Vec<(&Examined<'_>, BTreeSet<String>)> = members
            .iter()
            .filter_map(|(examined, _)| {
                let names = examined.host.license_servers.value.as_ref()?;
                Some((*examined, names.split(", ").map(machine_name).collect()))
            })
            .collect();
        let is_alike = named.windows(2).all(|pair| match pair {
            [(_, one), (_, other)] => one == other,
            _ => true,
        });
        if is_alike {
            continue;
        }
        let parts: Vec<String> = named
            .iter()
            .map(|(examined, _)| {
                let names = examined.host.license_servers.value.as_deref().unwrap_or_default();
                format!("{} is set to ask {names}", examined.host.id)
            })
            .collect();
        let statement = format!("Hosts of the farm {farm} differ: {}.", parts.join("; "));
        let ids = named.iter().map(|(examined, _)| examined.host.id.clone()).collect();
        let raised = raising.raise_of(&pages::FARM_SERVERS_DIFFER, ids, statement);
        for (examined, _) in &named {
            raised.facts(&examined.host.license_servers.facts);
        }
        members.iter().for_each(|(_, fact)| {
            raised.fact(fact);
        });
    }
}
