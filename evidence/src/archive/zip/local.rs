// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Header`]: local header of an entry. [`Scan`]: search for local headers without a central directory.

use alloc::sync::Arc;
use core::ops::Range;
use std::collections::HashSet;
use std::io::{self, BufReader, Read};

use super::super::content::Packing;
use super::super::guard::Guarded;
use super::super::limits::Limits;
use super::super::name::Name;
use crate::disk::{Cursor, Disk, Window};

const SIGNATURE: &[u8; 4] = b"PK\x03\x04";
const DESCRIPTOR: &[u8; 4] = b"PK\x07\x08";
/// Length of the fixed part of a local header.
const LENGTH: usize = 30;
/// Identifier of the extra field with sizes of 64 bits.
const ZIP64: u16 = 1;
/// Bytes searched at a time.
const CHUNK: usize = 64 << 10;

/// Local header of an entry.
pub(super) struct Header {
    flags: u16,
    /// Compression method: 0 stored, 8 deflate.
    method: u16,
    crc: u32,
    packed: u64,
    size: u64,
    name: Vec<u8>,
    /// Offset of the data.
    pub(super) data: u64,
}

/// Data of an entry.
pub(super) struct Extent {
    pub(super) packed: u64,
    pub(super) size: u64,
    pub(super) crc: Option<u32>,
    /// Offset of the end, with the data descriptor.
    pub(super) end: u64,
}

impl Header {
    /// Reads a local header.
    pub(super) fn read(disk: &Arc<dyn Disk>, start: u64) -> io::Result<Self> {
        let mut fixed = [0; LENGTH];
        disk.read_at(start, &mut fixed)?;
        if !fixed.starts_with(SIGNATURE) {
            let message = format!("no local header at offset {start:#x}; the archive is damaged");
            return Err(io::Error::new(io::ErrorKind::InvalidData, message));
        }
        let (name_length, extra_length) = (u16_at(&fixed, 26), u16_at(&fixed, 28));
        let mut name = vec![0; usize::from(name_length)];
        let mut extra = vec![0; usize::from(extra_length)];
        let after = start.saturating_add(LENGTH as u64);
        disk.read_at(after, &mut name)?;
        let after = after.saturating_add(u64::from(name_length));
        disk.read_at(after, &mut extra)?;
        let mut header = Self {
            flags: u16_at(&fixed, 6),
            method: u16_at(&fixed, 8),
            crc: u32_at(&fixed, 14),
            packed: u32_at(&fixed, 18).into(),
            size: u32_at(&fixed, 22).into(),
            name,
            data: after.saturating_add(u64::from(extra_length)),
        };
        header.widen(&extra);
        Ok(header)
    }

    /// Takes sizes of 64 bits from the extra field.
    fn widen(&mut self, mut extra: &[u8]) {
        while let Some((head, rest)) = extra.split_at_checked(4) {
            let length = usize::from(u16_at(head, 2));
            let Some((field, after)) = rest.split_at_checked(length) else { return };
            if u16_at(head, 0) == ZIP64 {
                let mut values = field.chunks_exact(8).map(|value| u64_at(value, 0));
                for size in [&mut self.size, &mut self.packed] {
                    if *size == u64::from(u32::MAX) {
                        *size = values.next().unwrap_or(*size);
                    }
                }
                return;
            }
            extra = after;
        }
    }

    pub(super) fn name(&self) -> Name {
        Name::of_bytes(&self.name)
    }

    /// Returns the compression, or the method that is not supported.
    pub(super) fn packing(&self) -> Result<Packing, String> {
        match self.method {
            0 => Ok(Packing::Stored),
            8 => Ok(Packing::Deflate),
            other => Err(other.to_string()),
        }
    }

    /// Whether the entry is a folder. A folder has no data.
    pub(super) fn is_folder(&self) -> bool {
        self.name.ends_with(b"/") && self.packed == 0 && !self.has_descriptor()
    }

    /// Whether the header has this name. Some writers use other separators in one of the two places.
    pub(super) fn is_named(&self, name: &[u8]) -> bool {
        let slashed = |byte: &u8| if *byte == b'\\' { b'/' } else { *byte };
        self.name.iter().map(slashed).eq(name.iter().map(slashed))
    }

    /// Whether the header gives these sizes and this checksum, or leaves them to a data descriptor.
    pub(super) fn has_sizes(&self, packed: u64, size: u64, crc: Option<u32>) -> bool {
        let is_same = self.packed == packed && self.size == size && Some(self.crc) == crc;
        is_same || self.has_descriptor()
    }

    pub(super) const fn is_encrypted(&self) -> bool {
        self.flags & 1 != 0
    }

    /// Whether checksum and sizes follow the data.
    const fn has_descriptor(&self) -> bool {
        self.flags & 8 != 0
    }
}

/// Search for local headers.
pub(super) struct Scan {
    disk: Arc<dyn Disk>,
    position: u64,
    /// Offset of the end of the search.
    end: u64,
    /// Bytes that were read last, and their offset.
    chunk: (u64, Vec<u8>),
    /// Bytes that the search may still unpack to find ends of entries.
    budget: u64,
}

impl Scan {
    pub(super) const fn new(disk: Arc<dyn Disk>, limits: Limits) -> Self {
        Self { disk, position: 0, end: u64::MAX, chunk: (0, Vec::new()), budget: limits.free_all }
    }

    /// Continues with only the headers that start in this range.
    pub(super) fn search(&mut self, range: Range<u64>) {
        (self.position, self.end) = (range.start, range.end);
    }

    /// Continues at an offset.
    pub(super) fn skip_to(&mut self, offset: u64) {
        self.position = self.position.max(offset);
    }

