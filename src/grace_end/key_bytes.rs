// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`KeyBytes`]: bytes of a key, secret or plaintext, overwritten with zeros when they are dropped.

use alloc::vec::Vec;

use zeroize::Zeroizing;

/// Bytes of a key, a secret or a plaintext. The type has no `Debug`, so no message can show the bytes.
pub(super) struct KeyBytes(Zeroizing<Vec<u8>>);

impl KeyBytes {
    /// Copies bytes.
    pub(super) fn of(bytes: &[u8]) -> Self {
        Self(Zeroizing::new(bytes.to_vec()))
    }

    /// Returns this number of zeros, to be overwritten.
    pub(super) fn zeros(length: usize) -> Self {
        Self(Zeroizing::new([0].repeat(length)))
    }

    /// Joins parts.
    pub(super) fn join(parts: &[&[u8]]) -> Self {
        // Room for all parts at once: a growing vector leaves copies behind.
        let length = parts.iter().fold(0_usize, |sum, part| sum.saturating_add(part.len()));
        let mut bytes = Zeroizing::new(Vec::with_capacity(length));
        parts.iter().for_each(|part| bytes.extend_from_slice(part));
        Self(bytes)
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }

    pub(super) fn bytes_mut(&mut self) -> &mut [u8] {
        &mut self.0
    }
}
