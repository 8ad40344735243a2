// SPDX-License-Identifier: GPL-3.0-or-later
//! [`Earlier`]: the manifest of an earlier run.

use alloc::collections::BTreeSet;
use std::fs::FileType;
use std::io::BufReader;
use std::path::Path;

use calhive_evidence::Found;
use calhive_regf::image::open_without_waiting;
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
        let (file, _) = open_without_waiting(&folder.join(MANIFEST), FileType::is_file).ok()?;
        let manifest = serde_json::from_reader(BufReader::new(file)).ok()?;
        Some(Self(manifest))
    }

    /// Whether the run read the hives that a search has found now, and whether these hives and their logs still have the
    /// same content.
    pub(in crate::commands) fn is_of(&self, found: &Found) -> bool {
        let inputs =
            self.0.get("inputs").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let hives = inputs.iter().filter(|input| text(input, "kind") == Some("hive"));
        let before: BTreeSet<&str> = hives.filter_map(|hive| text(hive, "path")).collect();
        let now: Vec<String> = found.hives.iter().map(|hive| escape::path(hive)).collect();
        let now: BTreeSet<&str> = now.iter().map(String::as_str).collect();
        let again = Again::new(found, true);
        let is_same = |input: &Value| {
            let hash = text(input, "path").and_then(|path| again.sha256(path));
            hash.is_some() && hash.as_deref() == text(input, "sha256_before")
        };
        before == now
            && inputs.iter().filter(|input| text(input, "kind") != Some("image")).all(is_same)
    }

    /// Returns the exit code of the run.
    pub(in crate::commands) fn exit_code(&self) -> u64 {
        self.0.get("exit_code").and_then(Value::as_u64).unwrap_or(1)
    }
}

fn text<'v>(value: &'v Value, field: &str) -> Option<&'v str> {
    value.get(field)?.as_str()
}
