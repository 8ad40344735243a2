// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`pages_as_hive`]: a partial hive from transaction logs alone.

use alloc::vec::Vec;

use crate::bytes::Bytes;
use crate::hive::base_block::seal;
use crate::hive::fragment::{FURTHEST, head, minor, put, put_base_block, zeros};
use crate::log::hvle::LogEntry;
use crate::log::{Entries, Format, Log, Page};
use crate::offset::{BASE_BLOCK_LENGTH, FileOffset};
use crate::raw;

/// Builds a hive from the pages of logs whose hive is lost. The bytes between the pages are zeros.
///
/// The pages hold keys and values, but usually not the lists that led to these keys and values. Use
/// [`hidden`](crate::Hive::hidden) to find such keys and values. A walk does not find them.
///
/// All logs must belong to one hive. Their order does not matter. A log without a base block is
/// also accepted: a sequence of entries at multiples of 512.
///
/// - Every entry with valid hashes contributes its pages, older entries included. Where pages
///   overlap, the page with the newer sequence number wins.
/// - Pages that belong beyond the first 512 MiB of a hive are ignored. So are pages that are further behind the
///   first page than 4,096 times the length of the logs: no log of Windows covers so much with so little.
/// - The base block is synthetic. Time, version, root offset and file name come from the newest log
///   with an intact base block.
///
/// ```
/// # let state = hive_forge::log::states().into_iter().find(|it| !it.applied.is_empty()).unwrap();
/// # let logs: Vec<&[u8]> = state.logs.iter().map(|(_, log)| &log.bytes[..]).collect();
/// let bytes = calhive_regf::log::pages_as_hive(&logs).expect("they have pages");
/// let hive = calhive_regf::Hive::parse(&bytes)?;
/// # Ok::<(), calhive_regf::Error>(())
/// ```
///
/// Returns `None` if the logs have no page, or if there is not enough memory for the hive.
pub fn pages_as_hive(logs: &[&[u8]]) -> Option<Vec<u8>> {
    let mut sets: Vec<PageSet<'_>> = logs.iter().flat_map(|log| page_sets(log)).collect();
    // Sequence numbers wrap around. The sort key is therefore the distance from the number 2^31
    // before the newest number.
    let newest = sets.iter().map(|it| it.sequence).reduce(newer)?;
    sets.sort_by_key(|it| it.sequence.wrapping_sub(newest.wrapping_add(1 << 31)));
    let pages = || sets.iter().flat_map(|set| &set.pages);
    let first = pages().map(|page| u64::from(page.target.get())).min()?;
    let given = logs.iter().fold(0_u64, |sum, log| sum.saturating_add(log.len() as u64));
    let most = first.saturating_add(given.saturating_mul(SPAN));
    let is_near = |page: &&Page<'_>| end(page) <= most;
    let length = u32::try_from(pages().filter(is_near).map(end).max()?).ok()?;
    let length = length.checked_next_multiple_of(4096)?;
    let length = (BASE_BLOCK_LENGTH as usize).saturating_add(length as usize);
    let mut bytes = zeros(length)?;
    for page in pages().filter(is_near) {
        let at = usize::try_from(page.target.file_offset().get()).ok()?;
        put(&mut bytes, at, page.data.as_slice());
    }
    // The first bin at hand is the one of the first page.
    let gap = usize::try_from(first).ok()? & !0xFFF;
    let parts = pages().filter(is_near).map(|page| page.data.as_slice());
    let mut block = head(length, minor(parts), 0);
    if let Some(known) = sets.iter().rev().find_map(|set| set.head) {
        block.last_written = known.last_written;
        block.minor = known.minor;
        block.root = known.root;
        block.file_name = known.file_name;
        seal(&mut block);
    }
    put_base_block(&mut bytes, block, gap);
    Some(bytes)
}

/// Largest distance between the first page and the end of the last one, in lengths of the logs.
const SPAN: u64 = 4096;

/// Pages of one update.
struct PageSet<'d> {
    sequence: u32,
    pages: Vec<Page<'d>>,
    /// Base block of the log, if its checksum is valid.
    head: Option<&'d raw::BaseBlockHead>,
}

fn page_sets(bytes: &[u8]) -> Vec<PageSet<'_>> {
    let Ok(log) = Log::parse(bytes) else {
        let log = Bytes::new(bytes, FileOffset::default());
        return of_entries(Entries::new(log, 0), None);
    };
    let block = log.base_block();
    let head = Some(block.raw()).filter(|_| block.checksum_is_valid());
    match log.format() {
        Format::New => of_entries(log.entries(), head),
        Format::Old => {
            let pages = log.pages().filter(is_of_hive).collect();
            Vec::from([PageSet { sequence: block.sequence().0, pages, head }])
        }
    }
}

fn of_entries<'d>(entries: Entries<'d>, head: Option<&'d raw::BaseBlockHead>) -> Vec<PageSet<'d>> {
    let set = |entry: LogEntry<'d>| PageSet {
        sequence: entry.sequence(),
        pages: entry.pages().filter(is_of_hive).collect(),
        head,
    };
    entries.map(set).collect()
}

/// Returns the end of a page, from the first bin.
fn end(page: &Page<'_>) -> u64 {
    u64::from(page.target.get()).saturating_add(page.data.len() as u64)
}

fn is_of_hive(page: &Page<'_>) -> bool {
    end(page) <= u64::from(FURTHEST)
}

/// Returns the later of two sequence numbers.
const fn newer(one: u32, other: u32) -> u32 {
    if other.wrapping_sub(one) < 1 << 31 { other } else { one }
}
