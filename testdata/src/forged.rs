// SPDX-License-Identifier: MIT OR Apache-2.0

//! A hive that was written, with every field within reach by its name.

use std::ops::Range;
use std::sync::OnceLock;

use crate::base_block;
use crate::fields::{number, put_number};
use crate::map::{Map, Record};
use crate::space::{self, BASE_BLOCK, Space};

/// The bytes of a hive, and what is where in them.
///
/// Records are named after what they belong to: `base`, `bin 0`, `free 0` (the free cell that
/// fills a bin), `security 0`; and after the path of their key below the root, which is empty for
/// the root itself: `key A\B`, `class A\B`, `values A\B` (the value list), `list A\B` (li, lf, lh
/// or ri), `leaf A\B:0` (below an ri), `value A\B:name`, `data A\B:name` (the data cell or db),
/// `segments A\B:name`, `segment A\B:name:0`. A key or value whose name occurs twice is the first
/// of its name.
///
/// Fields have the names of the format: `cell_size`, `signature`, `subkey_count`, `element 0`,
/// `hash 0` (of an lf element: its name hint) and so on; an unknown one panics with those there
/// are. The map tells where things were written; it does not follow changes.
#[derive(Clone, Debug)]
pub struct Forged {
    /// The hive.
    pub bytes: Vec<u8>,
    pub(crate) map: Map,
    pub(crate) names: OnceLock<Vec<String>>,
}

impl Forged {
    /// The bytes of `field` of `record`, as a range of the file.
    ///
    /// # Panics
    ///
    /// If there is no such record or field; the message lists what there is.
    pub fn field(&self, record: &str, field: &str) -> Range<usize> {
        let found = self.record(record);
        self.map.field(found, field).unwrap_or_else(|| {
            let fields = self.map.fields(found);
            let known: Vec<&str> = fields.iter().map(|field| field.name.as_str()).collect();
            panic!("no field {field:?} in {record:?}; it has {}", known.join(", "))
        })
    }

    /// The number in a field of at most eight bytes, little-endian.
    ///
    /// # Panics
    ///
    /// As [`Forged::field`], and if the field is longer.
    pub fn get(&self, record: &str, field: &str) -> u64 {
        number(&self.bytes[self.field(record, field)])
    }

    /// Writes a number into a field, little-endian, as wide as the field is.
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

    /// Makes the checksum of the base block fit again.
    pub fn seal(&mut self) -> &mut Self {
        base_block::seal(&mut self.bytes);
        self
    }

    /// The offset of a cell relative to the bins data, as other records point to it.
    ///
    /// # Panics
    ///
    /// As [`Forged::field`].
    pub fn offset(&self, record: &str) -> u32 {
        (self.record(record).offset - BASE_BLOCK) as u32
    }

    /// The names of all records, keys depth first.
    pub fn records(&self) -> impl Iterator<Item = &str> {
        self.names.get_or_init(|| self.map.names()).iter().map(String::as_str)
    }

    /// Adds allocated cells with these contents in bins of their own at the end of the hive, and
    /// gives their offsets relative to the bins data. The bins size is made to fit; the checksum
    /// is left to [`Forged::seal`].
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
