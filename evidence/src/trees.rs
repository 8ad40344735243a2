// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Trees`]: the archives and disk images that a search opened, as folders of files.

use alloc::collections::BTreeMap;
use std::path::{Path, PathBuf};

use calhive_regf::{FileError, Image};

use crate::carving::CarvedMatch;
use crate::input::Input;
use crate::locator::Locator;
use crate::tree::{Member, Tree};

/// Largest number of bytes of files that all archives keep in memory.
const MOST_KEPT: u64 = 64 << 20;

/// The archives and disk images that a search opened. A file inside has the path of the archive or disk image,
/// then its path inside.
#[derive(Debug, Default)]
pub(crate) struct Trees {
    opened: Vec<Opened>,
    /// Map from the path of a file to the index of its tree and its own index there.
    files: BTreeMap<PathBuf, (usize, usize)>,
    /// Number of bytes of files in memory.
    kept: u64,
}

/// An archive or disk image.
#[derive(Debug)]
struct Opened {
    input: Input,
    tree: Box<dyn Tree>,
}

/// A file inside an archive or disk image.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Inside<'t> {
    opened: &'t Opened,
    at: usize,
}

impl Trees {
    /// Adds an archive or disk image. Returns the paths of its files, in order.
    pub(crate) fn add(&mut self, path: &Path, mut tree: Box<dyn Tree>) -> Vec<PathBuf> {
        let kept = self.kept.saturating_add(tree.kept());
        if kept > MOST_KEPT {
            tree.release();
        } else {
            self.kept = kept;
        }
        let index = self.opened.len();
        let input = Input::of(path, tree.as_ref());
        let paths: Vec<PathBuf> =
            tree.members().iter().map(|member| path.join(&member.path)).collect();
        let places = paths.iter().cloned().enumerate().map(|(at, path)| (path, (index, at)));
        self.files.extend(places);
        self.opened.push(Opened { input, tree });
        paths
    }

    /// Returns the file of this path; `None` if it is in no archive or disk image.
    pub(crate) fn file(&self, path: &Path) -> Option<Inside<'_>> {
        let (index, at) = *self.files.get(path)?;
        Some(Inside { opened: self.opened.get(index)?, at })
    }

    /// Returns the paths of the files in a folder, sorted; `None` if the folder is in no archive or disk image.
    pub(crate) fn folder(&self, folder: &Path) -> Option<Vec<PathBuf>> {
        self.opened.iter().find(|opened| folder.starts_with(&opened.input.path))?;
        let below = self.files.range(folder.to_path_buf()..);
        let below = below.map(|(path, _)| path).take_while(|path| path.starts_with(folder));
        Some(below.filter(|path| path.parent() == Some(folder)).cloned().collect())
    }

    /// Returns the archives and disk images, in the order in which they were opened.
    pub(crate) fn inputs(&self) -> impl Iterator<Item = &Input> {
        self.opened.iter().map(|opened| &opened.input)
    }

    /// Returns the number of bytes read so far from each archive and disk image.
    pub(crate) fn bytes_read(&self) -> impl Iterator<Item = u64> {
        self.opened.iter().map(|opened| opened.tree.bytes_read())
    }
}

impl<'t> Inside<'t> {
    /// Returns the first bytes of the file, at most `most`.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub(crate) fn head(self, most: usize) -> std::io::Result<Vec<u8>> {
        self.opened.tree.head(self.at, most)
    }

    /// Returns all bytes of the file under its path.
    ///
    /// # Errors
    /// If the file cannot be read whole.
    pub(crate) fn read(self, path: &Path) -> Result<Image, FileError> {
        let read = self.opened.tree.read(self.at);
        let (bytes, lost) = read.map_err(|error| FileError::new(path, error))?;
        let image = match self.opened.input.files.first() {
            Some(file) => Image::inside(path, &file.path, bytes)?,
            None => Image::of_bytes(path, bytes),
        };
        Ok(image.with_lost(lost))
    }

    /// Returns where a second tool finds the file.
    pub(crate) fn locator(self) -> Option<&'t Locator> {
        self.member().map(|member| &member.locator)
    }

    /// Returns the match of signatures in unallocated clusters that the file is.
    pub(crate) fn carved(self) -> Option<CarvedMatch> {
        self.opened.tree.carved(self.at)
    }

    pub(crate) fn member(self) -> Option<&'t Member> {
        self.opened.tree.members().get(self.at)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::scratch::Scratch;
    use crate::tree::Omission;
    use calhive_regf::LostBytes;
    use std::io;

    /// Files in memory.
    #[derive(Debug)]
    pub(crate) struct Memory(pub(crate) Vec<Member>, pub(crate) Vec<Vec<u8>>);

    impl Memory {
        pub(crate) fn new(files: &[(&str, &[u8])]) -> Self {
            let member = |(path, bytes): &(&str, &[u8])| Member {
                path: path.into(),
                size: bytes.len() as u64,
                locator: Locator { path: (*path).into(), ..Locator::default() },
            };
            let bytes = files.iter().map(|(_, bytes)| bytes.to_vec()).collect();
            Self(files.iter().map(member).collect(), bytes)
        }
    }

    impl Tree for Memory {
        fn format(&self) -> &str {
            "zip"
        }

        fn members(&self) -> &[Member] {
            &self.0
        }

        fn head(&self, at: usize, most: usize) -> io::Result<Vec<u8>> {
            Ok(self.1[at][..most.min(self.1[at].len())].to_vec())
        }

        fn read(&self, at: usize) -> io::Result<(Vec<u8>, Option<LostBytes>)> {
            Ok((self.1[at].clone(), None))
        }

        fn omissions(&self) -> &[Omission] {
            &[]
        }

        fn bytes_read(&self) -> u64 {
            7
        }
    }

    #[test]
    fn file_inside_is_found_by_its_path_and_a_folder_lists_its_own_files_only() {
        let folder = Scratch::new("trees");
        let archive = folder.file("a.zip", b"PK");
        let mut trees = Trees::default();
        let files =
            Memory::new(&[("C/SYSTEM", b"regf"), ("C/SYSTEM.LOG1", b""), ("C/sub/SYSTEM", b"")]);
        let paths = trees.add(&archive, Box::new(files));
        assert_eq!(paths[2], archive.join("C/sub/SYSTEM"));
        assert_eq!(trees.folder(&archive.join("C")).unwrap(), paths[..2]);
        assert_eq!(trees.folder(&archive.join("D")), Some(Vec::new()));
        assert_eq!(trees.folder(&folder.0.join("C")), None);
        let hive = trees.file(&paths[0]).unwrap();
        assert_eq!(hive.head(2).unwrap(), b"re");
        assert_eq!(hive.read(&paths[0]).unwrap().bytes(), b"regf");
        assert_eq!(hive.locator().unwrap().path, "C/SYSTEM");
        assert!(trees.file(&archive.join("C")).is_none());
        assert_eq!(trees.bytes_read().collect::<Vec<_>>(), [7]);
        let input = trees.inputs().next().unwrap();
        assert_eq!((input.format.as_str(), input.files[0].size), ("zip", 2));
        assert_eq!(input.changed().count(), 0);
        std::fs::write(&archive, b"PKPK").unwrap();
        assert_eq!(input.changed().collect::<Vec<_>>(), [&archive]);
    }
}
