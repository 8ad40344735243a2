// SPDX-License-Identifier: MIT OR Apache-2.0
//! Who issued to whom, who is set to ask whom, and which hosts belong together.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::licensing::examined::Examined;
use crate::licensing::report::{Edge, EdgeKind, Graph, Node, NodeKind, RoleState};

/// The name by which machines are compared: the first part of a full name as a NetBIOS name, 15
/// characters in upper case, without what names a local call; addresses as they are.
pub(crate) fn machine_name(name: &str) -> String {
    let name = name.trim();
    let is_local_call = name.get(..8).is_some_and(|head| head.eq_ignore_ascii_case("ncalrpc:"));
    let name = if is_local_call { name.get(8..).unwrap_or_default() } else { name };
    let is_address = name.contains(':') || name.split('.').all(|part| part.parse::<u8>().is_ok());
    let name = if is_address { name } else { name.split('.').next().unwrap_or_default() };
    name.chars().take(if is_address { 64 } else { 15 }).flat_map(char::to_uppercase).collect()
}

/// The graph of all hosts. Copies of a host's hives take no part.
pub(crate) fn graph(hosts: &[Examined<'_>]) -> Graph {
    let mut builder = Builder::default();
    let hosts = || hosts.iter().filter(|examined| examined.host.copy.is_none());
    for examined in hosts() {
        let host = builder.host(examined);
        for (kind, token, license) in examined.issued() {
            let Some(issuer) = license.license_server.as_ref().or(license.issuer.as_ref()) else {
                continue;
            };
            let server = builder.named(NodeKind::LicenseServer, issuer);
            builder.edge(host, server, kind, &token.id);
            if let Some(scope) = &license.scope {
                let scope = builder.named(NodeKind::Scope, scope);
                builder.edge(server, scope, EdgeKind::NamesScope, &token.id);
            }
        }
        let is_host = !matches!(examined.host.session_host.state, RoleState::Absent);
        let servers = examined.host.license_servers.value.as_deref().unwrap_or_default();
        for name in servers.split(", ").filter(|name| is_host && !name.is_empty()) {
            let server = builder.named(NodeKind::LicenseServer, name);
            for fact in &examined.host.license_servers.facts {
                builder.edge(host, server, EdgeKind::IsSetToAsk, fact);
            }
        }
        if let Some((farm, fact)) = examined.farm() {
            let farm = builder.named(NodeKind::Farm, &farm);
            builder.edge(host, farm, EdgeKind::BelongsTo, &fact);
        }
    }
    for examined in hosts() {
        let Some(name) = &examined.host.system.computer_name else { continue };
        builder.is_machine(&machine_name(&name.text), &examined.host.id);
    }
    builder.finish()
}

#[derive(Default)]
struct Builder {
    nodes: Vec<Node>,
    /// By kind and name, in the form that is compared.
    known: BTreeMap<(u8, String), usize>,
    /// By both ends and kind.
    edges: BTreeMap<(usize, usize, EdgeKind), Vec<String>>,
    /// What each rests on already.
    seen: BTreeSet<(usize, usize, EdgeKind, String)>,
}

impl Builder {
    fn host(&mut self, examined: &Examined<'_>) -> usize {
        let host = &examined.host;
        let name = host.system.computer_name.as_ref().map(|it| it.text.clone());
        let name = name.unwrap_or_else(|| host.id.clone());
        let node = self.add(NodeKind::Host, name);
        if let Some(node) = self.nodes.get_mut(node) {
            node.hosts.push(host.id.clone());
        }
        node
    }

    fn named(&mut self, kind: NodeKind, name: &str) -> usize {
        let form = match kind {
            NodeKind::LicenseServer => machine_name(name),
            _ => name.trim().to_uppercase(),
        };
        let key = (kind as u8, form);
        if let Some(index) = self.known.get(&key) {
            return *index;
        }
        let index = self.add(kind, name.to_string());
        self.known.insert(key, index);
        index
    }

    fn add(&mut self, kind: NodeKind, name: String) -> usize {
        let index = self.nodes.len();
        let id = format!("node-{}", index.saturating_add(1));
        self.nodes.push(Node { id, kind, name, hosts: Vec::new() });
        index
    }

    fn edge(&mut self, from: usize, to: usize, kind: EdgeKind, evidence: &str) {
        if self.seen.insert((from, to, kind, evidence.to_string())) {
            self.edges.entry((from, to, kind)).or_default().push(evidence.to_string());
        }
    }

    /// Says that a licence server of this name may be a host whose hives are at hand.
    fn is_machine(&mut self, name: &str, host: &str) {
        let index = self.known.get(&(NodeKind::LicenseServer as u8, name.to_string()));
        if let Some(node) = index.and_then(|index| self.nodes.get_mut(*index)) {
            node.hosts.push(host.to_string());
        }
    }

    fn finish(self) -> Graph {
        let id =
            |index: usize| self.nodes.get(index).map(|node| node.id.clone()).unwrap_or_default();
        let edge = |((from, to, kind), evidence): (&(usize, usize, EdgeKind), &Vec<String>)| Edge {
            from: id(*from),
            to: id(*to),
            kind: *kind,
            evidence: evidence.clone(),
        };
        let edges = self.edges.iter().map(edge).collect();
        Graph { nodes: self.nodes, edges }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_machines_are_compared_as_netbios_names() {
        assert_eq!(machine_name("rdlic01.corp.example"), "RDLIC01");
        assert_eq!(machine_name("ncalrpc:RODENT"), "RODENT");
        assert_eq!(machine_name(" a-very-long-name-of-a-machine "), "A-VERY-LONG-NAM");
        assert_eq!(machine_name("10.0.0.7"), "10.0.0.7");
        assert_eq!(machine_name("fe80::1"), "FE80::1");
    }
}
