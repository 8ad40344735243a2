// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Record`]: a file record of the `$MFT` (`FILE`).

use core::fmt;
use std::io;

use crate::field::{bytes_at, invalid, u16_at, u32_at, u64_at};
use crate::ntfs::attribute::Attributes;

/// Smallest distance between two fixups in bytes.
const STRIDE: usize = 512;
/// Flag: the record belongs to a file that exists.
const IN_USE: u16 = 1;
/// Flag: the file is a folder.
const FOLDER: u16 = 2;

/// Number of a file record, and the use of this record that is meant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Reference {
    /// Number of the record.
    pub(super) record: u64,
    /// Number of the use. Each new file in the record has the next one.
    pub(super) sequence: u16,
}

impl Reference {
    /// Returns the reference in a 64-bit field.
    pub(super) fn new(field: u64) -> Self {
        let sequence = u16::try_from(field >> 48).unwrap_or(0);
        Self { record: field & 0xFFFF_FFFF_FFFF, sequence }
    }

    /// Returns whether a record is the one that is meant. Windows raises the number of a record that it frees.
    pub(super) fn means(self, sequence: u16, is_in_use: bool) -> bool {
        sequence == self.sequence || !is_in_use && sequence == next(self.sequence)
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.record, self.sequence)
    }
}

/// Returns the number of the next use. 0 is left out.
fn next(sequence: u16) -> u16 {
    sequence.checked_add(1).unwrap_or(1)
}

/// A file record with its fixups applied.
#[derive(Clone, Copy)]
pub(super) struct Record<'b> {
    /// Number of the record.
    pub(super) number: u64,
    bytes: &'b [u8],
}

impl<'b> Record<'b> {
    /// Applies the fixups of a record. Returns `None` for a record that was never used.
    ///
    /// # Errors
    /// If the signature or a fixup is wrong.
    pub(super) fn parse(number: u64, bytes: &'b mut [u8]) -> io::Result<Option<Self>> {
        let signature: [u8; 4] = bytes_at(bytes, 0).unwrap_or_default();
        match &signature {
            b"FILE" => {}
            [0, 0, 0, 0] if bytes.iter().all(|byte| *byte == 0) => return Ok(None),
            [0, 0, 0, 0] => return Err(invalid("its signature is zero, and the rest is not")),
            b"BAAD" => return Err(invalid("Windows found it damaged (signature \"BAAD\")")),
            _ => {
                let found = signature.escape_ascii();
                return Err(invalid(format!("expected signature \"FILE\", found \"{found}\"")));
            }
        }
        apply_fixups(bytes)?;
        Ok(Some(Self { number, bytes }))
    }

    /// Returns the reference that means this record.
    pub(super) fn reference(&self) -> Reference {
        Reference { record: self.number, sequence: u16_at(self.bytes, 16).unwrap_or(0) }
    }

    /// Returns whether the file exists. If not, it was deleted.
    pub(super) fn is_in_use(&self) -> bool {
        self.flags() & IN_USE != 0
    }

    /// Returns whether the file is a folder.
    pub(super) fn is_folder(&self) -> bool {
        self.flags() & FOLDER != 0
    }

    /// Returns the base record, if this record is a further record of a file.
    pub(super) fn base(&self) -> Option<Reference> {
        Some(u64_at(self.bytes, 32).unwrap_or(0)).filter(|field| *field != 0).map(Reference::new)
    }

    /// Returns the attributes.
    pub(super) fn attributes(&self) -> Attributes<'b> {
        let start = usize::from(u16_at(self.bytes, 20).unwrap_or(0));
        let used = u32_at(self.bytes, 24).and_then(|used| usize::try_from(used).ok());
        let end = used.unwrap_or(usize::MAX).min(self.bytes.len());
        Attributes::new(self.bytes.get(..end).unwrap_or_default(), start)
    }

    fn flags(&self) -> u16 {
        u16_at(self.bytes, 22).unwrap_or(0)
    }
}

