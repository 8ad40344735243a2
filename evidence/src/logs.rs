// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Neighbors`]: transaction logs in the folder of a hive.
//!
//! Windows names logs after the hive: `SYSTEM.LOG`, `SYSTEM.LOG1`, `SYSTEM.LOG2`. Copies change the
//! case of names, and collections rename files. If names of hives in a folder differ only in letter case, a log goes
//! to the hive of the same spelling. If no hive has this spelling, the log goes to the first of them. So each log is
//! read with one hive. If no log has the name of the hive, calhive uses base blocks to find the logs of the hive.
//! Replay decides whether a log applies.

use alloc::sync::Arc;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fs;
use std::path::{Path, PathBuf};

use calhive_regf::hive::base_block::BaseBlock;
use calhive_regf::{FileError, PathText};

use crate::file::{HEAD_LENGTH, Recognized, head};
use crate::trees::Trees;

/// Suffixes of log names after the name of the hive, in any letter case.
const ENDINGS: [&str; 3] = [".log", ".log1", ".log2"];

/// Finds logs in the folders of hives, and lists each folder once.
///
/// ```
/// use calhive_evidence::Neighbors;
/// let logs = Neighbors::default().named_after("no/such/folder/SYSTEM".as_ref());
/// assert!(logs.is_err());
/// ```
#[derive(Debug, Default)]
pub struct Neighbors {
    /// Archives and disk images that can hold the folders.
    trees: Arc<Trees>,
    folders: HashMap<PathBuf, Folder>,
}

/// Files of a folder.
#[derive(Debug, Default)]
struct Folder {
    files: Vec<PathBuf>,
    /// Map from a name in lower case to the files of this name: hives first. Filled as names are searched.
    sharers: HashMap<String, Vec<PathBuf>>,
    /// Base blocks of the files. `None` before the first search by base block.
    marks: Option<Marks>,
}

/// Base blocks of the hives and logs of a folder.
#[derive(Debug, Default)]
struct Marks {
    hives: Vec<Marked>,
    /// Logs that are not named after any hive in the folder.
    strays: Vec<Marked>,
}

/// A hive or log, with fields of its base block.
#[derive(Debug)]
struct Marked {
    path: PathBuf,
    mark: Mark,
    sequence: (u32, u32),
    is_dirty: bool,
}

/// Common identity of a hive and its logs: resource manager and file name of the hive.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Mark {
    manager: [u8; 16],
    file_name: Vec<u16>,
}

impl Neighbors {
    pub(crate) fn inside(trees: Arc<Trees>) -> Self {
        Self { trees, folders: HashMap::new() }
    }

    /// Returns the logs named after this hive, sorted by name. The list includes empty files, because
    /// Windows keeps empty logs. The list also includes special files with the name of a log. If the folder has
    /// several hives of this name in other letter case, each log is in the list of one hive.
    ///
    /// # Errors
    /// If the folder cannot be listed.
    pub fn named_after(&mut self, hive: &Path) -> Result<Vec<PathBuf>, FileError> {
        let trees = Arc::clone(&self.trees);
        let logs = self.folder(hive)?.named_after(hive, &trees);
        match hive.canonicalize() {
            // The logs of a linked hive are in the folder of the target.
            Ok(target) if logs.is_empty() && hive.is_symlink() => {
                Ok(self.folder(&target)?.named_after(&target, &trees))
            }
            _ => Ok(logs),
        }
    }

    /// Returns the logs in the folder of this hive that match the hive by base block. The resource
    /// manager and the file name must match. Logs named after any hive in the folder are skipped.
    /// If a log can also apply to another hive, for example a copy, the log is skipped. The search
    /// reads every file of the folder.
    ///
    /// # Errors
    /// If the folder cannot be listed.
    pub fn marked_as(&mut self, hive: &Path) -> Result<Vec<PathBuf>, FileError> {
        let trees = Arc::clone(&self.trees);
        Ok(self.folder(hive)?.marks(&trees).logs_of(hive))
    }

