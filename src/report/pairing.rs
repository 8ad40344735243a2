// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Pairing`]: why calhive treats hives as one host, and [`PairingBasis`]: what supports or contradicts it.

use alloc::string::String;
use alloc::vec::Vec;

use crate::report::text::Text;
#[cfg(feature = "schema")]
use schemars::JsonSchema;
#[cfg(feature = "serde")]
use serde::Serialize;

/// Why calhive treats sources as one host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[non_exhaustive]
pub enum Pairing {
    /// The sources are in one configuration folder of Windows.
    ConfigurationFolder,
    /// The sources are the only SYSTEM and the only SOFTWARE hive of one folder. The pairing is assumed.
    Assumed,
    /// The files are in one folder, and their names differ only in the words SYSTEM and SOFTWARE. The pairing
    /// is assumed.
    FileNames,
    /// The sources are in one folder and name the same computer.
    ComputerNames,
    /// The examiner paired the sources.
    Examiner,
    /// Another hive would be paired with this source, but its content contradicts that.
    Contradicted,
    /// The host has only one source.
    Single,
}

impl Pairing {
    /// Whether the pairing rests on the place or the names of files alone.
    pub const fn is_assumed(self) -> bool {
        matches!(self, Self::Assumed | Self::FileNames)
    }
}

/// What supports or contradicts a pairing.
#[derive(Clone, Debug, Default)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct PairingBasis {
    /// Ids of the facts in which both hives name the same computer. Empty if they do not.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub same_computer: Vec<String>,
    /// Signs of two different installations. A pair of the examiner can have such signs too.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub contradictions: Vec<Contradiction>,
    /// Id of the source that was not paired because of the contradictions. Absent without such a source.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub refused: Option<String>,
    /// Paths of hives in the same folder that were not given. Each name is that of a missing counterpart.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub beside: Vec<String>,
}

/// A sign that SYSTEM and SOFTWARE belong to different installations of Windows.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct Contradiction {
    /// Property that differs.
    pub kind: ContradictionKind,
    /// The property in the SYSTEM hive.
    pub system: Text,
    /// The property in the SOFTWARE hive.
    pub software: Text,
    /// Ids of the facts behind both.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub facts: Vec<String>,
}

/// Property in which SYSTEM and SOFTWARE of one installation agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[non_exhaustive]
pub enum ContradictionKind {
    /// Client or server.
    ProductType,
    /// Generation of Windows.
    Generation,
    /// Computer name.
    ComputerName,
}
