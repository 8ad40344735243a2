// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Event`]: an event of the timeline.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

#[cfg(feature = "schema")]
use schemars::JsonSchema;
#[cfg(feature = "serde")]
use serde::Serialize;

use calhive_regf::FileTime;

use crate::catalog::Code;
use crate::fact::ChangeKind;
use crate::meaning::Certainty;
use crate::report::{ChangeReport, Text};

/// An event of the timeline: a dated one, or an undated change from a log.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct Event {
    /// Id of the event: `event-1` and so on, in order of time. An undated event follows the event before it
    /// in its log.
    pub id: String,
    /// Time of the event, UTC. Absent if nothing dates the event, since a log entry has no time of its own.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub time: Option<FileTime>,
    /// The clock that the time is from.
    pub clock: Clock,
    /// Kind of the event, as a stable name.
    pub code: EventCode,
    /// What happened, as far as the time shows.
    pub meaning: Text,
    /// How certain the meaning is.
    pub certainty: Certainty,
    /// Id of the host that the event belongs to.
    pub host: String,
    /// Ids of the facts behind the event. Their provenance names the logs that they come from.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub facts: Vec<String>,
    /// Ids of the tokens behind the event.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub tokens: Vec<String>,
    /// What an update from a log changed. Absent for an event of another kind.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub change: Option<ChangeReport>,
}

/// The clock that a time is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub enum Clock {
    /// Clock of the machine that the hive belongs to.
    LocalMachine,
    /// Clock of the license server.
    LicenseServer,
}

impl fmt::Display for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::LocalMachine => "local machine",
            Self::LicenseServer => "license server",
        })
    }
}

/// Kind of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EventCode {
    /// Last-written time of a key.
    KeyLastWritten,
    /// Start of the validity of a token or certificate.
    TokenValidFrom,
    /// End of the validity of a token or certificate.
    TokenExpires,
    /// Creation of a shadow copy of the volume.
    ShadowCopyCreated,
    /// A change by an entry of a transaction log.
    Log(ChangeKind),
    /// A time in the data of a value.
    Value(Code),
}

impl EventCode {
    /// Returns the stable name that reports show.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::KeyLastWritten => "key.last_written",
            Self::TokenValidFrom => "token.valid_from",
            Self::TokenExpires => "token.expires",
            Self::ShadowCopyCreated => "shadow_copy.created",
            Self::Log(kind) => kind.code(),
            Self::Value(code) => code.as_str(),
        }
    }
}

impl fmt::Display for EventCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

json_text!(EventCode);
