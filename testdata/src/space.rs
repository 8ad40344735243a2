// SPDX-License-Identifier: MIT OR Apache-2.0

//! Placement of cells: bins, their headers, and the free cell at the end of each bin.

/// Length of a base block.
pub(crate) const BASE_BLOCK: usize = 4096;
/// Length of a bin header.
pub(crate) const BIN_HEADER: u32 = 32;
/// Unit of the length of a bin.
const BIN_ALIGNMENT: u32 = 4096;
/// Offset that means "no cell".
pub const NIL: u32 = u32::MAX;

/// Returns the length of a cell for `len` bytes in a hive of version 1.`minor`.
pub(crate) fn cell_size(len: u32, minor: u32) -> u32 {
    let alignment = if minor == 1 { 16 } else { 8 };
    (cell_header(minor) + len).next_multiple_of(alignment)
}

/// Returns the length of a cell header: the size, and in version 1.1 the offset of the previous
/// cell.
pub(crate) fn cell_header(minor: u32) -> u32 {
    if minor == 1 { 8 } else { 4 }
}

/// One bin.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bin {
    /// Offset relative to the bins data.
    pub(crate) offset: u32,
    pub(crate) size: u32,
    /// Bytes used by the header and cells. One free cell fills the rest.
    pub(crate) used: u32,
}

/// Allocates cells one after another, and adds a bin if the last one is full.
#[derive(Clone, Debug)]
pub(crate) struct Space {
    minor: u32,
    start: u32,
    pub(crate) bins: Vec<Bin>,
}

impl Space {
    /// Returns space whose first bin begins at `start`, relative to the bins data.
    pub(crate) fn new(minor: u32, start: u32) -> Self {
        Self { minor, start, bins: Vec::new() }
    }

    /// Space of a hive with these bins: new cells follow their last cell.
    pub(crate) fn after(minor: u32, bins: &[Bin]) -> Self {
        Self { minor, start: 0, bins: bins.to_vec() }
    }

    /// Allocates a cell for `len` bytes. Returns its offset relative to the bins data.
    pub(crate) fn place(&mut self, len: u32) -> u32 {
        let size = cell_size(len, self.minor);
        if self.bins.last().is_none_or(|bin| bin.size - bin.used < size) {
            let offset = self.end();
            let bin_size = (BIN_HEADER + size).next_multiple_of(BIN_ALIGNMENT);
            offset.checked_add(bin_size).expect("a hive is smaller than 4 GiB");
            self.bins.push(Bin { offset, size: bin_size, used: BIN_HEADER });
        }
        let bin = self.bins.last_mut().expect("a bin was opened");
        let place = bin.offset + bin.used;
        bin.used += size;
        place
    }

    /// Returns the end of the bins.
    pub(crate) fn end(&self) -> u32 {
        self.bins.last().map_or(self.start, |bin| bin.offset + bin.size)
    }
}

/// Writes an allocated cell at the start of `place`, which reaches at least to the end of its bin.
pub(crate) fn fill_cell(place: &mut [u8], content: &[u8], minor: u32) {
    let header = cell_header(minor) as usize;
    let size = cell_size(content.len() as u32, minor) as i32;
    place[..4].copy_from_slice(&(-size).to_le_bytes());
    place[header..header + content.len()].copy_from_slice(content);
}

/// Frees the allocated cell at the start of `place`. Its content remains.
pub(crate) fn free_cell(place: &mut [u8]) {
    let size = i32::from_le_bytes(place[..4].try_into().expect("four bytes"));
    place[..4].copy_from_slice(&size.abs().to_le_bytes());
}

/// Writes the other parts of a bin: header, free cell, and in version 1.1 each cell's offset of the
/// previous one.
pub(crate) fn finish_bin(bytes: &mut [u8], bin: Bin, last_written: u64, minor: u32) {
    bytes[..4].copy_from_slice(b"hbin");
    bytes[4..8].copy_from_slice(&bin.offset.to_le_bytes());
    bytes[8..12].copy_from_slice(&bin.size.to_le_bytes());
    if bin.offset == 0 {
        bytes[20..28].copy_from_slice(&last_written.to_le_bytes());
    }
    if bin.used < bin.size {
        let free = bin.used as usize;
        bytes[free..free + 4].copy_from_slice(&(bin.size - bin.used).to_le_bytes());
    }
    if minor == 1 {
        let (mut previous, mut at) = (NIL, BIN_HEADER as usize);
        while at < bytes.len() {
            bytes[at + 4..at + 8].copy_from_slice(&previous.to_le_bytes());
            previous = at as u32;
            let size = i32::from_le_bytes(bytes[at..at + 4].try_into().expect("four bytes"));
            at += size.unsigned_abs() as usize;
        }
    }
}
