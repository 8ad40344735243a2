// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Values`]: the values of a key ([regf.md](crate::format#value-lists)).

use alloc::boxed::Box;
use core::mem::replace;
use core::slice;

use zerocopy::little_endian::U32;

use crate::bytes::Bytes;
use crate::error::{Error, ErrorKind, Field, Limit, Result, Structure};
use crate::hive::Hive;
use crate::hive::cell::Cell;
use crate::hive::key::Key;
use crate::hive::value::Value;
use crate::offset::{CellOffset, FileOffset};

/// Values of a key, in the order of the list. An unreadable value is an error at its position, and
/// the other values follow.
#[derive(Clone, Debug)]
pub struct Values<'d> {
    hive: Hive<'d>,
    elements: slice::Iter<'d, [u8; 4]>,
    key: CellOffset,
    end: End,
}

/// Item that the iterator yields after the last value.
#[derive(Clone, Copy, Debug)]
enum End {
    /// No item.
    Done,
    /// The fault of the list.
    Fault,
    /// The fault of a limit. The number is the limit of values in a walk.
    Refused(u32),
}

impl<'d> Values<'d> {
    #[inline]
    pub(crate) fn new(key: Key<'d>) -> Self {
        let count = key.value_count() as usize;
        if count == 0 {
            return Self::none(key);
        }
        let list = key.hive().payload(CellOffset::new(key.raw().values.get())).unwrap_or_default();
        let (there, _) = list.as_chunks::<4>();
        let elements = there.get(..count).unwrap_or(there);
        let end = if elements.len() < count { End::Fault } else { End::Done };
        Self { hive: key.hive(), elements: elements.iter(), key: key.cell_offset(), end }
    }

    /// Returns the bytes of the value list, from its cell.
    fn list(key: Key<'d>) -> Result<Bytes<'d>> {
        let at = CellOffset::new(key.raw().values.get());
        let list = key.hive().allocated(at, Structure::ValueList);
        list.map(Cell::data).map_err(|error| error.pointed_from(key.place(40)))
    }

    /// Returns an iterator without values.
    #[inline]
    pub(crate) fn none(key: Key<'d>) -> Self {
        let (hive, key) = (key.hive(), key.cell_offset());
        Self { hive, elements: [].iter(), key, end: End::Done }
    }

    /// Returns an iterator that yields only the fault of the limit `most`.
    #[cold]
    pub(crate) fn refused(key: Key<'d>, most: u64) -> Self {
        let most = u32::try_from(most).unwrap_or(u32::MAX);
        Self { end: End::Refused(most), ..Self::none(key) }
    }

    /// Returns the number of remaining elements.
    #[inline]
    pub(crate) fn remaining(&self) -> usize {
        self.elements.len()
    }

    /// Returns the reason why the last element leads to no value at `at`.
    #[cold]
    #[inline(never)]
    fn element_fault(&self, at: CellOffset) -> Box<Error> {
        let mut error = Value::fault(self.hive, at);
        *error = error.pointed_from(self.place());
        error
    }

    /// Returns the file offset of the last element.
    #[cold]
    fn place(&self) -> FileOffset {
        let Some(key) = Key::parse(self.hive, self.key) else { return FileOffset::default() };
        let Ok(list) = Self::list(key) else { return key.place(40) };
        let all: &[U32] = list.array(0, key.value_count() as usize);
        let index = all.len().saturating_sub(self.elements.len()).saturating_sub(1);
        list.offset_of(index.saturating_mul(4))
    }

    /// Returns the fault of the list or of the limit.
    #[cold]
    #[inline(never)]
    fn end_fault(&self, end: End) -> Option<Box<Error>> {
        let key = Key::parse(self.hive, self.key)?;
        let (kind, place) = match (end, Self::list(key)) {
            (End::Done, _) => return None,
            (End::Refused(most), _) => {
                let (limit, most) = (Limit::Values, u64::from(most));
                (ErrorKind::LimitReached { limit, most }, key.place(40))
            }
            (End::Fault, Err(error)) => return Some(Box::new(error)),
            (End::Fault, Ok(list)) => {
                let (structure, field) = (Structure::ValueList, Field::Count);
                let expected = (list.len() / 4) as u64;
                let found = u64::from(key.value_count());
                (ErrorKind::Mismatch { structure, field, expected, found }, key.place(36))
            }
        };
        Some(Box::new(Error::new(kind, place)))
    }
}

impl<'d> Iterator for Values<'d> {
    type Item = Result<Value<'d>>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let Some(element) = self.elements.next() else {
            return match replace(&mut self.end, End::Done) {
                End::Done => None,
                end => self.end_fault(end).map(|error| Err(*error)),
            };
        };
        let at = CellOffset::new(u32::from_le_bytes(*element));
        Some(match Value::parse(self.hive, at) {
            Some(value) => Ok(value),
            None => Err(*self.element_fault(at)),
        })
    }
}
