// SPDX-License-Identifier: MIT OR Apache-2.0

//! The base block, the first 4096 bytes of a hive.

use crate::options::Options;
use crate::space::BASE_BLOCK;

/// Returns a base block with its checksum.
pub(crate) fn base_block(options: &Options, root: u32, bins_size: u32) -> Vec<u8> {
    let mut block = vec![0; BASE_BLOCK];
    let mut put = |at: usize, bytes: &[u8]| block[at..at + bytes.len()].copy_from_slice(bytes);
    put(0, b"regf");
    put(4, &options.primary_sequence.to_le_bytes());
    put(8, &options.secondary_sequence.to_le_bytes());
    put(12, &options.last_written.to_le_bytes());
    put(20, &1u32.to_le_bytes());
    put(24, &options.minor.to_le_bytes());
    put(32, &1u32.to_le_bytes());
    put(36, &root.to_le_bytes());
    put(40, &bins_size.to_le_bytes());
    put(44, &1u32.to_le_bytes());
    let name: Vec<u16> = options.file_name.encode_utf16().collect();
    let tail = &name[name.len().saturating_sub(31)..];
    put(48, &tail.iter().flat_map(|unit| unit.to_le_bytes()).collect::<Vec<u8>>());
    // Since Vista, Windows gives a hive one GUID for its resource manager and its log.
    put(112, &options.rm_id);
    put(128, &options.rm_id);
    put(144, &options.base_flags.to_le_bytes());
    seal(&mut block);
    block
}

/// Writes the correct checksum into the base block at the start of `bytes`.
pub(crate) fn seal(bytes: &mut [u8]) {
    let sum = checksum(bytes);
    bytes[508..512].copy_from_slice(&sum.to_le_bytes());
}

/// Checksum of a base block: its first 127 words combined by XOR. 0 becomes 1, and 0xFFFFFFFF
/// becomes 0xFFFFFFFE.
pub fn checksum(block: &[u8]) -> u32 {
    let words = block[..508].chunks_exact(4);
    let sum =
        words.fold(0, |sum, word| sum ^ u32::from_le_bytes([word[0], word[1], word[2], word[3]]));
    match sum {
        0 => 1,
        u32::MAX => u32::MAX - 1,
        sum => sum,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksum_is_never_0_or_all_ones() {
        let mut block = vec![0; 512];
        assert_eq!(checksum(&block), 1);
        block[..4].fill(0xFF);
        assert_eq!(checksum(&block), 0xFFFF_FFFE);
        block[4] = 0xF0;
        assert_eq!(checksum(&block), 0xFFFF_FF0F);
    }
}
