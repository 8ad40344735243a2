// SPDX-License-Identifier: MIT OR Apache-2.0
//! Numbers and texts at fixed offsets of a structure, and errors about structures.

use std::io;

use crate::disk::Disk;

/// Fields of a structure in bytes. A byte after the end reads as 0: the caller checks the length first.
pub(crate) trait Fields {
    /// Returns the `N` bytes at an offset.
    fn array<const N: usize>(&self, at: usize) -> [u8; N];

    /// Returns a little-endian number of 16 bits.
    fn le16(&self, at: usize) -> u16 {
        u16::from_le_bytes(self.array(at))
    }

    /// Returns a little-endian number of 32 bits.
    fn le32(&self, at: usize) -> u32 {
        u32::from_le_bytes(self.array(at))
    }

    /// Returns a little-endian number of 64 bits.
    fn le64(&self, at: usize) -> u64 {
        u64::from_le_bytes(self.array(at))
    }

    /// Returns a big-endian number of 32 bits.
    fn be32(&self, at: usize) -> u32 {
        u32::from_be_bytes(self.array(at))
    }

    /// Returns a big-endian number of 64 bits.
    fn be64(&self, at: usize) -> u64 {
        u64::from_be_bytes(self.array(at))
    }

    /// Returns whether these bytes are at an offset.
    fn has(&self, at: usize, expected: &[u8]) -> bool;
}

impl Fields for [u8] {
    fn array<const N: usize>(&self, at: usize) -> [u8; N] {
        let mut array = [0; N];
        for (to, from) in array.iter_mut().zip(self.get(at..).unwrap_or_default()) {
            *to = *from;
        }
        array
    }

    fn has(&self, at: usize, expected: &[u8]) -> bool {
        self.get(at..).is_some_and(|rest| rest.starts_with(expected))
    }
}

/// Returns an error about a structure that does not follow its format.
pub(crate) fn damaged(message: impl Into<String>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, message.into())
}

/// Returns an error about a format, or a form of a format, that calhive does not read.
pub(crate) fn unsupported(message: impl Into<String>) -> io::Error {
    io::Error::new(io::ErrorKind::Unsupported, message.into())
}

/// Reads `length` bytes at an offset. The caller limits `length`.
pub(crate) fn bytes_at(disk: &dyn Disk, offset: u64, length: usize) -> io::Result<Vec<u8>> {
    if offset.checked_add(length as u64).is_none_or(|end| end > disk.size()) {
        return Err(crate::disk::past_end(offset, length, disk.size()));
    }
    let mut bytes = vec![0; length];
    disk.read_at(offset, &mut bytes)?;
    Ok(bytes)
}

/// Returns the number of the block that an offset is in, and the offset inside this block.
pub(crate) const fn block_of(offset: u64, block_size: u64) -> (u64, u64) {
    match (offset.checked_div(block_size), offset.checked_rem(block_size)) {
        (Some(block), Some(inside)) => (block, inside),
        _ => (0, offset),
    }
}

/// Returns at most `most` bytes from the start of a disk.
pub(crate) fn head_of(disk: &dyn Disk, most: usize) -> io::Result<Vec<u8>> {
    let length = usize::try_from(disk.size()).unwrap_or(usize::MAX).min(most);
    bytes_at(disk, 0, length)
}

/// Returns a GUID as text, from its bytes on disk: the first three groups are little-endian.
pub(crate) fn guid(bytes: [u8; 16]) -> String {
    let tail: String = bytes.iter().skip(10).map(|byte| format!("{byte:02x}")).collect();
    let (first, second, third) = (bytes.le32(0), bytes.le16(4), bytes.le16(6));
    let fourth = u16::from_be_bytes(bytes.array(8));
    format!("{first:08x}-{second:04x}-{third:04x}-{fourth:04x}-{tail}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_after_the_end_read_as_zero() {
        let bytes = [1, 2, 3];
        assert_eq!(bytes.le16(0), 0x0201);
        assert_eq!(bytes.le32(1), 0x0302);
        assert_eq!(bytes.be32(0), 0x0102_0300);
        assert_eq!(bytes.le64(9), 0);
        assert!(bytes.has(1, &[2, 3]) && !bytes.has(2, &[3, 0]));
    }

    #[test]
    fn guid_swaps_its_first_three_groups() {
        let mut bytes = [0; 16];
        bytes.iter_mut().zip(0_u8..).for_each(|(byte, at)| *byte = at);
        assert_eq!(guid(bytes), "03020100-0504-0706-0809-0a0b0c0d0e0f");
    }
}
