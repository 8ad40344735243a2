// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Violation`]: a broken rule of the format, and [`Grade`]: its effect
//! ([regf.md](crate::format#consistency-checks)).

use core::fmt;

use crate::error::{Error, ErrorKind, Field, Structure};

/// Broken rule of the format, reported by [`Hive::check`](crate::Hive::check).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Violation {
    /// The fault and its place.
    pub error: Error,
    /// Effect of the fault.
    pub grade: Grade,
}

impl From<Error> for Violation {
    fn from(error: Error) -> Self {
        Self { error, grade: Grade::of(error.kind()) }
    }
}

/// Effect of a fault, in ascending order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Grade {
    /// Unusual, without effect on the content of the hive.
    Note,
    /// Wrong number that other structures or the logs can correct.
    Repairable,
    /// Structures that contradict each other. Windows drops the faulty structure or fails to find
    /// it.
    Contradiction,
    /// Reference to something that cannot be read.
    Loss,
}

impl Grade {
    /// Returns the grade of a fault.
    pub const fn of(kind: ErrorKind) -> Self {
        match kind {
            ErrorKind::Checksum { .. } => Self::Repairable,
            ErrorKind::Mismatch { structure, field, .. } => Self::of_number(structure, field),
            ErrorKind::Order { .. }
            | ErrorKind::Duplicate { .. }
            | ErrorKind::AlreadyVisited { .. }
            | ErrorKind::Hidden { .. } => Self::Contradiction,
            _ => Self::Loss,
        }
    }

    const fn of_number(structure: Structure, field: Field) -> Self {
        match (structure, field) {
            (_, Field::Format) | (Structure::KeyValue, Field::Offset) => Self::Note,
            (_, Field::Parent | Field::Sequence | Field::ReferenceCount | Field::Link)
            | (Structure::KeyNode, Field::Count | Field::Size) => Self::Repairable,
            (_, Field::Hash | Field::Offset) => Self::Contradiction,
            _ => Self::Loss,
        }
    }
}

impl fmt::Display for Grade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Note => "note",
            Self::Repairable => "repairable",
            Self::Contradiction => "contradiction",
            Self::Loss => "loss",
        })
    }
}
