// SPDX-License-Identifier: GPL-3.0-or-later
//! Pages about all hosts of the evidence.

use calhive::report::{Host, Report, RoleState, SourceReport};

use crate::messages::count;
use crate::screen::view::View;
use crate::screen::{
    Kind, Line, Row, Screen, Section, attention, closing, findings, holders, identity,
    seen_servers, session_hosts,
};

/// Returns the page about all hosts of the evidence.
pub(crate) fn evidence(report: &Report) -> Screen {
    let views: Vec<View<'_>> = report.hosts.iter().map(|host| View::new(report, host)).collect();
    let mut sections = Vec::new();
    if !views.is_empty() {
        sections.push(Section::new("HOSTS", "host").head([roles(&views)]));
    }
    sections.extend(session_hosts::section(&views));
    sections.extend(session_hosts::refusals(&views));
    sections.extend(seen_servers::section(report, &views));
    sections.extend(holders::section(&views));
    sections.push(attention::to_look_at(report));
    sections.extend(attention::incomplete(report, &views));
    sections.extend(attention::not_read(report));
    Screen {
        title: vec![title(report)],
        closing: closing_lines(report, &sections),
        sections,
        hint: Line::of(Kind::Muted, "More: --hosts, --host NAME, --details, --format json, -o DIR"),
    }
}

/// Returns the page with one line for each host.
pub(crate) fn hosts(report: &Report) -> Screen {
    let head = ["name", "role", "token or mode *", "license servers *", "findings", "hives"];
    let rows = report.hosts.iter().map(|host| line(&View::new(report, host)));
    let section = Section::new("HOSTS", "host").head(head.map(|text| Line::of(Kind::Muted, text)));
    let sections = vec![section.rows(rows)];
    let mut closing = Vec::new();
    if closing::has_effect(&sections) {
        closing.push(Line::plain(closing::EFFECT));
    }
    let hint = Line::of(Kind::Muted, "More: --host NAME, --details, --format json");
    Screen { title: vec![title(report)], sections, closing, hint }
}

/// Returns the line of a host.
fn line(view: &View<'_>) -> Row {
    let mut uses = holders::in_words(view);
    let mut servers = Line::plain("-");
    if view.may_be_session_host() {
        uses = session_hosts::mode(view);
        servers = session_hosts::servers(view);
    }
    let found = findings::counts(&view.findings);
    let found = if found.is_empty() { Line::plain("none") } else { found };
    let cells = [
        Line::of(Kind::Name, view.name()).then(&copy(view.host)),
        Line::plain(&identity::role(view)),
        uses,
        servers,
        found,
        session_hosts::state(view),
    ];
    Row::always(Line::plain(&view.host.id), cells)
}

fn copy(host: &Host) -> String {
    host.copy.as_ref().map(|copy| format!(" ({copy})")).unwrap_or_default()
}

fn title(report: &Report) -> Line {
    let hosts = count(report.hosts.len() as u64, "host");
    let is_hive = |source: &SourceReport| source.form.is_hive();
    let noun = if report.sources.iter().all(is_hive) { "hive" } else { "source" };
    let hives = count(report.sources.len() as u64, noun);
    let line = Line::of(Kind::Name, &format!("{hosts} from {hives}"));
    let number =
        |is_wanted: fn(&&SourceReport) -> bool| report.sources.iter().filter(is_wanted).count();
    let not_read = report.not_read.iter().filter(|input| input.kind.is_whole()).count();
    let parts = [
        (number(|source| source.unread.total > 0), "not read whole"),
        (
            number(|source| {
                source.is_dirty == Some(true)
                    && source.replay.as_ref().is_none_or(|it| it.logs.is_empty())
            }),
            "dirty without logs",
        ),
        (not_read, if not_read == 1 { "input not read" } else { "inputs not read" }),
    ];
    let parts = parts.iter().filter(|(number, _)| *number > 0);
    parts.fold(line, |line, (number, what)| {
        line.then(", ").and(Kind::Warning, &format!("{number} {what}"))
    })
}

/// Returns the number of hosts with each role.
fn roles(views: &[View<'_>]) -> Line {
    let number = |is_wanted: fn(&&View<'_>) -> bool| views.iter().filter(is_wanted).count() as u64;
    let is_server = |view: &&View<'_>| view.host.license_server.state == RoleState::Present;
    let session_host = |view: &&View<'_>| view.host.session_host.state == RoleState::Present;
    let parts = [
        (number(|view| view.is_client()), "client"),
        (number(session_host), "session host"),
        (
            number(|view| view.host.session_host.state == RoleState::NotApplicable),
            "multi-session host",
        ),
        (number(is_server), "license server"),
        (
            number(|view| view.host.session_host.state == RoleState::Unknown && !view.is_client()),
            "host",
        ),
        (number(|view| has_no_role(view)), "server without these roles"),
        (number(|view| view.host.copy.is_some()), "copy"),
    ];
    let parts = parts.iter().filter(|(number, _)| *number > 0);
    let parts: Vec<String> = parts
        .map(|(number, what)| match *what {
            "host" => format!("{number} with unknown role"),
            "server without these roles" => format!("{number} without these roles"),
            "copy" => format!("of these {number} from copies of hives"),
            what => count(*number, what),
        })
        .collect();
    Line::plain(&parts.join(", "))
}

/// Whether a host is a server, and neither a session host nor a license server.
fn has_no_role(view: &View<'_>) -> bool {
    view.host.session_host.state == RoleState::Absent
        && view.host.license_server.state != RoleState::Present
        && !view.is_client()
}

fn closing_lines(report: &Report, sections: &[Section]) -> Vec<Line> {
    let mut lines = Vec::new();
    if report.hosts.is_empty() {
        let text =
            "No SYSTEM and no SOFTWARE hive was read: only these hives have licensing facts.";
        lines.push(Line::of(Kind::Warning, text));
    }
    if closing::has_effect(sections) {
        lines.push(Line::plain(closing::EFFECT));
    }
    lines.push(Line::plain(
        "This evidence cannot show: licenses bought or issued, use per user, connections, who signed in.",
    ));
    let sources: Vec<&SourceReport> = report.sources.iter().collect();
    let line = Line::plain("Times are UTC; token times by the license server's clock. ");
    lines.push(line.join(closing::second_reader(&sources)));
    lines
}
