// SPDX-License-Identifier: MIT OR Apache-2.0

//! [`Installation`]: the keys of one installation of Windows, and what they protect.

use super::crypt::{Suite, aes_blocks, des_blocks, rc4, salt_md5, salt_sha256, sha1};
use crate::rng::Rng;
use crate::tree::{Key, Tree, Value, utf16_nul, value_type};

/// Provider of every blob.
const PROVIDER: [u8; 16] = [
    0xD0, 0x8C, 0x9D, 0xDF, 0x01, 0x15, 0xD1, 0x11, 0x8C, 0x7A, 0x00, 0xC0, 0x4F, 0xC2, 0x97, 0xEB,
];
/// Place of each byte of the boot key in the joined class names.
const ORDER: [usize; 16] = [8, 5, 4, 2, 11, 9, 13, 3, 0, 6, 1, 12, 14, 10, 15, 7];

/// Keys of one installation.
#[derive(Clone, Debug)]
pub struct Installation {
    /// The class names of JD, Skew1, GBG and Data, joined.
    class_names: Vec<u8>,
    /// Name and key of the ring, or the key before Windows Vista.
    lsa_name: Vec<u8>,
    lsa_key: Vec<u8>,
    machine_half: Vec<u8>,
    user_half: Vec<u8>,
    master_key: Vec<u8>,
    guid: Vec<u8>,
    rng: Rng,
}

/// How the value of the grace period is protected. The default is how Windows is expected to do it.
#[derive(Clone, Debug)]
pub struct Protection {
    /// Content before encryption.
    pub content: Vec<u8>,
    /// Algorithms.
    pub suite: Suite,
    /// Flags; 4 is the machine.
    pub flags: u32,
    /// Description, mostly empty.
    pub description: &'static str,
    /// Secret of the caller, which the grace period does not have.
    pub entropy: &'static [u8],
    /// Whether the salt is in the inner hash of the authentication code, as real blobs with SHA-1 have it.
    pub is_nested: bool,
}

impl Protection {
    /// Protects a time as Windows is expected to do it.
    pub fn of(end: u64, suite: Suite) -> Self {
        Self {
            content: end.to_le_bytes().to_vec(),
            suite,
            flags: 4,
            description: "",
            entropy: &[],
            is_nested: suite == Suite::TripleDes,
        }
    }
}

impl Installation {
    /// Returns the keys of the installation of this name.
    pub fn new(name: &str) -> Self {
        let mut rng = Rng::named(&format!("installation {name}"));
        let mut bytes = |length| rng.bytes(length);
        Self {
            class_names: bytes(16),
            lsa_name: bytes(16),
            lsa_key: bytes(32),
            machine_half: bytes(20),
            user_half: bytes(20),
            master_key: bytes(64),
            guid: bytes(16),
            rng,
        }
    }

    /// Returns the same installation with the GUID of the master key of another.
    pub fn with_guid_of(mut self, other: &Self) -> Self {
        self.guid.clone_from(&other.guid);
        self
    }

    fn boot_key(&self) -> Vec<u8> {
        ORDER.iter().map(|from| self.class_names[*from]).collect()
    }

    /// Name of the master key file.
    pub fn guid(&self) -> String {
        let hex: Vec<String> = self.guid.iter().map(|byte| format!("{byte:02x}")).collect();
        let part = |order: &[usize]| order.iter().map(|at| hex[*at].as_str()).collect::<String>();
        [
            part(&[3, 2, 1, 0]),
            part(&[5, 4]),
            part(&[7, 6]),
            part(&[8, 9]),
            part(&[10, 11, 12, 13, 14, 15]),
        ]
        .join("-")
    }

    /// Returns every key and secret, each with its name. No output of calhive may hold one of them.
    pub fn key_material(&self) -> Vec<(&'static str, Vec<u8>)> {
        vec![
            ("boot key", self.boot_key()),
            ("key of the LSA", self.lsa_key.clone()),
            ("key of the LSA before Vista", self.lsa_key[..16].to_vec()),
            ("half of the machine", self.machine_half.clone()),
            ("half of the user", self.user_half.clone()),
            ("master key", self.master_key.clone()),
            ("hash of the master key", sha1(&self.master_key)),
        ]
    }

