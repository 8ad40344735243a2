// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Run`]: the run of a command that made a report.

use alloc::string::String;
use alloc::vec::Vec;

#[cfg(feature = "schema")]
use schemars::JsonSchema;
#[cfg(feature = "serde")]
use serde::Serialize;

/// The run of a command that made a report. It has no time: a second run on the same evidence makes the same report.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct Run {
    /// Name of the command.
    pub program: String,
    /// Version of the command.
    pub version: String,
    /// Commit that the command was built from, with `-modified` if a file differs from the commit. `unknown` outside
    /// a repository.
    pub commit: String,
    /// Arguments of the command, with special characters escaped. The name of the command is not among them.
    pub arguments: Vec<String>,
    /// Files and folders that the command searched.
    pub evidence_roots: Vec<Root>,
}

/// A file or folder that a command searched.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct Root {
    /// Path as given, with special characters escaped.
    pub path: String,
    /// The same path from the root of the file system, with all links resolved. Absent if it cannot be resolved.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub absolute_path: Option<String>,
}
