// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Mft`]: the `$MFT`, the file that holds all file records.

use alloc::sync::Arc;
use core::fmt;
use core::sync::atomic::{AtomicU64, Ordering};
use std::io;

use crate::disk::Disk;
use crate::field::{in_place, invalid};
use crate::ntfs::attribute::{Attribute, Body, kind};
use crate::ntfs::attribute_list::{LARGEST, entries};
use crate::ntfs::boot_sector::BootSector;
use crate::ntfs::content::Content;
use crate::ntfs::record::{Record, Reference};
use crate::ntfs::runs::Run;
use crate::ntfs::stream::Stream;

/// Each further record belongs to one file, and callers open a file a few times.
const READS_PER_RECORD: u64 = 16;
/// Smallest limit for reads of further records.
const FEWEST_READS: u64 = 1 << 16;

/// The `$MFT`, the file that holds all file records.
pub(super) struct Mft {
    disk: Arc<dyn Disk>,
    boot: BootSector,
    stream: Stream,
    further_reads: AtomicU64,
}

impl Mft {
    /// Finds all parts of the `$MFT`. Returns also what is lost of it.
    ///
    /// # Errors
    /// If record 0 and its copy in `$MFTMirr` are damaged.
    pub(super) fn open(disk: Arc<dyn Disk>, boot: BootSector) -> io::Result<(Self, Vec<String>)> {
        let mut buffer = vec![0; usize::try_from(boot.record).unwrap_or(0)];
        let mut lost = Vec::new();
        match Self::start(&disk, boot, boot.mft, &mut buffer) {
            Ok((mft, record)) => Ok(mft.whole(&record, lost)),
            Err(error) => {
                let copy = Self::start(&disk, boot, boot.mft_mirror, &mut buffer);
                let Ok((mft, record)) = copy else { return Err(error) };
                lost.push(format!("{error}; calhive read its copy in $MFTMirr"));
                Ok(mft.whole(&record, lost))
            }
        }
    }

    /// Returns the size of the volume in bytes.
    pub(super) fn volume_size(&self) -> u64 {
        self.disk.size()
    }

    /// Returns the number of records.
    pub(super) fn records(&self) -> u64 {
        let room =
            self.stream.runs().map_or(0, |runs| runs.end()).saturating_mul(self.boot.cluster);
        let bytes = self.stream.initialized().min(room).min(self.disk.size());
        bytes.checked_div(self.boot.record).unwrap_or(0)
    }

    /// Returns the size of a record in bytes.
    pub(super) fn record_size(&self) -> usize {
        usize::try_from(self.boot.record).unwrap_or(0)
    }

    /// Returns the place of a record, as the start of a message.
    pub(super) fn place(&self, number: u64) -> String {
        match self.stream.place(number.saturating_mul(self.boot.record)) {
            Some(offset) => format!("MFT record {number} at volume offset {offset:#x}"),
            None => format!("MFT record {number}"),
        }
    }

    /// Returns the error, with the place of the record before its message.
    pub(super) fn in_record(&self, number: u64, error: &io::Error) -> io::Error {
        in_place(self.place(number), error)
    }

    /// Reads the bytes of records from this one on.
    ///
    /// # Errors
    /// If a byte cannot be read.
    pub(super) fn read_bytes(&self, number: u64, buffer: &mut [u8]) -> io::Result<()> {
        self.stream.read_at(number.saturating_mul(self.boot.record), buffer)
    }