    fn folder(&mut self, hive: &Path) -> Result<&mut Folder, FileError> {
        let prefix = hive.parent().unwrap_or(Path::new(""));
        match self.folders.entry(prefix.into()) {
            Entry::Occupied(known) => Ok(known.into_mut()),
            Entry::Vacant(new) => Ok(new.insert(match self.trees.folder(prefix) {
                Some(files) => Folder { files, ..Folder::default() },
                None => Folder::list(prefix)?,
            })),
        }
    }
}

impl Folder {
    /// Lists a folder, special files included. The functions that open files report special files.
    fn list(folder: &Path) -> Result<Self, FileError> {
        let here = Path::new(".");
        let listed = if folder.as_os_str().is_empty() { here } else { folder };
        let list = || {
            let mut files = Vec::new();
            for entry in fs::read_dir(listed)? {
                // The caller's spelling of the folder makes this path equal to the path of the hive.
                files.push(folder.join(entry?.file_name()));
            }
            files.sort();
            Ok(files)
        };
        let files = list().map_err(|error| FileError::new(listed, error))?;
        Ok(Self { files, ..Self::default() })
    }

    /// Returns the logs named after this hive.
    fn named_after(&mut self, hive: &Path, trees: &Trees) -> Vec<PathBuf> {
        let lower = name(hive);
        let is_log = |file: &&PathBuf| owner(file).as_deref() == Some(&*lower);
        let mut logs: Vec<PathBuf> = self.files.iter().filter(is_log).cloned().collect();
        if !logs.is_empty() {
            let sharers = self.sharers.entry(lower).or_insert_with_key(|lower| {
                let hives = self.files.iter().filter(|file| name(file) == *lower);
                by_content(hives.cloned().collect(), trees)
            });
            logs.retain(|log| takes(sharers, hive, log));
        }
        logs
    }

    fn marks(&mut self, trees: &Trees) -> &Marks {
        let files = &self.files;
        self.marks.get_or_insert_with(|| Marks::new(files, trees))
    }
}

impl Marks {
    fn new(files: &[PathBuf], trees: &Trees) -> Self {
        let mut marks = Self::default();
        let mut logs = Vec::new();
        for path in files {
            // Unreadable files are reported on use.
            let Ok(head) = head_of(path, trees) else { continue };
            match Recognized::of(&head) {
                Recognized::Hive => marks.hives.extend(Marked::new(path, &head)),
                Recognized::TransactionLog => logs.extend(Marked::new(path, &head)),
                _ => {}
            }
        }
        let hives: Vec<String> = marks.hives.iter().map(|hive| name(&hive.path)).collect();
        logs.retain(|log| owner(&log.path).is_none_or(|owner| !hives.contains(&owner)));
        marks.strays = logs;
        marks
    }

    /// Returns the stray logs that can apply to this hive and to no other.
    fn logs_of(&self, path: &Path) -> Vec<PathBuf> {
        let is_of_this_alone = |log: &&Marked| {
            let mut hives = self.hives.iter().filter(|hive| hive.may_take(log));
            hives.next().is_some_and(|hive| hive.path == path) && hives.next().is_none()
        };
        self.strays.iter().filter(is_of_this_alone).map(|log| log.path.clone()).collect()
    }
}

impl Marked {
    /// Reads the base block at the start of a file. Returns `None` if the base block cannot be read or
    /// identifies no hive.
    fn new(path: &Path, head: &[u8]) -> Option<Self> {
        let block = BaseBlock::first_sector(head).ok()?;
        let file_name = block.file_name().units().collect::<Vec<u16>>();
        let mark = Mark { manager: block.raw().rm_id, file_name };
        let says_something = mark.manager != [0; 16] || !mark.file_name.is_empty();
        let (sequence, is_dirty) = (block.sequence(), block.is_dirty());
        says_something.then(|| Self { path: path.to_path_buf(), mark, sequence, is_dirty })
    }

