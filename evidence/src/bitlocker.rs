// SPDX-License-Identifier: MIT OR Apache-2.0
//! Volumes encrypted with `BitLocker`, through the crate `bitlocker-core`.

use alloc::sync::Arc;
use std::io;

use crate::disk::Disk;

/// Opens a volume with its clear key, or with the first recovery password that fits.
///
/// # Errors
/// If no key fits, or if the volume is damaged. The message names the volume and its protectors.
#[cfg(feature = "bitlocker")]
pub(crate) fn open(
    disk: Arc<dyn Disk>,
    recovery_passwords: &[String],
) -> io::Result<Arc<dyn Disk>> {
    volume::open(disk, recovery_passwords)
}

/// Reports that this build decrypts no volume.
///
/// # Errors
/// Always.
#[cfg(not(feature = "bitlocker"))]
pub(crate) fn open(_: Arc<dyn Disk>, _: &[String]) -> io::Result<Arc<dyn Disk>> {
    Err(crate::structure::unsupported("this build of calhive does not decrypt BitLocker volumes"))
}

#[cfg(feature = "bitlocker")]
mod volume {
    use super::*;
    use ::bitlocker::{BdeError, BitLockerVolume, DecryptedVolume, FveMetadata, MetadataEntry};

    use crate::containment::{Contained, contained};
    use crate::disk::Cursor;
    use crate::structure::{Fields as _, damaged, guid, unsupported};

    /// Types of key protectors.
    const CLEAR_KEY: u16 = 0;
    const RECOVERY_PASSWORD: u16 = 0x800;

    type Volume = DecryptedVolume<Cursor<Arc<dyn Disk>>>;

    pub(super) fn open(
        disk: Arc<dyn Disk>,
        recovery_passwords: &[String],
    ) -> io::Result<Arc<dyn Disk>> {
        let metadata = read_metadata(&disk)?;
        let protectors = metadata.protector_types();
        if protectors.contains(&CLEAR_KEY)
            && let Ok(volume) =
                unlock(|| BitLockerVolume::unlock_clear_key(Cursor::new(Arc::clone(&disk))))
        {
            return Ok(decrypted(volume));
        }
        let mut reasons = Vec::new();
        for (number, password) in (1..).zip(recovery_passwords) {
            // The crate tries the first protector of a kind: hide the ones before.
            for skipped in 0..protectors.iter().filter(|kind| **kind == RECOVERY_PASSWORD).count() {
                let disk: Arc<dyn Disk> = Arc::new(hide(&disk, &metadata, skipped)?);
                let password = password.trim();
                match unlock(|| {
                    BitLockerVolume::unlock_with_recovery_password(Cursor::new(disk), password)
                }) {
                    Ok(volume) => return Ok(decrypted(volume)),
                    Err(Failure::Key(reason)) => {
                        reasons.push(format!("password {number}: {reason}"))
                    }
                    Err(Failure::Volume(error)) => return Err(error),
                }
            }
        }
        reasons.dedup();
        if reasons.is_empty() && !recovery_passwords.is_empty() {
            reasons.push("the volume has no recovery password".to_owned());
        }
        Err(no_key(&metadata, &reasons, recovery_passwords.is_empty()))
    }

    fn read_metadata(disk: &Arc<dyn Disk>) -> io::Result<FveMetadata> {
        let read = || {
            let mut reader = Cursor::new(Arc::clone(disk));
            BitLockerVolume::read_metadata(&mut reader).map_err(volume_error)
        };
        contained(read)
    }

    fn decrypted(volume: Volume) -> Arc<dyn Disk> {
        let size = volume.volume_size();
        Arc::new(Contained::new(volume, size))
    }

    /// Why a key does not open a volume.
    enum Failure {
        /// The key does not fit.
        Key(String),
        /// The volume is damaged or of an unknown form.
        Volume(io::Error),
    }

    fn unlock(call: impl FnOnce() -> Result<Volume, BdeError>) -> Result<Volume, Failure> {
        match contained(|| Ok(call())) {
            Ok(Ok(volume)) => Ok(volume),
            Ok(Err(BdeError::InvalidRecoveryPassword { reason })) => {
                Err(Failure::Key(reason.to_owned()))
            }
            Ok(Err(BdeError::AuthenticationFailed { .. })) => {
                Err(Failure::Key("does not fit".to_owned()))
            }
            Ok(Err(
                error @ (BdeError::MissingKeyMaterial { .. } | BdeError::NoUnlockProtector { .. }),
            )) => Err(Failure::Key(error.to_string())),
            Ok(Err(error)) => Err(Failure::Volume(volume_error(error))),
            Err(error) => Err(Failure::Volume(error)),
        }
    }

