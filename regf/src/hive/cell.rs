// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Cell`]: the unit of allocation ([regf.md](crate::format#cells)).

use alloc::boxed::Box;

use crate::bytes::Bytes;
use crate::error::{Error, ErrorKind, Result, Structure};
use crate::hive::hbin::{Bins, cell_offset, file_offset};
use crate::hive::{Hive, HiveFile, IS_1_1};
use crate::meter::count;
use crate::offset::{CellOffset, FileOffset};

/// Header length and alignment of cells. Version 1.1 stores a link to the previous cell after the
/// size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Layout {
    header: usize,
    alignment: u32,
}

impl Layout {
    pub(crate) const V1_1: Self = Self { header: 8, alignment: 16 };
    pub(crate) const V1_2: Self = Self { header: 4, alignment: 8 };

    /// Returns the number of bytes before the data of a cell.
    pub(crate) const fn header_length(self) -> u64 {
        self.header as u64
    }

    /// Returns [`header_length`](Self::header_length) as a `usize`.
    pub(crate) const fn header(self) -> usize {
        self.header
    }

    /// Returns the size of the smallest cell for `length` bytes of data.
    pub(crate) const fn size_for(self, length: usize) -> usize {
        let mask = (self.alignment as usize).wrapping_sub(1);
        length.saturating_add(self.header).saturating_add(mask) & !mask
    }

    #[inline]
    pub(crate) const fn is_multiple(self, size: u32) -> bool {
        size & self.alignment.wrapping_sub(1) == 0
    }
}

/// Cell, allocated or free.
#[derive(Clone, Copy, Debug)]
pub struct Cell<'d> {
    offset: CellOffset,
    size: i32,
    data: Bytes<'d>,
}

impl<'d> Cell<'d> {
    /// Returns the offset of the cell from the first bin.
    #[inline]
    pub const fn cell_offset(self) -> CellOffset {
        self.offset
    }

    /// Returns the offset of the cell in the file.
    #[inline]
    pub const fn offset(self) -> FileOffset {
        self.offset.file_offset()
    }

    /// Returns the size in bytes, header included.
    #[inline]
    pub const fn size(self) -> u32 {
        self.size.unsigned_abs()
    }

    /// Returns whether the cell is in use. The stored size of an allocated cell is negative.
    #[inline]
    pub const fn is_allocated(self) -> bool {
        self.size < 0
    }

    /// Returns the bytes after the header.
    #[inline]
    pub const fn data(self) -> Bytes<'d> {
        self.data
    }
}

impl<'d> Hive<'d> {
    /// Returns the cell at `at`, allocated or free.
    ///
    /// # Errors
    /// [`ErrorKind::Nil`], [`ErrorKind::OutOfBounds`] or [`ErrorKind::Misaligned`] if the offset
    /// cannot lead to a cell. [`ErrorKind::CellSize`] if the size is impossible.
    pub fn cell(self, at: CellOffset) -> Result<Cell<'d>> {
        self.read_cell(at, Structure::Cell)
    }

    /// Returns the allocated cell at `at`, which should hold `structure`.
    pub(crate) fn allocated(self, at: CellOffset, structure: Structure) -> Result<Cell<'d>> {
        let cell = self.read_cell(at, structure)?;
        if cell.is_allocated() { Ok(cell) } else { Err(free(cell, structure)) }
    }

    /// Returns the data of the allocated cell at `at` by the shortest path. If the result is
    /// `None`, [`allocated`](Self::allocated) returns the fault.
    #[inline]
    pub(crate) fn payload(self, at: CellOffset) -> Option<&'d [u8]> {
        count(1);
        if let Some(cell) = self.short_bins().get(at.get() as usize..)
            && let Some((size, body)) = cell.split_first_chunk::<4>()
        {
            // For a free cell and for size 0, the length exceeds the bins.
            let length = u32::from_le_bytes(*size).wrapping_neg();
            if (at.get() | length) & 7 == 0
                && let Some(payload) = body.get(..length.wrapping_sub(4) as usize)
            {
                return Some(payload);
            }
        }
        self.file.early_payload(self.root, at)
    }

    /// Returns the fault of the cell at `at`. In an allocated cell, either the data are shorter than
    /// the `fixed` bytes of the structure, or the signature is wrong.
    ///
    /// A boxed error keeps the results of hot functions in registers.
    #[cold]
    #[inline(never)]
    pub(crate) fn fault(self, at: CellOffset, structure: Structure, fixed: usize) -> Box<Error> {
        let data = match self.allocated(at, structure) {
            Ok(cell) => cell.data(),
            Err(error) => return Box::new(error),
        };
        let error = data.slice(0, fixed, structure).err();
        Box::new(error.unwrap_or_else(|| wrong_signature(data, structure)))
    }

    fn read_cell(self, at: CellOffset, structure: Structure) -> Result<Cell<'d>> {
        count(1);
        let bins = self.bin_bytes().as_slice();
        let rest = bins.get(at.get() as usize..).and_then(|rest| rest.split_first_chunk::<4>());
        let (Some((size, body)), true) = (rest, at.get() & 7 == 0) else {
            return Err(self.unreachable_cell(at, structure));
        };
        let size = i32::from_le_bytes(*size);
        let (length, layout) = (size.unsigned_abs(), self.layout());
        if layout.is_multiple(length)
            && let Some(body) = body.get(..length.wrapping_sub(4) as usize)
            && let Some(data) = body.get(layout.header.wrapping_sub(4)..)
        {
            let place = at.file_offset().plus(layout.header as u64);
            return Ok(Cell { offset: at, size, data: Bytes::new(data, place) });
        }
        Err(Error::new(ErrorKind::CellSize { structure, size }, at.file_offset()))
    }

    /// Returns the capacity of the smallest cell that fits `length` bytes.
    pub(crate) const fn rounded(self, length: usize) -> usize {
        let layout = self.layout();
        layout.size_for(length).saturating_sub(layout.header)
    }

    /// Returns the first bytes of the cell at `at`, at most `length`, regardless of the stored
    /// size.
    pub(crate) fn salvage(self, at: CellOffset, length: usize) -> Bytes<'d> {
        let start = (at.get() as usize).saturating_add(self.layout().header);
        if at.is_nil() { self.bin_bytes().clip(0, 0) } else { self.bin_bytes().clip(start, length) }
    }

    #[cold]
    fn unreachable_cell(self, target: CellOffset, structure: Structure) -> Error {
        let end = u32::try_from(self.bin_bytes().len()).unwrap_or(u32::MAX);
        let target = target.get();
        let kind = if target == CellOffset::NIL.get() {
            return Error::new(ErrorKind::Nil { structure }, FileOffset::default());
        } else if target & 7 == 0 {
            ErrorKind::OutOfBounds { structure, target, end }
        } else {
            ErrorKind::Misaligned { structure, target }
        };
        Error::new(kind, CellOffset::new(target).file_offset())
    }

    /// Returns all cells of all bins in file order, allocated and free.
    ///
    /// ```
    /// # let forged = hive_forge::write(&hive_forge::tree::Tree::new("ROOT"), &Default::default());
    /// let hive = calhive_regf::Hive::parse(&forged.bytes)?;
    /// let free = hive.cells().filter(|cell| matches!(cell, Ok(cell) if !cell.is_allocated()));
    /// assert_eq!(free.count(), 1);
    /// # Ok::<(), calhive_regf::Error>(())
    /// ```
    pub fn cells(self) -> Cells<'d> {
        Cells { hive: self, bins: self.bins(), at: 0, end: 0 }
    }
}

