// SPDX-License-Identifier: GPL-3.0-or-later
//! [`Inputs`]: the files that a report is about, with their hashes during the scan and after it.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use calhive::report::SourceFormReport;
use calhive_evidence::Found;
use serde::Serialize;

use super::Read;
use crate::commands::write_new::folder_of;
use crate::digest::{sha256, sha256_of_file};
use crate::redaction::Redaction;
use crate::text::escape;

/// The files that a report is about: disk images and archives, hives, logs and master key files.
#[derive(Debug, Serialize)]
pub(in crate::commands) struct Inputs(Vec<Input>);

/// A disk image, an archive, a hive, a log or a master key file.
#[derive(Debug, Serialize)]
struct Input {
    /// Path of the file, with special characters escaped.
    path: String,
    kind: Kind,
    /// Id of the source in the report. Absent for a disk image, an archive or a master key file.
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<String>,
    /// Size of the file during the scan, in bytes.
    size: u64,
    /// SHA-256 of the bytes that the scan read, in hex. Null if the scan took no hash.
    sha256_before: Option<String>,
    /// SHA-256 of the file after the scan, in hex. Null if the file was not read again.
    sha256_after: Option<String>,
    /// Whether both hashes are equal. Null if a hash is missing.
    is_unchanged: Option<bool>,
}

#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    /// A disk image or an archive, or a segment of it.
    Image,
    Hive,
    Log,
    RegistryExport,
    LiveRows,
    LicenseFile,
    /// Read for the end of the grace period alone.
    MasterKeyFile,
    /// A token or a certificate chain in unallocated clusters.
    UnallocatedSpace,
}

impl Inputs {
    /// Reads every file on disk again and hashes it. Reads files inside disk images and archives, and these
    /// themselves, only if `verify` is true.
    pub(in crate::commands) fn of(read: &Read<'_>) -> Self {
        let &Read { images, sources, master_keys, found, verify, redaction: _ } = read;
        let again = Again::new(found, verify);
        let mut inputs = Vec::new();
        for file in images.iter().flat_map(|image| &image.files) {
            let path = again.files.get(&file.path).map_or(Path::new(&file.path), PathBuf::as_path);
            let is_hashed = verify && file.sha256.is_some();
            let after = is_hashed.then(|| sha256_of_file(path).ok()).flatten();
            let hashes = (file.sha256.clone(), after);
            inputs.push(Input::new(&file.path, Kind::Image, None, file.size, hashes));
        }
        for source in sources {
            let id = Some(source.id.as_str());
            for path in [&source.path].into_iter().chain(&source.copies) {
                let kind = match source.form {
                    SourceFormReport::RegistryExport => Kind::RegistryExport,
                    SourceFormReport::LiveRows => Kind::LiveRows,
                    SourceFormReport::LicenseFile => Kind::LicenseFile,
                    SourceFormReport::UnallocatedSpace => Kind::UnallocatedSpace,
                    _ => Kind::Hive,
                };
                let hashes = (source.sha256.clone(), again.sha256(path));
                inputs.push(Input::new(path, kind, id, source.size, hashes));
            }
            for log in source.replay.iter().flat_map(|replay| &replay.logs) {
                let hashes = (log.sha256.clone(), again.sha256(&log.path));
                inputs.push(Input::new(&log.path, Kind::Log, id, log.size, hashes));
            }
        }
        for file in master_keys {
            let hashes = (Some(file.sha256.clone()), again.sha256(&file.path));
            inputs.push(Input::new(&file.path, Kind::MasterKeyFile, None, file.size, hashes));
        }
        Self(inputs)
    }

    /// Puts pseudonyms in the paths.
    pub(super) fn redact(&mut self, redaction: &Redaction) {
        self.0.iter_mut().for_each(|input| input.path = redaction.path(&input.path));
    }

    /// Returns the paths of files whose content is another one than during the scan.
    pub(in crate::commands) fn changed(&self) -> impl Iterator<Item = &str> {
        let changed = self.0.iter().filter(|input| input.is_unchanged == Some(false));
        changed.map(|input| input.path.as_str())
    }
}

impl Input {
    fn new(
        path: &str,
        kind: Kind,
        source: Option<&str>,
        size: u64,
        (sha256_before, sha256_after): (Option<String>, Option<String>),
    ) -> Self {
        let hashes = sha256_before.as_ref().zip(sha256_after.as_ref());
        let is_unchanged = hashes.map(|(before, after)| before == after);
        let (path, source) = (path.to_owned(), source.map(str::to_owned));
        Self { path, kind, source, size, sha256_before, sha256_after, is_unchanged }
    }
}

/// Reads files again, after the scan.
pub(super) struct Again<'a> {
    found: &'a Found,
    /// Files by their escaped paths, which reports show.
    files: HashMap<String, PathBuf>,
    /// Whether files inside disk images and archives are read again.
    verify: bool,
}

impl<'a> Again<'a> {
    pub(super) fn new(found: &'a Found, verify: bool) -> Self {
        Self { found, files: files(found), verify }
    }

    /// Returns the SHA-256 of a hive, log or master key file; `None` if it was not read again.
    pub(super) fn sha256(&self, path: &str) -> Option<String> {
        let file = self.files.get(path).map_or_else(|| Path::new(path), PathBuf::as_path);
        if self.found.locator(file).is_none() {
            return sha256_of_file(file).ok();
        }
        let image = if self.verify { self.found.read_inside(file)?.ok() } else { None }?;
        Some(sha256([image.bytes()]))
    }
}

/// Returns the files in the folders of the hives, and the disk images and archives, by their escaped paths.
fn files(found: &Found) -> HashMap<String, PathBuf> {
    let images = found.inputs().flat_map(|(input, _)| &input.files);
    let images = images.map(|file| (escape::path(&file.path), file.path.clone()));
    let mut files: HashMap<String, PathBuf> = images.collect();
    let master_keys = found.master_keys().into_iter();
    files.extend(master_keys.map(|path| (escape::path(&path), path)));
    for hive in &found.sources() {
        files.insert(escape::path(hive), hive.clone());
        // A name without special characters is its own path, and needs no entry here.
        for path in beside(hive, found) {
            let escaped = escape::path(&path);
            if Path::new(&escaped) != path {
                files.insert(escaped, path);
            }
        }
    }
    files
}

/// Returns the files in the folder of a hive.
fn beside(hive: &Path, found: &Found) -> Vec<PathBuf> {
    if let Some(files) = found.files_beside(hive) {
        return files;
    }
    let entries = fs::read_dir(folder_of(hive)).into_iter().flatten().flatten();
    entries.map(|file| hive.with_file_name(file.file_name())).collect()
}
