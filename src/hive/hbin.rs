// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Bin`] (`hbin`): the blocks that cells lie in (REGF 2).

use crate::bytes::{BASE_BLOCK_LENGTH, Bytes, CellOffset, FileOffset};
use crate::error::{Error, ErrorKind, Field, Result, Structure};
use crate::hive::Hive;
use crate::raw;
use crate::time::FileTime;

/// Bins are a multiple of this long, and begin at a multiple of it.
const BIN_ALIGNMENT: usize = 4096;
const HEADER_LENGTH: usize = size_of::<raw::BinHeader>();

/// `hbin`: a bin.
#[derive(Clone, Copy, Debug)]
pub struct Bin<'d> {
    header: &'d raw::BinHeader,
    bytes: Bytes<'d>,
}

impl<'d> Bin<'d> {
    /// Where its header begins.
    pub const fn offset(self) -> FileOffset {
        self.bytes.offset()
    }

    /// Its bytes, header included; fewer than [`size`](Self::size) where the hive is cut.
    pub const fn bytes(self) -> Bytes<'d> {
        self.bytes
    }

    /// The stored size, header included, in bytes.
    pub const fn size(self) -> u32 {
        self.header.size.get()
    }

    /// The stored time; meaningful in the first bin only.
    pub const fn timestamp(self) -> FileTime {
        FileTime::from_raw(self.header.timestamp.get())
    }

    /// The header as it lies on disk.
    pub const fn raw(self) -> &'d raw::BinHeader {
        self.header
    }

    /// What follows the header.
    pub(crate) fn body(self) -> Bytes<'d> {
        self.bytes.clip(HEADER_LENGTH, self.bytes.len())
    }
}

/// The bins of a hive in file order. After a damaged header it looks for the next one, 4,096 bytes
/// at a time.
#[derive(Clone, Debug)]
pub struct Bins<'d> {
    bins: Bytes<'d>,
    at: usize,
    lost: bool,
}

impl<'d> Hive<'d> {
    /// The bins, in file order.
    ///
    /// ```
    /// # let forged = hive_forge::write(&hive_forge::tree::Tree::new("ROOT"), &Default::default());
    /// let hive = calhive::Hive::parse(&forged.bytes)?;
    /// let bin = hive.bins().next().unwrap()?;
    /// assert_eq!(bin.offset().get(), 4096);
    /// # Ok::<(), calhive::Error>(())
    /// ```
    pub fn bins(self) -> Bins<'d> {
        Bins { bins: self.bin_bytes(), at: 0, lost: false }
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
                    // Found by searching: garbage that happens to begin with `hbin`.
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
            match self.read() {
                Ok(bin) => {
                    self.lost = false;
                    self.at = self.at.saturating_add(bin.bytes.len());
                    return Some(Ok(bin));
                }
                Err(error) => {
                    self.at = self.at.saturating_add(BIN_ALIGNMENT);
                    // One error for a run of damage, not one for each page of it.
                    if !core::mem::replace(&mut self.lost, true) {
                        return Some(Err(error));
                    }
                }
            }
        }
        None
    }
}

/// The file offset of a place in the bins.
pub(crate) const fn file_offset(at: usize) -> FileOffset {
    FileOffset::new((at as u64).saturating_add(BASE_BLOCK_LENGTH as u64))
}

/// The cell offset of a place in the file, NIL before the first bin.
pub(crate) fn cell_offset(at: FileOffset) -> CellOffset {
    let relative = at.get().checked_sub(u64::from(BASE_BLOCK_LENGTH));
    relative.and_then(|at| u32::try_from(at).ok()).map_or(CellOffset::NIL, CellOffset::new)
}
