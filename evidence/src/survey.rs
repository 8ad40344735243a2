// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Survey`]: files that can corroborate hives, and the folders searched for them.
//!
//! All paths except printed paths are canonical, so a file with several spellings counts once.

use alloc::collections::{BTreeMap, BTreeSet};
use core::ops::Bound;
use std::fs;
use std::path::{Path, PathBuf};

use crate::escape;
use crate::kind::{KINDS, Kind, MASTER_KEY};
use crate::place::{Base, Machine};

/// Maximum number of paths that are printed for each kind and machine, and kept for most kinds.
const MOST_PATHS: usize = 10;
/// Maximum number of master key files of a machine: one is needed by its name. Windows makes four a year.
const MOST_MASTER_KEYS: usize = 1000;

/// Files of all kinds, and the folders searched.
#[derive(Debug, Default)]
pub(crate) struct Survey {
    /// Map from the index of a kind and a base to the files at their places in Windows.
    kept: BTreeMap<(usize, Base), Paths>,
    /// Map from the index of a kind and a folder to the files in the folder.
    loose: BTreeMap<(usize, PathBuf), Paths>,
    /// Folders searched with all subfolders.
    searched: BTreeSet<PathBuf>,
    /// Folders listed without subfolders.
    listed: BTreeSet<PathBuf>,
    /// Folders that could not be listed.
    unlisted: Vec<PathBuf>,
    /// Indexes of kinds, with bases. Files of these kinds may be in unlisted folders, or behind
    /// links. The search does not follow links.
    hidden: BTreeSet<(usize, Base)>,
}

/// Map from canonical path to printed path. Keeps only the first paths.
#[derive(Debug, Default)]
struct Paths(BTreeMap<PathBuf, PathBuf>);

impl Survey {
    /// Adds a file. `real` returns the canonical path of the file. Calls `real` only if the name matches a
    /// kind.
    pub(crate) fn file(&mut self, path: &Path, real: impl FnOnce() -> PathBuf) {
        let Some(name) = path.file_name() else { return };
        let of_kind = |(index, kind): (usize, &'static Kind)| {
            kind.places.iter().map(move |place| (index, place))
        };
        let places = KINDS.iter().enumerate().flat_map(of_kind);
        let mut places = places.filter(|(_, place)| place.is_named(name)).peekable();
        if places.peek().is_none() {
            return;
        }
        let real = real();
        for (index, place) in places {
            if let Some(base) = place.base_of(&real) {
                let most = if index == MASTER_KEY { MOST_MASTER_KEYS } else { MOST_PATHS };
                self.kept.entry((index, base)).or_default().add(&real, path, most);
            }
            if let Some(folder) = real.parent().filter(|_| place.is_known_by_name()) {
                self.loose.entry((index, folder.into())).or_default().add(&real, path, MOST_PATHS);
            }
        }
    }

    /// Adds a link that was not followed.
    pub(crate) fn link(&mut self, real: &Path) {
        for (index, kind) in KINDS.iter().enumerate() {
            let bases = kind.places.iter().flat_map(|place| place.bases_toward(real));
            self.hidden.extend(bases.map(|base| (index, base)));
        }
    }

    /// Adds a folder that could not be listed.
    pub(crate) fn unlisted(&mut self, real: PathBuf) {
        self.link(&real);
        self.unlisted.push(real);
    }

    /// Adds a folder that was searched with all subfolders.
    pub(crate) fn searched(&mut self, real: PathBuf) {
        self.searched.insert(real);
    }

