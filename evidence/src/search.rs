// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Search`]: a search in progress, and what it adds: hives, archives, disk images and the files in them.

use alloc::collections::BTreeMap;
use core::ops::ControlFlow;
use std::collections::HashSet;
use std::path::{Path, PathBuf};

use calhive_regf::FileError;

use crate::container::FileContainer;
use crate::contradiction::Contradiction;
use crate::file::{HEAD_LENGTH, Parts, Recognized, end_of_hive, open};
use crate::found::{Found, MoreHives};
use crate::memory_tree::MemoryTree;
use crate::open_tree::{self, Opened, SearchOptions};
use crate::real_path::real_path;
use crate::skip::{SearchStep, Skipped};
use crate::stdin;
use crate::tree::{Omission, Tree};
use crate::trees::Trees;

/// Path that stands for standard input.
pub(crate) const STANDARD_INPUT: &str = "-";
/// Largest number of skipped files that a search keeps.
const MOST_SKIPPED: usize = 10_000;

/// A search in progress.
pub(crate) struct Search<'s> {
    pub(crate) found: Found,
    pub(crate) trees: Trees,
    /// Canonical paths of the hives.
    pub(crate) seen: HashSet<PathBuf>,
    /// Canonical paths of all named folders.
    pub(crate) searched: Vec<PathBuf>,
    pub(crate) options: &'s SearchOptions,
    pub(crate) notify: &'s mut dyn FnMut(SearchStep<'_>) -> ControlFlow<()>,
}

