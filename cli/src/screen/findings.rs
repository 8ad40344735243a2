// SPDX-License-Identifier: GPL-3.0-or-later
//! Findings, sorted by severity.

use core::cmp::Reverse;

use calhive::report::{Finding, Severity};

use crate::screen::view::View;
use crate::screen::{Kind, Line, Row, Section, removal, statement};

/// Returns the findings of a host. Findings with one code and one severity are one row.
pub(crate) fn section(view: &View<'_>) -> Section {
    let mut groups: Vec<Vec<&Finding>> = Vec::new();
    let is_here = |finding: &&&Finding| !removal::is_about(finding.code);
    for finding in view.findings.iter().filter(is_here) {
        let key = |it: &Finding| (it.code, it.severity);
        let is_equal = |group: &&mut Vec<&Finding>| {
            group.first().is_some_and(|first| key(first) == key(finding))
        };
        match groups.iter_mut().find(is_equal) {
            Some(group) => group.push(finding),
            None => groups.push(vec![finding]),
        }
    }
    groups.sort_by_key(|group| Reverse(group.first().map(|first| first.severity)));
    let above: Vec<&str> = view
        .findings
        .iter()
        .filter(|finding| removal::is_about(finding.code))
        .map(|finding| finding.id.as_str())
        .collect();
    let above = match above.as_slice() {
        [] => String::new(),
        above => format!("; above: {}", above.join(", ")),
    };
    let head = match view.findings.is_empty() {
        true => Line::plain("none"),
        false => counts(&view.findings)
            .then(&above)
            .and(Kind::Muted, "; `calhive explain CODE` describes a code"),
    };
    let rows = groups.iter().flat_map(|group| rows(view, group));
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

/// Returns the rows of findings with one code. A finding that deserves a look has its sentence, others only
/// if the page has room. The section about removed data has its own findings.
fn rows(view: &View<'_>, group: &[&Finding]) -> Vec<Row> {
    let Some(first) = group.first() else { return Vec::new() };
    let severity = Line::of(Kind::Severity(first.severity), &first.severity.to_string());
    let code = Line::of(Kind::Code, first.code);
    let mut text = first.title.to_string();
    let tokens: Vec<&str> =
        group.iter().flat_map(|finding| &finding.tokens).map(String::as_str).collect();
    if !tokens.is_empty() {
        text = format!("{text}: {}", tokens.join(", "));
    }
    let others: Vec<&str> = group.iter().skip(1).map(|finding| finding.id.as_str()).collect();
    if !others.is_empty() {
        text = format!("{text} (also {})", others.join(", "));
    }
    let label = Line::of(Kind::Muted, &first.id);
    let row = Row::always(label, [severity, code, Line::plain(&text)]);
    let is_info = first.severity == Severity::Info;
    let sentence = |finding: &&Finding| {
        let text = statement::line(&view.sentence(&finding.statement));
        let row = Row::always(Line::default(), [text]);
        // The section about copies has the same sentence.
        if is_info || first.code.starts_with("copies.") { row.extra() } else { row }
    };
    let sentences = group.iter().map(sentence);
    let row = if is_info { row.item() } else { row };
    [row].into_iter().chain(sentences).collect()
}
