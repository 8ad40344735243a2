// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Content`]: the bytes of an entry, packed or stored.

use alloc::sync::Arc;
use core::fmt;
use std::io::{self, Read};

use super::limits::Limits;
use super::size::Size;
use crate::disk::{Cursor, Disk};

/// Bytes read from packed data at a time.
#[cfg(any(feature = "zip", feature = "gzip", feature = "zstd"))]
const BUFFER: usize = 16 << 10;
/// Bytes unpacked at a time.
const CHUNK: u64 = 256 << 10;

/// Compression of an entry or a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Packing {
    /// Stored as it is.
    Stored,
    /// Deflate, as in zip archives.
    #[cfg(feature = "zip")]
    Deflate,
    /// A gzip file.
    #[cfg(feature = "gzip")]
    Gzip,
    /// A zstd file.
    #[cfg(feature = "zstd")]
    Zstd,
}

impl Packing {
    /// Returns the weight of a pass in memory. A pass over zstd can hold up to 100 MiB.
    pub(crate) const fn weight(self) -> u64 {
        match self {
            #[cfg(feature = "zstd")]
            Self::Zstd => 2,
            _ => 1,
        }
    }
}

/// The bytes of an entry.
#[derive(Clone)]
pub(crate) struct Content {
    /// The bytes as they are in the archive.
    pub(crate) packed: Arc<dyn Disk>,
    pub(crate) packing: Packing,
    /// Unpacked size; `None` if only unpacking gives it.
    pub(crate) size: Option<u64>,
    /// Checksum (CRC-32) of the unpacked bytes.
    pub(crate) crc: Option<u32>,
    /// Whether the packed bytes are inside a compressed stream. Such bytes can only be read in their order.
    pub(crate) is_sequential: bool,
}

impl Content {
    /// Returns bytes that are stored as they are.
    pub(crate) fn stored(disk: Arc<dyn Disk>, is_sequential: bool) -> Self {
        let size = Some(disk.size());
        Self { packed: disk, packing: Packing::Stored, size, crc: None, is_sequential }
    }

    /// Returns a reader of the unpacked bytes. At the end it verifies the checksum, if there is one.
    ///
    /// # Errors
    /// If the packed bytes do not start as their compression demands.
    pub(crate) fn reader(&self) -> io::Result<Box<dyn Read + Send>> {
        let reader = self.unchecked()?;
        Ok(match self.crc {
            #[cfg(feature = "zip")]
            Some(crc) => Box::new(super::checksum::Checked::new(reader, crc)),
            _ => reader,
        })
    }

    fn unchecked(&self) -> io::Result<Box<dyn Read + Send>> {
        #[cfg(any(feature = "zip", feature = "gzip", feature = "zstd"))]
        let packed = || {
            let cursor = Cursor::new(Arc::clone(&self.packed));
            io::BufReader::with_capacity(BUFFER, cursor)
        };
        Ok(match self.packing {
            Packing::Stored => Box::new(Cursor::new(Arc::clone(&self.packed))),
            #[cfg(feature = "zip")]
            Packing::Deflate => {
                let reader = flate2::bufread::DeflateDecoder::new(packed());
                Box::new(super::guard::Guarded::new("deflate", reader))
            }
            #[cfg(feature = "gzip")]
            Packing::Gzip => {
                let reader = flate2::bufread::MultiGzDecoder::new(packed());
                Box::new(super::guard::Guarded::new("gzip", reader))
            }
            #[cfg(feature = "zstd")]
            Packing::Zstd => {
                let reader = super::zstd::Frames::new(packed());
                Box::new(super::guard::Guarded::new("zstd", reader))
            }
        })
    }

    /// Returns the first bytes, at most `most`.
    ///
    /// # Errors
    /// If they cannot be read.
    pub(crate) fn head(&self, most: usize) -> io::Result<Vec<u8>> {
        let most = self.size.unwrap_or(u64::MAX).min(most as u64);
        let mut head = Vec::new();
        self.reader()?.take(most).read_to_end(&mut head)?;
        match self.size {
            Some(size) if (head.len() as u64) < most => Err(ends_early(head.len() as u64, size)),
            _ => Ok(head),
        }
    }

    /// Returns all bytes.
    ///
    /// # Errors
    /// If they cannot be read, if the size or the checksum differs, or if they exceed a limit.
    pub(crate) fn whole(&self, limits: &Limits) -> io::Result<Vec<u8>> {
        let refuses = |size: u64| match limits.refuses_member(size, self.packed.size()) {
            Some(why) => Err(io::Error::new(io::ErrorKind::InvalidData, why)),
            None => Ok(()),
        };
        refuses(self.size.unwrap_or_default())?;
        let mut bytes = Vec::new();
        let known = self.size.unwrap_or_default().min(limits.free_member);
        let _ = bytes.try_reserve_exact(usize::try_from(known).unwrap_or_default());
        let mut reader = self.reader()?;
        loop {
            let read = (&mut reader).take(CHUNK).read_to_end(&mut bytes)?;
            let length = bytes.len() as u64;
            match self.size {
                Some(size) if length > size => return Err(ends_late(size)),
                Some(size) if read == 0 && length < size => return Err(ends_early(length, size)),
                _ if read == 0 => break,
                _ => refuses(length)?,
            }
        }
        Ok(bytes)
    }

    /// Whether the unpacked bytes can only be read in their order.
    pub(crate) fn unpacks_in_order(&self) -> bool {
        self.is_sequential || self.packing != Packing::Stored
    }
}

impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Content").field("packing", &self.packing).field("size", &self.size).finish()
    }
}

/// Returns the error of an entry that ends before its size.
pub(super) fn ends_early(length: u64, size: u64) -> io::Error {
    let message = format!("it ends after {} of {}", Size(length), Size(size));
    io::Error::new(io::ErrorKind::UnexpectedEof, message)
}

fn ends_late(size: u64) -> io::Error {
    let message = format!("it unpacks to more than {}, its size in the archive", Size(size));
    io::Error::new(io::ErrorKind::InvalidData, message)
}
