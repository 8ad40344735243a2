// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Fact`]: one item read from the evidence, with its [`Provenance`].

use alloc::vec::Vec;

use calhive_regf::error::Error;

use crate::catalog::Location;

mod change;
pub(crate) mod explain;
mod facts;
mod faults;
mod grace_end_reading;
mod key_times;
mod permissions;
mod provenance;
mod second_reading;
mod source;
mod source_form;

pub use change::{Change, ChangeKind, History};
pub use facts::{Counts, Facts, FileCopy, Outside, RecoveredCounts};
pub use faults::Faults;
pub use grace_end_reading::{ClosedEnd, GraceEndReading, MasterKeyRead, OpenedEnd, PlaceOfEnd};
pub(crate) use key_times::{GAP, KeyTimes, MANY};
pub use permissions::{Access, Permissions};
pub use provenance::{FromLog, Hiding, Origin, Provenance, Remains};
pub use second_reading::{SecondReader, SecondReading};
pub(crate) use source::Replayed;
pub use source::Source;
pub use source_form::{ExportForm, ExportRemark, ExportRemarkKind, SourceForm};

/// One item read from the evidence, or looked for and not found.
#[derive(Clone, Debug)]
pub struct Fact {
    /// Place in the catalog that the fact belongs to.
    pub location: &'static Location,
    /// What was found.
    pub state: State,
    /// First error on the way to the place, or in its data. `None` if everything was read.
    pub lost: Option<Error>,
    /// Place in the evidence.
    pub provenance: Provenance,
    /// The data. Empty unless a value was found.
    pub data: Vec<u8>,
    /// Size that the value claims, in bytes.
    pub size: u64,
    /// Owner and access control list, if the fact is a key.
    pub permissions: Option<Permissions>,
    /// Result of a second reader; `None` if the second reader did not check the fact.
    pub second_reading: Option<SecondReading>,
}

/// What was found at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub enum State {
    /// The value, with all of its data.
    Set,
    /// The value, with less data than it claims.
    Incomplete,
    /// The key itself. The catalog looks for the key.
    Key,
    /// A key whose name is the fact.
    KeyName,
    /// The key exists, without the value.
    NotInKey,
    /// The key does not exist.
    NotSet,
    /// Not found, but a part of the way to the place could not be read.
    NotReadable,
}

impl State {
    /// Whether something was found.
    pub const fn is_found(self) -> bool {
        matches!(self, Self::Set | Self::Incomplete | Self::Key | Self::KeyName)
    }

    /// Whether calhive could not read something that may exist.
    pub const fn is_lost(self) -> bool {
        matches!(self, Self::Incomplete | Self::NotReadable)
    }

    /// Whether a value was found.
    pub const fn is_value(self) -> bool {
        matches!(self, Self::Set | Self::Incomplete)
    }
}

impl Fact {
    pub(crate) const fn new(
        location: &'static Location,
        state: State,
        provenance: Provenance,
    ) -> Self {
        Self {
            location,
            state,
            lost: None,
            provenance,
            data: Vec::new(),
            size: 0,
            permissions: None,
            second_reading: None,
        }
    }
}
