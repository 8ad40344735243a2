// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`entries`]: the list of names that a folder holds (`$I30`).

use std::io;

use crate::disk::Disk as _;
use crate::field::{bytes_at, in_place, invalid, u16_at, u32_at, u64_at};
use crate::ntfs::attribute::kind;
use crate::ntfs::file_name::FileName;
use crate::ntfs::mft::Mft;
use crate::ntfs::record::{Record, Reference, apply_fixups};

/// Name of the attributes in UTF-16LE: `$I30`.
const NAME: &[u8] = b"$\0I\x003\x000\0";
/// Largest list that is read, in bytes.
const LARGEST: u64 = 64 << 20;

/// Bytes of lists that may still be read. Each list has bytes of its own on a sound volume.
#[derive(Debug)]
pub(super) struct Budget(pub(super) u64);
/// Offset of the index header in `$INDEX_ROOT`.
const IN_ROOT: usize = 16;
/// Offset of the index header in a block.
const IN_BLOCK: usize = 24;
/// Flag: the entry has no name and ends the block.
const LAST: u16 = 2;

/// A name in a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct IndexEntry {
    /// The file that the folder lists.
    pub(super) file: Reference,
    /// Name as one part of a path.
    pub(super) name: String,
    /// Size of the file in bytes, as the folder gives it.
    pub(super) size: u64,
}

/// Returns the names in a folder. Short names of files with a long name are left out.
///
/// # Errors
/// If a part of the list cannot be read, or if the budget does not pay for it.
pub(super) fn entries(
    mft: &Mft,
    folder: &Record<'_>,
    budget: &mut Budget,
) -> io::Result<Vec<IndexEntry>> {
    let mut bytes_of = |kind| bytes_of(mft, folder, kind, budget);
    let mut found = Vec::new();
    let root = bytes_of(kind::INDEX_ROOT)?;
    let root = root.ok_or_else(|| invalid("the folder has no list of names"))?;
    let block = u32_at(&root, 8).and_then(|size| usize::try_from(size).ok()).unwrap_or(0);
    read(&root, IN_ROOT, &mut found)?;
    let Some(mut blocks) = bytes_of(kind::INDEX_ALLOCATION)? else { return Ok(found) };
    let in_use = bytes_of(kind::BITMAP)?.unwrap_or_default();
    if block == 0 || !block.is_power_of_two() {
        return Err(invalid(format!("a block of the list has {block} bytes")));
    }
    for (number, bytes) in blocks.chunks_exact_mut(block).enumerate() {
        let bits = in_use.get(number >> 3).copied().unwrap_or(0);
        if bits >> (number & 7) & 1 == 0 {
            continue;
        }
        read_block(bytes, &mut found)
            .map_err(|error| in_place(format_args!("block {number} of the list"), &error))?;
    }
    Ok(found)
}

/// Returns whether a folder has a list of names.
pub(super) fn is_there(mft: &Mft, folder: &Record<'_>) -> bool {
    mft.content(folder, kind::INDEX_ROOT, NAME).is_ok_and(|content| content.is_some())
}

fn bytes_of(
    mft: &Mft,
    folder: &Record<'_>,
    kind: u32,
    budget: &mut Budget,
) -> io::Result<Option<Vec<u8>>> {
    let Some(content) = mft.content(folder, kind, NAME)? else { return Ok(None) };
    if content.size > LARGEST {
        return Err(invalid(format!("the list of names has {} bytes", content.size)));
    }
    let left = budget.0.checked_sub(content.size);
    budget.0 =
        left.ok_or_else(|| invalid("the lists of all folders have more bytes than the volume"))?;
    let mut bytes = vec![0; usize::try_from(content.size).unwrap_or(0)];
    mft.stream(folder.number, content)?.read_at(0, &mut bytes)?;
    Ok(Some(bytes))
}