    /// Adds a file that the user named. If the file is a hive, also adds the files in its folder. For a link,
    /// adds the files in the folder of the link target.
    pub(crate) fn named(&mut self, path: &Path, is_hive: bool) {
        let Ok(real) = path.canonicalize() else { return };
        self.file(path, || real.clone());
        let Some(folder) = real.parent().filter(|_| is_hive) else { return };
        if self.listed.contains(folder) {
            return;
        }
        let spelled = if path.is_symlink() { Some(folder) } else { path.parent() };
        let spelled = spelled.unwrap_or(Path::new(""));
        let Ok(entries) = fs::read_dir(folder) else { return };
        let mut is_whole = true;
        for entry in entries {
            let entry = entry.and_then(|entry| Ok((entry.file_name(), entry.file_type()?)));
            let Ok((name, kind)) = entry else {
                is_whole = false;
                continue;
            };
            if kind.is_symlink() {
                self.link(&folder.join(name));
            } else if kind.is_file() {
                self.file(&spelled.join(&name), || folder.join(&name));
            }
        }
        if is_whole {
            self.listed.insert(folder.into());
        }
    }

    /// Returns the files of a kind on a machine, and whether all places of the kind were searched.
    pub(crate) fn of_machine(
        &self,
        index: usize,
        kind: &Kind,
        machine: &Machine,
    ) -> (Vec<String>, bool) {
        let bases: BTreeSet<_> =
            kind.places.iter().map(|place| (index, machine.base(place))).collect();
        let paths = Paths::print(bases.iter().filter_map(|base| self.kept.get(base)));
        let searched: Vec<&PathBuf> = near(&self.searched, machine).collect();
        let listed: Vec<&PathBuf> = near(&self.listed, machine).collect();
        let is_searched = kind.places.iter().all(|place| {
            searched.iter().any(|folder| place.is_below(folder, machine))
                || listed.iter().any(|folder| place.is_in(folder, machine))
        });
        let is_hidden = bases.iter().any(|base| self.hidden.contains(base))
            || self.unlisted.iter().any(|unlisted| machine.root.starts_with(unlisted));
        (paths, is_searched && !is_hidden)
    }

    /// Returns the files of a kind at their places in Windows, on all machines.
    pub(crate) fn of_kind(&self, index: usize) -> Vec<PathBuf> {
        let of_kind = self.kept.iter().filter(|((kind, _), _)| *kind == index);
        of_kind.flat_map(|(_, paths)| paths.0.values().cloned()).collect()
    }

    /// Returns the files of a kind on a machine, each with its real path, in the order of the real paths.
    pub(crate) fn files_of_machine(
        &self,
        index: usize,
        machine: &Machine,
    ) -> impl Iterator<Item = (&Path, &Path)> {
        let places = KINDS.get(index).into_iter().flat_map(|kind| kind.places);
        let bases: BTreeSet<_> = places.map(|place| (index, machine.base(place))).collect();
        let kept = bases.into_iter().filter_map(|base| self.kept.get(&base));
        kept.flat_map(|paths| paths.0.iter().map(|(real, path)| (real.as_path(), path.as_path())))
    }

    /// Returns the files of a kind in a folder.
    pub(crate) fn beside(&self, index: usize, folder: &Path) -> Vec<String> {
        Paths::print(self.loose.get(&(index, folder.into())).into_iter())
    }
}

/// Returns the folders above the root of a machine, the root, and the folders below. No other folder can hold a place
/// of the machine.
fn near<'f>(
    folders: &'f BTreeSet<PathBuf>,
    machine: &Machine,
) -> impl Iterator<Item = &'f PathBuf> {
    let above = machine.root.ancestors().skip(1).filter_map(|folder| folders.get(folder));
    let root = &machine.root;
    let from_root = folders.range::<Path, _>((Bound::Included(&**root), Bound::Unbounded));
    above.chain(from_root.take_while(move |folder| folder.starts_with(root)))
}

impl Paths {
    fn add(&mut self, real: &Path, path: &Path, most: usize) {
        self.0.entry(real.into()).or_insert_with(|| path.into());
        if self.0.len() > most {
            self.0.pop_last();
        }
    }

    fn print<'a>(all: impl Iterator<Item = &'a Self>) -> Vec<String> {
        let mut paths: Vec<&PathBuf> = all.flat_map(|paths| paths.0.values()).collect();
        paths.sort();
        paths.iter().take(MOST_PATHS).map(|path| escape::path(path)).collect()
    }
}
