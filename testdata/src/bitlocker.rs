// SPDX-License-Identifier: MIT OR Apache-2.0

//! Volumes encrypted with BitLocker: AES-XTS with 128 bits, a clear key and a recovery password.
//!
//! The layout is that of the published description of the format by the libbde project.

use aes::cipher::{Array, BlockCipherEncrypt, KeyInit};
use aes::{Aes128, Aes256};
use sha2::{Digest, Sha256};

use crate::room;

/// Bytes of a sector. Each sector is encrypted alone.
const SECTOR: usize = 512;
/// Bytes that Windows reserves for each copy of the metadata.
const METADATA: usize = 65536;
/// Bytes at the start of the volume that are kept elsewhere, encrypted.
const VOLUME_HEADER: usize = 8192;
/// Rounds that turn a recovery password into a key.
const ROUNDS: u64 = 0x10_0000;
/// Numbers of the recovery password before their factor 11.
const GROUPS: [u16; 8] = [1111, 2222, 3333, 4444, 5555, 6666, 7777, 8888];
/// Salt of the recovery password.
const SALT: [u8; 16] = *b"salt of a forger";
/// Time of the keys: 100-nanosecond intervals since 1601, UTC.
const CREATED: u64 = 0x01D5_0000_0000_0000;
/// Key of AES-CCM with 256 bits, as the master key.
const CCM_256: u32 = 0x2003;
/// Key from a recovery password.
const STRETCHED: u32 = 0x1000;
/// Key without encryption.
const CLEAR: u32 = 0x2000;
/// AES-XTS with 128 bits.
const XTS_128: u16 = 0x8004;
/// Identifiers of a volume and of the metadata, as in the boot sector.
const METADATA_IDENTIFIER: [u8; 16] = [
    0x3B, 0xD6, 0x67, 0x49, 0x29, 0x2E, 0xD8, 0x4A, 0x83, 0x99, 0xF6, 0xA3, 0x39, 0xE3, 0xD0, 0x01,
];

/// Ways to open a volume.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Protectors {
    /// The key is on the volume: protection is suspended.
    pub clear_key: bool,
    /// A recovery password opens the volume.
    pub recovery_password: bool,
}

/// Returns the recovery password of every forged volume.
pub fn recovery_password() -> String {
    GROUPS.map(|group| format!("{:06}", u32::from(group) * 11)).join("-")
}

/// Returns the volume, encrypted. The volume holds a file of [`room::content`] for the metadata.
///
/// # Panics
/// If the file is too small.
pub fn encrypt(volume: &[u8], protectors: Protectors) -> Vec<u8> {
    let room = room::blocks(volume, METADATA);
    let [first, second, third, header, ..] = room[..] else {
        panic!("the room for the metadata has {} areas", room.len())
    };
    let copies = [first, second, third];
    let keys = Keys::new();
    let metadata = keys.metadata(volume.len(), copies, header, protectors);
    let mut out = volume.to_vec();
    out.copy_within(..VOLUME_HEADER, header);
    for (sector, bytes) in out.chunks_exact_mut(SECTOR).enumerate() {
        keys.encrypt_sector(sector, bytes);
    }
    for copy in copies {
        out[copy..copy + METADATA].fill(0);
        out[copy..copy + metadata.len()].copy_from_slice(&metadata);
    }
    out[..SECTOR].copy_from_slice(&boot_sector(copies));
    out
}

/// The keys of a volume.
struct Keys {
    /// Decrypts the key of the volume.
    master: [u8; 32],
    volume: [u8; 32],
    data: Aes128,
    tweak: Aes128,
}

impl Keys {
    fn new() -> Self {
        let volume = hash(&[b"volume key"]);
        let half = |bytes: &[u8]| Aes128::new_from_slice(bytes).expect("16 bytes");
        let (data, tweak) = (half(&volume[..16]), half(&volume[16..]));
        Self { master: hash(&[b"master key"]), volume, data, tweak }
    }

