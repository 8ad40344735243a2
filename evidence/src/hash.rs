// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`enum@Hash`]: whether files are hashed for a report.

use core::fmt::Write as _;

use sha2::{Digest as _, Sha256};

/// Whether files are hashed for a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hash {
    /// The report carries the SHA-256 of each file.
    Taken,
    /// The report carries no hashes.
    NotTaken,
}

impl Hash {
    /// Returns the SHA-256 of these bytes in hex, if hashes are taken.
    ///
    /// ```
    /// assert_eq!(calhive_evidence::Hash::NotTaken.of(b"abc"), None);
    /// ```
    pub fn of(self, bytes: &[u8]) -> Option<String> {
        (self == Self::Taken).then(|| {
            let mut digits = String::with_capacity(64);
            for byte in Sha256::digest(bytes) {
                // Writing to a string does not fail.
                let _ = write!(digits, "{byte:02x}");
            }
            digits
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hash_is_written_in_hex_only_if_taken() {
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(Hash::Taken.of(b"abc").as_deref(), Some(abc));
        assert_eq!(Hash::NotTaken.of(b"abc"), None);
    }
}
