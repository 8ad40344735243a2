// SPDX-License-Identifier: GPL-3.0-or-later
//! States of the hives of an installation: what was removed between two of them, in at most three lines.

use calhive::report::{Installation, StateChange, StateChangeKind};

use crate::messages::count;
use crate::screen::view::View;
use crate::screen::{Kind, Line, Row, Section, statement};

/// Returns the states of the installation that the host belongs to; `None` if the host is the only state.
pub(crate) fn section(view: &View<'_>) -> Option<Section> {
    let id = &view.host.id;
    let is_own = |it: &&Installation| {
        it.states.iter().any(|state| state.host == *id)
            || it.not_grouped.iter().any(|other| other.host == *id)
    };
    let installation = view.report.copies.iter().find(is_own)?;
    let section = Section::new("COPIES", "change").compact();
    let contradiction = installation.not_grouped.iter().find(|other| other.host == *id);
    if let Some(other) = contradiction {
        return Some(section.head([statement::line(&other.statement).recolor(Kind::Warning)]));
    }
    let of_host = installation.states.iter().filter(|state| state.host == *id);
    if view.host.copy.is_some() {
        let places: Vec<&str> = of_host.map(|state| state.place.as_str()).collect();
        let text = format!(
            "{} of {}; --details=copies compares the states",
            places.join(", "),
            installation.id
        );
        return Some(section.head([Line::plain(&text)]));
    }
    Some(section.head([head(installation)]).rows(rows(installation)))
}

/// Returns the number of states, and their kinds in order of time.
fn head(installation: &Installation) -> Line {
    let states = count(installation.states.len() as u64, "state");
    let places: Vec<String> = installation
        .states
        .iter()
        .map(|state| match state.same_bytes_as {
            Some(_) => format!("{} (the same bytes)", state.place),
            None => state.place.to_string(),
        })
        .collect();
    let text = format!("{states}: {}", places.join(", "));
    let line = Line::plain(&text);
    match installation.not_grouped.len() {
        0 => line,
        number => {
            line.and(Kind::Warning, &format!("; contradicted by {}", count(number as u64, "host")))
        }
    }
}

/// Returns a row for what was removed, and a row for the other changes.
fn rows(installation: &Installation) -> Vec<Row> {
    let is_removed = |change: &&StateChange| change.kind == StateChangeKind::Removed;
    let (removed, others): (Vec<&StateChange>, Vec<&StateChange>) =
        installation.changes.iter().partition(is_removed);
    let mut rows = Vec::new();
    if let Some(last) = removed.last() {
        let more = match removed.len() {
            1 => String::new(),
            number => format!("; {} more", number.saturating_sub(1)),
        };
        let line =
            Line::of(Kind::Warning, &last.title).then(" ").join(statement::line(&last.statement));
        rows.push(Row::always(Line::default(), [line.then(&more)]));
    }
    let text = match (others.len(), removed.is_empty()) {
        (0, true) => String::from("no difference in licenses, hardware IDs and settings in effect"),
        (0, false) => return rows,
        (number, _) => format!("{}; --details=copies lists all", others_in_words(number, &others)),
    };
    rows.push(Row::of_item(Line::default(), [Line::plain(&text)]));
    rows
}

/// Returns the number of changes, by kind.
fn others_in_words(number: usize, changes: &[&StateChange]) -> String {
    let kinds =
        [StateChangeKind::Appeared, StateChangeKind::Differs, StateChangeKind::NotDeterminable];
    let parts = kinds.into_iter().filter_map(|kind| {
        let number = changes.iter().filter(|change| change.kind == kind).count();
        (number > 0).then(|| format!("{number} {kind}"))
    });
    let parts: Vec<String> = parts.collect();
    format!("{}: {}", count(number as u64, "other change"), parts.join(", "))
}
