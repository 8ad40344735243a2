// SPDX-License-Identifier: GPL-3.0-or-later
//! The lines below the sections: what the evidence cannot show, reference time and second reader.

use calhive::report::{RoleState, SourceReport};

use crate::screen::view::View;
use crate::screen::{Kind, Line, Section};

/// Returns the lines below the sections about a host.
pub(crate) fn lines(view: &View<'_>, sections: &[Section]) -> Vec<Line> {
    let mut lines = Vec::new();
    if has_effect(sections) {
        lines.push(Line::plain(EFFECT));
    }
    let limits = match view.host.license_server.state {
        _ if view.is_client() => "connections, who signed in, moved licenses, license counts",
        RoleState::Present => "licenses bought or issued, and to whom",
        _ => "licenses bought or issued, use per user, connections, who signed in",
    };
    lines.push(Line::plain(&format!("These hives cannot show: {limits}.")));
    lines.push(reference_time(view).then(" ").join(second_reader(&view.sources)));
    lines
}

/// Note on settings in effect.
pub(crate) const EFFECT: &str =
    "* Per these hives; settings of a connection broker or the domain may differ.";

/// Whether a section marks a setting in effect.
pub(crate) fn has_effect(sections: &[Section]) -> bool {
    let head = sections.iter().flat_map(|section| &section.head);
    let rows = sections.iter().flat_map(|section| &section.rows).flat_map(|row| &row.cells);
    head.chain(rows).any(|line| line.text().ends_with('*'))
}

fn reference_time(view: &View<'_>) -> Line {
    let reference = &view.host.reference_time;
    let why = if reference.is_given { " UTC (given)." } else { " UTC (newest key)." };
    match reference.time {
        Some(time) => Line::plain("Reference time ").time(time).then(why),
        None => Line::of(Kind::Warning, "No reference time: no plausible time was read."),
    }
}

/// Returns the result of the second reader for these hives.
pub(crate) fn second_reader(sources: &[&SourceReport]) -> Line {
    let readers: Vec<_> =
        sources.iter().filter_map(|source| source.second_reader.as_ref()).collect();
    if readers.is_empty() {
        return Line::plain("No second reader was used.");
    }
    let sum = |count: fn(&calhive::report::SecondReaderReport) -> u64| {
        readers.iter().map(|reader| count(reader)).fold(0_u64, u64::saturating_add)
    };
    let (agreed, differs) = (sum(|it| it.agreed), sum(|it| it.differs));
    let (not_readable, not_covered) = (sum(|it| it.not_readable), sum(|it| it.not_covered));
    let line = Line::plain("Second reader: ").then(&agreed.to_string()).then(" agree");
    let line = match differs {
        0 => line,
        differs => line.then(", ").and(Kind::Warning, &format!("{differs} differ")),
    };
    let rest = [(not_readable, "not readable"), (not_covered, "not covered")];
    let rest = rest.iter().filter(|(count, _)| *count > 0);
    let line = rest.fold(line, |line, (count, what)| line.then(&format!(", {count} {what}")));
    let refused = readers.iter().filter(|reader| reader.refused.is_some()).count();
    match refused {
        0 => line.then("."),
        refused => line.then(", ").and(Kind::Warning, &format!("{refused} not opened")).then("."),
    }
}
