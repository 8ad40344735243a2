// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`report`]: files that a folder lists, and that the pass over the `$MFT` did not find.

use std::collections::{HashMap, HashSet};
use std::io;
use std::path::PathBuf;

use crate::ntfs::files::{Files, NtfsFile, Wanted};
use crate::ntfs::folders::Folders;
use crate::ntfs::index::{self, Budget, IndexEntry};
use crate::ntfs::mft::Mft;
use crate::tree::Omission;

/// Compares the names in the wanted folders with the files found. Adds an omission for each wanted name whose file
/// was not found, or is empty while the folder gives it a size.
pub(super) fn report(mft: &Mft, folders: &Folders, wanted: &Wanted<'_>, files: &mut Files) {
    let mut found: HashMap<u64, Vec<&NtfsFile>> = HashMap::new();
    for file in files.found.iter().filter(|file| !file.is_deleted) {
        found.entry(file.record).or_default().push(file);
    }
    let (mut omissions, mut budget) = (Vec::new(), Budget(mft.volume_size()));
    for (folder, parent, name) in folders.in_use() {
        let Some(path) = folders.path(parent, name, true).filter(|it| (wanted.folder)(it)) else {
            continue;
        };
        let entries = match names(mft, folder.record, &mut budget) {
            Ok(entries) => entries,
            Err(error) => {
                let why = format!(
                    "its list of names cannot be read, so that a hidden file would not be noticed: {error}"
                );
                omissions.push(Omission { path, why, is_loss: true });
                continue;
            }
        };
        for entry in entries {
            let path = path.join(&entry.name);
            if (wanted.name)(&entry.name) && (wanted.path)(&path) {
                let files = found.get(&entry.file.record).map(Vec::as_slice).unwrap_or_default();
                omissions.extend(hidden(mft, &entry, path, files));
            }
        }
    }
    // A name that is damaged in a known way has an omission already.
    let mut known: HashSet<PathBuf> = files.omissions.iter().map(|it| it.path.clone()).collect();
    files.omissions.extend(omissions.into_iter().filter(|it| known.insert(it.path.clone())));
}

/// Returns the names in a folder. A record that is no folder any more has none.
fn names(mft: &Mft, folder: u64, budget: &mut Budget) -> io::Result<Vec<IndexEntry>> {
    let mut buffer = Vec::new();
    let record = mft.read(folder, &mut buffer)?;
    if record.is_folder() { index::entries(mft, &record, budget) } else { Ok(Vec::new()) }
}

/// Returns why a name of a folder is missing among the files with its record.
fn hidden(mft: &Mft, entry: &IndexEntry, path: PathBuf, files: &[&NtfsFile]) -> Option<Omission> {
    let is_meant = |file: &&&NtfsFile| {
        file.sequence == entry.file.sequence && file.full_path.as_deref() == Some(&*path)
    };
    let (number, size) = (entry.file.record, entry.size);
    let why = match files.iter().find(is_meant) {
        Some(file) if file.size == 0 && size > 0 => {
            format!("the folder gives the file {size} bytes, and MFT record {number} gives it none")
        }
        Some(_) => return None,
        None if is_folder(mft, number) => return None,
        None => format!(
            "the folder lists the file with MFT record {number}, which is no file of this name: one of the two \
             was changed, and the file can be missing"
        ),
    };
    Some(Omission { path, why, is_loss: true })
}

/// Whether a record is a folder with a list of names.
fn is_folder(mft: &Mft, number: u64) -> bool {
    let mut buffer = Vec::new();
    mft.read(number, &mut buffer).is_ok_and(|record| {
        record.is_folder() && record.is_in_use() && index::is_there(mft, &record)
    })
}
