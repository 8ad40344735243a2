// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`pages_as_hive`]: what transaction logs hold of a hive that is lost.

use alloc::vec::Vec;

use crate::bytes::{BASE_BLOCK_LENGTH, Bytes, FileOffset};
use crate::hive::base_block::seal;
use crate::hive::fragment::{FURTHEST, head, minor, put, put_base_block, zeros};
use crate::log::hvle::Entry;
use crate::log::{Entries, Format, Log, Page};
use crate::raw;

/// The pages of logs in their places, in an otherwise empty hive, for logs whose hive is lost. Keys and
/// values are there as far as they stand in the pages; most without the list that led to them, so
/// [`hidden`](crate::Hive::hidden) finds them rather than a walk.
///
/// The logs are those of one hive, given in any order. Each may also be entries alone, at multiples of
/// 512, without the base block before them. Pages of all entries with right hashes are taken, in the order of their
/// sequence numbers: those left over from earlier updates too, under the newer ones. Pages that belong more than
/// 512 MiB into a hive are left out. The base block is made up, but for what that of a log tells.
///
/// ```
/// # let state = hive_forge::log::states().into_iter().find(|it| !it.applied.is_empty()).unwrap();
/// # let logs: Vec<&[u8]> = state.logs.iter().map(|(_, log)| &log.bytes[..]).collect();
/// let bytes = calhive::log::pages_as_hive(&logs).expect("they have pages");
/// let hive = calhive::Hive::parse(&bytes)?;
/// # Ok::<(), calhive::Error>(())
/// ```
///
/// `None` where the logs have no page, or there is no room for the hive.
pub fn pages_as_hive(logs: &[&[u8]]) -> Option<Vec<u8>> {
    let mut updates: Vec<Update<'_>> = logs.iter().flat_map(|log| updates(log)).collect();
    // Numbers wrap: they are compared by how far they are from half the circle before the newest.
    let newest = updates.iter().map(|it| it.sequence).reduce(newer)?;
    updates.sort_by_key(|it| it.sequence.wrapping_sub(newest.wrapping_add(1 << 31)));
    let end = updates.iter().flat_map(|update| update.pages.iter().map(end)).max()?;
    let length = u32::try_from(end).ok()?.checked_next_multiple_of(4096)?;
    let length = (BASE_BLOCK_LENGTH as usize).saturating_add(length as usize);
    let mut bytes = zeros(length)?;
    for page in updates.iter().flat_map(|update| &update.pages) {
        let at = usize::try_from(page.target.file_offset().get()).ok()?;
        put(&mut bytes, at, page.data.as_slice());
    }
    let bins = bytes.get(BASE_BLOCK_LENGTH as usize..).unwrap_or_default();
    let mut block = head(length, minor(bins), 0);
    if let Some(known) = updates.iter().rev().find_map(|update| update.head) {
        block.last_written = known.last_written;
        block.minor = known.minor;
        block.root = known.root;
        block.file_name = known.file_name;
        seal(&mut block);
    }
    put_base_block(&mut bytes, block);
    Some(bytes)
}

/// Pages that were written together.
struct Update<'d> {
    sequence: u32,
    pages: Vec<Page<'d>>,
    /// The base block of the log that they are in.
    head: Option<&'d raw::BaseBlockHead>,
}

fn updates(bytes: &[u8]) -> Vec<Update<'_>> {
    let Ok(log) = Log::parse(bytes) else {
        let log = Bytes::new(bytes, FileOffset::default());
        let left = bytes.len().saturating_mul(4);
        return of_entries(Entries { log, at: 0, left }, None);
    };
    let block = log.base_block();
    let head = Some(block.raw()).filter(|_| block.checksum_is_valid());
    match log.format() {
        Format::New => of_entries(log.entries(), head),
        Format::Old => {
            let pages = log.pages().filter(is_near).collect();
            Vec::from([Update { sequence: block.sequence().0, pages, head }])
        }
    }
}

fn of_entries<'d>(entries: Entries<'d>, head: Option<&'d raw::BaseBlockHead>) -> Vec<Update<'d>> {
    let update = |entry: Entry<'d>| Update {
        sequence: entry.sequence(),
        pages: entry.pages().filter(is_near).collect(),
        head,
    };
    entries.map(update).collect()
}

/// Where a page ends in the bins.
fn end(page: &Page<'_>) -> u64 {
    u64::from(page.target.get()).saturating_add(page.data.len() as u64)
}

fn is_near(page: &Page<'_>) -> bool {
    end(page) <= u64::from(FURTHEST)
}

/// The later of two sequence numbers.
const fn newer(one: u32, other: u32) -> u32 {
    if other.wrapping_sub(one) < 1 << 31 { other } else { one }
}
