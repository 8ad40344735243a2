// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Frames`]: reader of all frames of a zstd file.

use std::io::{self, BufRead, Read};

use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

/// Bytes unpacked at a time.
const CHUNK: usize = 128 << 10;

/// Largest window, in bytes: what a frame refers back to stays in memory. `zstd -19` makes windows of 8 MiB.
const LARGEST_WINDOW: u64 = 64 << 20;

/// Reader of all frames of a zstd file. Checksums are verified. Frames for other data are skipped.
pub(crate) struct Frames<R> {
    source: R,
    decoder: FrameDecoder,
    is_inside: bool,
}

impl<R: BufRead> Frames<R> {
    /// Returns a reader at the first frame.
    pub(crate) fn new(source: R) -> Self {
        Self { source, decoder: FrameDecoder::new(), is_inside: false }
    }

    /// Starts the next frame. Returns whether there is one.
    fn next_frame(&mut self) -> io::Result<bool> {
        while !self.source.fill_buf()?.is_empty() {
            if let Some(window) = window(self.source.fill_buf()?).filter(|it| *it > LARGEST_WINDOW)
            {
                let message = format!(
                    "a zstd frame needs {window} bytes of memory, more than {LARGEST_WINDOW}; unpack the file with \
                     `zstd -d --long=31`"
                );
                return Err(io::Error::new(io::ErrorKind::InvalidData, message));
            }
            match self.decoder.init(&mut self.source) {
                Ok(()) => {
                    self.is_inside = true;
                    return Ok(true);
                }
                Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame {
                    length,
                    ..
                })) => {
                    let skipped = (&mut self.source).take(u64::from(length));
                    io::copy(&mut { skipped }, &mut io::sink())?;
                }
                Err(error) => return Err(io::Error::other(error)),
            }
        }
        Ok(false)
    }

    /// Ends a frame, and verifies its checksum.
    fn end_frame(&mut self) -> io::Result<()> {
        self.is_inside = false;
        let stored = self.decoder.get_checksum_from_data();
        let found = self.decoder.get_calculated_checksum();
        match (stored, found) {
            (Some(stored), Some(found)) if stored != found => {
                let message = format!(
                    "the checksum of a zstd frame is {found:08x}, and the file gives {stored:08x}; the file \
                     is damaged"
                );
                Err(io::Error::new(io::ErrorKind::InvalidData, message))
            }
            _ => Ok(()),
        }
    }
}

/// Returns the size of the window by the header of a frame (RFC 8878, 3.1.1.1); `None` for another frame, and if the
/// header is not whole.
fn window(header: &[u8]) -> Option<u64> {
    let header = header.strip_prefix(b"\x28\xB5\x2F\xFD")?;
    let (descriptor, rest) = header.split_first()?;
    let is_single = descriptor & 0x20 != 0;
    if !is_single {
        let window = rest.first()?;
        let base = 1_u64.checked_shl(u32::from(window >> 3).saturating_add(10))?;
        return base.checked_add((base >> 3).saturating_mul(u64::from(window & 7)));
    }
    // The content is the window.
    let dictionary = [0, 1, 2, 4].get(usize::from(descriptor & 3)).copied()?;
    let length = [1, 2, 4, 8].get(usize::from(descriptor >> 6)).copied()?;
    let size = rest.get(dictionary..)?.get(..length)?;
    let number = size.iter().rev().fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    Some(if length == 2 { number.saturating_add(256) } else { number })
}

impl<R: BufRead> Read for Frames<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        loop {
            if !self.is_inside && !self.next_frame()? {
                return Ok(0);
            }
            while self.decoder.can_collect() == 0 && !self.decoder.is_finished() {
                let some = BlockDecodingStrategy::UptoBytes(CHUNK);
                self.decoder.decode_blocks(&mut self.source, some).map_err(io::Error::other)?;
            }
            let read = Read::read(&mut self.decoder, buffer)?;
            if read > 0 {
                return Ok(read);
            }
            self.end_frame()?;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn window_of_a_frame_follows_from_its_header() {
        let magic = [0x28, 0xB5, 0x2F, 0xFD];
        let of = |rest: &[u8]| window(&[&magic[..], rest].concat());
        // A window of 2^(10 + 17) bytes, and 1/8 of it more.
        assert_eq!(of(&[0x00, 17 << 3 | 1]), Some((128 << 20) + (16 << 20)));
        assert_eq!(of(&[0x20, 7]), Some(7));
        assert_eq!(of(&[0x60, 1, 0]), Some(257));
        assert_eq!(of(&[0xE1, 9, 0, 0, 0, 0, 1, 0, 0, 0]), Some(1 << 32));
        assert_eq!(of(&[0xE0, 0, 0]), None);
        assert_eq!(window(b"\x50\x2A\x4D\x18"), None);
    }

    #[test]
    fn frame_with_a_large_window_is_refused_before_it_is_unpacked() {
        let header = [0x28, 0xB5, 0x2F, 0xFD, 0x00, 21 << 3];
        let error = Frames::new(&header[..]).read(&mut [0; 1]).unwrap_err().to_string();
        assert!(error.starts_with("a zstd frame needs 2147483648 bytes of memory"), "{error}");
    }
}
