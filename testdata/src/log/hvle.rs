// SPDX-License-Identifier: MIT OR Apache-2.0

//! The new format of logs, since Windows 8.1: entries with sequence numbers and hashes.

use super::file::{HASHED, LogFile};
use super::update::{SECTOR, Update};
use crate::fields::Field;
use crate::rng::Rng;

/// File type of a new-format log.
const FILE_TYPE: u32 = 6;

const HEADER: [(&str, usize, usize); 8] = [
    ("signature", 0, 4),
    ("size", 4, 4),
    ("flags", 8, 4),
    ("sequence", 12, 4),
    ("bins_size", 16, 4),
    ("pages", 20, 4),
    ("hash1", 24, 8),
    ("hash2", 32, 8),
];

/// Writes a new-format log, entry by entry.
///
/// ```
/// use hive_forge::log::{Hvle, Update};
/// use hive_forge::tree::Tree;
/// use hive_forge::{Options, write};
///
/// let before = write(&Tree::new("ROOT"), &Options::default()).bytes;
/// let mut tree = Tree::new("ROOT");
/// tree.root = tree.root.dword("Start", 3);
/// let after = write(&tree, &Options::default()).bytes;
/// let mut log = Hvle::new(&before, 7).entry(&Update::pages(&before, &after)).finish();
/// assert_eq!(log.get("entry 0", "sequence"), 7);
/// log.set("entry 0", "ref 0 offset", 0x7FFF_F000).rehash("entry 0");
/// ```
#[derive(Clone, Debug)]
pub struct Hvle {
    log: LogFile,
    /// Sequence number of the next entry.
    sequence: u32,
    alignment: usize,
    entries: usize,
}

impl Hvle {
    /// A log whose base block is a copy of the base block of `hive` with the number `sequence`. The
    /// first entry has the same number.
    pub fn new(hive: &[u8], sequence: u32) -> Self {
        let log = LogFile::new(hive, FILE_TYPE, sequence);
        Self { log, sequence, alignment: 4096, entries: 0 }
    }

    /// Alignment of the ends of entries in the log: 4096 as in all logs of Windows that were seen,
    /// or 512 as the format requires.
    #[must_use]
    pub fn alignment(mut self, alignment: usize) -> Self {
        assert!(alignment.is_multiple_of(SECTOR), "entries end at sectors");
        self.alignment = alignment;
        self
    }

    /// Adds an entry with the next number.
    #[must_use]
    pub fn entry(mut self, update: &Update) -> Self {
        self.push(self.sequence, update);
        self.sequence = self.sequence.wrapping_add(1);
        self
    }

    /// Adds an entry with another number, which readers do not apply.
    #[must_use]
    pub fn entry_numbered(mut self, sequence: u32, update: &Update) -> Self {
        self.push(sequence, update);
        self
    }

    /// Ends the log as if it had overwritten `older`: the end of a longer log remains, cut at the
    /// end of this log.
    #[must_use]
    pub fn over(mut self, older: &LogFile) -> Self {
        self.log.leave(older);
        self
    }

    /// Returns the log with `len` random bytes at its end.
    #[must_use]
    pub fn garbage(mut self, seed: u64, len: usize) -> Self {
        self.log.bytes.extend(Rng::new(seed).bytes(len));
        self
    }

    /// Returns the log.
    pub fn finish(self) -> LogFile {
        self.log
    }

    fn push(&mut self, sequence: u32, update: &Update) {
        let start = self.log.bytes.len();
        let mut fields: Vec<Field> =
            HEADER.iter().map(|&(name, offset, len)| Field::new(name, offset, len)).collect();
        let mut entry = b"HvLE".to_vec();
        for word in [0, update.flags, sequence, update.bins_size, update.runs.len() as u32] {
            entry.extend_from_slice(&word.to_le_bytes());
        }
        entry.resize(HASHED, 0);
        for (number, run) in update.runs.iter().enumerate() {
            fields.push(Field::new(&format!("ref {number} offset"), entry.len(), 4));
            fields.push(Field::new(&format!("ref {number} size"), entry.len() + 4, 4));
            entry.extend_from_slice(&run.offset.to_le_bytes());
            entry.extend_from_slice(&(run.bytes.len() as u32).to_le_bytes());
        }
        for (number, run) in update.runs.iter().enumerate() {
            fields.push(Field::new(&format!("page {number}"), entry.len(), run.bytes.len()));
            entry.extend_from_slice(&run.bytes);
        }
        let size = (start + entry.len()).next_multiple_of(self.alignment) - start;
        fields.push(Field::new("padding", entry.len(), size - entry.len()));
        entry.resize(size, 0);
        self.log.bytes.extend(entry);

        let name = format!("entry {}", self.entries);
        self.log.add(name.clone(), start, fields);
        self.log.set(&name, "size", size as u64).rehash(&name);
        if self.entries == 0 {
            // The base block of a log belongs to its first entry.
            self.log.set("base", "bins_size", u64::from(update.bins_size)).seal();
        }
        self.entries += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::{Run, marvin32};
    use crate::tree::Tree;
    use crate::{Options, checksum, write};

    fn update(runs: &[(u32, usize)]) -> Update {
        let run = |&(offset, len)| Run { offset, bytes: vec![0xAA; len] };
        Update { bins_size: 0x6000, flags: 1, runs: runs.iter().map(run).collect() }
    }

    fn new() -> Hvle {
        Hvle::new(&write(&Tree::new("ROOT"), &Options::default()).bytes, 0xFFFF_FFFE)
    }

    fn u32_at(bytes: &[u8], at: usize) -> u32 {
        u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap())
    }

