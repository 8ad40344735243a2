// SPDX-License-Identifier: MIT OR Apache-2.0

//! Cells of data: allocated, overwritten and freed.

use std::ops::Range;

use super::edits::Edits;
use super::node::DataCells;
use super::truth::{Deleted, DeletedKind, Snapshot};
use crate::record::{self, SEGMENT};
use crate::tree::Value;

impl Edits {
    /// Allocates cells for these data.
    pub(super) fn make_data(&mut self, data: &[u8]) -> DataCells {
        if data.len() <= record::INLINE {
            return DataCells::Inline;
        }
        if !self.is_big(data) {
            return DataCells::One(self.heap.allocate(data, self.spare));
        }
        let segments = data.chunks(SEGMENT);
        let segments: Vec<u32> = segments.map(|part| self.heap.allocate(part, 0)).collect();
        let list = self.heap.allocate(&record::offsets(&segments), 0);
        let db = self.heap.allocate(&record::big_data(segments.len(), list), 0);
        DataCells::Big { db, list, segments }
    }

    /// Frees the cells of data.
    pub(super) fn release_data(&mut self, data: &DataCells) {
        match data {
            DataCells::Inline => {}
            DataCells::One(cell) => self.heap.release(*cell),
            DataCells::Big { db, list, segments } => {
                segments.iter().for_each(|&segment| self.heap.release(segment));
                self.heap.release(*list);
                self.heap.release(*db);
            }
        }
    }

    /// Cells for the data of `value`. The cells of `before` are reused as far as they have room.
    pub(super) fn change_data(
        &mut self,
        number: usize,
        before: &Value,
        cells: &DataCells,
        value: &Value,
    ) -> DataCells {
        let data = &value.data;
        match cells {
            DataCells::One(cell)
                if data.len() > record::INLINE
                    && !self.is_big(data)
                    && data.len() <= self.heap.capacity(*cell) as usize =>
            {
                let content = self.heap.content(*cell);
                if data.len() < before.data.len() {
                    let tail = content + data.len()..content + before.data.len();
                    self.list_data(number, before, data.len(), *cell, vec![tail.clone()]);
                    self.heap.give_up(tail);
                }
                self.heap.put(content, data);
                DataCells::One(*cell)
            }
            DataCells::Big { .. } if self.is_big(data) => {
                self.change_segments(number, before, cells, data)
            }
            _ => {
                if let DataCells::One(cell) | DataCells::Big { db: cell, .. } = cells {
                    let ranges = self.data_ranges(cells, before.data.len());
                    self.list_data(number, before, 0, *cell, ranges);
                }
                // New cells are allocated before old cells are freed.
                let made = self.make_data(data);
                self.release_data(cells);
                made
            }
        }
    }

    /// Cells of data of `len` bytes, including the db and its list.
    pub(super) fn data_ranges(&self, cells: &DataCells, len: usize) -> Vec<Range<usize>> {
        let range = |cell: u32, len: usize| {
            let content = self.heap.content(cell);
            content..content + len
        };
        match cells {
            DataCells::Inline => Vec::new(),
            DataCells::One(cell) => vec![range(*cell, len)],
            DataCells::Big { db, list, segments } => {
                let record = range(*db, record::BIG_DATA as usize);
                let list = range(*list, 4 * segments.len());
                let in_segment = |number: usize| (len - number * SEGMENT).min(SEGMENT);
                let segments = segments.iter().enumerate();
                let segments = segments.map(|(number, &cell)| range(cell, in_segment(number)));
                [record, list].into_iter().chain(segments).collect()
            }
        }
    }

    /// Slack after the data of all values.
    pub(super) fn data_slack(&self) -> Vec<Range<usize>> {
        let mut ranges = Vec::new();
        for node in self.nodes.iter().filter(|node| !node.deleted) {
            for (value, cells) in node.key.values.iter().zip(&node.values) {
                let len = value.data.len();
                match &cells.data {
                    DataCells::Inline => {}
                    DataCells::One(cell) => ranges.push(self.heap.slack(*cell, len)),
                    DataCells::Big { segments, .. } => {
                        let last = segments.len() - 1;
                        ranges.push(self.heap.slack(segments[last], len - last * SEGMENT));
                    }
                }
            }
        }
        ranges
    }

    fn is_big(&self, data: &[u8]) -> bool {
        self.form.minor >= 4 && data.len() > SEGMENT
    }

    /// Replaces big data with big data: the segments are overwritten, and segments are added or
    /// freed.
    fn change_segments(
        &mut self,
        number: usize,
        before: &Value,
        cells: &DataCells,
        data: &[u8],
    ) -> DataCells {
        let DataCells::Big { db, list, segments } = cells else { return self.make_data(data) };
        let count = data.len().div_ceil(SEGMENT);
        if data.len() < before.data.len() {
            let end = |number: usize| (before.data.len() - number * SEGMENT).min(SEGMENT);
            let mut tail = Vec::new();
            for (index, &segment) in segments.iter().enumerate().skip(count - 1) {
                let content = self.heap.content(segment);
                let start = if index < count { data.len() - index * SEGMENT } else { 0 };
                tail.push(content + start..content + end(index));
            }
            self.list_data(number, before, data.len(), segments[count - 1], tail.clone());
            tail.into_iter().for_each(|range| self.heap.give_up(range));
        }
        let mut kept: Vec<u32> = Vec::new();
        for (index, part) in data.chunks(SEGMENT).enumerate() {
            let old = segments.get(index).copied();
            let roomy = old.filter(|&old| part.len() <= self.heap.capacity(old) as usize);
            kept.push(match roomy {
                Some(segment) => {
                    self.heap.put(self.heap.content(segment), part);
                    segment
                }
                None => {
                    let made = self.heap.allocate(part, 0);
                    old.into_iter().for_each(|old| self.heap.release(old));
                    made
                }
            });
        }
        segments.iter().skip(count).for_each(|&segment| self.heap.release(segment));
        let offsets = record::offsets(&kept);
        let mut list = *list;
        if offsets.len() <= self.heap.capacity(list) as usize {
            self.heap.put(self.heap.content(list), &offsets);
        } else {
            let moved = self.heap.allocate(&offsets, 0);
            self.heap.release(list);
            list = moved;
        }
        self.heap.put(self.heap.content(*db), &record::big_data(count, list));
        DataCells::Big { db: *db, list, segments: kept }
    }

    /// Marks data of a value, from byte `start` on, for deletion.
    fn list_data(
        &mut self,
        number: usize,
        before: &Value,
        start: usize,
        cell: u32,
        ranges: Vec<Range<usize>>,
    ) {
        let kind = if start == 0 { DeletedKind::Data } else { DeletedKind::Tail };
        let mut pending = self.former(number, before.name.clone(), kind);
        let value_type = before.value_type;
        let data = before.data[start..].to_vec();
        pending.deleted = Deleted { value_type, data, cell, ..pending.deleted };
        pending.data = Snapshot::of(&self.heap.bytes, ranges);
        self.pending.push(pending);
    }
}
