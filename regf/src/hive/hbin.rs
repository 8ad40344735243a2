// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Bin`] (`hbin`): a block of cells ([regf.md](crate::format#bins)).

use crate::bytes::Bytes;
use crate::error::{Error, ErrorKind, Field, Result, Structure};
use crate::hive::Hive;
use crate::meter::count;
use crate::offset::{BASE_BLOCK_LENGTH, CellOffset, FileOffset};
use crate::raw;
use crate::time::FileTime;

/// Offset and size of a bin are multiples of this number.
const BIN_ALIGNMENT: usize = 4096;
const HEADER_LENGTH: usize = size_of::<raw::BinHeader>();

/// `hbin`: a bin.
#[derive(Clone, Copy, Debug)]
pub struct Bin<'d> {
    header: &'d raw::BinHeader,
    bytes: Bytes<'d>,
}

impl<'d> Bin<'d> {
    /// Returns the file offset of the header.
    #[inline]
    pub const fn offset(self) -> FileOffset {
        self.bytes.offset()
    }

    /// Returns the bytes of the bin, header included. If the hive is truncated, the result can be
    /// shorter than [`size`](Self::size).
    #[inline]
    pub const fn bytes(self) -> Bytes<'d> {
        self.bytes
    }

    /// Returns the stored size in bytes, header included.
    #[inline]
    pub const fn size(self) -> u32 {
        self.header.size.get()
    }

    /// Returns the stored time. Only the first bin of a hive has a meaningful time.
    pub const fn timestamp(self) -> FileTime {
        FileTime::from_raw(self.header.timestamp.get())
    }

    /// Returns the header as stored on disk.
    #[inline]
    pub const fn raw(self) -> &'d raw::BinHeader {
        self.header
    }

    /// Returns the bytes after the header.
    pub(crate) fn body(self) -> Bytes<'d> {
        self.bytes.clip(HEADER_LENGTH, self.bytes.len())
    }
}

/// Iterator of [`Hive::bins`]. After a damaged header, the iterator looks for the next bin in steps
/// of 4,096 bytes.
#[derive(Clone, Debug)]
pub struct Bins<'d> {
    bins: Bytes<'d>,
    at: usize,
    /// Number of missing bytes at the start.
    gap: usize,
    lost: bool,
}

impl<'d> Hive<'d> {
    /// Returns the bins in file order.
    ///
    /// ```
    /// # let forged = hive_forge::write(&hive_forge::tree::Tree::new("ROOT"), &Default::default());
    /// let hive = calhive_regf::Hive::parse(&forged.bytes)?;
    /// let bin = hive.bins().next().unwrap()?;
    /// assert_eq!(bin.offset().get(), 4096);
    /// # Ok::<(), calhive_regf::Error>(())
    /// ```
    pub fn bins(self) -> Bins<'d> {
        Bins { bins: self.bin_bytes(), at: 0, gap: self.gap(), lost: false }
    }
}

impl<'d> Bins<'d> {
    fn read(&self) -> Result<Bin<'d>> {
        let rest = self.bins.clip(self.at, self.bins.len());
        let header: &raw::BinHeader = rest.record(Structure::Bin)?;
        let kind = if header.signature == *b"hbin" {
            let size = header.size.get() as usize;
            let offset = header.offset.get();
            if offset as usize != self.at {
                let (expected, found) = (self.at as u64, u64::from(offset));
                let field = Field::Offset;
                ErrorKind::Mismatch { structure: Structure::Bin, field, expected, found }
            } else if size == 0 || size & 0xFFF != 0 {
                let (expected, found) = (BIN_ALIGNMENT as u64, size as u64);
                let field = Field::Size;
                ErrorKind::Mismatch { structure: Structure::Bin, field, expected, found }
            } else if rest.len() < size {
                let (needed, available) = (size as u64, rest.len() as u64);
                return if self.lost {
                    // A search found this header, so the header can be garbage that begins with
                    // `hbin`.
                    let structure = Structure::Bin;
                    let kind = ErrorKind::Truncated { structure, needed, available };
                    Err(Error::new(kind, rest.offset()))
                } else {
                    Ok(Bin { header, bytes: rest })
                };
            } else {
                return Ok(Bin { header, bytes: rest.clip(0, size) });
            }
        } else {
            ErrorKind::Signature { structure: Structure::Bin, found: header.signature }
        };
        Err(Error::new(kind, rest.offset()))
    }
}

impl<'d> Iterator for Bins<'d> {
    type Item = Result<Bin<'d>>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.at < self.bins.len() {
            count(1);
            match self.read() {
                Ok(bin) => {
                    self.lost = false;
                    self.at = self.at.saturating_add(bin.bytes.len());
                    return Some(Ok(bin));
                }
                Err(error) => {
                    self.at = self.at.saturating_add(BIN_ALIGNMENT).max(self.gap);
                    // The iterator reports a damaged range as a single error, not as an error for
                    // each page.
                    if !core::mem::replace(&mut self.lost, true) {
                        return Some(Err(error));
                    }
                }
            }
        }
        None
    }
}

/// Returns the file offset of an index into the bins.
pub(crate) const fn file_offset(at: usize) -> FileOffset {
    FileOffset::new((at as u64).saturating_add(BASE_BLOCK_LENGTH as u64))
}

/// Returns the cell offset of a file offset, or NIL for an offset before the first bin.
pub(crate) fn cell_offset(at: FileOffset) -> CellOffset {
    let relative = at.get().checked_sub(u64::from(BASE_BLOCK_LENGTH));
    relative.and_then(|at| u32::try_from(at).ok()).map_or(CellOffset::NIL, CellOffset::new)
}
