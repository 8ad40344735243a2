// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Checked`]: a reader that verifies a checksum at the end.

use std::io::{self, Read};

/// A reader that verifies the checksum (CRC-32) of all bytes at their end.
pub(crate) struct Checked<R> {
    reader: R,
    crc: flate2::Crc,
    expected: u32,
}

impl<R> Checked<R> {
    /// Returns a reader at the first byte.
    pub(crate) fn new(reader: R, expected: u32) -> Self {
        Self { reader, crc: flate2::Crc::new(), expected }
    }
}

impl<R: Read> Read for Checked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(buffer)?;
        self.crc.update(buffer.get(..read).unwrap_or_default());
        let (found, expected) = (self.crc.sum(), self.expected);
        if read > 0 || buffer.is_empty() || found == expected {
            return Ok(read);
        }
        let message = format!(
            "its checksum (CRC-32) is {found:08x}, and the archive gives {expected:08x}; the archive is damaged"
        );
        Err(io::Error::new(io::ErrorKind::InvalidData, message))
    }
}
