// SPDX-License-Identifier: MIT OR Apache-2.0

//! Real files, read from the folder that `CALHIVE_CORPUS` names.
//!
//! The folder has an index, `EXPECTED.jsonl`. Each line is a JSON object about one file: its path
//! (`file`, packed with xz), the SHA-256 of its unpacked bytes (`sha256`), its kind (`hive`, `log` or
//! `not-regf`), and what independent parsers read of it. The project keeps only hashes and counts of
//! these files.
//!
//! Every function takes the name of the test that calls it. If `CALHIVE_CORPUS` is not set, the
//! function prints that this test is skipped, and returns `None`.
//!
//! # Panics
//!
//! If the folder lacks its index or a listed file, or if the SHA-256 of a file differs from the index.

use std::fs;
use std::io::{self, BufReader, Read as _};
use std::path::{Path, PathBuf};

use lzma_rust2::XzReader;

use crate::canonical::sha256;

/// A file of the corpus, unpacked.
#[derive(Debug)]
pub struct File {
    /// Path in the corpus, without `.xz`.
    pub name: String,
    /// Unpacked bytes; their SHA-256 is that of the index.
    pub bytes: Vec<u8>,
    expected: serde_json::Value,
}

impl File {
    /// Kind of the file: `hive`, `log` or `not-regf`.
    pub fn kind(&self) -> &str {
        self.expected["kind"].as_str().expect("kind")
    }

    /// The file's line in the index.
    pub const fn expected(&self) -> &serde_json::Value {
        &self.expected
    }

    /// Hash of the canonical form that yarp reads, or `None` if yarp cannot read the hive.
    pub fn canonical_hash(&self) -> Option<&str> {
        self.expected["yarp_as_is"]["canon_sha256"].as_str()
    }

    /// Logs beside this hive: the files whose names begin with that of the hive and `.LOG`.
    pub fn logs(&self) -> Vec<File> {
        let beside = format!("{}.LOG", self.name);
        files(&self.name, |name| name.starts_with(&beside)).into_iter().flatten().collect()
    }
}

/// Returns the files whose names are `wanted`, in the order of the index, each unpacked when it is
/// reached.
pub fn files(test: &str, wanted: impl Fn(&str) -> bool) -> Option<impl Iterator<Item = File>> {
    let folder = folder(test)?;
    let index = fs::read_to_string(folder.join("EXPECTED.jsonl")).expect("EXPECTED.jsonl");
    let lines: Vec<serde_json::Value> =
        index.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect();
    let files = lines.into_iter().filter_map(move |expected| {
        let packed = expected["file"].as_str().expect("file");
        let name = packed.strip_suffix(".xz").expect(packed).to_owned();
        if !wanted(&name) {
            return None;
        }
        let bytes =
            unpack(&folder.join(packed)).unwrap_or_else(|error| panic!("{packed}: {error}"));
        assert_eq!(sha256(&bytes), expected["sha256"], "{name} differs from the index");
        Some(File { name, bytes, expected })
    });
    Some(files)
}

/// Returns all hives of the corpus.
pub fn hives(test: &str) -> Option<impl Iterator<Item = File>> {
    Some(files(test, |_| true)?.filter(|file| file.kind() == "hive"))
}

/// Returns the file of this name.
pub fn file(test: &str, name: &str) -> Option<File> {
    let mut files = files(test, |other| other == name)?;
    Some(files.next().unwrap_or_else(|| panic!("{name} is not in the corpus")))
}

fn folder(test: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("CALHIVE_CORPUS").map(PathBuf::from);
    if folder.is_none() {
        println!("{test}: skipped, CALHIVE_CORPUS is not set");
    }
    folder
}

fn unpack(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    XzReader::new(BufReader::new(fs::File::open(path)?), false).read_to_end(&mut bytes)?;
    Ok(bytes)
}
