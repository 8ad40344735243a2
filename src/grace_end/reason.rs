// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`NotOpened`]: why the end of the grace period is not known.

use alloc::string::String;
use core::fmt;

/// Why the end of the grace period is not known. No reason shows tampering.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NotOpened {
    /// No key of SYSTEM holds a grace-period value, and SECURITY is not one of Windows before Vista with the secret.
    /// Deleted data do not count.
    NoValue,
    /// No SECURITY hive that can be read is at hand.
    NoSecurityHive,
    /// A hive is not readable where it holds what is needed, a key on the way is a symbolic link, or data are longer than
    /// data of this kind.
    Unreadable,
    /// SYSTEM lacks the class names that make the boot key.
    NoBootKey,
    /// The boot key is not in the registry, and the one in the registry opens nothing.
    BootKeyElsewhere {
        /// Number in `Control\Lsa`, `SecureBoot`: 2 for a password, 3 for a floppy disk.
        mode: u32,
    },
    /// SECURITY has no keys of the local security authority.
    NoLsaKeys,
    /// SECURITY does not open with the boot key of SYSTEM.
    OtherSystem,
    /// SECURITY has no secret `DPAPI_SYSTEM` in the known form.
    NoHalves,
    /// SECURITY opens, and the secret does not open with its keys.
    SecretNotOpened,
    /// The value is not a blob of the Data Protection API, or not in the one form that is known.
    NotABlob,
    /// The blob is not protected for the machine, so it is not of the kind that calhive opens.
    NotOfTheMachine {
        /// Flags of the blob.
        flags: u32,
    },
    /// The master key file of the blob was not found.
    NoMasterKeyFile {
        /// GUID that names the file.
        guid: String,
    },
    /// A file of this name is at hand, and has another GUID in it or another form.
    OtherMasterKeyFile {
        /// GUID that names the file.
        guid: String,
    },
    /// A file of this name is at hand. It does not open with the keys of these hives.
    MasterKeyNotOpened {
        /// GUID that names the file.
        guid: String,
    },
    /// The authentication code of the blob does not verify with the master key.
    NotAuthentic,
    /// The value opened, and holds no time of a grace period.
    NotATime {
        /// Number of bytes in it.
        length: usize,
    },
    /// The secret opened, and holds a time with a fraction of a second. Without an authentication code, that is no sign
    /// of an end.
    NotWholeSeconds,
    /// A cipher or a hash is not known, or the two do not go together.
    UnknownAlgorithm {
        /// Number of the Windows cryptography interface.
        number: u32,
    },
    /// A master key file asks for more work than calhive does.
    TooMuchWork {
        /// Number of rounds of the derivation.
        rounds: u32,
        /// Largest number that calhive does for one file.
        most: u32,
    },
}

impl NotOpened {
    /// Returns a name for machines, such as `no_security_hive`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NoValue => "no_value",
            Self::NoSecurityHive => "no_security_hive",
            Self::Unreadable => "unreadable",
            Self::NoBootKey => "no_boot_key",
            Self::BootKeyElsewhere { .. } => "boot_key_elsewhere",
            Self::NoLsaKeys => "no_lsa_keys",
            Self::OtherSystem => "other_system",
            Self::NoHalves => "no_halves",
            Self::SecretNotOpened => "secret_not_opened",
            Self::NotABlob => "not_a_blob",
            Self::NotOfTheMachine { .. } => "not_of_the_machine",
            Self::NoMasterKeyFile { .. } => "no_master_key_file",
            Self::OtherMasterKeyFile { .. } => "other_master_key_file",
            Self::MasterKeyNotOpened { .. } => "master_key_not_opened",
            Self::NotAuthentic => "not_authentic",
            Self::NotATime { .. } => "not_a_time",
            Self::NotWholeSeconds => "not_whole_seconds",
            Self::UnknownAlgorithm { .. } => "unknown_algorithm",
            Self::TooMuchWork { .. } => "too_much_work",
        }
    }
}

impl fmt::Display for NotOpened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoValue => f.write_str(
                "no key of SYSTEM holds a grace-period value, and SECURITY has no such secret of Windows before Vista",
            ),
            Self::NoSecurityHive => {
                f.write_str("no SECURITY hive that can be read lies beside this SYSTEM")
            }
            Self::Unreadable => f.write_str(
                "a key or value on the way is not readable, is a symbolic link, or is too long",
            ),
            Self::NoBootKey => {
                f.write_str("SYSTEM lacks the class names below Control\\Lsa that make the boot key")
            }
            Self::BootKeyElsewhere { mode } => write!(
                f,
                "SecureBoot is {mode}: Windows then keeps the boot key outside the registry; the key in SYSTEM does \
                 not open SECURITY"
            ),
            Self::NoLsaKeys => {
                f.write_str("SECURITY has neither PolEKList nor PolSecretEncryptionKey")
            }
            Self::NoHalves => f.write_str(
                "SECURITY has no secret DPAPI_SYSTEM in the known form",
            ),
            Self::SecretNotOpened => f.write_str(
                "SECURITY opens with the boot key of SYSTEM, and its secret DPAPI_SYSTEM does not open with its keys",
            ),
            Self::OtherSystem => f.write_str(
                "SECURITY does not open with the boot key of SYSTEM: hives of two installations, hives of \
                 different times, or damage",
            ),
            Self::NotABlob => f.write_str(
                "the value is not a blob of the Data Protection API in the one known form",
            ),
            Self::NotOfTheMachine { flags } => write!(
                f,
                "the blob has flags {flags:#x}, without the flag LocalMachine (4); calhive opens no other blob"
            ),
            Self::NoMasterKeyFile { guid } => {
                write!(f, "master key file {guid} was not found in the places searched")
            }
            Self::OtherMasterKeyFile { guid } => write!(
                f,
                "a file named {guid} was read; the GUID in it or its form is another one, so no key was tried"
            ),
            Self::MasterKeyNotOpened { guid } => write!(
                f,
                "master key file {guid} does not open with these keys: another installation, a later setup, or \
                 damage"
            ),
            Self::NotAuthentic => f.write_str(
                "the message authentication code does not verify: entropy, another key, damage and a change cannot \
                 be distinguished",
            ),
            Self::NotATime { length: 1 } => {
                f.write_str("the value opened and holds 1 byte, not a time from 1999 to 2200")
            }
            Self::NotATime { length } => {
                write!(f, "the value opened and holds {length} bytes, not a time from 1999 to 2200")
            }
            Self::NotWholeSeconds => f.write_str(
                "the secret opened and holds a time with a fraction of a second; all known ends have whole seconds",
            ),
            Self::UnknownAlgorithm { number } => {
                write!(f, "algorithm {number:#x} is not known in this place")
            }
            Self::TooMuchWork { rounds, most } => write!(
                f,
                "the master key file asks for {rounds} rounds; calhive does at most {most} for a file, and four \
                 times as many for all"
            ),
        }
    }
}

impl core::error::Error for NotOpened {}
