// SPDX-License-Identifier: MIT OR Apache-2.0
//! Search for the signatures of keys (`nk`) and values (`vk`) at even offsets.

use crate::meter::count;

/// Calls `see` with each even offset that holds `nk` or `vk`, in order. `see` returns the number of
/// bytes to skip from the offset.
pub(crate) fn signatures(bytes: &[u8], mut see: impl FnMut(usize) -> usize) {
    // The search checks whole blocks first. Most blocks hold no signature, and the compiler
    // vectorizes this check.
    const BLOCK: usize = 64;
    let mut at = 0_usize;
    while let Some(rest) = bytes.get(at..).filter(|rest| rest.len() >= 2) {
        count(1);
        // The fixed length of a block allows vector code.
        if rest.first_chunk::<BLOCK>().is_some_and(|block| !has_near(block.as_chunks::<2>().0)) {
            at = at.saturating_add(BLOCK);
            continue;
        }
        let block = rest.get(..BLOCK).unwrap_or(rest);
        let (pairs, _) = block.as_chunks::<2>();
        let mut next = at.saturating_add(BLOCK);
        let mut left_out = at;
        for (index, pair) in pairs.iter().enumerate() {
            let place = at.saturating_add(index.saturating_mul(2));
            if place >= left_out && matches!(pair, b"nk" | b"vk") {
                left_out = place.saturating_add(see(place).max(2)).next_multiple_of(2);
            }
        }
        next = next.max(left_out);
        at = next;
    }
}

/// Returns whether a pair can be a signature.
#[inline]
fn has_near(pairs: &[[u8; 2]]) -> bool {
    pairs.iter().fold(false, |any, pair| any | is_near(*pair))
}

/// Returns whether a pair can be a signature. `nk` and `vk` differ only in bits that the mask
/// ignores.
const fn is_near(pair: [u8; 2]) -> bool {
    u16::from_le_bytes(pair) & 0xFFE7 == 0x6B66
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    #[test]
    fn signatures_at_even_offsets_are_found_unless_skipped() {
        let mut bytes = [0_u8; 300];
        for at in [0, 61, 62, 126, 200, 298] {
            bytes[at..at + 2].copy_from_slice(if at % 4 == 0 { b"nk" } else { b"vk" });
        }
        let mut found = Vec::new();
        signatures(&bytes, |at| {
            found.push(at);
            if at == 62 { 70 } else { 2 }
        });
        assert_eq!(found, [0, 62, 200, 298]);
        signatures(b"n", |_| panic!("a signature has two bytes"));
    }
}