impl Search<'_> {
    /// Reports the next file or folder. Returns whether the search ends before it.
    pub(crate) fn stops_at(&mut self, path: &Path) -> bool {
        if self.found.interrupted_at.is_none() && (self.notify)(SearchStep::At(path)).is_break() {
            self.found.interrupted_at = Some(path.into());
        }
        self.found.interrupted_at.is_some()
    }

    /// Reports a skipped file or link. A break ends the search at the next file or folder.
    pub(crate) fn skip(&mut self, skipped: &Skipped) {
        let _ = (self.notify)(SearchStep::Skipped(skipped));
        if matches!(skipped, Skipped::Followed(_) | Skipped::File(_, Recognized::TransactionLog)) {
            return;
        }
        self.found.skipped_total = self.found.skipped_total.saturating_add(1);
        if self.found.skipped.len() < MOST_SKIPPED {
            self.found.skipped.push(skipped.clone());
        }
    }

    /// Opens a disk image or an archive, and adds its files. Returns whether calhive reads this kind.
    pub(crate) fn opens(&mut self, path: &Path, container: FileContainer) -> bool {
        if !self.seen.insert(canonical_path(path)) {
            self.skip(&Skipped::Again(path.into()));
            return true;
        }
        match open_tree::open(path, container, self.options) {
            Ok(Some(opened)) => self.opened(path, opened),
            Ok(None) => {
                self.seen.remove(&canonical_path(path));
                return false;
            }
            Err(error) => self.found.unreadable.push(FileError::new(path, error)),
        }
        true
    }

    /// Reads standard input, and adds what it holds.
    pub(crate) fn standard_input(&mut self) {
        let path = Path::new(STANDARD_INPUT);
        let opened =
            stdin::read_input().and_then(|bytes| open_tree::open_bytes(path, bytes, self.options));
        match opened {
            Ok(opened) => self.opened(path, opened),
            Err(error) => self.found.unreadable.push(FileError::new(path, error)),
        }
    }

    /// Adds files in memory, and what archives and disk images among them hold. `root` stands for their folder.
    pub(crate) fn files_in_memory(&mut self, root: &Path, files: BTreeMap<PathBuf, Vec<u8>>) {
        let (containers, files): (BTreeMap<_, _>, BTreeMap<_, _>) = files
            .into_iter()
            .partition(|(_, bytes)| matches!(Recognized::of_file(bytes), Recognized::Container(_)));
        let before = self.number();
        let is_whole = self.tree(root, Box::new(MemoryTree::new(root, "memory", files)));
        if self.number() == before && is_whole && containers.is_empty() {
            self.found.without_hives.push(root.into());
        }
        for (path, bytes) in containers {
            let path = root.join(path);
            if self.stops_at(&path) {
                return;
            }
            match open_tree::open_bytes(&path, bytes, self.options) {
                Ok(opened) => self.opened(&path, opened),
                Err(error) => self.found.unreadable.push(FileError::new(path, error)),
            }
        }
    }

    /// Adds the files of a disk image or an archive, and of the disk images inside it.
    fn opened(&mut self, path: &Path, opened: Opened) {
        let before = self.number();
        let Opened { trees, omissions } = opened;
        let mut is_whole = omissions.iter().all(|omission| !omission.is_loss);
        self.omit(omissions);
        for (path, tree) in trees {
            is_whole &= self.tree(&path, tree);
        }
        if self.number() == before && is_whole {
            self.found.without_hives.push(path.into());
        }
    }

    /// Returns the number of files found so far that hold facts.
    fn number(&self) -> usize {
        let Found { hives, exports, license_files, carved, .. } = &self.found;
        let others = exports.len().saturating_add(license_files.len());
        hives.len().saturating_add(others).saturating_add(carved.len())
    }

    fn omit(&mut self, omissions: Vec<Omission>) {
        for omission in omissions {
            self.skip(&Skipped::Inside(omission.clone()));
            self.found.omissions.push(omission);
        }
    }

    /// Adds the files of a disk image or an archive. Returns whether everything in it was read.
    fn tree(&mut self, path: &Path, mut tree: Box<dyn Tree>) -> bool {
        if self.carves(path, tree.as_mut()).is_break() {
            self.found.interrupted_at.get_or_insert_with(|| path.into());
        }
        let segments = tree.segments().iter().map(|segment| canonical_path(segment));
        self.seen.extend(segments);
        let omissions = tree.omissions().to_vec();
        let mut is_whole = omissions.iter().all(|omission| !omission.is_loss);
        self.omit(omissions);
        let canonical = real_path(path);
        for file in self.trees.add(path, tree) {
            if self.stops_at(&file) {
                return false;
            }
            let Some(inside) = self.trees.file(&file) else { continue };
            if let Some(carved) = inside.carved() {
                self.found.carved.push((file, carved));
                continue;
            }
            let head = inside.head(HEAD_LENGTH);
            let rest = file.strip_prefix(path).unwrap_or(&file);
            self.found.survey.file(&file, || canonical.join(rest));
            is_whole &= head.is_ok();
            match head {
                Ok(head) => self.member(file, Recognized::of(&head)),
                Err(error) => self.found.unreadable.push(FileError::new(file, error)),
            }
        }
        is_whole &= self.found.interrupted_at.is_none();
        if is_whole {
            self.found.survey.searched(canonical);
        } else {
            self.found.survey.unlisted(canonical);
        }
        is_whole
    }

    /// Carves the unallocated clusters of a disk image, if the caller asked for that. Breaks if the search ends.
    fn carves(&mut self, path: &Path, tree: &mut dyn Tree) -> ControlFlow<()> {
        let Some(signatures) = self.options.carving else { return ControlFlow::Continue(()) };
        let notify = &mut *self.notify;
        tree.carve(path, signatures, &mut || notify(SearchStep::Carving(path)))
    }

    /// Adds a file of a disk image or an archive.
    fn member(&mut self, file: PathBuf, recognized: Recognized) {
        match recognized {
            recognized if self.contradicts(&file, recognized) => {}
            Recognized::Hive | Recognized::Fragment => self.found.hives.push(file),
            Recognized::TransactionLog => {
                self.found.logs = self.found.logs.saturating_add(1);
                self.found.log_files.push(file);
            }
            kind @ (Recognized::TextExport | Recognized::LiveRows | Recognized::LicenseFile) => {
                self.other(&file, kind);
            }
            recognized => {
                self.skip(&Skipped::File(file, recognized));
                self.found.others = self.found.others.saturating_add(1);
            }
        }
    }

    /// Reads or reports a file whose name is that of a hive or a license file, though it does not begin like one.
    /// Returns whether the file is such a file.
    pub(crate) fn contradicts(&mut self, path: &Path, recognized: Recognized) -> bool {
        if !Contradiction::is_possible(path, recognized) {
            return false;
        }
        let in_file = |error| FileError::new(path, error);
        let found = match self.trees.file(path) {
            Some(inside) => inside.read(path).and_then(|image| {
                Contradiction::of(path, recognized, image.bytes()).map_err(in_file)
            }),
            None => open(path)
                .and_then(|file| Contradiction::of(path, recognized, file))
                .map_err(in_file),
        };
        match found {
            Ok(None) => return false,
            Ok(Some(Contradiction::Bins)) if recognized == Recognized::Other => self.hive(path),
            Ok(Some(found)) => {
                let (path, why) = (path.into(), found.why(recognized));
                self.omit(vec![Omission { path, why, is_loss: true }]);
            }
            Err(error) => self.found.unreadable.push(error),
        }
        true
    }

    /// Adds an export, rows of a live registry or a license file, unless another named path led to the same file before.
    pub(crate) fn other(&mut self, path: &Path, kind: Recognized) {
        if !self.seen.insert(canonical_path(path)) {
            self.skip(&Skipped::Again(path.into()));
        } else if matches!(kind, Recognized::TextExport | Recognized::LiveRows) {
            self.found.exports.push(path.into());
        } else {
            self.found.license_files.push(path.into());
        }
    }

    /// Adds a hive, unless another named path led to the same file before.
    pub(crate) fn hive(&mut self, path: &Path) {
        if !self.seen.insert(canonical_path(path)) {
            self.skip(&Skipped::Again(path.into()));
            return;
        }
        self.found.hives.push(path.into());
        let length = path.metadata().map_or(0, |metadata| metadata.len());
        // An unreadable file is reported when it is opened.
        let end = end_of_hive(path).ok().flatten().filter(|end| *end < length);
        match end.map_or_else(|| Ok(Parts::default()), |end| Parts::in_file(path, end)) {
            Ok(Parts { hives: 0, .. }) => {}
            Ok(Parts { hives, .. }) => {
                self.found.more_hives.push(MoreHives { path: path.into(), hives });
            }
            // The bytes after the hive can hold another one.
            Err(error) => self.found.unreadable.push(FileError::new(path, error)),
        }
    }
}

/// Returns the path with its links resolved, or the path itself.
pub(crate) fn canonical_path(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.into())
}
