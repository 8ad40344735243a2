// SPDX-License-Identifier: MIT OR Apache-2.0
//! Other fields than those of the value that hide data: sizes of cells and the version. Also
//! lengths that contradict the cell.

use alloc::vec;
use alloc::vec::Vec;

use zerocopy::FromBytes as _;
use zerocopy::little_endian::U32;

use super::Look;
use crate::bytes::Bytes;
use crate::hive::big_data::SEGMENT_LENGTH;
use crate::hive::hidden::marks::Live;
use crate::hive::hidden::segments::{claim, clipped, listed};
use crate::hive::hidden::{Cause, HiddenBy};
use crate::hive::value_type::ValueType;
use crate::offset::{CellOffset, FileOffset};
use crate::raw;

impl<'d> Look<'d> {
    /// Returns all data, if the size of a cell hides a part.
    pub(super) fn resized(&self, live: &Live<'d>) -> Option<(Cause, Vec<Bytes<'d>>)> {
        let (hive, sizes) = (live.hive, &live.sizes);
        if self.value.is_inline() || self.size == 0 {
            return None;
        }
        let own = sizes.get(self.at);
        if !self.value.is_big() {
            return own.map(|it| (it.cause(hive), vec![self.cell.clip(0, self.size)]));
        }
        let header = raw::BigData::ref_from_prefix(self.cell.as_slice()).ok()?.0;
        let count = self.size.div_ceil(SEGMENT_LENGTH as usize);
        let list = CellOffset::new(header.list.get());
        let elements = sizes.bytes(hive, list).array::<U32>(0, count);
        let cells = || elements.iter().map(|it| CellOffset::new(it.get()));
        let resized = own.or(sizes.get(list)).or_else(|| cells().find_map(|at| sizes.get(at)))?;
        // Data after an element that leads to no cell have no known place.
        let pieces = cells().map(|at| sizes.bytes(hive, at).clip(0, SEGMENT_LENGTH as usize));
        let pieces: Vec<Bytes<'d>> = pieces.take_while(|piece| !piece.is_empty()).collect();
        (elements.len() == count && !pieces.is_empty())
            .then(|| (resized.cause(hive), clipped(pieces, self.size)))
    }

    /// Returns the number of a value whose data size lacks the inline bit or is larger than the
    /// number, if the data offset is the number.
    pub(super) fn number_in_the_offset(&self, live: &Live<'d>) -> Option<(Cause, Vec<Bytes<'d>>)> {
        let kind = self.value.value_type();
        let is_number = matches!(kind, ValueType::DWORD | ValueType::DWORD_BIG_ENDIAN);
        let is_cell = !self.cell.is_empty() && !self.is_signed(live);
        let may_be = self.size > 4 && (self.value.is_inline() || !is_cell);
        (is_number && may_be).then(|| {
            let field = Bytes::new(&self.value.raw().data, self.value.place(8));
            (self.size_cause(HiddenBy::DataSize, (1 << 31) | 4), vec![field])
        })
    }

    /// Returns data that only another version of the format stores in this way: big data in a
    /// version without big data, or large data in one cell in a version with big data.
    pub(super) fn of_other_version(&self, live: &mut Live<'d>) -> Option<(Cause, Vec<Bytes<'d>>)> {
        let hive = self.value.hive();
        if self.value.is_inline() || self.size <= SEGMENT_LENGTH as usize {
            return None;
        }
        let cause = |suggested: u64| {
            let found = u64::from(hive.base_block().version().1);
            Cause::new(HiddenBy::Version, FileOffset::new(24), found, suggested)
        };
        if hive.has_big_data() {
            let is_one_cell =
                !self.cell.as_slice().starts_with(b"db") && self.cell.len() >= self.size;
            return is_one_cell.then(|| (cause(3), vec![self.cell.clip(0, self.size)]));
        }
        let header = raw::BigData::ref_from_prefix(self.cell.as_slice()).ok()?.0;
        let count = self.size.div_ceil(SEGMENT_LENGTH as usize);
        if header.signature != *b"db" || usize::from(header.segments.get()) != count {
            return None;
        }
        let list = CellOffset::new(header.list.get());
        let pieces = listed(live, list, count)?;
        claim(live, list, &pieces);
        Some((cause(5), clipped(pieces, self.size)))
    }

    /// Returns the data in a cell that is shorter than the stored size.
    pub(super) fn beyond_cell(&self) -> Option<(Cause, Vec<Bytes<'d>>)> {
        let likely = self.likely_size(0);
        (likely > 0).then(|| self.longer(likely))
    }

    /// Whether the stored size exceeds the cell, which is not the header of big data.
    pub(super) fn is_beyond_cell(&self) -> bool {
        self.size > self.cell.len()
            && !(self.value.is_big() && self.cell.as_slice().starts_with(b"db"))
    }

    /// Whether the likely data fill their cell.
    pub(super) fn fills_cell(&self) -> bool {
        self.value.hive().rounded(self.likely_size(0)) == self.cell.len()
    }

    /// Whether another field than the data offset explains lost data.
    pub(super) fn is_sure(&self, by: HiddenBy, live: &Live<'_>) -> bool {
        match by {
            HiddenBy::CellSize | HiddenBy::Version => true,
            HiddenBy::DataSize => {
                let is_number = self.value.value_type() == ValueType::DWORD && self.size > 4;
                let is_own = !self.is_signed(live) && !live.shared.contains(&self.at);
                is_number || is_own && self.is_beyond_cell() && self.fills_cell()
            }
            _ => false,
        }
    }
}