impl HiveFile {
    /// Returns the data of an allocated cell of version 1.1. `root` is that of the [`Hive`], which
    /// stays in registers if no function takes it as a whole.
    #[cold]
    #[inline(never)]
    fn early_payload(&self, root: u32, at: CellOffset) -> Option<&[u8]> {
        if root & IS_1_1 == 0 || at.get() & 7 != 0 {
            return None;
        }
        let bins = Hive { file: self, short_length: 0, root }.bin_bytes().as_slice();
        let (size, body) = bins.get(at.get() as usize..)?.split_first_chunk::<4>()?;
        let length = u32::from_le_bytes(*size).wrapping_neg();
        if !Layout::V1_1.is_multiple(length) {
            return None;
        }
        body.get(..length.wrapping_sub(4) as usize)?.get(Layout::V1_1.header.wrapping_sub(4)..)
    }
}

/// Returns the error for a wrong signature of two bytes.
#[cold]
pub(crate) fn wrong_signature(data: Bytes<'_>, structure: Structure) -> Error {
    let mut found = [0; 4];
    found.iter_mut().zip(data.clip(0, 2).as_slice()).for_each(|(to, from)| *to = *from);
    Error::new(ErrorKind::Signature { structure, found }, data.offset())
}

#[cold]
fn free(cell: Cell<'_>, structure: Structure) -> Error {
    Error::new(ErrorKind::FreeCell { structure, size: cell.size }, cell.offset())
}

/// Iterator of [`Hive::cells`]. After a cell of impossible size, the iterator yields an error and
/// continues with the next bin.
#[derive(Clone, Debug)]
pub struct Cells<'d> {
    hive: Hive<'d>,
    bins: Bins<'d>,
    at: usize,
    end: usize,
}

impl<'d> Iterator for Cells<'d> {
    type Item = Result<Cell<'d>>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.at >= self.end {
            match self.bins.next()? {
                Ok(bin) => {
                    let body = bin.body();
                    self.at = cell_offset(body.offset()).get() as usize;
                    self.end = self.at.saturating_add(body.len());
                }
                Err(error) => return Some(Err(error)),
            }
        }
        let cell = u32::try_from(self.at).map_or(CellOffset::NIL, CellOffset::new);
        match self.hive.cell(cell) {
            Ok(cell) if self.at.saturating_add(cell.size() as usize) <= self.end => {
                self.at = self.at.saturating_add(cell.size() as usize);
                Some(Ok(cell))
            }
            Ok(cell) => {
                let kind = ErrorKind::CellSize { structure: Structure::Cell, size: cell.size };
                let place = file_offset(core::mem::replace(&mut self.at, self.end));
                Some(Err(Error::new(kind, place)))
            }
            Err(error) => {
                self.at = self.end;
                Some(Err(error))
            }
        }
    }
}
