// SPDX-License-Identifier: MIT OR Apache-2.0
//! Unreferenced segments of big data.

use alloc::collections::BTreeSet;
use alloc::vec::Vec;

use zerocopy::little_endian::U32;

use crate::bytes::Bytes;
use crate::hive::Hive;
use crate::hive::big_data::SEGMENT_LENGTH;
use crate::hive::hidden::marks::{Live, Use, is_open};
use crate::hive::hidden::orphans::{Orphans, nearest};
use crate::offset::{CellOffset, FileOffset};

/// Returns all elements in the cell of a segment list.
pub(super) fn elements<'d>(hive: Hive<'d>, list: CellOffset) -> (Bytes<'d>, &'d [U32]) {
    let data = Bytes::new(hive.payload(list).unwrap_or_default(), hive.data_place(list));
    (data, data.array(0, data.len()))
}

/// Returns the bytes of a segment.
pub(super) fn segment<'d>(hive: Hive<'d>, at: CellOffset) -> Option<Bytes<'d>> {
    let data = Bytes::new(hive.payload(at)?, hive.data_place(at));
    Some(data.clip(0, SEGMENT_LENGTH as usize))
}

/// Returns the first segments of a list, even if other lists use them.
pub(super) fn listed<'d>(
    live: &mut Live<'d>,
    list: CellOffset,
    count: usize,
) -> Option<Vec<Bytes<'d>>> {
    let hive = live.hive;
    let all = elements(hive, list).1.get(..count)?;
    if !live.charge(count) {
        return None;
    }
    all.iter().map(|at| segment(hive, CellOffset::new(at.get()))).collect()
}

/// Returns the segments of a list, if all are unreferenced, and all except the last are full.
pub(super) fn pieces<'d>(
    live: &mut Live<'d>,
    orphans: &Orphans,
    list: CellOffset,
    count: usize,
) -> Option<Vec<Bytes<'d>>> {
    let hive = live.hive;
    let (_, elements) = elements(hive, list);
    if count < 2 || !is_open(live, &orphans.plain, list) || !live.charge(1) {
        return None;
    }
    let mut pieces = Vec::new();
    for (index, at) in elements.get(..count)?.iter().enumerate() {
        let at = CellOffset::new(at.get());
        let piece = segment(hive, at).filter(|_| is_open(live, &orphans.plain, at))?;
        let is_last = index.saturating_add(1) == count;
        if !live.charge(1) || !is_last && piece.len() < SEGMENT_LENGTH as usize {
            return None;
        }
        pieces.push(piece);
    }
    Some(pieces)
}

/// Marks the segments and their list.
pub(super) fn claim(live: &mut Live<'_>, list: CellOffset, pieces: &[Bytes<'_>]) {
    live.mark(Use::Data, list);
    let header = live.hive.data_place(CellOffset::new(0)).get();
    for piece in pieces {
        let at = piece.offset().get().saturating_sub(header);
        live.mark(Use::Data, u32::try_from(at).map_or(CellOffset::NIL, CellOffset::new));
    }
}

/// Returns the first `size` bytes of the pieces.
pub(super) fn clipped<'d>(pieces: Vec<Bytes<'d>>, size: usize) -> Vec<Bytes<'d>> {
    let mut left = size;
    let cut = |piece: Bytes<'d>| {
        let piece = piece.clip(0, left);
        left = left.saturating_sub(piece.len());
        piece
    };
    pieces.into_iter().map(cut).collect()
}

/// Changed element of a segment list, and the data with the suggested segment.
pub(super) struct Changed<'d> {
    /// Place of the element in the file.
    pub(super) place: FileOffset,
    /// Stored offset, which leads to no segment.
    pub(super) found: CellOffset,
    /// Offset of the suggested segment.
    pub(super) suggested: CellOffset,
    /// All segments of the data.
    pub(super) data: Vec<Bytes<'d>>,
}

/// Whether a list leads to one segment twice.
pub(super) fn repeats_segment(live: &mut Live<'_>, list: CellOffset, count: usize) -> bool {
    let all = elements(live.hive, list).1;
    let mut seen = BTreeSet::new();
    live.charge(count) && all.iter().take(count).any(|at| !seen.insert(at.get()))
}

/// Finds the one element of a segment list that leads to no segment, or to the same segment as an
/// earlier element. The unreferenced segment
/// nearest to `near` takes its place.
pub(super) fn changed<'d>(
    live: &mut Live<'d>,
    orphans: &Orphans,
    list: CellOffset,
    near: CellOffset,
    size: usize,
) -> Option<Changed<'d>> {
    let hive = live.hive;
    let (bytes, all) = elements(hive, list);
    let all = all.get(..size.div_ceil(SEGMENT_LENGTH as usize))?;
    let (mut pieces, mut odd, mut left) = (Vec::new(), None, size);
    let mut seen = BTreeSet::new();
    for (index, at) in all.iter().enumerate() {
        let needed = left.min(SEGMENT_LENGTH as usize);
        left = left.saturating_sub(needed);
        let at = CellOffset::new(at.get());
        let is_new = seen.insert(at);
        let piece = segment(hive, at).filter(|piece| is_new && piece.len() >= needed);
        if !live.charge(1) || piece.is_none() && odd.is_some() {
            return None;
        }
        if piece.is_none() {
            odd = Some((index, at, needed));
        }
        pieces.push(piece.unwrap_or(bytes));
    }
    let (index, was, needed) = odd?;
    let is_whole = index.saturating_add(1) < all.len();
    let found = nearest(&orphans.plain, near, |at| {
        // Every segment except the last fills its cell. The last segment holds the rest of the
        // data.
        let room = hive.payload(at).map_or(0, <[u8]>::len);
        is_open(live, &orphans.plain, at)
            && room >= needed
            && (is_whole || hive.rounded(needed) == hive.rounded(room))
    })?;
    *pieces.get_mut(index)? = segment(hive, found)?;
    live.mark(Use::Data, found);
    let place = bytes.offset_of(index.saturating_mul(4));
    Some(Changed { place, found: was, suggested: found, data: clipped(pieces, size) })
}
