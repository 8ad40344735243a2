// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Recovered`]: a key or a value that was recovered.

use alloc::vec::Vec;
use core::fmt;

use crate::bytes::{CellOffset, FileOffset};
use crate::error::Structure;
use crate::hive::hbin::file_offset;
use crate::hive::key::Key;
use crate::hive::name::Name;
use crate::hive::span::Span;
use crate::recover::data::RecoveredData;
use crate::recover::record::{KeyRecord, ValueRecord};
use crate::recover::space::Origin;
use crate::recover::{Found, Owner, Recovery};
use crate::time::FileTime;

bitflags::bitflags! {
    /// What of a recovered thing is lost, or cannot be relied on.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
    pub struct Loss: u16 {
        /// The number before the record is not the size of a cell made for it: the cell has been merged with
        /// others or written over at its beginning, or the record never was one.
        const CELL = 0x0001;
        /// The end of the name.
        const NAME = 0x0002;
        /// The time of the key is not one that keys have.
        const TIME = 0x0004;
        /// Data, all or some: something else stands or stood in their place.
        const DATA = 0x0008;
        /// The value list of the key: something else stands or stood in its place.
        const VALUE_LIST = 0x0010;
        /// Some of the values that the list leads to.
        const VALUES = 0x0020;
        /// Another recovered thing claims bytes of the record: one of the two was there later.
        const RECORD_CONTESTED = 0x0040;
        /// Another recovered thing claims bytes of the data or the list: one of the two was there later.
        const CONTENT_CONTESTED = 0x0080;
        /// It belongs to another hive, or elsewhere in this one: its offsets lead nowhere here. What else
        /// the bytes around it hold can be carved.
        const FOREIGN = 0x0100;
    }
}

impl fmt::Display for Loss {
    /// In words, comma-separated.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = [
            (Self::CELL, "no cell of its own"),
            (Self::NAME, "the end of the name is lost"),
            (Self::TIME, "the time is implausible"),
            (Self::DATA, "data are lost or were written over"),
            (Self::VALUE_LIST, "the value list was written over"),
            (Self::VALUES, "some values are lost"),
            (Self::RECORD_CONTESTED, "another recovered record claims the same bytes"),
            (Self::CONTENT_CONTESTED, "another recovered record claims bytes of its content"),
            (Self::FOREIGN, "it is of another hive, or belongs elsewhere in this one"),
        ];
        listed(f, names.iter().filter(|(loss, _)| self.contains(*loss)).map(|(_, name)| *name))
    }
}

/// Writes words with commas between them.
pub(super) fn listed<'w>(
    f: &mut fmt::Formatter<'_>,
    words: impl Iterator<Item = &'w str>,
) -> fmt::Result {
    words.enumerate().try_for_each(|(index, word)| {
        f.write_str(if index > 0 { ", " } else { "" })?;
        f.write_str(word)
    })
}

impl Loss {
    /// Whether something of the thing itself is lost or in doubt. Without a cell of its own a thing may
    /// still be whole: free cells are merged.
    pub const fn is_incomplete(self) -> bool {
        !self.difference(Self::CELL).is_empty()
    }
}

