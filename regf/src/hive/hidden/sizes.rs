// SPDX-License-Identifier: MIT OR Apache-2.0
//! Cells with a wrong size: cells that the tree uses and that are too small for their content, have
//! an impossible size, or are marked free. The neighbors of such a cell suggest its size.
//!
//! A size and a length can contradict each other. If the next cells continue at the stored size,
//! then the length is wrong, not the size.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use crate::bytes::Bytes;
use crate::error::{Error, ErrorKind, Structure};
use crate::hive::Hive;
use crate::hive::big_data::SEGMENT_LENGTH;
use crate::hive::hbin::cell_offset;
use crate::hive::hidden::{Cause, HiddenBy};
use crate::hive::key::Key;
use crate::hive::value::Value;
use crate::offset::CellOffset;
use crate::raw;

/// Cell whose size contradicts its content and its neighbors.
#[derive(Clone, Copy, Debug)]
pub(super) struct Resized<'d> {
    /// Stored size.
    found: u32,
    /// Size that the neighbors suggest.
    suggested: u32,
    at: CellOffset,
    /// Content according to the suggested size.
    pub(super) payload: &'d [u8],
    is_free: bool,
}

impl<'d> Resized<'d> {
    /// Returns the cell at `at` with `length` bytes instead of the stored size.
    pub(super) fn new(hive: Hive<'d>, at: CellOffset, found: u32, length: usize) -> Option<Self> {
        let suggested = u32::try_from(length).ok()?.wrapping_neg();
        let room = length.checked_sub(hive.layout().header())?;
        let payload = hive.salvage(at, room).as_slice();
        let is_free = found.cast_signed() > 0 && found == suggested.wrapping_neg();
        (payload.len() == room).then_some(Self { found, suggested, at, payload, is_free })
    }
}

impl Resized<'_> {
    /// Returns the cause for content that the size hides. A dirty hive can refer to cells that
    /// Windows was about to allocate.
    pub(super) fn cause(self, hive: Hive<'_>) -> Cause {
        let (found, suggested) = (u64::from(self.found), u64::from(self.suggested));
        let cause = Cause::new(HiddenBy::CellSize, self.at.file_offset(), found, suggested);
        if self.is_free && hive.is_dirty() { cause.left_over() } else { cause }
    }
}

/// Cells with a wrong size, by offset.
#[derive(Clone, Debug, Default)]
pub(super) struct Sizes<'d>(BTreeMap<CellOffset, Resized<'d>>);

