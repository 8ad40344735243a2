// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`EwfDisk`]: an `EnCase` image (E01), with all checksums of its chunks.
//!
//! Own reader: the crate `ewf` reads stored chunks without their checksum, and returns zeros for a compressed
//! chunk that is cut short.

use alloc::sync::Arc;
use std::io;
use std::sync::{Mutex, PoisonError};

use super::StoredHashes;
use super::inflate::{Form, inflate};
use super::sections::{Segment, Table, adler32};
use crate::disk::{Disk, read_pieces};
use crate::structure::{Fields as _, block_of, bytes_at, damaged};

/// Bytes of decompressed chunks that stay in memory.
const CACHE: u64 = 4 << 20;
/// Largest chunk. `EnCase` writes chunks up to 16 MiB.
const LARGEST_CHUNK: u64 = 32 << 20;
/// Entries of tables that stay in memory, in tables.
const CACHED_TABLES: usize = 4;

/// The disk in an `EnCase` image.
pub(crate) struct EwfDisk {
    segments: Vec<Arc<dyn Disk>>,
    /// Tables of all segments, each with the number of its first chunk.
    tables: Vec<(u64, Table)>,
    chunk_size: u64,
    size: u64,
    stored: StoredHashes,
    faults: Vec<String>,
    chunks: Mutex<Vec<(u64, Arc<Vec<u8>>)>>,
    entries: Mutex<Vec<(usize, Arc<Vec<u8>>)>>,
}

impl EwfDisk {
    /// Opens an image by its segments, in order, each with its name for messages. `after` is the name of a
    /// segment after the last one.
    ///
    /// # Errors
    /// If a header, a section or the geometry is damaged, or if a segment is missing between two others.
    pub(crate) fn open(files: Vec<(String, Arc<dyn Disk>)>, after: &str) -> io::Result<Self> {
        let (mut tables, mut next, mut faults) = (Vec::new(), 0_u64, Vec::new());
        let (mut geometry, mut stored, mut disks) = (None, StoredHashes::default(), Vec::new());
        let count = files.len();
        for (at, (name, disk)) in files.into_iter().enumerate() {
            let number = at.saturating_add(1);
            let about = |error: io::Error| io::Error::new(error.kind(), format!("{name}: {error}"));
            let segment = Segment::read(&*disk, number).map_err(about)?;
            geometry = geometry.or(segment.geometry);
            for mut table in segment.tables {
                let first = next;
                next = next.saturating_add(table.count);
                table.segment = at;
                tables.push((first, table));
            }
            stored = StoredHashes {
                md5: stored.md5.or(segment.stored.md5),
                sha1: stored.sha1.or(segment.stored.sha1),
            };
            match (segment.is_last, segment.leads_on) {
                (false, true) if number == count => {
                    faults.push(format!(
                        "segment {after} is missing; copy it beside the other segments"
                    ));
                }
                (false, false) => {
                    faults.push(format!("segment {name} is cut short; copy it again"))
                }
                _ => {}
            }
            disks.push(disk);
        }
        let geometry = geometry.ok_or_else(|| damaged("no valid volume section"))?;
        let chunk_size = geometry.chunk_size;
        if !(512..=LARGEST_CHUNK).contains(&chunk_size) {
            let message = format!("chunks of {chunk_size} bytes; expected 512 to {LARGEST_CHUNK}");
            return Err(damaged(message));
        }
        let held = next.saturating_mul(chunk_size);
        if held < geometry.size {
            let size = geometry.size;
            let held = format!("the image holds {held} of the {size} bytes of the disk");
            // One cause, one fault.
            let cause = faults.pop().map(|fault| format!("{fault}; ")).unwrap_or_default();
            faults.push(format!("{cause}{held}"));
        }
        Ok(Self {
            segments: disks,
            tables,
            chunk_size,
            size: geometry.size,
            stored,
            faults,
            chunks: Mutex::default(),
            entries: Mutex::default(),
        })
    }

    /// Returns the hashes that the image stores of the disk.
    pub(crate) const fn stored_hashes(&self) -> StoredHashes {
        self.stored
    }

    /// Returns the faults of the image that leave a part of the disk unreadable.
    pub(crate) fn faults(&self) -> &[String] {
        &self.faults
    }

    /// Returns the decompressed bytes of a chunk.
    fn chunk(&self, number: u64) -> io::Result<Arc<Vec<u8>>> {
        let mut chunks = self.chunks.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(at) = chunks.iter().position(|(cached, _)| *cached == number) {
            let found = chunks.remove(at);
            let bytes = Arc::clone(&found.1);
            chunks.push(found);
            return Ok(bytes);
        }
        drop(chunks);
        let bytes = Arc::new(self.decode(number).map_err(|error| {
            let offset = number.saturating_mul(self.chunk_size);
            io::Error::new(
                error.kind(),
                format!("chunk {number} at disk offset {offset:#x}: {error}"),
            )
        })?);
        let mut chunks = self.chunks.lock().unwrap_or_else(PoisonError::into_inner);
        let most = usize::try_from(block_of(CACHE, self.chunk_size).0).unwrap_or(1).max(1);
        while chunks.len() >= most {
            chunks.remove(0);
        }
        chunks.push((number, Arc::clone(&bytes)));
        Ok(bytes)
    }

