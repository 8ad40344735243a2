// SPDX-License-Identifier: GPL-3.0-or-later
//! [`Earlier`]: the manifest of an earlier run.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use calhive_evidence::Found;
use serde_json::Value;

use super::inputs::Again;
use super::{MANIFEST, SUMS};
use crate::text::escape;

/// The manifest of an earlier run that wrote all its files.
#[derive(Debug)]
pub(in crate::commands) struct Earlier(Value);

impl Earlier {
    /// Reads the manifest in a folder. Returns `None` if the folder is not complete.
    pub(in crate::commands) fn read(folder: &Path) -> Option<Self> {
        if !folder.join(SUMS).is_file() {
            return None;
        }
        let manifest = serde_json::from_slice(&fs::read(folder.join(MANIFEST)).ok()?).ok()?;
        Some(Self(manifest))
    }

    /// Whether the run read the hives that a search has found now, and whether these hives and their logs still have the
    /// same content.
    pub(in crate::commands) fn is_of(&self, found: &Found) -> bool {
        let inputs = self.0["inputs"].as_array().map(Vec::as_slice).unwrap_or_default();
        let hives = inputs.iter().filter(|input| input["kind"] == "hive");
        let before: BTreeSet<&str> = hives.filter_map(|hive| hive["path"].as_str()).collect();
        let now: Vec<String> = found.hives.iter().map(|hive| escape::path(hive)).collect();
        let now: BTreeSet<&str> = now.iter().map(String::as_str).collect();
        let again = Again::new(found, true);
        let is_same = |input: &Value| {
            let hashes = input["path"].as_str().and_then(|path| again.sha256(path));
            hashes.is_some_and(|hash| input["sha256_before"] == hash)
        };
        before == now && inputs.iter().filter(|input| input["kind"] != "image").all(is_same)
    }

    /// Returns the exit code of the run.
    pub(in crate::commands) fn exit_code(&self) -> u64 {
        self.0["exit_code"].as_u64().unwrap_or(1)
    }
}
