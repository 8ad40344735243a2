// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`RecoveredData`]: the surviving data of a recovered value.

use alloc::vec::Vec;

use zerocopy::little_endian::U32;

use crate::budget::Budget;
use crate::bytes::Bytes;
use crate::hive::big_data::SEGMENT_LENGTH;
use crate::hive::hbin::file_offset;
use crate::meter::count;
use crate::offset::CellOffset;
use crate::recover::record::ValueRecord;
use crate::recover::{Found, Loss, Recovery};

/// Bytes that a piece costs beside its content.
const PIECE: usize = 32;

/// Surviving data of a recovered value, in pieces.
#[derive(Clone, Debug, Default)]
pub struct RecoveredData<'d> {
    pieces: Vec<Piece<'d>>,
    size: u64,
}

/// Contiguous bytes of the data in unused space.
#[derive(Clone, Copy, Debug)]
pub struct Piece<'d> {
    /// Offset of the piece, from the start of the data.
    pub at: u64,
    /// Bytes of the piece.
    pub bytes: Bytes<'d>,
}

impl<'d> RecoveredData<'d> {
    /// Returns the size of the data according to the value, in bytes.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Returns the surviving pieces, in order.
    pub fn pieces(&self) -> &[Piece<'d>] {
        &self.pieces
    }

    /// Returns whether every byte survives.
    pub fn is_whole(&self) -> bool {
        self.head_length() == self.size
    }

    /// Returns the surviving bytes before the first gap.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.head().for_each(|piece| {
            count((piece.bytes.len() / 16).saturating_add(1));
            bytes.extend_from_slice(piece.bytes.as_slice());
        });
        bytes
    }

    fn head(&self) -> impl Iterator<Item = &Piece<'d>> {
        let mut at = 0_u64;
        self.pieces.iter().take_while(move |piece| {
            let follows = piece.at == at;
            at = at.saturating_add(piece.bytes.len() as u64);
            follows
        })
    }

    fn head_length(&self) -> u64 {
        self.head().fold(0, |sum, piece| sum.saturating_add(piece.bytes.len() as u64))
    }
}

