// SPDX-License-Identifier: GPL-3.0-or-later
//! What to look at in the evidence, what was incomplete, and what was not read.

use core::cmp::Reverse;

use calhive::report::{Finding, Report, Severity, SourceReport};

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

/// Returns the hosts about which no absence is stated, and the files of no host that were not read whole.
pub(crate) fn incomplete(report: &Report, views: &[View<'_>]) -> Option<Section> {
    let incomplete = views.iter().filter(|view| view.is_incomplete());
    let mut names: Vec<&str> = incomplete.map(|view| view.label.as_str()).collect();
    names.sort_unstable();
    let host = (!names.is_empty()).then(|| {
        Line::of(Kind::Warning, &some(&names)).then(": absence is not stated for what was not read")
    });
    let is_of_no_host = |source: &&SourceReport| {
        source.unread.total > 0
            && !views.iter().any(|view| view.sources.iter().any(|own| own.id == source.id))
    };
    let file = |source: &SourceReport| {
        let name = source.path.rsplit(['/', '\\']).next().unwrap_or_default();
        let fault = source.unread.first.first().map(|fault| format!(": {}", fault.message));
        let text = format!(" ({}), not read whole{}", source.kind, fault.unwrap_or_default());
        Line::of(Kind::Name, name).and(Kind::Warning, &text)
    };
    let files = report.sources.iter().filter(is_of_no_host).map(file);
    let mut lines = host.into_iter().chain(files);
    let head = lines.next()?;
    let rows = lines.map(|line| Row::of_item(Line::default(), [line]));
    Some(Section::new("INCOMPLETE", "file").head([head]).rows(rows))
}

/// Returns the inputs that were not read.
pub(crate) fn not_read(report: &Report) -> Option<Section> {
    let mut inputs = report.not_read.iter().filter(|input| input.kind.is_whole());
    let mut line = |input: &calhive::evidence::NotRead| Line::of(Kind::Warning, &input.message);
    let head = inputs.next().map(&mut line)?;
    let rows = inputs.map(|input| Row::of_item(Line::default(), [line(input)]));
    Some(Section::new("NOT READ", "input").head([head]).rows(rows))
}
