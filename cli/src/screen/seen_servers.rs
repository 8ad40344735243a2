// SPDX-License-Identifier: GPL-3.0-or-later
//! License servers that the evidence names: by whom, and whose tokens they issued.

use calhive::report::{EdgeKind, Graph, Node, NodeKind, Report};

use crate::screen::license_server::some;
use crate::screen::view::View;
use crate::screen::{Kind, Line, Row, Section};

/// Returns the license servers; `None` without one.
pub(crate) fn section(report: &Report, views: &[View<'_>]) -> Option<Section> {
    let graph = &report.graph;
    let servers = graph.nodes.iter().filter(|node| node.kind == NodeKind::LicenseServer);
    let mut rows: Vec<Row> = servers.map(|node| row(report, views, node)).collect();
    // A license server without a node is one that no other host names.
    let is_unnamed = |view: &&View<'_>| {
        view.host.license_server.state == calhive::report::RoleState::Present
            && !graph.nodes.iter().any(|node| {
                node.kind == NodeKind::LicenseServer && node.hosts.contains(&view.host.id)
            })
    };
    rows.extend(views.iter().filter(is_unnamed).map(|view| {
        let cells = ["no host", "none", "its hives are in this evidence"];
        Row::of_item(Line::of(Kind::Name, &view.label), cells.map(Line::plain))
    }));
    if rows.is_empty() {
        return None;
    }
    let head = ["named by", "stored tokens naming it as issuer (self-reported)", ""];
    let section = Section::new("LICENSE SERVERS", "license server");
    Some(section.head(head.map(|text| Line::of(Kind::Muted, text))).rows(rows))
}

fn row(report: &Report, views: &[View<'_>], node: &Node) -> Row {
    let nodes = &report.graph.nodes;
    let hosts = |kind| {
        let edges = edges(&report.graph, node, kind);
        let hosts = edges.filter_map(|edge| nodes.iter().find(|node| node.id == edge.from));
        hosts.map(|node| node.name.as_str()).collect::<Vec<_>>()
    };
    let certified = hosts(EdgeKind::HoldsCertificateOf);
    let named = match (hosts(EdgeKind::IsSetToAsk).as_slice(), certified.as_slice()) {
        ([], []) => String::from("no host"),
        ([], certified) => format!("certificate on {}", some(certified)),
        (named, _) => some(named),
    };
    let place = match node.hosts.first() {
        Some(id) => {
            let name = views
                .iter()
                .find(|view| view.host.id == *id)
                .map_or(id.as_str(), |view| &view.label);
            Line::plain("perhaps ").and(Kind::Name, name).then(" (by its name)")
        }
        None => Line::of(Kind::Muted, "not in this evidence"),
    };
    let name = Line::of(Kind::Name, &node.name);
    Row::of_item(name, [Line::plain(&named), Line::plain(&tokens(report, node)), place])
}

/// Returns the edges of a kind that lead to a node.
fn edges<'g>(
    graph: &'g Graph,
    node: &'g Node,
    kind: EdgeKind,
) -> impl Iterator<Item = &'g calhive::report::Edge> {
    graph.edges.iter().filter(move |edge| edge.kind == kind && edge.to == node.id)
}

/// Returns the number of tokens that name the server as their issuer.
fn tokens(report: &Report, node: &Node) -> String {
    let ids: Vec<&str> = edges(&report.graph, node, EdgeKind::HoldsTokenOf)
        .flat_map(|edge| &edge.evidence)
        .map(String::as_str)
        .collect();
    let tokens = report.tokens.iter().filter(|token| ids.contains(&token.id.as_str()));
    let kinds: Vec<Option<bool>> =
        tokens.map(|token| token.license.as_ref().and_then(|it| it.is_temporary)).collect();
    let number = |kind| kinds.iter().filter(|it| **it == kind).count();
    let parts = [
        (number(Some(false)), "permanent"),
        (number(Some(true)), "temporary"),
        (number(None), "of unknown type"),
    ];
    let parts = parts.iter().filter(|(number, _)| *number > 0);
    let parts: Vec<String> = parts.map(|(number, kind)| format!("{number} {kind}")).collect();
    if parts.is_empty() { String::from("none") } else { parts.join(", ") }
}
