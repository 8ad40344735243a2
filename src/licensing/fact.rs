// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Fact`]: one thing read from the evidence, with [`Provenance`]; and [`Source`], where from.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::error::Error;
use crate::hive::Hive;
use crate::hive::value::ValueType;
use crate::licensing::locations::Location;
use crate::registry::{HiveKind, Role};
use crate::time::FileTime;

/// A hive that facts are collected from, and how a report names it.
#[derive(Clone, Debug)]
pub struct Source<'d> {
    pub(crate) hive: Hive<'d>,
    pub(crate) path: String,
    pub(crate) sha256: Option<String>,
}

impl<'d> Source<'d> {
    /// A hive under the name by which its user knows it: its path.
    pub fn new(hive: Hive<'d>, path: impl Into<String>) -> Self {
        Self { hive, path: path.into(), sha256: None }
    }

    /// The hash of the whole file, in hex.
    #[must_use]
    pub fn sha256(mut self, hash: impl Into<String>) -> Self {
        self.sha256 = Some(hash.into());
        self
    }
}

/// What was collected from one source.
#[derive(Clone, Debug)]
pub struct Facts {
    /// The path of the source.
    pub path: String,
    /// The hash of the whole file, if it was given.
    pub sha256: Option<String>,
    /// The number of bytes of the file.
    pub size: u64,
    /// Which hive it is.
    pub kind: HiveKind,
    /// Version of the format.
    pub version: (u32, u32),
    /// Primary and secondary sequence number.
    pub sequence: (u32, u32),
    /// Whether the checksum of the base block is right.
    pub checksum_is_valid: bool,
    /// The numbers of keys and values that could be read.
    pub counts: Counts,
    /// What the hive names and could not be read.
    pub unread: Faults,
    /// What is wrong with things that could be read.
    pub faults: Faults,
    /// The facts, in the order of the catalogue.
    pub facts: Vec<Fact>,
}

/// How much of a hive could be read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Counts {
    /// Keys.
    pub keys: u64,
    /// Values.
    pub values: u64,
}

/// Faults: how many, and the first of them.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    /// How many there are.
    pub total: u64,
    /// The first [`Faults::KEPT`] of them.
    pub first: Vec<Error>,
}

impl Faults {
    /// How many are kept: damage can make as many as a hive has cells.
    pub const KEPT: usize = 100;

    pub(crate) fn add(&mut self, fault: Error) {
        self.total = self.total.saturating_add(1);
        if self.first.len() < Self::KEPT && !self.first.contains(&fault) {
            self.first.push(fault);
        }
    }
}

/// One thing read from the evidence, or looked for and not found.
#[derive(Clone, Debug)]
pub struct Fact {
    /// The entry of the catalogue that it belongs to.
    pub location: &'static Location,
    /// What was found.
    pub state: State,
    /// Where.
    pub provenance: Provenance,
    /// The data; nothing unless a value was found.
    pub data: Vec<u8>,
    /// The number of bytes that the value claims.
    pub size: u64,
}

/// What was found at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum State {
    /// The value, all of its data.
    Set,
    /// The value, but fewer data than it claims.
    Incomplete,
    /// A key whose name is the fact.
    KeyName,
    /// The key, without the value.
    NotInKey,
    /// Not the key either.
    NotSet,
    /// Not found, and the way there could not be read whole.
    NotReadable,
}

impl State {
    /// Whether something was found.
    pub const fn is_found(self) -> bool {
        matches!(self, Self::Set | Self::Incomplete | Self::KeyName)
    }
}

/// The place in the evidence that a fact comes from.
#[derive(Clone, Debug, Default)]
pub struct Provenance {
    /// Number and roles of the control set, in SYSTEM.
    pub control_set: Option<(u32, Vec<Role>)>,
    /// Whether it is the view of 32-bit programs on 64-bit Windows (`Wow6432Node`).
    pub redirected: bool,
    /// The key, from the root of the hive on; as it is spelled there, if it was found.
    pub key: String,
    /// Where the key begins in the file, and when it was last written; `None` where there is none.
    pub key_place: Option<(u64, FileTime)>,
    /// The name of the value, as it is spelled in the hive if it was found.
    pub value: Option<String>,
    /// Where the value begins in the file, and its type; `None` where there is none.
    pub value_place: Option<(u64, ValueType)>,
    /// Where it was found. So far only facts of the live tree are collected.
    pub origin: Origin,
}

/// In which state of the hive a fact stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Origin {
    /// In the tree as the file holds it, logs not applied.
    #[default]
    Live,
}

impl Provenance {
    pub(crate) fn spell(&mut self, path: &crate::KeyPath) {
        self.key = path.to_string();
    }
}
