// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`ListEntry`]: the record that holds an attribute of a file with several records.

use crate::field::{u16_at, u32_at, u64_at};
use crate::ntfs::record::Reference;

/// Largest attribute list in bytes, as in Windows.
pub(super) const LARGEST: u64 = 256 << 10;
/// Shortest entry.
const SHORTEST: usize = 26;

/// The record that holds an attribute, or an extent of one.
#[derive(Clone, Copy, Debug)]
pub(super) struct ListEntry<'l> {
    /// Type of the attribute.
    pub(super) kind: u32,
    /// First cluster of the extent, counted from the start of the content.
    pub(super) first: u64,
    /// Record that holds the attribute.
    pub(super) record: Reference,
    /// Name of the attribute in UTF-16LE.
    pub(super) name: &'l [u8],
}

/// Returns the entries of an attribute list. The last is the one before an invalid entry.
pub(super) fn entries(list: &[u8]) -> impl Iterator<Item = ListEntry<'_>> {
    let mut rest = list;
    core::iter::from_fn(move || {
        let length = usize::from(u16_at(rest, 4)?);
        let (entry, after) = rest.split_at_checked(length).filter(|_| length >= SHORTEST)?;
        rest = after;
        let name_at = usize::from(*entry.get(7)?);
        let name_length = usize::from(*entry.get(6)?).saturating_mul(2);
        let name = match name_length {
            0 => &[],
            _ => entry.get(name_at..)?.get(..name_length)?,
        };
        Some(ListEntry {
            kind: u32_at(entry, 0)?,
            first: u64_at(entry, 8)?,
            record: Reference::new(u64_at(entry, 16)?),
            name,
        })
    })
}
