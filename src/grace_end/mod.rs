// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`grace_end`]: the end of the grace period, decrypted, and nothing else.
//!
//! The value of the grace period is a blob of the Data Protection API, or, before Windows Vista, a secret of the local
//! security authority. SYSTEM, SECURITY and one master key file of the machine open it. The names of both are
//! constants: no argument names another secret or holds another blob. Keys and plaintexts stay inside the module and
//! are overwritten after use. See [licensing.md](crate::licensing#grace-period).

mod blob;
mod boot_key;
mod cipher;
mod digests;
mod fields;
mod key_bytes;
mod lsa_keys;
mod master_key;
mod place;
mod reason;
#[cfg(test)]
mod tests;

use alloc::borrow::ToOwned as _;
use alloc::string::String;
use alloc::vec::Vec;

use calhive_regf::{FileTime, Hive, Value};

use blob::Blob;
use boot_key::{BootKey, ControlSets, boot_keys, secure_boot};
use digests::CodeForm;
use key_bytes::KeyBytes;
use lsa_keys::{LsaKeys, default_value, is_since_vista};
pub use master_key::Half;
use master_key::{Halves, MasterKeyFile, Work};
use place::{key_below, value_of};
pub use reason::NotOpened;

/// Key of the value below a control set.
const KEY: &str = r"Control\Terminal Server\RCM\GracePeriod";
/// Names of the value: of released versions, and of a beta.
const VALUES: [&str; 2] = [
    "L$RTMTIMEBOMB_1320153D-8DA3-4e8e-B27B-0D888223A588",
    "L$GracePeriodTimeBomb_1320153D-8DA3-4e8e-B27B-0D888223A588",
];
/// Secret of the grace period, and the time at which it was set.
const SECRET: &str = r"Policy\Secrets\L$RTMTIMEBOMB_1320153D-8DA3-4e8e-B27B-0D888223A588\CurrVal";
const SECRET_SET: &str =
    r"Policy\Secrets\L$RTMTIMEBOMB_1320153D-8DA3-4e8e-B27B-0D888223A588\CupdTime";
/// Secret with the two halves that open master key files.
const HALVES: &str = r"Policy\Secrets\DPAPI_SYSTEM\CurrVal";
/// Maximum number of master key files of one name.
const FILES: usize = 64;
/// Times that can be an end: from 1999 to 2200.
const FIRST: u64 = 125_596_224_000_000_000;
const LAST: u64 = 189_341_280_000_000_000;
/// A second in FILETIME units.
const SECOND: u64 = 10_000_000;

/// End of the grace period, as these hives hold it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GraceEnd {
    /// The time in the value, read as the end of the grace period.
    pub end: FileTime,
    /// Time at which the value was set, beside it and not encrypted. Only secrets have this time.
    pub set_at: Option<FileTime>,
    /// Whether the value has a message authentication code, which verifies under the master key. Then the value was
    /// protected with that key and has not changed since. Who protected it, and when, is not shown.
    pub authenticated: bool,
    /// How the value opened.
    pub opened_with: OpenedWith,
}

/// How a value opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OpenedWith {
    /// A blob in SYSTEM, opened with a master key file.
    MasterKey {
        /// Number of the control set of the value.
        control_set: u32,
        /// Whether this control set was in use when Windows last loaded the hive.
        is_current: bool,
        /// Name of the value.
        value: &'static str,
        /// Number of the control set whose boot key opened SECURITY.
        boot_key_set: u32,
        /// GUID that names the master key file.
        guid: String,
        /// Position of the file among those that the look-up returned.
        file: usize,
        /// Half of the secret that opened the file.
        half: Half,
        /// Cipher of the blob.
        cipher: &'static str,
        /// Hash of the blob.
        hash: &'static str,
        /// Whether the code of the blob is an HMAC over salt and body. Otherwise, it is the nested form.
        is_hmac: bool,
    },
    /// A secret in SECURITY, as Windows 2000 to Server 2003 and XP keep it.
    Secret {
        /// Number of the control set whose boot key opened SECURITY.
        boot_key_set: u32,
    },
}

/// Decrypts the end of the grace period.
///
/// `master_keys` returns the bytes of all files whose name is this GUID: of `Protect\S-1-5-18` first, then of its
/// folder `User`, then of other accounts. The value of the control set in use counts, then that of the others. Without
/// a value, the secret of Windows before Vista counts.
///
/// A secret has no message authentication code. So its time must be in whole seconds, as in all samples: another
/// time would most likely be an accident.
///
/// # Errors
/// One reason. No error holds a key, a secret, a part of the blob or of its content.
pub fn grace_end(
    system: Hive<'_>,
    security: Option<Hive<'_>>,
    master_keys: impl FnMut(&str) -> Vec<Vec<u8>>,
) -> Result<GraceEnd, NotOpened> {
    let sets = ControlSets::of(system);
    let value = find_value(&sets)?;
    let Some(security) = security else {
        return Err(NotOpened::NoSecurityHive);
    };
    match value {
        Some(value) => of_blob(&value, &sets, security, master_keys),
        None => of_secret(&sets, security),
    }
}

/// A grace-period value of SYSTEM.
struct Stored<'d> {
    control_set: u32,
    is_current: bool,
    name: &'static str,
    value: Value<'d>,
}

