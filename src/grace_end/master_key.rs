// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`MasterKeyFile`]: a master key of the Data Protection API, and the two halves of the secret that opens it.

use alloc::string::String;

use super::cipher::Cipher;
use super::digests::Hash;
use super::fields::Fields;
use super::key_bytes::KeyBytes;
use super::reason::NotOpened;

/// Maximum number of rounds for a file. The files of Windows ask for up to 24,000.
const ROUNDS: u32 = 1_000_000;
/// Maximum number of authentication codes for all files and both halves.
const ALL_ROUNDS: u64 = 4_000_000;
/// Maximum length of a file. 468 bytes were seen.
const LONGEST: usize = 16_384;
/// Version of a file and of its blocks.
const VERSION: u32 = 2;
/// Length of the master key itself.
const LENGTH: usize = 64;
/// Length of a half of the secret.
const HALF: usize = 20;

/// Half of the secret `DPAPI_SYSTEM` that opened a master key file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Half {
    /// The half of the machine, for files in `S-1-5-18` itself.
    Machine,
    /// The half of the user SYSTEM, for files in `S-1-5-18\User`.
    User,
}

/// The secret `DPAPI_SYSTEM`.
pub(super) struct Halves {
    machine: KeyBytes,
    user: KeyBytes,
}

impl Halves {
    /// Parses the content of the secret: 44 bytes.
    pub(super) fn parse(content: &[u8]) -> Option<Self> {
        let mut fields = Fields::new(content);
        fields.constant(1)?;
        let machine = KeyBytes::of(fields.take(HALF)?);
        let user = KeyBytes::of(fields.take(HALF)?);
        fields.is_empty().then_some(Self { machine, user })
    }
}

/// Limit on the work for all files.
pub(super) struct Work(u64);

impl Work {
    pub(super) const fn new() -> Self {
        Self(ALL_ROUNDS)
    }

    fn spend(&mut self, rounds: u32, blocks: u32) -> Option<()> {
        self.0 = self.0.checked_sub(u64::from(rounds).checked_mul(u64::from(blocks))?)?;
        Some(())
    }
}

/// First block of a master key file.
pub(super) struct MasterKeyFile<'d> {
    salt: &'d [u8],
    rounds: u32,
    hash: Hash,
    cipher: Cipher,
    ciphertext: &'d [u8],
}

impl<'d> MasterKeyFile<'d> {
    /// Parses a file and compares the GUID in it with the expected one.
    ///
    /// # Errors
    /// If the file has another form or GUID, or asks for an unknown algorithm or too many rounds.
    pub(super) fn parse(file: &'d [u8], guid: &str) -> Result<Self, NotOpened> {
        let other = || NotOpened::OtherMasterKeyFile { guid: String::from(guid) };
        let Block { salt, rounds, hash, cipher, ciphertext } =
            Block::parse(file, guid).ok_or_else(other)?;
        let cipher = Cipher::of(cipher)?;
        let hash = Hash::of(hash, cipher)?;
        if rounds > ROUNDS {
            return Err(NotOpened::TooMuchWork { rounds, most: ROUNDS });
        }
        Ok(Self { salt, rounds, hash, cipher, ciphertext })
    }

    /// Returns the master key, and the half that opened the file.
    ///
    /// # Errors
    /// If neither half opens the file, or if the work for all files is used up.
    pub(super) fn open(
        &self,
        halves: &Halves,
        work: &mut Work,
        guid: &str,
    ) -> Result<(KeyBytes, Half), NotOpened> {
        for (half, password) in [(Half::Machine, &halves.machine), (Half::User, &halves.user)] {
            let derived = self.cipher.key_length().saturating_add(self.cipher.block_length());
            let blocks = self.hash.blocks(derived);
            let is_paid = blocks.and_then(|blocks| work.spend(self.rounds, blocks));
            is_paid.ok_or(NotOpened::TooMuchWork { rounds: self.rounds, most: ROUNDS })?;
            if let Some(key) = self.with(password.bytes(), derived) {
                return Ok((key, half));
            }
        }
        Err(NotOpened::MasterKeyNotOpened { guid: String::from(guid) })
    }

    /// Decrypts the file with a half; `None` if the authentication code in it does not verify.
    fn with(&self, half: &[u8], derived: usize) -> Option<KeyBytes> {
        let derived = self.hash.derive(half, self.salt, self.rounds, derived)?;
        let (key, start) = derived.bytes().split_at_checked(self.cipher.key_length())?;
        let plain = self.cipher.decrypt_chain(key, start, self.ciphertext)?;
        let (salt, rest) = plain.bytes().split_at_checked(16)?;
        let (code, rest) = rest.split_at_checked(self.hash.length())?;
        let padding = rest.len().checked_sub(LENGTH)?;
        let master_key = rest.get(padding..)?;
        let inner = self.hash.code(half, &[salt])?;
        let expected = self.hash.code(inner.bytes(), &[master_key])?;
        (expected.bytes() == code && padding < self.cipher.block_length())
            .then(|| KeyBytes::of(master_key))
    }
}

/// Fields of the first block of a file, as stored.
struct Block<'d> {
    salt: &'d [u8],
    rounds: u32,
    hash: u32,
    cipher: u32,
    ciphertext: &'d [u8],
}

impl<'d> Block<'d> {
    /// Returns the first block of a file; `None` if the file has another form or GUID.
    fn parse(file: &'d [u8], guid: &str) -> Option<Self> {
        if file.len() > LONGEST {
            return None;
        }
        let mut fields = Fields::new(file);
        fields.constant(VERSION)?;
        fields.take(8)?;
        let name = fields.take(72)?;
        let is_named = guid.encode_utf16().flat_map(u16::to_le_bytes).eq(name.iter().copied());
        fields.take(8)?;
        fields.number()?;
        let first = usize::try_from(fields.long_number()?).ok()?;
        let mut others = 0_usize;
        for _ in 0..3 {
            others = others.checked_add(usize::try_from(fields.long_number()?).ok()?)?;
        }
        let is_whole = first.checked_add(others) == Some(fields.rest().len());
        if !is_named || !is_whole {
            return None;
        }
        let mut fields = Fields::new(fields.take(first)?);
        fields.constant(VERSION)?;
        let salt = fields.take(16)?;
        let rounds = fields.number().filter(|rounds| *rounds > 0)?;
        let (hash, cipher) = (fields.number()?, fields.number()?);
        Some(Self { salt, rounds, hash, cipher, ciphertext: fields.rest() })
    }
}
