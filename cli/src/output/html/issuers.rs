// SPDX-License-Identifier: GPL-3.0-or-later
//! Who issued to whom, and the other relations between hosts, license servers, scopes and farms.

use calhive::report::{Edge, EdgeKind, Node, NodeKind};
use maud::{Markup, html};

use crate::output::html::page::Page;
use crate::output::html::prose::text;

/// Returns the tables of relations.
pub(super) fn tables(page: &Page<'_>) -> Markup {
    let issued = |kind| matches!(kind, EdgeKind::HoldsTokenOf | EdgeKind::HoldsCertificateOf);
    let (issued, others): (Vec<&Edge>, Vec<&Edge>) =
        page.report.graph.edges.iter().partition(|edge| issued(edge.kind));
    html! {
        @if issued.is_empty() { p { "No license and no certificate names an issuer." } }
        @else { (issued_table(page, &issued)) }
        @if !others.is_empty() { (relations(page, &others)) }
    }
}

fn issued_table(page: &Page<'_>, edges: &[&Edge]) -> Markup {
    html! {
        div.wide tabindex="0" role="region" aria-label="Who issued to whom" {
            table.grid {
                caption { "Issuers, as licenses and certificates name them (self-reported)" }
                thead { tr {
                    @for head in ["License server", "Issued", "To host", "Linked by", "Evidence"] {
                        th scope="col" { (head) }
                    }
                } }
                tbody { @for edge in edges { tr {
                    td { (node(page, &edge.to)) }
                    td { (what(edge.kind)) }
                    td { (node(page, &edge.from)) }
                    td { (by(edge)) }
                    td { (page.ids(&edge.evidence)) }
                } } }
            }
        }
    }
}

fn relations(page: &Page<'_>, edges: &[&Edge]) -> Markup {
    html! {
        div.wide tabindex="0" role="region" aria-label="Other relations" {
            table.grid {
                caption { "Other relations" }
                thead { tr {
                    @for head in ["From", "Relation", "To", "Linked by", "Evidence"] {
                        th scope="col" { (head) }
                    }
                } }
                tbody { @for edge in edges { tr {
                    td { (node(page, &edge.from)) }
                    td { (edge.kind) }
                    td { (node(page, &edge.to)) }
                    td { (by(edge)) }
                    td { (page.ids(&edge.evidence)) }
                } } }
            }
        }
    }
}

const fn what(kind: EdgeKind) -> &'static str {
    match kind {
        EdgeKind::HoldsCertificateOf => "certificate of a session host",
        _ => "license",
    }
}

fn by(edge: &Edge) -> String {
    edge.by.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// Returns a node with its other names, and with links to its hosts.
fn node(page: &Page<'_>, id: &str) -> Markup {
    let Some(Node { kind, name, other_names, product_ids, hosts, .. }) =
        page.report.graph.nodes.iter().find(|node| node.id == id)
    else {
        return html! {};
    };
    html! {
        @match kind {
            NodeKind::LicenseServer => "license server ",
            NodeKind::Scope => "scope ",
            NodeKind::Farm => "farm ",
            _ => "",
        }
        b { (text(name)) }
        @if !other_names.is_empty() { " (also " (text(other_names.join(", "))) ")" }
        @if !product_ids.is_empty() { ", product ID " (text(product_ids.join(", "))) }
        @if !hosts.is_empty() {
            @if *kind == NodeKind::Host { " (" } @else { " (perhaps, by its name: " }
            (page.ids(hosts)) ")"
        }
    }
}