impl<'d> Recovery<'d> {
    /// Returns the parts of a value's data that are in unused space.
    pub(super) fn data(&self, found: Found) -> RecoveredData<'d> {
        let mut pieces = Vec::new();
        let Some(value) = self.value_of(found) else { return RecoveredData::default() };
        let size = u64::from(value.data_size());
        let inline = value.inline_data();
        if !inline.is_empty() {
            pieces.push(Piece { at: 0, bytes: inline });
        }
        if found.loss.contains(Loss::FOREIGN) {
            return RecoveredData { pieces, size };
        }
        self.each_piece(value, |at, start, length| {
            let Ok(end) = u32::try_from((start as usize).saturating_add(length)) else { return };
            for part in self.space.clear_parts(start, end) {
                let bytes = self.hive.after_base_block();
                let length = part.end.saturating_sub(part.start) as usize;
                // Many values can name the same bytes, and live cells can cut them into many pieces.
                if !self.allowance.pays_for_data(length.saturating_add(PIECE), value.offset()) {
                    return;
                }
                let at = at.saturating_add(u64::from(part.start.saturating_sub(start)));
                pieces.push(Piece { at, bytes: bytes.clip(part.start as usize, length) });
            }
        });
        RecoveredData { pieces, size }
    }

    /// Returns whether all data are in unused space without traces of a later cell in the same
    /// place.
    pub(super) fn data_is_whole(
        &self,
        found: Found,
        value: ValueRecord<'d>,
        work: &mut Budget,
    ) -> bool {
        let cell = value.data_cell();
        if cell.is_nil() || found.loss.contains(Loss::FOREIGN) {
            return cell.is_nil();
        }
        let mut seen = 0_u64;
        let mut is_whole = true;
        if self.is_big(value) {
            // Even if all segments are lost, reading the segment list is work.
            let segments = u64::from(value.data_size().div_ceil(SEGMENT_LENGTH));
            if !work.take(segments, file_offset(found.at as usize)) {
                return false;
            }
            self.each_piece(value, |_, start, length| {
                seen = seen.saturating_add(length as u64);
                is_whole = is_whole && self.holds(start, length, work);
            });
        } else {
            seen = u64::from(value.data_size());
            is_whole = self.holds_in(cell, value.data_size() as usize, work);
        }
        is_whole && seen == u64::from(value.data_size())
    }

    /// Returns whether this cell has room for `length` bytes, all in unused space.
    pub(super) fn holds_in(&self, cell: CellOffset, length: usize, work: &mut Budget) -> bool {
        let header = self.terms.layout.header();
        u32::try_from(header)
            .ok()
            .and_then(|header| cell.get().checked_add(header))
            .is_some_and(|start| self.holds(start, length, work))
    }

    fn holds(&self, start: u32, length: usize, work: &mut Budget) -> bool {
        let header = self.terms.layout.header();
        let needed = self.terms.layout.size_for(length);
        let first = start.saturating_sub(u32::try_from(header).unwrap_or(0));
        let Some(before) = self.before(start, u32::MAX) else { return false };
        let size = before.size.unsigned_abs();
        self.terms.layout.is_multiple(size)
            && size as usize >= needed
            && self.space.is_clear(first, header.saturating_add(length))
            && work.take(length as u64, file_offset(start as usize))
            && !self.has_cell_inside(first, header.saturating_add(length), size)
    }

    /// Returns whether the bytes of a former cell contain the size of a later cell. If a cell was
    /// allocated there and freed again, its size leads exactly to the end of the surrounding free
    /// cell.
    fn has_cell_inside(&self, first: u32, length: usize, size: u32) -> bool {
        // The function ignores the bytes after the content, because they are older than the
        // content.
        let own_end = first.saturating_add(size);
        let end = self.space.cell_end(first).unwrap_or(own_end);
        let bytes = self.hive.after_base_block().clip(first as usize, length);
        count(bytes.len() / 8);
        let units = bytes.as_slice().chunks(8).zip((first..).step_by(8)).skip(1);
        units.into_iter().any(|(unit, at)| {
            let Some(size) = unit.first_chunk::<4>() else { return false };
            let size = u32::from_le_bytes(*size);
            let leads_to = at.saturating_add(size);
            size >= 8
                && self.terms.layout.is_multiple(size)
                && (leads_to == end || leads_to == own_end)
        })
    }

    pub(super) fn is_big(&self, value: ValueRecord<'d>) -> bool {
        value.data_size() > SEGMENT_LENGTH && !value.is_inline() && self.hive.has_big_data()
    }

    /// Passes each piece of the data to `see`: offset in the data, place, and length. Big data have
    /// pieces only if their header and segment list are in unused space.
    pub(super) fn each_piece(&self, value: ValueRecord<'d>, mut see: impl FnMut(u64, u32, usize)) {
        let header = u32::try_from(self.terms.layout.header()).unwrap_or(0);
        let (cell, size) = (value.data_cell(), value.data_size());
        let Some(start) = cell.get().checked_add(header).filter(|_| !cell.is_nil()) else { return };
        if !self.is_big(value) {
            see(0, start, size as usize);
            return;
        }
        let Some(list) = self.segment_list(start) else { return };
        let bytes = self.hive.after_base_block();
        let segments = size.div_ceil(SEGMENT_LENGTH) as usize;
        let elements = bytes.array::<U32>(list as usize, segments);
        let mut at = 0_u64;
        for element in elements {
            count(1);
            let length = u64::from(size).saturating_sub(at).min(u64::from(SEGMENT_LENGTH));
            if let Some(start) = element.get().checked_add(header)
                && start & 7 == header & 7
            {
                see(at, start, usize::try_from(length).unwrap_or(usize::MAX));
            }
            at = at.saturating_add(length);
        }
    }

    /// Returns the place of the segment list of the `db` at this place.
    pub(super) fn segment_list(&self, start: u32) -> Option<u32> {
        let bytes = self.hive.after_base_block().get(start as usize, 8)?;
        let header: &crate::raw::BigData = bytes.record(crate::error::Structure::BigData).ok()?;
        let list =
            header.list.get().checked_add(u32::try_from(self.terms.layout.header()).ok()?)?;
        let count = usize::from(header.segments.get());
        let is_one = header.signature == *b"db"
            && count >= 2
            && self.space.is_clear(start, 8)
            && self.space.is_clear(list, count.saturating_mul(4));
        is_one.then_some(list)
    }
}