    /// Reads a record.
    ///
    /// # Errors
    /// If the record cannot be read, is damaged, or was never used.
    pub(super) fn read<'b>(&self, number: u64, buffer: &'b mut Vec<u8>) -> io::Result<Record<'b>> {
        buffer.resize(self.record_size(), 0);
        let record = self.read_bytes(number, buffer).and_then(|()| Record::parse(number, buffer));
        match record {
            Ok(Some(record)) => Ok(record),
            Ok(None) => Err(invalid(format!("{}: the record is empty", self.place(number)))),
            Err(error) => Err(self.in_record(number, &error)),
        }
    }

    /// Finds the content of an attribute. `base` is the base record of the file.
    ///
    /// # Errors
    /// If a record, the attribute list or a data run is damaged.
    pub(super) fn content(
        &self,
        base: &Record<'_>,
        kind: u32,
        name: &[u8],
    ) -> io::Result<Option<Content>> {
        let place = || self.place(base.number);
        let content = self.content_of(base, kind, name);
        content.map_err(|error| in_place(place(), &error))
    }

    /// Returns the bytes of a content in this record.
    ///
    /// # Errors
    /// If data runs are missing, or the compression unit is too large.
    pub(super) fn stream(&self, record: u64, content: Content) -> io::Result<Stream> {
        let stream = content
            .check_runs(self.boot.cluster)
            .and_then(|()| Stream::new(Arc::clone(&self.disk), record, self.boot.cluster, content));
        stream.map_err(|error| in_place(self.place(record), &error))
    }

    fn content_of(&self, base: &Record<'_>, kind: u32, name: &[u8]) -> io::Result<Option<Content>> {
        let Some(list) = self.list(base)? else {
            return find(base, kind, name, 0)?.map(|first| Content::new(&first)).transpose();
        };
        let mut parts: Vec<_> =
            entries(&list).filter(|entry| entry.kind == kind && entry.name == name).collect();
        parts.sort_by_key(|entry| entry.first);
        let mut content: Option<Content> = None;
        let mut buffer = Vec::new();
        for part in parts {
            let record = match part.record.record == base.number {
                true => *base,
                false => self.further(part.record, base, &mut buffer)?,
            };
            let extent = find(&record, kind, name, part.first)?.ok_or_else(|| {
                let (place, first) = (self.place(record.number), part.first);
                invalid(format!("{place} lacks the attribute {kind:#x} from cluster {first} on"))
            })?;
            match &mut content {
                None => content = Some(Content::new(&extent)?),
                Some(content) => content.append(&extent)?,
            }
        }
        Ok(content)
    }

    /// Reads a further record of the file with this base record.
    fn further<'b>(
        &self,
        reference: Reference,
        base: &Record<'_>,
        buffer: &'b mut Vec<u8>,
    ) -> io::Result<Record<'b>> {
        let most = self.records().saturating_mul(READS_PER_RECORD).max(FEWEST_READS);
        if self.further_reads.fetch_add(1, Ordering::Relaxed) >= most {
            return Err(invalid("attribute lists of the volume name too many records"));
        }
        let record = self.read(reference.record, buffer)?;
        let is_meant = reference.means(record.reference().sequence, record.is_in_use());
        let belongs = record.base().is_some_and(|of| {
            of.record == base.number && of.means(base.reference().sequence, base.is_in_use())
        });
        if !is_meant || !belongs || base.is_in_use() && !record.is_in_use() {
            let place = self.place(record.number);
            return Err(invalid(format!("{place} belongs to another file by now")));
        }
        Ok(record)
    }

    /// Whether the attribute list of a file names a further record.
    pub(super) fn lists(&self, base: &Record<'_>, further: u64) -> bool {
        let list = self.list(base).ok().flatten();
        list.is_some_and(|list| entries(&list).any(|entry| entry.record.record == further))
    }

    fn list(&self, base: &Record<'_>) -> io::Result<Option<Vec<u8>>> {
        let Some(attribute) = find(base, kind::ATTRIBUTE_LIST, &[], 0)? else { return Ok(None) };
        let content = Content::new(&attribute)?;
        if content.size > LARGEST {
            let size = content.size;
            return Err(invalid(format!("an attribute list of {size} bytes is too large")));
        }
        let mut list = vec![0; usize::try_from(content.size).unwrap_or(0)];
        self.stream(base.number, content)?.read_at(0, &mut list)?;
        Ok(Some(list))
    }

    /// Returns the part of the `$MFT` that record 0 names, and the record. The record is read at `offset`.
    fn start<'b>(
        disk: &Arc<dyn Disk>,
        boot: BootSector,
        offset: u64,
        buffer: &'b mut [u8],
    ) -> io::Result<(Self, Record<'b>)> {
        let parsed = Self::parse_start(disk, boot, offset, buffer);
        parsed.map_err(|error| {
            in_place(format_args!("MFT record 0 at volume offset {offset:#x}"), &error)
        })
    }

    fn parse_start<'b>(
        disk: &Arc<dyn Disk>,
        boot: BootSector,
        offset: u64,
        buffer: &'b mut [u8],
    ) -> io::Result<(Self, Record<'b>)> {
        disk.read_at(offset, buffer)?;
        let record = Record::parse(0, buffer)?.ok_or_else(|| invalid("the record is empty"))?;
        let data = find(&record, kind::DATA, &[], 0)?;
        let data = data.ok_or_else(|| invalid("the record lacks the data of the $MFT"))?;
        let content = Content::new(&data)?;
        let has_holes = |run: Run| run.place.is_none();
        if content.runs().is_none_or(|runs| runs.iter().any(has_holes)) {
            return Err(invalid("the data runs of the $MFT have holes"));
        }
        let stream = Stream::new(Arc::clone(disk), 0, boot.cluster, content)?;
        let mft = Self { disk: Arc::clone(disk), boot, stream, further_reads: AtomicU64::new(0) };
        Ok((mft, record))
    }

    /// Adds the parts of a fragmented `$MFT` that further records name. Each lies in a part that is already known.
    fn whole(mut self, record: &Record<'_>, mut lost: Vec<String>) -> (Self, Vec<String>) {
        if let Err(error) = self.add_parts(record) {
            let records = self.records();
            lost.push(format!("MFT records from {records} on cannot be found: {error}"));
        }
        let declared = self.stream.initialized().checked_div(self.boot.record).unwrap_or(0);
        if lost.is_empty() && declared > self.records() {
            let records = self.records();
            lost.push(format!("the $MFT has clusters for {records} of {declared} records"));
        }
        (self, lost)
    }

    fn add_parts(&mut self, base: &Record<'_>) -> io::Result<()> {
        let Some(list) = self.list(base)? else { return Ok(()) };
        let is_part = |kind: u32, name: &[u8], first: u64| {
            kind == kind::DATA && name.is_empty() && first != 0
        };
        let mut parts: Vec<_> =
            entries(&list).filter(|entry| is_part(entry.kind, entry.name, entry.first)).collect();
        parts.sort_by_key(|entry| entry.first);
        let mut buffer = Vec::new();
        for part in parts {
            let record = self.further(part.record, base, &mut buffer)?;
            let extent = find(&record, kind::DATA, &[], part.first)?;
            let extent = extent.ok_or_else(|| invalid("a further record lacks data runs"))?;
            if let (Body::Extent(extent), Some(runs)) = (extent.body, self.stream.runs_mut()) {
                runs.append(&extent)?;
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Mft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mft").field("stream", &self.stream).finish_non_exhaustive()
    }
}

/// Finds an attribute of a record, or the extent of one that starts with this cluster.
fn find<'r>(
    record: &Record<'r>,
    kind: u32,
    name: &[u8],
    first: u64,
) -> io::Result<Option<Attribute<'r>>> {
    for attribute in record.attributes() {
        let attribute = attribute?;
        if attribute.kind == kind && attribute.name == name && attribute.first() == first {
            return Ok(Some(attribute));
        }
    }
    Ok(None)
}
