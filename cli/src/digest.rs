// SPDX-License-Identifier: GPL-3.0-or-later
//! SHA-256 over data in pieces.

use sha2::{Digest as _, Sha256};

use crate::text::hex;

/// Returns the SHA-256 of the concatenated pieces, in hex.
pub(crate) fn sha256<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> String {
    let mut digest = Sha256::new();
    pieces.into_iter().for_each(|piece| digest.update(piece));
    hex::digits(&digest.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_hashed_as_if_concatenated() {
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(sha256([&b"abc"[..]]), abc);
        assert_eq!(sha256([&b"a"[..], b"", b"bc"]), abc);
    }
}
