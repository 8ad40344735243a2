// SPDX-License-Identifier: GPL-3.0-or-later
//! Findings of a host, grouped by code and sorted by severity.

use core::cmp::Reverse;

use calhive::report::{Finding, Host, Report, Severity};

use crate::screen::{Kind, Line, Row, Section};

/// Returns the findings of a host.
pub(crate) fn section(report: &Report, host: &Host) -> Section {
    let of_host = report.findings.iter().filter(|finding| finding.hosts.contains(&host.id));
    let mut findings: Vec<&Finding> = of_host.collect();
    findings.sort_by_key(|finding| (Reverse(finding.severity), finding.code));
    let rows: Vec<Row> = findings.iter().map(|finding| row(finding)).collect();
    Section::new("FINDINGS", "finding").head([counts(&findings)]).rows(rows)
}

/// Returns the number of findings of each severity.
fn counts(findings: &[&Finding]) -> Line {
    let counts = [Severity::Attention, Severity::Notice, Severity::Info].map(|severity| {
        let number = findings.iter().filter(|finding| finding.severity == severity).count();
        (severity, number)
    });
    let shown =
        counts.iter().filter(|(severity, count)| *count > 0 || *severity != Severity::Attention);
    let parts: Vec<String> = shown.map(|(severity, count)| format!("{count} {severity}")).collect();
    Line::plain(&parts.join(", "))
}

fn row(finding: &Finding) -> Row {
    let severity = Line::of(Kind::Severity(finding.severity), &finding.severity.to_string());
    let code = Line::of(Kind::Code, finding.code);
    Row::item(severity, [code, Line::plain(&finding.statement)])
}
