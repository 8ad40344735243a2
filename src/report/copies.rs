// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Installation`]: an installation of Windows with several states of its hives in the evidence.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

#[cfg(feature = "schema")]
use schemars::JsonSchema;
#[cfg(feature = "serde")]
use serde::Serialize;

use calhive_regf::FileTime;

use crate::report::{Attributed, ComparedValue, HiveCopy, ItemSubject, Text};

/// An installation of Windows with several states of its hives in the evidence: the hives in use, backup copies,
/// shadow copies, the previous Windows, and deleted hives.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct Installation {
    /// Id of the installation: `installation-1` and so on.
    pub id: String,
    /// States in order of time. States without a time are last.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub states: Vec<HiveState>,
    /// Differences between consecutive states, in order of time.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub changes: Vec<StateChange>,
    /// Hives on the same volume whose content contradicts the installation.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub not_grouped: Vec<NotGrouped>,
}

/// A state of the hives of an installation.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct HiveState {
    /// Id of the state: `state-1` and so on.
    pub id: String,
    /// Id of the host with the facts of this state.
    pub host: String,
    /// Kind of copy. Absent for the hives in use.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub copy: Option<HiveCopy>,
    /// Number of the shadow copy that holds the hives. Absent outside shadow copies.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub shadow_copy: Option<u32>,
    /// Kind of the state, in words.
    pub place: Text,
    /// Paths of the hives.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub paths: Vec<String>,
    /// Id of the state whose hives have the same bytes, byte for byte. Absent if this state was read itself.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub same_bytes_as: Option<String>,
    /// Time of the state, UTC. Absent if unknown.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub time: Option<FileTime>,
    /// What the time is.
    pub time_basis: TimeBasis,
    /// Licenses in the tree of the hives.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub tokens: Vec<StateToken>,
    /// Hardware IDs of the client.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub hardware_ids: Vec<Attributed>,
    /// Licensing mode in effect, according to these hives. Absent if nothing is set or if it is unknown.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub licensing_mode: Option<Attributed>,
    /// License servers in effect, according to these hives. Absent if nothing is set or if it is unknown.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub license_servers: Option<Attributed>,
}

/// What the time of a state is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub enum TimeBasis {
    /// Creation of the shadow copy.
    ShadowCopyCreated,
    /// Latest plausible key timestamp of the hives. The state is from this time or later.
    LatestKeyWrite,
    /// No time is known.
    Unknown,
}

/// A license in a state.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct StateToken {
    /// Id of the token.
    pub token: String,
    /// SHA-256 of the token, in hex.
    pub sha256: String,
    /// Name of the machine, as the client reported it.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub client_reported_machine: Option<String>,
    /// Name of the license server, as the token states it.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub license_server: Option<String>,
    /// Start of validity, UTC by the license server's clock.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub valid_from: Option<FileTime>,
    /// End of validity, UTC.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub expires: Option<FileTime>,
}

/// A difference between two states.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct StateChange {
    /// Id of the first state.
    pub from: String,
    /// Id of the second state.
    pub to: String,
    /// Whether the times of the evidence show that the first state is the earlier one.
    pub is_ordered: bool,
    /// What differs.
    pub kind: StateChangeKind,
    /// Subject of the difference.
    pub subject: ItemSubject,
    /// Stable name of the thing that differs.
    pub code: String,
    /// Title of the thing that differs.
    pub title: Text,
    /// Content of the first state. Absent if the first state does not hold the thing.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub before: Option<ComparedValue>,
    /// Content of the second state. Absent if the second state does not hold the thing.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub after: Option<ComparedValue>,
    /// The difference in words, with both times.
    pub statement: Text,
    /// Why the difference is not determinable.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub doubts: Vec<Text>,
}

/// What differs between two states.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub enum StateChangeKind {
    /// The later state holds the thing. The earlier state was read whole at this place, and does not hold it.
    Appeared,
    /// The earlier state holds the thing. The later state was read whole at this place, and does not hold it.
    Removed,
    /// The states differ. The values differ, or the times do not show which state is the earlier one.
    Differs,
    /// One state holds the thing. The other state was not read whole at this place.
    NotDeterminable,
}

/// Hives on the volume of an installation whose content contradicts the installation.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct NotGrouped {
    /// Id of the host.
    pub host: String,
    /// The contradiction, in words.
    pub statement: Text,
}

impl fmt::Display for TimeBasis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ShadowCopyCreated => "creation of the shadow copy",
            Self::LatestKeyWrite => "latest key timestamp",
            Self::Unknown => "time unknown",
        })
    }
}

impl fmt::Display for StateChangeKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Appeared => "appeared",
            Self::Removed => "removed",
            Self::Differs => "differs",
            Self::NotDeterminable => "not determinable",
        })
    }
}
