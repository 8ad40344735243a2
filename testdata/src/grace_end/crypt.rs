// SPDX-License-Identifier: MIT OR Apache-2.0

//! Ciphers, hashes and authentication codes, in the direction that Windows writes.

use aes::Aes256;
use aes::cipher::{Array, BlockCipherEncrypt, KeyInit};
use des::{Des, TdesEde3};
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};

/// Algorithms of a blob or of a master key file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Suite {
    /// AES-256 with SHA-512.
    Aes,
    /// Triple DES with SHA-1.
    TripleDes,
}

impl Suite {
    pub(super) fn cipher_number(self) -> u32 {
        if self == Self::Aes { 0x6610 } else { 0x6603 }
    }

    pub(super) fn hash_number(self) -> u32 {
        if self == Self::Aes { 0x800E } else { 0x8004 }
    }

    pub(super) fn key_length(self) -> usize {
        if self == Self::Aes { 32 } else { 24 }
    }

    pub(super) fn block(self) -> usize {
        if self == Self::Aes { 16 } else { 8 }
    }

    pub(super) fn hash_length(self) -> usize {
        if self == Self::Aes { 64 } else { 20 }
    }

    fn hash_block(self) -> usize {
        if self == Self::Aes { 128 } else { 64 }
    }

    pub(super) fn hash(self, bytes: &[u8]) -> Vec<u8> {
        match self {
            Self::Aes => Sha512::digest(bytes).to_vec(),
            Self::TripleDes => sha1(bytes),
        }
    }

    /// Returns a key, or its hash if it is longer than a block, filled to a block, XOR a byte.
    pub(super) fn pad(self, key: &[u8], byte: u8) -> Vec<u8> {
        let mut pad = if key.len() > self.hash_block() { self.hash(key) } else { key.to_vec() };
        pad.resize(self.hash_block(), 0);
        pad.iter().map(|it| it ^ byte).collect()
    }

    /// HMAC, as in RFC 2104.
    pub(super) fn hmac(self, key: &[u8], message: &[u8]) -> Vec<u8> {
        let inner = self.hash(&[self.pad(key, 0x36), message.to_vec()].concat());
        self.hash(&[self.pad(key, 0x5C), inner].concat())
    }

    /// Derives bytes from a password. Each round takes the XOR of all rounds before it.
    pub(super) fn derive(
        self,
        password: &[u8],
        salt: &[u8],
        rounds: u32,
        length: usize,
    ) -> Vec<u8> {
        let mut derived = Vec::new();
        for number in 1_u32.. {
            if derived.len() >= length {
                break;
            }
            let mut sum = self.hmac(password, &[salt, &number.to_be_bytes()].concat());
            for _ in 1..rounds {
                let next = self.hmac(password, &sum);
                sum.iter_mut().zip(next).for_each(|(sum, next)| *sum ^= next);
            }
            derived.extend(sum);
        }
        derived.truncate(length);
        derived
    }

    /// Encrypts whole blocks in a chain.
    pub(super) fn chain(self, key: &[u8], start: &[u8], plain: &[u8]) -> Vec<u8> {
        let (mut before, mut out) = (start.to_vec(), Vec::new());
        for block in plain.chunks(self.block()) {
            let mixed: Vec<u8> = block.iter().zip(&before).map(|(a, b)| a ^ b).collect();
            before = match self {
                Self::Aes => block_of(&Aes256::new_from_slice(key).expect("32 bytes"), &mixed),
                Self::TripleDes => {
                    block_of(&TdesEde3::new_from_slice(key).expect("24 bytes"), &mixed)
                }
            };
            out.extend_from_slice(&before);
        }
        out
    }
}

fn block_of<C: BlockCipherEncrypt>(cipher: &C, block: &[u8]) -> Vec<u8> {
    let mut block = Array::try_from(block).expect("a whole block");
    cipher.encrypt_block(&mut block);
    block.to_vec()
}

/// Encrypts each AES-256 block by itself.
pub(super) fn aes_blocks(key: &[u8], plain: &[u8]) -> Vec<u8> {
    let cipher = Aes256::new_from_slice(key).expect("32 bytes");
    plain.chunks(16).flat_map(|block| block_of(&cipher, block)).collect()
}

/// Encrypts DES blocks with a key of 16 bytes that slides by 7.
pub(super) fn des_blocks(key: &[u8], plain: &[u8]) -> Vec<u8> {
    let (mut at, mut out) = (0, Vec::new());
    for block in plain.chunks(8) {
        let bit = |number: usize| key[at + number / 8] >> (7 - number % 8) & 1;
        let byte = |group: usize| (0..7).fold(0, |byte, it| byte << 1 | bit(7 * group + it)) << 1;
        let spread: Vec<u8> = (0..8).map(byte).collect();
        out.extend(block_of(&Des::new_from_slice(&spread).expect("8 bytes"), block));
        at += 7;
        if key.len() - at < 7 {
            at = key.len() - at;
        }
    }
    out
}

/// RC4.
pub(super) fn rc4(key: &[u8], data: &[u8]) -> Vec<u8> {
    let mut state: Vec<u8> = (0..=255).collect();
    let mut j = 0_usize;
    for i in 0..256 {
        j = (j + usize::from(state[i]) + usize::from(key[i % key.len()])) % 256;
        state.swap(i, j);
    }
    let (mut i, mut j) = (0_usize, 0_usize);
    let mut next = || {
        i = (i + 1) % 256;
        j = (j + usize::from(state[i])) % 256;
        state.swap(i, j);
        state[(usize::from(state[i]) + usize::from(state[j])) % 256]
    };
    data.iter().map(|byte| byte ^ next()).collect()
}

pub(super) fn sha1(bytes: &[u8]) -> Vec<u8> {
    Sha1::digest(bytes).to_vec()
}

/// SHA-256 of a key and 1000 times a salt.
pub(super) fn salt_sha256(key: &[u8], salt: &[u8]) -> Vec<u8> {
    Sha256::digest([key, &salt.repeat(1000)].concat()).to_vec()
}

/// MD5 of a key and 1000 times a salt.
pub(super) fn salt_md5(key: &[u8], salt: &[u8]) -> Vec<u8> {
    Md5::digest([key, &salt.repeat(1000)].concat()).to_vec()
}