/// What was recovered.
#[derive(Clone, Copy, Debug)]
pub enum Record<'d> {
    /// A key.
    Key(KeyRecord<'d>),
    /// A value.
    Value(ValueRecord<'d>),
}

/// A key or a value that was recovered. `Copy`; all of it is read anew when it is asked for.
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

    /// Its key node, if it is a key.
    pub fn key(self) -> Option<KeyRecord<'d>> {
        self.recovery.key_of(self.found())
    }

    /// Its record, if it is a value.
    pub fn value(self) -> Option<ValueRecord<'d>> {
        self.recovery.value_of(self.found())
    }

    /// Which of the two it is.
    pub fn record(self) -> Option<Record<'d>> {
        self.key().map(Record::Key).or_else(|| self.value().map(Record::Value))
    }

    /// What its record is, as errors name it.
    pub fn structure(self) -> Structure {
        if self.found().is_key { Structure::KeyNode } else { Structure::KeyValue }
    }

    /// Its name; empty for the default value.
    pub fn name(self) -> Name<'d> {
        let name = self.key().map(KeyRecord::name).or_else(|| self.value().map(ValueRecord::name));
        name.unwrap_or(Name::latin1(&[]))
    }

    /// What kind of place it was in.
    pub fn origin(self) -> Origin {
        self.found().origin
    }

    /// Where its record begins in the file: its signature, which in a cell stands behind the size.
    pub fn offset(self) -> FileOffset {
        file_offset(self.found().at as usize)
    }

    /// Where the cell would begin that it stood in, as other structures refer to it.
    pub fn cell_offset(self) -> CellOffset {
        let header = u32::try_from(self.recovery.terms.layout.header()).unwrap_or(0);
        self.found().at.checked_sub(header).map_or(CellOffset::NIL, CellOffset::new)
    }

    /// What of it is lost.
    pub fn loss(self) -> Loss {
        self.found().loss
    }

    /// When the key, or the key of the value, was last written; `None` where that key is not known.
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

    /// The recovered key that it is a value of, by the value list of that key.
    pub fn owner(self) -> Option<Self> {
        match self.found().owner {
            Owner::Recovered(index) => Some(Self::new(self.recovery, index as usize)),
            _ => None,
        }
    }

    /// The live key that it was a value of: an element behind the last one that the key's value list
    /// counts leads to it.
    pub fn live_owner(self) -> Option<Key<'d>> {
        match self.found().owner {
            Owner::Slack(key) => self.recovery.live.key_at(key),
            _ => None,
        }
    }

    /// The values of a key that were recovered with it, in the order of its list.
    pub fn values(self) -> impl Iterator<Item = Self> {
        let index = u32::try_from(self.index).unwrap_or(u32::MAX);
        let cells = self.recovery.listed(self.found());
        cells
            .iter()
            .filter_map(move |cell| self.recovery.found_in(CellOffset::new(cell.get())))
            .map(move |found| Self::new(self.recovery, found))
            .filter(move |value| value.found().owner == Owner::Recovered(index))
    }

    /// The recovered keys that name this one as their parent.
    pub fn subkeys(self) -> impl Iterator<Item = Self> {
        let children = &self.recovery.children;
        let cell = if self.found().is_key { self.cell_offset() } else { CellOffset::NIL };
        let first = children.partition_point(|(parent, _)| *parent < cell);
        let below = children.get(first..).unwrap_or_default().iter();
        below
            .take_while(move |(parent, _)| *parent == cell)
            .map(move |(_, index)| Self::new(self.recovery, *index as usize))
    }

    /// The bytes that it is made of, of its data those that survive.
    pub fn spans(self) -> Vec<Span> {
        let length = self.key().map(KeyRecord::length).or(self.value().map(ValueRecord::length));
        let span = |structure, start: FileOffset, length: usize| Span {
            structure,
            start: start.get(),
            end: start.plus(length as u64).get(),
        };
        let record = span(self.structure(), self.offset(), length.unwrap_or(0));
        let data = self.data();
        let pieces = data.pieces().iter().map(|piece| piece.bytes);
        let pieces = pieces.map(|bytes| span(Structure::ValueData, bytes.offset(), bytes.len()));
        core::iter::once(record).chain(pieces).collect()
    }

    /// The data of a value, as much as survives; nothing for a key.
    pub fn data(self) -> RecoveredData<'d> {
        self.recovery.data(self.found())
    }
}

impl fmt::Debug for Recovered<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = if self.found().is_key { "Key" } else { "Value" };
        write!(f, "{kind}({} at {}, {})", self.name(), self.offset(), self.origin())
    }
}
