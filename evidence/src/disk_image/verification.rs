// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Verified`]: comparison of a disk with the hashes that its image stores.

use std::io;
use std::path::Path;

use super::StoredHashes;
use crate::container::FileContainer;

/// State of the hashes of an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HashState {
    /// Every stored hash is the hash of the disk.
    Same,
    /// A stored hash is not the hash of the disk: the image changed, or was damaged.
    Different,
    /// The image stores no hash.
    NotStored,
}

/// Hashes of a disk, stored and computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Verified {
    pub(crate) stored: StoredHashes,
    pub(crate) computed: StoredHashes,
    pub(crate) state: HashState,
}

/// Reads an E01 whole, and compares the hashes of its disk with the stored ones.
///
/// # Errors
/// If the image cannot be opened or read whole.
#[cfg(feature = "ewf")]
pub(crate) fn verify(path: &Path) -> io::Result<Verified> {
    use md5::{Digest as _, Md5};
    use sha1::Sha1;

    const PART: usize = 1 << 20;
    let image = super::open(path, FileContainer::Ewf)?;
    let (mut md5, mut sha1) = (Md5::new(), Sha1::new());
    let (mut part, mut at) = (vec![0; PART], 0_u64);
    while at < image.disk.size() {
        let rest = usize::try_from(image.disk.size().saturating_sub(at)).unwrap_or(usize::MAX);
        let now = part.get_mut(..rest.min(PART)).unwrap_or_default();
        image.disk.read_at(at, now)?;
        md5.update(&*now);
        sha1.update(&*now);
        at = at.saturating_add(now.len() as u64);
    }
    let (md5, sha1) = (md5.finalize().into(), sha1.finalize().into());
    let (stored, computed) = (image.image_hash, StoredHashes { md5: Some(md5), sha1: Some(sha1) });
    let is_same = stored.md5.is_none_or(|it| it == md5) && stored.sha1.is_none_or(|it| it == sha1);
    let state = match stored {
        StoredHashes { md5: None, sha1: None } => HashState::NotStored,
        _ if is_same => HashState::Same,
        _ => HashState::Different,
    };
    Ok(Verified { stored, computed, state })
}

/// Reports that this build reads no E01.
///
/// # Errors
/// Always.
#[cfg(not(feature = "ewf"))]
pub(crate) fn verify(_: &Path) -> io::Result<Verified> {
    Err(super::not_built(FileContainer::Ewf))
}
