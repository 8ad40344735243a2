// SPDX-License-Identifier: MIT OR Apache-2.0

//! The key nodes and values of a hive, each with the cells that it needs.

use std::ops::Range;

use super::case::{Record, RecordKind};
use crate::Forged;
use crate::group::Kind;
use crate::tree::{Key, Tree};

/// A record with the cells that hold its data, as ranges of the file.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    record: Record,
    data_cells: Vec<Range<usize>>,
}

impl Entry {
    /// Returns the record in a file of these `kept` parts of the hive, whose first byte is at
    /// `start`, or `None` if its cell is not whole.
    pub(super) fn within(&self, kept: &[Range<usize>], start: usize) -> Option<Record> {
        let whole = |cell: &Range<usize>| {
            kept.iter().any(|part| part.start <= cell.start && cell.end <= part.end)
        };
        let mut record = self.record.clone();
        if !whole(&(record.offset..record.offset + record.len)) {
            return None;
        }
        if let RecordKind::Value { data, .. } = &mut record.kind
            && !self.data_cells.iter().all(whole)
        {
            *data = None;
        }
        record.offset -= start;
        Some(record)
    }
}

/// Returns all key nodes and values of `hive`, which was written from `tree`, keys depth first.
pub(super) fn catalog(tree: &Tree, hive: &Forged) -> Vec<Entry> {
    let mut entries = Vec::new();
    let mut rest = vec![(0, &tree.root)];
    while let Some((number, key)) = rest.pop() {
        of_key(hive, number, key, &mut entries);
        for &subkey in &hive.map.nodes[number].subkeys {
            let name = &hive.map.nodes[subkey as usize].name;
            let found = key.subkeys.iter().find(|subkey| subkey.name == *name);
            rest.push((subkey as usize, found.expect("the hive was written from the tree")));
        }
    }
    entries
}

/// Adds the node of one key, and its values.
fn of_key(hive: &Forged, number: usize, key: &Key, entries: &mut Vec<Entry>) {
    let records = &hive.map.records[hive.map.nodes[number].records.clone()];
    let cells = |wanted: &[Kind], value: u32| -> Vec<Range<usize>> {
        let wanted = records.iter().filter(|record| wanted.contains(&record.part.kind));
        let wanted = wanted.filter(|record| record.part.value == value);
        wanted.map(|record| cell(&hive.bytes, record.offset)).collect()
    };
    let mut add = |cell: &Range<usize>, name, kind, data_cells| {
        let record = Record { offset: cell.start, len: cell.len(), name, kind };
        entries.push(Entry { record, data_cells });
    };
    let kind = RecordKind::Key { last_written: key.last_written };
    add(&cells(&[Kind::Key], 0)[0], key.name.clone(), kind, Vec::new());
    for (number, value) in key.values.iter().enumerate() {
        let data = Some(value.data.clone());
        let kind = RecordKind::Value { value_type: value.value_type, data };
        let number = number as u32;
        let data_cells = cells(&[Kind::Data, Kind::Segments, Kind::Segment], number);
        add(&cells(&[Kind::Value], number)[0], value.name.clone(), kind, data_cells);
    }
}

/// Returns the allocated cell at `offset`.
fn cell(bytes: &[u8], offset: usize) -> Range<usize> {
    let size = i32::from_le_bytes(bytes[offset..offset + 4].try_into().expect("four bytes"));
    offset..offset + size.unsigned_abs() as usize
}
