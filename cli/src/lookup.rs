// SPDX-License-Identifier: GPL-3.0-or-later
//! Finds the key or value that the user named. If the key or value is missing, suggests similar names.

use anyhow::{Result, anyhow};
use calhive::{Error, ErrorKind, Hive, Key, KeyPath, Name, Value};

use crate::messages::{Messages, count};

/// Maximum number of names suggested in a message.
const SUGGESTIONS: usize = 5;
/// Maximum number of names compared with the missing name.
const LOOKED_AT: usize = 10_000;
/// Maximum number of characters compared in each name.
const LONGEST: usize = 128;

/// A key, and the names on its path as stored in the hive.
#[derive(Debug)]
pub(crate) struct Found<'d> {
    pub(crate) key: Key<'d>,
    pub(crate) names: Vec<Name<'d>>,
}

/// Finds the key at `path` without relying on hashes or sort order. Reports faults on the path.
///
/// # Errors
/// If the root cannot be read or the key does not exist. The message names the missing part of the
/// path and similar names.
pub(crate) fn key<'d>(hive: Hive<'d>, path: &str, messages: &Messages) -> Result<Found<'d>> {
    let path = KeyPath::from(path);
    let mut found = Found { key: hive.root()?, names: Vec::new() };
    for name in path.names() {
        let (mut faults, mut lost) = (messages.reasons(), None);
        let below = found.key.subkey_thorough(name, |error| {
            let is_of_order = matches!(
                error.kind(),
                ErrorKind::Order { .. } | ErrorKind::Duplicate { .. } | ErrorKind::Mismatch { .. }
            );
            lost = lost.or((!is_of_order).then_some(error));
            faults.add(error);
        });
        messages.faults(format_args!("the subkeys of {}", shown(&found.names)), &faults);
        let Some(below) = below else {
            let names = || found.key.subkeys().filter_map(Result::ok).map(Key::name);
            let mut there = suggestions(name, "subkey", names);
            if name.units().any(|unit| unit == u16::from(b'/')) {
                there.push_str(" (use a backslash between key names)");
            }
            let lost = lost.map(|error| format!("; some subkeys could not be read: {error}"));
            let (above, lost) = (shown(&found.names), lost.unwrap_or_default());
            return Err(anyhow!("no key {name} in {above}, which has {there}{lost}"));
        };
        found.names.push(below.name());
        found.key = below;
    }
    Ok(found)
}

/// Finds the value with this name. `""` and `@` name the default value.
///
/// # Errors
/// If the value does not exist or cannot be read.
pub(crate) fn value<'d>(found: &Found<'d>, name: &str) -> Result<Value<'d>> {
    let name = Name::from(if name == "@" { "" } else { name });
    let named = if name.is_empty() { "default value".into() } else { format!("value {name}") };
    let missing = |fault: Option<Error>| {
        let names = || found.key.values().filter_map(Result::ok).map(Value::name);
        let there = suggestions(name, "value", names);
        let fault = fault.map(|error| format!("; some values could not be read: {error}"));
        let fault = fault.unwrap_or_default();
        anyhow!("no {named} in {}, which has {there}{fault}", shown(&found.names))
    };
    match found.key.value(name) {
        Ok(Some(value)) => Ok(value),
        Ok(None) => Err(missing(None)),
        Err(error) => Err(missing(Some(error))),
    }
}

/// Formats a path.
pub(crate) fn shown(names: &[Name<'_>]) -> String {
    if names.is_empty() {
        return "the root".into();
    }
    names.iter().copied().collect::<KeyPath>().to_string()
}

/// Lists existing names for a message: names similar to `name`. If no name is similar, lists the first
/// names.
fn suggestions<'d, I>(name: Name<'_>, noun: &str, names: impl Fn() -> I) -> String
where
    I: Iterator<Item = Name<'d>>,
{
    let number = names().count();
    if number == 0 {
        return format!("no {noun}s");
    }
    let wanted: Vec<u16> = upcased(name);
    let most = (wanted.len() / 3).max(1);
    let mut similar: Vec<(usize, Name<'_>)> = names()
        .take(LOOKED_AT)
        .map(|other| (distance(&wanted, &upcased(other)), other))
        .filter(|(distance, _)| *distance <= most)
        .collect();
    similar.sort_by_key(|(distance, _)| *distance);
    let (like, chosen): (_, Vec<Name<'_>>) = if similar.is_empty() {
        ("for example", names().take(SUGGESTIONS).collect())
    } else {
        ("similar", similar.into_iter().map(|(_, name)| name).take(SUGGESTIONS).collect())
    };
    let chosen: Vec<String> = chosen.into_iter().map(display).collect();
    format!("{}; {like}: {}", count(number as u64, noun), chosen.join(", "))
}

fn display(name: Name<'_>) -> String {
    if name.is_empty() { "@ (the default value)".into() } else { name.to_string() }
}

fn upcased(name: Name<'_>) -> Vec<u16> {
    name.units().take(LONGEST).map(calhive_regf::hive::upcase).collect()
}

/// Returns the Levenshtein distance between two names.
fn distance(from: &[u16], to: &[u16]) -> usize {
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (above, a) in from.iter().enumerate() {
        let mut diagonal = above;
        let mut left = above.saturating_add(1);
        for (cell, b) in row.iter_mut().skip(1).zip(to) {
            let replaced = diagonal.saturating_add(usize::from(a != b));
            diagonal = *cell;
            left = replaced.min(left.saturating_add(1)).min(cell.saturating_add(1));
            *cell = left;
        }
        if let Some(first) = row.first_mut() {
            *first = above.saturating_add(1);
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn between(from: &str, to: &str) -> usize {
        distance(&upcased(Name::from(from)), &upcased(Name::from(to)))
    }

    #[test]
    fn distance_counts_inserted_removed_and_replaced_letters() {
        assert_eq!(between("kitten", "sitting"), 3);
        assert_eq!(between("Store", "STORE"), 0);
        assert_eq!(between("", "abc"), 3);
        assert_eq!(between("abc", ""), 3);
        assert_eq!(between("", ""), 0);
    }

    #[test]
    fn similar_names_are_suggested_before_the_first_names() {
        let names = ["Alpha", "Stores", "Store2"];
        let of = |wanted: &'static str| {
            suggestions(Name::from(wanted), "subkey", || names.iter().map(|name| Name::from(*name)))
        };
        assert_eq!(of("Storr2"), "3 subkeys; similar: Store2, Stores");
        assert_eq!(of("zzz"), "3 subkeys; for example: Alpha, Stores, Store2");
        let none = suggestions(Name::from("a"), "value", core::iter::empty);
        assert_eq!(none, "no values");
    }
}
