// SPDX-License-Identifier: MIT OR Apache-2.0

//! Bins, written as they fill up.

use std::io::{self, Write};

use crate::space::{self, BIN_HEADER, Bin};
use crate::time;

/// Writes bins one after another; cells come in the order of their offsets.
pub(super) struct BinWriter<'a, W> {
    out: &'a mut W,
    minor: u32,
    /// The bin that is being filled, and those after it.
    bins: &'a [Bin],
    /// Its bytes so far; none before its first cell.
    bytes: Vec<u8>,
}

impl<'a, W: Write> BinWriter<'a, W> {
    pub(super) fn new(out: &'a mut W, minor: u32, bins: &'a [Bin]) -> Self {
        Self { out, minor, bins, bytes: Vec::new() }
    }

    /// Writes a cell at `place`, relative to the bins data.
    pub(super) fn put(&mut self, place: u32, content: &[u8]) -> io::Result<()> {
        while place >= self.bins[0].offset + self.bins[0].size {
            self.finish_one()?;
        }
        let bin = self.bins[0];
        debug_assert!(place >= bin.offset + BIN_HEADER, "cells come in order");
        self.bytes.resize(bin.size as usize, 0);
        space::fill_cell(&mut self.bytes[(place - bin.offset) as usize..], content, self.minor);
        Ok(())
    }

    fn finish_one(&mut self) -> io::Result<()> {
        let bin = self.bins[0];
        space::finish_bin(&mut self.bytes, bin, time::DEFAULT, self.minor);
        self.out.write_all(&self.bytes)?;
        self.bytes.clear();
        self.bins = &self.bins[1..];
        Ok(())
    }

    /// Writes what is left.
    pub(super) fn finish(mut self) -> io::Result<()> {
        while !self.bins.is_empty() {
            self.finish_one()?;
        }
        Ok(())
    }
}