/// Puts the last two bytes of each sector back. On disk, a number replaces them that shows torn writes.
///
/// # Errors
/// If a sector is from another write.
pub(super) fn apply_fixups(bytes: &mut [u8]) -> io::Result<()> {
    let start = usize::from(u16_at(bytes, 4).unwrap_or(0));
    let count = usize::from(u16_at(bytes, 6).unwrap_or(0)).saturating_sub(1);
    let stride = bytes.len().checked_div(count).unwrap_or(0);
    if stride < STRIDE || stride.checked_mul(count) != Some(bytes.len()) {
        return Err(invalid(format!("{count} fixups do not fit {} bytes", bytes.len())));
    }
    let expected: Option<[u8; 2]> = bytes_at(bytes, start);
    for sector in 1..=count {
        let end = sector.saturating_mul(stride);
        let original = bytes_at::<2>(bytes, start.saturating_add(sector.saturating_mul(2)));
        let last = end.checked_sub(2).and_then(|at| bytes.get_mut(at..end));
        let (Some(last), Some(original), Some(expected)) = (last, original, expected) else {
            return Err(invalid("the fixups go past the end of the record"));
        };
        if *last != expected {
            return Err(invalid(format!(
                "sector {sector} of {count} is from another write (fixup {:02x?}, expected {:02x?})",
                last, expected
            )));
        }
        last.copy_from_slice(&original);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(size: usize, stride: usize) -> Vec<u8> {
        let count = size / stride;
        let mut bytes: Vec<u8> = (0..size).map(|at| at.to_le_bytes()[0]).collect();
        bytes[..56].fill(0);
        bytes[..4].copy_from_slice(b"FILE");
        bytes[4] = 56;
        bytes[6] = u8::try_from(count + 1).unwrap();
        bytes[56..58].copy_from_slice(&[7, 7]);
        for sector in 1..=count {
            bytes[sector * stride - 2..sector * stride].copy_from_slice(&[7, 7]);
            bytes[56 + sector * 2..58 + sector * 2].copy_from_slice(&[sector.to_le_bytes()[0], 9]);
        }
        bytes
    }

    #[test]
    fn fixups_are_put_back_in_each_sector() {
        for (size, stride) in [(1024, 512), (4096, 512), (4096, 4096)] {
            let mut bytes = record(size, stride);
            Record::parse(3, &mut bytes).unwrap().unwrap();
            for sector in 1..=size / stride {
                let end = sector * stride;
                assert_eq!(bytes[end - 2..end], [sector.to_le_bytes()[0], 9]);
            }
        }
    }

    #[test]
    fn damaged_record_is_reported() {
        let error = |change: &dyn Fn(&mut Vec<u8>)| {
            let mut bytes = record(1024, 512);
            change(&mut bytes);
            Record::parse(3, &mut bytes).map(|_| ()).unwrap_err().to_string()
        };
        let torn = error(&|bytes| bytes[1023] = 0);
        assert_eq!(torn, "sector 2 of 2 is from another write (fixup [07, 00], expected [07, 07])");
        assert!(error(&|bytes| bytes[6] = 4).starts_with("3 fixups do not fit"));
        assert!(error(&|bytes| bytes[6] = 0).starts_with("0 fixups do not fit"));
        assert!(error(&|bytes| bytes[5] = 4).ends_with("past the end of the record"));
        assert!(
            error(&|bytes| bytes[..4].copy_from_slice(b"BAAD"))
                .contains("Windows found it damaged")
        );
        assert_eq!(
            error(&|bytes| bytes[0] = 0xFF),
            "expected signature \"FILE\", found \"\\xffILE\""
        );
        assert!(Record::parse(3, &mut [0; 1024]).unwrap().is_none());
    }

    #[test]
    fn reference_means_a_freed_record_by_its_next_number() {
        let reference = Reference::new(0xFFFF_0000_0000_0005);
        assert_eq!(reference, Reference { record: 5, sequence: 0xFFFF });
        assert!(reference.means(0xFFFF, true) && reference.means(0xFFFF, false));
        assert!(
            reference.means(1, false) && !reference.means(1, true) && !reference.means(2, false)
        );
    }
}
