// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`OpenError`]: why a hive could not be opened.

use std::path::{Path, PathBuf};

use calhive_regf::{Error, FileError};

use crate::escape;
use crate::found::Refused;

/// Why a hive could not be opened. The message names the file, and says what to do if known.
// No `source`: each message contains its cause. A chain of errors would show the cause twice.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The path of a folder.
    #[error("{} is a folder; give one hive", escape::path(.0))]
    Folder(PathBuf),
    /// A hive or a named log that cannot be opened or read.
    #[error(transparent)]
    File(#[from] FileError),
    /// A file that is not a hive.
    #[error("{0}")]
    NotAHive(Refused),
    /// A part of a hive without any complete bin.
    #[error("{}: no whole bin", escape::path(.0))]
    NoWholeBin(PathBuf),
    /// A transaction log without a page of its hive.
    #[error("{} is a transaction log of a hive, but no page of the hive is in it", escape::path(.0))]
    NoPages(PathBuf),
    /// A hive whose base block cannot be read.
    #[error("{}: {error}", escape::path(path))]
    Hive {
        /// The file.
        path: PathBuf,
        /// Fault of the hive, with its offset.
        error: Error,
    },
}

impl OpenError {
    /// Returns the path of the file or folder.
    pub fn path(&self) -> &Path {
        match self {
            Self::File(error) => error.path(),
            Self::NotAHive(refused) => &refused.path,
            Self::Folder(path)
            | Self::NoWholeBin(path)
            | Self::NoPages(path)
            | Self::Hive { path, .. } => path,
        }
    }
}
