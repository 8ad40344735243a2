// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Confidence`]: reliability of a recovered key or value, with reasons.

use core::fmt;

use crate::recover::{Loss, Recovered, RecoveredPath, SpaceKind};

/// Level of confidence in a recovered key or value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Level {
    /// Parts are lost, overwritten or contested, or a parent link on the path is inconsistent.
    Low,
    /// All remaining bytes are consistent, but some evidence is missing.
    Medium,
    /// Intact, in a cell of its own size, with a path to the root.
    High,
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        })
    }
}

/// Doubt about the path of a recovered key or value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// No doubt.
    None,
    /// The key of the value is unknown.
    NoKey,
    /// The path does not reach a root.
    Partial,
    /// The path was not followed, because a limit was reached.
    Shortened,
    /// A live key on the path has no subkeys, or only the slack of a live value list leads to the
    /// value. In both cases, another key can have used the same cell before.
    Place,
    /// A parent link on the path is inconsistent.
    Parent,
}

/// Reliability of a recovered key or value, with reasons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Confidence {
    /// Level of confidence.
    pub level: Level,
    /// Lost or unreliable parts.
    pub loss: Loss,
    /// Doubt about the path.
    pub doubt: Doubt,
    /// Kind of space that held the record.
    pub space: SpaceKind,
}

impl fmt::Display for Confidence {
    /// Writes the level and its reasons.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.level)?;
        let doubt = match self.doubt {
            Doubt::None => "",
            Doubt::NoKey => "parent key unknown",
            Doubt::Shortened => "path not followed because a limit was reached",
            Doubt::Partial => "path does not lead to the root",
            Doubt::Place => "path inferred from the cell of a live key that no longer lists it",
            Doubt::Parent => "parent link is inconsistent",
        };
        match (self.loss.is_empty(), doubt.is_empty()) {
            (true, true) if self.level == Level::High => {
                f.write_str("intact, in a cell of its own size, path leads to the root")
            }
            (true, true) if self.space.is_of_log() => {
                f.write_str("intact, but what it refers to may be from another time")
            }
            (true, true) => {
                f.write_str("intact, but possibly cut off from the tree and not deleted")
            }
            (true, false) => f.write_str(doubt),
            (false, true) => fmt::Display::fmt(&self.loss, f),
            (false, false) => write!(f, "{}, {doubt}", self.loss),
        }
    }
}

impl Recovered<'_, '_> {
    /// Returns the confidence in the record.
    pub fn confidence(self) -> Confidence {
        self.confidence_along(self.key_path().as_ref())
    }

    /// Returns the same confidence, for a caller that already has the [path](Self::key_path).
    pub fn confidence_along(self, path: Option<&RecoveredPath>) -> Confidence {
        let loss = self.loss();
        let doubt = match path {
            None => Doubt::NoKey,
            Some(path) if path.is_shortened => Doubt::Shortened,
            Some(path) if !path.is_whole => Doubt::Partial,
            Some(path) if path.is_doubtful => Doubt::Parent,
            Some(path) if path.is_inferred => Doubt::Place,
            Some(_) => Doubt::None,
        };
        let level = if loss.is_incomplete() || doubt == Doubt::Parent {
            Level::Low
        } else if loss.is_empty() && doubt == Doubt::None && self.was_freed() {
            Level::High
        } else {
            Level::Medium
        };
        Confidence { level, loss, doubt, space: self.space() }
    }

    /// Returns whether the record is in a kind of space where deletion leaves records.
    fn was_freed(self) -> bool {
        matches!(self.space(), SpaceKind::FreeCell | SpaceKind::Slack | SpaceKind::Remnant)
    }
}
