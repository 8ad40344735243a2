// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`find`]: searches files and folders in a fixed order.

use core::fmt;
use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};

use calhive_regf::FileError;
use walkdir::WalkDir;

use crate::file::{Recognized, has_bin, recognize};
use crate::survey::Survey;

/// Files at the paths that the user named.
#[derive(Debug, Default)]
pub struct Found {
    /// Hives, each once: in the order of the named paths, sorted by name within a folder.
    pub hives: Vec<PathBuf>,
    /// Named files that are not hives.
    pub refused: Vec<Refused>,
    /// Files and folders that could not be opened, listed or read.
    pub unreadable: Vec<FileError>,
    /// Named folders without hives.
    pub without_hives: Vec<PathBuf>,
    /// Number of transaction logs in folders.
    pub logs: u64,
    /// Number of other files in folders.
    pub others: u64,
    /// Number of links in folders, which are not followed.
    pub links: u64,
    /// Number of pipes, sockets and devices in folders, which are not opened.
    pub special: u64,
    /// Files that can corroborate hives.
    pub(crate) survey: Survey,
    /// Hives that the user named, not those in folders.
    pub(crate) named: Vec<PathBuf>,
}

/// A named file that is not a hive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Path of the file.
    pub path: PathBuf,
    /// Kind of the file.
    pub recognized: Recognized,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is {}", self.path.display(), self.recognized)?;
        let advice = self.recognized.what_to_do();
        advice.map_or(Ok(()), |advice| write!(f, "; {advice}"))
    }
}

/// Finds hives among files, and in folders with all their subfolders.
///
/// Named links are followed. Links within a folder are not followed. After an error the search
/// continues.
///
/// ```
/// let found = calhive_evidence::find(&["no/such/folder"]);
/// assert!(found.hives.is_empty());
/// assert_eq!(found.unreadable.len(), 1);
/// ```
pub fn find<P: AsRef<Path>>(paths: &[P]) -> Found {
    let mut found = Found::default();
    let mut seen = HashSet::new();
    for path in paths.iter().map(AsRef::as_ref) {
        match path.metadata() {
            Ok(metadata) if metadata.is_dir() => found.folder(path, &mut seen),
            Ok(_) => found.named(path, &mut seen),
            Err(error) => found.unreadable.push(FileError::new(path, error)),
        }
    }
    found
}

impl Found {
    /// Adds a named file.
    fn named(&mut self, path: &Path, seen: &mut HashSet<PathBuf>) {
        let hives = self.hives.len();
        match recognize(path) {
            Ok(Recognized::Hive | Recognized::Fragment) => self.hive(path, seen),
            Ok(Recognized::Other) if has_bin(path).unwrap_or_default() => self.hive(path, seen),
            Ok(recognized) => self.refused.push(Refused { path: path.into(), recognized }),
            Err(error) => self.unreadable.push(error),
        }
        let is_hive = self.hives.len() > hives;
        if is_hive {
            self.named.push(path.into());
        }
        self.survey.named(path, is_hive);
    }

    /// Searches a named folder with all its subfolders.
    fn folder(&mut self, folder: &Path, seen: &mut HashSet<PathBuf>) {
        let mut hives = 0_u64;
        let canonical = folder.canonicalize().unwrap_or_else(|_| folder.into());
        let real = |path: &Path| canonical.join(path.strip_prefix(folder).unwrap_or(path));
        let unreadable = self.unreadable.len();
        for entry in WalkDir::new(folder).sort_by_file_name() {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    let path = error.path().unwrap_or(folder).to_path_buf();
                    self.survey.unlisted(real(&path));
                    let source = error.into_io_error();
                    let source = source.unwrap_or_else(|| io::Error::other("cannot be listed"));
                    self.unreadable.push(FileError::new(path, source));
                    continue;
                }
            };
            let kind = entry.file_type();
            let counter = if kind.is_dir() || entry.depth() == 0 {
                continue;
            } else if kind.is_symlink() {
                self.survey.link(&real(entry.path()));
                &mut self.links
            } else if !kind.is_file() {
                &mut self.special
            } else {
                self.survey.file(entry.path(), || real(entry.path()));
                match recognize(entry.path()) {
                    Ok(Recognized::Hive | Recognized::Fragment) => {
                        hives = hives.saturating_add(1);
                        self.hive(entry.path(), seen);
                        continue;
                    }
                    Ok(Recognized::TransactionLog) => &mut self.logs,
                    Ok(_) => &mut self.others,
                    Err(error) => {
                        self.unreadable.push(error);
                        continue;
                    }
                }
            };
            *counter = counter.saturating_add(1);
        }
        self.survey.searched(real(folder));
        // An unreadable file or folder can hold a hive.
        if hives == 0 && self.unreadable.len() == unreadable {
            self.without_hives.push(folder.into());
        }
    }

    /// Adds a hive, unless another named path led to the same file before.
    fn hive(&mut self, path: &Path, seen: &mut HashSet<PathBuf>) {
        if seen.insert(path.canonicalize().unwrap_or_else(|_| path.into())) {
            self.hives.push(path.into());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Scratch;

    #[test]
    fn hives_are_listed_in_order_and_once() {
        let folder = Scratch::new("order");
        let second = folder.file("b/SYSTEM", b"regf");
        let first = folder.file("a.bin", b"regf");
        let third = folder.file("b/sub/SOFTWARE", b"regf");
        folder.file("b/note.txt", b"text");
        folder.file("b/SYSTEM.LOG1", &{
            let mut log = b"regf".to_vec();
            log.resize(512, 0);
            log[28] = 6;
            log
        });
        let found = find(&[third.as_path(), folder.0.as_path()]);
        assert_eq!(found.hives, [third, first, second]);
        assert_eq!((found.logs, found.others), (1, 1));
        assert!(found.without_hives.is_empty());
    }

    #[test]
    fn named_file_that_is_not_a_hive_is_refused() {
        let folder = Scratch::new("named");
        let path = folder.file("export.reg", b"REGEDIT4");
        let found = find(&[&path]);
        assert_eq!(found.refused, [Refused { path, recognized: Recognized::TextExport }]);
        assert_eq!(find(&[&folder.0]).without_hives, [folder.0.as_path()]);
    }

    #[cfg(unix)]
    #[test]
    fn link_in_a_folder_is_counted_and_named_link_followed() {
        let (folder, elsewhere) = (Scratch::new("links"), Scratch::new("elsewhere"));
        let hive = elsewhere.file("SYSTEM", b"regf");
        let link = folder.0.join("link");
        std::os::unix::fs::symlink(&hive, &link).unwrap();
        std::os::unix::fs::symlink(&elsewhere.0, folder.0.join("folder")).unwrap();
        let found = find(&[&folder.0]);
        assert_eq!((found.hives.len(), found.links), (0, 2));
        assert_eq!(find(&[&link]).hives, [link]);
        assert_eq!(find(&[folder.0.join("folder")]).hives.len(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn special_file_is_never_opened() {
        let folder = Scratch::new("special");
        let socket = folder.0.join("socket");
        let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
        assert_eq!(find(&[&folder.0]).special, 1);
        let named = find(&[&socket]);
        assert!(named.unreadable[0].to_string().ends_with("not a regular file"));
        let named = find(&[Path::new("/dev/zero")]);
        assert_eq!(named.unreadable.len(), 1);
    }
}
