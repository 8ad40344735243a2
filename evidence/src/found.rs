// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Found`]: what a search found, and [`Refused`] and [`MoreHives`]: what it did not read.

use alloc::sync::Arc;
use core::fmt;
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use calhive_regf::{FileError, Image};

use crate::carving::CarvedMatch;
use crate::escape;
use crate::file::Recognized;
use crate::input::Input;
use crate::kind::{LICENSE_DATABASE, MASTER_KEY};
use crate::locator::Locator;
use crate::real_path::real_path;
use crate::skip::{Link, Skipped};
use crate::survey::Survey;
use crate::tree::Omission;
use crate::trees::Trees;

/// Files at the paths that the user named.
#[derive(Debug, Default)]
pub struct Found {
    /// Hives, each once: in the order of the named paths, sorted by name within a folder.
    pub hives: Vec<PathBuf>,
    /// Text exports of the registry editor and rows of live registries, each once, in the same order.
    pub exports: Vec<PathBuf>,
    /// Exports and license files that the user named, not those in folders.
    pub named_exports: Vec<PathBuf>,
    /// License files of Remote Desktop clients on other systems, each once, in the same order.
    pub license_files: Vec<PathBuf>,
    /// Matches of the caller's signatures in unallocated clusters, in the order of their paths.
    pub carved: Vec<(PathBuf, CarvedMatch)>,
    /// Named files that are not hives.
    pub refused: Vec<Refused>,
    /// Files and folders that could not be opened, listed or read.
    pub unreadable: Vec<FileError>,
    /// Named folders without hives.
    pub without_hives: Vec<PathBuf>,
    /// Number of transaction logs in folders, archives and disk images.
    pub logs: u64,
    /// These transaction logs.
    pub log_files: Vec<PathBuf>,
    /// Number of disk images and archives that were not opened, because they belong to a program or a user of
    /// Windows.
    pub containers: u64,
    /// What was not read inside disk images and archives, with the reasons.
    pub omissions: Vec<Omission>,
    /// Number of other files in folders.
    pub others: u64,
    /// Number of links in folders, which are not followed.
    pub links: u64,
    /// Number of pipes, sockets and devices in folders, which are not opened.
    pub special: u64,
    /// Links in folders that lead to folders outside all named folders.
    pub leading_away: Vec<Link>,
    /// Hives with further hives after their end.
    pub more_hives: Vec<MoreHives>,
    /// Files, links and parts of inputs that were not read, with the reasons: the first 10,000.
    pub skipped: Vec<Skipped>,
    /// Number of files, links and parts of inputs that were not read.
    pub skipped_total: u64,
    /// File or folder at which the search was interrupted. Later files were not looked at.
    pub interrupted_at: Option<PathBuf>,
    /// Files that can corroborate hives.
    pub(crate) survey: Survey,
    /// Hives that the user named, not those in folders.
    pub(crate) named: HashSet<PathBuf>,
    /// All hives by their real paths, once they are needed.
    pub(crate) given: OnceLock<HashSet<PathBuf>>,
    /// Disk images and archives that were read.
    pub(crate) trees: Arc<Trees>,
    /// Whether the bytes of all files were given in memory.
    pub(crate) is_in_memory: bool,
}

impl Found {
    /// Returns where a second tool finds a file inside a disk image or an archive; `None` for any other file.
    ///
    /// ```
    /// let found = calhive_evidence::find::<&str>(&[]);
    /// assert_eq!(found.locator("SYSTEM".as_ref()), None);
    /// ```
    pub fn locator(&self, file: &Path) -> Option<&Locator> {
        self.trees.file(file)?.locator()
    }

    /// Returns all bytes of a file inside a disk image or an archive, read again; `None` for any other file.
    pub fn read_inside(&self, file: &Path) -> Option<Result<Image, FileError>> {
        Some(self.trees.file(file)?.read(file))
    }

    /// Returns the files in the folder of a file inside a disk image or an archive, sorted; `None` for any other
    /// file.
    pub fn files_beside(&self, file: &Path) -> Option<Vec<PathBuf>> {
        self.trees.folder(file.parent()?)
    }

    /// Returns the path of a file with the links in its folder resolved, as [`real_path`](crate::real_path) does;
    /// `None` if the bytes were given in memory.
    pub fn real_path(&self, file: &Path) -> Option<PathBuf> {
        (!self.is_in_memory).then(|| real_path(file))
    }

    /// Returns the databases of license servers, at their place in Windows: the first ten of each machine.
    pub fn license_databases(&self) -> Vec<PathBuf> {
        self.survey.of_kind(LICENSE_DATABASE)
    }

    /// Returns the master key files of the system, at their places in Windows: the first thousand of each machine.
    pub fn master_keys(&self) -> Vec<PathBuf> {
        self.survey.of_kind(MASTER_KEY)
    }

    /// Returns the disk images and archives that were read, each with the number of bytes read so far.
    pub fn inputs(&self) -> impl Iterator<Item = (&Input, u64)> {
        self.trees.inputs().zip(self.trees.bytes_read())
    }

    /// Returns the hives, then the exports, the license files and the carved matches.
    pub fn sources(&self) -> Vec<PathBuf> {
        let files = [&self.hives, &self.exports, &self.license_files].into_iter().flatten();
        files.chain(self.carved.iter().map(|(path, _)| path)).cloned().collect()
    }
}

/// A named file that is not a hive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Path of the file.
    pub path: PathBuf,
    /// Kind of the file.
    pub recognized: Recognized,
    /// Number of hives inside the file, stored as they are.
    pub hives: u64,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is {}", escape::path(&self.path), self.recognized)?;
        if self.hives > 0 {
            let ending = if self.hives == 1 { "" } else { "s" };
            return write!(
                f,
                ", but holds {} hive{ending}; extract with `calhive carve FILE -o FOLDER` and scan that \
                 folder, or mount or unpack the file",
                self.hives
            );
        }
        let advice = self.recognized.what_to_do();
        advice.map_or(Ok(()), |advice| write!(f, "; {advice}"))
    }
}

/// A hive with further hives after its end. Only the first hive is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MoreHives {
    /// Path of the file.
    pub path: PathBuf,
    /// Number of hives after the first one.
    pub hives: u64,
}

impl fmt::Display for MoreHives {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ending = if self.hives == 1 { "" } else { "s" };
        write!(
            f,
            "{}: holds {} more hive{ending} after its own end; calhive read the first hive only; extract all \
             with `calhive carve FILE -o FOLDER` and scan that folder",
            escape::path(&self.path),
            self.hives
        )
    }
}
