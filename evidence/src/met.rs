// SPDX-License-Identifier: MIT OR Apache-2.0
//! What was met beside hives, and what was gone through for it: [`Met`].
//!
//! All paths but those to be printed are canonical, so that a file counts once, however it is spelled.

use alloc::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use crate::corroboration::{KINDS, Kind};
use crate::place::{Base, Machine};

/// No more paths are kept of a kind, by machine.
const MOST_PATHS: usize = 10;

/// What was met of all kinds, and what was gone through.
#[derive(Debug, Default)]
pub(crate) struct Met {
    /// Where Windows keeps it, by the index of its kind and what it lies below.
    kept: BTreeMap<(usize, Base), Paths>,
    /// By the index of its kind and its folder, wherever that is.
    loose: BTreeMap<(usize, PathBuf), Paths>,
    /// Folders that were gone through with all below them.
    gone_through: Vec<PathBuf>,
    /// Folders that were listed, and none below them.
    listed: BTreeSet<PathBuf>,
    /// What could not be listed.
    unlisted: Vec<PathBuf>,
    /// Of what kind and below what something may be that was not met.
    hidden: BTreeSet<(usize, Base)>,
}

/// The first paths, each as it is to be printed.
#[derive(Debug, Default)]
struct Paths(BTreeMap<PathBuf, PathBuf>);

impl Met {
    /// A file, of which `real` is the canonical path. It is asked for that only if the name is of a kind.
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
                self.kept.entry((index, base)).or_default().add(&real, path);
            }
            if let Some(folder) = real.parent().filter(|_| place.is_told_by_name()) {
                self.loose.entry((index, folder.into())).or_default().add(&real, path);
            }
        }
    }

    /// A link that was not followed.
    pub(crate) fn link(&mut self, real: &Path) {
        for (index, kind) in KINDS.iter().enumerate() {
            let bases = kind.places.iter().flat_map(|place| place.bases_toward(real));
            self.hidden.extend(bases.map(|base| (index, base)));
        }
    }

    /// What could not be listed.
    pub(crate) fn unlisted(&mut self, real: PathBuf) {
        self.link(&real);
        self.unlisted.push(real);
    }

    /// A folder that was gone through with all below it.
    pub(crate) fn gone_through(&mut self, real: PathBuf) {
        self.gone_through.push(real);
    }

    /// A file that was named, and if it is a hive, the names of the files beside it. What a link leads to
    /// has others beside it than the link.
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

    /// What there is of a kind of a machine, and whether all places of it were searched.
    pub(crate) fn of_machine(
        &self,
        index: usize,
        kind: &Kind,
        machine: &Machine,
    ) -> (Vec<String>, bool) {
        let bases: BTreeSet<_> =
            kind.places.iter().map(|place| (index, machine.base(place))).collect();
        let paths = Paths::print(bases.iter().filter_map(|base| self.kept.get(base)));
        let is_searched = kind.places.iter().all(|place| {
            self.gone_through.iter().any(|folder| place.is_below(folder, machine))
                || self.listed.iter().any(|folder| place.is_in(folder, machine))
        });
        let is_hidden = bases.iter().any(|base| self.hidden.contains(base))
            || self.unlisted.iter().any(|unlisted| machine.root.starts_with(unlisted));
        (paths, is_searched && !is_hidden)
    }

    /// What there is of a kind in a folder.
    pub(crate) fn beside(&self, index: usize, folder: &Path) -> Vec<String> {
        Paths::print(self.loose.get(&(index, folder.into())).into_iter())
    }
}

impl Paths {
    fn add(&mut self, real: &Path, path: &Path) {
        self.0.entry(real.into()).or_insert_with(|| path.into());
        if self.0.len() > MOST_PATHS {
            self.0.pop_last();
        }
    }

    fn print<'a>(all: impl Iterator<Item = &'a Self>) -> Vec<String> {
        let mut paths: Vec<&PathBuf> = all.flat_map(|paths| paths.0.values()).collect();
        paths.sort();
        paths.iter().take(MOST_PATHS).map(|path| path.display().to_string()).collect()
    }
}
