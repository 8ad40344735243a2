// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`GraceEndReport`]: what came of decrypting the end of the grace period.

use alloc::string::String;
use alloc::vec::Vec;

#[cfg(feature = "schema")]
use schemars::JsonSchema;
#[cfg(feature = "serde")]
use serde::Serialize;

use calhive_regf::FileTime;

use crate::report::Text;

/// What came of decrypting the end of the grace period, because the examiner asked for that.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct GraceEndReport {
    /// Path of the SYSTEM hive, with special characters escaped.
    pub system: String,
    /// Path of the SECURITY hive that was read for this purpose, with special characters escaped. Absent without one.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub security: Option<String>,
    /// The decrypted time. Absent if the value did not open.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub end: Option<FileTime>,
    /// Whether the time is read as the end of the grace period. It is not on a client edition, nor in a control set that
    /// is not in use. Absent if the value did not open.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub is_read_as_end: Option<bool>,
    /// The time 120 days before the end, as the inferred start. Absent if the time is not read as the end, or on Windows
    /// 2000, whose period has another length.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub derived_start: Option<FileTime>,
    /// Time at which the value was set, from a plain time beside it. Only a secret has this time.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub set_at: Option<FileTime>,
    /// Whether a message authentication code of the value verifies. A secret has no such code. Absent if the value did
    /// not open.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub is_authenticated: Option<bool>,
    /// Why the value did not open, such as `no_security_hive`. Absent if it opened.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub reason: Option<String>,
    /// What was decrypted and how, or why not.
    pub statement: Text,
    /// What this does not show.
    pub not_shown: Text,
    /// Master key files that were read for this purpose.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub files: Vec<MasterKeyFileReport>,
}

/// A master key file that was read to decrypt the end of the grace period. Its keys were used in memory and not kept.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct MasterKeyFileReport {
    /// Path, with special characters escaped.
    pub path: String,
    /// Size in bytes.
    pub size: u64,
    /// SHA-256 of the whole file, in hex.
    pub sha256: String,
    /// Whether the file opened the value.
    pub is_used: bool,
}

impl GraceEndReport {
    /// What a decrypted time does not show.
    pub(crate) const NOT_SHOWN: &str =
        "Who or what protected the value, where or when; unlicensed use.";
    /// What a value that does not open does not show.
    pub(crate) const CLOSED: &str = "That the end is not decrypted does not show tampering.";
}
