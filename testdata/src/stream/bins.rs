// SPDX-License-Identifier: MIT OR Apache-2.0

//! Output of bins in sequence.

use std::io::{self, Write};
use std::ops::Range;

use super::dirty::DirtyPages;
use crate::log::PAGE;
use crate::space::{self, BIN_HEADER, Bin, cell_header};
use crate::time;

/// Writes bins one after another. Cells arrive in the order of their offsets.
pub(super) struct BinWriter<'a, W> {
    out: &'a mut W,
    minor: u32,
    /// The bin that is being filled, and the following bins.
    bins: &'a [Bin],
    /// Bytes of the present bin; empty before its first cell.
    bytes: Vec<u8>,
    /// Changes of a later state, if any.
    dirty: Option<DirtyPages>,
    /// First byte in each page of the bin that may change.
    loose: Vec<Option<usize>>,
}

impl<'a, W: Write> BinWriter<'a, W> {
    pub(super) fn new(
        out: &'a mut W,
        minor: u32,
        bins: &'a [Bin],
        dirty: Option<DirtyPages>,
    ) -> Self {
        Self { out, minor, bins, bytes: Vec::new(), dirty, loose: Vec::new() }
    }

    /// Writes a cell at `place`, relative to the bins data. A change of any byte in `loose` keeps
    /// the hive valid.
    pub(super) fn put(
        &mut self,
        place: u32,
        content: &[u8],
        loose: Range<usize>,
    ) -> io::Result<()> {
        while place >= self.bins[0].offset + self.bins[0].size {
            self.finish_one()?;
        }
        let bin = self.bins[0];
        debug_assert!(place >= bin.offset + BIN_HEADER, "cells come in order");
        self.bytes.resize(bin.size as usize, 0);
        let start = (place - bin.offset) as usize;
        space::fill_cell(&mut self.bytes[start..], content, self.minor);
        self.loose.resize(bin.size as usize / PAGE, None);
        let start = start + cell_header(self.minor) as usize;
        let (mut at, end) = (start + loose.start, start + loose.end);
        while at < end {
            self.loose[at / PAGE].get_or_insert(at);
            at = (at + 1).next_multiple_of(PAGE);
        }
        Ok(())
    }

    fn finish_one(&mut self) -> io::Result<()> {
        let bin = self.bins[0];
        space::finish_bin(&mut self.bytes, bin, time::DEFAULT, self.minor);
        self.out.write_all(&self.bytes)?;
        if let Some(dirty) = &mut self.dirty {
            for (number, page) in self.bytes.chunks(PAGE).enumerate() {
                let start = number * PAGE;
                let loose = self.loose.get(number).copied().flatten().map(|at| at - start);
                dirty.see(bin.offset + start as u32, page, loose);
            }
        }
        self.loose.clear();
        self.bytes.clear();
        self.bins = &self.bins[1..];
        Ok(())
    }

    /// Writes the rest, and returns the changes of the later state.
    pub(super) fn finish(mut self) -> io::Result<Option<DirtyPages>> {
        while !self.bins.is_empty() {
            self.finish_one()?;
        }
        Ok(self.dirty)
    }
}
