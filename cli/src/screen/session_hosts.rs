// SPDX-License-Identifier: GPL-3.0-or-later
//! Session hosts of the evidence: mode and servers. Equal hosts are one row.

use calhive::report::Setting;

use crate::screen::effect::{self, Effect};
use crate::screen::view::View;
use crate::screen::{Kind, Line, Row, Section, findings, registration};

/// Largest number of names in a group of equal hosts.
const NAMES: usize = 3;

/// Returns the session hosts; `None` without one.
pub(crate) fn section(views: &[View<'_>]) -> Option<Section> {
    let mut groups: Vec<(Vec<&str>, [Line; 3])> = Vec::new();
    for view in views.iter().filter(|view| view.may_be_session_host()) {
        let cells = [mode(view), servers(view), found(view)];
        match groups.iter_mut().find(|(_, other)| *other == cells) {
            Some((names, _)) => names.push(&view.label),
            None => groups.push((vec![&view.label], cells)),
        }
    }
    if groups.is_empty() {
        return None;
    }
    let head = ["licensing mode *", "license servers *", "findings"];
    let rows = groups.into_iter().map(|(names, cells)| Row::of_item(group(names), cells));
    let section = Section::new("SESSION HOSTS", "group");
    Some(section.head(head.map(|text| Line::of(Kind::Muted, text))).rows(rows))
}

/// Returns the session hosts with a reason why users might be refused; `None` without one. Hosts with the
/// same reasons are one row.
pub(crate) fn refusals(views: &[View<'_>]) -> Option<Section> {
    let mut groups: Vec<(Vec<&str>, String)> = Vec::new();
    // A copy does not show what a host does now.
    for view in views.iter().filter(|view| view.host.copy.is_none()) {
        let Some(reasons) = registration::reasons(view) else { continue };
        match groups.iter_mut().find(|(_, other)| *other == reasons) {
            Some((names, _)) => names.push(&view.label),
            None => groups.push((vec![&view.label], reasons)),
        }
    }
    if groups.is_empty() {
        return None;
    }
    let rows = groups
        .into_iter()
        .map(|(names, reasons)| Row::of_item(group(names), [Line::of(Kind::Warning, &reasons)]));
    let head = Line::plain("users might be refused");
    Some(Section::new("REFUSALS", "group").head([head]).rows(rows))
}

/// Returns the names of equal hosts.
fn group(mut names: Vec<&str>) -> Line {
    names.sort_unstable();
    let shown = names.get(..NAMES.min(names.len())).unwrap_or_default().join(", ");
    let line = Line::of(Kind::Name, &shown);
    match names.len().saturating_sub(NAMES) {
        0 => line,
        more => line.then(&format!(" and {more} more")),
    }
}

/// Returns the licensing mode, and its place.
pub(crate) fn mode(view: &View<'_>) -> Line {
    let setting = &view.host.licensing_mode;
    let (Some(mode), Some(label)) = (setting.value, &setting.label) else {
        return effect::missing(view, setting);
    };
    let kind = Effect::new(view, setting).kind();
    Line::of(kind, &format!("{label} ({mode})")).then(&origin(view, setting))
}

/// Returns the license servers, and their place.
pub(crate) fn servers(view: &View<'_>) -> Line {
    let setting = &view.host.license_servers;
    let Some(servers) = &setting.value else { return effect::missing(view, setting) };
    let names: Vec<&str> = servers.iter().map(calhive::meaning::MachineName::as_str).collect();
    let kind = Effect::new(view, setting).kind();
    Line::of(kind, &names.join(", ")).then(&origin(view, setting))
}

/// Returns the place of a setting, and what is not known about its effect.
fn origin<T>(view: &View<'_>, setting: &Setting<T>) -> String {
    let place = if effect::is_by_policy(view, setting) { ", policy" } else { ", local" };
    match Effect::new(view, setting) {
        Effect::Known => String::from(place),
        effect => format!("{place}{}", effect.words()),
    }
}

fn found(view: &View<'_>) -> Line {
    let counts = findings::counts(&view.findings);
    let counts = if counts.is_empty() { Line::plain("none") } else { counts };
    match view.is_damaged() {
        true => counts.then("; ").and(Kind::Warning, "not read whole"),
        false => counts,
    }
}

/// Returns the state of the hives of a host.
pub(crate) fn state(view: &View<'_>) -> Line {
    let is_incomplete = view.host.logs.iter().any(|logs| logs.is_incomplete);
    match (view.is_damaged(), is_incomplete) {
        (true, _) => Line::of(Kind::Warning, "not read whole"),
        (_, true) => Line::of(Kind::Warning, "changes may be missing"),
        _ if !view.host.unknown.is_empty() => Line::of(Kind::Warning, "one hive"),
        _ => Line::plain("whole"),
    }
}
