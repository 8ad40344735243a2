// SPDX-License-Identifier: MIT OR Apache-2.0
//! The graph of hosts: issuers of tokens, configured license servers, and farms.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::interpret::host_evidence::HostEvidence;
use crate::meaning::MachineName;
use crate::report::RoleState;
use crate::report::{Edge, EdgeKind, Graph, Node, NodeKind};

/// Builds the graph of all hosts. Skips copies of a host's hives.
pub(super) fn graph(hosts: &[HostEvidence<'_>]) -> Graph {
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
        let servers = examined.host.license_servers.value.iter().flatten();
        for name in servers.filter(|_| is_host) {
            let server = builder.named(NodeKind::LicenseServer, name.as_str());
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
        builder.is_machine(&MachineName::from(name.text.as_str()), &examined.host.id);
    }
    builder.finish()
}

#[derive(Default)]
struct Builder {
    nodes: Vec<Node>,
    /// Index of each node except hosts, by kind and by normalized name.
    known: BTreeMap<(u8, String), usize>,
    /// Evidence of each edge, by start node, end node and kind.
    edges: BTreeMap<(usize, usize, EdgeKind), Vec<String>>,
    /// Evidence already added to each edge, to skip repetitions.
    seen: BTreeSet<(usize, usize, EdgeKind, String)>,
}

impl Builder {
    fn host(&mut self, examined: &HostEvidence<'_>) -> usize {
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
            NodeKind::LicenseServer => MachineName::from(name).comparable(),
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

    /// Links a license server with the host of the same name, if the host's hives were given.
    fn is_machine(&mut self, name: &MachineName, host: &str) {
        let index = self.known.get(&(NodeKind::LicenseServer as u8, name.comparable()));
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
