// SPDX-License-Identifier: MIT OR Apache-2.0
//! Decompression of one block of a disk image.

use flate2::{Decompress, FlushDecompress, Status};
use std::io;

use crate::containment::contained;
use crate::structure::damaged;

/// Form of the compressed bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// With the header and the checksum of zlib.
    #[cfg(feature = "ewf")]
    Zlib,
    /// Without header and checksum.
    #[cfg(feature = "qcow2")]
    Raw,
}

/// Decompresses a block of at most `most` bytes.
///
/// # Errors
/// If the stream is damaged, is cut short, or holds more than `most` bytes.
pub(super) fn inflate(packed: &[u8], most: usize, form: Form) -> io::Result<Vec<u8>> {
    let has_header = match form {
        #[cfg(feature = "ewf")]
        Form::Zlib => true,
        #[cfg(feature = "qcow2")]
        Form::Raw => false,
    };
    let mut decoder = Decompress::new(has_header);
    let mut block = vec![0; most];
    let status = contained(|| Ok(decoder.decompress(packed, &mut block, FlushDecompress::Finish)))?;
    let unpacked = usize::try_from(decoder.total_out()).unwrap_or(most).min(most);
    match status {
        Ok(Status::StreamEnd) => {
            block.truncate(unpacked);
            Ok(block)
        }
        Ok(_) if unpacked == most => Err(damaged(format!("compressed block exceeds {most} bytes"))),
        Ok(_) => Err(damaged(format!("compressed block is cut short after {unpacked} bytes"))),
        Err(_) => Err(damaged(format!("compressed block is damaged after {unpacked} bytes"))),
    }
}
