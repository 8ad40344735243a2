// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Folders`]: the folders of a volume, for the paths of files.

use std::path::PathBuf;

use crate::ntfs::record::Reference;

/// Number of the file record of the root folder.
const ROOT: u64 = 5;
/// Largest depth of a file.
const DEEPEST: usize = 256;

/// The folders of a volume with their names and parents.
#[derive(Debug, Default)]
pub(super) struct Folders {
    folders: Vec<Folder>,
    names: String,
}

#[derive(Clone, Copy, Debug)]
struct Folder {
    reference: Reference,
    parent: Reference,
    name: usize,
    name_length: usize,
    is_in_use: bool,
}

impl Folders {
    /// Adds a folder.
    pub(super) fn add(
        &mut self,
        reference: Reference,
        is_in_use: bool,
        parent: Reference,
        name: &str,
    ) {
        let (at, name_length) = (self.names.len(), name.len());
        self.names.push_str(name);
        self.folders.push(Folder { reference, parent, name: at, name_length, is_in_use });
    }

    /// Sorts the folders, so that paths can be found.
    pub(super) fn sort(&mut self) {
        self.folders.sort_by_key(|folder| folder.reference.record);
    }

    /// Returns the path of a file, from its parent and its name. Returns `None` if a parent is missing, if parents
    /// form a circle, or if the file is too deep. The parents of a file in use are in use.
    pub(super) fn path(&self, parent: Reference, name: &str, is_in_use: bool) -> Option<PathBuf> {
        let mut parts = vec![name];
        let mut parent = parent;
        let mut must_be_in_use = is_in_use;
        while parent.record != ROOT {
            let folder = self.find(parent, must_be_in_use)?;
            must_be_in_use |= folder.is_in_use;
            if parts.len() >= DEEPEST {
                return None;
            }
            parts.push(self.names.get(folder.name..)?.get(..folder.name_length)?);
            parent = folder.parent;
        }
        Some(parts.into_iter().rev().collect())
    }

    /// Returns the folders in use, with the folder that lists each and its name.
    pub(super) fn in_use(&self) -> impl Iterator<Item = (Reference, Reference, &str)> {
        let name = |it: &Folder| self.names.get(it.name..)?.get(..it.name_length);
        let in_use = self.folders.iter().filter(|folder| folder.is_in_use);
        in_use.filter_map(move |it| Some((it.reference, it.parent, name(it)?)))
    }

    fn find(&self, reference: Reference, must_be_in_use: bool) -> Option<&Folder> {
        let at = self.folders.binary_search_by_key(&reference.record, |it| it.reference.record);
        let folder = self.folders.get(at.ok()?)?;
        let is_meant = reference.means(folder.reference.sequence, folder.is_in_use);
        (is_meant && (folder.is_in_use || !must_be_in_use)).then_some(folder)
    }
}
