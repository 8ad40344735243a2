// SPDX-License-Identifier: GPL-3.0-or-later
//! [`Pseudonyms`]: originals and what replaces them. [`Redaction`]: the search for them.

use std::collections::HashMap;

use anyhow::{Context as _, Result};
use calhive::meaning::HardwareId;
use regex::{Regex, RegexBuilder};
use serde::Serialize;

use super::paths;

/// Identifier of the form of a map.
const SCHEMA: &str = "urn:calhive:pseudonyms:1";
/// Bytes for the compiled search.
const SEARCH_SIZE: usize = 1 << 30;
/// Length from which a number is searched.
const LONG: usize = 4;
/// Keys whose subkeys are names of machines or users, in lower case.
const NAMED_BELOW: [&str; 4] =
    [r"\licenseservers\", r"\servers\", r"\users\", r"\terminal server client\default\"];

/// Kind of an original.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Kind {
    Machine,
    User,
    Domain,
    Farm,
    Contact,
    Address,
    SecurityIdentifier,
    Serial,
    Id,
    HardwareId,
    Hash,
    Path,
}

/// An original with its pseudonym.
#[derive(Clone, Debug, Serialize)]
struct Pseudonym {
    kind: Kind,
    pseudonym: String,
    /// Spellings of the original in the report.
    originals: Vec<String>,
}

/// All originals and their pseudonyms.
#[derive(Debug, Default)]
pub(super) struct Pseudonyms {
    all: Vec<Pseudonym>,
    /// Number in `all` by kind and comparable form.
    by_key: HashMap<(Kind, String), usize>,
    /// Number in `all` by the text that a search finds, in upper case except for paths.
    by_text: HashMap<String, usize>,
    numbers: HashMap<Kind, u32>,
    /// What replaces a path of a folder whose name can be a word.
    whole_paths: HashMap<String, String>,
    /// Texts to search for.
    searched: Vec<(Kind, String)>,
}

impl Kind {
    /// Returns the pseudonym with a number.
    fn pseudonym(self, number: u32) -> String {
        let word = match self {
            Self::Machine => "MACHINE",
            Self::User => "USER",
            Self::Domain => "DOMAIN",
            Self::Farm => "FARM",
            Self::Contact => "CONTACT",
            Self::Address => "ADDRESS",
            Self::SecurityIdentifier => return format!("S-1-5-21-0-0-{number}"),
            Self::Serial => "SERIAL",
            Self::Id => "ID",
            Self::HardwareId => return stand_in(number).to_string(),
            Self::Hash => "HASH",
            Self::Path => "PATH",
        };
        format!("{word}-{number}")
    }

    /// Whether the original is a name, which can also be a word of a key path.
    const fn is_name(self) -> bool {
        matches!(
            self,
            Self::Machine | Self::User | Self::Domain | Self::Farm | Self::Contact | Self::Address
        )
    }
}

/// Returns a hardware id that no client makes.
const fn stand_in(number: u32) -> HardwareId {
    HardwareId { platform_id: 2, data: [0, 0, 0, number] }
}

impl Pseudonyms {
    /// Adds an original for every text. `key` is its form for comparisons.
    pub(super) fn add(&mut self, kind: Kind, key: &str, original: &str) {
        let text = if kind == Kind::Path { original.to_owned() } else { original.to_uppercase() };
        let is_number = original.len() < LONG && !original.contains(char::is_alphabetic);
        if original.is_empty() || is_number || self.by_text.contains_key(&text) {
            if let Some(known) = self.by_text.get(&text).and_then(|at| self.all.get_mut(*at))
                && !known.originals.iter().any(|it| it == original)
            {
                known.originals.push(original.to_owned());
            }
            return;
        }
        let at = self.number(kind, key, original);
        self.by_text.insert(text, at);
        self.searched.push((kind, original.to_owned()));
    }

    /// Adds a path that a search finds only as a whole. `own` is its first part, `common` the rest.
    pub(super) fn add_whole_path(&mut self, own: &str, path: &str, common: &str) {
        let Some(known) = self.by_text.get(own).and_then(|at| self.all.get(*at)) else { return };
        let replaced = format!("{}{common}", known.pseudonym);
        if self.whole_paths.insert(path.to_owned(), replaced).is_none() {
            self.searched.push((Kind::Path, path.to_owned()));
        }
    }

    /// Adds an original that only its own field holds. Returns the pseudonym.
    pub(super) fn add_only(&mut self, kind: Kind, original: &str) -> String {
        let at = self.number(kind, original, original);
        self.all.get(at).map(|it| it.pseudonym.clone()).unwrap_or_default()
    }

