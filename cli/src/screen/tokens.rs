// SPDX-License-Identifier: GPL-3.0-or-later
//! Licenses that a host holds, and tokens found outside the tree.

use core::cmp::Reverse;

use calhive::catalog::Code;
use calhive::fact::Origin;
use calhive::meaning::MachineName;
use calhive::regf::recover::SpaceKind;
use calhive::regf::registry::HiveKind;
use calhive::report::{FactReport, LicenseReport, SourceReport, TokenKind, TokenReport};

use crate::messages::count;
use crate::screen::view::View;
use crate::screen::{Kind, Line, Row, Section, statement};

/// Largest number of licenses that are shown with all of their rows.
const WHOLE: usize = 2;

/// Beginning of the result for a valid signature.
const CONSISTENT: &str = "internally consistent";

/// Copies of one token: the same bytes at several places.
struct Copies<'r>(Vec<&'r TokenReport>);

/// Returns the stored licenses, and those found outside the tree.
pub(crate) fn sections(view: &View<'_>) -> Vec<Section> {
    let stored = copies(view, Origin::is_shown);
    let others = copies(view, |origin| !origin.is_shown());
    let mut sections = Vec::new();
    let has_id = view.found(Code::ClientHardwareId).next().is_some();
    if view.is_client() || !stored.is_empty() || has_id {
        let head = match stored.as_slice() {
            [] => vec![none(view)],
            stored => vec![stored_head(view, stored)],
        };
        let is_whole = stored.len() <= WHOLE;
        let rows = rows(view, &stored, is_whole);
        let section = Section::new("STORED LICENSES", "token").head(head).rows(rows);
        sections.push(section.rows(hardware_ids(view, &stored)));
    }
    if !others.is_empty() {
        let number = count(others.len() as u64, "token");
        let head = Line::of(Kind::Warning, &number).then(", not in the tree");
        let section = Section::new("RECOVERED TOKENS", "token").head([head]);
        let is_whole = stored.is_empty() && others.len() <= WHOLE;
        sections.push(section.rows(rows(view, &others, is_whole)));
    }
    sections
}

/// Groups the stored licenses of a host by their bytes: decoded ones first, later ends first.
fn copies<'r>(view: &View<'r>, is_wanted: impl Fn(Origin) -> bool) -> Vec<Copies<'r>> {
    let mut all: Vec<Copies<'r>> = Vec::new();
    let tokens = view.tokens.iter().filter(|token| token.kind == TokenKind::StoredLicense);
    for token in tokens.filter(|token| token.origin.is_some_and(&is_wanted)) {
        match all.iter_mut().find(|Copies(it)| it.iter().any(|it| it.sha256 == token.sha256)) {
            Some(Copies(same)) => same.push(token),
            None => all.push(Copies(vec![token])),
        }
    }
    all.sort_by_key(|Copies(tokens)| {
        let license = tokens.first().and_then(|token| token.license.as_ref());
        Reverse(license.map(|license| license.expires))
    });
    all
}

fn none(view: &View<'_>) -> Line {
    let shown = view.answer("session").map(|answer| answer.shown.as_str()).unwrap_or_default();
    if view.tokens.iter().all(|token| token.kind != TokenKind::StoredLicense) {
        return statement::line(&view.sentence(shown));
    }
    // The answer is about the recovered token.
    match is_store_lost(view) {
        true => Line::of(Kind::Warning, "none was read; the store was not read whole"),
        false => Line::plain("none in the tree"),
    }
}

/// Whether a token of the store may not have been read.
fn is_store_lost(view: &View<'_>) -> bool {
    let places = [Code::ClientStoreKey, Code::ClientStoreLicense, Code::ClientStore];
    let is_lost = places.iter().flat_map(|code| view.at(*code)).any(|fact| fact.state.is_lost());
    let is_software = |source: &&SourceReport| source.kind == HiveKind::Software;
    let mut sources = view.sources.iter().copied().filter(is_software);
    let mut logs = view.host.logs.iter().filter(|logs| logs.is_incomplete);
    is_lost
        || sources
            .any(|source| source.unread.total > 0 || logs.any(|logs| logs.source == source.id))
}

fn stored_head(view: &View<'_>, stored: &[Copies<'_>]) -> Line {
    let number = count(stored.len() as u64, "token");
    if is_store_lost(view) {
        let text = format!("at least {number}; the store was not read whole");
        return Line::of(Kind::Warning, &text);
    }
    let is_in = |redirected: bool| {
        stored.iter().all(|Copies(it)| it.iter().any(|token| token.redirected == redirected))
    };
    let is_file = |token: &&TokenReport| token.origin == Some(Origin::LicenseFile);
    let is_in_file = stored.iter().all(|Copies(it)| it.iter().any(is_file));
    let views = match (is_in(false), is_in(true)) {
        _ if is_in_file => ", in license files",
        (true, true) => ", in both registry views",
        (true, false) => ", in the main registry view",
        (false, true) => ", in the registry view of 32-bit programs",
        (false, false) => "",
    };
    Line::of(Kind::InEffect, &number).then(views)
}

