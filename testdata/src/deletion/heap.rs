// SPDX-License-Identifier: MIT OR Apache-2.0

//! Cells that are given up and handed out again, in the bytes of a hive.

use std::collections::BTreeMap;
use std::ops::Range;

use super::slack::Pattern;
use crate::rng::Rng;
use crate::space::{BASE_BLOCK, BIN_HEADER, Bin, NIL, cell_header, cell_size, finish_bin};

/// What happened to a byte of the hive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mark {
    /// It was never given up.
    Used,
    /// It was given up, and still holds what it held then.
    GivenUp,
    /// It was given up, and something else was written there.
    Overwritten,
}

/// A free cell.
#[derive(Clone, Copy, Debug)]
struct Free {
    size: u32,
    /// Whether something in it was given up.
    used: bool,
}

/// The bytes of a hive, and which cells in them are free.
#[derive(Clone, Debug)]
pub(super) struct Heap {
    pub(super) bytes: Vec<u8>,
    pub(super) minor: u32,
    /// Offset and size of each bin.
    bins: Vec<(u32, u32)>,
    /// Offset of each free cell.
    free: BTreeMap<u32, Free>,
    /// One for each of `bytes`.
    marks: Vec<Mark>,
    /// How many of `marks` are `GivenUp`, and how many `Overwritten`.
    given_up: usize,
    overwritten: usize,
    /// Chooses among the free cells that hold what was given up; without it the first that fits is
    /// taken.
    pub(super) spread: Option<Rng>,
    /// The free cell that the next new cell of this size is to take.
    pub(super) wanted: Option<(u32, u32)>,
    /// Whether other new cells leave alone what was given up.
    pub(super) keep: bool,
    /// What stands in bins that are opened.
    pub(super) pattern: Option<Pattern>,
}

impl Heap {
    /// The cells of a hive that was written just now.
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

    /// The file offset of what a cell holds.
    pub(super) fn content(&self, cell: u32) -> usize {
        BASE_BLOCK + (cell + cell_header(self.minor)) as usize
    }

    /// Bytes that a cell can hold.
    pub(super) fn capacity(&self, cell: u32) -> u32 {
        self.size(cell) - cell_header(self.minor)
    }

    /// What lies behind the first `len` bytes of a cell, as a range of the file.
    pub(super) fn slack(&self, cell: u32, len: usize) -> Range<usize> {
        let content = self.content(cell);
        content + len..content + self.capacity(cell) as usize
    }

    /// The content of all free cells, as ranges of the file.
    pub(super) fn free_content(&self) -> Vec<Range<usize>> {
        let range = |(&cell, free): (&u32, &Free)| {
            self.content(cell)..BASE_BLOCK + (cell + free.size) as usize
        };
        self.free.iter().map(range).collect()
    }

    /// The bins, each taken up to the free cell at its end.
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

    /// How many of the bytes that were given up hold something else by now, of how many.
    pub(super) fn overwritten(&self) -> (usize, usize) {
        (self.overwritten, self.overwritten + self.given_up)
    }

    /// Whether all of it was given up and is as it was.
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

    /// Writes to where nothing was given up.
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

    /// What is there counts as given up from now on, as the end of shortened data does.
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

    /// A new cell with this content and room for `spare` bytes behind it. What stood there before
    /// stays behind the content.
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

    /// Gives a cell up. It keeps its content, and becomes one with free cells on either side, of
    /// which the first alone has a header that counts.
    pub(super) fn release(&mut self, cell: u32) {
        let mut size = self.size(cell);
        let place = BASE_BLOCK + cell as usize;
        self.give_up(place..place + size as usize);
        self.bytes[place..place + 4].copy_from_slice(&size.to_le_bytes());
        // A bin header lies between the cells of two bins.
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

    /// Where the free cell begins that has this place in it.
    pub(super) fn free_around(&self, place: u32) -> u32 {
        *self.free.range(..=place).next_back().expect("a free cell").0
    }

    /// Bytes of a cell with its header.
    pub(super) fn size(&self, cell: u32) -> u32 {
        let place = BASE_BLOCK + cell as usize;
        let size = self.bytes[place..place + 4].try_into().expect("four bytes");
        i32::from_le_bytes(size).unsigned_abs()
    }

    /// A free cell of at least `size` bytes.
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

    /// The free cell of a new bin that has room for a cell of `size` bytes.
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

    /// In version 1.1 a cell knows the one before it; the first of a bin knows none.
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

    /// One bin with nothing in it.
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
    fn free_neighbors_become_one_and_the_swallowed_header_stays() {
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
        // First fit: the rest gets a header of its own.
        assert_eq!(heap.allocate(b"e", 0), 32);
        assert_eq!((word(&heap, 32), word(&heap, 40)), (-8, 16));
        assert_eq!(&heap.bytes[BASE_BLOCK + 36..BASE_BLOCK + 40], b"eaaa");
        // Header and content of the new cell, header of the rest.
        assert_eq!(heap.overwritten(), (9, 24));
    }

    #[test]
    fn cells_of_1_1_know_the_one_before() {
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
    fn what_fits_nowhere_opens_a_bin() {
        let mut heap = empty(5);
        assert_eq!(heap.allocate(&[1; 5000], 0), 4096 + 32);
        assert_eq!(heap.bytes.len(), BASE_BLOCK + 4096 + 8192);
        let used: Vec<u32> = heap.bins().iter().map(|bin| bin.used).collect();
        assert_eq!(used, [32, 32 + 5008]);
    }
}
