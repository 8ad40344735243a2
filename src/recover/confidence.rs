// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Confidence`]: how far a recovered thing can be trusted, and why.

use core::fmt;

use crate::recover::{Loss, Origin, Recovered, RecoveredPath};

/// How far a recovered thing can be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Level {
    /// Bytes of it were written over, or are claimed by something else too.
    Low,
    /// What is there fits, but not all that would confirm it is.
    Medium,
    /// It stands whole in a cell made for it, and its path leads to the root.
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

/// What of the way to a thing is in doubt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// Nothing.
    None,
    /// The key of a value is not known.
    NoKey,
    /// The way does not lead to a root.
    Partial,
    /// A live key on the way has no subkeys any more, or names a value in the slack of its list alone: another
    /// key may have been in that place.
    Place,
    /// A key on the way does not look like the parent of the one below it.
    Parent,
}

/// How far a recovered thing can be trusted, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Confidence {
    /// How far.
    pub level: Level,
    /// What of it is lost.
    pub loss: Loss,
    /// What of its path is in doubt.
    pub doubt: Doubt,
    /// What kind of place it was in.
    pub origin: Origin,
}

impl fmt::Display for Confidence {
    /// The level and its reasons, in words.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.level)?;
        let doubt = match self.doubt {
            Doubt::None => "",
            Doubt::NoKey => "its key is not known",
            Doubt::Partial => "its path does not lead to the root",
            Doubt::Place => {
                "its path is inferred from the place of a live key that does not name it any more"
            }
            Doubt::Parent => "a key on its path does not look like the parent of the one below it",
        };
        match (self.loss.is_empty(), doubt.is_empty()) {
            (true, true) if self.level == Level::High => {
                f.write_str("whole, in a cell made for it, its path leads to the root")
            }
            (true, true) if self.origin == Origin::LogPage => {
                f.write_str("whole, what it refers to may be of another time")
            }
            (true, true) => f.write_str("whole, it may be cut off from the tree and not deleted"),
            (true, false) => f.write_str(doubt),
            (false, true) => fmt::Display::fmt(&self.loss, f),
            (false, false) => write!(f, "{}, {doubt}", self.loss),
        }
    }
}

impl Recovered<'_, '_> {
    /// How far it can be trusted, and why.
    pub fn confidence(self) -> Confidence {
        self.confidence_along(self.key_path().as_ref())
    }

    /// The same, by its [path](Self::key_path), where that is known already.
    pub fn confidence_along(self, path: Option<&RecoveredPath>) -> Confidence {
        let loss = self.loss();
        let doubt = match path {
            None => Doubt::NoKey,
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
        Confidence { level, loss, doubt, origin: self.origin() }
    }

    /// Whether it lies where deleting leaves things.
    fn was_freed(self) -> bool {
        matches!(self.origin(), Origin::FreeCell | Origin::Slack | Origin::Remnant)
    }
}
