// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Severity`]: how bad a fault is, and [`Finding`]: a fault with it (REGF 10).

use core::fmt;

use crate::error::{Error, ErrorKind, Field, Structure};

/// A fault that [`Hive::check`](crate::Hive::check) found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Finding {
    /// What is wrong, and where.
    pub error: Error,
    /// How bad it is.
    pub severity: Severity,
}

impl From<Error> for Finding {
    fn from(error: Error) -> Self {
        Self { error, severity: Severity::of(error.kind()) }
    }
}

/// How bad a fault is, from the least on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Unusual, and without effect on what is read.
    Note,
    /// A number that other structures, or the logs, give as well.
    Repairable,
    /// Structures contradict each other; Windows drops what is at fault, or does not find it.
    Contradiction,
    /// Something is named that cannot be read.
    Loss,
}

impl Severity {
    /// The severity of a fault.
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

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Note => "note",
            Self::Repairable => "repairable",
            Self::Contradiction => "contradiction",
            Self::Loss => "loss",
        })
    }
}
