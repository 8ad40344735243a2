// SPDX-License-Identifier: GPL-3.0-or-later
//! Findings (`findings.csv`). Each finding is a row.

use std::io::{self, Write};

use calhive::report::{Finding, Report};

use super::{Row, Table};
use crate::output::report_index::{ReportIndex, name_of};

const COLUMNS: [&str; 15] = [
    "FindingId",
    "Severity",
    "Code",
    "Title",
    "Statement",
    "Certainty",
    "HostIds",
    "HostNames",
    "Shows",
    "DoesNotShow",
    "InnocentExplanations",
    "FactIds",
    "EvidenceIds",
    "TokenIds",
    "Reference",
];

/// Writes one row for each finding.
pub(crate) fn write(out: &mut dyn Write, report: &Report) -> io::Result<()> {
    let index = ReportIndex::new(report);
    let mut table = Table::new(out, &COLUMNS)?;
    for finding in &report.findings {
        table.row(row(finding, &index))?;
    }
    table.finish()
}

fn row(finding: &Finding, index: &ReportIndex<'_>) -> Row {
    let facts = finding.facts.iter().filter_map(|id| index.fact(id));
    let mut row = Row::default();
    row.text(&finding.id)
        .text(finding.severity.to_string())
        .text(finding.code)
        .text(&finding.title)
        .text(&finding.statement)
        .text(finding.certainty.to_string())
        .list(&finding.hosts)
        .list(finding.hosts.iter().filter_map(|id| index.host(id)).map(name_of))
        .text(&finding.shows)
        .text(&finding.does_not_show)
        .list(&finding.innocent_explanations)
        .list(&finding.facts)
        .list(facts.map(|fact| &fact.evidence_id))
        .list(&finding.tokens)
        .text(&finding.reference);
    row
}
