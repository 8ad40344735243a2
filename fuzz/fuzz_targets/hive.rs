// SPDX-License-Identifier: MIT OR Apache-2.0
//! The whole reader and licensing on any bytes: the same function as in the tests of damaged hives.
#![no_main]

#[path = "../../tests/hostile/everything.rs"]
mod everything;

use libfuzzer_sys::fuzz_target;

/// Offset of the checksum of a base block, and length of the bytes that it covers.
const CHECKSUM: usize = 508;

fuzz_target!(|bytes: &[u8]| {
    everything::everything(bytes, &mut |_| ());
    // A fuzzer does not guess checksums. With a wrong checksum, the fields of the base block are
    // not trusted.
    if let Some(covered) = bytes.get(..CHECKSUM) {
        let words = covered.chunks_exact(4);
        let words = words.map(|word| u32::from_le_bytes([word[0], word[1], word[2], word[3]]));
        let sum = match words.fold(0, |sum, word| sum ^ word) {
            0 => 1,
            u32::MAX => u32::MAX - 1,
            sum => sum,
        };
        let mut sealed = bytes.to_vec();
        if let Some(place) = sealed.get_mut(CHECKSUM..CHECKSUM + 4)
            && *place != sum.to_le_bytes()
        {
            place.copy_from_slice(&sum.to_le_bytes());
            everything::everything(&sealed, &mut |_| ());
        }
    }
});
