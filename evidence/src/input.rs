// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Input`]: an archive or a disk image that was read, and its files on disk.

use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::disk_image::{HashState, verify};
use crate::image_hash::{ImageHash, ImageHashState};
use crate::tree::Tree;

/// An archive or a disk image that was read.
#[derive(Clone, Debug)]
pub struct Input {
    /// Path as given, or as found in a folder.
    pub path: PathBuf,
    /// Format, such as `E01` or `zip`.
    pub format: String,
    /// Hashes of the disk that an E01 stores; `None` for any other input.
    pub image_hash: Option<ImageHash>,
    /// The file and its further segments, as they were when the search opened them. Empty for standard input.
    pub files: Vec<InputFile>,
}

/// A file on disk.
#[derive(Clone, Debug)]
pub struct InputFile {
    /// Path of the file.
    pub path: PathBuf,
    /// Size in bytes.
    pub size: u64,
    /// Time of the last change; `None` if the system does not say.
    pub modified: Option<SystemTime>,
}

impl Input {
    pub(crate) fn of(path: &Path, tree: &dyn Tree) -> Self {
        let segments = tree.segments().iter().map(PathBuf::as_path);
        let others = segments.filter(|segment| *segment != path);
        let files = [path].into_iter().chain(others).filter_map(InputFile::of).collect();
        let image_hash = tree.image_hash();
        Self { path: path.into(), format: tree.format().into(), image_hash, files }
    }

    /// Reads an E01 whole, and compares the hashes that it stores; `None` for any other input.
    ///
    /// # Errors
    /// If the image cannot be read whole.
    pub fn verify(&self) -> Option<io::Result<ImageHash>> {
        let stored = self.image_hash.as_ref()?;
        let verified = verify(&self.path);
        Some(verified.map(|verified| ImageHash {
            state: match verified.state {
                HashState::Same => ImageHashState::Verified,
                HashState::Different => ImageHashState::Differs,
                HashState::NotStored => ImageHashState::NotVerified,
            },
            ..stored.clone()
        }))
    }

    /// Returns the files whose size or time differs from that at the start of the search. A file that is not there
    /// any more counts as changed.
    pub fn changed(&self) -> impl Iterator<Item = &PathBuf> {
        self.files.iter().filter(|file| file.has_changed()).map(|file| &file.path)
    }
}

impl InputFile {
    fn of(path: &Path) -> Option<Self> {
        let metadata = path.metadata().ok()?;
        let modified = metadata.modified().ok();
        Some(Self { path: path.into(), size: metadata.len(), modified })
    }

    fn has_changed(&self) -> bool {
        Self::of(&self.path)
            .is_none_or(|now| now.size != self.size || now.modified != self.modified)
    }
}
