// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Fault`]: an item of a hive that could not be read, or that is wrong.

use alloc::string::String;
use alloc::vec::Vec;

#[cfg(feature = "schema")]
use schemars::JsonSchema;
#[cfg(feature = "serde")]
use serde::Serialize;

/// Faults of a source.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct FaultReport {
    /// Number of faults.
    pub total: u64,
    /// The first of these faults.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub first: Vec<Fault>,
}

/// A fault of a source.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct Fault {
    /// Offset of the fault, in bytes from the start of the file.
    pub offset: u64,
    /// What is wrong.
    #[cfg_attr(feature = "serde", serde(rename = "text"))]
    pub message: String,
}
