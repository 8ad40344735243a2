// SPDX-License-Identifier: MIT OR Apache-2.0

//! [`Heap`]: freed and reused cells in the bytes of a hive.

use std::collections::BTreeMap;
use std::ops::Range;

use super::slack::Pattern;
use crate::rng::Rng;
use crate::space::{BASE_BLOCK, BIN_HEADER, Bin, NIL, cell_header, cell_size, finish_bin};

/// State of a byte of the hive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mark {
    /// Never freed.
    Used,
    /// Freed and unchanged.
    GivenUp,
    /// Freed and overwritten.
    Overwritten,
}

/// A free cell.
#[derive(Clone, Copy, Debug)]
struct Free {
    size: u32,
    /// Whether the cell contains freed content.
    used: bool,
}

/// The bytes of a hive, and its free cells.
#[derive(Clone, Debug)]
pub(super) struct Heap {
    pub(super) bytes: Vec<u8>,
    pub(super) minor: u32,
    /// Offset and size of each bin.
    bins: Vec<(u32, u32)>,
    /// Offset of each free cell.
    free: BTreeMap<u32, Free>,
    /// A mark for each of `bytes`.
    marks: Vec<Mark>,
    /// Numbers of `GivenUp` and `Overwritten` in `marks`.
    given_up: usize,
    overwritten: usize,
    /// Chooses among the free cells with freed content. Without it, the first free cell that fits
    /// is used.
    pub(super) spread: Option<Rng>,
    /// Free cell for the next new cell of this size.
    pub(super) wanted: Option<(u32, u32)>,
    /// Whether other new cells avoid freed content.
    pub(super) keep: bool,
    /// Filling of new bins.
    pub(super) pattern: Option<Pattern>,
}

impl Heap {
    /// Returns the cells of a newly written hive.
    pub(super) fn new(bytes: Vec<u8>, minor: u32, bins: &[Bin]) -> Self {
        let marks = vec![Mark::Used; bytes.len()];
        let free = bins.iter().filter(|bin| bin.used < bin.size);
        let unused = |size| Free { size, used: false };
        let free = free.map(|bin| (bin.offset + bin.used, unused(bin.size - bin.used))).collect();
        let bins = bins.iter().map(|bin| (bin.offset, bin.size)).collect();
        Self {
            bytes,
            minor,
            bins,
            free,
            marks,
            given_up: 0,
            overwritten: 0,
            spread: None,
            wanted: None,
            keep: false,
            pattern: None,
        }
    }

    /// Returns the file offset of the content of a cell.
    pub(super) fn content(&self, cell: u32) -> usize {
        BASE_BLOCK + (cell + cell_header(self.minor)) as usize
    }

    /// Returns the capacity of a cell.
    pub(super) fn capacity(&self, cell: u32) -> u32 {
        self.size(cell) - cell_header(self.minor)
    }

    /// Slack after the first `len` bytes of a cell, as a range of the file.
    pub(super) fn slack(&self, cell: u32, len: usize) -> Range<usize> {
        let content = self.content(cell);
        content + len..content + self.capacity(cell) as usize
    }

    /// Returns the content of all free cells, as ranges of the file.
    pub(super) fn free_content(&self) -> Vec<Range<usize>> {
        let range = |(&cell, free): (&u32, &Free)| {
            self.content(cell)..BASE_BLOCK + (cell + free.size) as usize
        };
        self.free.iter().map(range).collect()
    }

    /// Returns the bins, each used up to the free cell at its end.
    pub(super) fn bins(&self) -> Vec<Bin> {
        let bin = |&(offset, size): &(u32, u32)| {
            let end = offset + size;
            let last = self.free.range(..end).next_back();
            let used = match last {
                Some((&cell, free)) if cell + free.size == end => cell - offset,
                _ => size,
            };
            Bin { offset, size, used }
        };
        self.bins.iter().map(bin).collect()
    }

    /// Number of freed bytes that are overwritten by now, and number of freed bytes.
    pub(super) fn overwritten(&self) -> (usize, usize) {
        (self.overwritten, self.overwritten + self.given_up)
    }

    /// Returns whether all bytes are freed and unchanged.
    pub(super) fn is_given_up(&self, range: Range<usize>) -> bool {
        self.marks[range].iter().all(|&mark| mark == Mark::GivenUp)
    }