    /// Writes the class names below `Control\Lsa` of a control set.
    pub fn write_boot_key(&self, control_set: &mut Key) {
        let lsa = control_set.at(r"Control\Lsa");
        for (name, part) in ["JD", "Skew1", "GBG", "Data"].iter().zip(self.class_names.chunks(4)) {
            let class: String = part.iter().map(|byte| format!("{byte:02x}")).collect();
            lsa.at(name).class = Some(class.encode_utf16().collect());
        }
    }

    /// Writes the key ring of Windows Vista and later, with this number of other keys before the one in use.
    pub fn write_ring(&mut self, security: &mut Tree, others: u32) {
        let mut content = Vec::new();
        number(&mut content, 3);
        content.extend(&self.lsa_name);
        number(&mut content, 3);
        number(&mut content, others + 1);
        let other_keys = (0..others).map(|_| (self.rng.bytes(16), self.rng.bytes(32)));
        let mut keys: Vec<(Vec<u8>, Vec<u8>)> = other_keys.collect();
        keys.push((self.lsa_name.clone(), self.lsa_key.clone()));
        for (name, key) in keys {
            content.extend(name);
            number(&mut content, 3);
            number(&mut content, 32);
            content.extend(key);
        }
        let header = self.rng.bytes(16);
        let data = self.protect_since_vista(&self.boot_key(), &header, &content);
        default(security.root.at(r"Policy\PolEKList"), &data);
    }

    /// Writes the key before Windows Vista.
    pub fn write_one_key(&mut self, security: &mut Tree) {
        let salt = self.rng.bytes(16);
        let mut plain = self.rng.bytes(16);
        plain.extend(&self.lsa_key[..16]);
        plain.extend(self.rng.bytes(16));
        let mut data = self.rng.bytes(12);
        data.extend(rc4(&salt_md5(&self.boot_key(), &salt), &plain));
        data.extend(salt);
        default(security.root.at(r"Policy\PolSecretEncryptionKey"), &data);
    }

    /// Writes `DPAPI_SYSTEM` with both halves.
    pub fn write_halves(&mut self, security: &mut Tree, is_before_vista: bool) {
        let mut content = vec![1, 0, 0, 0];
        content.extend(&self.machine_half);
        content.extend(&self.user_half);
        self.write_secret(security, "DPAPI_SYSTEM", &content, None, is_before_vista);
    }

    /// Writes a secret, with the time at which it was set.
    pub fn write_secret(
        &mut self,
        security: &mut Tree,
        name: &str,
        content: &[u8],
        set: Option<u64>,
        is_before_vista: bool,
    ) {
        let data = if is_before_vista {
            self.protect_before_vista(content)
        } else {
            let (key, name) = (self.lsa_key.clone(), self.lsa_name.clone());
            self.protect_since_vista(&key, &name, content)
        };
        let written = set.unwrap_or(security.root.last_written);
        let secret = security.root.made(&format!(r"Policy\Secrets\{name}"), written);
        default(secret.made("CurrVal", written), &data);
        default(secret.made("CupdTime", written), &written.to_le_bytes());
    }

    fn protect_since_vista(&mut self, key: &[u8], name: &[u8], content: &[u8]) -> Vec<u8> {
        let mut plain = Vec::new();
        number(&mut plain, content.len() as u32);
        plain.extend(self.rng.bytes(12));
        plain.extend(content);
        plain.resize(plain.len().next_multiple_of(16), 0);
        let salt = self.rng.bytes(32);
        let mut data = vec![0, 0, 0, 1];
        data.extend(name);
        number(&mut data, 3);
        number(&mut data, 0);
        data.extend(&salt);
        data.extend(aes_blocks(&salt_sha256(key, &salt), &plain));
        data
    }

    fn protect_before_vista(&mut self, content: &[u8]) -> Vec<u8> {
        let mut plain = Vec::new();
        number(&mut plain, content.len() as u32);
        number(&mut plain, 1);
        plain.extend(content);
        plain.resize(plain.len().next_multiple_of(8), 0);
        let mut data = Vec::new();
        number(&mut data, plain.len() as u32);
        data.extend(self.rng.bytes(8));
        data.extend(des_blocks(&self.lsa_key[..16], &plain));
        data
    }

