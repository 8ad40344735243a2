// SPDX-License-Identifier: MIT OR Apache-2.0

//! Places of the records and fields of a forged hive.

use std::ops::Range;

use crate::fields::{self, Field};
use crate::group::{Kind, Part, Shape};
use crate::space::{BASE_BLOCK, BIN_HEADER, Bin, cell_header};
use crate::tree::Name;

/// The records of a hive. Their names are built on demand.
#[derive(Clone, Debug)]
pub(crate) struct Map {
    pub(crate) minor: u32,
    /// Base block, bins and free cells.
    outer: Vec<Record>,
    /// Cells: the cells of each key side by side, security cells between them.
    pub(crate) records: Vec<Record>,
    /// Keys, the root first.
    pub(crate) nodes: Vec<Node>,
    /// The bins, each with the size of its used part.
    pub(crate) bins: Vec<Bin>,
}

/// A key, for the names of its records.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) name: Name,
    pub(crate) values: Vec<Name>,
    /// Indexes of other nodes.
    pub(crate) subkeys: Vec<u32>,
    pub(crate) records: Range<usize>,
}

/// One record.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Record {
    pub(crate) part: Part,
    /// File offset of the first byte; for a cell, of its header.
    pub(crate) offset: usize,
}

impl Record {
    /// Returns the record of the cell at `place`, relative to the bins data.
    pub(crate) fn cell(part: Part, place: u32) -> Self {
        Self { part, offset: BASE_BLOCK + place as usize }
    }
}

impl Map {
    /// Returns a map of a base block and `bins`, without cells.
    pub(crate) fn new(minor: u32, bins: &[Bin]) -> Self {
        let part = |kind, shape, index, len| Part { kind, shape, value: 0, index, len };
        let base = part(Kind::Base, Shape::Base, 0, BASE_BLOCK as u32);
        let mut outer = vec![Record { part: base, offset: 0 }];
        for (number, bin) in bins.iter().enumerate() {
            let header = part(Kind::Bin, Shape::Bin, number as u32, BIN_HEADER);
            outer.push(Record::cell(header, bin.offset));
        }
        for (number, bin) in bins.iter().filter(|bin| bin.used < bin.size).enumerate() {
            let len = bin.size - bin.used - cell_header(minor);
            let free = part(Kind::Free, Shape::Free, number as u32, len);
            outer.push(Record::cell(free, bin.offset + bin.used));
        }
        Self { minor, outer, records: Vec::new(), nodes: Vec::new(), bins: bins.to_vec() }
    }

    /// Returns the record of this name.
    pub(crate) fn find(&self, name: &str) -> Option<Record> {
        let (word, rest) = name.split_once(' ').unwrap_or((name, ""));
        let numbered = |kind: Kind, records: &[Record]| {
            let number: u32 = rest.parse().ok()?;
            let wanted = |record: &&Record| record.part.kind == kind && record.part.index == number;
            records.iter().find(wanted).copied()
        };
        match word {
            "base" => self.outer.first().copied(),
            "bin" => numbered(Kind::Bin, &self.outer),
            "free" => numbered(Kind::Free, &self.outer),
            "security" => numbered(Kind::Security, &self.records),
            _ => {
                let kind = KINDS.iter().find(|(kind_word, _)| *kind_word == word)?.1;
                self.find_below(0, rest, true, kind)
            }
        }
    }

    /// Finds a record of a key at or below `node`. `rest` is the part of the name after the path of
    /// the node. Names may contain backslashes and colons, so the search tries each split.
    fn find_below(&self, node: u32, rest: &str, root: bool, kind: Kind) -> Option<Record> {
        let here = &self.nodes[node as usize];
        let found = here
            .records
            .clone()
            .map(|number| self.records[number])
            .find(|record| record.part.kind == kind && self.suffix(here, record.part) == rest);
        if found.is_some() {
            return found;
        }
        let rest = if root { rest } else { rest.strip_prefix('\\')? };
        here.subkeys.iter().find_map(|&subkey| {
            let after = strip_name(rest, &self.nodes[subkey as usize].name)?;
            self.find_below(subkey, after, false, kind)
        })
    }

    /// The part of a record name after the path of its key.
    fn suffix(&self, node: &Node, part: Part) -> String {
        let value = || &node.values[part.value as usize];
        match part.kind {
            Kind::Value | Kind::Data | Kind::Segments => format!(":{}", value()),
            Kind::Segment => format!(":{}:{}", value(), part.index),
            Kind::Leaf => format!(":{}", part.index),
            _ => String::new(),
        }
    }

    /// Returns the names of all records.
    pub(crate) fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        let securities = self.records.iter().filter(|record| record.part.kind == Kind::Security);
        for record in self.outer.iter().chain(securities) {
            let number = record.part.index;
            names.push(match record.part.kind {
                Kind::Base => "base".to_owned(),
                Kind::Bin => format!("bin {number}"),
                Kind::Free => format!("free {number}"),
                _ => format!("security {number}"),
            });
        }
        names.extend(self.cells_of_keys().into_iter().map(|(name, _)| name));
        names
    }

    /// Returns the cells of keys by name, keys depth first.
    pub(crate) fn cells_of_keys(&self) -> Vec<(String, usize)> {
        let mut cells = Vec::new();
        let mut rest = vec![(0, String::new())];
        while let Some((node, path)) = rest.pop() {
            let here = &self.nodes[node as usize];
            for number in here.records.clone() {
                let part = self.records[number].part;
                let word = KINDS.iter().find(|(_, kind)| *kind == part.kind);
                let word = word.expect("a cell of a key").0;
                cells.push((format!("{word} {path}{}", self.suffix(here, part)), number));
            }
            for &subkey in here.subkeys.iter().rev() {
                let separator = if path.is_empty() { "" } else { "\\" };
                let name = &self.nodes[subkey as usize].name;
                rest.push((subkey, format!("{path}{separator}{name}")));
            }
        }
        cells
    }

    /// Returns the range in the file of `field` in `record`.
    pub(crate) fn field(&self, record: Record, field: &str) -> Option<Range<usize>> {
        let found = fields::find(record.part, self.minor, field)?;
        let start = record.offset + found.offset;
        Some(start..start + found.len)
    }

    /// Returns the fields of `record`, with elements of lists as "element 0" and so on.
    pub(crate) fn fields(&self, record: Record) -> Vec<Field> {
        fields::of(record.part, self.minor)
    }
}

/// First words in the names of a key's records.
const KINDS: [(&str, Kind); 9] = [
    ("key", Kind::Key),
    ("class", Kind::Class),
    ("values", Kind::Values),
    ("value", Kind::Value),
    ("data", Kind::Data),
    ("segments", Kind::Segments),
    ("segment", Kind::Segment),
    ("leaf", Kind::Leaf),
    ("list", Kind::List),
];

fn strip_name<'a>(text: &'a str, name: &Name) -> Option<&'a str> {
    let mut rest = text.chars();
    name.chars().all(|wanted| rest.next() == Some(wanted)).then_some(rest.as_str())
}