    #[test]
    fn log_layout_follows_the_format() {
        let entries = [update(&[(0x3000, 8192), (0, 4096)]), update(&[(0, 4096)])];
        let log = new().alignment(512).entry(&entries[0]).entry(&entries[1]).entry(&entries[1]);
        let log = log.finish().bytes;
        assert_eq!(&log[..4], b"regf");
        let base: Vec<u32> = [4, 8, 28, 40].map(|at| u32_at(&log, at)).to_vec();
        assert_eq!(base, [0xFFFF_FFFE, 0xFFFF_FFFE, 6, 0x6000]);
        assert_eq!(u32_at(&log, 508), checksum(&log));
        // 40 bytes of header, two references and three pages: 12344 of 12800 bytes.
        assert_eq!(&log[512..516], b"HvLE");
        let header: Vec<u32> = (1..6).map(|word| u32_at(&log, 512 + 4 * word)).collect();
        assert_eq!(header, [12800, 1, 0xFFFF_FFFE, 0x6000, 2]);
        let references: Vec<u32> = (0..4).map(|word| u32_at(&log, 552 + 4 * word)).collect();
        assert_eq!(references, [0x3000, 8192, 0, 4096]);
        assert_eq!(log[568..568 + 12288], [0xAA; 12288]);
        assert!(log[568 + 12288..512 + 12800].iter().all(|&byte| byte == 0));
        let hash = |at: usize| u64::from_le_bytes(log[at..at + 8].try_into().unwrap());
        assert_eq!(hash(536), marvin32(&log[552..512 + 12800]));
        assert_eq!(hash(544), marvin32(&log[512..544]), "covers the first hash");
        // Numbers wrap around from their maximum to 0.
        let second = 512 + 12800;
        assert_eq!(&log[second..second + 4], b"HvLE");
        assert_eq!(u32_at(&log, second + 12), 0xFFFF_FFFF);
        assert_eq!(u32_at(&log, second + 4608 + 12), 0);
        assert_eq!(log.len(), second + 2 * 4608);
    }

    #[test]
    fn entries_end_at_page_boundaries() {
        let log = new().entry(&update(&[(0, 4096)])).entry(&update(&[(0, 4096)])).finish();
        assert_eq!(log.get("entry 0", "size"), 7680);
        assert_eq!(log.get("entry 1", "size"), 8192);
        assert_eq!(log.field("entry 1", "signature"), 8192..8196);
        assert_eq!(log.field("entry 1", "padding"), 8192 + 4144..16384);
    }

    #[test]
    fn older_entries_remain_after_the_log() {
        let one = update(&[(0, 4096)]);
        let older = new().entry(&one).entry(&one).entry(&one).finish();
        let log = new().entry(&update(&[(0, 8192)])).over(&older).garbage(1, 100).finish();
        // The second entry of the older log is cut, the third is whole.
        assert_eq!(log.records().collect::<Vec<_>>(), ["base", "entry 0", "left 0"]);
        assert_eq!(log.field("left 0", "signature"), 16384..16388);
        assert_eq!(log.bytes[log.field("left 0", "signature")], *b"HvLE");
        assert_eq!(log.bytes.len(), 24576 + 100);
    }

    #[test]
    fn rehashed_bad_value_has_good_hashes() {
        let mut log = new().entry(&update(&[(0, 4096)])).finish();
        let before = log.get("entry 0", "hash2");
        log.set("entry 0", "pages", 0xFFFF_FFFF);
        assert_ne!(log.get("entry 0", "hash2"), marvin32(&log.bytes[512..544]));
        log.rehash("entry 0");
        assert_eq!(log.get("entry 0", "hash2"), marvin32(&log.bytes[512..544]));
        assert_ne!(log.get("entry 0", "hash2"), before);
        // A reader hashes the smaller size.
        log.set("entry 0", "size", 512).rehash("entry 0");
        assert_eq!(log.get("entry 0", "hash1"), marvin32(&log.bytes[552..1024]));
        log.set("entry 0", "size", 10).rehash("entry 0");
        assert_eq!(log.get("entry 0", "hash1"), marvin32(&log.bytes[552..8192]));
    }

    #[test]
    #[should_panic(expected = "no field \"count\" in \"entry 0\"; it has signature, size")]
    fn unknown_field_panics_with_the_known_fields() {
        new().entry(&update(&[(0, 4096)])).finish().get("entry 0", "count");
    }
}
