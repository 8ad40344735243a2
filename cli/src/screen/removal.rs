// SPDX-License-Identifier: GPL-3.0-or-later
//! What was removed from the hives of a host, with the bounds of the time.

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

/// Whether a finding with this code is about removed or replaced data.
pub(crate) fn is_about(code: &str) -> bool {
    CODES.contains(&code)
}

/// Returns what was removed; `None` without a trace.
pub(crate) fn section(view: &View<'_>) -> Option<Section> {
    let findings: Vec<_> = view.findings.iter().filter(|it| is_about(it.code)).collect();
    let first = findings.first()?;
    let rows = findings.iter().map(|finding| {
        Row::item(Line::of(Kind::Name, &finding.id), [statement::line(&finding.statement)])
    });
    let explanations = first.innocent_explanations.join("; ");
    let notes = [
        Row::always(Line::plain("not shown"), [statement::line(&first.does_not_show)]),
        Row::always(Line::plain("also explains"), [Line::plain(&explanations)]).light(),
    ];
    Some(Section::new("REMOVAL", "trace").rows(rows).rows(notes))
}
