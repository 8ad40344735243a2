// SPDX-License-Identifier: GPL-3.0-or-later
//! [`Inputs`]: the hives and logs of a report, with their hashes during the scan and after it.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use calhive::report::{SourceFormReport, SourceReport};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::commands::write_new::folder_of;
use crate::redaction::Redaction;
use crate::text::{escape, hex};

/// Size of a piece that is read at once, in bytes.
const PIECE: usize = 1 << 16;

/// The hives and logs of a report.
#[derive(Debug, Serialize)]
pub(super) struct Inputs(Vec<Input>);

/// A hive or log.
#[derive(Debug, Serialize)]
struct Input {
    /// Path of the file, with special characters escaped.
    path: String,
    kind: Kind,
    /// Id of the source in the report.
    source: String,
    /// Size of the file during the scan, in bytes.
    size: u64,
    /// SHA-256 of the bytes that the scan read, in hex. Null if the scan took no hash.
    sha256_before: Option<String>,
    /// SHA-256 of the file after the scan, in hex. Null if the file could not be read again.
    sha256_after: Option<String>,
    /// Whether both hashes are equal. Null if a hash is missing.
    is_unchanged: Option<bool>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Hive,
    Log,
    RegistryExport,
    LicenseFile,
}

impl Inputs {
    /// Reads every file again and hashes it.
    pub(super) fn of(sources: &[SourceReport], hives: &[PathBuf]) -> Self {
        let files = files(hives);
        let mut inputs = Vec::new();
        for source in sources {
            let hash = source.sha256.as_ref();
            for path in [&source.path].into_iter().chain(&source.copies) {
                let kind = match source.form {
                    SourceFormReport::RegistryExport => Kind::RegistryExport,
                    SourceFormReport::LicenseFile => Kind::LicenseFile,
                    _ => Kind::Hive,
                };
                inputs.push(Input::new(path, kind, &source.id, source.size, hash, &files));
            }
            for log in source.replay.iter().flat_map(|replay| &replay.logs) {
                let hash = log.sha256.as_ref();
                inputs.push(Input::new(&log.path, Kind::Log, &source.id, log.size, hash, &files));
            }
        }
        Self(inputs)
    }

    /// Puts pseudonyms in the paths.
    pub(super) fn redact(&mut self, redaction: &Redaction) {
        self.0.iter_mut().for_each(|input| input.path = redaction.path(&input.path));
    }

    /// Returns the paths of files whose content is another one than during the scan.
    pub(super) fn changed(&self) -> impl Iterator<Item = &str> {
        let changed = self.0.iter().filter(|input| input.is_unchanged == Some(false));
        changed.map(|input| input.path.as_str())
    }
}

impl Input {
    fn new(
        path: &str,
        kind: Kind,
        source: &str,
        size: u64,
        sha256_before: Option<&String>,
        files: &HashMap<String, PathBuf>,
    ) -> Self {
        let file = files.get(path).map_or_else(|| Path::new(path), PathBuf::as_path);
        let sha256_before = sha256_before.cloned();
        let sha256_after = sha256(file).ok();
        let hashes = sha256_before.as_ref().zip(sha256_after.as_ref());
        let is_unchanged = hashes.map(|(before, after)| before == after);
        Self {
            path: path.to_owned(),
            kind,
            source: source.to_owned(),
            size,
            sha256_before,
            sha256_after,
            is_unchanged,
        }
    }
}

/// Returns the files in the folders of the hives by their escaped paths, which reports show.
fn files(hives: &[PathBuf]) -> HashMap<String, PathBuf> {
    let mut files = HashMap::new();
    for hive in hives {
        files.insert(escape::path(hive), hive.clone());
        let folder = folder_of(hive);
        // A name without special characters is its own path, and needs no entry here.
        let beside = fs::read_dir(&folder).into_iter().flatten().flatten();
        for file in beside {
            let path = hive.with_file_name(file.file_name());
            let escaped = escape::path(&path);
            if Path::new(&escaped) != path {
                files.insert(escaped, path);
            }
        }
    }
    files
}

fn sha256(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?;
    let (mut digest, mut piece) = (Sha256::new(), vec![0; PIECE]);
    loop {
        let length = file.read(&mut piece)?;
        if length == 0 {
            return Ok(hex::digits(&digest.finalize()));
        }
        digest.update(piece.get(..length).unwrap_or_default());
    }
}
