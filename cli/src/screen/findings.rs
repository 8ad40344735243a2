// SPDX-License-Identifier: GPL-3.0-or-later
//! Findings, sorted by severity.

use core::cmp::Reverse;

use calhive::report::{Finding, Severity};

use crate::screen::view::View;
use crate::screen::{Kind, Line, Row, Section, removal, statement};

/// Returns the findings of a host.
pub(crate) fn section(view: &View<'_>) -> Section {
    let mut findings = view.findings.clone();
    findings.sort_by_key(|finding| Reverse(finding.severity));
    let head = match findings.is_empty() {
        true => Line::plain("none"),
        false => counts(&findings).and(Kind::Muted, "; `calhive explain CODE` describes a code"),
    };
    let rows = findings.iter().flat_map(|finding| rows(finding));
    Section::new("FINDINGS", "finding").head([head]).rows(rows).compact()
}

/// Returns the number of findings of each severity.
pub(crate) fn counts(findings: &[&Finding]) -> Line {
    let counts = [Severity::Attention, Severity::Notice, Severity::Info].map(|severity| {
        let number = findings.iter().filter(|finding| finding.severity == severity).count();
        (severity, number)
    });
    let shown = counts.iter().filter(|(_, count)| *count > 0);
    shown.enumerate().fold(Line::default(), |line, (index, (severity, number))| {
        let line = if index == 0 { line } else { line.then(", ") };
        line.and(Kind::Severity(*severity), &format!("{number} {severity}"))
    })
}

/// Returns the row of a finding. A finding that deserves a look also has its sentence, unless another
/// section shows the sentence.
fn rows(finding: &Finding) -> Vec<Row> {
    let severity = Line::of(Kind::Severity(finding.severity), &finding.severity.to_string());
    let code = Line::of(Kind::Code, finding.code);
    let mut text = finding.title.to_string();
    if !finding.tokens.is_empty() {
        text = format!("{text}: {}", finding.tokens.join(", "));
    }
    let label = Line::of(Kind::Muted, &finding.id);
    let row = Row::always(label, [severity, code, Line::plain(&text)]);
    if finding.severity == Severity::Info {
        return vec![row.item()];
    }
    let sentence = || Row::detail(Line::default(), [statement::line(&finding.statement)]);
    [row].into_iter().chain((!removal::is_about(finding.code)).then(sentence)).collect()
}