fn rows(view: &View<'_>, all: &[Copies<'_>], is_whole: bool) -> Vec<Row> {
    all.iter()
        .flat_map(|copies| if is_whole { whole(view, copies) } else { short(view, copies) })
        .collect()
}

/// Returns the id of the first of equal tokens.
fn id(Copies(tokens): &Copies<'_>) -> Line {
    tokens.first().map(|token| Line::of(Kind::Name, &token.id)).unwrap_or_default()
}

/// Returns a remark on further tokens with the same bytes.
fn same(Copies(tokens): &Copies<'_>) -> Line {
    let others: Vec<&str> = tokens.iter().skip(1).map(|token| token.id.as_str()).collect();
    match others.is_empty() {
        true => Line::default(),
        false => Line::plain("; same bytes in ").then(&others.join(", ")),
    }
}

/// Returns the rows of a token, one for each property.
fn whole(view: &View<'_>, copies: &Copies<'_>) -> Vec<Row> {
    let Some(token) = copies.0.first() else { return Vec::new() };
    let Some(license) = &token.license else {
        let error = token.error.as_deref().unwrap_or("no certificate of a client");
        let text = format!("not decoded: {error}; {} bytes", token.size);
        return vec![Row::of_item(id(copies), [Line::of(Kind::Warning, &text)])];
    };
    let is_consistent = license.integrity.starts_with(CONSISTENT);
    let kind = if is_consistent { Kind::Plain } else { Kind::Warning };
    let signature =
        Row::always(Line::plain("signature"), [Line::of(kind, &license.integrity)]).below();
    let signature = if is_consistent { signature.light() } else { signature };
    let mut rows = vec![
        Row::of_item(id(copies), [product(license).join(same(copies))]),
        Row::always(Line::plain("issuer"), [issuer(license)]).below(),
        Row::always(Line::plain("validity"), [validity(view, token, license)]).below(),
        Row::always(Line::plain("names"), [names(view, license)]).below(),
        signature,
    ];
    rows.extend(copies.0.iter().filter_map(|token| place(view, token)));
    rows
}

/// Returns the row of a token, with its place if it was recovered.
fn short(view: &View<'_>, copies: &Copies<'_>) -> Vec<Row> {
    let Some(token) = copies.0.first() else { return Vec::new() };
    let Some(license) = &token.license else {
        let error = token.error.as_deref().unwrap_or("no certificate of a client");
        let text = Line::of(Kind::Warning, &format!("not decoded: {error}"));
        return vec![Row::of_item(id(copies), [text])];
    };
    let until = match license.expires {
        Some(end) if is_past(view, token, license) => {
            Line::plain("until ").time(end).then(", ").and(Kind::Warning, "past its validity")
        }
        Some(end) => Line::plain("until ").time(end),
        None => Line::plain("end unknown"),
    };
    let server = license.license_server_in_words().unwrap_or_else(|| String::from("unknown"));
    let server = Line::plain("by ").and(Kind::Name, &server);
    let row = Row::of_item(id(copies), [kind(license), until, server]);
    let is_stored = token.origin.is_some_and(Origin::is_shown);
    let place = place(view, token).filter(|_| !is_stored).map(Row::light);
    [row].into_iter().chain(place).collect()
}

fn product(license: &LicenseReport) -> Line {
    let line = kind(license);
    match &license.generation {
        Some(generation) => {
            let generation = generation.split(';').next().unwrap_or_default();
            line.then(" (").then(generation).then(")")
        }
        None => line,
    }
}

/// Returns the type of a license, and its product.
fn kind(license: &LicenseReport) -> Line {
    let kind = match license.is_temporary {
        Some(true) => "temporary",
        Some(false) => "permanent",
        None => "type unknown",
    };
    let line = Line::of(Kind::Name, kind);
    match license.license_id.as_ref().or(license.requested_product.as_ref()) {
        Some(product) => line.then(", ").then(product),
        None => line,
    }
}

fn issuer(license: &LicenseReport) -> Line {
    let line = match license.license_server_in_words() {
        Some(server) => Line::plain("license server ").and(Kind::Name, &server),
        None => Line::plain("license server unknown"),
    };
    match &license.scope {
        Some(scope) => line.then(", scope ").then(scope).then(" (self-reported)"),
        None => line.then(" (self-reported)"),
    }
}

fn validity(view: &View<'_>, token: &TokenReport, license: &LicenseReport) -> Line {
    let line = match (license.valid_from, license.expires) {
        (Some(from), Some(until)) => Line::default().time(from).then(" to ").time(until),
        (Some(from), None) => Line::default().time(from).then(" to unknown"),
        (None, Some(until)) => Line::plain("until ").time(until),
        (None, None) => return Line::plain("unknown"),
    };
    let line = line.then(" (server clock)");
    match is_past(view, token, license) {
        true => line.then("; ").and(Kind::Warning, "past its validity at the reference time"),
        false => line,
    }
}

