// SPDX-License-Identifier: GPL-3.0-or-later
//! Relations between hosts, license servers, scopes and farms, one per line.

use std::io::{self, Write};

use calhive::report::{Edge, Finding, Graph, Node, NodeKind, Report};

use crate::output::answers_table;

/// Writes the relations, and the findings that concern several hosts; nothing for a single host.
pub(crate) fn write(out: &mut dyn Write, report: &Report) -> io::Result<()> {
    if report.hosts.len() < 2 {
        return Ok(());
    }
    writeln!(out, "Across hosts")?;
    write_edges(out, &report.graph)?;
    let is_across = |finding: &&Finding| finding.hosts.len() > 1;
    let findings: Vec<&Finding> = report.findings.iter().filter(is_across).collect();
    if findings.is_empty() {
        return writeln!(out, "  Findings: none\n");
    }
    writeln!(out, "  Findings (each in full at the end)")?;
    findings.iter().try_for_each(|finding| answers_table::write_line(out, finding))?;
    writeln!(out)
}

fn write_edges(out: &mut dyn Write, graph: &Graph) -> io::Result<()> {
    if graph.edges.is_empty() {
        return writeln!(
            out,
            "  No token, setting or certificate names a license server, and no host a farm."
        );
    }
    for Edge { from, to, kind, by, evidence } in &graph.edges {
        let by: Vec<String> = by.iter().map(ToString::to_string).collect();
        let (by, evidence) = (by.join(" and "), evidence.join(", "));
        writeln!(out, "  {} {kind} {} (by {by}: {evidence})", name(graph, from), name(graph, to))?;
    }
    Ok(())
}

/// Returns the name of a node, for display.
fn name(graph: &Graph, id: &str) -> String {
    let Some(node) = graph.nodes.iter().find(|node| node.id == id) else { return String::new() };
    let Node { kind, name, other_names, hosts, .. } = node;
    let hosts = hosts.join(", ");
    let name = match other_names.as_slice() {
        [] => name.clone(),
        others => format!("{name} (also {})", others.join(", ")),
    };
    match kind {
        NodeKind::Host => format!("{name} ({hosts})"),
        NodeKind::LicenseServer if hosts.is_empty() => format!("license server {name}"),
        NodeKind::LicenseServer => format!("license server {name} (perhaps {hosts}, by its name)"),
        NodeKind::Scope => format!("scope {name}"),
        _ => name,
    }
}