    /// Encrypts a sector with AES-XTS. The tweak is the number of the sector.
    fn encrypt_sector(&self, sector: usize, bytes: &mut [u8]) {
        let mut tweak = Array::from((sector as u128).to_le_bytes());
        self.tweak.encrypt_block(&mut tweak);
        let mut tweak = u128::from_le_bytes(tweak.into());
        for block in bytes.chunks_exact_mut(16) {
            let plain: [u8; 16] = std::array::from_fn(|index| block[index]);
            let mut value = Array::from((u128::from_le_bytes(plain) ^ tweak).to_le_bytes());
            self.data.encrypt_block(&mut value);
            let encrypted = u128::from_le_bytes(value.into()) ^ tweak;
            block.copy_from_slice(&encrypted.to_le_bytes());
            tweak = tweak << 1 ^ if tweak >> 127 == 1 { 0x87 } else { 0 };
        }
    }

    /// Returns a copy of the metadata: header, entries, and the checksum after them.
    fn metadata(
        &self,
        size: usize,
        copies: [usize; 3],
        header: usize,
        protectors: Protectors,
    ) -> Vec<u8> {
        let mut entries = entry(7, 2, &utf16("FORGED 2026\0"));
        if protectors.clear_key {
            entries.extend(self.clear_key());
        }
        if protectors.recovery_password {
            entries.extend(self.recovery_key());
        }
        let volume = key(XTS_128.into(), &self.volume);
        entries.extend(entry(3, 5, &sealed(&self.master, 5, &volume)));
        entries.extend(entry(15, 15, &[number(header), number(VOLUME_HEADER)].concat()));
        entries.resize(entries.len().next_multiple_of(16), 0);
        let length = 48 + entries.len();

        let mut bytes = b"-FVE-FS-".to_vec();
        let blocks = u16::try_from((64 + length) / 16).expect("short metadata");
        // Version 2, encrypted before and after.
        bytes.extend([blocks, 2, 4, 4].map(u16::to_le_bytes).concat());
        bytes.extend(number(size));
        let sectors = u32::try_from(VOLUME_HEADER / SECTOR).expect("a short header");
        bytes.extend([0, sectors].map(u32::to_le_bytes).concat());
        bytes.extend([copies[0], copies[1], copies[2], header].map(number).concat());
        let length = u32::try_from(length).expect("short metadata");
        bytes.extend([length, 1, 48, length].map(u32::to_le_bytes).concat());
        bytes.extend(&hash(&[b"identifier"])[..16]);
        bytes.extend(6_u32.to_le_bytes());
        bytes.extend([XTS_128, XTS_128].map(u16::to_le_bytes).concat());
        bytes.extend(CREATED.to_le_bytes());
        bytes.extend(entries);
        let checksum = crc32(&bytes);
        bytes.extend([8_u16, 1].map(u16::to_le_bytes).concat());
        bytes.extend(checksum.to_le_bytes());
        bytes
    }

    /// Returns the protector of a key that is stored beside it.
    fn clear_key(&self) -> Vec<u8> {
        let clear = hash(&[b"clear key"]);
        let master = sealed(&clear, 1, &key(CCM_256, &self.master));
        let keys = [entry(0, 1, &key(CLEAR, &clear)[..]), entry(0, 5, &master)].concat();
        entry(2, 8, &[protector(0, 0), keys].concat())
    }

    /// Returns the protector of the recovery password.
    fn recovery_key(&self) -> Vec<u8> {
        let stretched = stretch();
        let kept = entry(0, 5, &sealed(&self.master, 2, &key(CCM_256, &stretched)));
        let stretch_key = [&STRETCHED.to_le_bytes()[..], &SALT, &kept].concat();
        let master = sealed(&stretched, 3, &key(CCM_256, &self.master));
        let keys = [entry(0, 3, &stretch_key), entry(0, 5, &master)].concat();
        entry(2, 8, &[protector(1, 0x800), keys].concat())
    }
}

/// Identifier, time and kind of a protector.
fn protector(index: u8, kind: u16) -> Vec<u8> {
    let mut bytes: Vec<u8> = (index..index + 16).collect();
    bytes.extend(CREATED.to_le_bytes());
    bytes.extend([0, kind].map(u16::to_le_bytes).concat());
    bytes
}

/// Returns the key of the recovery password.
fn stretch() -> [u8; 32] {
    let initial = hash(&[&GROUPS.map(u16::to_le_bytes).concat()]);
    let mut last = [0; 32];
    for round in 0..ROUNDS {
        last = hash(&[&last, &initial, &SALT, &round.to_le_bytes()]);
    }
    last
}

