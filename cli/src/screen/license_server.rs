// SPDX-License-Identifier: GPL-3.0-or-later
//! A license server: its service, policies and database, and what other hosts of the evidence say about it.

use calhive::catalog::Code;
use calhive::evidence::Presence;
use calhive::report::{EdgeKind, FactReport, NodeKind, RoleState};

use crate::messages::count;
use crate::screen::tokens::written;
use crate::screen::view::View;
use crate::screen::{Kind, Line, Row, Section};

/// Largest number of hosts that are named.
const NAMED: usize = 5;

/// Returns the sections about a license server; none for another host.
pub(crate) fn sections(view: &View<'_>) -> Vec<Section> {
    let service = view.found(Code::LicenseServerService).next();
    if view.host.license_server.state != RoleState::Present && service.is_none() {
        return Vec::new();
    }
    vec![service_section(view), policies(view), database(view), evidence(view)]
}

fn service_section(view: &View<'_>) -> Section {
    let section = Section::new("SERVICE", "row");
    let Some(start) = view.found(Code::LicenseServerStart).next() else {
        return section.head([Line::plain(&view.host.license_server.statement)]);
    };
    let label = start.label.as_deref().unwrap_or_default();
    let label = label.replacen("started ", "set to start ", 1);
    let number = start.number.map(|number| format!(" (Start {number})")).unwrap_or_default();
    let head = Line::of(Kind::Name, "TermServLicensing, ");
    let head = head.then(&label).then(&number).then("; ");
    let account = view.shown(Code::LicenseServerAccount).unwrap_or("no value");
    let image = view.shown(Code::LicenseServerImage).unwrap_or("no value");
    let text =
        |label: &str, text: &str| Row::always(Line::plain(label), [Line::of(Kind::Path, text)]);
    let rows = [text("account", account), text("image", image)];
    let parameter = parameter(view, "DisableWorkgroupAuthEnforcement").map(|fact| {
        let row = policy(fact, "1 turns off the authentication of workgroup hosts");
        Row { label: Line::plain("parameter"), ..row }
    });
    section.head([head.join(written(start))]).rows(rows).rows(parameter)
}

fn policies(view: &View<'_>) -> Section {
    let policies = [
        (Code::LicenseServerPolicySecure, "licenses limited to a group of hosts"),
        (Code::LicenseServerPolicyNoUpgrade, "license upgrade prevented"),
    ];
    let rows = policies
        .iter()
        .flat_map(|(code, what)| view.found(*code).map(move |fact| policy(fact, what)));
    let rows: Vec<Row> = rows.collect();
    let section = Section::new("POLICIES", "policy");
    match rows.is_empty() {
        true if view.is_damaged() => {
            section.head([Line::plain("none found; not everything was read")])
        }
        true => section.head([Line::plain("none found")]),
        false => section.rows(rows),
    }
}

fn policy(fact: &FactReport, what: &str) -> Row {
    let name = fact.provenance.value_name.as_deref().unwrap_or_default();
    let value = format!("{name} = {}", fact.shown.as_deref().unwrap_or("not decodable"));
    Row::of_item(Line::default(), [Line::of(Kind::Name, &value), Line::plain(what)])
}

/// Returns the parameter of the service with this name.
fn parameter<'r>(view: &View<'r>, name: &str) -> Option<&'r FactReport> {
    view.found(Code::LicenseServerParameters).find(|fact| {
        let own = fact.provenance.value_name.as_deref();
        own.is_some_and(|own| own.eq_ignore_ascii_case(name))
    })
}

fn database(view: &View<'_>) -> Section {
    let text = |name| parameter(view, name).and_then(|fact| fact.shown.as_deref());
    let path = match (text("DBPath"), text("DBFile")) {
        (Some(path), file) => Line::of(Kind::Path, &format!("{path}{}", file.unwrap_or_default())),
        (None, Some(file)) => Line::of(Kind::Path, file),
        (None, None) => Line::plain("no path in the parameters of the service"),
    };
    let beside =
        view.host.corroboration.iter().find(|it| it.what.starts_with("license server database"));
    let state = match beside.map(|it| (it.state, it.paths.first())) {
        Some((Presence::Present, Some(path))) => format!("in the evidence, not read: {path}"),
        Some((Presence::Present, None)) => String::from("in the evidence, not read"),
        Some((Presence::Absent, _)) => String::from("not in the searched evidence"),
        _ => String::from("not searched for"),
    };
    Section::new("DATABASE", "row").head([path.then("; ").then(&state)])
}

/// Returns which hosts of the evidence name the server, and whose tokens name it as their issuer.
fn evidence(view: &View<'_>) -> Section {
    let graph = &view.report.graph;
    let nodes = graph
        .nodes
        .iter()
        .filter(|node| node.kind == NodeKind::LicenseServer && node.hosts.contains(&view.host.id));
    let ids: Vec<&str> = nodes.map(|node| node.id.as_str()).collect();
    let hosts = |kind: EdgeKind| {
        let edges =
            graph.edges.iter().filter(|edge| edge.kind == kind && ids.contains(&edge.to.as_str()));
        let names = edges.filter_map(|edge| graph.nodes.iter().find(|node| node.id == edge.from));
        let mut names: Vec<&str> = names.map(|node| node.name.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        Line::plain(&some(&names))
    };
    let row = |label: &str, kind| Row::always(Line::plain(label), [hosts(kind)]);
    let section = Section::new("THIS EVIDENCE", "row");
    if ids.is_empty() {
        let text = "no host names this license server or stores one of its certificates or tokens";
        return section.head([Line::plain(text)]);
    }
    section.head([Line::of(Kind::Muted, "by name, product ID or key")]).rows([
        row("named by", EdgeKind::IsSetToAsk),
        row("registered", EdgeKind::HoldsCertificateOf),
        row("tokens on", EdgeKind::HoldsTokenOf),
    ])
}

/// Returns the first of these names, and the number of the others.
pub(crate) fn some(names: &[&str]) -> String {
    let shown = names.get(..NAMED.min(names.len())).unwrap_or_default().join(", ");
    match names.len().saturating_sub(NAMED) {
        _ if names.is_empty() => String::from("no host"),
        0 => shown,
        more => format!("{shown} and {}", count(more as u64, "more host")),
    }
}
