// SPDX-License-Identifier: GPL-3.0-or-later
//! Finds the key or value that the user named. If the key or value is missing, suggests similar names.

use anyhow::{Result, anyhow};
use calhive::{Error, ErrorKind, Hive, Key, KeyPath, Name, Value};
use calhive_regf::hive::look_up::LookUp;
use calhive_regf::registry::{ControlSet, HiveKind};

use crate::messages::{Messages, count};
use crate::text::escape;

/// Maximum number of names suggested in a message.
const SUGGESTIONS: usize = 5;
/// Maximum number of names compared with the missing name.
const LOOKED_AT: usize = 10_000;
/// Maximum number of characters compared in each name.
const LONGEST: usize = 128;

/// Maximum number of bytes shown of the target of a link.
const LONGEST_TARGET: usize = 512;

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
    let mut found = Found { key: hive.root()?, names: Vec::new() };
    let path = below_root(hive, &KeyPath::from(path), messages)?;
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
        if let Some(below) = below {
            report_same_names(&found, below, messages);
        }
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
        report_link(&found, messages);
    }
    Ok(found)
}

/// Reports a key that Windows does not read, because the key is a symbolic link.
fn report_link(found: &Found<'_>, messages: &Messages) {
    if found.key.unless_link().is_ok() {
        return;
    }
    let target = found.key.link_target().ok().flatten().map(|value| {
        let bytes = value.available().0.to_bytes();
        let (start, rest) = bytes.split_at(bytes.len().min(LONGEST_TARGET));
        let more = if rest.is_empty() { "" } else { "…" };
        format!(" to \"{}{more}\"", escape::utf16(start))
    });
    let (key, target) = (shown(&found.names), target.unwrap_or_default());
    messages.note(format_args!(
        "{key} is a symbolic link{target}; shown is the key itself, but Windows reads the target"
    ));
}

/// Reports other subkeys with the name of the subkey found.
fn report_same_names(above: &Found<'_>, below: Key<'_>, messages: &Messages) {
    let is_other = |key: &Key<'_>| key.offset() != below.offset() && key.name().same(below.name());
    let others = above.key.subkeys().filter_map(Result::ok).filter(is_other);
    let mut reasons = messages.reasons();
    for other in others {
        reasons.add(format_args!(
            "two keys have the name {}: shown is the key at {}; another is at {}",
            below.name(),
            below.offset(),
            other.offset()
        ));
    }
    messages.not_whole(shown(&above.names), &reasons);
}

/// Returns a path from below the root, for a path that begins above the root: at a predefined key
/// such as `HKLM`, or at `CurrentControlSet`. A key with the name below the root comes first.
///
/// # Errors
/// If the path belongs to another hive, or if the current control set is unknown.
fn below_root(hive: Hive<'_>, path: &KeyPath, messages: &Messages) -> Result<KeyPath> {
    let has = |name: Name<'_>| {
        let found = hive.root().ok().and_then(|root| root.subkey_thorough(name, |_| {}));
        found.is_some()
    };
    let mut names: Vec<Name<'_>> = path.names().collect();
    let Some(first) = names.first().filter(|first| !has(**first)) else { return Ok(path.clone()) };
    let above = predefined(names.iter().copied());
    if above > 0 {
        let machine = is_one(names.get(above.saturating_sub(1)).copied(), &MACHINE);
        names.drain(..above);
        if machine {
            leave_out_hive(hive, &mut names, path, has)?;
        }
    } else if !is_one(Some(*first), &["CurrentControlSet"]) {
        return Ok(path.clone());
    }
    if is_one(names.first().copied(), &["CurrentControlSet"])
        && !names.first().is_some_and(|it| has(*it))
    {
        let sets = ControlSet::all(hive, LookUp::Thorough, |_| {});
        let Some(current) = sets.iter().find(|set| set.is_current()) else {
            return Err(anyhow!(
                "the current control set is unknown; name a control set, for example ControlSet001"
            ));
        };
        messages.note(format_args!(
            "CurrentControlSet is {}, as Select\\Current says",
            current.key.name()
        ));
        let rest = names.into_iter().skip(1);
        return Ok(core::iter::once(current.key.name()).chain(rest).collect());
    }
    Ok(names.into_iter().collect())
}

/// Removes the name of the hive from the start of a path.
///
/// # Errors
/// If the path names another hive, and the hive has no key with the next name.
fn leave_out_hive<'n>(
    hive: Hive<'_>,
    names: &mut Vec<Name<'n>>,
    path: &KeyPath,
    has: impl Fn(Name<'n>) -> bool,
) -> Result<()> {
    let named = HIVES.iter().find(|(name, _)| is_one(names.first().copied(), &[name]));
    let Some((name, of)) = named else { return Ok(()) };
    let kind = HiveKind::of(hive);
    let is_other = *of != kind && kind != HiveKind::Other;
    if is_other && !names.get(1).is_some_and(|next| has(*next)) {
        return Err(anyhow!(
            "the path {path} belongs to a hive {name}; this hive looks like {kind}"
        ));
    }
    names.remove(0);
    Ok(())
}

/// Names of the key that holds the hives of a machine.
const MACHINE: [&str; 3] = ["HKLM", "HKEY_LOCAL_MACHINE", "MACHINE"];
/// Hives below that key.
const HIVES: [(&str, HiveKind); 4] = [
    ("SOFTWARE", HiveKind::Software),
    ("SYSTEM", HiveKind::System),
    ("SAM", HiveKind::Sam),
    ("SECURITY", HiveKind::Security),
];

/// Returns the number of names at the start of a path that stand for the root of a hive or a key
/// above it, without the name of the hive.
fn predefined<'n>(names: impl Iterator<Item = Name<'n>>) -> usize {
    let mut above = 0_usize;
    for name in names.take(3) {
        let text = name.to_string_lossy();
        let name = text.strip_suffix(':').unwrap_or(&text);
        let is_above = |known: &&str| known.eq_ignore_ascii_case(name);
        if ["Computer", "REGISTRY"].iter().any(&is_above) {
            above = above.saturating_add(1);
            continue;
        }
        if MACHINE.iter().any(&is_above) || ["HKCU", "HKEY_CURRENT_USER"].iter().any(is_above) {
            return above.saturating_add(1);
        }
        break;
    }
    0
}

fn is_one(name: Option<Name<'_>>, known: &[&str]) -> bool {
    name.is_some_and(|name| {
        let text = name.to_string_lossy();
        let text = text.strip_suffix(':').unwrap_or(&text);
        known.iter().any(|known| known.eq_ignore_ascii_case(text))
    })
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
