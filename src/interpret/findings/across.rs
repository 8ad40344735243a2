// SPDX-License-Identifier: MIT OR Apache-2.0
//! Findings about several hosts. Copies of one host's hives count as that host.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use crate::catalog::Code;
use crate::interpret::findings::draft::Draft;
use crate::interpret::findings::page::{FORGED, FindingPage, TOKENS, pages};
use crate::interpret::host_evidence::HostEvidence;
use crate::interpret::view::Exhibit;
use crate::meaning::license_servers::joined;
use crate::meaning::{Certainty, HardwareId, HardwareIdForm, MachineName};
use crate::report::{Severity, TokenReport};

pages! {
    SAME_HARDWARE_ID "across.same_hardware_id" "Several hosts have the same hardware ID" Notice Observed FORGED
        when "hosts with different computer names have the same ClientHWID, and its form is not one that other client software computes from a name"
        shows "The hosts hold the same hardware ID. This is consistent with a cloned image."
        not "It does not show which host had the hardware ID first, or that anyone copied it on purpose."
        innocent [
            "the machines were set up from one image that still held the key",
            "the machine was renamed, and the evidence holds both states",
        ]
        reproduce "compare the ClientHWID values of the hosts in any registry viewer"
        source "[MS] MS-RDPELE 3.3.1.9; [INF] own inference"
    SAME_TOKEN "across.same_token" "Several hosts have the same token" Notice Observed TOKENS
        when "hosts with different computer names hold tokens whose last certificates are the same, byte for byte"
        shows "The hives of these hosts hold the same token, byte for byte. One is a copy of the other, or both are copies of a third. The hosts may be one machine at two times."
        not "It does not show which host received the token, or that a license moved between hosts. Only the Clearinghouse and the license server reissue a license."
        innocent [
            "the machines were set up from one image that held the token",
            "a repair copied the registry key",
            "the machine was renamed, and the evidence holds both states",
        ]
        reproduce "compare the SHA-256 of the ClientLicense values of the hosts"
        source "[INF] own inference"
    FARM_SERVERS_DIFFER "across.farm_servers_differ" "License servers differ within a farm" Notice Observed FORGED
        when "hosts that name the same farm have different license servers in effect; order, case and domain suffix are ignored"
        shows "The session hosts of one farm are configured with different license servers."
        not "It does not show which license server was used, or what the connection broker sets."
        innocent [
            "a change has not reached every host yet",
            "the farm spans several sites, each with its own license server",
        ]
        reproduce "compare ClusterSettings and the license servers of the hosts in any registry viewer"
        source "[CODE] path of ClusterSettings"
}

/// Maximum number of hosts, and of lists of license servers, that a statement names.
const LISTED: usize = 8;

/// Finds items that several hosts share, and farms whose hosts have different settings.
pub(super) fn find(hosts: &[HostEvidence<'_>], drafts: &mut Vec<Draft>) {
    hardware_ids(hosts, drafts);
    tokens(hosts, drafts);
    farms(hosts, drafts);
}

/// Name of the shared item, and each host that has the item, with the evidence for that host.
type Group<'h, E> = (String, Vec<(&'h HostEvidence<'h>, E)>);

/// Groups of hosts that share an item. The map key is the item's comparable form.
struct Shared<'h, E> {
    groups: BTreeMap<String, Group<'h, E>>,
}

impl<'h, E> Shared<'h, E> {
    const fn new() -> Self {
        Self { groups: BTreeMap::new() }
    }

    /// Adds a host to the group of `form`. Reports show `name`.
    fn add(&mut self, form: String, name: &str, host: &'h HostEvidence<'h>, evidence: E) {
        // Skip a copy, which is from another time. Skip a host without a name, which can be the
        // same machine as another host.
        if host.host.copy.is_none() && machine(host).is_some() {
            let group = self.groups.entry(form).or_insert((String::from(name), Vec::new()));
            group.1.push((host, evidence));
        }
    }

    /// Adds a finding for each group of hosts with different computer names.
    fn find(
        &self,
        page: &'static FindingPage,
        statement: impl Fn(&str, &str) -> String,
        add: impl Fn(Draft, &E) -> Draft,
        drafts: &mut Vec<Draft>,
    ) {
        for (name, all) in self.groups.values() {
            let machines: BTreeSet<_> = all.iter().map(|(host, _)| machine(host)).collect();
            if machines.len() < 2 {
                continue;
            }
            let mut hosts: Vec<String> = all.iter().map(|(it, _)| it.host.id.clone()).collect();
            // The evidence of each host is in one piece.
            hosts.dedup();
            let statement = statement(name, &listed(&hosts));
            let draft = Draft::across(page, hosts, statement);
            drafts.push(all.iter().fold(draft, |draft, (_, evidence)| add(draft, evidence)));
        }
    }
}

/// Lists the hosts of a group. Counts a large group, and names its first hosts.
fn listed(hosts: &[String]) -> String {
    match hosts.len().checked_sub(LISTED) {
        None | Some(0) => hosts.join(", "),
        Some(more) => {
            let first: Vec<&str> = hosts.iter().take(LISTED).map(String::as_str).collect();
            format!("{} hosts ({} and {more} more)", hosts.len(), first.join(", "))
        }
    }
}

