// SPDX-License-Identifier: MIT OR Apache-2.0

//! DPAPI blobs of the registry. The encrypted part is filler that no key opens. The layout gives
//! the sizes of real blobs: 214 bytes around whole AES blocks.

use crate::rng::Rng;
use crate::tree::utf16_nul;

/// {df9d8cd0-1501-11d1-8c7a-00c04fc297eb}, the only provider.
const PROVIDER: [u8; 16] = [
    0xD0, 0x8C, 0x9D, 0xDF, 0x01, 0x15, 0xD1, 0x11, 0x8C, 0x7A, 0x00, 0xC0, 0x4F, 0xC2, 0x97, 0xEB,
];
/// Flag of a blob that the whole machine can decrypt.
pub(crate) const LOCAL_MACHINE: u32 = 4;
const AES_256: u32 = 0x6610;
const SHA_512: u32 = 0x800E;

/// Differences between blobs.
pub(crate) struct Blob<'a> {
    pub(crate) master_key: [u8; 16],
    pub(crate) flags: u32,
    pub(crate) description: &'a str,
    /// First bytes of the salt. The rest is filler.
    pub(crate) salt: &'a [u8],
    /// Length of the cipher text.
    pub(crate) cipher_text: usize,
    /// Seed of the filler.
    pub(crate) seed: u64,
}

impl Blob<'_> {
    /// Returns the bytes of the blob.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut rng = Rng::new(self.seed);
        let mut salt = self.salt.to_vec();
        salt.extend(rng.bytes(32 - salt.len()));
        let mut bytes = Vec::new();
        number(&mut bytes, 1);
        bytes.extend(PROVIDER);
        number(&mut bytes, 1);
        bytes.extend(self.master_key);
        number(&mut bytes, self.flags);
        counted(&mut bytes, &utf16_nul(self.description));
        number(&mut bytes, AES_256);
        number(&mut bytes, 256);
        counted(&mut bytes, &salt);
        // No key for the strong HMAC, as in all observed blobs.
        counted(&mut bytes, &[]);
        number(&mut bytes, SHA_512);
        number(&mut bytes, 512);
        counted(&mut bytes, &rng.bytes(32));
        counted(&mut bytes, &rng.bytes(self.cipher_text));
        counted(&mut bytes, &rng.bytes(64));
        bytes
    }
}

fn number(bytes: &mut Vec<u8>, number: u32) {
    bytes.extend(number.to_le_bytes());
}

fn counted(bytes: &mut Vec<u8>, part: &[u8]) {
    number(bytes, part.len() as u32);
    bytes.extend(part);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::hex;

    #[test]
    fn blob_header_equals_that_of_a_real_blob() {
        let head = hex::secret_head();
        let blob = Blob {
            master_key: head[24..40].try_into().unwrap(),
            flags: 0,
            description: "",
            salt: &head[62..],
            cipher_text: 84 * 16,
            seed: 1,
        };
        assert_eq!(blob.encode()[..64], head);
        // Size of the larger of two real blobs.
        assert_eq!(blob.encode().len(), 1558);
        assert_eq!(Blob { cipher_text: 24 * 16, ..blob }.encode().len(), 598);
    }
}