    /// Writes to a place in the file.
    pub(super) fn put(&mut self, at: usize, bytes: &[u8]) {
        let range = at..at + bytes.len();
        for mark in &mut self.marks[range.clone()] {
            if *mark == Mark::GivenUp {
                *mark = Mark::Overwritten;
                self.given_up -= 1;
                self.overwritten += 1;
            }
        }
        self.bytes[range].copy_from_slice(bytes);
    }

    /// Writes to bytes that were not freed.
    pub(super) fn put_unused(&mut self, at: usize, bytes: &[u8]) {
        for (place, &byte) in (at..).zip(bytes) {
            if self.marks[place] == Mark::Used {
                self.bytes[place] = byte;
            }
        }
    }

    /// Writes a number to `field` of a cell, little-endian.
    pub(super) fn put_u32(&mut self, cell: u32, field: usize, number: u32) {
        self.put(self.content(cell) + field, &number.to_le_bytes());
    }

    /// Marks bytes as freed, such as the end of shortened data.
    pub(super) fn give_up(&mut self, range: Range<usize>) {
        for mark in &mut self.marks[range] {
            match mark {
                Mark::GivenUp => continue,
                Mark::Overwritten => self.overwritten -= 1,
                Mark::Used => {}
            }
            *mark = Mark::GivenUp;
            self.given_up += 1;
        }
    }

    /// Allocates a cell with this content and room for `spare` bytes. Older bytes remain after the
    /// content.
    pub(super) fn allocate(&mut self, content: &[u8], spare: u32) -> u32 {
        let mut size = cell_size(content.len() as u32 + spare, self.minor);
        let cell = self.fitting(size).unwrap_or_else(|| self.open_bin(size));
        let found = self.free.remove(&cell).expect("a free cell");
        let alignment = if self.minor == 1 { 16 } else { 8 };
        let left = found.size - size;
        if left >= alignment {
            let rest = cell + size;
            self.free.insert(rest, Free { size: left, ..found });
            self.put(BASE_BLOCK + rest as usize, &left.to_le_bytes());
            self.link_back(rest, cell);
            self.link_back(rest + left, rest);
        } else {
            size = found.size;
        }
        self.put(BASE_BLOCK + cell as usize, &(size as i32).wrapping_neg().to_le_bytes());
        self.put(self.content(cell), content);
        cell
    }

    /// Frees a cell. The cell keeps its content, and is merged with the free cells on both sides:
    /// only the header of the first one counts.
    pub(super) fn release(&mut self, cell: u32) {
        let mut size = self.size(cell);
        let place = BASE_BLOCK + cell as usize;
        self.give_up(place..place + size as usize);
        self.bytes[place..place + 4].copy_from_slice(&size.to_le_bytes());
        // A bin header separates the cells of two bins.
        if let Some(next) = self.free.remove(&(cell + size)) {
            size += next.size;
        }
        let mut first = cell;
        if let Some((&before, free)) = self.free.range(..cell).next_back()
            && before + free.size == cell
        {
            (first, size) = (before, free.size + size);
        }
        self.free.insert(first, Free { size, used: true });
        let place = BASE_BLOCK + first as usize;
        self.bytes[place..place + 4].copy_from_slice(&size.to_le_bytes());
        self.link_back(first + size, first);
    }

    /// Returns the offset of the free cell that contains this place.
    pub(super) fn free_around(&self, place: u32) -> u32 {
        *self.free.range(..=place).next_back().expect("a free cell").0
    }

    /// Returns the size of a cell with its header.
    pub(super) fn size(&self, cell: u32) -> u32 {
        let place = BASE_BLOCK + cell as usize;
        let size = self.bytes[place..place + 4].try_into().expect("four bytes");
        i32::from_le_bytes(size).unsigned_abs()
    }

    /// Returns a free cell of at least `size` bytes.
    fn fitting(&mut self, size: u32) -> Option<u32> {
        if let Some((cell, _)) = self.wanted.take_if(|wanted| wanted.1 == size) {
            assert!(self.free[&cell].size >= size, "the cell that is wanted is too small");
            return Some(cell);
        }
        let keep = self.keep;
        let fitting = self.free.iter();
        let fitting = fitting.filter(|(_, free)| free.size >= size && !(keep && free.used));
        if let Some(rng) = &mut self.spread {
            let used = fitting.clone().filter(|(_, free)| free.used);
            let used: Vec<u32> = used.map(|(&cell, _)| cell).collect();
            if !used.is_empty() {
                return Some(rng.pick(&used));
            }
        }
        fitting.map(|(&cell, _)| cell).next()
    }

