// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`InputReport`]: an archive or a disk image that was read, and [`SkippedReport`]: what was not read.

use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

#[cfg(feature = "schema")]
use schemars::JsonSchema;
#[cfg(feature = "serde")]
use serde::Serialize;

use calhive_evidence::{Found, ImageHash, Input, escape};

use crate::report::Text;

/// An archive or a disk image that was read.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct InputReport {
    /// Path as given, or as found in a folder, with special characters escaped.
    pub path: String,
    /// Format, such as `E01` or `zip`.
    pub format: String,
    /// Number of bytes read from it. For a compressed disk image, bytes of the disk.
    pub bytes_read: u64,
    /// Hashes of the disk that an E01 stores, and whether they are right. Absent for any other input.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub image_hash: Option<ImageHash>,
    /// The file and its further segments. Empty for standard input.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub files: Vec<InputFileReport>,
}

/// A file of an archive or a disk image.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct InputFileReport {
    /// Path, with special characters escaped.
    pub path: String,
    /// Size in bytes.
    pub size: u64,
    /// SHA-256 of the whole file, in hex. Absent if no hash was taken.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub sha256: Option<String>,
}

/// Files, links and parts of inputs that were not read.
#[derive(Clone, Debug, Default)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct SkippedReport {
    /// Number of skipped things.
    pub total: u64,
    /// The first 10,000.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub first: Vec<SkippedItem>,
}

/// A file, a link or a part of an input that was not read.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct SkippedItem {
    /// Path, with special characters escaped.
    pub path: String,
    /// Why it was not read.
    #[cfg_attr(feature = "serde", serde(rename = "text"))]
    pub reason: Text,
}

impl InputReport {
    pub(crate) fn new(input: &Input, bytes_read: u64) -> Self {
        let files = input.files.iter().map(|file| InputFileReport {
            path: escape::path(&file.path),
            size: file.size,
            sha256: None,
        });
        Self {
            path: escape::path(&input.path),
            format: input.format.clone(),
            bytes_read,
            image_hash: input.image_hash.clone(),
            files: files.collect(),
        }
    }
}

impl SkippedReport {
    pub(crate) fn new(found: &Found) -> Self {
        let first = found.skipped.iter().map(|skipped| SkippedItem {
            path: escape::path(skipped.path()),
            reason: Text::from(escape::text(&skipped.to_string())),
        });
        Self { total: found.skipped_total, first: first.collect() }
    }

    /// Whether nothing was skipped.
    #[cfg(feature = "serde")]
    pub(crate) const fn is_none(&self) -> bool {
        self.total == 0
    }
}
