// SPDX-License-Identifier: MIT OR Apache-2.0
//! Data that are there, and that a value shows with others, with fewer, or with another type.

use alloc::collections::BTreeSet;
use alloc::vec;
use alloc::vec::Vec;

use zerocopy::FromBytes as _;

use crate::bytes::{Bytes, CellOffset};
use crate::hive::Hive;
use crate::hive::big_data::SEGMENT_LENGTH;
use crate::hive::hidden::marks::{Live, Use};
use crate::hive::hidden::names::as_value;
use crate::hive::hidden::orphans::{Orphans, nearest};
use crate::hive::hidden::segments::{changed, claim, clipped, listed, pieces};
use crate::hive::hidden::text;
use crate::hive::hidden::{Cause, Hidden, HiddenBy, Item};
use crate::hive::key::Key;
use crate::hive::value::{Value, ValueType};
use crate::raw;

/// Bytes behind the data that are no left-over of rounding.
const SLACK: usize = 8;

/// What is looked at: a value, its key, and the data of its cell.
struct Look<'d> {
    value: Value<'d>,
    key: Option<Key<'d>>,
    size: usize,
    /// All bytes of the cell that the field of the data leads to.
    cell: Bytes<'d>,
    at: CellOffset,
}

/// Adds the data of values, live and hidden ones.
pub(super) fn hidden_data<'d>(live: &mut Live<'d>, orphans: &Orphans, items: &mut Vec<Hidden<'d>>) {
    let hive = live.hive;
    let mut lost = Vec::new();
    // Cells that many values lead to are looked through once.
    let mut judged_cells = BTreeSet::new();
    // Many values may lead to the same data: no more are told than the bins have room for apart.
    let mut room = (hive.bin_bytes().len() / 64).max(64);
    let mut see = |value: Value<'d>,
                   key: Option<Key<'d>>,
                   live: &mut Live<'d>,
                   items: &mut Vec<Hidden<'d>>| {
        if room == 0 {
            live.left = 0;
            return;
        }
        let look = Look::new(hive, value, key);
        let is_first = value.is_inline() || judged_cells.insert(look.at);
        let may = is_first && live.charge(look.cell.len() / 16);
        let judged = if may { look.judge(live, orphans) } else { None };
        let key = key.map(Key::cell_offset);
        if look.has_lost(live) {
            // All other values first, so that none loses what is its own.
            room = room.saturating_sub(1);
            lost.push((value, key, judged));
        } else if let Some((cause, data)) = judged {
            room = room.saturating_sub(1);
            items.push(cause.hides(Item::Data { value, data }, key));
        }
    };
    for entry in hive.walk().with_values(true).filter_map(Result::ok) {
        for value in entry.values.filter_map(Result::ok) {
            see(value, Some(entry.key), live, items);
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

/// Whether an allocated cell holds data that nothing refers to.
pub(super) fn is_open(live: &Live<'_>, orphans: &[CellOffset], at: CellOffset) -> bool {
    !live.has(Use::Data, at) && !live.has(Use::ValueList, at) && orphans.binary_search(&at).is_ok()
}

impl<'d> Look<'d> {
    fn new(hive: Hive<'d>, value: Value<'d>, key: Option<Key<'d>>) -> Self {
        let at = CellOffset::new(u32::from_le_bytes(value.raw().data));
        let cell = Bytes::new(hive.payload(at).unwrap_or_default(), hive.data_place(at));
        Self { value, key, size: value.data_size() as usize, cell, at }
    }

    /// The field that keeps data from being shown, and these data.
    fn judge(&self, live: &mut Live<'d>, orphans: &Orphans) -> Option<(Cause, Vec<Bytes<'d>>)> {
        let is_open = |at| is_open(live, &orphans.plain, at) || is_open(live, &orphans.big, at);
        if self.value.is_inline() {
            if is_open(self.at) && (self.size > 4 || self.fits_type(self.cell.len())) {
                return Some(self.inline());
            }
            let number = Some(u64::from(ValueType::DWORD.0));
            let as_text = || self.wrong_type().filter(|(cause, _)| cause.suggested == number);
            return self.short_number().or_else(as_text);
        }
        if self.value.is_big() {
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
        if self.size > self.cell.len() {
            return None;
        }
        self.short_number()
            .or_else(|| self.short_text())
            .or_else(|| self.wrong_type())
            .or_else(|| self.slack())
    }

    /// Whether data of so many bytes may be of its type.
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

    /// Data of up to four bytes that stand in the value, while the bit that says so is not set.
    fn not_inline(&self) -> (Cause, Vec<Bytes<'d>>) {
        let field = Bytes::new(&self.value.raw().data, self.value.place(8));
        let inline = (1_usize << 31) | self.size;
        (self.size_cause(HiddenBy::DataInline, inline), vec![field.clip(0, self.size)])
    }

    /// Whether its offset leads to a record instead of data.
    fn is_signed(&self, live: &Live<'d>) -> bool {
        [Use::Key, Use::Value, Use::List, Use::ValueList]
            .into_iter()
            .any(|which| !self.cell.is_empty() && live.has(which, self.at))
    }

    /// How long the data of the cell are: by their type, by what the key says of its longest data,
    /// else without the zeros at the end.
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

    /// A number with fewer bytes than its type has, while the others are there.
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

    /// Text without its end, which goes on behind it up to one.
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
        // The end alone says nothing: text is often stored without.
        let rest = all.get(self.size.next_multiple_of(2)..end)?;
        rest.iter().any(|byte| *byte != 0).then(|| {
            // Text that was made smaller in place, and has no end, leaves the like.
            let (cause, data) = self.longer(end);
            (cause.left_over(), data)
        })
    }

    /// A number of another length, whose bytes are text; text whose bytes are a number.
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
            // Four bytes in the value itself are a number for the most part.
            if self.value.is_inline() && bytes.len() == 4 {
                ValueType::DWORD
            } else {
                ValueType::BINARY
            }
        } else {
            return None;
        };
        // Programs store bytes as text, and more bytes as a number than it has.
        let is_weak = matches!(suggested, ValueType::BINARY | ValueType::DWORD);
        let (found, suggested) = (u64::from(kind.0), u64::from(suggested.0));
        let cause = Cause::new(HiddenBy::DataType, self.value.place(12), found, suggested);
        let cause = if is_weak { cause.left_over() } else { cause };
        Some((cause, vec![shown]))
    }

    /// Bytes behind the data, in a cell with room for more.
    fn slack(&self) -> Option<(Cause, Vec<Bytes<'d>>)> {
        let rounded = self.value.hive().rounded(self.size);
        let rest = self.cell.as_slice().get(rounded..).filter(|rest| rest.len() >= SLACK)?;
        rest.iter().any(|byte| *byte != 0).then(|| {
            let (cause, data) = self.longer(self.likely_size(self.size));
            (cause.left_over(), data)
        })
    }

    /// Data in segments whose size is that of data in one piece.
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

    /// Data of all these segments, as long as the key says that its longest are, if that fits.
    fn all_of(&self, pieces: Vec<Bytes<'d>>) -> (Cause, Vec<Bytes<'d>>) {
        let size = pieces.iter().fold(0_usize, |sum, piece| sum.saturating_add(piece.len()));
        let largest = self.key.map_or(0, |key| key.raw().largest_value_data.get()) as usize;
        let room = size.saturating_sub(SEGMENT_LENGTH as usize);
        let size = if largest > room && largest <= size { largest } else { size };
        // One segment may be named again and again: no data are longer than all bins.
        let size = size.min(self.value.hive().bin_bytes().len());
        (self.size_cause(HiddenBy::DataSize, size), clipped(pieces, size))
    }

    /// Data in segments, of which the head counts too few, or whose list is elsewhere.
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
            // More segments than data of that size have.
            let pieces = listed(live, list, count)?;
            claim(live, list, &pieces);
            return Some(self.all_of(pieces));
        }
        self.value.data_fault()?;
        if count < needed {
            let pieces = listed(live, list, needed)?;
            let place = self.cell.offset_of(2);
            let cause = Cause::new(HiddenBy::BigDataCount, place, count as u64, needed as u64);
            return Some((cause, clipped(pieces, self.size)));
        }
        let at = self.at;
        if let Some((place, was, found, data)) = changed(live, orphans, list, at, self.size) {
            let (was, found) = (u64::from(was.get()), u64::from(found.get()));
            return Some((Cause::new(HiddenBy::BigDataElement, place, was, found), data));
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

    /// Whether the data that its offset leads to may not be its own: they are no data, too few, or
    /// another value's.
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

/// The data of a value whose offset leads elsewhere: the nearest cell of that length that nothing
/// refers to.
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
        // Data that were made smaller in place lie in a cell with room for more.
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
