// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`BigData`] (`db`): data above 16,344 bytes, in segments ([regf.md](crate::format#big-data)).

use zerocopy::little_endian::U32;

use crate::bytes::Bytes;
use crate::error::{Error, ErrorKind, Field, Limit, Result, Structure};
use crate::hive::Hive;
use crate::hive::cell::wrong_signature;
use crate::meter::count;
use crate::offset::{CellOffset, FileOffset};
use crate::raw;

/// Bytes of data in each segment except the last.
pub(crate) const SEGMENT_LENGTH: u32 = 16_344;

/// `db`: segments of the data of a value.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BigData<'d> {
    hive: Hive<'d>,
    elements: &'d [U32],
    header: CellOffset,
    list: CellOffset,
    size: u32,
}

impl<'d> BigData<'d> {
    /// Reads the header and the segment list at `at`, for `size` bytes of data. `from` is the place
    /// of the reference to `at`.
    pub(crate) fn parse(
        hive: Hive<'d>,
        at: CellOffset,
        from: FileOffset,
        size: u32,
    ) -> Result<Self> {
        let cell = hive.allocated(at, Structure::BigData);
        let cell = cell.map_err(|error| error.pointed_from(from))?;
        let header: &raw::BigData = cell.data().record(Structure::BigData)?;
        if header.signature != *b"db" {
            return Err(wrong_signature(cell.data(), Structure::BigData));
        }
        // Data larger than all bins can only be segments that repeat the same bytes.
        let most = hive.bin_bytes().len() as u64;
        if u64::from(size) > most {
            let kind = ErrorKind::LimitReached { limit: Limit::Data, most };
            return Err(Error::new(kind, cell.offset()));
        }
        let list = CellOffset::new(header.list.get());
        let elements = hive.allocated(list, Structure::SegmentList);
        let elements = elements.map_err(|error| error.pointed_from(cell.data().offset_of(4)))?;
        let count = usize::from(header.segments.get()).min(segments_for(size));
        let elements = elements.data().array(0, count);
        Ok(Self { hive, elements, header: at, list, size })
    }

    /// Returns the big data if every byte exists.
    pub(crate) fn whole(self) -> Result<Self> {
        let (needed, found) = (segments_for(self.size), self.elements.len());
        if found < needed {
            let kind = ErrorKind::Mismatch {
                structure: Structure::BigData,
                field: Field::Count,
                expected: needed as u64,
                found: found as u64,
            };
            return Err(Error::new(kind, self.header.file_offset()));
        }
        self.segments().find_map(Result::err).map_or(Ok(self), Err)
    }

    /// Returns the segments in order. Each item holds the data of one segment, or the error of that
    /// segment.
    pub(crate) fn segments(self) -> impl Iterator<Item = Result<Bytes<'d>>> {
        let mut left = self.size;
        let mut place = self.hive.data_place(self.list);
        self.elements.iter().map(move |element| {
            let length = left.min(SEGMENT_LENGTH);
            left = left.saturating_sub(length);
            let from = place;
            place = from.plus(4);
            let cell = self.hive.allocated(CellOffset::new(element.get()), Structure::Segment);
            let cell = cell.map_err(|error| error.pointed_from(from))?;
            cell.data().slice(0, length as usize, Structure::Segment)
        })
    }

    /// Returns the cell of the segment list.
    pub(crate) const fn list(self) -> CellOffset {
        self.list
    }

    /// Returns the cells of the segments.
    pub(crate) fn cells(self) -> impl Iterator<Item = CellOffset> + 'd {
        self.elements.iter().map(|element| {
            count(1);
            CellOffset::new(element.get())
        })
    }
}

/// Returns the number of segments for data of this size.
const fn segments_for(size: u32) -> usize {
    size.div_ceil(SEGMENT_LENGTH) as usize
}
