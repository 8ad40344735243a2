// SPDX-License-Identifier: GPL-3.0-or-later
//! What to look at in the evidence, what was incomplete, and what was not read.

use core::cmp::Reverse;

use calhive::report::{Finding, Report, Severity};

use crate::screen::license_server::some;
use crate::screen::view::{self, View};
use crate::screen::{Kind, Line, Row, Section, findings};

/// Returns the findings that deserve a look, and the number of the others. Findings with one code are one
/// row.
pub(crate) fn to_look_at(report: &Report) -> Section {
    let section = Section::new("TO LOOK AT", "code");
    let all: Vec<&Finding> = report.findings.iter().collect();
    if all.is_empty() {
        return section.head([Line::plain("no finding")]);
    }
    let labels: Vec<(&str, String)> =
        report.hosts.iter().map(|host| (host.id.as_str(), view::label(report, host))).collect();
    let mut codes: Vec<(&Finding, Vec<&str>)> = Vec::new();
    for finding in &all {
        let names = finding.hosts.iter().filter_map(|id| labels.iter().find(|it| it.0 == *id));
        let names = names.map(|(_, label)| label.as_str());
        match codes.iter_mut().find(|(other, _)| other.code == finding.code) {
            Some((_, others)) => others.extend(names),
            None => codes.push((finding, names.collect())),
        }
    }
    codes.sort_by_key(|(finding, _)| (Reverse(finding.severity), finding.code));
    let rows = codes.into_iter().map(|(finding, names)| row(finding, names));
    section.head([findings::counts(&all)]).rows(rows).compact()
}

fn row(finding: &Finding, mut names: Vec<&str>) -> Row {
    names.sort_unstable();
    names.dedup();
    let severity = Line::of(Kind::Severity(finding.severity), &finding.severity.to_string());
    let cells = [
        Line::of(Kind::Code, finding.code),
        Line::of(Kind::Name, &some(&names)),
        Line::plain(&finding.title),
    ];
    let row = Row::always(severity, cells);
    if finding.severity == Severity::Info { row.item() } else { row }
}

/// Returns the hosts about which no absence is stated.
pub(crate) fn incomplete(views: &[View<'_>]) -> Option<Section> {
    let incomplete = views.iter().filter(|view| view.is_incomplete());
    let mut names: Vec<&str> = incomplete.map(|view| view.label.as_str()).collect();
    names.sort_unstable();
    if names.is_empty() {
        return None;
    }
    let line = Line::of(Kind::Warning, &some(&names))
        .then(": absence is not stated for what was not read");
    Some(Section::new("INCOMPLETE", "host").head([line]))
}

/// Returns the inputs that were not read.
pub(crate) fn not_read(report: &Report) -> Option<Section> {
    let mut inputs = report.not_read.iter().filter(|input| input.kind.is_whole());
    let mut line = |input: &calhive::evidence::NotRead| Line::of(Kind::Warning, &input.message);
    let head = inputs.next().map(&mut line)?;
    let rows = inputs.map(|input| Row::of_item(Line::default(), [line(input)]));
    Some(Section::new("NOT READ", "input").head([head]).rows(rows))
}
