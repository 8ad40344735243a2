// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Hash`]: SHA-1 and SHA-512 of blobs and master key files, their authentication codes, and the keys from them.

use alloc::vec::Vec;

use hmac::{Hmac, KeyInit as _};
use md5::{Digest as _, Md5};
use sha1::Sha1;
use sha2::{Sha256, Sha512};
use zeroize::Zeroize as _;

use super::cipher::Cipher;
use super::key_bytes::KeyBytes;
use super::reason::NotOpened;

/// Number of times that the salt of LSA keys is hashed.
const SALT_ROUNDS: usize = 1000;
/// Padding bytes of an authentication code, outer and inner.
const OUTER: u8 = 0x5C;
const INNER: u8 = 0x36;

/// Hash of a blob or of a master key file.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Hash {
    Sha1,
    Sha512,
}

/// Form of the authentication code of a blob.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum CodeForm {
    /// HMAC over salt, entropy and body.
    Plain,
    /// The salt in the inner hash, entropy and body in the outer one.
    Nested,
}

impl Hash {
    /// Returns the hash of a number of the Windows cryptography interface that goes with a cipher.
    pub(super) fn of(number: u32, cipher: Cipher) -> Result<Self, NotOpened> {
        match (number, cipher) {
            (0x800E, Cipher::Aes256) => Ok(Self::Sha512),
            // 0x8009 is HMAC, which means SHA-1 here.
            (0x8004 | 0x8009, Cipher::TripleDes) => Ok(Self::Sha1),
            _ => Err(NotOpened::UnknownAlgorithm { number }),
        }
    }

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Sha1 => "SHA-1",
            Self::Sha512 => "SHA-512",
        }
    }

    /// Length of a hash in bytes.
    pub(super) const fn length(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha512 => 64,
        }
    }

    /// Length in bytes of a block that the hash takes at a time.
    const fn block_length(self) -> usize {
        match self {
            Self::Sha1 => 64,
            Self::Sha512 => 128,
        }
    }

    fn hash(self, parts: &[&[u8]]) -> KeyBytes {
        match self {
            Self::Sha1 => sha1(parts),
            Self::Sha512 => {
                let mut hash = Sha512::new();
                parts.iter().for_each(|part| hash.update(part));
                taken(hash.finalize())
            }
        }
    }

    /// Returns the HMAC of parts.
    pub(super) fn code(self, key: &[u8], parts: &[&[u8]]) -> Option<KeyBytes> {
        let mut code = KeyBytes::zeros(self.length());
        Keyed::new(self, key)?.code(parts, code.bytes_mut());
        Some(code)
    }

    /// Returns the authentication code of a blob that was made without entropy.
    pub(super) fn code_of_blob(
        self,
        form: CodeForm,
        key: &[u8],
        salt: &[u8],
        body: &[u8],
    ) -> Option<KeyBytes> {
        match form {
            CodeForm::Plain => self.code(key, &[salt, body]),
            CodeForm::Nested => {
                let inner = self.hash(&[self.pad(key, INNER)?.bytes(), salt]);
                Some(self.hash(&[self.pad(key, OUTER)?.bytes(), inner.bytes(), body]))
            }
        }
    }

    /// Returns the key, filled with zeros to a block, XOR a byte.
    fn pad(self, key: &[u8], byte: u8) -> Option<KeyBytes> {
        let mut pad = KeyBytes::zeros(self.block_length());
        pad.bytes_mut().get_mut(..key.len())?.copy_from_slice(key);
        pad.bytes_mut().iter_mut().for_each(|it| *it ^= byte);
        Some(pad)
    }

    /// Returns the key of a blob from the hash of its master key: as many bytes as the cipher needs.
    pub(super) fn session_key(self, cipher: Cipher, key: &[u8], salt: &[u8]) -> Option<KeyBytes> {
        let session = self.code(key, &[salt])?;
        if let Some(whole) = session.bytes().get(..cipher.key_length()) {
            return Some(KeyBytes::of(whole));
        }
        // 20 bytes of SHA-1 are too few for triple DES.
        let halves =
            [INNER, OUTER].map(|byte| Some(self.hash(&[self.pad(session.bytes(), byte)?.bytes()])));
        let [Some(first), Some(second)] = halves else { return None };
        let longer = KeyBytes::join(&[first.bytes(), second.bytes()]);
        longer.bytes().get(..cipher.key_length()).map(KeyBytes::of)
    }

    /// Derives bytes from a password. In each round the result of the round before is the message, so this is not
    /// PBKDF2. Returns `None` if the numbers exceed 32 bits.
    pub(super) fn derive(
        self,
        password: &[u8],
        salt: &[u8],
        rounds: u32,
        length: usize,
    ) -> Option<KeyBytes> {
        let keyed = Keyed::new(self, password)?;
        let mut derived = Vec::new();
        for number in 1..=self.blocks(length)? {
            let mut sum = KeyBytes::zeros(self.length());
            let mut next = KeyBytes::zeros(self.length());
            keyed.code(&[salt, &number.to_be_bytes()], sum.bytes_mut());
            for _ in 1..rounds {
                keyed.code(&[sum.bytes()], next.bytes_mut());
                sum.bytes_mut().iter_mut().zip(next.bytes()).for_each(|(sum, next)| *sum ^= next);
            }
            derived.push(sum);
        }
        let parts: Vec<&[u8]> = derived.iter().map(KeyBytes::bytes).collect();
        KeyBytes::join(&parts).bytes().get(..length).map(KeyBytes::of)
    }

    /// Returns the number of hashes that give this number of derived bytes.
    pub(super) fn blocks(self, length: usize) -> Option<u32> {
        u32::try_from(length.div_ceil(self.length())).ok()
    }
}

