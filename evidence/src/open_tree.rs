// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`open`]: opens an archive or a disk image, and [`SearchOptions`]: what that needs.

use core::fmt;
use std::io;
use std::path::Path;

#[cfg(any(feature = "zip", feature = "tar", feature = "gzip", feature = "zstd"))]
use crate::archive;
use crate::container::FileContainer;
use crate::tree::Tree;

/// How a search opens archives and disk images.
#[derive(Clone, Default)]
#[non_exhaustive]
pub struct SearchOptions {
    /// Recovery passwords of volumes that are encrypted with `BitLocker`. Each volume is tried with each.
    pub recovery_passwords: Vec<String>,
}

impl SearchOptions {
    /// Adds a recovery password of `BitLocker`: 8 groups of 6 digits.
    #[must_use]
    pub fn recovery_password(mut self, password: impl Into<String>) -> Self {
        self.recovery_passwords.push(password.into());
        self
    }
}

impl fmt::Debug for SearchOptions {
    /// Writes the number of passwords, but no password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let passwords = self.recovery_passwords.len();
        f.debug_struct("SearchOptions").field("recovery_passwords", &passwords).finish()
    }
}

/// Opens an archive or a disk image; `None` if calhive does not read this kind.
///
/// # Errors
/// If the file cannot be read as what its first bytes say.
pub(crate) fn open(
    path: &Path,
    container: FileContainer,
    options: &SearchOptions,
) -> io::Result<Option<Box<dyn Tree>>> {
    let _ = options;
    match container {
        #[cfg(feature = "zip")]
        FileContainer::Zip => archive::open(path, container).map(Some),
        #[cfg(feature = "tar")]
        FileContainer::Tar => archive::open(path, container).map(Some),
        #[cfg(feature = "gzip")]
        FileContainer::Gzip => archive::open(path, container).map(Some),
        #[cfg(feature = "zstd")]
        FileContainer::Zstd => archive::open(path, container).map(Some),
        _ => Ok(None),
    }
}
