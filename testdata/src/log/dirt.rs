// SPDX-License-Identifier: MIT OR Apache-2.0

//! The old format of logs, up to Windows 8: a bitmap of dirty sectors, and the sectors.

use super::file::LogFile;
use super::update::{SECTOR, Update};
use crate::fields::Field;

/// Bytes of bins data per byte of the bitmap.
const BITMAP_BYTE: usize = 8 * SECTOR;

/// Writes an old-format log of file type 1, or 2 (to Windows 2000). Its base block is a copy of the
/// base block of `hive`, which should be the hive after the update: both timestamps have to be
/// equal.
///
/// # Panics
///
/// If a run of `update` is not aligned to sectors.
pub fn dirt(hive: &[u8], file_type: u32, sequence: u32, update: &Update) -> LogFile {
    let mut log = LogFile::new(hive, file_type, sequence);
    log.set("base", "bins_size", u64::from(update.bins_size)).seal();

    let mut runs: Vec<_> = update.runs.iter().collect();
    runs.sort_by_key(|run| run.offset);
    let mut bitmap = vec![0; update.bins_size as usize / BITMAP_BYTE];
    for run in &runs {
        assert!(run.offset.is_multiple_of(SECTOR as u32), "a run at {:#x}", run.offset);
        assert!(run.bytes.len().is_multiple_of(SECTOR), "a run of {} bytes", run.bytes.len());
        for sector in run.offset as usize / SECTOR..run.end() / SECTOR {
            bitmap[sector / 8] |= 1 << (sector % 8);
        }
    }
    let start = log.bytes.len();
    let mut fields = vec![Field::new("signature", 0, 4), Field::new("bitmap", 4, bitmap.len())];
    log.bytes.extend_from_slice(b"DIRT");
    log.bytes.extend(bitmap);
    log.bytes.resize(log.bytes.len().next_multiple_of(SECTOR), 0);
    let sectors = runs.iter().flat_map(|run| run.bytes.chunks(SECTOR));
    for (number, sector) in sectors.enumerate() {
        fields.push(Field::new(&format!("page {number}"), log.bytes.len() - start, SECTOR));
        log.bytes.extend_from_slice(sector);
    }
    log.add("dirt".to_owned(), start, fields);
    log
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::Run;
    use crate::tree::Tree;
    use crate::{Options, checksum, write};

    fn update(bins_size: u32, runs: &[(u32, usize, u8)]) -> Update {
        let run = |&(offset, len, byte)| Run { offset, bytes: vec![byte; len] };
        Update { bins_size, flags: 0, runs: runs.iter().map(run).collect() }
    }

    fn log(update: &Update) -> LogFile {
        dirt(&write(&Tree::new("ROOT"), &Options::default()).bytes, 1, 5, update)
    }

    #[test]
    fn log_layout_follows_the_format() {
        let log = log(&update(0x3000, &[(0x1600, 1024, 2), (0x200, 512, 1)]));
        let bytes = &log.bytes;
        let word = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap());
        assert_eq!([4, 8, 28, 40].map(word), [5, 5, 1, 0x3000]);
        assert_eq!(word(508), checksum(bytes));
        // Sectors 1, 11 and 12, the lowest bit first, then their bytes in order.
        assert_eq!(bytes[512..519], *b"DIRT\x02\x18\0");
        assert_eq!(bytes[1024..1536], [1; 512]);
        assert_eq!(bytes[1536..2560], [2; 1024]);
        assert_eq!(bytes.len(), 2560);
        assert_eq!(log.field("dirt", "page 1"), 1536..2048);
    }

    /// The bitmap of 508 pages fills the second sector to its end; one more page needs another.
    #[test]
    fn pages_begin_after_the_bitmap() {
        for (pages, start) in [(508, 1024), (509, 1536), (1020, 1536), (1021, 2048)] {
            let log = log(&update(pages * 4096, &[(0, 512, 1)]));
            assert_eq!(log.field("dirt", "page 0").start, start, "{pages} pages");
            assert_eq!(log.field("dirt", "bitmap").len(), pages as usize);
        }
    }
}
