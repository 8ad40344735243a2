// SPDX-License-Identifier: MIT OR Apache-2.0
//! The checksum of a base block. A fuzzer does not guess checksums.

/// Offset of the checksum of a base block, and length of the bytes that the checksum covers.
const CHECKSUM: usize = 508;

/// Corrects the checksum of a base block. Shorter bytes stay as they are.
pub(crate) fn seal(bytes: &mut [u8]) {
    let Some(covered) = bytes.get(..CHECKSUM) else { return };
    let words = covered.as_chunks::<4>().0.iter().map(|word| u32::from_le_bytes(*word));
    let sum = match words.fold(0, |sum, word| sum ^ word) {
        0 => 1,
        u32::MAX => u32::MAX - 1,
        sum => sum,
    };
    if let Some(place) = bytes.get_mut(CHECKSUM..CHECKSUM + 4) {
        place.copy_from_slice(&sum.to_le_bytes());
    }
}

/// Returns a copy with a correct checksum. `None` if the checksum is correct already.
pub(crate) fn sealed(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut sealed = bytes.to_vec();
    seal(&mut sealed);
    (sealed != bytes).then_some(sealed)
}
