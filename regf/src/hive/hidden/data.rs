// SPDX-License-Identifier: MIT OR Apache-2.0
//! Hidden data of values: bytes in the hive that the value shows wrongly, shortened, with another
//! type, or not at all.

mod other_fields;

use alloc::collections::BTreeSet;
use alloc::vec;
use alloc::vec::Vec;

use zerocopy::FromBytes as _;

use crate::bytes::Bytes;
use crate::hive::big_data::SEGMENT_LENGTH;
use crate::hive::hidden::marks::{Live, Use, is_open};
use crate::hive::hidden::names::as_value;
use crate::hive::hidden::orphans::{Orphans, nearest};
use crate::hive::hidden::segments::{changed, claim, clipped, listed, pieces, repeats_segment};
use crate::hive::hidden::text;
use crate::hive::hidden::{Cause, Hidden, HiddenBy, Item};
use crate::hive::key::Key;
use crate::hive::value::Value;
use crate::hive::value_type::ValueType;
use crate::offset::CellOffset;
use crate::raw;

/// Number of bytes after the data that are too many to result from rounding of the cell size.
const SLACK: usize = 8;

/// A value, its key, and the cell of its data.
struct Look<'d> {
    value: Value<'d>,
    key: Option<Key<'d>>,
    size: usize,
    /// All bytes of the cell at the data offset.
    cell: Bytes<'d>,
    at: CellOffset,
}

/// Adds the hidden data of values, both live and hidden values.
pub(super) fn hidden_data<'d>(live: &mut Live<'d>, orphans: &Orphans, items: &mut Vec<Hidden<'d>>) {
    let hive = live.hive;
    let mut lost = Vec::new();
    // Many values can lead to one cell, so each cell is read only once.
    let mut judged_cells = BTreeSet::new();
    // Many values can lead to the same data, so the size of the bins limits the number of items.
    let mut room = (hive.bin_bytes().len() / 64).max(64);
    let mut see = |value: Value<'d>,
                   key: Option<Key<'d>>,
                   live: &mut Live<'d>,
                   items: &mut Vec<Hidden<'d>>| {
        if room == 0 {
            live.left = 0;
            return;
        }
        let look = Look::new(live, value, key);
        let is_first = value.is_inline() || judged_cells.insert(look.at);
        let may = is_first && live.charge(look.cell.len() / 16);
        let judged = if may { look.judge(live, orphans) } else { None };
        let key = key.map(Key::cell_offset);
        let is_sure = judged.as_ref().is_some_and(|(cause, _)| look.is_sure(cause.by, live));
        if look.has_lost(live) && !is_sure {
            // These values come after all other values, so that they cannot take data that belong
            // to another value.
            room = room.saturating_sub(1);
            lost.push((value, key, judged));
        } else if let Some((cause, data)) = judged {
            room = room.saturating_sub(1);
            items.push(cause.hides(Item::Data { value, data }, key));
        }
    };
    if live.is_sound() {
        for (value, key) in core::mem::take(&mut live.candidates.data) {
            if let Some(value) = Value::parse(hive, value) {
                see(value, Key::parse(hive, key), live, items);
            }
        }
    } else {
        for entry in hive.walk().with_values(true).filter_map(Result::ok) {
            for value in entry.values.filter_map(Result::ok) {
                see(value, Some(entry.key), live, items);
            }
        }
    }
    for index in 0..items.len() {
        let Some((value, key)) = items.get(index).and_then(as_value) else { continue };
        see(value, key.and_then(|at| Key::parse(hive, at)), live, items);
    }
    for (value, key, judged) in lost {
        if let Some((cause, data)) = moved(value, live, orphans).or(judged) {
            items.push(cause.hides(Item::Data { value, data }, key));
        }
    }
}

impl<'d> Look<'d> {
    fn new(live: &Live<'d>, value: Value<'d>, key: Option<Key<'d>>) -> Self {
        let at = CellOffset::new(u32::from_le_bytes(value.raw().data));
        let cell = live.sizes.bytes(live.hive, at);
        Self { value, key, size: value.data_size() as usize, cell, at }
    }

