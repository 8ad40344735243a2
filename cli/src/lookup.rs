// SPDX-License-Identifier: GPL-3.0-or-later
//! Finding a key or value that the user named, and saying what is missing where it is not there.

use anyhow::{Result, anyhow};
use calhive::{Error, ErrorKind, Hive, Key, KeyPath, Name, Value};

use crate::messages::{Messages, count};

/// Names that a message suggests.
const SUGGESTIONS: usize = 5;
/// Names that are looked at for similar ones.
const LOOKED_AT: usize = 10_000;
/// Longer names are not compared.
const LONGEST: usize = 128;

/// A key, and the names on the way to it as the hive has them.
#[derive(Debug)]
pub(crate) struct Found<'d> {
    pub(crate) key: Key<'d>,
    pub(crate) names: Vec<Name<'d>>,
}

/// Finds the key at `path` without trusting hashes or order. What is wrong on the way is said.
///
/// # Errors
/// Where the root cannot be read, or there is no such key: which name is missing, and which are
/// there.
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
                there.push_str(" (between keys stands a backslash)");
            }
            let lost = lost.map(|error| format!("; not all could be read: {error}"));
            let (above, lost) = (shown(&found.names), lost.unwrap_or_default());
            return Err(anyhow!("no key {name} below {above}; {there}{lost}"));
        };
        found.names.push(below.name());
        found.key = below;
    }
    Ok(found)
}

/// Finds the value of this name; `""` and `@` are the default value.
///
/// # Errors
/// Where there is no such value, or it is not among those that can be read.
pub(crate) fn value<'d>(found: &Found<'d>, name: &str) -> Result<Value<'d>> {
    let name = Name::from(if name == "@" { "" } else { name });
    let named = if name.is_empty() { "default value".into() } else { format!("value {name}") };
    let missing = |fault: Option<Error>| {
        let names = || found.key.values().filter_map(Result::ok).map(Value::name);
        let there = suggestions(name, "value", names);
        let fault = fault.map(|error| format!("; not all could be read: {error}"));
        anyhow!("no {named} in {}; {there}{}", shown(&found.names), fault.unwrap_or_default())
    };
    match found.key.value(name) {
        Ok(Some(value)) => Ok(value),
        Ok(None) => Err(missing(None)),
        Err(error) => Err(missing(Some(error))),
    }
}

/// The path as text.
pub(crate) fn shown(names: &[Name<'_>]) -> String {
    if names.is_empty() {
        return "the root".into();
    }
    names.iter().copied().collect::<KeyPath>().to_string()
}

/// What is there instead: names like the one that was asked for, else the first ones.
fn suggestions<'d, I>(name: Name<'_>, noun: &str, names: impl Fn() -> I) -> String
where
    I: Iterator<Item = Name<'d>>,
{
    let number = names().count();
    if number == 0 {
        return format!("it has no {noun}s");
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
        ("among them", names().take(SUGGESTIONS).collect())
    } else {
        ("similar", similar.into_iter().map(|(_, name)| name).take(SUGGESTIONS).collect())
    };
    let chosen: Vec<String> = chosen.into_iter().map(display).collect();
    format!("it has {}, {like}: {}", count(number as u64, noun), chosen.join(", "))
}

fn display(name: Name<'_>) -> String {
    if name.is_empty() { "@ (the default value)".into() } else { name.to_string() }
}

fn upcased(name: Name<'_>) -> Vec<u16> {
    name.units().take(LONGEST).map(calhive::hive::upcase).collect()
}

/// How many letters must be put in, taken out or replaced to get from one to the other.
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
    fn distances_count_letters() {
        assert_eq!(between("kitten", "sitting"), 3);
        assert_eq!(between("Store", "STORE"), 0);
        assert_eq!(between("", "abc"), 3);
        assert_eq!(between("abc", ""), 3);
        assert_eq!(between("", ""), 0);
    }

    #[test]
    fn similar_names_come_first() {
        let names = ["Alpha", "Stores", "Store2"];
        let of = |wanted: &'static str| {
            suggestions(Name::from(wanted), "subkey", || names.iter().map(|name| Name::from(*name)))
        };
        assert_eq!(of("Storr2"), "it has 3 subkeys, similar: Store2, Stores");
        assert_eq!(of("zzz"), "it has 3 subkeys, among them: Alpha, Stores, Store2");
        let none = suggestions(Name::from("a"), "value", core::iter::empty);
        assert_eq!(none, "it has no values");
    }
}