    /// Returns the free cell of a new bin with room for a cell of `size` bytes.
    fn open_bin(&mut self, size: u32) -> u32 {
        let offset = self.bins.last().map_or(0, |&(offset, size)| offset + size);
        let bin_size = (BIN_HEADER + size).next_multiple_of(BASE_BLOCK as u32);
        let mut bin = vec![0; bin_size as usize];
        if let Some(pattern) = &mut self.pattern {
            bin = pattern.bytes(bin.len());
            bin[..BIN_HEADER as usize].fill(0);
        }
        finish_bin(&mut bin, Bin { offset, size: bin_size, used: BIN_HEADER }, 0, self.minor);
        self.bytes.extend(bin);
        self.marks.resize(self.bytes.len(), Mark::Used);
        self.bins.push((offset, bin_size));
        let size = bin_size - BIN_HEADER;
        self.free.insert(offset + BIN_HEADER, Free { size, used: false });
        offset + BIN_HEADER
    }

    /// In version 1.1 a cell has the offset of the previous cell. The first cell of a bin has none.
    fn link_back(&mut self, cell: u32, before: u32) {
        let inside = |&(offset, size): &(u32, u32)| (offset..offset + size).contains(&before);
        let bin = self.bins.iter().find(|bin| inside(bin));
        let bin = *bin.expect("a cell is in a bin");
        if self.minor != 1 || cell == bin.0 + bin.1 {
            return;
        }
        let before = if cell == bin.0 + BIN_HEADER { NIL } else { before - bin.0 };
        let place = BASE_BLOCK + cell as usize + 4;
        self.put(place, &before.to_le_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns an empty bin.
    fn empty(minor: u32) -> Heap {
        let bin = Bin { offset: 0, size: 4096, used: BIN_HEADER };
        let mut bytes = vec![0; 2 * BASE_BLOCK];
        finish_bin(&mut bytes[BASE_BLOCK..], bin, 0, minor);
        Heap::new(bytes, minor, &[bin])
    }

    fn word(heap: &Heap, cell: u32) -> i32 {
        let place = BASE_BLOCK + cell as usize;
        i32::from_le_bytes(heap.bytes[place..place + 4].try_into().unwrap())
    }

    #[test]
    fn freed_neighbors_are_merged_and_inner_header_remains() {
        let mut heap = empty(5);
        let cells = [b"aaaa", b"bbbb", b"cccc", b"dddd"].map(|text| heap.allocate(text, 0));
        assert_eq!(cells, [32, 40, 48, 56]);
        heap.release(48);
        heap.release(40);
        assert_eq!((word(&heap, 40), word(&heap, 48), word(&heap, 56)), (16, 8, -8));
        heap.release(32);
        assert_eq!((word(&heap, 32), word(&heap, 40), word(&heap, 48)), (24, 16, 8));
        assert_eq!(&heap.bytes[BASE_BLOCK + 52..BASE_BLOCK + 56], b"cccc");
        assert_eq!(heap.overwritten(), (0, 24));
        // First fit: the rest gets its own header.
        assert_eq!(heap.allocate(b"e", 0), 32);
        assert_eq!((word(&heap, 32), word(&heap, 40)), (-8, 16));
        assert_eq!(&heap.bytes[BASE_BLOCK + 36..BASE_BLOCK + 40], b"eaaa");
        // Header and content of the new cell, header of the rest.
        assert_eq!(heap.overwritten(), (9, 24));
    }

    #[test]
    fn cells_of_version_1_1_name_the_previous_cell() {
        let mut heap = empty(1);
        let before = |heap: &Heap, cell: u32| word(heap, cell + 4);
        let cells = [b"aaaa", b"bbbb", b"cccc"].map(|text| heap.allocate(text, 0));
        assert_eq!(cells, [32, 48, 64]);
        assert_eq!([32, 48, 64, 80].map(|cell| before(&heap, cell)), [-1, 32, 48, 64]);
        heap.release(32);
        heap.release(48);
        assert_eq!([32, 64].map(|cell| before(&heap, cell)), [-1, 32]);
        assert_eq!(heap.allocate(b"d", 0), 32);
        assert_eq!([48, 64].map(|cell| before(&heap, cell)), [32, 48]);
    }

    #[test]
    fn oversized_cell_opens_a_bin() {
        let mut heap = empty(5);
        assert_eq!(heap.allocate(&[1; 5000], 0), 4096 + 32);
        assert_eq!(heap.bytes.len(), BASE_BLOCK + 4096 + 8192);
        let used: Vec<u32> = heap.bins().iter().map(|bin| bin.used).collect();
        assert_eq!(used, [32, 32 + 5008]);
    }
}