    /// Returns the field that hides data, and the hidden data.
    fn judge(&self, live: &mut Live<'d>, orphans: &Orphans) -> Option<(Cause, Vec<Bytes<'d>>)> {
        if let Some(resized) = self.resized(live) {
            return Some(resized);
        }
        if let Some(number) = self.number_in_the_offset(live) {
            return Some(number);
        }
        if let Some(other_version) = self.of_other_version(live) {
            return Some(other_version);
        }
        let is_open = |at| is_open(live, &orphans.plain, at) || is_open(live, &orphans.big, at);
        if self.value.is_inline() {
            if is_open(self.at) && (self.size > 4 || self.fits_type(self.cell.len())) {
                return Some(self.inline());
            }
            let number = Some(u64::from(ValueType::DWORD.0));
            let as_text = || self.wrong_type().filter(|(cause, _)| cause.suggested == number);
            return self.short_number().or_else(as_text);
        }
        if self.value.is_big() && !self.is_beyond_cell() {
            return self.segments_beyond(live, orphans);
        }
        if self.size == 0 {
            return is_open(self.at).then(|| self.longer(self.likely_size(0)));
        }
        if self.cell.as_slice().starts_with(b"db") && self.value.hive().has_big_data() {
            return self.big_as_small(live, orphans);
        }
        if self.size <= 4 && (self.cell.is_empty() || self.is_signed(live)) {
            return Some(self.not_inline());
        }
        if self.is_beyond_cell() {
            return self.beyond_cell();
        }
        self.short_number()
            .or_else(|| self.short_text())
            .or_else(|| self.wrong_type())
            .or_else(|| self.slack())
    }

    /// Whether data of this length can have the type of the value.
    fn fits_type(&self, length: usize) -> bool {
        match self.value.value_type() {
            ValueType::DWORD | ValueType::DWORD_BIG_ENDIAN => false,
            ValueType::QWORD => length >= 8,
            _ => length > 4,
        }
    }

    fn size_cause(&self, by: HiddenBy, suggested: usize) -> Cause {
        let found = u64::from(self.value.raw().data_size.get());
        Cause::new(by, self.value.place(4), found, suggested as u64)
    }

    fn longer(&self, size: usize) -> (Cause, Vec<Bytes<'d>>) {
        (self.size_cause(HiddenBy::DataSize, size), vec![self.cell.clip(0, size)])
    }

    fn inline(&self) -> (Cause, Vec<Bytes<'d>>) {
        let size = if self.size > 4 && self.size <= self.cell.len() {
            self.size
        } else {
            self.likely_size(self.size)
        };
        (self.size_cause(HiddenBy::DataInline, size), vec![self.cell.clip(0, size)])
    }

    /// Returns up to four bytes in the data field, if the inline bit is not set.
    fn not_inline(&self) -> (Cause, Vec<Bytes<'d>>) {
        let field = Bytes::new(&self.value.raw().data, self.value.place(8));
        let inline = (1_usize << 31) | self.size;
        (self.size_cause(HiddenBy::DataInline, inline), vec![field.clip(0, self.size)])
    }

    /// Whether the data offset leads to another record.
    fn is_signed(&self, live: &Live<'d>) -> bool {
        [Use::Key, Use::Value, Use::List, Use::ValueList]
            .into_iter()
            .any(|which| !self.cell.is_empty() && live.has(which, self.at))
    }

    /// Returns the likely length of the data in the cell. The type decides first, then the largest
    /// data size in the key, then the position of the last nonzero byte.
    fn likely_size(&self, least: usize) -> usize {
        let all = self.cell.as_slice();
        match self.value.value_type() {
            ValueType::DWORD | ValueType::DWORD_BIG_ENDIAN => return all.len().min(4),
            ValueType::QWORD => return all.len().min(8),
            ValueType::SZ | ValueType::EXPAND_SZ | ValueType::LINK => {
                if let Some(end) = text::terminated(all) {
                    return end;
                }
            }
            ValueType::MULTI_SZ => {
                if let Some(end) = text::doubly_terminated(all) {
                    return end;
                }
            }
            _ => {}
        }
        let largest = self.key.map_or(0, |key| key.raw().largest_value_data.get()) as usize;
        if largest > least && largest <= all.len() && all.len().saturating_sub(largest) < SLACK {
            return largest;
        }
        let end = all.iter().rposition(|byte| *byte != 0).map_or(0, |at| at.saturating_add(1));
        end.max(least)
    }

    /// Returns the complete number, if the stored size is too small for the type and the missing
    /// bytes exist.
    fn short_number(&self) -> Option<(Cause, Vec<Bytes<'d>>)> {
        let whole: usize = match self.value.value_type() {
            ValueType::DWORD | ValueType::DWORD_BIG_ENDIAN => 4,
            ValueType::QWORD => 8,
            _ => return None,
        };
        let field = Bytes::new(&self.value.raw().data, self.value.place(8));
        let room = if self.value.is_inline() { field } else { self.cell };
        let rest = room.get(self.size, whole.checked_sub(self.size).filter(|rest| *rest > 0)?)?;
        let is_there = rest.as_slice().iter().any(|byte| *byte != 0);
        let suggested = if self.value.is_inline() { (1 << 31) | whole } else { whole };
        let cause = self.size_cause(HiddenBy::DataSize, suggested);
        is_there.then(|| (cause, vec![room.clip(0, whole)]))
    }

