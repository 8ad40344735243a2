// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`distinct`]: gives each member a path of its own.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use super::limits::Limits;
use super::listing::Found;
use crate::accessors::{Merged, merge};
use crate::layout::Layout;
use crate::tree::Omission;

/// Sorts members by path, and gives each a path of its own. A file that Velociraptor read through two accessors
/// counts once. Other entries with the same path get a number: `SYSTEM (2)`.
pub(super) fn distinct(
    found: Vec<Found>,
    input: &Path,
    limits: &Limits,
    omissions: &mut Vec<Omission>,
) -> Vec<Found> {
    let places: Vec<&Layout> = found.iter().map(|found| &found.layout).collect();
    let merged = merge(&places, |one, other| match (found.get(one), found.get(other)) {
        (Some(one), Some(other)) => is_same(one, other, limits),
        _ => false,
    });
    let stored: Vec<String> = found.iter().map(|found| found.member.locator.path.clone()).collect();
    let mut kept = Vec::with_capacity(found.len());
    for (mut one, merged) in found.into_iter().zip(merged) {
        match merged {
            Merged::Counts(path) => {
                one.member.path = path;
                kept.push(one);
            }
            Merged::Repeats(at) => {
                let same = stored.get(at).map(String::as_str).unwrap_or_default();
                let why =
                    format!("skipped: {} has the same bytes as {same}", one.member.locator.path);
                let path = input.join(&one.member.path);
                omissions.push(Omission { path, why, is_loss: false });
            }
        }
    }
    number(kept)
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