    /// Returns the master key file, encrypted with the half of the machine or of the user.
    pub fn master_key_file(&mut self, suite: Suite, is_user: bool, rounds: u32) -> Vec<u8> {
        let half = if is_user { self.user_half.clone() } else { self.machine_half.clone() };
        let salt = self.rng.bytes(16);
        let mut plain = self.rng.bytes(16);
        let code = suite.hmac(&suite.hmac(&half, &plain), &self.master_key);
        plain.extend(code);
        let length = plain.len() + self.master_key.len();
        plain.resize(plain.len() + length.next_multiple_of(suite.block()) - length, 0);
        plain.extend(&self.master_key);
        let derived = suite.derive(&half, &salt, rounds, suite.key_length() + suite.block());
        let (key, start) = derived.split_at(suite.key_length());
        let mut block = Vec::new();
        number(&mut block, 2);
        block.extend(&salt);
        number(&mut block, rounds);
        number(&mut block, suite.hash_number());
        number(&mut block, suite.cipher_number());
        block.extend(suite.chain(key, start, &plain));
        let backup = self.rng.bytes(144);
        let credential_history = self.rng.bytes(20);

        let mut file = Vec::new();
        number(&mut file, 2);
        file.extend([0; 8]);
        file.extend(&utf16_nul(&self.guid())[..72]);
        file.extend([0; 8]);
        number(&mut file, 6);
        for length in [block.len(), backup.len(), credential_history.len(), 0] {
            file.extend((length as u64).to_le_bytes());
        }
        file.extend(block);
        file.extend(backup);
        file.extend(credential_history);
        file
    }

    /// Returns a blob.
    pub fn blob(&mut self, protection: &Protection) -> Vec<u8> {
        let Protection { content, suite, entropy, .. } = protection;
        let key = sha1(&self.master_key);
        let length = if *suite == Suite::Aes { 32 } else { 16 };
        let (salt, code_salt) = (self.rng.bytes(length), self.rng.bytes(length));
        let session = suite.hmac(&key, &[&salt, *entropy].concat());
        let session = if session.len() < suite.key_length() {
            [0x36, 0x5C].iter().flat_map(|byte| suite.hash(&suite.pad(&session, *byte))).collect()
        } else {
            session
        };
        let padding = suite.block() - content.len() % suite.block();
        let plain = [content.clone(), vec![padding as u8; padding]].concat();
        let zeros = vec![0; suite.block()];
        let mut body = Vec::new();
        number(&mut body, 1);
        body.extend(&self.guid);
        number(&mut body, protection.flags);
        counted(&mut body, &utf16_nul(protection.description));
        number(&mut body, suite.cipher_number());
        number(&mut body, 8 * suite.key_length() as u32);
        counted(&mut body, &salt);
        counted(&mut body, &[]);
        number(&mut body, suite.hash_number());
        number(&mut body, 8 * suite.hash_length() as u32);
        counted(&mut body, &code_salt);
        counted(&mut body, &suite.chain(&session[..suite.key_length()], &zeros, &plain));
        let code = if protection.is_nested {
            let inner = suite.hash(&[suite.pad(&key, 0x36), code_salt].concat());
            suite.hash(&[&suite.pad(&key, 0x5C), &inner, *entropy, &body].concat())
        } else {
            suite.hmac(&key, &[&code_salt, *entropy, &body].concat())
        };
        let mut blob = Vec::new();
        number(&mut blob, 1);
        blob.extend(PROVIDER);
        blob.extend(body);
        counted(&mut blob, &code);
        blob
    }
}

fn number(bytes: &mut Vec<u8>, number: u32) {
    bytes.extend(number.to_le_bytes());
}

fn counted(bytes: &mut Vec<u8>, part: &[u8]) {
    number(bytes, part.len() as u32);
    bytes.extend(part);
}

/// Sets the default value, without a type.
fn default(key: &mut Key, data: &[u8]) {
    key.set(Value::new("", value_type::NONE, data));
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The sizes of real blobs and files.
    #[test]
    fn blob_of_a_time_has_230_or_154_bytes() {
        let mut installation = Installation::new("sizes");
        let mut size = |suite| installation.blob(&Protection::of(1, suite)).len();
        assert_eq!((size(Suite::Aes), size(Suite::TripleDes)), (230, 154));
        assert_eq!(installation.master_key_file(Suite::Aes, false, 1).len(), 468);
    }
}
