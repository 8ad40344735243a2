// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`ComparedItem`]: one thing that differs between two hosts or two states of a host.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

#[cfg(feature = "schema")]
use schemars::JsonSchema;
#[cfg(feature = "serde")]
use serde::Serialize;

use calhive_regf::FileTime;

use crate::report::Text;

/// One thing that differs between two hosts.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct ComparedItem {
    /// Subject of the thing.
    pub subject: ItemSubject,
    /// Stable name of the thing: the code of a place or finding, or the name of a field of the report.
    pub code: String,
    /// Title of the thing.
    pub title: Text,
    /// What differs.
    pub result: ItemResult,
    /// What A holds. Absent if A holds nothing.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub a: Option<ComparedValue>,
    /// What B holds. Absent if B holds nothing.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub b: Option<ComparedValue>,
    /// Why the result is not determinable.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub doubts: Vec<Text>,
}

/// Subject of a thing that is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[non_exhaustive]
pub enum ItemSubject {
    /// The installation of Windows: its name, product, domain and other marks.
    Identity,
    /// Role as a session host or license server.
    Role,
    /// Setting in effect.
    InEffect,
    /// Certificates that a license server issued to a session host.
    Registration,
    /// License in the store of a client.
    Token,
    /// License recovered from bytes outside the tree.
    RecoveredToken,
    /// Key or value of a client, such as its hardware ID.
    Client,
    /// Key or value of a session host.
    SessionHost,
    /// Key or value of a license server.
    LicenseServer,
    /// Finding.
    Finding,
}

impl fmt::Display for ItemSubject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Identity => "identity",
            Self::Role => "role",
            Self::InEffect => "setting in effect",
            Self::Registration => "registration",
            Self::Token => "token",
            Self::RecoveredToken => "recovered token",
            Self::Client => "client",
            Self::SessionHost => "session host",
            Self::LicenseServer => "license server",
            Self::Finding => "finding",
        })
    }
}

/// What differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[non_exhaustive]
pub enum ItemResult {
    /// B holds the thing. A was read whole at this place, and does not hold the thing.
    Added,
    /// A holds the thing. B was read whole at this place, and does not hold the thing.
    Removed,
    /// A and B hold different values.
    Changed,
    /// One side holds the thing. The other side was not read whole at this place.
    NotDeterminable,
}

impl fmt::Display for ItemResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Changed => "changed",
            Self::NotDeterminable => "not determinable",
        })
    }
}

/// What one side holds.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct ComparedValue {
    /// The value, in words.
    pub text: String,
    /// Last-written time of the newest key behind the value, UTC. Absent without such a key.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub key_last_written: Option<FileTime>,
    /// Places of the value in the evidence.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub places: Vec<ComparedPlace>,
}

/// Place of a value in the evidence.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct ComparedPlace {
    /// Id of the fact that is the same in every report on the same evidence.
    pub evidence_id: String,
    /// Path of the hive.
    pub path: String,
    /// Path of the key, from the root of the hive.
    pub key_path: String,
    /// Name of the value. Empty for the default value, absent for a key.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub value_name: Option<String>,
    /// Offset of the value, or of the key, in bytes from the start of the file. Absent if unknown.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub offset: Option<u64>,
}