/// Keyed state of an HMAC, computed once for many messages.
enum Keyed {
    Sha1(Hmac<Sha1>),
    Sha512(Hmac<Sha512>),
}

impl Keyed {
    fn new(hash: Hash, key: &[u8]) -> Option<Self> {
        Some(match hash {
            Hash::Sha1 => Self::Sha1(Hmac::new_from_slice(key).ok()?),
            Hash::Sha512 => Self::Sha512(Hmac::new_from_slice(key).ok()?),
        })
    }

    /// Writes the code of parts. `code` has the length of the hash.
    fn code(&self, parts: &[&[u8]], code: &mut [u8]) {
        match self {
            Self::Sha1(state) => finish(state.clone(), parts, code),
            Self::Sha512(state) => finish(state.clone(), parts, code),
        }
    }
}

/// Writes the code of parts, without a copy on the heap: a derivation does this up to a million times.
fn finish<M: hmac::Mac>(mut state: M, parts: &[&[u8]], code: &mut [u8]) {
    parts.iter().for_each(|part| state.update(part));
    let mut result = state.finalize().into_bytes();
    code.iter_mut().zip(&result).for_each(|(to, from)| *to = *from);
    result.as_mut_slice().zeroize();
}

/// Moves a result into bytes that are overwritten when they are dropped.
fn taken(mut result: impl AsMut<[u8]>) -> KeyBytes {
    let bytes = KeyBytes::of(result.as_mut());
    result.as_mut().zeroize();
    bytes
}

/// Returns the SHA-1 of parts.
pub(super) fn sha1(parts: &[&[u8]]) -> KeyBytes {
    let mut hash = Sha1::new();
    parts.iter().for_each(|part| hash.update(part));
    taken(hash.finalize())
}

/// Returns SHA-256 of the key and 1000 times the salt, for secrets of Windows Vista and later.
pub(super) fn salt_with_sha256(key: &KeyBytes, salt: &[u8]) -> KeyBytes {
    let mut hash = Sha256::new();
    hash.update(key.bytes());
    (0..SALT_ROUNDS).for_each(|_| hash.update(salt));
    taken(hash.finalize())
}

/// Returns MD5 of the key and 1000 times the salt, for Windows 2000 to Server 2003.
pub(super) fn salt_with_md5(key: &KeyBytes, salt: &[u8]) -> KeyBytes {
    let mut hash = Md5::new();
    hash.update(key.bytes());
    (0..SALT_ROUNDS).for_each(|_| hash.update(salt));
    taken(hash.finalize())
}
