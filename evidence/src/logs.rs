// SPDX-License-Identifier: MIT OR Apache-2.0
//! The transaction logs that lie beside a hive: [`Neighbors`].
//!
//! Windows names them after the hive: `SYSTEM.LOG`, `SYSTEM.LOG1`, `SYSTEM.LOG2`. Copies change the
//! case of names, and collections rename files; a log that no name leads to is paired with the hive
//! whose base block it carries a copy of. Whether a log is applied is decided by whoever reads it.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fs;
use std::path::{Path, PathBuf};

use calhive::FileError;
use calhive::hive::base_block::BaseBlock;

use crate::file::{Recognized, head, recognize};

/// What the name of a log ends with, after that of its hive; compared without regard to case.
const ENDINGS: [&str; 3] = [".log", ".log1", ".log2"];

/// Finds logs beside hives; each folder is listed once.
///
/// ```
/// use calhive_evidence::Neighbors;
/// let logs = Neighbors::default().named_after("no/such/folder/SYSTEM".as_ref());
/// assert!(logs.is_err());
/// ```
#[derive(Debug, Default)]
pub struct Neighbors {
    folders: HashMap<PathBuf, Folder>,
}

/// The files of a folder.
#[derive(Debug, Default)]
struct Folder {
    files: Vec<PathBuf>,
    /// Made when a hive is looked for by content.
    marks: Option<Marks>,
}

/// By what the base blocks of a folder can be told apart.
#[derive(Debug, Default)]
struct Marks {
    hives: Vec<Marked>,
    /// Logs that are named after no hive.
    strays: Vec<Marked>,
}

/// A hive or log, and what its base block says.
#[derive(Debug)]
struct Marked {
    path: PathBuf,
    mark: Mark,
    sequence: (u32, u32),
    is_dirty: bool,
}

/// What a hive and its logs have in common: the resource manager and the name of the hive's file.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Mark {
    manager: [u8; 16],
    file_name: Vec<u16>,
}

impl Neighbors {
    /// The logs that are named after this hive, in the order of their names. Empty files are among
    /// them: Windows keeps such logs; and what has the name of one and is no regular file.
    ///
    /// # Errors
    /// Where the folder cannot be listed.
    pub fn named_after(&mut self, hive: &Path) -> Result<Vec<PathBuf>, FileError> {
        let logs = self.folder(hive)?.named_after(hive);
        match hive.canonicalize() {
            // Of a link, the logs lie beside what it leads to.
            Ok(target) if logs.is_empty() && hive.is_symlink() => {
                Ok(self.folder(&target)?.named_after(&target))
            }
            _ => Ok(logs),
        }
    }

    /// The logs in the folder of this hive that are named after no hive there, and whose base block
    /// has the resource manager and the file name of this hive. Where other hives have the same, as
    /// copies do, only logs that are too old for those. It looks into every file of the folder.
    ///
    /// # Errors
    /// Where the folder cannot be listed.
    pub fn marked_as(&mut self, hive: &Path) -> Result<Vec<PathBuf>, FileError> {
        Ok(self.folder(hive)?.marks().logs_of(hive))
    }

    fn folder(&mut self, hive: &Path) -> Result<&mut Folder, FileError> {
        let prefix = hive.parent().unwrap_or(Path::new(""));
        match self.folders.entry(prefix.into()) {
            Entry::Occupied(known) => Ok(known.into_mut()),
            Entry::Vacant(new) => Ok(new.insert(Folder::list(prefix)?)),
        }
    }
}

impl Folder {
    /// Lists a folder. What is no regular file is told by whoever opens it.
    fn list(folder: &Path) -> Result<Self, FileError> {
        let here = Path::new(".");
        let listed = if folder.as_os_str().is_empty() { here } else { folder };
        let list = || {
            let mut files = Vec::new();
            for entry in fs::read_dir(listed)? {
                // As the hive is spelled, so that both can be compared.
                files.push(folder.join(entry?.file_name()));
            }
            files.sort();
            Ok(files)
        };
        let files = list().map_err(|error| FileError::new(listed, error))?;
        Ok(Self { files, marks: None })
    }

    fn named_after(&self, hive: &Path) -> Vec<PathBuf> {
        let name = name(hive);
        let is_log = |file: &&PathBuf| owner(file).as_deref() == Some(&*name);
        self.files.iter().filter(is_log).cloned().collect()
    }

    fn marks(&mut self) -> &Marks {
        let files = &self.files;
        self.marks.get_or_insert_with(|| Marks::new(files))
    }
}

impl Marks {
    fn new(files: &[PathBuf]) -> Self {
        let mut marks = Self::default();
        let mut logs = Vec::new();
        for path in files {
            // What cannot be read is told where it is needed.
            match recognize(path) {
                Ok(Recognized::Hive) => marks.hives.extend(Marked::new(path)),
                Ok(Recognized::TransactionLog) => logs.extend(Marked::new(path)),
                _ => {}
            }
        }
        let hives: Vec<String> = marks.hives.iter().map(|hive| name(&hive.path)).collect();
        logs.retain(|log| owner(&log.path).is_none_or(|owner| !hives.contains(&owner)));
        marks.strays = logs;
        marks
    }

