// SPDX-License-Identifier: MIT OR Apache-2.0
//! Carving: hives, what is left of them, their logs, and licence tokens in bytes of any kind:
//! unallocated space, memory images, page files (REGF 9, LICENSING 1.2).
//!
//! [`carve`] reads a source of any length once, in windows: it takes some MiB of memory whatever the
//! length is. [`carve_bytes`] does the same where the bytes are in memory already.
//!
//! Base blocks, bins and log entries are looked for at multiples of 512, tokens at every byte. What
//! NTFS has compressed is recognized where a hive or a bin begins, unpacked, and carved in turn. Outside
//! hives and bins, keys and values are looked for at every even byte: in memory images and page files the
//! pages of a bin do not follow each other.
//!
//! What is found is told when its end is met, so not always in the order of offsets.

mod bins;
mod carver;
mod cells;
mod der;
mod entries;
mod extract;
pub mod lznt1;
mod token;
mod units;
mod window;

pub use extract::{Place, Unpacked, extract};

use std::io::{self, Read};

use crate::bytes::{CellOffset, FileOffset};
use crate::hive::base_block::BaseBlock;
use crate::log::Format;
use crate::recover::record::{KeyRecord, ValueRecord};
use crate::time::FileTime;
use carver::Carver;
use window::{Stream, Window};

/// Something that was found.
#[derive(Clone, Copy, Debug)]
pub struct Carved<'w> {
    /// Where it lies.
    pub place: Place,
    /// Whether all of it is there: all bins that a base block counts, all bytes that a token or the last
    /// bin of a run says it has.
    pub is_whole: bool,
    /// What it is.
    pub kind: Kind<'w>,
}

/// What was found.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Kind<'w> {
    /// The base block of a hive, with the bins that follow it without a gap: none where they lie
    /// elsewhere.
    Hive {
        /// Its base block. The checksum may be wrong.
        base_block: BaseBlock<'w>,
        /// Bytes of the bins that follow it, of those [`bins_size`](BaseBlock::bins_size) tells.
        bins: u64,
        /// The number of these bins.
        number: u32,
    },
    /// Bins that follow each other, without a base block before them.
    Bins {
        /// Where the first of them belongs in its hive.
        first: CellOffset,
        /// Their number.
        number: u32,
        /// The time in the first of them; only that of a hive's first bin means anything.
        time: FileTime,
    },
    /// A transaction log: the copy of a base block, with what follows it.
    Log {
        /// The copy.
        base_block: BaseBlock<'w>,
        /// Its format.
        format: Format,
        /// Pages of a log of the old format; entries of the new format that follow each other.
        number: u64,
    },
    /// An entry of a log of the new format, with both hashes right; one of a log, or by itself.
    LogEntry {
        /// Its sequence number.
        sequence: u32,
        /// The number of its pages.
        pages: u32,
        /// Bytes of all bins of the hive after it.
        bins_size: u32,
    },
    /// A container of certificates (PKCS #7) with Microsoft's extensions for licences; or what is left
    /// of one, which then may lack them.
    Token {
        /// Its bytes, as far as they are there and at most 256 KiB.
        bytes: &'w [u8],
        /// Whether an identifier of those extensions (1.3.6.1.4.1.311.18) is in it.
        has_extension: bool,
    },
    /// An identifier of those extensions outside such a container: a certificate, and those that lie
    /// beside it, or just the bytes around the identifier.
    TokenFragment {
        /// The bytes.
        bytes: &'w [u8],
        /// Where in them the identifier stands.
        at: usize,
    },
    /// A key outside all hives and bins, with a plausible time and its whole name. Its offsets lead
    /// nowhere: they count from the first bin of a hive that is not known.
    Key {
        /// The record.
        record: KeyRecord<'w>,
        /// The size of its cell, which stands before it: negative for one in use, positive for a free
        /// one. `None` where the number there is not one of a cell that can hold it.
        cell_size: Option<i32>,
    },
    /// A value outside all hives and bins, in a cell whose size fits. It is whole where it has no data
    /// elsewhere: those lie at an offset from the first bin of a hive that is not known.
    Value {
        /// The record.
        record: ValueRecord<'w>,
        /// The size of its cell, which stands before it: negative for one in use, positive for a free
        /// one.
        cell_size: i32,
    },
}

/// What takes up what is found.
type See<'s> = &'s mut dyn FnMut(Carved<'_>);

/// Reads `source` to its end and tells what is in it. `progress` is told the number of bytes that
/// are done, now and then. The number of all bytes comes back.
///
/// ```
/// # let forged = hive_forge::write(&hive_forge::tree::Tree::new("ROOT"), &Default::default());
/// # let raw = [&[7; 512], &forged.bytes[..], &[7; 512]].concat();
/// use calhive::recover::carve::{Kind, carve};
/// let mut found = Vec::new();
/// carve(&raw[..], |_done| {}, |carved| {
///     if let Kind::Hive { .. } = carved.kind {
///         found.push((carved.place.offset.get(), carved.is_whole));
///     }
///     Ok(())
/// })?;
/// assert_eq!(found, [(512, true)]);
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
/// Those of the source, after what was found up to there was told; and those of `see`.
pub fn carve(
    mut source: impl Read,
    mut progress: impl FnMut(u64),
    mut see: impl FnMut(Carved<'_>) -> io::Result<()>,
) -> io::Result<u64> {
    let mut stream = Stream::new(Carver::new());
    let mut result = Ok(());
    let mut see = |carved: Carved<'_>| {
        if result.is_ok() {
            result = see(carved);
        }
    };
    let mut seen = 0_u64;
    let read = loop {
        match source.read(stream.room(&mut see)) {
            Ok(0) => break Ok(()),
            Ok(count) => {
                stream.filled(count);
                let now = stream.length();
                if now.saturating_sub(seen) >= PROGRESS {
                    seen = now;
                    progress(now);
                }
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => break Err(error),
        }
    };
    let length = stream.length();
    stream.finish(&mut see);
    progress(length);
    result.and(read).map(|()| length)
}

/// How often progress is told, in bytes.
const PROGRESS: u64 = 8 << 20;

/// Tells what is in these bytes.
pub fn carve_bytes(bytes: &[u8], mut see: impl FnMut(Carved<'_>)) {
    let mut carver = Carver::new();
    let window = Window::new(bytes, 0);
    carver.scan(window, 0, window.end(), &mut see);
    carver.finish(window.end(), &mut see);
}

/// The unit of disks and logs, as a number of bytes of a source.
const SECTOR: u64 = crate::log::SECTOR as u64;

/// The place of something that is not compressed.
const fn place(offset: u64, length: u64) -> Place {
    Place { offset: FileOffset::new(offset), length, unpacked: None }
}