/// Returns an entry of the metadata.
fn entry(kind: u16, value: u16, data: &[u8]) -> Vec<u8> {
    let size = u16::try_from(8 + data.len()).expect("a short entry");
    [&[size, kind, value, 1].map(u16::to_le_bytes).concat(), data].concat()
}

/// Returns a key with its method.
fn key(method: u32, bytes: &[u8; 32]) -> Vec<u8> {
    [&method.to_le_bytes()[..], bytes].concat()
}

/// Encrypts an entry with a key by AES-CCM: nonce, tag, then the encrypted entry.
fn sealed(secret: &[u8; 32], count: u32, content: &[u8]) -> Vec<u8> {
    let content = entry(0, 1, content);
    let mut nonce = [0; 12];
    nonce[..8].copy_from_slice(&CREATED.to_le_bytes());
    nonce[8..].copy_from_slice(&count.to_le_bytes());
    let (tag, encrypted) = ccm(secret, &nonce, &content);
    [&nonce[..], &tag, &encrypted].concat()
}

/// AES-CCM with a nonce of 12 bytes and a tag of 16 bytes, as in RFC 3610.
fn ccm(secret: &[u8; 32], nonce: &[u8; 12], plain: &[u8]) -> ([u8; 16], Vec<u8>) {
    let cipher = Aes256::new_from_slice(secret).expect("32 bytes");
    let encrypt = |block: [u8; 16]| -> [u8; 16] {
        let mut block = Array::from(block);
        cipher.encrypt_block(&mut block);
        block.into()
    };
    let block = |flags: u8, number: usize| -> [u8; 16] {
        let mut block = [0; 16];
        block[0] = flags;
        block[1..13].copy_from_slice(nonce);
        let number = u32::try_from(number).expect("a short text").to_be_bytes();
        block[13..].copy_from_slice(&number[1..]);
        block
    };
    // Flags: tags of 16 bytes, numbers of 3 bytes.
    let mut tag = encrypt(block(7 << 3 | 2, plain.len()));
    for part in plain.chunks(16) {
        part.iter().zip(&mut tag).for_each(|(byte, tag)| *tag ^= byte);
        tag = encrypt(tag);
    }
    let with = |number: usize, bytes: &[u8]| -> Vec<u8> {
        encrypt(block(2, number)).iter().zip(bytes).map(|(stream, byte)| stream ^ byte).collect()
    };
    let parts = plain.chunks(16).enumerate();
    let encrypted = parts.flat_map(|(index, part)| with(index + 1, part)).collect();
    let tag = with(0, &tag);
    (std::array::from_fn(|index| tag[index]), encrypted)
}

fn boot_sector(copies: [usize; 3]) -> [u8; SECTOR] {
    let mut sector = [0; SECTOR];
    sector[..3].copy_from_slice(&[0xEB, 0x58, 0x90]);
    sector[3..11].copy_from_slice(b"-FVE-FS-");
    // 512 bytes a sector, 8 sectors a cluster; a hard disk.
    sector[11..14].copy_from_slice(&[0, 2, 8]);
    sector[21] = 0xF8;
    sector[24..28].copy_from_slice(&[63, 0, 255, 0]);
    sector[160..176].copy_from_slice(&METADATA_IDENTIFIER);
    sector[176..200].copy_from_slice(&copies.map(number).concat());
    sector[510..].copy_from_slice(&[0x55, 0xAA]);
    sector
}

fn hash(parts: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sha256::new();
    parts.iter().for_each(|part| hash.update(part));
    hash.finalize().into()
}

/// CRC-32 of IEEE 802.3.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            crc >> 1 ^ if crc & 1 == 1 { 0xEDB8_8320 } else { 0 }
        })
    })
}

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

fn number(value: usize) -> [u8; 8] {
    (value as u64).to_le_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksum_and_ciphers_agree_with_published_vectors() {
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
        // IEEE 1619, vector 2, as far as it goes: two blocks.
        let key = |byte| Aes128::new(&Array::from([byte; 16]));
        let (master, volume) = ([0; 32], [0; 32]);
        let keys = Keys { master, volume, data: key(0x11), tweak: key(0x22) };
        let mut bytes = [0x44; 32];
        keys.encrypt_sector(0x33_3333_3333, &mut bytes);
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, "c454185e6a16936e39334038acef838bfb186fff7480adc4289382ecd6d394f0");
    }
}