    /// Adds a hardware id in both of its forms. Returns the id that replaces it.
    pub(super) fn hardware_id(&mut self, id: HardwareId) -> HardwareId {
        let text = id.to_string();
        self.add(Kind::HardwareId, &text, &text);
        let number = self.by_text.get(&text.to_uppercase()).and_then(|at| self.all.get(*at));
        let number = number.and_then(|it| it.pseudonym.rsplit('-').next());
        let number = number.and_then(|it| u32::from_str_radix(it, 16).ok()).unwrap_or_default();
        self.add(Kind::Hash, &id.to_hex(), &id.to_hex());
        stand_in(number)
    }

    fn number(&mut self, kind: Kind, key: &str, original: &str) -> usize {
        let count = self.all.len();
        let at = *self.by_key.entry((kind, key.to_uppercase())).or_insert(count);
        if at == count {
            let number = self.numbers.entry(kind).or_default();
            *number = number.saturating_add(1);
            let pseudonym = kind.pseudonym(*number);
            self.all.push(Pseudonym { kind, pseudonym, originals: Vec::new() });
        }
        if let Some(known) = self.all.get_mut(at)
            && !known.originals.iter().any(|it| it == original)
        {
            known.originals.push(original.to_owned());
        }
        at
    }
}

/// Replaces originals in text.
#[derive(Debug)]
pub(crate) struct Redaction {
    pseudonyms: Pseudonyms,
    search: Regex,
}

#[derive(Serialize)]
struct Map<'r> {
    schema: &'static str,
    pseudonyms: &'r [Pseudonym],
}

impl Redaction {
    pub(super) fn new(mut pseudonyms: Pseudonyms) -> Result<Self> {
        // The search takes the first alternative that fits, so longer texts precede their parts.
        pseudonyms.searched.sort_by_key(|(_, text)| core::cmp::Reverse(text.len()));
        let alternatives =
            pseudonyms.searched.iter().filter_map(|(kind, text)| pattern(*kind, text));
        let mut alternatives = alternatives.collect::<Vec<_>>().join("|");
        if alternatives.is_empty() {
            alternatives.push_str("[^\\s\\S]");
        }
        let search = RegexBuilder::new(&alternatives)
            .size_limit(SEARCH_SIZE)
            .build()
            .context("too many names for --redact")?;
        Ok(Self { pseudonyms, search })
    }

    /// Returns a text with pseudonyms.
    pub(crate) fn text(&self, text: &str) -> String {
        self.replace(text, |_, _| true)
    }

    /// Returns the path of a key or the name of a value with pseudonyms. A name is replaced only below a key whose
    /// subkeys are names.
    pub(super) fn key_path(&self, path: &str) -> String {
        let lower = path.to_ascii_lowercase();
        let ends =
            NAMED_BELOW.iter().filter_map(|key| Some(lower.rfind(key)?.saturating_add(key.len())));
        let start = ends.min().unwrap_or(path.len());
        self.replace(path, |kind, at| at >= start || !kind.is_name())
    }

    /// Replaces the originals of a kind at an offset that `is_replaced` accepts.
    fn replace(&self, text: &str, is_replaced: impl Fn(Kind, usize) -> bool) -> String {
        let (mut replaced, mut end) = (String::new(), 0);
        for found in self.search.find_iter(&apart(text)) {
            let original = text.get(found.range()).unwrap_or_default();
            let (kind, pseudonym) = self.pseudonym(original);
            let before = text.get(..found.start()).unwrap_or_default();
            let is_section = kind == Kind::Address
                && (before.ends_with("] ") || before.to_ascii_lowercase().ends_with("section "));
            let is_replaced = !is_section && is_replaced(kind, found.start());
            replaced.push_str(text.get(end..found.start()).unwrap_or_default());
            replaced.push_str(if is_replaced { pseudonym } else { original });
            end = found.end();
        }
        replaced.push_str(text.get(end..).unwrap_or_default());
        replaced
    }

    /// Returns a path of the evidence with a pseudonym for the part that other machines do not have.
    pub(crate) fn path(&self, path: &str) -> String {
        let (own, common) = paths::split(path);
        match self.pseudonyms.by_text.get(own).and_then(|at| self.pseudonyms.all.get(*at)) {
            Some(known) => format!("{}{common}", known.pseudonym),
            None => self.text(path),
        }
    }

