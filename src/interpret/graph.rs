// SPDX-License-Identifier: MIT OR Apache-2.0
//! The graph of hosts: issuers of tokens, configured license servers, and farms.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::interpret::host_evidence::HostEvidence;
use crate::interpret::server_identity::{Identity, Servers};
use crate::meaning::MachineName;
use crate::report::{Edge, EdgeKind, Graph, LicenseReport, LinkedBy, Node, NodeKind, RoleState};

/// Builds the graph of all hosts. Skips copies of a host's hives.
pub(super) fn graph(hosts: &[HostEvidence<'_>]) -> Graph {
    let mut builder = Builder::default();
    let hosts = || hosts.iter().filter(|examined| examined.host.copy.is_none());
    for (_, _, license) in hosts().flat_map(HostEvidence::issued) {
        builder.servers.add(Identity::of_license(license));
    }
    for examined in hosts() {
        let host = builder.host(examined);
        for (kind, token, license) in examined.issued() {
            builder.issued(host, kind, &token.id, license);
        }
        let is_host = !matches!(examined.host.session_host.state, RoleState::Absent);
        let servers = examined.host.license_servers.value.iter().flatten();
        for name in servers.filter(|_| is_host) {
            for server in builder.servers_named(name) {
                for fact in &examined.host.license_servers.facts {
                    builder.edge(host, server, EdgeKind::IsSetToAsk, &[LinkedBy::Name], fact);
                }
            }
        }
        if let Some((farm, fact)) = examined.farm() {
            let farm = builder.named(NodeKind::Farm, &farm);
            builder.edge(host, farm, EdgeKind::BelongsTo, &[LinkedBy::Name], &fact);
        }
    }
    let servers = builder.servers_by_name();
    for examined in hosts() {
        let Some(name) = &examined.host.system.computer_name else { continue };
        let name = MachineName::from(name.text.as_str()).comparable();
        let nodes = servers.get(&name).map_or(&[][..], Vec::as_slice);
        builder.is_machine(nodes, &examined.host.id);
    }
    builder.finish()
}

/// Number of license servers with one name that the name can link to a host. A name of more servers identifies none.
const NAMESAKES: usize = 8;

/// Start node, end node and kind of an edge.
type Link = (usize, usize, EdgeKind);

#[derive(Default)]
struct Builder {
    nodes: Vec<Node>,
    /// The license servers that tokens and certificates name.
    servers: Servers,
    /// Node of each license server, by its number among `servers`.
    of_server: BTreeMap<usize, usize>,
    /// Node of each scope and farm, and of each license server known by name only: by kind and comparable name.
    known: BTreeMap<(u8, String), usize>,
    /// Evidence of each edge, and what links its nodes.
    edges: BTreeMap<Link, (Vec<String>, BTreeSet<LinkedBy>)>,
    /// Evidence already added to each edge, to skip repetitions.
    seen: BTreeSet<(Link, String)>,
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

    /// Adds a token or certificate of a license server.
    fn issued(&mut self, host: usize, kind: EdgeKind, token: &str, license: &LicenseReport) {
        let identity = Identity::of_license(license);
        let Some(server) = self.server(&identity) else { return };
        self.edge(host, server, kind, &identity.linked_by(), token);
        if let Some(scope) = &license.scope {
            let scope = self.named(NodeKind::Scope, scope);
            self.edge(server, scope, EdgeKind::NamesScope, &[LinkedBy::Name], token);
        }
    }

    /// Returns the node of the license server with this identity.
    fn server(&mut self, identity: &Identity) -> Option<usize> {
        self.node_of(self.servers.find(identity)?)
    }

    /// Returns the node of the license server with this number.
    fn node_of(&mut self, number: usize) -> Option<usize> {
        if let Some(node) = self.of_server.get(&number) {
            return Some(*node);
        }
        let all = self.servers.identity(number);
        let name = all.names.first().cloned().or(all.product_ids.first().cloned())?;
        let node = self.add(NodeKind::LicenseServer, name);
        if let Some(node) = self.nodes.get_mut(node) {
            node.other_names = all.names.iter().skip(1).cloned().collect();
            node.product_ids = all.product_ids;
            node.keys = all.keys;
        }
        self.of_server.insert(number, node);
        Some(node)
    }

    /// Returns the nodes of the license servers with this name. Several servers can have one name. If no server or
    /// too many servers have the name, returns a node with the name alone.
    fn servers_named(&mut self, name: &MachineName) -> Vec<usize> {
        let numbers = self.servers.named(name);
        let numbers = if numbers.len() > NAMESAKES { Vec::new() } else { numbers.to_vec() };
        let unique: BTreeSet<usize> =
            numbers.into_iter().filter_map(|it| self.node_of(it)).collect();
        if unique.is_empty() {
            return Vec::from([self.named(NodeKind::LicenseServer, name.as_str())]);
        }
        unique.into_iter().collect()
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
        self.nodes.push(Node {
            id,
            kind,
            name,
            other_names: Vec::new(),
            product_ids: Vec::new(),
            keys: Vec::new(),
            hosts: Vec::new(),
        });
        index
    }

    fn edge(&mut self, from: usize, to: usize, kind: EdgeKind, by: &[LinkedBy], evidence: &str) {
        let link = (from, to, kind);
        if self.seen.insert((link, evidence.to_string())) {
            let (all, linked_by) = self.edges.entry(link).or_default();
            all.push(evidence.to_string());
            linked_by.extend(by);
        }
    }

    /// Returns the nodes of the license servers with each name, in its comparable form. Of a name that too many
    /// servers have, returns only the node with the name alone.
    fn servers_by_name(&self) -> BTreeMap<String, Vec<usize>> {
        let mut servers: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        let nodes = self.nodes.iter().enumerate();
        for (index, node) in nodes.filter(|(_, node)| node.kind == NodeKind::LicenseServer) {
            let names = [&node.name].into_iter().chain(&node.other_names);
            let forms = names.map(|it| MachineName::from(it.as_str()).comparable());
            for form in forms.collect::<BTreeSet<String>>() {
                servers.entry(form).or_default().push(index);
            }
        }
        let is_name_alone = |index: &usize| {
            let node = self.nodes.get(*index);
            node.is_some_and(|node| node.product_ids.is_empty() && node.keys.is_empty())
        };
        for nodes in servers.values_mut().filter(|nodes| nodes.len() > NAMESAKES) {
            nodes.retain(is_name_alone);
        }
        servers
    }

    /// Links license servers with the host of the same name, if the host's hives were given.
    fn is_machine(&mut self, servers: &[usize], host: &str) {
        for index in servers {
            if let Some(node) = self.nodes.get_mut(*index) {
                node.hosts.push(host.to_string());
            }
        }
    }

    fn finish(self) -> Graph {
        let id =
            |index: usize| self.nodes.get(index).map(|node| node.id.clone()).unwrap_or_default();
        let edges = self.edges.iter().map(|((from, to, kind), (evidence, by))| Edge {
            from: id(*from),
            to: id(*to),
            kind: *kind,
            by: by.iter().copied().collect(),
            evidence: evidence.clone(),
        });
        let edges = edges.collect();
        Graph { nodes: self.nodes, edges }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn namesakes(servers: usize) -> Builder {
        let mut builder = Builder::default();
        for number in 0..servers {
            builder.servers.add(Identity {
                names: Vec::from([String::from("LS")]),
                product_ids: Vec::from([format!("P{number}")]),
                keys: Vec::new(),
            });
        }
        builder
    }

    #[test]
    fn name_of_more_than_eight_servers_identifies_none() {
        let name = MachineName::from("ls.example");
        let mut few = namesakes(8);
        assert_eq!(few.servers_named(&name).len(), 8);
        assert_eq!(few.servers_by_name()["LS"].len(), 8);
        let mut many = namesakes(9);
        let nodes = many.servers_named(&name);
        assert_eq!((nodes.len(), &many.nodes[nodes[0]].product_ids), (1, &Vec::new()));
        let of_servers = (0..9).filter_map(|number| many.node_of(number)).count();
        assert_eq!((of_servers, many.nodes.len()), (9, 10));
        assert_eq!(many.servers_by_name()["LS"], nodes);
    }
}
