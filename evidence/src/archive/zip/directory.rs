// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`extents`]: the bytes of the central directory and of its end records.

use alloc::sync::Arc;
use core::ops::Range;
use std::io;

use crate::disk::Disk;
use crate::field::{u16_at, u32_at, u64_at};

/// Signature of the end record, the last part of an archive before its comment.
const END: &[u8; 4] = b"PK\x05\x06";
/// Signature of the locator of the end record with 64 bits, directly before the end record.
const LOCATOR: &[u8; 4] = b"PK\x06\x07";
/// Signature of an entry of the directory.
const ENTRY: &[u8; 4] = b"PK\x01\x02";
/// Length of an entry without its name, its extra fields and its comment.
const ENTRY_LENGTH: usize = 46;
/// Lengths of the end record without its comment, of the locator, and of the record with 64 bits.
const LENGTHS: [u64; 3] = [22, 20, 56];
/// Longest comment.
const COMMENT: u64 = u16::MAX as u64;

/// Returns the bytes of the entries of the central directory, and those of the end records with the comment. The size
/// of the directory leads to it, not its offset: bytes before the archive do not move it. Empty if the last end record
/// leads to no directory.
///
/// # Errors
/// If the bytes cannot be read.
pub(super) fn extents(disk: &Arc<dyn Disk>) -> io::Result<Vec<Range<u64>>> {
    let [length, of_locator, of_record] = LENGTHS;
    let (mut records, record) = end_record(disk)?;
    let (Some(directory), Some(comment)) = (u32_at(&record, 12), u16_at(&record, 20)) else {
        return Ok(Vec::new());
    };
    let end = records.saturating_add(length).saturating_add(comment.into()).min(disk.size());
    let mut directory = Some(u64::from(directory));
    let mut locator = [0; 20];
    let before = records.checked_sub(of_locator);
    if before.is_some_and(|before| disk.read_at(before, &mut locator).is_ok())
        && locator.starts_with(LOCATOR)
    {
        records = before.and_then(|before| before.checked_sub(of_record)).unwrap_or(records);
        let mut record = [0; 56];
        disk.read_at(records, &mut record)?;
        directory = u64_at(&record, 40);
    }
    let start = directory.and_then(|directory| records.checked_sub(directory));
    let entries = start.map(|start| entries(disk, start, records)).transpose()?;
    Ok(entries.into_iter().chain(core::iter::once(records..end)).collect())
}

/// Returns the offset of the comment of the archive, and the comment.
///
/// # Errors
/// If the bytes cannot be read.
pub(super) fn comment(disk: &Arc<dyn Disk>) -> io::Result<(u64, Vec<u8>)> {
    let [length, ..] = LENGTHS;
    let mut last = [0; 22];
    let start = disk.size().saturating_sub(length);
    if disk.read_at(start, &mut last).is_ok() && last.starts_with(END) && last.ends_with(&[0, 0]) {
        return Ok((disk.size(), Vec::new()));
    }
    let (at, record) = end_record(disk)?;
    let stated = u16_at(&record, 20).map_or(0, usize::from);
    let after = record.get(usize::try_from(length).unwrap_or(0)..).unwrap_or_default();
    let comment = after.get(..stated).unwrap_or(after);
    Ok((at.saturating_add(length), comment.to_vec()))
}

/// Returns the offset of the end record, and the bytes from there on. Empty if there is no end record.
fn end_record(disk: &Arc<dyn Disk>) -> io::Result<(u64, Vec<u8>)> {
    let [length, ..] = LENGTHS;
    let start = disk.size().saturating_sub(length.saturating_add(COMMENT));
    let mut tail = vec![0; usize::try_from(disk.size().saturating_sub(start)).unwrap_or(0)];
    disk.read_at(start, &mut tail)?;
    let Some(at) = tail.windows(END.len()).rposition(|four| four == END) else {
        return Ok((0, Vec::new()));
    };
    let record = tail.get(at..).unwrap_or_default().to_vec();
    Ok((start.saturating_add(at as u64), record))
}

/// Returns the entries that follow each other from `start` on, at most up to `end`.
fn entries(disk: &Arc<dyn Disk>, start: u64, end: u64) -> io::Result<Range<u64>> {
    let mut at = start;
    while at.saturating_add(ENTRY_LENGTH as u64) <= end {
        let mut entry = [0; ENTRY_LENGTH];
        disk.read_at(at, &mut entry)?;
        if !entry.starts_with(ENTRY) {
            break;
        }
        let lengths = [28, 30, 32].map(|field| u64::from(u16_at(&entry, field).unwrap_or(0)));
        let next = lengths
            .iter()
            .fold(at.saturating_add(ENTRY_LENGTH as u64), |sum, it| sum.saturating_add(*it));
        if next > end {
            break;
        }
        at = next;
    }
    Ok(start..at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn archive(directory: &[u8], rest: &[u8], comment: &[u8], after: &[u8]) -> Arc<dyn Disk> {
        let length = u16::try_from(comment.len()).unwrap().to_le_bytes();
        let size = u32::try_from(directory.len() + rest.len()).unwrap().to_le_bytes();
        let end = [&END[..], &[0; 8], &size, &[0; 4], &length].concat();
        Arc::new([&[1; 100], directory, rest, &end[..], comment, after].concat())
    }

    fn entry(name: u8) -> Vec<u8> {
        let mut entry = [&ENTRY[..], &vec![0; 42 + usize::from(name)]].concat();
        entry[28] = name;
        entry
    }

    #[test]
    fn directory_is_its_entries_and_its_end_record_with_the_comment() {
        let two = [entry(5), entry(0)].concat();
        assert_eq!(extents(&archive(&two, b"", b"", b"")).unwrap(), [100..197, 197..219]);
        let more = extents(&archive(&two, b"hidden", b"words", b"more")).unwrap();
        assert_eq!(more, [100..197, 203..230]);
        let none: Arc<dyn Disk> = Arc::new(vec![0; 50]);
        assert!(extents(&none).unwrap().is_empty());
    }

    #[test]
    fn size_of_64_bits_is_in_the_record_before_the_locator() {
        let mut record = [0; 56];
        record[40] = 46;
        let locator = [&LOCATOR[..], &[0; 16]].concat();
        let end = [&END[..], &[0; 8], &[0xFF; 8], &[0; 2]].concat();
        let parts = [&[1; 54][..], &entry(0), &record, &locator, &end].concat();
        let disk: Arc<dyn Disk> = Arc::new(parts);
        assert_eq!(extents(&disk).unwrap(), [54..100, 100..198]);
    }
}