    /// Returns an argument of the command line: the subcommand, the name of an option, a path of the evidence, or
    /// a mark.
    pub(super) fn argument(&self, argument: &str) -> String {
        let (own, _) = paths::split(argument);
        if !own.is_empty() && self.pseudonyms.by_text.contains_key(own) {
            return self.path(argument);
        }
        match argument.split_once('=') {
            Some((option, _)) if option.starts_with('-') => format!("{option}=[redacted]"),
            None if argument == "scan"
                || argument.starts_with("--")
                || argument.len() == 2 && argument.starts_with('-') =>
            {
                argument.to_owned()
            }
            _ => String::from("[redacted]"),
        }
    }

    fn pseudonym(&self, found: &str) -> (Kind, &str) {
        if let Some(path) = self.pseudonyms.whole_paths.get(found) {
            return (Kind::Path, path);
        }
        let by_text = &self.pseudonyms.by_text;
        let at = by_text.get(found).or_else(|| by_text.get(&found.to_uppercase()));
        at.and_then(|at| self.pseudonyms.all.get(*at))
            .map_or((Kind::Id, "REDACTED"), |it| (it.kind, it.pseudonym.as_str()))
    }

    /// Returns the map as JSON.
    pub(crate) fn map(&self) -> serde_json::Result<Vec<u8>> {
        let map = Map { schema: SCHEMA, pseudonyms: &self.pseudonyms.all };
        let mut json = serde_json::to_vec_pretty(&map)?;
        json.push(b'\n');
        Ok(json)
    }
}

/// Returns a text in which `_` separates words, as in the name of a log. All offsets stay the same.
fn apart(text: &str) -> String {
    text.replace('_', "\u{1}")
}

/// Returns the pattern that finds a text. `None` if only a field of its own can hold the text.
fn pattern(kind: Kind, text: &str) -> Option<String> {
    let literal = regex::escape(&apart(text));
    if kind == Kind::Path {
        return paths::is_distinct(text).then_some(literal);
    }
    let edge = |letter: Option<char>| match letter {
        Some(letter) if letter.is_alphanumeric() => r"\b",
        _ => "",
    };
    let (start, end) = (edge(text.chars().next()), edge(text.chars().last()));
    Some(format!("{start}(?i:{literal}){end}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_numbers_are_replaced_as_whole_words() {
        let mut pseudonyms = Pseudonyms::default();
        pseudonyms.add(Kind::Machine, "RDSH", "rdsh");
        pseudonyms.add(Kind::Machine, "RDSH0", "RDSH0");
        pseudonyms.add(Kind::User, "bo", "bo");
        pseudonyms.add(Kind::SecurityIdentifier, "S", "S-1-5-21-7-8-9");
        pseudonyms.add(Kind::Address, "10.0.0.1", "10.0.0.1");
        let redaction = Redaction::new(pseudonyms).unwrap();
        for (text, expected) in [
            ("RdSh_x rdsh1 rdsh0.RDSH", "MACHINE-1_x rdsh1 MACHINE-2.MACHINE-1"),
            ("bo, bob", "USER-1, bob"),
            ("S-1-5-21-7-8-9-500 S-1-5-21-7-8-91", "S-1-5-21-0-0-1-500 S-1-5-21-7-8-91"),
            ("10.0.0.1 10.0.0.15", "ADDRESS-1 10.0.0.15"),
            ("[MS-RDPELE] 10.0.0.1", "[MS-RDPELE] 10.0.0.1"),
        ] {
            assert_eq!(redaction.text(text), expected);
        }
    }

    #[test]
    fn key_path_has_names_only_below_a_key_with_names() {
        let mut pseudonyms = Pseudonyms::default();
        pseudonyms.add(Kind::Machine, "PARAMETERS", "Parameters");
        pseudonyms.add(Kind::SecurityIdentifier, "S", "S-1-5-21-7-8-9");
        let redaction = Redaction::new(pseudonyms).unwrap();
        for (path, expected) in [
            (r"TermService\Parameters\LicenseServers", r"TermService\Parameters\LicenseServers"),
            (r"X\Parameters\LicenseServers\parameters", r"X\Parameters\LicenseServers\MACHINE-1"),
            (r"ProfileList\S-1-5-21-7-8-9-500", r"ProfileList\S-1-5-21-0-0-1-500"),
        ] {
            assert_eq!(redaction.key_path(path), expected);
        }
    }

    #[test]
    fn report_without_names_stays_unchanged() {
        let redaction = Redaction::new(Pseudonyms::default()).unwrap();
        assert_eq!(redaction.text("a\nb"), "a\nb");
    }
}