/// Returns the value of the first control set that has one, under the first name that it has.
///
/// # Errors
/// If no control set has a value, and one of them is not readable.
fn find_value<'d>(sets: &ControlSets<'d>) -> Result<Option<Stored<'d>>, NotOpened> {
    for set in &sets.sets {
        let Some(key) = key_below(set.key, KEY)? else { continue };
        for name in VALUES {
            if let Some(value) = value_of(key, name)? {
                let (control_set, is_current) = (set.number, set.is_current());
                return Ok(Some(Stored { control_set, is_current, name, value }));
            }
        }
    }
    if sets.has_unread { Err(NotOpened::Unreadable) } else { Ok(None) }
}

/// Opens a blob of SYSTEM.
fn of_blob(
    stored: &Stored<'_>,
    sets: &ControlSets<'_>,
    security: Hive<'_>,
    mut master_keys: impl FnMut(&str) -> Vec<Vec<u8>>,
) -> Result<GraceEnd, NotOpened> {
    let data = stored.value.data().map_err(|_| NotOpened::Unreadable)?;
    let blob = Blob::parse(data.as_slice().ok_or(NotOpened::NotABlob)?)?;
    let guid = &blob.guid;
    let (boot_key_set, halves) = with_boot_key(sets, security, |keys| {
        let data = default_value(security, HALVES)?.ok_or(NotOpened::NoHalves)?;
        let content = keys.secret(data.bytes())?;
        Halves::parse(content.bytes()).ok_or(NotOpened::NoHalves)
    })?;
    let files = master_keys(guid);
    if files.is_empty() {
        return Err(NotOpened::NoMasterKeyFile { guid: guid.to_owned() });
    }
    let (mut work, mut reason) = (Work::new(), None);
    for (number, file) in files.iter().enumerate().take(FILES) {
        let opened = MasterKeyFile::parse(file, guid);
        match opened.and_then(|file| file.open(&halves, &mut work, guid)) {
            Ok((master_key, half)) => {
                let (plain, form) = blob.open(&master_key)?;
                return Ok(GraceEnd {
                    end: time(&plain)?,
                    set_at: None,
                    authenticated: true,
                    opened_with: OpenedWith::MasterKey {
                        control_set: stored.control_set,
                        is_current: stored.is_current,
                        value: stored.name,
                        boot_key_set,
                        guid: guid.to_owned(),
                        file: number,
                        half,
                        cipher: blob.cipher.name(),
                        hash: blob.hash.name(),
                        is_hmac: form == CodeForm::Plain,
                    },
                });
            }
            // Work that is not done says less about the file than any other reason does.
            Err(error @ NotOpened::TooMuchWork { .. }) => reason = Some(error),
            Err(error) => reason = reason.or(Some(error)),
        }
    }
    Err(reason.unwrap_or_else(|| NotOpened::NoMasterKeyFile { guid: guid.to_owned() }))
}

/// Opens the secret of SECURITY.
fn of_secret(sets: &ControlSets<'_>, security: Hive<'_>) -> Result<GraceEnd, NotOpened> {
    // Windows Vista and later keep the end in SYSTEM. What a secret of this name means there is not known.
    if is_since_vista(security)? {
        return Err(NotOpened::NoValue);
    }
    let data = default_value(security, SECRET)?.ok_or(NotOpened::NoValue)?;
    let (boot_key_set, plain) = with_boot_key(sets, security, |keys| keys.secret(data.bytes()))?;
    let end = time(&plain)?;
    if end.raw().checked_rem(SECOND) != Some(0) {
        return Err(NotOpened::NotWholeSeconds);
    }
    // This time is beside the secret: without it, the end is known all the same.
    let set_at = default_value(security, SECRET_SET).ok().flatten();
    let set_at = set_at.and_then(|it| it.bytes().try_into().ok().map(u64::from_le_bytes));
    Ok(GraceEnd {
        end,
        set_at: set_at.map(FileTime::from_raw),
        authenticated: false,
        opened_with: OpenedWith::Secret { boot_key_set },
    })
}

/// Opens the keys of SECURITY with each boot key, until `open` does not say that the boot key is another one.
fn with_boot_key<T>(
    sets: &ControlSets<'_>,
    security: Hive<'_>,
    mut open: impl FnMut(&LsaKeys) -> Result<T, NotOpened>,
) -> Result<(u32, T), NotOpened> {
    for BootKey { control_set, key } in boot_keys(sets)? {
        match LsaKeys::open(security, &key).and_then(|keys| open(&keys)) {
            Ok(opened) => return Ok((control_set, opened)),
            Err(NotOpened::OtherSystem) => {}
            Err(error) => return Err(error),
        }
    }
    match secure_boot(sets) {
        Some(mode @ (2 | 3)) => Err(NotOpened::BootKeyElsewhere { mode }),
        _ => Err(NotOpened::OtherSystem),
    }
}

/// Reads a plaintext as a time.
fn time(plain: &KeyBytes) -> Result<FileTime, NotOpened> {
    let length = plain.bytes().len();
    let raw = plain.bytes().try_into().map(u64::from_le_bytes).ok();
    let raw = raw.filter(|raw| (FIRST..LAST).contains(raw));
    raw.map(FileTime::from_raw).ok_or(NotOpened::NotATime { length })
}
