// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`SearchStep`]: a step of a search. [`Skipped`]: a file that a search does not read, with the reason.

use core::fmt;
use std::path::{Path, PathBuf};

use crate::escape;
use crate::file::Recognized;
use crate::tree::Omission;

/// A step of a search, as it happens.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum SearchStep<'a> {
    /// The search looks at this file or folder.
    At(&'a Path),
    /// The search carves the unallocated clusters of this disk image. Occurs once for each piece.
    Carving(&'a Path),
    /// The search skips a file or link, or follows a link.
    Skipped(&'a Skipped),
}

/// A file or link that a search does not read, or a link that it follows.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Skipped {
    /// A link in a folder.
    Link(Link),
    /// A link that the user named. The search follows this link.
    Followed(Link),
    /// A pipe, a socket or a device in a folder.
    Special(PathBuf),
    /// A file in a folder that is not a hive.
    File(PathBuf, Recognized),
    /// A hive, a disk image or an archive that another path led to before.
    Again(PathBuf),
    /// A later segment of a split image, with the first segment.
    Segment(PathBuf, PathBuf),
    /// An archive or a disk image of a program or a user of Windows, in a folder.
    OfWindows(PathBuf, Recognized),
    /// Something inside a disk image or an archive.
    Inside(Omission),
}

/// A link, with the file or folder that it names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Path of the link.
    pub path: PathBuf,
    /// Path in the link. `None` if the link cannot be read.
    pub target: Option<PathBuf>,
    /// Whether the link leads to a folder that no named folder contains.
    pub leads_away: bool,
}

impl Link {
    /// Reads a link. `searched` lists the canonical paths of all named folders.
    pub(crate) fn read(path: &Path, searched: &[PathBuf]) -> Self {
        let canonical = path.canonicalize().ok().filter(|target| target.is_dir());
        let leads_away = canonical
            .is_some_and(|target| !searched.iter().any(|folder| target.starts_with(folder)));
        Self { path: path.into(), target: std::fs::read_link(path).ok(), leads_away }
    }
}

impl fmt::Display for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", escape::path(&self.path))?;
        self.target.as_ref().map_or(Ok(()), |target| write!(f, " -> {}", escape::path(target)))
    }
}

impl Skipped {
    /// Returns the path of what was skipped.
    pub fn path(&self) -> &Path {
        match self {
            Self::Link(link) | Self::Followed(link) => &link.path,
            Self::Special(path) | Self::File(path, _) | Self::Again(path) => path,
            Self::OfWindows(path, _) => path,
            Self::Segment(path, _) => path,
            Self::Inside(omission) => &omission.path,
        }
    }
}

impl fmt::Display for Skipped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Link(link) => write!(f, "skipped link {link}: name it to follow it"),
            Self::Followed(link) => write!(f, "followed link {link}"),
            Self::Special(path) => write!(f, "skipped {}: not a regular file", escape::path(path)),
            Self::File(path, Recognized::TransactionLog) => {
                write!(f, "skipped {}: a transaction log is read with its hive", escape::path(path))
            }
            Self::File(path, recognized) => {
                write!(f, "skipped {}: it is {recognized}", escape::path(path))
            }
            Self::Again(path) => write!(f, "skipped {}: already read", escape::path(path)),
            Self::OfWindows(path, recognized) => write!(
                f,
                "skipped {}: it is {recognized} of a program or a user of Windows; name it to read it",
                escape::path(path)
            ),
            Self::Segment(path, first) => {
                write!(f, "skipped {}: it is read with {}", escape::path(path), escape::path(first))
            }
            Self::Inside(omission) => write!(f, "{omission}"),
        }
    }
}
