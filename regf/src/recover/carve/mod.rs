// SPDX-License-Identifier: MIT OR Apache-2.0
//! Carving: finds hives, fragments, logs and the caller's signatures in raw bytes, such as unallocated
//! space, memory images and page files. See [regf.md](crate::format#fragments-and-carving).
//!
//! [`carve()`] reads a source of any length once and needs only a few MiB of memory.
//! [`carve_bytes`] searches bytes in memory.
//!
//! - Base blocks, bins and log entries are found at multiples of 512.
//! - The carver recognizes NTFS-compressed hives and bins by their first unit, decompresses them,
//!   and carves the result.
//! - Keys and values outside hives and bins are found at every even offset. This search matters for
//!   memory images and page files, where the pages of a bin are not adjacent.
//! - The caller's [`Signatures`] are found at every offset.
//!
//! The carver reports each item when its end is known. Items therefore do not always follow the
//! order of their offsets.

mod bins;
mod carver;
mod cells;
mod entries;
mod extract;
mod head;
pub mod lznt1;
mod place;
pub(super) mod signatures;
mod stream;
mod units;
mod window;

pub use extract::extract;
pub use place::{Place, Unpacked};
pub use signatures::{Match, Signatures};
pub use window::Window;

use std::io::{self, Read};

use crate::hive::base_block::BaseBlock;
use crate::log::Format;
use crate::offset::{CellOffset, FileOffset};
use crate::recover::record::{KeyRecord, ValueRecord};
use crate::time::FileTime;
use carver::Carver;
use stream::Stream;

/// An item found by carving.
#[derive(Clone, Copy, Debug)]
pub struct Carved<'w> {
    /// Place of the item.
    pub place: Place,
    /// Whether the item is complete: all bins that the base block counts, or all bytes of the last bin
    /// of a run.
    pub is_whole: bool,
    /// Kind of the item.
    pub kind: Kind<'w>,
}

/// Kind of an item found by carving.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Kind<'w> {
    /// Base block of a hive, with the bins directly after it. If no bin follows directly, the
    /// number of bins is 0.
    Hive {
        /// Base block. Its checksum can be wrong.
        base_block: BaseBlock<'w>,
        /// Size of the bins found, in bytes. [`bins_size`](BaseBlock::bins_size) is the expected size.
        bins: u64,
        /// Number of bins found.
        number: u32,
    },
    /// Run of adjacent bins without a base block.
    Bins {
        /// Place of the first bin in its hive.
        first: CellOffset,
        /// Number of bins.
        number: u32,
        /// Time in the first bin. Only the first bin of a hive has a meaningful time.
        time: FileTime,
    },
    /// Transaction log: copy of a base block, with the body of the log.
    Log {
        /// Copy of the base block.
        base_block: BaseBlock<'w>,
        /// Format of the log.
        format: Format,
        /// Number of pages in the old format; number of consecutive entries in the new format.
        number: u64,
    },
    /// Log entry of the new format with two valid hashes, inside or outside a log.
    LogEntry {
        /// Sequence number.
        sequence: u32,
        /// Number of pages.
        pages: u32,
        /// Size of all bins of the hive after the update, in bytes.
        bins_size: u32,
    },
    /// Match of the caller's [`Signatures`].
    Signature {
        /// Bytes of the match within the window.
        bytes: &'w [u8],
        /// Tag from the scanner. See [`Match::tag`].
        tag: u32,
    },
    /// Key outside all hives and bins, with a plausible time and its full name. The offsets in the
    /// record are unusable, because they count from the first bin of an unknown hive.
    Key {
        /// Record of the key.
        record: KeyRecord<'w>,
        /// Size of the cell, from the number before the record: negative for an allocated cell,
        /// positive for a free cell. `None` if the number is not the size of a cell that can hold
        /// the record.
        cell_size: Option<i32>,
    },
    /// Value outside all hives and bins, in a cell of matching size. If the data are in another
    /// cell, the value is incomplete, because the data offset counts from the first bin of an
    /// unknown hive.
    Value {
        /// Record of the value.
        record: ValueRecord<'w>,
        /// Size of the cell, from the number before the record: negative for an allocated cell, positive
        /// for a free cell.
        cell_size: i32,
    },
}

/// Receiver of the items found.
type See<'s> = &'s mut dyn FnMut(Carved<'_>);

/// Reads `source` to its end and passes each item found to `see`. Returns the length of the source.
///
/// `signatures` finds further items for the caller. `progress` receives the number of bytes read, every
/// 8 MiB and at the end.
///
/// ```
/// # let forged = hive_forge::write(&hive_forge::tree::Tree::new("ROOT"), &Default::default());
/// # let raw = [&[7; 512], &forged.bytes[..], &[7; 512]].concat();
/// use calhive_regf::recover::carve::{Kind, carve};
/// let mut found = Vec::new();
/// carve(&raw[..], None, |_done| {}, |carved| {
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
/// The errors of the source and of `see`. If the source fails, the function still reports the items
/// before the error.
pub fn carve(
    mut source: impl Read,
    signatures: Option<&dyn Signatures>,
    mut progress: impl FnMut(u64),
    mut see: impl FnMut(Carved<'_>) -> io::Result<()>,
) -> io::Result<u64> {
    let mut stream = Stream::new(Carver::new(signatures));
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

/// Bytes between calls of `progress`.
const PROGRESS: u64 = 8 << 20;

/// Passes each item in these bytes to `see`. See [`carve()`].
pub fn carve_bytes(
    bytes: &[u8],
    signatures: Option<&dyn Signatures>,
    mut see: impl FnMut(Carved<'_>),
) {
    let mut carver = Carver::new(signatures);
    let window = Window::new(bytes, 0);
    carver.scan(window, 0, window.end(), &mut see);
    carver.finish(window.end(), &mut see);
}

/// Alignment of base blocks, bins and log entries in a source.
const SECTOR: u64 = crate::log::SECTOR as u64;

/// Returns the place of an uncompressed item.
const fn place(offset: u64, length: u64) -> Place {
    Place { offset: FileOffset::new(offset), length, unpacked: None }
}
