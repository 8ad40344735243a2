// SPDX-License-Identifier: GPL-3.0-or-later
//! SHA-256 over data in pieces.

use std::fs::FileType;
use std::io::{self, Read as _};
use std::path::Path;

use calhive_regf::image::open_without_waiting;
use sha2::{Digest as _, Sha256};

use crate::interrupt;
use crate::text::hex;

/// Size of a piece that is read at once, in bytes.
const PIECE: usize = 1 << 20;

/// Returns the SHA-256 of the concatenated pieces, in hex.
pub(crate) fn sha256<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> String {
    let mut digest = Sha256::new();
    pieces.into_iter().for_each(|piece| digest.update(piece));
    hex::digits(&digest.finalize())
}

/// Reads a file, and returns the SHA-256 of its content, in hex.
///
/// # Errors
/// If the file cannot be read.
pub(crate) fn sha256_of_file(path: &Path) -> io::Result<String> {
    let (mut file, _) = open_without_waiting(path, FileType::is_file)?;
    let (mut digest, mut piece) = (Sha256::new(), vec![0; PIECE]);
    loop {
        if interrupt::is_requested() {
            return Err(io::Error::other("interrupted by the user"));
        }
        let length = file.read(&mut piece)?;
        if length == 0 {
            return Ok(hex::digits(&digest.finalize()));
        }
        digest.update(piece.get(..length).unwrap_or_default());
    }
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
