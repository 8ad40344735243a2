// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Blob`]: a blob of the Data Protection API, as the value of the grace period is expected to be.

use alloc::format;
use alloc::string::String;

use super::cipher::Cipher;
use super::digests::{CodeForm, Hash, sha1};
use super::fields::Fields;
use super::key_bytes::KeyBytes;
use super::reason::NotOpened;

/// Provider of every blob: df9d8cd0-1501-11d1-8c7a-00c04fc297eb.
const PROVIDER: [u8; 16] =
    [0xD0, 0x8C, 0x9D, 0xDF, 1, 0x15, 0xD1, 0x11, 0x8C, 0x7A, 0, 0xC0, 0x4F, 0xC2, 0x97, 0xEB];
/// Length of version and provider, before the part with an authentication code.
const HEAD: usize = 20;
/// Flag of a blob that any program of the machine can open.
const LOCAL_MACHINE: u32 = 4;
/// Maximum length of a blob. A time takes 230 bytes.
const LONGEST: usize = 4096;

/// A blob with known algorithms, protected for the machine.
pub(super) struct Blob<'d> {
    /// GUID of the master key, which is the name of its file.
    pub(super) guid: String,
    pub(super) cipher: Cipher,
    pub(super) hash: Hash,
    salt: &'d [u8],
    code_salt: &'d [u8],
    ciphertext: &'d [u8],
    /// What the authentication code covers.
    body: &'d [u8],
    code: &'d [u8],
}

impl<'d> Blob<'d> {
    /// Parses a blob. Version and provider are constants, the authentication code has the length of the hash, and no
    /// byte is left over.
    ///
    /// # Errors
    /// If the blob has another form, other flags, or an unknown algorithm.
    pub(super) fn parse(data: &'d [u8]) -> Result<Self, NotOpened> {
        let raw = Raw::parse(data).ok_or(NotOpened::NotABlob)?;
        if raw.flags & LOCAL_MACHINE == 0 {
            return Err(NotOpened::NotOfTheMachine { flags: raw.flags });
        }
        let cipher = Cipher::of(raw.cipher)?;
        let hash = Hash::of(raw.hash, cipher)?;
        if raw.code.len() != hash.length() {
            return Err(NotOpened::NotABlob);
        }
        let Raw { guid, salt, code_salt, ciphertext, body, code, .. } = raw;
        Ok(Self { guid: shown(&guid), cipher, hash, salt, code_salt, ciphertext, body, code })
    }

    /// Decrypts the blob after its authentication code verifies, and returns the form of the code.
    ///
    /// # Errors
    /// If the code does not verify, or if the padding is wrong.
    pub(super) fn open(&self, master_key: &KeyBytes) -> Result<(KeyBytes, CodeForm), NotOpened> {
        let key = sha1(&[master_key.bytes()]);
        let verifies = |form: &CodeForm| {
            let code = self.hash.code_of_blob(*form, key.bytes(), self.code_salt, self.body);
            code.is_some_and(|code| code.bytes() == self.code)
        };
        let form = [CodeForm::Plain, CodeForm::Nested].into_iter().find(verifies);
        let form = form.ok_or(NotOpened::NotAuthentic)?;
        let plain = self.decrypt(&key).ok_or(NotOpened::NotAuthentic)?;
        Ok((plain, form))
    }

    fn decrypt(&self, key: &KeyBytes) -> Option<KeyBytes> {
        let session = self.hash.session_key(self.cipher, key.bytes(), self.salt)?;
        let length = self.cipher.block_length();
        let start = KeyBytes::zeros(length);
        let plain = self.cipher.decrypt_chain(session.bytes(), start.bytes(), self.ciphertext)?;
        // PKCS #7: each padding byte is the number of padding bytes.
        let last = *plain.bytes().last()?;
        let padding = usize::from(last);
        let content = plain.bytes().len().checked_sub(padding)?;
        let (content, padding_bytes) = plain.bytes().split_at_checked(content)?;
        let is_padding = (1..=length).contains(&padding);
        (is_padding && padding_bytes.iter().all(|byte| *byte == last))
            .then(|| KeyBytes::of(content))
    }
}

/// Fields of a blob, as stored.
struct Raw<'d> {
    guid: [u8; 16],
    flags: u32,
    cipher: u32,
    salt: &'d [u8],
    hash: u32,
    code_salt: &'d [u8],
    ciphertext: &'d [u8],
    body: &'d [u8],
    code: &'d [u8],
}

impl<'d> Raw<'d> {
    fn parse(data: &'d [u8]) -> Option<Self> {
        let body = data.get(HEAD..).filter(|_| data.len() <= LONGEST)?;
        let mut fields = Fields::new(data);
        fields.constant(1)?;
        (fields.array()? == PROVIDER).then_some(())?;
        fields.constant(1)?;
        let guid = fields.array()?;
        let flags = fields.number()?;
        fields.counted()?; // the description
        let cipher = fields.number()?;
        fields.number()?; // bits of the key
        let salt = fields.counted()?;
        fields.counted()?; // a further salt, empty in all samples
        let hash = fields.number()?;
        fields.number()?; // bits of the hash
        let code_salt = fields.counted()?;
        let ciphertext = fields.counted()?;
        let body = body.get(..body.len().checked_sub(fields.rest().len())?)?;
        let code = fields.counted()?;
        fields.is_empty().then_some(Self {
            guid,
            flags,
            cipher,
            salt,
            hash,
            code_salt,
            ciphertext,
            body,
            code,
        })
    }
}

/// Formats a GUID as the name of a file. Its first three parts are little-endian.
fn shown(guid: &[u8; 16]) -> String {
    let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p] = guid;
    format!(
        "{d:02x}{c:02x}{b:02x}{a:02x}-{f:02x}{e:02x}-{h:02x}{g:02x}-{i:02x}{j:02x}-\
         {k:02x}{l:02x}{m:02x}{n:02x}{o:02x}{p:02x}"
    )
}
