// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Recovered`]: a recovered key or value.

use alloc::vec::Vec;
use core::fmt;

use crate::error::Structure;
use crate::hive::hbin::file_offset;
use crate::hive::key::Key;
use crate::hive::name::Name;
use crate::hive::span::Span;
use crate::meter::count;
use crate::offset::{CellOffset, FileOffset};
use crate::recover::data::RecoveredData;
use crate::recover::loss::Loss;
use crate::recover::record::{KeyRecord, ValueRecord};
use crate::recover::space::SpaceKind;
use crate::recover::{Found, Owner, Recovery};
use crate::time::FileTime;

/// Record of a recovered key or value.
#[derive(Clone, Copy, Debug)]
pub enum Record<'d> {
    /// A key.
    Key(KeyRecord<'d>),
    /// A value.
    Value(ValueRecord<'d>),
}

/// A recovered key or value. `Copy`; each method parses the bytes anew.
#[derive(Clone, Copy)]
pub struct Recovered<'r, 'd> {
    pub(super) recovery: &'r Recovery<'d>,
    pub(super) index: usize,
}

impl<'r, 'd> Recovered<'r, 'd> {
    pub(super) const fn new(recovery: &'r Recovery<'d>, index: usize) -> Self {
        Self { recovery, index }
    }

    pub(super) fn found(self) -> Found {
        self.recovery.found.get(self.index).copied().unwrap_or(Found::NOTHING)
    }

    /// Returns the record of a key, or `None` for a value.
    pub fn key(self) -> Option<KeyRecord<'d>> {
        self.recovery.key_of(self.found())
    }

    /// Returns the record of a value, or `None` for a key.
    pub fn value(self) -> Option<ValueRecord<'d>> {
        self.recovery.value_of(self.found())
    }

    /// Returns the record of the key or value.
    pub fn record(self) -> Option<Record<'d>> {
        self.key().map(Record::Key).or_else(|| self.value().map(Record::Value))
    }

    /// Returns the structure of the record.
    pub fn structure(self) -> Structure {
        if self.found().is_key { Structure::KeyNode } else { Structure::KeyValue }
    }

    /// Returns the name; empty for the default value.
    pub fn name(self) -> Name<'d> {
        let name = self.key().map(KeyRecord::name).or_else(|| self.value().map(ValueRecord::name));
        name.unwrap_or(Name::latin1(&[]))
    }

    /// Returns the kind of space that holds the record.
    pub fn space(self) -> SpaceKind {
        self.found().space
    }

    /// Returns the offset of the signature, from the start of the file. If the record is in a cell,
    /// the cell size precedes the signature.
    pub fn offset(self) -> FileOffset {
        file_offset(self.found().at as usize)
    }

    /// Returns the cell offset that other structures use for the record.
    pub fn cell_offset(self) -> CellOffset {
        let header = u32::try_from(self.recovery.terms.layout.header()).unwrap_or(0);
        self.found().at.checked_sub(header).map_or(CellOffset::NIL, CellOffset::new)
    }

    /// Returns the lost or unreliable parts.
    pub fn loss(self) -> Loss {
        self.found().loss
    }

    /// Returns the last-written time of the key. For a value, returns the time of its key, or
    /// `None` if the key is unknown.
    pub fn last_written(self) -> Option<FileTime> {
        match self.key() {
            Some(key) => Some(key.last_written()),
            None => match self.found().owner {
                Owner::Recovered(_) => self.owner()?.key().map(KeyRecord::last_written),
                Owner::Slack(_) => self.live_owner().map(Key::last_written),
                Owner::Unknown => None,
            },
        }
    }

    /// Returns the recovered key whose value list leads to this value.
    pub fn owner(self) -> Option<Self> {
        match self.found().owner {
            Owner::Recovered(index) => Some(Self::new(self.recovery, index as usize)),
            _ => None,
        }
    }

    /// Returns the live key that had this value. The slack of the key's value list leads to the value.
    pub fn live_owner(self) -> Option<Key<'d>> {
        match self.found().owner {
            Owner::Slack(key) => self.recovery.live.key_at(key),
            _ => None,
        }
    }

    /// Iterates over the recovered values of a key, in the order of its value list.
    pub fn values(self) -> impl Iterator<Item = Self> {
        let index = u32::try_from(self.index).unwrap_or(u32::MAX);
        let cells = self.recovery.listed(self.found());
        // Many keys can lead to one list.
        let paid = self
            .recovery
            .allowance
            .within_look_ups(|look_ups| look_ups.take_up_to(cells.len() as u64, self.offset()));
        cells
            .iter()
            .take(usize::try_from(paid).unwrap_or(usize::MAX))
            .filter_map(move |cell| self.recovery.found_in(CellOffset::new(cell.get())))
            .map(move |found| Self::new(self.recovery, found))
            .filter(move |value| value.found().owner == Owner::Recovered(index))
    }

    /// Iterates over the recovered keys whose parent is this key.
    pub fn subkeys(self) -> impl Iterator<Item = Self> {
        let children = &self.recovery.children;
        let cell = if self.found().is_key { self.cell_offset() } else { CellOffset::NIL };
        let first = children.partition_point(|(parent, _)| *parent < cell);
        let below = children.get(first..).unwrap_or_default().iter();
        below.take_while(move |(parent, _)| *parent == cell).map(move |(_, index)| {
            count(1);
            Self::new(self.recovery, *index as usize)
        })
    }

    /// Returns the spans of the record and of its surviving data.
    pub fn spans(self) -> Vec<Span> {
        let data = self.data();
        let pieces = data.pieces().iter().map(|piece| piece.bytes);
        let pieces = pieces.map(|bytes| span(Structure::ValueData, bytes.offset(), bytes.len()));
        core::iter::once(self.record_span()).chain(pieces).collect()
    }

    /// Returns the span of the record without its data.
    pub(super) fn record_span(self) -> Span {
        let length = self.key().map(KeyRecord::length).or(self.value().map(ValueRecord::length));
        span(self.structure(), self.offset(), length.unwrap_or(0))
    }

    /// Returns the surviving data of a value; empty for a key.
    pub fn data(self) -> RecoveredData<'d> {
        self.recovery.data(self.found())
    }
}

const fn span(structure: Structure, start: FileOffset, length: usize) -> Span {
    Span { structure, start: start.get(), end: start.plus(length as u64).get() }
}

impl fmt::Debug for Recovered<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = if self.found().is_key { "Key" } else { "Value" };
        write!(f, "{kind}({} at {}, {})", self.name(), self.offset(), self.space())
    }
}
