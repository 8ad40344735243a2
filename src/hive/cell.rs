// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Cell`]: the unit of allocation (REGF 3).

use alloc::boxed::Box;

use crate::bytes::{Bytes, CellOffset, FileOffset};
use crate::error::{Error, ErrorKind, Result, Structure};
use crate::hive::hbin::{Bins, cell_offset, file_offset};
use crate::hive::{Hive, IS_1_1};

/// How cells lie: since version 1.2 a size before the data, multiples of 8; in version 1.1 a link to
/// the cell before it as well, multiples of 16.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Layout {
    header: usize,
    alignment: u32,
}

impl Layout {
    pub(crate) const V1_1: Self = Self { header: 8, alignment: 16 };
    pub(crate) const V1_2: Self = Self { header: 4, alignment: 8 };

    /// Bytes before the data of a cell.
    pub(crate) const fn header_length(self) -> u64 {
        self.header as u64
    }

    /// The same, as a number of bytes to count with.
    pub(crate) const fn header(self) -> usize {
        self.header
    }

    /// How large a cell is that is made for so many bytes.
    pub(crate) const fn size_for(self, length: usize) -> usize {
        let mask = (self.alignment as usize).wrapping_sub(1);
        length.saturating_add(self.header).saturating_add(mask) & !mask
    }

    #[inline]
    pub(crate) const fn is_multiple(self, size: u32) -> bool {
        size & self.alignment.wrapping_sub(1) == 0
    }
}

/// A cell, allocated or free.
#[derive(Clone, Copy, Debug)]
pub struct Cell<'d> {
    offset: CellOffset,
    size: i32,
    data: Bytes<'d>,
}

impl<'d> Cell<'d> {
    /// Where it begins, relative to the first bin, as other structures refer to it.
    pub const fn cell_offset(self) -> CellOffset {
        self.offset
    }

    /// Where it begins in the file.
    pub const fn offset(self) -> FileOffset {
        self.offset.file_offset()
    }

    /// Its length with the header, in bytes.
    pub const fn size(self) -> u32 {
        self.size.unsigned_abs()
    }

    /// Whether it is in use. The size of a free cell is stored as a positive number.
    pub const fn is_allocated(self) -> bool {
        self.size < 0
    }

    /// What it holds, header left out.
    pub const fn data(self) -> Bytes<'d> {
        self.data
    }
}

impl<'d> Hive<'d> {
    /// The cell at `at`, allocated or free.
    ///
    /// # Errors
    /// [`ErrorKind::Nil`], [`ErrorKind::OutOfBounds`] or [`ErrorKind::Misaligned`] where there can
    /// be none, [`ErrorKind::CellSize`] where the size is impossible.
    pub fn cell(self, at: CellOffset) -> Result<Cell<'d>> {
        self.read_cell(at, Structure::Cell)
    }

    /// The allocated cell at `at`, which should hold `structure`.
    pub(crate) fn allocated(self, at: CellOffset, structure: Structure) -> Result<Cell<'d>> {
        let cell = self.read_cell(at, structure)?;
        if cell.is_allocated() { Ok(cell) } else { Err(free(cell, structure)) }
    }

    /// What the allocated cell at `at` holds, by the shortest way; `None` where
    /// [`allocated`](Self::allocated) tells what is wrong.
    #[inline]
    pub(crate) fn payload(self, at: CellOffset) -> Option<&'d [u8]> {
        let rest = self.bin_bytes().as_slice().get(at.get() as usize..)?;
        let (size, body) = rest.split_first_chunk::<4>()?;
        // Of a free cell this is far beyond the end, and of size 0 as well.
        let length = u32::from_le_bytes(*size).wrapping_neg();
        // One test for what is misaligned and for version 1.1, whose mark is a bit below 8.
        if (at.get() | length | self.root & IS_1_1) & 7 != 0 {
            return self.early_payload(at, body, length);
        }
        body.get(..length.wrapping_sub(4) as usize)
    }

    /// What an allocated cell of version 1.1 holds, if it is one.
    #[cold]
    #[inline(never)]
    fn early_payload(self, at: CellOffset, body: &'d [u8], length: u32) -> Option<&'d [u8]> {
        let layout = self.layout();
        if layout != Layout::V1_1 || at.get() & 7 != 0 || !layout.is_multiple(length) {
            return None;
        }
        body.get(..length.wrapping_sub(4) as usize)?.get(layout.header.wrapping_sub(4)..)
    }

    /// Why [`payload`](Self::payload) gives nothing, or, where it does give something, what is wrong
    /// with that: fewer bytes than the `fixed` part of the structure, or another signature.
    ///
    /// Errors that are met on the way to a key or a value are boxed: one that is written straight into
    /// the place of the result would keep every result out of registers.
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

    /// How many bytes the smallest cell that takes so many has room for.
    pub(crate) const fn rounded(self, length: usize) -> usize {
        let layout = self.layout();
        layout.size_for(length).saturating_sub(layout.header)
    }

    /// As many of the first `length` bytes of the cell at `at` as there are, whatever its size says.
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

    /// Every cell of every bin, in file order, allocated and free.
    ///
    /// ```
    /// # let forged = hive_forge::write(&hive_forge::tree::Tree::new("ROOT"), &Default::default());
    /// let hive = calhive::Hive::parse(&forged.bytes)?;
    /// let free = hive.cells().filter(|cell| matches!(cell, Ok(cell) if !cell.is_allocated()));
    /// assert_eq!(free.count(), 1);
    /// # Ok::<(), calhive::Error>(())
    /// ```
    pub fn cells(self) -> Cells<'d> {
        Cells { hive: self, bins: self.bins(), at: 0, end: 0 }
    }
}

/// The error for a signature of two bytes that is not the structure's.
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

/// Iterator of [`Hive::cells`]. A cell of impossible size ends its bin, with an error.
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
