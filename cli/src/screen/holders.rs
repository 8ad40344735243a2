// SPDX-License-Identifier: GPL-3.0-or-later
//! Clients of the evidence that hold tokens: which kind, until when, from which license server.

use calhive::FileTime;
use calhive::fact::Origin;
use calhive::report::{LicenseReport, TokenKind, TokenReport};

use crate::messages::count;
use crate::screen::line::seconds;
use crate::screen::view::View;
use crate::screen::{Kind, Line, Row, Section};

/// Returns the tokens of all hosts; `None` if the evidence has no client and no token.
pub(crate) fn section(views: &[View<'_>]) -> Option<Section> {
    let mut held: Vec<(&View<'_>, &TokenReport)> = views
        .iter()
        .flat_map(|view| stored(view).into_iter().map(move |token| (view, token)))
        .collect();
    let recovered: usize = views.iter().map(|view| outside(view).count()).sum();
    let clients = views.iter().filter(|view| view.is_client());
    let is_without =
        |view: &&View<'_>| stored(view).is_empty() && !view.is_damaged() && view.has_software();
    let without = clients.clone().filter(is_without).count();
    if held.is_empty() && recovered == 0 && clients.count() == 0 {
        return None;
    }
    let mut holders: Vec<&str> = held.iter().map(|(view, _)| view.host.id.as_str()).collect();
    holders.dedup();
    let mut head = format!("{} stored on {}", held.len(), count(holders.len() as u64, "host"));
    if recovered > 0 {
        head = format!("{head}, {recovered} recovered outside the tree");
    }
    if without > 0 {
        head = format!("{head}; {} without a stored token", count(without as u64, "client"));
    }
    held.sort_by_key(|(_, token)| token.license.as_ref().and_then(|license| license.expires));
    let ends = ends(&held);
    let rows = held.iter().map(|(view, token)| row(view, token));
    Some(Section::new("TOKENS", "token").head([Line::plain(&head)]).rows(ends).rows(rows))
}

/// Returns the stored tokens of a host, without equal copies.
fn stored<'r>(view: &View<'r>) -> Vec<&'r TokenReport> {
    let mut tokens: Vec<&TokenReport> = Vec::new();
    let all = view.tokens.iter().filter(|token| token.kind == TokenKind::StoredLicense);
    for token in all.filter(|token| token.origin.is_some_and(Origin::is_shown)) {
        if !tokens.iter().any(|other| other.sha256 == token.sha256) {
            tokens.push(token);
        }
    }
    tokens
}

/// Returns the tokens of a host outside the tree.
fn outside<'v>(view: &'v View<'_>) -> impl Iterator<Item = &'v TokenReport> {
    let tokens = view.tokens.iter().filter(|token| token.kind == TokenKind::StoredLicense);
    let tokens = tokens.filter(|token| !token.origin.is_some_and(Origin::is_shown));
    tokens.copied()
}

fn row(view: &View<'_>, token: &TokenReport) -> Row {
    let name = Line::of(Kind::Name, &view.label);
    let Some(license) = &token.license else {
        return Row::of_item(name, [Line::of(Kind::Warning, "not decoded")]);
    };
    let until = match license.expires {
        Some(end) if is_past(view, end) => {
            Line::plain("until ").time(end).then(", ").and(Kind::Warning, "past its validity")
        }
        Some(end) => Line::plain("until ").time(end),
        None => Line::plain("end unknown"),
    };
    let server = license.license_server_in_words().unwrap_or_else(|| String::from("unknown"));
    Row::of_item(
        name,
        [Line::plain(&kind(license)), until, Line::plain("by ").and(Kind::Name, &server)],
    )
}

fn kind(license: &LicenseReport) -> String {
    let kind = match license.is_temporary {
        Some(true) => "temporary",
        Some(false) => "permanent",
        None => "type unknown",
    };
    match license.license_id.as_ref().or(license.requested_product.as_ref()) {
        Some(product) => format!("{kind}, {product}"),
        None => kind.to_owned(),
    }
}

fn is_past(view: &View<'_>, end: FileTime) -> bool {
    view.host.reference_time.time.is_some_and(|reference| end < reference)
}

/// Returns how many tokens end before the reference time of their host, and in each year.
fn ends(held: &[(&View<'_>, &TokenReport)]) -> Option<Row> {
    let ends =
        held.iter().filter_map(|(view, token)| Some((view, token.license.as_ref()?.expires?)));
    let mut past = 0_u64;
    let mut years: Vec<(String, u64)> = Vec::new();
    for (view, end) in ends {
        if is_past(view, end) {
            past = past.saturating_add(1);
            continue;
        }
        let year = seconds(end).split('-').next().unwrap_or_default().to_owned();
        match years.iter_mut().find(|(other, _)| *other == year) {
            Some((_, number)) => *number = number.saturating_add(1),
            None => years.push((year, 1)),
        }
    }
    let past = (past > 0).then(|| format!("{past} before the reference time of their host"));
    let years = years.iter().map(|(year, number)| format!("{number} in {year}"));
    let parts: Vec<String> = past.into_iter().chain(years).collect();
    let line = Line::plain(&parts.join(", "));
    (!parts.is_empty()).then(|| Row::always(Line::plain("validity ends"), [line]))
}

/// Returns the tokens of a host in a few words.
pub(crate) fn in_words(view: &View<'_>) -> Line {
    let stored = stored(view);
    let recovered = outside(view).count();
    let line = match stored.as_slice() {
        [] if view.is_damaged() => Line::of(Kind::Warning, "no token read"),
        [] if !view.has_software() => Line::of(Kind::Warning, "unknown, no SOFTWARE read"),
        [] => Line::plain("no token"),
        [one] => {
            let license = one.license.as_ref();
            let kind = license.map_or_else(|| String::from("token not decoded"), kind);
            match license.and_then(|license| license.expires) {
                Some(end) => Line::plain(&kind).then(" until ").time(end),
                None => Line::plain(&kind),
            }
        }
        several => Line::plain(&count(several.len() as u64, "token")),
    };
    match recovered {
        0 => line,
        number => line.then(", ").and(Kind::Warning, &format!("{number} recovered")),
    }
}
