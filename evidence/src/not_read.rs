// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`NotRead`]: an input that a report lacks, in whole or in part.

use core::fmt;
use std::path::Path;

#[cfg(feature = "schema")]
use schemars::JsonSchema;
#[cfg(feature = "serde")]
use serde::Serialize;

use crate::escape;
use crate::found::Found;
use crate::notice::Notice;
use crate::open_error::OpenError;

/// An input that was not read, is incomplete, or can mix two states.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct NotRead {
    /// Path of the file or folder, with special characters escaped.
    pub path: String,
    /// Kind of the missing input.
    pub kind: NotReadKind,
    /// What happened to which file, and what to do if known.
    #[cfg_attr(feature = "serde", serde(rename = "text"))]
    pub message: String,
}

/// Kind of a missing input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[non_exhaustive]
pub enum NotReadKind {
    /// A named file that is not a hive.
    NotAHive,
    /// A named folder without hives.
    NoHives,
    /// A file or folder that could not be opened, listed or read.
    Unreadable,
    /// A hive whose base block or bins could not be read.
    Damaged,
    /// The base block of a hive. Its bins were read without the base block.
    BaseBlock,
    /// A lost hive. Some of its pages were read from its logs.
    Hive,
    /// A transaction log that calhive found beside a hive and could not open.
    LogUnreadable,
    /// Possible transaction logs of a hive. The folder of the hive could not be listed.
    LogsNotSearched,
    /// Transaction logs that were not applied, or only in part.
    LogsNotApplied,
    /// A consistent state of a file: the file changed while it was read.
    Changed,
    /// Further hives after the end of a hive, in the same file.
    MoreHives,
    /// A log of a dirty hive: Windows keeps two, and only one is in the folder.
    LogMissing,
    /// Unreadable parts of a file. They read as zeros.
    LostPages,
    /// An entry, a partition, a volume or a shadow copy inside an archive or a disk image, or a file whose content
    /// contradicts its name.
    Omitted,
    /// A hive, or the rest of the files, because the scan was interrupted.
    Interrupted,
}

impl NotReadKind {
    /// Whether the whole input is missing.
    pub const fn is_whole(self) -> bool {
        matches!(
            self,
            Self::NotAHive
                | Self::NoHives
                | Self::Unreadable
                | Self::Damaged
                | Self::Omitted
                | Self::Interrupted
        )
    }
}

impl NotRead {
    /// Reports a hive that an interrupted scan did not read.
    pub fn interrupted(path: &Path) -> Self {
        let message =
            format_args!("{} was not read: the scan was interrupted before it", escape::path(path));
        Self::new(NotReadKind::Interrupted, path, message)
    }

    /// Reports a file of a disk image or an archive that changed while it was read.
    pub fn changed(path: &Path) -> Self {
        Self::new(NotReadKind::Changed, path, Notice::Changed(path.into()))
    }

    /// Reports a text export without a key that the caller reads.
    pub fn nothing_in_export(path: &Path) -> Self {
        let message = format_args!(
            "{} is a text export of the registry (.reg) without any key that calhive reads; export \
             HKEY_LOCAL_MACHINE\\SOFTWARE and HKEY_LOCAL_MACHINE\\SYSTEM, or give the hives",
            escape::path(path)
        );
        Self::new(NotReadKind::NotAHive, path, message)
    }

    /// Reports rows of live registries without a key that the caller reads.
    pub fn nothing_in_rows(path: &Path) -> Self {
        let message = format_args!(
            "{} holds no row of a live registry with a key that calhive reads; collect the artifact \
             Custom.Windows.RemoteDesktop.Licensing, or give the hives",
            escape::path(path)
        );
        Self::new(NotReadKind::NotAHive, path, message)
    }

    fn new(kind: NotReadKind, path: &Path, message: impl fmt::Display) -> Self {
        let message = escape::text(&message.to_string());
        Self { path: escape::path(path), kind, message }
    }
}

impl fmt::Display for NotRead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl From<&OpenError> for NotRead {
    fn from(error: &OpenError) -> Self {
        let kind = match error {
            OpenError::File(_) => NotReadKind::Unreadable,
            OpenError::Folder(_) | OpenError::NotAHive(_) => NotReadKind::NotAHive,
            OpenError::NoWholeBin(_) | OpenError::NoPages(_) | OpenError::Hive { .. } => {
                NotReadKind::Damaged
            }
        };
        Self::new(kind, error.path(), error)
    }
}

impl Notice {
    /// Returns the missing input; `None` if nothing is missing.
    pub fn not_read(&self) -> Option<NotRead> {
        let kind = match self {
            Self::Replay { .. } => return None,
            Self::LogsNotApplied { .. } | Self::LogsNotInPlace(_) => NotReadKind::LogsNotApplied,
            Self::LogUnreadable(_) => NotReadKind::LogUnreadable,
            Self::LogsNotSearched(_) => NotReadKind::LogsNotSearched,
            Self::NoBaseBlock { .. } => NotReadKind::BaseBlock,
            Self::LogsAlone(_) => NotReadKind::Hive,
            Self::Changed(_) => NotReadKind::Changed,
            Self::LostPages { .. } => NotReadKind::LostPages,
            Self::OneLogOfPair { .. } => NotReadKind::LogMissing,
        };
        Some(NotRead::new(kind, self.path(), self))
    }
}

impl Found {
    /// Returns the named inputs without hives, and the inputs that could not be opened, listed or read.
    pub fn not_read(&self) -> Vec<NotRead> {
        let refused = self
            .refused
            .iter()
            .map(|refused| NotRead::new(NotReadKind::NotAHive, &refused.path, refused));
        let folders = self.without_hives.iter().map(|folder| {
            let mut skipped = String::new();
            for link in
                self.leading_away.iter().filter(|link| link.path.starts_with(folder)).take(3)
            {
                skipped = format!("{skipped}; skipped link {link}: name it to follow it");
            }
            if self.containers > 0 {
                let ending = if self.containers == 1 { "" } else { "s" };
                skipped = format!(
                    "{skipped}; skipped {} disk image{ending} or archive{ending}",
                    self.containers
                );
            }
            let message = format_args!(
                "{} holds no registry hive{skipped}; give a disk image, an archive or a folder with hives, such \
                 as a copy of Windows\\System32\\config",
                escape::path(folder)
            );
            NotRead::new(NotReadKind::NoHives, folder, message)
        });
        let more = self
            .more_hives
            .iter()
            .map(|more| NotRead::new(NotReadKind::MoreHives, &more.path, more));
        let unreadable = self
            .unreadable
            .iter()
            .map(|error| NotRead::new(NotReadKind::Unreadable, error.path(), error));
        let interrupted = self.interrupted_at.iter().map(|path| {
            let message = format_args!(
                "the search for hives was interrupted at {}; later files were not looked at",
                escape::path(path)
            );
            NotRead::new(NotReadKind::Interrupted, path, message)
        });
        let lost = self.omissions.iter().filter(|omission| omission.is_loss);
        let omissions =
            lost.map(|omission| NotRead::new(NotReadKind::Omitted, &omission.path, omission));
        let all = refused.chain(folders).chain(more).chain(unreadable);
        all.chain(omissions).chain(interrupted).collect()
    }
}
