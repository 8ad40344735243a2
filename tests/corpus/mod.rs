// SPDX-License-Identifier: MIT OR Apache-2.0
//! Real hives, read where `CALHIVE_CORPUS` names their folder. Of what is in them the project keeps
//! hashes and counts only.

mod agreement;
pub(crate) mod canonical;
mod damaged;
mod findings;
mod licensing;
mod lookup;
mod refused;
mod replay;

use std::io::Read as _;
use std::path::PathBuf;

use sha2::{Digest as _, Sha256};

/// A file of the corpus, unpacked.
pub(crate) struct File {
    /// Its path in the corpus, without `.xz`.
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
    /// What is known about it: its line in `EXPECTED.jsonl`.
    expected: serde_json::Value,
}

impl File {
    /// `hive`, `log` or `not-regf`.
    pub(crate) fn kind(&self) -> &str {
        self.expected["kind"].as_str().unwrap()
    }

    /// What is known about it.
    pub(crate) const fn expected(&self) -> &serde_json::Value {
        &self.expected
    }

    /// The hash of the canonical form that yarp gives; none where it cannot read the hive.
    fn canonical_hash(&self) -> Option<&str> {
        self.expected["yarp_as_is"]["canon_sha256"].as_str()
    }
}

/// The folder; `None`, and a word about it, where there is none.
fn folder(test: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("CALHIVE_CORPUS").map(PathBuf::from);
    if folder.is_none() {
        println!("{test}: skipped, CALHIVE_CORPUS is not set");
    }
    folder
}

/// The files of the corpus that are `wanted`, one after another; none where there is no corpus.
pub(crate) fn files(
    test: &str,
    wanted: impl Fn(&str) -> bool,
) -> Option<impl Iterator<Item = File>> {
    let folder = folder(test)?;
    let list = std::fs::read_to_string(folder.join("EXPECTED.jsonl")).expect("EXPECTED.jsonl");
    let lines: Vec<serde_json::Value> =
        list.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect();
    let files = lines.into_iter().filter_map(move |expected| {
        let packed = expected["file"].as_str().unwrap();
        let name = packed.strip_suffix(".xz").unwrap().to_owned();
        if !wanted(&name) {
            return None;
        }
        let file = std::fs::File::open(folder.join(packed)).expect(packed);
        let mut bytes = Vec::new();
        let mut reader = lzma_rust2::XzReader::new(std::io::BufReader::new(file), false);
        reader.read_to_end(&mut bytes).expect(packed);
        assert_eq!(sha256(&bytes), expected["sha256"], "{name} is not the file that is listed");
        Some(File { name, bytes, expected })
    });
    Some(files)
}

/// All hives of the corpus; none where there is no corpus.
pub(crate) fn hives(test: &str) -> Option<impl Iterator<Item = File>> {
    Some(files(test, |_| true)?.filter(|file| file.kind() == "hive"))
}

/// One file of the corpus.
pub(crate) fn file(test: &str, name: &str) -> Option<File> {
    let mut files = files(test, |other| other == name)?;
    Some(files.next().unwrap_or_else(|| panic!("{name} is not in the corpus")))
}

/// The hives of the scenarios, each under folder and name.
pub(crate) fn scenarios() -> Vec<(String, Vec<u8>)> {
    let mut hives = Vec::new();
    for scenario in hive_forge::scenario::all() {
        for (file, bytes) in scenario.files() {
            hives.push((format!("{}/{file}", scenario.name), bytes));
        }
    }
    hives
}

pub(crate) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
