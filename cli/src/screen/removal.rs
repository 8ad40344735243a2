// SPDX-License-Identifier: GPL-3.0-or-later
//! What was removed from the hives of a host, with the bounds of the time.

use calhive::report::Finding;

use crate::screen::view::View;
use crate::screen::{Kind, Line, Row, Section, statement};

/// Findings about data that were removed or replaced.
const CODES: [&str; 8] = [
    "client.token.removed",
    "client.license_key.removed",
    "client.licensing.removed",
    "client.licensing.created_anew",
    "client.licensing.both_removed",
    "host.mode.recovered",
    "host.servers.recovered",
    "host.grace.recovered",
];

/// Beginning of a bound of the time in a sentence about a removal.
const BOUND: &str = ", not ";
/// End of a sentence with bounds.
const CLOCK: &str = ", by the machine's clock";
/// Beginning of the upper bound.
const AFTER: &str = "after ";

/// Whether a finding with this code is about removed or replaced data.
pub(crate) fn is_about(code: &str) -> bool {
    CODES.contains(&code)
}

/// Returns what was removed; `None` without a trace.
pub(crate) fn section(view: &View<'_>) -> Option<Section> {
    let findings: Vec<_> = view.findings.iter().filter(|it| is_about(it.code)).collect();
    let first = findings.first()?;
    let is_dated = findings.iter().any(|finding| finding.statement.contains(CLOCK));
    let head = is_dated.then(|| Line::of(Kind::Muted, "times by the machine's clock"));
    let rows = findings.iter().enumerate().flat_map(|(at, finding)| {
        let is_first = !findings.iter().take(at).any(|other| other.code == finding.code);
        let has_title = is_first || !finding.tokens.is_empty();
        rows(view, finding, has_title)
    });
    let of_client = view.answer("moved").filter(|_| first.code.starts_with("client."));
    let not_shown = of_client.map_or(first.does_not_show.as_str(), |answer| &answer.not_shown);
    let explanations = first.innocent_explanations.join("; ");
    let notes = [
        Row::always(Line::plain("not shown"), [statement::line(not_shown)]),
        Row::always(Line::plain("also explains"), [Line::plain(&explanations)]),
    ];
    let label = if first.code.starts_with("client.") { "REMOVAL" } else { "RECOVERED DATA" };
    Some(Section::new(label, "trace").head(head).rows(rows).rows(notes))
}

/// Returns the rows of a finding: its title, if `has_title`, the bounds of the time, and its other sentences.
fn rows(view: &View<'_>, finding: &Finding, has_title: bool) -> Vec<Row> {
    let subject = match finding.tokens.as_slice() {
        [] => finding.title.to_string(),
        tokens => format!("{}: {}", finding.title, tokens.join(", ")),
    };
    let label = Line::of(Kind::Name, &finding.id);
    let severity = Line::of(Kind::Severity(finding.severity), &finding.severity.to_string());
    let code = Line::of(Kind::Code, finding.code);
    let title = Row::always(label, [severity, code, Line::of(Kind::Warning, &subject)]);
    let mut rows: Vec<Row> = has_title.then_some(title).into_iter().collect();
    for sentence in statement::sentences(&finding.statement) {
        let Some((_, bounds)) = sentence.split_once(BOUND) else {
            rows.push(other(finding, statement::line(&view.sentence(sentence))));
            continue;
        };
        for bound in bounds.split(BOUND) {
            let (label, time) = bound.split_once(' ').unwrap_or(("", bound));
            let label = Line::plain(&format!("not {label}"));
            let time = statement::without_stop(time);
            let time = time.strip_suffix(CLOCK).unwrap_or(time);
            rows.push(Row::always(label, [statement::line(time)]).below());
        }
        if !bounds.contains(AFTER) {
            let text = "not known from these hives";
            rows.push(Row::always(Line::plain("not after"), [Line::plain(text)]).below().light());
        }
    }
    rows
}

/// Returns a sentence without bounds. The recovered setting of a host is in such a sentence. The section
/// about tokens has the place of a token, and the section about the grace period compares its keys.
fn other(finding: &Finding, sentence: Line) -> Row {
    let row = Row::always(Line::default(), [sentence]);
    match finding.code {
        "host.mode.recovered" | "host.servers.recovered" => row,
        _ if finding.tokens.is_empty() => row.light(),
        _ => row.extra(),
    }
}