/// Computer name of a host in upper case, to distinguish machines.
fn machine(examined: &HostEvidence<'_>) -> Option<String> {
    examined.host.system.computer_name.as_ref().map(|name| name.text.to_uppercase())
}

fn hardware_ids(hosts: &[HostEvidence<'_>], drafts: &mut Vec<Draft>) {
    let mut shared: Shared<'_, &Exhibit<'_>> = Shared::new();
    for examined in hosts {
        for exhibit in examined.view.all(Code::ClientHardwareId) {
            let Some(stored) = HardwareId::parse(&exhibit.fact.data) else { continue };
            // An ID that is constant or computed from a name does not identify the machine.
            let is_computed =
                matches!(stored.form(), Some(HardwareIdForm::HostName | HardwareIdForm::FreeRdp));
            if !is_computed && stored.data != [0; 4] {
                let id = stored.to_string();
                shared.add(id.clone(), &id, examined, exhibit);
            }
        }
    }
    let statement = |id: &str, hosts: &str| {
        format!("{hosts} hold the hardware ID {id}. This is consistent with a cloned image.")
    };
    let add = |draft: Draft, exhibit: &&Exhibit<'_>| draft.exhibit(exhibit);
    shared.find(&SAME_HARDWARE_ID, statement, add, drafts);
}

fn add_token(draft: Draft, token: &&TokenReport) -> Draft {
    draft.token(token)
}

fn tokens(hosts: &[HostEvidence<'_>], drafts: &mut Vec<Draft>) {
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
        format!("{hosts} hold the same token, with the serial number {serial}.")
    };
    shared.find(&SAME_TOKEN, statement, add_token, drafts);
}

/// A host with the license servers in effect.
type Configured<'h> = (&'h HostEvidence<'h>, &'h [MachineName]);

/// Describes the license servers of each host.
fn by_host(named: &[Configured<'_>]) -> Vec<String> {
    let part = |(examined, servers): &Configured<'_>| {
        format!("{} is configured to ask {}", examined.host.id, joined(servers))
    };
    named.iter().map(part).collect()
}

/// Describes the license servers of a large farm: the hosts with each list of servers, the largest group first.
fn by_servers(named: &[Configured<'_>]) -> Vec<String> {
    let mut groups: BTreeMap<BTreeSet<String>, (String, Vec<String>)> = BTreeMap::new();
    for (examined, servers) in named {
        let forms = servers.iter().map(MachineName::comparable).collect();
        let group = groups.entry(forms).or_insert_with(|| (joined(servers), Vec::new()));
        group.1.push(examined.host.id.clone());
    }
    let mut groups: Vec<(String, Vec<String>)> = groups.into_values().collect();
    groups.sort_by_key(|(_, hosts)| core::cmp::Reverse(hosts.len()));
    let part = |(servers, hosts): &(String, Vec<String>)| match hosts.as_slice() {
        [host] => format!("{host} is configured to ask {servers}"),
        hosts => format!("{} are configured to ask {servers}", listed(hosts)),
    };
    let mut parts: Vec<String> = groups.iter().take(LISTED).map(part).collect();
    let rest = groups.iter().skip(LISTED).map(|(_, hosts)| hosts.len());
    match rest.fold(0_usize, usize::saturating_add) {
        0 => {}
        1 => parts.push(String::from("1 more host is configured to ask other license servers")),
        more => {
            parts.push(format!("{more} more hosts are configured to ask other license servers"))
        }
    }
    parts
}

/// Finds farms whose hosts have different license servers. Skips copies, which are from another time.
fn farms(hosts: &[HostEvidence<'_>], drafts: &mut Vec<Draft>) {
    let mut farms: BTreeMap<String, Group<'_, String>> = BTreeMap::new();
    for examined in hosts.iter().filter(|examined| examined.host.copy.is_none()) {
        if let Some((farm, fact)) = examined.farm() {
            let members = farms.entry(farm.to_uppercase()).or_insert((farm, Vec::new()));
            members.1.push((examined, fact));
        }
    }
    for (farm, members) in farms.values() {
        let named: Vec<Configured<'_>> = members
            .iter()
            .filter_map(|(examined, _)| {
                Some((*examined, examined.host.license_servers.value.as_deref()?))
            })
            .collect();
        let servers: BTreeSet<BTreeSet<String>> = named
            .iter()
            .map(|(_, servers)| servers.iter().map(MachineName::comparable).collect())
            .collect();
        if servers.len() < 2 {
            continue;
        }
        let parts = if named.len() > LISTED { by_servers(&named) } else { by_host(&named) };
        let statement = format!("Hosts of the farm {farm} differ: {}.", parts.join("; "));
        let ids = named.iter().map(|(examined, _)| examined.host.id.clone()).collect();
        let draft = Draft::across(&FARM_SERVERS_DIFFER, ids, statement);
        let draft = named
            .iter()
            .fold(draft, |draft, (examined, _)| draft.facts(&examined.host.license_servers.facts));
        drafts.push(members.iter().fold(draft, |draft, (_, fact)| draft.fact(fact)));
    }
}
