// SPDX-License-Identifier: MIT OR Apache-2.0

//! A written hive, whose fields can be accessed by name.

use std::ops::Range;
use std::sync::OnceLock;

use crate::base_block;
use crate::fields::{number, put_number};
use crate::map::{Map, Record};
use crate::space::{self, BASE_BLOCK, Space};

/// The bytes of a hive, with the place of every record and field.
///
/// Records without a key are `base`, `bin 0`, `free 0` (the free cell at the end of a bin) and
/// `security 0`. The other names contain the path of the key below the root, which is empty for the
/// root:
///
/// - `key A\B`, `class A\B`
/// - `values A\B`: the value list
/// - `list A\B`: the li, lf, lh or ri
/// - `leaf A\B:0`: a leaf below an ri
/// - `value A\B:name`
/// - `data A\B:name`: the data cell or db
/// - `segments A\B:name`, `segment A\B:name:0`
///
/// If a name occurs twice, the record is the first of its name.
///
/// Fields have the names of the format: `cell_size`, `signature`, `subkey_count`, `element 0`,
/// `hash 0` (name hint of an lf element) and so on. An unknown name panics with the known names.
/// The map holds the places at the time of writing, and does not follow changes.
#[derive(Clone, Debug)]
pub struct Forged {
    /// Bytes of the hive.
    pub bytes: Vec<u8>,
    pub(crate) map: Map,
    pub(crate) names: OnceLock<Vec<String>>,
}

impl Forged {
    /// Returns the range in the file of a field of a record.
    ///
    /// # Panics
    ///
    /// If the record or field does not exist. The message lists the existing names.
    pub fn field(&self, record: &str, field: &str) -> Range<usize> {
        let found = self.record(record);
        self.map.field(found, field).unwrap_or_else(|| {
            let fields = self.map.fields(found);
            let known: Vec<&str> = fields.iter().map(|field| field.name.as_str()).collect();
            panic!("no field {field:?} in {record:?}; it has {}", known.join(", "))
        })
    }

    /// Returns the little-endian number in a field of at most eight bytes.
    ///
    /// # Panics
    ///
    /// As [`Forged::field`], and if the field is longer.
    pub fn get(&self, record: &str, field: &str) -> u64 {
        number(&self.bytes[self.field(record, field)])
    }

    /// Writes a little-endian number into a field, in the width of the field.
    ///
    /// # Panics
    ///
    /// As [`Forged::field`], and if the number does not fit.
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
    /// As [`Forged::field`], and if the field is shorter.
    pub fn set_bytes(&mut self, record: &str, field: &str, bytes: &[u8]) -> &mut Self {
        let range = self.field(record, field);
        assert!(bytes.len() <= range.len(), "{field:?} in {record:?} has {} bytes", range.len());
        self.bytes[range.start..range.start + bytes.len()].copy_from_slice(bytes);
        self
    }

    /// Corrects the checksum of the base block.
    pub fn seal(&mut self) -> &mut Self {
        base_block::seal(&mut self.bytes);
        self
    }

    /// Returns the offset of a cell, relative to the bins data, as other records refer to it.
    ///
    /// # Panics
    ///
    /// As [`Forged::field`].
    pub fn offset(&self, record: &str) -> u32 {
        (self.record(record).offset - BASE_BLOCK) as u32
    }

    /// Returns the names of all records, keys depth first.
    pub fn records(&self) -> impl Iterator<Item = &str> {
        self.names.get_or_init(|| self.map.names()).iter().map(String::as_str)
    }

    /// Adds allocated cells with these contents in new bins at the end of the hive. Returns their
    /// offsets relative to the bins data. The bins size is corrected, the checksum only by
    /// [`Forged::seal`].
    pub fn append(&mut self, contents: &[&[u8]]) -> Vec<u32> {
        let minor = self.map.minor;
        let end = (self.bytes.len() - BASE_BLOCK) as u32;
        let mut space = Space::new(minor, end);
        let places: Vec<u32> =
            contents.iter().map(|content| space.place(content.len() as u32)).collect();
        self.bytes.resize(BASE_BLOCK + space.end() as usize, 0);
        let data = &mut self.bytes[BASE_BLOCK..];
        for (&place, content) in places.iter().zip(contents) {
            space::fill_cell(&mut data[place as usize..], content, minor);
        }
        for bin in &space.bins {
            let range = bin.offset as usize..(bin.offset + bin.size) as usize;
            space::finish_bin(&mut data[range], *bin, 0, minor);
        }
        self.set("base", "bins_size", u64::from(space.end()));
        places
    }

    fn record(&self, name: &str) -> Record {
        self.map.find(name).unwrap_or_else(|| {
            const SHOWN: usize = 60;
            let kind = name.split(' ').next().unwrap_or(name);
            let alike = |known: &&str| known.split(' ').next() == Some(kind);
            let mut known: Vec<&str> = self.records().filter(alike).collect();
            if known.is_empty() {
                known = self.records().collect();
            }
            let more = known.len().saturating_sub(SHOWN);
            known.truncate(SHOWN);
            panic!("no record {name:?}; there are {known:?} and {more} more")
        })
    }
}