    /// Returns the error of a chunk that is not in the image, with its cause if known.
    fn unlisted(&self) -> io::Error {
        let cause = self.faults.first().map_or("no table lists the chunk", String::as_str);
        damaged(cause)
    }

    /// Reads a chunk and checks its checksum.
    fn decode(&self, number: u64) -> io::Result<Vec<u8>> {
        let after = self.tables.partition_point(|(first, _)| *first <= number);
        let place = after.checked_sub(1).and_then(|at| Some((at, self.tables.get(at)?)));
        let (at, (first, table)) = place.ok_or_else(|| self.unlisted())?;
        let index = number.saturating_sub(*first);
        if index >= table.count {
            return Err(self.unlisted());
        }
        let entries = self.entries(at, table)?;
        let disk = self.segments.get(table.segment).ok_or_else(|| damaged("no such segment"))?;
        let index = usize::try_from(index).unwrap_or(usize::MAX);
        let (start, is_packed) = table.start(&entries, index);
        let end = table.end(&entries, index, start);
        let length = end.checked_sub(start).filter(|length| *length > 0).ok_or_else(|| {
            damaged(format!("the chunk at offset {start:#x} ends before, at offset {end:#x}"))
        })?;
        let offset = number.saturating_mul(self.chunk_size);
        let expected = self.size.saturating_sub(offset).min(self.chunk_size);
        // A compressed chunk is hardly larger than its data. The last one can end at a later section.
        let most = self.chunk_size.saturating_add(self.chunk_size / 8).saturating_add(4096);
        let length = length.min(most).min(disk.size().saturating_sub(start));
        let bytes = bytes_at(&**disk, start, usize::try_from(length).unwrap_or(usize::MAX))?;
        let expected = usize::try_from(expected).unwrap_or(usize::MAX);
        if !is_packed {
            return stored_chunk(bytes, expected, start);
        }
        let chunk_size = usize::try_from(self.chunk_size).unwrap_or(usize::MAX);
        let mut chunk = inflate(&bytes, chunk_size, Form::Zlib)?;
        if chunk.len() < expected {
            let length = chunk.len();
            return Err(damaged(format!("the chunk holds {length} bytes, not {expected}")));
        }
        chunk.truncate(expected);
        Ok(chunk)
    }

    /// Returns the entries of a table.
    fn entries(&self, at: usize, table: &Table) -> io::Result<Arc<Vec<u8>>> {
        let cached = |entries: &[(usize, Arc<Vec<u8>>)]| {
            entries.iter().find(|(cached, _)| *cached == at).map(|(_, it)| Arc::clone(it))
        };
        let entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = cached(&entries) {
            return Ok(found);
        }
        drop(entries);
        let disk = self.segments.get(table.segment).ok_or_else(|| damaged("no such segment"))?;
        let read = Arc::new(table.entries(&**disk)?);
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        if entries.len() >= CACHED_TABLES {
            entries.remove(0);
        }
        entries.push((at, Arc::clone(&read)));
        Ok(read)
    }
}

/// Checks a chunk that is stored without compression: its data, then their checksum.
fn stored_chunk(mut bytes: Vec<u8>, expected: usize, start: u64) -> io::Result<Vec<u8>> {
    let Some((chunk, rest)) = bytes.split_at_checked(expected) else {
        let length = bytes.len();
        return Err(damaged(format!(
            "the chunk at offset {start:#x} holds {length} bytes, not {expected}"
        )));
    };
    if rest.len() >= 4 && rest.le32(0) != adler32(chunk) {
        let (found, computed) = (rest.le32(0), adler32(chunk));
        return Err(damaged(format!(
            "the checksum of the chunk at offset {start:#x} is {found:#010x}, and its bytes have \
             {computed:#010x}"
        )));
    }
    bytes.truncate(expected);
    Ok(bytes)
}

impl Disk for EwfDisk {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        read_pieces(self.size, offset, buffer, |at, rest| {
            let (number, inside) = block_of(at, self.chunk_size);
            let chunk = self.chunk(number)?;
            let from = chunk.get(usize::try_from(inside).unwrap_or(usize::MAX)..);
            let from = from.filter(|it| !it.is_empty()).ok_or_else(|| damaged("short chunk"))?;
            let length = from.len().min(rest.len());
            let (to, from) = (rest.get_mut(..length), from.get(..length).unwrap_or_default());
            to.unwrap_or_default().copy_from_slice(from);
            Ok(length)
        })
    }
}
