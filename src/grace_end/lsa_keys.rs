// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`LsaKeys`]: the keys of the local security authority, which decrypt secrets in SECURITY.

use alloc::vec::Vec;

use calhive_regf::Hive;

use super::cipher::{aes_blocks, des_blocks, rc4};
use super::digests::{salt_with_md5, salt_with_sha256};
use super::fields::Fields;
use super::key_bytes::KeyBytes;
use super::place::{key_below, value_of};
use super::reason::NotOpened;

/// Key of SECURITY with the ring of keys, since Windows Vista.
const RING: &str = r"Policy\PolEKList";
/// Key of SECURITY with the one key, before Windows Vista.
const ONE_KEY: &str = r"Policy\PolSecretEncryptionKey";
/// Algorithm of ring and secrets: AES-256.
const AES_256: u32 = 3;
/// Length of a salt since Windows Vista.
const SALT: usize = 32;
/// Length of a key of the ring.
const KEY_LENGTH: u32 = 32;
/// Maximum number of keys in a ring. One was seen.
const KEYS: u32 = 16;
/// Maximum length of the data of a ring, a key or a secret.
const LONGEST: usize = 4096;
/// Bytes of the value before Windows Vista.
const ONE_KEY_LENGTH: usize = 76;
/// Bytes before a secret before Windows Vista that are not reliable: a size and an address.
const UNRELIABLE: usize = 8;
/// Version of a secret before Windows Vista.
const VERSION: u32 = 1;

/// Keys of the local security authority.
pub(super) enum LsaKeys {
    /// The ring: each key with its name.
    Ring(Vec<([u8; 16], KeyBytes)>),
    /// The one key before Windows Vista.
    One(KeyBytes),
}

impl LsaKeys {
    /// Decrypts the keys with the boot key. Which of the two keys of SECURITY exists decides the generation. That of
    /// Windows before Vista has no form by which a wrong boot key would be noticed.
    ///
    /// # Errors
    /// If SECURITY has neither key, or if the result does not have the form of keys.
    pub(super) fn open(security: Hive<'_>, boot_key: &KeyBytes) -> Result<Self, NotOpened> {
        if let Some(data) = default_value(security, RING)? {
            return ring(data.bytes(), boot_key).map(Self::Ring).ok_or(NotOpened::OtherSystem);
        }
        let data = default_value(security, ONE_KEY)?.ok_or(NotOpened::NoLsaKeys)?;
        one_key(data.bytes(), boot_key).map(Self::One).ok_or(NotOpened::OtherSystem)
    }

    /// Decrypts a secret.
    ///
    /// # Errors
    /// If no key has the name in the secret, or if the content has another form. Before Windows Vista, a wrong boot key
    /// gives such a content.
    pub(super) fn secret(&self, data: &[u8]) -> Result<KeyBytes, NotOpened> {
        match self {
            Self::Ring(keys) => of_ring(data, keys).ok_or(NotOpened::SecretNotOpened),
            Self::One(key) => des_content(data, key).ok_or(NotOpened::OtherSystem),
        }
    }
}

/// Whether SECURITY has a ring of keys, as since Windows Vista.
///
/// # Errors
/// If that is not readable.
pub(super) fn is_since_vista(security: Hive<'_>) -> Result<bool, NotOpened> {
    default_value(security, RING).map(|ring| ring.is_some())
}

/// Decrypts a secret with the key of the ring that it names.
fn of_ring(data: &[u8], keys: &[([u8; 16], KeyBytes)]) -> Option<KeyBytes> {
    let name: [u8; 16] = Fields::new(data.get(4..)?).array()?;
    let (_, key) = keys.iter().find(|(known, _)| *known == name)?;
    aes_content(data, key)
}

/// Returns the default value of a key of SECURITY; `None` if there is no such key or value.
///
/// # Errors
/// If the key or the value is not readable, or too long.
pub(super) fn default_value(security: Hive<'_>, path: &str) -> Result<Option<KeyBytes>, NotOpened> {
    let root = security.root().map_err(|_| NotOpened::Unreadable)?;
    let Some(key) = key_below(root, path)? else { return Ok(None) };
    let Some(value) = value_of(key, "")? else { return Ok(None) };
    let data = value.data().map_err(|_| NotOpened::Unreadable)?;
    let data = data.as_slice().filter(|data| data.len() <= LONGEST);
    data.map(|data| Some(KeyBytes::of(data))).ok_or(NotOpened::Unreadable)
}

fn ring(data: &[u8], boot_key: &KeyBytes) -> Option<Vec<([u8; 16], KeyBytes)>> {
    let content = aes_content(data, boot_key)?;
    let mut fields = Fields::new(content.bytes());
    fields.constant(AES_256)?;
    fields.take(16)?;
    fields.constant(AES_256)?;
    let count = fields.number().filter(|count| (1..=KEYS).contains(count))?;
    let mut keys = Vec::new();
    for _ in 0..count {
        let name = fields.array()?;
        fields.constant(AES_256)?;
        fields.constant(KEY_LENGTH)?;
        keys.push((name, KeyBytes::of(fields.take(SALT)?)));
    }
    fields.is_empty().then_some(keys)
}

/// Decrypts the form of Windows Vista and later, which ring and secrets share. Returns its content.
fn aes_content(data: &[u8], key: &KeyBytes) -> Option<KeyBytes> {
    let mut fields = Fields::new(data);
    (fields.array()? == [0, 0, 0, 1]).then_some(())?;
    fields.take(16)?;
    fields.constant(AES_256)?;
    fields.constant(0)?;
    let salt = fields.take(SALT)?;
    let plain = aes_blocks(&salt_with_sha256(key, salt), fields.rest())?;
    let mut fields = Fields::new(plain.bytes());
    let length = usize::try_from(fields.number()?).ok()?;
    fields.take(12)?;
    // The last block may have bytes beyond the content.
    let is_whole = fields.rest().len().checked_sub(length).is_some_and(|left| left < 16);
    is_whole.then(|| fields.take(length).map(KeyBytes::of))?
}

fn one_key(data: &[u8], boot_key: &KeyBytes) -> Option<KeyBytes> {
    let (head, salt) = data.split_at_checked(60).filter(|_| data.len() == ONE_KEY_LENGTH)?;
    let plain = rc4(&salt_with_md5(boot_key, salt), head.get(12..)?)?;
    plain.bytes().get(16..32).map(KeyBytes::of)
}

/// Decrypts a secret before Windows Vista.
fn des_content(data: &[u8], key: &KeyBytes) -> Option<KeyBytes> {
    let mut fields = Fields::new(data);
    let length = usize::try_from(fields.number()?).ok()?;
    fields.take(UNRELIABLE)?;
    let plain = des_blocks(key, fields.take(length)?)?;
    let mut fields = Fields::new(plain.bytes());
    let length = usize::try_from(fields.number()?).ok()?;
    fields.constant(VERSION)?;
    // The last block may have bytes beyond the content.
    let is_whole = fields.rest().len().checked_sub(length).is_some_and(|left| left < 8);
    is_whole.then(|| fields.take(length).map(KeyBytes::of))?
}
