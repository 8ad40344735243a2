// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`merged`]: merges sources with the same content.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::vec::Vec;
use core::cmp::Reverse;

use calhive_evidence::{Corroboration, LiveClient};
use calhive_regf::registry::HiveKind;

use crate::fact::{Facts, FileCopy};
use crate::interpret::{is_configuration_folder, is_copy};

/// Merges sources with the same SHA-256. The source that stays lists the files of the others as copies.
///
/// SYSTEM and SOFTWARE hives of a folder are merged into those of another folder together or not at all: a hive
/// must not lose its counterpart. The logs of a copy must be among the logs of the source that stays. Sources
/// without a hash stay.
pub(super) fn merged(collected: Vec<Facts>) -> Vec<Facts> {
    let mut copies = Copies::new(&collected);
    copies.search();
    let originals = copies.originals;
    let mut files: BTreeMap<usize, Vec<FileCopy>> = BTreeMap::new();
    let mut corroboration: BTreeMap<usize, Vec<Corroboration>> = BTreeMap::new();
    // Beside a copy can be the files that decrypt the end of its grace period.
    let mut decrypted = BTreeMap::new();
    for (index, facts) in collected.iter().enumerate() {
        if let Some(original) = originals.get(&index) {
            files.entry(*original).or_default().push(facts.file());
            // Files beside a copy can corroborate the hive too.
            corroboration.entry(*original).or_default().extend(facts.corroboration.iter().cloned());
            if let Some(end) = facts.grace_end.as_ref().filter(|it| it.outcome.is_ok()) {
                decrypted.entry(*original).or_insert_with(|| end.clone());
            }
        }
    }
    let stays = collected.into_iter().enumerate().filter(|(at, _)| !originals.contains_key(at));
    let with_copies = stays.map(|(index, mut facts)| {
        facts.copies = files.remove(&index).unwrap_or_default();
        facts.corroboration.extend(corroboration.remove(&index).unwrap_or_default());
        if facts.grace_end.as_ref().is_some_and(|it| it.outcome.is_err()) {
            facts.grace_end = decrypted.remove(&index).or(facts.grace_end);
        }
        facts
    });
    with_copies.collect()
}

/// Content of a source: the hash of the file, the hashes of its logs, and the pair that the examiner made.
#[derive(Debug)]
struct Content {
    sha256: Option<String>,
    logs: BTreeSet<Option<String>>,
    pair: Option<usize>,
    /// System of rows of a live registry. One file can hold rows of several systems.
    live: Option<LiveClient>,
    /// Roots of an export. One file can be several sources.
    roots: Vec<(HiveKind, String)>,
    /// Whether the source is a part of a host.
    is_paired: bool,
}

#[derive(Debug)]
struct Copies {
    contents: Vec<Content>,
    /// Members of each folder, in the order in which folders keep their sources.
    folders: Vec<Vec<usize>>,
    /// Kept sources by their hash, each with the number of its folder.
    kept: BTreeMap<String, Vec<(usize, usize)>>,
    /// Map from a copy to the source that stays.
    originals: BTreeMap<usize, usize>,
}

impl Copies {
    fn new(collected: &[Facts]) -> Self {
        let mut folders: BTreeMap<Vec<String>, Vec<usize>> = BTreeMap::new();
        for (index, facts) in collected.iter().enumerate() {
            folders.entry(facts.file().names().0).or_default().push(index);
        }
        let contents: Vec<Content> = collected.iter().map(Content::of).collect();
        let richness = |members: &[usize]| {
            let logs = members.iter().filter_map(|it| contents.get(*it)).map(|it| it.logs.len());
            (members.len(), logs.sum::<usize>())
        };
        let mut folders: Vec<(Vec<String>, Vec<usize>)> = folders.into_iter().collect();
        // Hives in use come first, then folders with most content. Windows' own copies come last.
        folders.sort_by_key(|(folder, members)| {
            let first = members.first().and_then(|index| collected.get(*index));
            let is_copy = first.is_some_and(|facts| is_copy(&facts.file()));
            let place = (is_copy, !is_configuration_folder(folder));
            (place, Reverse(richness(members)), members.first().copied())
        });
        let folders = folders.into_iter().map(|(_, members)| members).collect();
        Self { contents, folders, kept: BTreeMap::new(), originals: BTreeMap::new() }
    }

    fn search(&mut self) {
        for (number, members) in core::mem::take(&mut self.folders).into_iter().enumerate() {
            let (paired, others): (Vec<usize>, Vec<usize>) = members
                .into_iter()
                .partition(|it| self.contents.get(*it).is_some_and(|it| it.is_paired));
            match self.originals_of(&paired) {
                Some(originals) => self.originals.extend(paired.into_iter().zip(originals)),
                None => paired.into_iter().for_each(|it| self.keep(it, number)),
            }
            for other in others {
                match self.like(other).first() {
                    Some((_, original)) => {
                        self.originals.insert(other, *original);
                    }
                    None => self.keep(other, number),
                }
            }
        }
    }

    /// Returns the kept sources of one folder that the members of another folder are copies of; `None` if a
    /// member is no copy.
    fn originals_of(&self, members: &[usize]) -> Option<Vec<usize>> {
        let like: Vec<Vec<(usize, usize)>> = members.iter().map(|it| self.like(*it)).collect();
        let folders = like.first()?.iter().map(|(folder, _)| *folder);
        let in_folder = |folder: usize| {
            let original = |like: &Vec<(usize, usize)>| {
                like.iter().find(|(of, _)| *of == folder).map(|(_, original)| *original)
            };
            like.iter().map(original).collect::<Option<Vec<usize>>>()
        };
        folders.into_iter().find_map(in_folder)
    }

    /// Returns the kept sources with the content of this source, each after the number of its folder.
    fn like(&self, index: usize) -> Vec<(usize, usize)> {
        let Some(content) = self.contents.get(index) else { return Vec::new() };
        let same = content.sha256.as_ref().and_then(|sha256| self.kept.get(sha256));
        let is_like = |(_, kept): &&(usize, usize)| {
            self.contents.get(*kept).is_some_and(|kept| content.is_in(kept))
        };
        same.into_iter().flatten().filter(is_like).copied().collect()
    }

    /// Keeps a source, unless the same folder already keeps one with its content.
    fn keep(&mut self, index: usize, folder: usize) {
        let here = self.like(index).into_iter().find(|(of, _)| *of == folder);
        if let Some((_, original)) = here {
            self.originals.insert(index, original);
        } else if let Some(sha256) = self.contents.get(index).and_then(|it| it.sha256.clone()) {
            self.kept.entry(sha256).or_default().push((folder, index));
        }
    }
}

impl Content {
    fn of(facts: &Facts) -> Self {
        let logs = facts.replay.iter().flat_map(|replay| &replay.logs).filter(|log| log.size > 0);
        Self {
            sha256: facts.sha256.clone(),
            logs: logs.map(|log| log.sha256.clone()).collect(),
            pair: facts.pair,
            live: facts.form.live().cloned(),
            roots: facts.form.export().map(|export| export.roots.clone()).unwrap_or_default(),
            is_paired: matches!(facts.kind, HiveKind::System | HiveKind::Software),
        }
    }

    /// Whether another source with the same hash has everything that this source has.
    fn is_in(&self, other: &Self) -> bool {
        self.logs.is_subset(&other.logs)
            && self.roots == other.roots
            && self.live == other.live
            && (self.pair.is_none() || self.pair == other.pair)
    }
}
