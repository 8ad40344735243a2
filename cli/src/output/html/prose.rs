// SPDX-License-Identifier: GPL-3.0-or-later
//! Text of the report as HTML: escaped, with links to the parts that it names.

use core::fmt::Display;

use calhive::report::Host;
use maud::{Markup, html};

use crate::output::html::moment;
use crate::output::html::page::{Page, host_name};
use crate::text::escape;

/// Escapes a text as in every format. The template escapes the result for HTML.
pub(super) fn text(text: impl Display) -> String {
    escape::message(&text.to_string())
}

impl Page<'_> {
    /// Returns a text with a link at each id of a part, and with local times beside UTC.
    pub(super) fn linked(&self, prose: impl Display) -> Markup {
        let escaped = text(prose);
        html! {
            @for word in words(&escaped) {
                @if self.has_anchor(word) { a.id href={ "#" (word) } { (word) } }
                @else if moment::is_time(word) { time { (word) } (self.local_of_word(word)) }
                @else { (word) }
            }
        }
    }

    /// Returns a list of ids, each with a link.
    pub(super) fn ids<'i>(&self, ids: impl IntoIterator<Item = &'i String>) -> Markup {
        html! {
            @for (index, id) in ids.into_iter().enumerate() {
                @if index > 0 { ", " }
                (self.linked(id))
            }
        }
    }

    /// Returns a link to a host: its name, and its id if another host has the same name.
    pub(super) fn host_link(&self, host: &Host) -> Markup {
        let name = host_name(host);
        html! {
            a href={ "#" (host.id) } { (text(name)) }
            @if name != host.id && self.is_shared_name(name) { " (" span.id { (host.id) } ")" }
        }
    }

    /// Returns links to the hosts with these ids.
    pub(super) fn host_links<'i>(&self, ids: impl IntoIterator<Item = &'i String>) -> Markup {
        html! {
            @for (index, id) in ids.into_iter().enumerate() {
                @if index > 0 { ", " }
                @match self.host(id) {
                    Some(host) => (self.host_link(host)),
                    None => (text(id)),
                }
            }
        }
    }
}

/// Returns a path or code with places for line breaks after its separators.
pub(super) fn parts(path: impl Display) -> Markup {
    let escaped = text(path);
    html! {
        @for (index, part) in escaped.split_inclusive(['\\', '/', '.']).enumerate() {
            @if index > 0 { wbr; }
            (part)
        }
    }
}

/// Splits a text into words and the text between them. A word can be an id or a time.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let is_part =
        |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | ':' | '.');
    let mut rest = text;
    core::iter::from_fn(move || {
        let first = rest.chars().next()?;
        let is_word = is_part(first);
        let end = rest.find(|letter| is_part(letter) != is_word).unwrap_or(rest.len());
        // A point or colon at the end belongs to the sentence.
        let end = match rest.get(..end).unwrap_or(rest).trim_end_matches(['.', ':']).len() {
            trimmed if is_word && trimmed > 0 => trimmed,
            _ => end,
        };
        let (word, after) = rest.split_at_checked(end)?;
        rest = after;
        Some(word)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_and_times_are_words_of_their_own() {
        let prose = "token-1 (fact-58), last 2023-09-18T13:07:55.7654321Z: host-1.";
        let all: Vec<&str> = words(prose).collect();
        assert_eq!(all.concat(), prose);
        for word in ["token-1", "fact-58", "2023-09-18T13:07:55.7654321Z", "host-1"] {
            assert!(all.contains(&word), "{word}: {all:?}");
        }
        assert_eq!(words("...").collect::<Vec<_>>(), ["..."]);
        assert_eq!(words("").count(), 0);
    }
}