    fn volume_error(error: BdeError) -> io::Error {
        match error {
            BdeError::Io(error) => error,
            BdeError::UnsupportedEncryptionMethod { method }
            | BdeError::UnvalidatedEncryptionMethod { method } => unsupported(format!(
                "BitLocker with encryption method {method:#06x}, which calhive does not decrypt; unlock it \
                 with dislocker or on Windows, and give an image of the unlocked volume"
            )),
            error => damaged(format!("BitLocker: {error}")),
        }
    }

    /// Returns the error about a volume that no key opens.
    fn no_key(metadata: &FveMetadata, reasons: &[String], is_without_password: bool) -> io::Error {
        let protectors: Vec<String> = metadata.vmk_entries().map(protector).collect();
        let protectors =
            if protectors.is_empty() { "none".to_owned() } else { protectors.join(", ") };
        let volume = guid(metadata.volume_guid);
        let first = if is_without_password {
            "the volume is encrypted with BitLocker; give its recovery password with \
             --bitlocker-recovery-password"
                .to_owned()
        } else {
            format!(
                "the volume is encrypted with BitLocker, and no password of --bitlocker-recovery-password opens it \
                 ({})",
                reasons.join("; ")
            )
        };
        let message = format!("{first} (volume {volume}; key protectors: {protectors})");
        io::Error::new(io::ErrorKind::PermissionDenied, message)
    }

    /// Names a key protector with its identifier, which Windows shows beside a recovery password.
    fn protector(entry: &MetadataEntry) -> String {
        let kind = match entry.protection_type() {
            Some(CLEAR_KEY) => "clear key",
            Some(0x100) => "TPM",
            Some(0x200) => "startup key",
            Some(0x500) => "TPM and PIN",
            Some(RECOVERY_PASSWORD) => "recovery password",
            Some(0x2000) => "password",
            _ => "other",
        };
        format!("{kind} {}", guid(entry.data.array(0)))
    }

    /// A disk on which some bytes read differently.
    struct Patched {
        disk: Arc<dyn Disk>,
        patches: Vec<(u64, u8)>,
    }

    impl Disk for Patched {
        fn size(&self) -> u64 {
            self.disk.size()
        }

        fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
            self.disk.read_at(offset, buffer)?;
            for (at, byte) in &self.patches {
                let place = at.checked_sub(offset).and_then(|at| usize::try_from(at).ok());
                if let Some(to) = place.and_then(|at| buffer.get_mut(at)) {
                    *to = *byte;
                }
            }
            Ok(())
        }
    }

    /// Hides the first protectors with a recovery password: their type becomes one that no key opens.
    fn hide(disk: &Arc<dyn Disk>, metadata: &FveMetadata, count: usize) -> io::Result<Patched> {
        const ENTRIES: usize = 64 + 48;
        const KIND_HIGH: usize = 8 + 27;
        let mut patches = Vec::new();
        for start in metadata.metadata_offsets.into_iter().filter(|_| count > 0) {
            let rest = disk.size().saturating_sub(start).min(64 << 10);
            let block =
                crate::structure::bytes_at(&**disk, start, usize::try_from(rest).unwrap_or(0))?;
            let (mut at, mut hidden) = (ENTRIES, 0);
            while hidden < count && at < block.len() {
                let size = usize::from(block.le16(at));
                if size < 8 {
                    break;
                }
                if block.le16(at.saturating_add(2)) == 2
                    && block.le16(at.saturating_add(8 + 26)) == RECOVERY_PASSWORD
                {
                    patches.push((start.saturating_add(at.saturating_add(KIND_HIGH) as u64), 0xFF));
                    hidden = hidden.saturating_add(1);
                }
                at = at.saturating_add(size);
            }
        }
        Ok(Patched { disk: Arc::clone(disk), patches })
    }
}

#[cfg(all(test, feature = "bitlocker"))]
mod tests;
