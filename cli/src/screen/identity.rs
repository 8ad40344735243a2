// SPDX-License-Identifier: GPL-3.0-or-later
//! The head of the page about a host: name, product, roles, and the state of its hives.

use calhive::catalog::Code;
use calhive::report::{Host, RoleState, SourceFormReport, SourceReport};

use crate::messages::count;
use crate::screen::view::{View, source_word};
use crate::screen::{Kind, Line, seconds, statement};

/// Returns the lines above the sections.
pub(crate) fn lines(view: &View<'_>) -> Vec<Line> {
    let mut lines = vec![product(view)];
    lines.extend(states(view));
    let pairing = Line::plain(&view.host.pairing_statement);
    match lines.as_mut_slice() {
        [_, state] => *state = core::mem::take(state).then("; ").join(pairing),
        _ => lines.push(pairing),
    }
    if !view.is_damaged() {
        let unknown = view.host.unknown.iter();
        lines.extend(
            unknown.map(|text| Line::of(Kind::Warning, "unknown: ").and(Kind::Warning, text)),
        );
    }
    lines
}

/// Returns name, product, roles, membership and time zone.
fn product(view: &View<'_>) -> Line {
    let system = &view.host.system;
    let mut parts = vec![format!("{}{}", product_name(view), version(view)), role(view)];
    if let Some(copy) = &view.host.copy {
        parts.push(copy.to_string());
    }
    parts.retain(|part| !part.is_empty());
    let mut line = Line::of(Kind::Name, view.name()).then("   ").then(&parts.join(", "));
    if let Some(domain) = system.domain.as_ref().filter(|_| !view.is_client()) {
        line = line.then("; ").then(&domain.text);
    }
    match view.shown(Code::SystemBiasActive).or_else(|| view.shown(Code::SystemBias)) {
        Some(bias) => line.then("; time zone ").then(offset(bias)),
        None => line,
    }
}

fn product_name<'r>(view: &View<'r>) -> &'r str {
    let product = view.host.system.product.as_ref();
    product.map_or("product unknown", |product| product.text.as_str())
}

/// Returns " 22H2 (19045.3570)".
fn version(view: &View<'_>) -> String {
    let release = view.shown(Code::SystemRelease).or_else(|| view.shown(Code::SystemReleaseId));
    let release = release.or_else(|| view.shown(Code::SystemServicePack));
    let release = release.map(|it| format!(" {it}")).unwrap_or_default();
    let build = view.shown(Code::SystemBuild).or_else(|| view.shown(Code::SystemBuildCurrent));
    let update = view.shown(Code::SystemUpdate).map(|it| format!(".{it}")).unwrap_or_default();
    let build = build.map(|it| format!(" ({it}{update})")).unwrap_or_default();
    format!("{release}{build}")
}

/// Returns the offset in "-60 (UTC+01:00)".
fn offset(bias: &str) -> &str {
    let offset = bias.split_once('(').and_then(|(_, rest)| rest.strip_suffix(')'));
    offset.unwrap_or(bias)
}

/// Returns the roles of a host, in words.
pub(crate) fn role(view: &View<'_>) -> String {
    let Host { session_host, license_server, .. } = view.host;
    let session_host = match session_host.state {
        RoleState::Present => "session host",
        RoleState::NotApplicable => "multi-session Windows",
        RoleState::Absent if view.is_client() => "client edition",
        RoleState::Absent if license_server.state == RoleState::Present => "",
        RoleState::Absent => "no session-host role",
        RoleState::Unknown => "session-host role unknown",
    };
    match (license_server.state, session_host) {
        (RoleState::Present, "") => String::from("license server"),
        (RoleState::Present, role) => format!("{role}, license server"),
        (_, role) => role.to_owned(),
    }
}

/// Returns a line for the hives in each state.
fn states(view: &View<'_>) -> Vec<Line> {
    let mut states: Vec<(Vec<String>, Line)> = Vec::new();
    for source in &view.sources {
        let state = place(source).join(Line::plain(": ")).join(state(view, source));
        let name = source_word(source);
        match states.iter_mut().find(|(_, other)| *other == state) {
            Some((names, _)) => names.push(name),
            None => states.push((vec![name], state)),
        }
    }
    let lines = states.into_iter();
    lines.map(|(names, state)| Line::of(Kind::Name, &names.join(", ")).join(state)).collect()
}

/// Returns the disk image or archive that holds a source: " in disk.E01, partition 2".
fn place(source: &SourceReport) -> Line {
    let Some(locator) = &source.locator else { return Line::plain("") };
    let name = locator.input.rsplit(['/', '\\']).next().unwrap_or_default();
    let partition = locator.volume.as_ref().and_then(|volume| volume.partition);
    let partition = partition.map(|number| format!(", partition {number}")).unwrap_or_default();
    Line::plain(" in ").then(name).then(&partition)
}

/// Returns what was read of a hive, and what its logs contribute.
fn state(view: &View<'_>, source: &SourceReport) -> Line {
    let line = match (source.unread.total, source.counts) {
        (0, None)
            if matches!(
                source.form,
                SourceFormReport::LicenseFile | SourceFormReport::UnallocatedSpace
            ) =>
        {
            Line::plain("read")
        }
        (0, Some(_)) if !source.form.is_hive() => Line::plain("read"),
        (0, Some(_)) => Line::plain("whole"),
        (0, None) => Line::plain("only the places of the catalog were read"),
        (faults, _) => {
            let text = format!("NOT READ WHOLE, {}", count(faults, "fault"));
            Line::of(Kind::Warning, &text)
        }
    };
    let logs = view.host.logs.iter().find(|logs| logs.source == source.id);
    match (logs, source.is_dirty) {
        (Some(logs), _) => {
            let kind = if logs.is_incomplete { Kind::Warning } else { Kind::Plain };
            line.then("; ").join(statement::line(&logs.statement).recolor(kind))
        }
        (None, Some(true)) => line.then(", ").and(Kind::Warning, "dirty, logs not applied"),
        // Equal sequence numbers say nothing about a part that is missing.
        (None, Some(false)) if source.unread.total > 0 => line.then(", sequence numbers equal"),
        (None, Some(false)) => line.then(", clean"),
        (None, None) if let Some(client) = &source.live => {
            let line = line.then(", ").then(&count(client.rows, "row"));
            match client.last_collected {
                Some(time) => line.then(", collected ").then(&seconds(time)),
                None => line,
            }
        }
        (None, None) if source.form != SourceFormReport::Hive => match &source.export {
            Some(export) => line.then(", ").then(&count(export.lines, "line")),
            None => line,
        },
        (None, None) => line.then(", no base block: state unknown"),
    }
}