    /// Returns the complete text, if the shown text lacks a terminator and continues up to a
    /// terminator in the cell.
    fn short_text(&self) -> Option<(Cause, Vec<Bytes<'d>>)> {
        let all = self.cell.as_slice();
        let shown = all.get(..self.size)?;
        let end = match self.value.value_type() {
            ValueType::SZ | ValueType::EXPAND_SZ | ValueType::LINK => {
                if shown.len() & 1 == 0 && shown.ends_with(&[0, 0]) {
                    return None;
                }
                text::terminated(all)?
            }
            ValueType::MULTI_SZ => {
                if shown.len() & 1 == 0 && (shown.ends_with(&[0; 4]) || shown == [0, 0]) {
                    return None;
                }
                text::doubly_terminated(all)?
            }
            _ => return None,
        };
        // A missing terminator alone is normal.
        let rest = all.get(self.size.next_multiple_of(2)..end)?;
        rest.iter().any(|byte| *byte != 0).then(|| {
            // A program that shortens text without a terminator leaves the same bytes.
            let (cause, data) = self.longer(end);
            (cause.left_over(), data)
        })
    }

    /// Returns a number with the wrong length whose bytes are text, or text whose bytes are a
    /// number.
    fn wrong_type(&self) -> Option<(Cause, Vec<Bytes<'d>>)> {
        let field = Bytes::new(&self.value.raw().data, self.value.place(8));
        let shown = if self.value.is_inline() { field } else { self.cell }.get(0, self.size)?;
        let bytes = shown.as_slice();
        let kind = self.value.value_type();
        let length = match kind {
            ValueType::DWORD | ValueType::DWORD_BIG_ENDIAN => 4,
            ValueType::QWORD => 8,
            _ => 0,
        };
        let suggested = if length > 0 && length != self.size {
            if text::terminated(bytes) == Some(bytes.len()) {
                ValueType::SZ
            } else if text::doubly_terminated(bytes) == Some(bytes.len()) {
                ValueType::MULTI_SZ
            } else {
                ValueType::BINARY
            }
        } else if matches!(kind, ValueType::SZ | ValueType::EXPAND_SZ | ValueType::MULTI_SZ)
            && (!text::is_text(bytes) || self.value.is_inline() && text::is_number(bytes))
        {
            // Four inline bytes are usually a number.
            if self.value.is_inline() && bytes.len() == 4 {
                ValueType::DWORD
            } else {
                ValueType::BINARY
            }
        } else {
            return None;
        };
        // These suggestions are weak: programs also store binary data with a text type, and too
        // many bytes with a number type.
        let is_weak = matches!(suggested, ValueType::BINARY | ValueType::DWORD);
        let (found, suggested) = (u64::from(kind.0), u64::from(suggested.0));
        let cause = Cause::new(HiddenBy::DataType, self.value.place(12), found, suggested);
        let cause = if is_weak { cause.left_over() } else { cause };
        Some((cause, vec![shown]))
    }

    /// Returns the data with the bytes after them, if the cell is larger than necessary.
    fn slack(&self) -> Option<(Cause, Vec<Bytes<'d>>)> {
        let rounded = self.value.hive().rounded(self.size);
        let rest = self.cell.as_slice().get(rounded..).filter(|rest| rest.len() >= SLACK)?;
        rest.iter().any(|byte| *byte != 0).then(|| {
            let (cause, data) = self.longer(self.likely_size(self.size));
            (cause.left_over(), data)
        })
    }

    /// Returns the segments of big data, if the stored size is so small that the value shows one
    /// cell only.
    fn big_as_small(
        &self,
        live: &mut Live<'d>,
        orphans: &Orphans,
    ) -> Option<(Cause, Vec<Bytes<'d>>)> {
        let header = raw::BigData::ref_from_prefix(self.cell.as_slice()).ok()?.0;
        let list = CellOffset::new(header.list.get());
        let pieces = pieces(live, orphans, list, usize::from(header.segments.get()))?;
        claim(live, list, &pieces);
        Some(self.all_of(pieces))
    }

    /// Returns the data of all given segments. If plausible, the largest data size in the key
    /// decides the length.
    fn all_of(&self, pieces: Vec<Bytes<'d>>) -> (Cause, Vec<Bytes<'d>>) {
        let size = pieces.iter().fold(0_usize, |sum, piece| sum.saturating_add(piece.len()));
        let largest = self.key.map_or(0, |key| key.raw().largest_value_data.get()) as usize;
        let room = size.saturating_sub(SEGMENT_LENGTH as usize);
        let size = if largest > room && largest <= size { largest } else { size };
        // The list can repeat one segment, so the size of all bins limits the length.
        let size = size.min(self.value.hive().bin_bytes().len());
        (self.size_cause(HiddenBy::DataSize, size), clipped(pieces, size))
    }