    /// Returns whether a log can apply to this hive: the hive is dirty, the identity matches, and the
    /// log is not older than the hive. Sequence numbers wrap.
    fn may_take(&self, log: &Self) -> bool {
        let later = log.sequence.0.wrapping_sub(self.sequence.1);
        self.mark == log.mark && self.is_dirty && later <= u32::MAX / 2
    }
}

/// Sorts files whose names differ only in letter case: hives first, then by name.
fn by_content(mut files: Vec<PathBuf>, trees: &Trees) -> Vec<PathBuf> {
    if files.len() > 1 {
        files.sort_by_cached_key(|path| {
            let kind = head_of(path, trees).map(|head| Recognized::of(&head));
            let is_hive = matches!(kind, Ok(Recognized::Hive | Recognized::Fragment));
            (!is_hive, path.clone())
        });
    }
    files
}

/// Whether a hive takes a log. `sharers` are the files whose names equal the name of the log in any letter case. The
/// log belongs to the file with the same spelling. Without such a file, the log belongs to the first of the sharers.
fn takes(sharers: &[PathBuf], hive: &Path, log: &Path) -> bool {
    // A system that ignores letter case opens a file under other spellings too.
    if !sharers.iter().any(|path| path.file_name() == hive.file_name()) {
        return true;
    }
    let spelled = owner_as_spelled(log);
    let is_same = |path: &&PathBuf| spelled.as_ref().is_some_and(|it| *it == spelling(path));
    let owner = sharers.iter().find(is_same).or(sharers.first());
    owner.is_some_and(|owner| owner.file_name() == hive.file_name())
}

/// Returns the first bytes of a file, in a folder or inside an archive or disk image.
fn head_of(path: &Path, trees: &Trees) -> std::io::Result<Vec<u8>> {
    trees.file(path).map_or_else(|| head(path), |file| file.head(HEAD_LENGTH))
}

/// Returns the only log of a pair that is there, `.LOG1` or `.LOG2`, and the name of the missing log. `None` if
/// both or none of the two exist. `logs` lists all logs named after a hive.
pub(crate) fn missing_log(logs: &[PathBuf]) -> Option<(PathBuf, String)> {
    let [first, second] =
        [".log1", ".log2"].map(|ending| logs.iter().find(|log| name(log).ends_with(ending)));
    let (found, other) = match (first, second) {
        (Some(found), None) => (found, '2'),
        (None, Some(found)) => (found, '1'),
        _ => return None,
    };
    let mut missing = PathText(found.file_name()?.as_ref()).to_string();
    missing.pop();
    missing.push(other);
    Some((found.clone(), missing))
}

/// Returns the name of a file. Names that differ in bytes that are not UTF-8 stay different.
fn spelling(path: &Path) -> String {
    path.file_name().map(|name| PathText(name.as_ref()).to_string()).unwrap_or_default()
}

/// Returns the name of a file in lower case.
fn name(path: &Path) -> String {
    spelling(path).to_lowercase()
}

/// Returns the name of the hive that a log is named after, in the spelling of the log.
fn owner_as_spelled(log: &Path) -> Option<String> {
    let name = spelling(log);
    let ending = ENDINGS.iter().find(|ending| name.to_lowercase().ends_with(*ending))?;
    let length = name.len().saturating_sub(ending.len());
    name.get(..length).map(String::from)
}