    /// Returns the next local header, with its offset. Known headers are skipped.
    pub(super) fn next_header(
        &mut self,
        known: &HashSet<u64>,
    ) -> io::Result<Option<(u64, Header)>> {
        while let Some(start) = self.next_signature()? {
            self.position = start.saturating_add(SIGNATURE.len() as u64);
            if known.contains(&start) {
                continue;
            }
            if let Ok(header) = Header::read(&self.disk, start)
                && !header.name.is_empty()
            {
                return Ok(Some((start, header)));
            }
        }
        Ok(None)
    }

    fn next_signature(&mut self) -> io::Result<Option<u64>> {
        let size = self.disk.size().min(self.end);
        loop {
            let chunk = self.chunk(size)?;
            if chunk.len() < SIGNATURE.len() {
                return Ok(None);
            }
            if let Some(at) = chunk.windows(SIGNATURE.len()).position(|four| four == SIGNATURE) {
                return Ok(Some(self.position.saturating_add(at as u64)));
            }
            let step = chunk.len().saturating_sub(SIGNATURE.len()).saturating_add(1);
            self.position = self.position.saturating_add(step as u64);
        }
    }

    /// Returns bytes from the position on. Reads the next ones if fewer than a signature is left.
    fn chunk(&mut self, size: u64) -> io::Result<&[u8]> {
        let (start, chunk) = &self.chunk;
        let within = self.position.checked_sub(*start).and_then(|at| usize::try_from(at).ok());
        let left = within.and_then(|at| chunk.get(at..)).map_or(0, <[u8]>::len);
        let rest = usize::try_from(size.saturating_sub(self.position)).unwrap_or(usize::MAX);
        if rest < SIGNATURE.len() {
            return Ok(&[]);
        }
        if left < SIGNATURE.len() {
            let mut chunk = core::mem::take(&mut self.chunk.1);
            chunk.resize(rest.min(CHUNK), 0);
            self.disk.read_at(self.position, &mut chunk)?;
            self.chunk = (self.position, chunk);
        }
        let (start, chunk) = &self.chunk;
        let at = usize::try_from(self.position.saturating_sub(*start)).unwrap_or(usize::MAX);
        let chunk = chunk.get(at..).unwrap_or_default();
        Ok(chunk.get(..rest).unwrap_or(chunk))
    }

    /// Returns where the data of an entry end. Unpacks the data if their size follows them.
    pub(super) fn extent(&mut self, header: &Header) -> io::Result<Extent> {
        if !header.has_descriptor() {
            let end = header.data.saturating_add(header.packed);
            let Header { packed, size, crc, .. } = *header;
            return Ok(Extent { packed, size, crc: Some(crc), end });
        }
        if header.packing() != Ok(Packing::Deflate) || header.is_encrypted() {
            let message = "its size is only in the central directory";
            return Err(io::Error::new(io::ErrorKind::InvalidData, message));
        }
        let (packed, size) = self.unpack(header.data)?;
        let after = header.data.saturating_add(packed);
        let mut descriptor = [0; 8];
        let crc = match self.disk.read_at(after, &mut descriptor) {
            Ok(()) if descriptor.starts_with(DESCRIPTOR) => Some(u32_at(&descriptor, 4)),
            Ok(()) => Some(u32_at(&descriptor, 0)),
            Err(_) => None,
        };
        Ok(Extent { packed, size, crc, end: after })
    }

    /// Unpacks data to find their end. Returns the packed and the unpacked size.
    fn unpack(&mut self, data: u64) -> io::Result<(u64, u64)> {
        let window = Window::new(Arc::clone(&self.disk), data, u64::MAX);
        let packed = BufReader::with_capacity(CHUNK, Cursor::new(window));
        let mut reader = flate2::bufread::DeflateDecoder::new(packed);
        let mut guarded = Guarded::new("deflate", &mut reader).take(self.budget);
        let size = io::copy(&mut guarded, &mut io::sink())?;
        self.budget = self.budget.saturating_sub(size);
        if self.budget == 0 {
            let message = "too many bytes would have to be unpacked to find its end";
            return Err(io::Error::new(io::ErrorKind::InvalidData, message));
        }
        Ok((reader.total_in(), size))
    }
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    let two = bytes.get(at..).and_then(|rest| rest.first_chunk());
    two.map_or(0, |two| u16::from_le_bytes(*two))
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    let four = bytes.get(at..).and_then(|rest| rest.first_chunk());
    four.map_or(0, |four| u32::from_le_bytes(*four))
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    let eight = bytes.get(at..).and_then(|rest| rest.first_chunk());
    eight.map_or(0, |eight| u64::from_le_bytes(*eight))
}

#[cfg(test)]
mod tests {
    use core::sync::atomic::{AtomicU64, Ordering};

    use super::*;

    /// Counts the bytes that are read.
    struct Counted(Vec<u8>, AtomicU64);

    impl Disk for Counted {
        fn size(&self) -> u64 {
            self.0.size()
        }

        fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
            self.1.fetch_add(buffer.len() as u64, Ordering::Relaxed);
            self.0.read_at(offset, buffer)
        }
    }

    #[test]
    fn search_for_local_headers_reads_each_byte_a_few_times() {
        let header = [&SIGNATURE[..], &[0; LENGTH - 4]].concat();
        let disk = Arc::new(Counted(header.repeat(20_000), AtomicU64::new(0)));
        let mut scan = Scan::new(Arc::clone(&disk) as Arc<dyn Disk>, Limits::DEFAULT);
        assert!(scan.next_header(&HashSet::new()).unwrap().is_none());
        let (read, size) = (disk.1.load(Ordering::Relaxed), disk.size());
        assert!(read >= size && read < 3 * size, "{read} of {size}");
    }
}
