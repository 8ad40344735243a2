// SPDX-License-Identifier: MIT OR Apache-2.0
//! Ciphers: AES-256 and triple DES with chained blocks, and the block ciphers of LSA secrets.

use aes::Aes256;
use aes::cipher::{Array, BlockCipherDecrypt, KeyInit, StreamCipher as _};
use des::{Des, TdesEde3};
use rc4::Rc4;
use zeroize::Zeroizing;

use super::key_bytes::KeyBytes;
use super::reason::NotOpened;

/// Length of an AES block in bytes.
pub(super) const AES_BLOCK: usize = 16;
/// Length of a DES block in bytes.
const DES_BLOCK: usize = 8;

/// Cipher of a blob or of a master key file.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Cipher {
    Aes256,
    TripleDes,
}

impl Cipher {
    /// Returns the cipher of a number of the Windows cryptography interface.
    pub(super) const fn of(number: u32) -> Result<Self, NotOpened> {
        match number {
            0x6610 => Ok(Self::Aes256),
            0x6603 => Ok(Self::TripleDes),
            _ => Err(NotOpened::UnknownAlgorithm { number }),
        }
    }

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Aes256 => "AES-256",
            Self::TripleDes => "Triple DES",
        }
    }

    pub(super) const fn key_length(self) -> usize {
        match self {
            Self::Aes256 => 32,
            Self::TripleDes => 24,
        }
    }

    pub(super) const fn block_length(self) -> usize {
        match self {
            Self::Aes256 => AES_BLOCK,
            Self::TripleDes => DES_BLOCK,
        }
    }

    /// Decrypts chained blocks (CBC); `None` if a length does not fit the cipher.
    pub(super) fn decrypt_chain(self, key: &[u8], start: &[u8], data: &[u8]) -> Option<KeyBytes> {
        if start.len() != self.block_length() || !data.len().is_multiple_of(self.block_length()) {
            return None;
        }
        let mut plain = KeyBytes::of(data);
        match self {
            Self::Aes256 => blocks(&Aes256::new_from_slice(key).ok()?, plain.bytes_mut())?,
            Self::TripleDes => blocks(&TdesEde3::new_from_slice(key).ok()?, plain.bytes_mut())?,
        }
        // Each plaintext block is combined with the ciphertext block before it.
        let before = start.iter().chain(data);
        plain.bytes_mut().iter_mut().zip(before).for_each(|(byte, before)| *byte ^= before);
        Some(plain)
    }
}

/// Decrypts each AES-256 block by itself (ECB), as the secrets of Windows Vista and later.
pub(super) fn aes_blocks(key: &KeyBytes, data: &[u8]) -> Option<KeyBytes> {
    let mut plain = KeyBytes::of(data);
    blocks(&Aes256::new_from_slice(key.bytes()).ok()?, plain.bytes_mut())?;
    Some(plain)
}

/// Decrypts DES blocks with a key that slides over 16 bytes, as the secrets of Windows 2000 to Server 2003.
pub(super) fn des_blocks(key: &KeyBytes, data: &[u8]) -> Option<KeyBytes> {
    let mut plain = KeyBytes::of(data);
    let mut at = 0_usize;
    for block in plain.bytes_mut().chunks_mut(DES_BLOCK) {
        let end = at.checked_add(SLIDE)?;
        let spread = spread(key.bytes().get(at..end)?)?;
        blocks(&Des::new_from_slice(spread.bytes()).ok()?, block)?;
        let left = key.bytes().len().checked_sub(end)?;
        at = if left < SLIDE { left } else { end };
    }
    Some(plain)
}

/// Bytes of the sliding key that make one DES key.
const SLIDE: usize = 7;

/// Spreads 7 bytes over 8: each takes 7 bits, shifted left by 1.
fn spread(key: &[u8]) -> Option<KeyBytes> {
    let key: &[u8; SLIDE] = key.try_into().ok()?;
    let bits = key.iter().fold(0_u64, |bits, byte| bits.wrapping_shl(8) | u64::from(*byte));
    let bits = Zeroizing::new(bits);
    let mut spread = KeyBytes::zeros(DES_BLOCK);
    for (byte, shift) in spread.bytes_mut().iter_mut().zip([49_u32, 42, 35, 28, 21, 14, 7, 0]) {
        *byte = u8::try_from(bits.wrapping_shr(shift) & 0x7F).ok()?.wrapping_shl(1);
    }
    Some(spread)
}

/// Decrypts or encrypts with RC4, which is the same.
pub(super) fn rc4(key: &KeyBytes, data: &[u8]) -> Option<KeyBytes> {
    let mut plain = KeyBytes::of(data);
    Rc4::new_from_slice(key.bytes()).ok()?.apply_keystream(plain.bytes_mut());
    Some(plain)
}

/// Decrypts each block by itself; `None` if the last block is not whole.
fn blocks<C: BlockCipherDecrypt>(cipher: &C, data: &mut [u8]) -> Option<()> {
    let length = C::block_size();
    for block in data.chunks_mut(length) {
        cipher.decrypt_block(<&mut Array<u8, C::BlockSize>>::try_from(block).ok()?);
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::meaning::text::tests::bytes;

    /// FIPS 197, appendix C.3; SP 800-67 by way of FIPS 81; RFC 6229.
    #[test]
    fn ciphers_agree_with_published_vectors() {
        let key: Vec<u8> = (0..32).collect();
        let plain = Cipher::Aes256
            .decrypt_chain(&key, &[0; 16], &bytes("8ea2b7ca516745bfeafc49904b496089"))
            .unwrap();
        assert_eq!(plain.bytes(), bytes("00112233445566778899aabbccddeeff"));
        // FIPS 81, table B1: "Now is t" under a DES key, three times the same.
        let key = bytes("0123456789abcdef").repeat(3);
        let plain =
            Cipher::TripleDes.decrypt_chain(&key, &[0; 8], &bytes("3fa40e8a984d4815")).unwrap();
        assert_eq!(plain.bytes(), b"Now is t");
        let stream = rc4(&KeyBytes::of(&[1, 2, 3, 4, 5]), &[0; 16]).unwrap();
        assert_eq!(stream.bytes(), bytes("b2396305f03dc027ccc3524a0a1118a8"));
    }

    #[test]
    fn seven_bytes_are_spread_over_eight() {
        let spread = spread(&[0xFF, 0, 0xFF, 0, 0xFF, 0, 0xFF]).unwrap();
        assert_eq!(spread.bytes(), bytes("fe803ee00ef802fe").as_slice());
    }

    #[test]
    fn part_of_a_block_is_refused() {
        assert!(Cipher::Aes256.decrypt_chain(&[0; 32], &[0; 16], &[0; 15]).is_none());
        assert!(aes_blocks(&KeyBytes::zeros(32), &[0; 17]).is_none());
        assert!(des_blocks(&KeyBytes::zeros(16), &[0; 9]).is_none());
        assert!(des_blocks(&KeyBytes::zeros(6), &[0; 8]).is_none());
    }
}
