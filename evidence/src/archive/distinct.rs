// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`distinct`]: gives each member a path of its own.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use super::limits::Limits;
use super::listing::Found;
use crate::layout;
use crate::tree::Omission;

/// Folder, and the accessor that read it.
type Reading = (PathBuf, &'static str);

/// Sorts members by path, and gives each a path of its own.
///
/// A file that Velociraptor read through two accessors counts once, if the bytes are equal. If they differ, the
/// folder of the later accessor gets a volume of its own, so that its hives keep their logs: `C (ntfs)`. Other
/// entries with the same path get a number: `SYSTEM (2)`.
pub(super) fn distinct(
    mut found: Vec<Found>,
    input: &Path,
    limits: &Limits,
    omissions: &mut Vec<Omission>,
) -> Vec<Found> {
    let (equal, apart) = compare(&found, limits);
    let mut kept = Vec::with_capacity(found.len());
    for (at, mut one) in found.drain(..).enumerate() {
        if reading(&one).is_some_and(|reading| apart.contains(&reading)) {
            one.member.path = one.layout.with_accessor();
        } else if let Some(same) = equal.get(&at) {
            let why = format!("skipped: {} has the same bytes as {same}", one.member.locator.path);
            let path = input.join(&one.member.path);
            omissions.push(Omission { path, why, is_loss: false });
            continue;
        }
        kept.push(one);
    }
    number(kept)
}

/// Returns the indexes of members that repeat an earlier one, with its name, and the folders that two accessors
/// read with different results.
fn compare(found: &[Found], limits: &Limits) -> (HashMap<usize, String>, HashSet<Reading>) {
    let (mut equal, mut apart) = (HashMap::new(), HashSet::new());
    let mut first: HashMap<String, &Found> = HashMap::new();
    for (at, one) in found.iter().enumerate() {
        let Some(reading) = reading(one) else { continue };
        let known = first.entry(key(&one.member.path)).or_insert(one);
        if !layout::is_other_accessor(&known.layout, &one.layout) {
            continue;
        }
        if is_same(known, one, limits) {
            equal.insert(at, known.member.locator.path.clone());
        } else {
            apart.insert(reading);
        }
    }
    (equal, apart)
}

/// Windows does not distinguish the case of letters.
fn key(path: &Path) -> String {
    path.to_string_lossy().to_lowercase()
}

fn reading(found: &Found) -> Option<Reading> {
    let folder = found.layout.path.parent()?;
    Some((PathBuf::from(key(folder)), found.layout.accessor?))
}

/// Whether two members have the same bytes.
fn is_same(one: &Found, other: &Found, limits: &Limits) -> bool {
    let bytes = |found: &Found| match &found.kept {
        Some(kept) => Ok(kept.to_vec()),
        None => found.content.whole(limits),
    };
    one.member.size == other.member.size
        && match (bytes(one), bytes(other)) {
            (Ok(one), Ok(other)) => one == other,
            _ => false,
        }
}

/// Sorts members by path, and numbers those with the same path.
fn number(mut found: Vec<Found>) -> Vec<Found> {
    // The sort is stable: entries with the same path keep their order.
    found.sort_by(|a, b| a.member.path.cmp(&b.member.path));
    let mut taken: HashMap<PathBuf, u64> =
        found.iter().map(|found| (found.member.path.clone(), 1)).collect();
    let mut before: Option<PathBuf> = None;
    for one in &mut found {
        let path = one.member.path.clone();
        if before.as_ref() != Some(&path) {
            before = Some(path);
            continue;
        }
        let mut number = taken.get(&path).copied().unwrap_or_default();
        one.member.path = loop {
            number = number.saturating_add(1);
            let mut name = path.file_name().unwrap_or_default().to_owned();
            name.push(format!(" ({number})"));
            let free = path.with_file_name(name);
            if !taken.contains_key(&free) {
                break free;
            }
        };
        taken.insert(path, number);
        taken.insert(one.member.path.clone(), 1);
    }
    found.sort_by(|a, b| a.member.path.cmp(&b.member.path));
    found
}