fn is_past(view: &View<'_>, token: &TokenReport, license: &LicenseReport) -> bool {
    let is_found = view.findings.iter().any(|finding| {
        finding.code == "client.token.past_validity" && finding.tokens.contains(&token.id)
    });
    let end = license.expires.zip(view.host.reference_time.time);
    is_found || end.is_some_and(|(end, at)| end < at)
}

fn names(view: &View<'_>, license: &LicenseReport) -> Line {
    let machine = license.client_reported_machine.as_deref();
    let user = license.client_reported_user.as_deref();
    let line = match (machine, user) {
        (Some(machine), Some(user)) => {
            Line::plain("machine ").and(Kind::Name, machine).then(", user ").and(Kind::Name, user)
        }
        (Some(machine), None) => Line::plain("machine ").and(Kind::Name, machine),
        (None, Some(user)) => Line::plain("user ").and(Kind::Name, user),
        (None, None) => return Line::plain("none"),
    };
    let own = view.host.system.computer_name.as_ref();
    let differs = machine.zip(own).filter(|(machine, own)| {
        !MachineName::from(*machine).is_same(&MachineName::from(own.text.as_str()))
    });
    match differs {
        Some((_, own)) => line.then(" (client-reported; this host is ").then(&own.text).then(")"),
        None => line.then(" (client-reported)"),
    }
}

/// Returns the row with the place of a token.
fn place(view: &View<'_>, token: &TokenReport) -> Option<Row> {
    let facts = &view.report.facts;
    let fact = token.facts.iter().find_map(|id| facts.iter().find(|fact| fact.id == *id))?;
    let label = match fact.provenance.origin {
        Origin::LicenseFile => "license file",
        _ => view_name(token.redirected),
    };
    let path = match fact.provenance.key_path.as_str() {
        // No parent of the recovered value is known.
        "…" => Line::plain("key unknown"),
        "" if fact.provenance.origin == Origin::LicenseFile => {
            let source = view.sources.iter().find(|source| source.id == fact.source);
            Line::of(Kind::Path, source.map_or("", |source| source.path.as_str()))
        }
        path => Line::of(Kind::Path, path),
    };
    let path = match &fact.provenance.recovered {
        Some(remains) if remains.place == SpaceKind::UnallocatedClusters => {
            let source = view.sources.iter().find(|source| source.id == fact.source);
            let path = Line::of(Kind::Path, source.map_or("", |source| source.path.as_str()));
            let text = "unallocated clusters of the volume; no key leads to it";
            return Some(Row::always(Line::plain("place"), [Line::plain(text), path]).below());
        }
        Some(remains) => {
            let at =
                fact.provenance.value_offset.or(fact.provenance.key_offset).unwrap_or_default();
            let text =
                format!(" ({} at {at:#x}, confidence {})", remains.place, remains.confidence);
            path.then(&text)
        }
        None => path,
    };
    let row = Row::always(Line::plain(label), [path, written(fact)]).below();
    // The place of a recovered token is the reason to believe in it.
    Some(if fact.provenance.recovered.is_some() { row } else { row.light() })
}

/// Returns the name of a registry view. A 32-bit Windows has only the main view.
const fn view_name(redirected: bool) -> &'static str {
    if redirected { "32-bit view" } else { "main view" }
}

/// Returns "key last written T".
pub(crate) fn written(fact: &FactReport) -> Line {
    match fact.provenance.key_last_written {
        Some(time) => Line::of(Kind::Muted, "key last written ").time(time),
        None => match fact.provenance.position().filter(|_| fact.provenance.line.is_some()) {
            Some(line) => Line::of(Kind::Muted, &line),
            None if fact.provenance.origin == Origin::LicenseFile => Line::default(),
            None => Line::of(Kind::Muted, "key time unknown"),
        },
    }
}

/// Returns the stored hardware IDs, compared with those in the tokens.
fn hardware_ids(view: &View<'_>, stored: &[Copies<'_>]) -> Vec<Row> {
    let ids: Vec<&FactReport> = view.found(Code::ClientHardwareId).collect();
    let row = |(index, fact): (usize, &&FactReport)| {
        let shown = fact.shown.as_deref()?;
        let view = view_name(fact.provenance.redirected);
        let tokens = || stored.iter().flat_map(|Copies(it)| it);
        let own = tokens().filter(|token| token.redirected == fact.provenance.redirected);
        let in_token = own.filter_map(|token| token.license.as_ref()?.hardware_id.as_ref());
        let in_token: Vec<String> = in_token.map(ToString::to_string).collect();
        let compared = match in_token.as_slice() {
            [] => "",
            ids if ids.iter().all(|id| id == shown) => ", same as in the token (inferred)",
            _ => ", differs from the token (inferred)",
        };
        let label = if index == 0 { "hardware ID" } else { "" };
        let cell = Line::of(Kind::Path, shown).then("  ").then(view).then(compared);
        Some(Row::always(Line::plain(label), [cell]).light())
    };
    ids.iter().enumerate().filter_map(row).collect()
}