/// Returns the name of the hive that a log is named after, in lower case.
fn owner(log: &Path) -> Option<String> {
    let name = name(log);
    let owner = ENDINGS.iter().find_map(|ending| name.strip_suffix(ending));
    owner.filter(|owner| !owner.is_empty()).map(String::from)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Scratch;

    /// Returns a minimal base block. Its checksum is wrong, so a hive is dirty.
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
    fn log_with_the_name_of_its_hive_is_found_in_any_letter_case() {
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
    fn missing_log_of_a_pair_is_named_after_the_other() {
        let missing = |names: &[&str]| {
            let logs: Vec<PathBuf> = names.iter().map(PathBuf::from).collect();
            missing_log(&logs).map(|(_, missing)| missing)
        };
        assert_eq!(missing(&["a/SYSTEM.LOG2"]).as_deref(), Some("SYSTEM.LOG1"));
        assert_eq!(missing(&["system.log", "system.log1"]).as_deref(), Some("system.log2"));
        assert_eq!(missing(&["SYSTEM.LOG1", "system.log2"]), None);
        assert_eq!(missing(&["SYSTEM.LOG"]), None);
    }

    #[test]
    fn renamed_log_is_found_by_its_base_block() {
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
    fn log_of_two_copies_goes_to_the_only_one_it_can_apply_to() {
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
    fn log_that_can_apply_to_two_hives_is_not_paired() {
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

    #[test]
    fn log_of_hives_that_differ_in_letter_case_goes_to_one_of_them() {
        let folder = Scratch::new("letter-case");
        let [upper, mixed] = ["SYSTEM", "System"].map(|it| folder.file(it, &block(0, 1, "SYSTEM")));
        // A text in the place of the hive takes no log.
        folder.file("SYSTEm", b"text");
        let [of_upper, of_mixed, of_none] =
            ["SYSTEM.LOG1", "System.Log1", "system.LOG2"].map(|it| folder.file(it, b""));
        let mut neighbors = Neighbors::default();
        assert_eq!(neighbors.named_after(&upper).unwrap(), [of_upper, of_none]);
        assert_eq!(neighbors.named_after(&mixed).unwrap(), [of_mixed]);
    }

    #[test]
    fn each_log_of_hives_that_differ_in_letter_case_is_used_once() {
        let folder = Scratch::new("one-heir");
        let hives: Vec<PathBuf> = (0..64_u8)
            .map(|number| {
                let letter = |at: usize, it: char| match number >> at & 1 {
                    0 => it.to_ascii_lowercase(),
                    _ => it,
                };
                let name: String =
                    "SYSTEM".chars().enumerate().map(|(at, it)| letter(at, it)).collect();
                folder.file(&name, &block(0, 1, "SYSTEM"))
            })
            .collect();
        folder.file("system.LOG1", b"");
        folder.file("SYSTEM.loG2", b"");
        let mut neighbors = Neighbors::default();
        let taken = hives.iter().map(|hive| neighbors.named_after(hive).unwrap().len());
        assert_eq!(taken.sum::<usize>(), 2);
    }

    #[cfg(unix)]
    #[test]
    fn log_of_a_name_with_other_invalid_bytes_is_not_taken() {
        use std::ffi::OsStr;
        use std::os::unix::ffi::OsStrExt as _;
        let folder = Scratch::new("logs-invalid-bytes");
        let path = |name: &[u8]| folder.0.join(OsStr::from_bytes(name));
        folder.file("SYSTEM", b"regf");
        for name in [&b"A\xFE"[..], b"A\xFF", b"A\xFE.LOG1", b"A\xFF.LOG1", b"A\xFF.LOG2"] {
            fs::write(path(name), b"regf").unwrap();
        }
        let mut neighbors = Neighbors::default();
        assert_eq!(neighbors.named_after(&path(b"A\xFE")).unwrap(), [path(b"A\xFE.LOG1")]);
        let both = [path(b"A\xFF.LOG1"), path(b"A\xFF.LOG2")];
        assert_eq!(neighbors.named_after(&path(b"A\xFF")).unwrap(), both);
        let (found, missing) = missing_log(&[path(b"A\xFE.LOG1")]).unwrap();
        assert_eq!((found, missing.as_str()), (path(b"A\xFE.LOG1"), r"A\xFE.LOG2"));
    }
}