    /// Returns big data with a wrong segment count, list offset or list element.
    fn segments_beyond(
        &self,
        live: &mut Live<'d>,
        orphans: &Orphans,
    ) -> Option<(Cause, Vec<Bytes<'d>>)> {
        let needed = self.size.div_ceil(SEGMENT_LENGTH as usize);
        let header = raw::BigData::ref_from_prefix(self.cell.as_slice()).ok()?.0;
        if header.signature != *b"db" {
            return None;
        }
        let (list, count) =
            (CellOffset::new(header.list.get()), usize::from(header.segments.get()));
        if count > needed {
            // The header counts more segments than the size needs.
            let pieces = listed(live, list, count)?;
            claim(live, list, &pieces);
            return Some(self.all_of(pieces));
        }
        if self.value.data_fault().is_none() && !repeats_segment(live, list, needed) {
            return None;
        }
        if count < needed {
            let Some(pieces) = listed(live, list, needed) else {
                // The list has no room for so many segments.
                return Some(self.all_of(listed(live, list, count)?));
            };
            let place = self.cell.offset_of(2);
            let cause = Cause::new(HiddenBy::BigDataCount, place, count as u64, needed as u64);
            return Some((cause, clipped(pieces, self.size)));
        }
        let at = self.at;
        if let Some(changed) = changed(live, orphans, list, at, self.size) {
            let (found, suggested) =
                (u64::from(changed.found.get()), u64::from(changed.suggested.get()));
            let cause = Cause::new(HiddenBy::BigDataElement, changed.place, found, suggested);
            return Some((cause, changed.data));
        }
        let is_list = |live: &mut Live<'d>, at: CellOffset| {
            is_open(live, &orphans.plain, at) && pieces(live, orphans, at, needed).is_some()
        };
        let found = nearest(&orphans.plain, self.at, |at| is_list(live, at))?;
        let pieces = pieces(live, orphans, found, needed)?;
        claim(live, found, &pieces);
        let (place, was) = (self.cell.offset_of(4), u64::from(list.get()));
        let cause = Cause::new(HiddenBy::BigDataList, place, was, u64::from(found.get()));
        Some((cause, clipped(pieces, self.size)))
    }

    /// Whether the data offset is suspicious: the cell is in use as another record, is too short,
    /// or is shared by several values.
    fn has_lost(&self, live: &Live<'d>) -> bool {
        if self.value.is_inline() || self.size == 0 {
            return false;
        }
        let cell = self.cell.as_slice();
        let is_short =
            if self.value.is_big() { !cell.starts_with(b"db") } else { cell.len() < self.size };
        self.is_signed(live) || is_short || live.shared.contains(&self.at)
    }
}

/// Returns the data of a value with a wrong data offset: the nearest unreferenced cell of the right
/// length.
fn moved<'d>(
    value: Value<'d>,
    live: &mut Live<'d>,
    orphans: &Orphans,
) -> Option<(Cause, Vec<Bytes<'d>>)> {
    let (hive, size) = (value.hive(), value.data_size() as usize);
    let (found, data) = if value.is_big() {
        let needed = size.div_ceil(SEGMENT_LENGTH as usize);
        let list = |at: CellOffset| {
            let header = raw::BigData::ref_from_prefix(hive.payload(at)?).ok()?.0;
            let fits = usize::from(header.segments.get()) == needed;
            fits.then_some(CellOffset::new(header.list.get()))
        };
        let near = value.cell_offset();
        let found =
            nearest(&orphans.big, near, |at| !live.has(Use::Data, at) && list(at).is_some())?;
        let list = list(found)?;
        let pieces = pieces(live, orphans, list, needed)?;
        claim(live, list, &pieces);
        (found, clipped(pieces, size))
    } else {
        let rounded = hive.rounded(size);
        let length = |at| hive.payload(at).map_or(0, <[u8]>::len);
        let near = value.cell_offset();
        let found = nearest(&orphans.plain, near, |at| {
            is_open(live, &orphans.plain, at) && hive.rounded(length(at)) == rounded
        });
        // If a program shortened the data in place, their cell is larger than necessary.
        let found = found.or_else(|| {
            nearest(&orphans.plain, near, |at| {
                let most = size.saturating_mul(2).saturating_add(64);
                is_open(live, &orphans.plain, at) && (size..most).contains(&length(at))
            })
        })?;
        let data = Bytes::new(hive.payload(found)?, hive.data_place(found));
        (found, vec![data.clip(0, size)])
    };
    live.mark(Use::Data, found);
    let was = u64::from(u32::from_le_bytes(value.raw().data));
    Some((Cause::new(HiddenBy::DataOffset, value.place(8), was, u64::from(found.get())), data))
}