    /// The stray logs that carry the mark of this hive, and that could be applied to no other hive.
    fn logs_of(&self, path: &Path) -> Vec<PathBuf> {
        let is_of_this_alone = |log: &&Marked| {
            let mut hives = self.hives.iter().filter(|hive| hive.may_take(log));
            hives.next().is_some_and(|hive| hive.path == path) && hives.next().is_none()
        };
        self.strays.iter().filter(is_of_this_alone).map(|log| log.path.clone()).collect()
    }
}

impl Marked {
    /// `None` where the file cannot be read, or its base block says nothing.
    fn new(path: &Path) -> Option<Self> {
        let head = head(path).ok()?;
        let block = BaseBlock::first_sector(&head).ok()?;
        let file_name = block.file_name().units().collect::<Vec<u16>>();
        let mark = Mark { manager: block.raw().rm_id, file_name };
        let says_something = mark.manager != [0; 16] || !mark.file_name.is_empty();
        let (sequence, is_dirty) = (block.sequence(), block.is_dirty());
        says_something.then(|| Self { path: path.to_path_buf(), mark, sequence, is_dirty })
    }

    /// Whether a log may hold what this hive lacks: it carries its mark, and is not older. Numbers may
    /// have wrapped around.
    fn may_take(&self, log: &Self) -> bool {
        let later = log.sequence.0.wrapping_sub(self.sequence.1);
        self.mark == log.mark && self.is_dirty && later <= u32::MAX / 2
    }
}

/// The name of a file, without regard to case.
fn name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default()
}

/// The name of the hive that a log is named after, without regard to case.
fn owner(log: &Path) -> Option<String> {
    let name = name(log);
    let owner = ENDINGS.iter().find_map(|ending| name.strip_suffix(ending));
    owner.filter(|owner| !owner.is_empty()).map(String::from)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Scratch;

    /// A base block that says no more than it must; its checksum is wrong, so a hive is dirty.
    fn block(file_type: u8, manager: u8, file_name: &str) -> Vec<u8> {
        let mut block = vec![0; 4096];
        block[..4].copy_from_slice(b"regf");
        block[4] = 7;
        (block[20], block[24], block[28]) = (1, 5, file_type);
        for (at, unit) in file_name.encode_utf16().enumerate() {
            block[48 + 2 * at..][..2].copy_from_slice(&unit.to_le_bytes());
        }
        block[112..128].fill(manager);
        block
    }

    #[test]
    fn logs_are_found_by_name_in_any_case() {
        let folder = Scratch::new("names");
        let hive = folder.file("SYSTEM", &block(0, 1, "SYSTEM"));
        let expected = ["SYSTEM.LOG", "SYSTEM.LOG2", "System.Log1", "system.log1"]
            .map(|name| folder.file(name, b""));
        for other in ["SYSTEM.LOG3", "SYSTEM2.LOG1", "SYSTEM.LOG1.txt", ".LOG1"] {
            folder.file(other, b"");
        }
        assert_eq!(Neighbors::default().named_after(&hive).unwrap(), expected);
    }

    #[test]
    fn renamed_logs_are_found_by_the_mark_of_their_hive() {
        let folder = Scratch::new("marks");
        let a = folder.file("A_SYSTEM", &block(0, 1, "SYSTEM"));
        let b = folder.file("B_SYSTEM", &block(0, 2, "SYSTEM"));
        let log_of_a = folder.file("A_SYSTEM_LOG1", &block(6, 1, "SYSTEM"));
        let log_of_b = folder.file("0001.bin", &block(6, 2, "SYSTEM"));
        folder.file("B_SYSTEM.LOG2", &block(6, 2, "SYSTEM"));
        folder.file("other", &block(6, 1, "SOFTWARE"));
        folder.file("text", b"regf");
        let mut neighbors = Neighbors::default();
        assert_eq!(neighbors.marked_as(&a).unwrap(), [log_of_a]);
        assert_eq!(neighbors.marked_as(&b).unwrap(), [log_of_b]);
    }

    #[test]
    fn of_copies_the_one_that_may_take_a_log_gets_it() {
        let folder = Scratch::new("ages");
        let older = folder.file("SYSTEM", &block(0, 1, "SYSTEM"));
        let mut copy = block(0, 1, "SYSTEM");
        copy[8] = 9;
        let copy = folder.file("SYSTEM.bak", &copy);
        let log = folder.file("log", &block(6, 1, "SYSTEM"));
        let mut neighbors = Neighbors::default();
        assert_eq!(neighbors.marked_as(&older).unwrap(), [log]);
        assert!(neighbors.marked_as(&copy).unwrap().is_empty());
    }

    #[test]
    fn a_mark_that_two_hives_carry_pairs_nothing() {
        let folder = Scratch::new("copies");
        let hive = folder.file("SYSTEM", &block(0, 1, "SYSTEM"));
        folder.file("SYSTEM.bak", &block(0, 1, "SYSTEM"));
        folder.file("log", &block(6, 1, "SYSTEM"));
        let nameless = folder.file("nameless", &block(0, 0, ""));
        folder.file("nameless log", &block(6, 0, ""));
        let mut neighbors = Neighbors::default();
        assert!(neighbors.marked_as(&hive).unwrap().is_empty());
        assert!(neighbors.marked_as(&nameless).unwrap().is_empty());
    }
}
