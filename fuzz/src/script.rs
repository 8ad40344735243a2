// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Script`]: the bytes of a fuzzer as a series of choices.

use hive_forge::tree::Name;

/// Bytes that choose operations. After the last byte, every choice is the first one.
#[derive(Clone, Debug)]
pub(crate) struct Script<'b> {
    rest: &'b [u8],
}

impl<'b> Script<'b> {
    pub(crate) const fn new(bytes: &'b [u8]) -> Self {
        Self { rest: bytes }
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    pub(crate) fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.rest.split_first() else { return 0 };
        self.rest = rest;
        *first
    }

    /// Returns a number below `most`.
    pub(crate) fn below(&mut self, most: usize) -> usize {
        usize::from(self.byte()) % most.max(1)
    }

    pub(crate) fn number(&mut self) -> u32 {
        u32::from_le_bytes([self.byte(), self.byte(), self.byte(), self.byte()])
    }

    /// Returns up to `most` bytes. A byte of the script is their number.
    pub(crate) fn bytes(&mut self, most: usize) -> &'b [u8] {
        let length = self.below(most + 1).min(self.rest.len());
        let (taken, rest) = self.rest.split_at(length);
        self.rest = rest;
        taken
    }

    /// Returns a name of up to `most` units, without backslashes: Latin-1 or UTF-16.
    pub(crate) fn name(&mut self, most: usize) -> Name {
        let is_utf16 = self.byte() & 1 == 1;
        let bytes = self.bytes(if is_utf16 { 2 * most } else { most });
        if is_utf16 {
            let pairs = bytes.as_chunks::<2>().0.iter().map(|pair| u16::from_le_bytes(*pair));
            let mut units: Vec<u16> = pairs.filter(|unit| *unit != u16::from(b'\\')).collect();
            // calhive takes a long UTF-16 name whose bytes are all ASCII for a Latin-1 name without its flag.
            if units.iter().all(|unit| unit.to_le_bytes().is_ascii()) {
                units.push(0x00FF);
            }
            Name::Utf16(units)
        } else {
            Name::Latin1(bytes.iter().copied().filter(|byte| *byte != b'\\').collect())
        }
    }
}