impl<'d> Sizes<'d> {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn get(&self, at: CellOffset) -> Option<Resized<'d>> {
        self.0.get(&at).copied()
    }

    pub(super) fn insert(&mut self, resized: Resized<'d>) {
        self.0.insert(resized.at, resized);
    }

    /// Returns the suggested size of the cell at `at`, if the stored size is wrong.
    pub(super) fn size(&self, at: CellOffset) -> Option<usize> {
        self.get(at).map(|it| it.suggested.wrapping_neg() as usize)
    }

    /// Returns the content of the cell at `at`, by the suggested size if the stored size is wrong.
    pub(super) fn payload(&self, hive: Hive<'d>, at: CellOffset) -> Option<&'d [u8]> {
        self.get(at).map(|it| it.payload).or_else(|| hive.payload(at))
    }

    /// Returns the content of the cell at `at`, with its place.
    pub(super) fn bytes(&self, hive: Hive<'d>, at: CellOffset) -> Bytes<'d> {
        Bytes::new(self.payload(hive, at).unwrap_or_default(), hive.data_place(at))
    }
}

/// Cell that the tree uses and that does not hold its content.
#[derive(Clone, Copy, Debug)]
pub(super) struct Suspect {
    pub(super) at: CellOffset,
    /// Bytes of content that other fields claim.
    pub(super) need: usize,
    pub(super) of: Of,
}

/// For an unreadable key or value: the key whose list leads to the cell.
#[derive(Clone, Copy, Debug)]
pub(super) enum Of {
    /// A key below this key.
    Key(CellOffset),
    /// A value of this key.
    Value(CellOffset),
    Other,
}

impl Suspect {
    const fn new(at: CellOffset, need: usize) -> Self {
        Self { at, need, of: Of::Other }
    }
}

/// Unreadable keys and values, read with the suggested size of their cells.
#[derive(Debug, Default)]
pub(super) struct Repaired<'d> {
    pub(super) keys: BTreeMap<CellOffset, Key<'d>>,
    /// Values, each with the cell of its key.
    pub(super) values: BTreeMap<CellOffset, (Value<'d>, CellOffset)>,
}

/// Adds an unreadable key below `above`, by the error of the walk.
pub(super) fn lost_key(
    hive: Hive<'_>,
    error: Error,
    above: CellOffset,
    suspects: &mut Vec<Suspect>,
) {
    let Some(at) = cell_of(hive, error, Structure::KeyNode) else { return };
    let bytes = hive.salvage(at, size_of::<raw::KeyNode>());
    let Some(node) = bytes.array::<raw::KeyNode>(0, 1).first() else { return };
    if node.signature == *b"nk" && node.parent.get() == above.get() {
        let need = size_of::<raw::KeyNode>().saturating_add(usize::from(node.name_length.get()));
        suspects.push(Suspect { at, need, of: Of::Key(above) });
    }
}

/// Adds an unreadable value of `key`, by the error of the value list.
pub(super) fn lost_value(
    hive: Hive<'_>,
    error: Error,
    key: CellOffset,
    suspects: &mut Vec<Suspect>,
) {
    let Some(at) = cell_of(hive, error, Structure::KeyValue) else { return };
    let bytes = hive.salvage(at, size_of::<raw::KeyValue>());
    let Some(value) = bytes.array::<raw::KeyValue>(0, 1).first() else { return };
    if value.signature == *b"vk" {
        let need = size_of::<raw::KeyValue>().saturating_add(usize::from(value.name_length.get()));
        suspects.push(Suspect { at, need, of: Of::Value(key) });
    }
}

/// Returns the cell with a size that makes this structure unreadable.
fn cell_of(hive: Hive<'_>, error: Error, wanted: Structure) -> Option<CellOffset> {
    let at = cell_offset(error.offset());
    match error.kind() {
        ErrorKind::CellSize { structure, .. } | ErrorKind::FreeCell { structure, .. } => {
            (structure == wanted).then_some(at)
        }
        ErrorKind::Truncated { structure, .. } if structure == wanted => {
            let header = u32::try_from(hive.layout().header()).ok()?;
            at.get().checked_sub(header).map(CellOffset::new)
        }
        _ => None,
    }
}

/// Adds the cells of a key that do not hold their content: its own cell and its lists.
/// `is_new` says whether its subkey list and its value list belong to no earlier key.
/// Each leaf of an index root takes 1 from `left`.
pub(super) fn cells_of_key(
    key: Key<'_>,
    is_new: (bool, bool),
    left: &mut usize,
    suspects: &mut Vec<Suspect>,
) {
    let (hive, raw) = (key.hive(), key.raw());
    if key.name_fault().is_some() {
        let need = size_of::<raw::KeyNode>().saturating_add(usize::from(raw.name_length.get()));
        suspects.push(Suspect::new(key.cell_offset(), need));
    }
    if key.subkey_count() > 0 && is_new.0 {
        list(hive, CellOffset::new(raw.subkeys.get()), true, left, suspects);
    }
    let count = key.value_count() as usize;
    if count > 0 && is_new.1 {
        content(hive, CellOffset::new(raw.values.get()), count.saturating_mul(4), suspects);
    }
}

/// Adds the cells of a subkey list that do not hold their elements.
fn list(
    hive: Hive<'_>,
    at: CellOffset,
    may_be_root: bool,
    left: &mut usize,
    suspects: &mut Vec<Suspect>,
) {
    let payload = hive.payload(at);
    if payload.is_some_and(|payload| !payload.starts_with(b"ri") && is_filled(payload)) {
        return;
    }
    let header = hive.salvage(at, 4);
    let Some(header) = header.array::<raw::ListHeader>(0, 1).first() else { return };
    let count = usize::from(header.count.get());
    let stride = match &header.signature {
        b"li" => 4,
        b"lf" | b"lh" => 8,
        b"ri" if may_be_root => 4,
        _ => return,
    };
    let need = count.saturating_mul(stride).saturating_add(4);
    content(hive, at, need, suspects);
    if header.signature == *b"ri" {
        let leaves = hive.salvage(at, need);
        let leaves = leaves.array::<zerocopy::little_endian::U32>(4, count);
        for leaf in leaves {
            let Some(fewer) = left.checked_sub(1) else { break };
            *left = fewer;
            list(hive, CellOffset::new(leaf.get()), false, left, suspects);
        }
    }
}

/// Whether a leaf holds all its elements.
fn is_filled(payload: &[u8]) -> bool {
    let [first, second, low, high, elements @ ..] = payload else { return false };
    let stride = match [first, second] {
        [b'l', b'i'] => 4,
        [b'l', b'f' | b'h'] => 8,
        _ => return true,
    };
    usize::from(u16::from_le_bytes([*low, *high])).saturating_mul(stride) <= elements.len()
}

/// Adds the cells of a value that do not hold their content: its own cell and its data.
/// `is_new` says whether its data belong to no earlier value.
pub(super) fn cells_of_value(
    value: Value<'_>,
    is_new: bool,
    left: &mut usize,
    suspects: &mut Vec<Suspect>,
) {
    let hive = value.hive();
    if value.name_fault().is_some() {
        let length = usize::from(value.raw().name_length.get());
        let need = size_of::<raw::KeyValue>().saturating_add(length);
        suspects.push(Suspect::new(value.cell_offset(), need));
    }
    let (data, size) = (value.data_cell(), value.data_size() as usize);
    if data.is_nil() || !is_new {
        return;
    }
    if !value.is_big() {
        return content(hive, data, size, suspects);
    }
    if value.data_fault().is_none() {
        return;
    }
    content(hive, data, size_of::<raw::BigData>(), suspects);
    let header = hive.salvage(data, size_of::<raw::BigData>());
    let Some(header) = header.array::<raw::BigData>(0, 1).first() else { return };
    let count = usize::from(header.segments.get());
    if header.signature != *b"db" || size > count.saturating_mul(SEGMENT_LENGTH as usize) {
        return;
    }
    let at = CellOffset::new(header.list.get());
    content(hive, at, count.saturating_mul(4), suspects);
    let elements = hive.salvage(at, count.saturating_mul(4));
    let mut rest = size;
    let needed = count.min(size.div_ceil(SEGMENT_LENGTH as usize));
    for element in elements.array::<zerocopy::little_endian::U32>(0, needed) {
        // Many values can lead to one list.
        let Some(fewer) = left.checked_sub(1) else { break };
        *left = fewer;
        let length = rest.min(SEGMENT_LENGTH as usize);
        rest = rest.saturating_sub(length);
        content(hive, CellOffset::new(element.get()), length, suspects);
    }
}

/// Adds the cell at `at` if it does not hold `need` bytes.
fn content(hive: Hive<'_>, at: CellOffset, need: usize, suspects: &mut Vec<Suspect>) {
    if hive.payload(at).is_none_or(|payload| payload.len() < need) {
        suspects.push(Suspect::new(at, need));
    }
}
