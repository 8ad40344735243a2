// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Span`]: the bytes of the file that belong to a key or a value.

use alloc::vec::Vec;
use core::ops::Range;

use crate::error::Structure;
use crate::hive::Hive;
use crate::hive::key::Key;
use crate::hive::value::Value;
use crate::offset::CellOffset;

/// Cell of a key or a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// Structure in the cell.
    pub structure: Structure,
    /// File offset of the start of the cell, header included.
    pub start: u64,
    /// File offset of the end of the cell.
    pub end: u64,
}

impl Span {
    /// Returns the range of file offsets.
    pub const fn range(self) -> Range<u64> {
        self.start..self.end
    }
}

/// Adds the cell at `at` if the cell can be read.
fn add(spans: &mut Vec<Span>, hive: Hive<'_>, at: CellOffset, structure: Structure) {
    if let Ok(cell) = hive.cell(at) {
        let start = cell.offset().get();
        spans.push(Span { structure, start, end: start.saturating_add(u64::from(cell.size())) });
    }
}

impl Key<'_> {
    /// Returns the cell of the key node.
    pub fn node_span(self) -> Span {
        let start = self.offset().get();
        let end = self.hive().cell(self.cell_offset()).map_or(0, |cell| u64::from(cell.size()));
        Span { structure: Structure::KeyNode, start, end: start.saturating_add(end) }
    }

    /// Returns the readable cells of the key: node, class name, subkey list with leaves, value
    /// list, and security cell. Other keys can share the security cell.
    ///
    /// ```
    /// # let forged = hive_forge::write(&hive_forge::tree::Tree::new("ROOT"), &Default::default());
    /// # let hive = calhive_regf::Hive::parse(&forged.bytes)?;
    /// let spans = hive.root()?.spans();
    /// assert_eq!(spans[0].structure, calhive_regf::Structure::KeyNode);
    /// # Ok::<(), calhive_regf::Error>(())
    /// ```
    pub fn spans(self) -> Vec<Span> {
        let (hive, raw) = (self.hive(), self.raw());
        let mut spans = Vec::new();
        add(&mut spans, hive, self.cell_offset(), Structure::KeyNode);
        if raw.class_length.get() > 0 {
            add(&mut spans, hive, CellOffset::new(raw.class.get()), Structure::ClassName);
        }
        if self.subkey_count() > 0 {
            let list = CellOffset::new(raw.subkeys.get());
            add(&mut spans, hive, list, Structure::SubkeyList);
            for (leaf, _) in self.leaves().filter_map(Result::ok).filter(|(leaf, _)| *leaf != list)
            {
                add(&mut spans, hive, leaf, Structure::SubkeyLeaf);
            }
        }
        if self.value_count() > 0 {
            add(&mut spans, hive, CellOffset::new(raw.values.get()), Structure::ValueList);
        }
        add(&mut spans, hive, CellOffset::new(raw.security.get()), Structure::Security);
        spans
    }
}

impl Value<'_> {
    /// Returns the readable cells of the value: its record, and the cells of its data.
    pub fn spans(self) -> Vec<Span> {
        let hive = self.hive();
        let mut spans = Vec::new();
        add(&mut spans, hive, self.cell_offset(), Structure::KeyValue);
        if !self.is_big() {
            add(&mut spans, hive, self.data_cell(), Structure::ValueData);
        } else if let Ok(big) = self.big_data() {
            add(&mut spans, hive, self.data_cell(), Structure::BigData);
            add(&mut spans, hive, big.list(), Structure::SegmentList);
            for segment in big.cells() {
                add(&mut spans, hive, segment, Structure::Segment);
            }
        }
        spans
    }
}
