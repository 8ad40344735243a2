// SPDX-License-Identifier: MIT OR Apache-2.0

//! A written log, whose fields can be accessed by name.

use std::ops::Range;

use super::marvin32::marvin32;
use super::update::SECTOR;
use crate::base_block;
use crate::fields::{self, Field, number, put_number};

/// Offset of the part of an entry that its first hash covers.
pub(super) const HASHED: usize = 40;

/// The bytes of a log, with the place of every record and field.
///
/// Records of a new-format log are `base`, `entry 0`, `entry 1` and so on, and `left 0` and so on
/// for whole entries of an older generation after them. An entry has the fields `signature`,
/// `size`, `flags`, `sequence`, `bins_size`, `pages` (number of references), `hash1`, `hash2`,
/// `padding`; for each reference `ref 0 offset` and `ref 0 size`, and `page 0` for its bytes. An
/// old-format log has `base`, and `dirt` with `signature`, `bitmap`, and the dirty sectors, `page
/// 0` and so on. `base` has the fields of the base block of a hive up to its checksum.
///
/// The places are those at the time of writing, and do not follow changes.
#[derive(Clone, Debug, Default)]
pub struct LogFile {
    /// Bytes of the log.
    pub bytes: Vec<u8>,
    records: Vec<Record>,
}

/// One record.
#[derive(Clone, Debug)]
struct Record {
    name: String,
    range: Range<usize>,
    fields: Vec<Field>,
}

impl LogFile {
    /// A log that consists of a base block, a copy of the first sector of `hive`.
    pub(super) fn new(hive: &[u8], file_type: u32, sequence: u32) -> Self {
        let mut log = Self { bytes: hive[..SECTOR].to_vec(), records: Vec::new() };
        log.add("base".to_owned(), 0, fields::base(SECTOR));
        for field in ["primary_sequence", "secondary_sequence"] {
            log.set("base", field, u64::from(sequence));
        }
        log.set("base", "file_type", u64::from(file_type)).seal();
        log
    }

    /// Names the bytes from `start` to the end of the log.
    pub(super) fn add(&mut self, name: String, start: usize, fields: Vec<Field>) {
        self.records.push(Record { name, range: start..self.bytes.len(), fields });
    }

    /// Appends the end of `older` if this log is shorter.
    pub(super) fn leave(&mut self, older: &Self) {
        let end = self.bytes.len();
        self.bytes.extend_from_slice(older.bytes.get(end..).unwrap_or_default());
        let whole = older.records.iter().filter(|record| record.range.start >= end);
        for (number, record) in whole.enumerate() {
            self.records.push(Record { name: format!("left {number}"), ..record.clone() });
        }
    }

    /// Returns the range in the file of a field of a record.
    ///
    /// # Panics
    ///
    /// If the record or field does not exist. The message lists the existing names.
    pub fn field(&self, record: &str, field: &str) -> Range<usize> {
        let found = self.record(record);
        let place = found.fields.iter().find(|known| known.name == field).unwrap_or_else(|| {
            let known: Vec<&str> = found.fields.iter().map(|field| field.name.as_str()).collect();
            panic!("no field {field:?} in {record:?}; it has {}", known.join(", "))
        });
        let start = found.range.start + place.offset;
        start..start + place.len
    }

    /// Returns the little-endian number in a field of at most eight bytes.
    ///
    /// # Panics
    ///
    /// As [`LogFile::field`], and if the field is longer.
    pub fn get(&self, record: &str, field: &str) -> u64 {
        number(&self.bytes[self.field(record, field)])
    }

    /// Writes a little-endian number into a field, in the width of the field.
    ///
    /// # Panics
    ///
    /// As [`LogFile::field`], and if the number does not fit.
    pub fn set(&mut self, record: &str, field: &str, value: u64) -> &mut Self {
        let range = self.field(record, field);
        let fits = put_number(&mut self.bytes[range], value);
        assert!(fits, "{value:#x} does not fit {field:?} in {record:?}");
        self
    }

    /// Writes bytes to the start of a field.
    ///
    /// # Panics
    ///
    /// As [`LogFile::field`], and if the field is shorter.
    pub fn set_bytes(&mut self, record: &str, field: &str, bytes: &[u8]) -> &mut Self {
        let range = self.field(record, field);
        assert!(bytes.len() <= range.len(), "{field:?} in {record:?} has {} bytes", range.len());
        self.bytes[range.start..range.start + bytes.len()].copy_from_slice(bytes);
        self
    }

    /// Flips the lowest bit of the first byte of a field.
    ///
    /// # Panics
    ///
    /// As [`LogFile::field`], and if the field is empty.
    pub fn flip(&mut self, record: &str, field: &str) -> &mut Self {
        let place = self.field(record, field).start;
        self.bytes[place] ^= 1;
        self
    }

    /// Corrects the checksum of the base block.
    pub fn seal(&mut self) -> &mut Self {
        base_block::seal(&mut self.bytes);
        self
    }

    /// Corrects both hashes of an entry, so that a bad value has good hashes. The hashes cover the
    /// size that the entry states. If no reader could hash this size, because the entry would end
    /// in its own header or beyond the log, they cover the written bytes.
    ///
    /// # Panics
    ///
    /// If the entry does not exist.
    pub fn rehash(&mut self, entry: &str) -> &mut Self {
        let written = self.record(entry).range.clone();
        let stated = written.start + self.get(entry, "size") as usize;
        let possible = written.start + HASHED..=self.bytes.len();
        let end = if possible.contains(&stated) { stated } else { written.end };
        let first = marvin32(&self.bytes[written.start + HASHED..end]);
        self.set(entry, "hash1", first);
        let second = marvin32(&self.bytes[written.start..written.start + 32]);
        self.set(entry, "hash2", second)
    }

    /// Returns the names of all records.
    pub fn records(&self) -> impl Iterator<Item = &str> {
        self.records.iter().map(|record| record.name.as_str())
    }

    fn record(&self, name: &str) -> &Record {
        self.records.iter().find(|record| record.name == name).unwrap_or_else(|| {
            let known: Vec<&str> = self.records().collect();
            panic!("no record {name:?}; there are {known:?}")
        })
    }
}