fn read_block(bytes: &mut [u8], found: &mut Vec<IndexEntry>) -> io::Result<()> {
    let signature: [u8; 4] = bytes_at(bytes, 0).unwrap_or_default();
    if &signature != b"INDX" {
        let signature = signature.escape_ascii();
        return Err(invalid(format!("expected signature \"INDX\", found \"{signature}\"")));
    }
    apply_fixups(bytes)?;
    read(bytes, IN_BLOCK, found)
}

/// Reads the entries after an index header.
fn read(bytes: &[u8], header: usize, found: &mut Vec<IndexEntry>) -> io::Result<()> {
    let past_end = || invalid("an entry of the list goes past its end");
    let offset = |at: usize| {
        let field = u32_at(bytes, header.saturating_add(at))?;
        usize::try_from(field).ok()?.checked_add(header)
    };
    let (start, end) = offset(0).zip(offset(4)).ok_or_else(past_end)?;
    let mut rest = bytes.get(start..end).ok_or_else(past_end)?;
    while !rest.is_empty() {
        let length = usize::from(u16_at(rest, 8).ok_or_else(past_end)?);
        let flags = u16_at(rest, 12).ok_or_else(past_end)?;
        if flags & LAST != 0 {
            return Ok(());
        }
        let (entry, after) = rest.split_at_checked(length).ok_or_else(past_end)?;
        let content = entry.get(16..).ok_or_else(past_end)?;
        let name = FileName::parse(content).ok_or_else(past_end)?;
        if !name.is_short {
            let mut text = String::new();
            name.append_to(&mut text);
            let file = Reference::new(u64_at(entry, 0).unwrap_or(0));
            found.push(IndexEntry { file, name: text, size: u64_at(content, 48).unwrap_or(0) });
        }
        rest = after;
    }
    Err(invalid("the list has no last entry"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(record: u64, name: &str, namespace: u8) -> Vec<u8> {
        let mut content = vec![0; 66];
        content[48] = 7;
        content[64] = u8::try_from(name.len()).unwrap();
        content[65] = namespace;
        content.extend(name.encode_utf16().flat_map(u16::to_le_bytes));
        let mut entry = [&(record | 3 << 48).to_le_bytes()[..], &[0; 8], &content].concat();
        entry.resize(entry.len().next_multiple_of(8), 0);
        entry[8] = u8::try_from(entry.len()).unwrap();
        entry
    }

    fn list(entries: &[Vec<u8>], last: u8) -> Vec<u8> {
        let mut end = vec![0; 16];
        (end[8], end[12]) = (16, last);
        let entries = [entries.concat(), end].concat();
        let size = u32::try_from(entries.len() + 16).unwrap();
        [&[0; 16][..], &16_u32.to_le_bytes(), &size.to_le_bytes(), &[0; 8], &entries].concat()
    }

    #[test]
    fn names_of_a_list_are_read_up_to_its_last_entry() {
        let mut found = Vec::new();
        let bytes = list(&[entry(40, "SYSTEM", 1), entry(41, "SOFTWA~1", 2)], 2);
        read(&bytes, IN_ROOT, &mut found).unwrap();
        let file = Reference { record: 40, sequence: 3 };
        assert_eq!(found, [IndexEntry { file, name: "SYSTEM".into(), size: 7 }]);
    }

    #[test]
    fn damaged_list_is_an_error_and_ends() {
        let sound = list(&[entry(40, "SYSTEM", 1)], 2);
        for at in 16..sound.len() {
            for value in [0, 1, 0x7F, 0xFF] {
                let mut bytes = sound.clone();
                bytes[at] = value;
                let _ = read(&bytes, IN_ROOT, &mut Vec::new());
            }
        }
        assert!(read(&list(&[entry(40, "SYSTEM", 1)], 0), IN_ROOT, &mut Vec::new()).is_err());
        assert!(read(&sound[..60], IN_ROOT, &mut Vec::new()).is_err());
        assert!(read_block(&mut sound.clone(), &mut Vec::new()).is_err());
    }
}
