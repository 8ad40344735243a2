// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`find_in_memory`]: searches files whose bytes are in memory.

use alloc::collections::BTreeMap;
use alloc::sync::Arc;
use core::ops::ControlFlow;
use std::collections::HashSet;
use std::io;
use std::path::{Component, Path, PathBuf};

use calhive_regf::FileError;

use crate::found::Found;
use crate::open_tree::SearchOptions;
use crate::search::Search;
use crate::skip::SearchStep;
use crate::trees::Trees;

/// Finds hives among files whose bytes are in memory, as [`find`](crate::find) does in a folder. Archives and disk
/// images among them are opened. `root` stands for the folder: paths in reports begin with it. No file of the system
/// is read. `notify` receives each step. If it breaks, the search ends.
///
/// A path that is absolute, empty, or contains `..` is listed in [`Found::unreadable`].
///
/// ```
/// use std::collections::BTreeMap;
/// use std::ops::ControlFlow;
/// use std::path::Path;
///
/// let hive = hive_forge::write(&hive_forge::tree::Tree::new("ROOT"), &Default::default()).bytes;
/// let files = BTreeMap::from([("config/SYSTEM".into(), hive)]);
/// let found = calhive_evidence::find_in_memory(
///     Path::new("host-1"),
///     files,
///     &Default::default(),
///     &mut |_| ControlFlow::Continue(()),
/// );
/// assert_eq!(found.hives, [Path::new("host-1/config/SYSTEM")]);
/// ```
pub fn find_in_memory(
    root: &Path,
    files: BTreeMap<PathBuf, Vec<u8>>,
    options: &SearchOptions,
    notify: &mut dyn FnMut(SearchStep<'_>) -> ControlFlow<()>,
) -> Found {
    let mut search = Search {
        found: Found::default(),
        trees: Trees::default(),
        seen: HashSet::new(),
        searched: Vec::new(),
        options,
        notify,
    };
    let (files, others): (BTreeMap<_, _>, BTreeMap<_, _>) =
        files.into_iter().partition(|(path, _)| is_below(path));
    for path in others.into_keys() {
        let message = "a file in memory has a relative path without `..`";
        let error = io::Error::new(io::ErrorKind::InvalidInput, message);
        search.found.unreadable.push(FileError::new(path, error));
    }
    search.files_in_memory(root, files);
    Found { trees: Arc::new(search.trees), is_in_memory: true, ..search.found }
}

/// Whether a path leads to a file below any folder.
fn is_below(path: &Path) -> bool {
    path.file_name().is_some() && path.components().all(|it| matches!(it, Component::Normal(_)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(files: &[(&str, &[u8])]) -> Found {
        let files = files.iter().map(|(path, bytes)| (path.into(), bytes.to_vec())).collect();
        let options = SearchOptions::default();
        find_in_memory(Path::new("root"), files, &options, &mut |_| ControlFlow::Continue(()))
    }

    #[test]
    fn path_that_leads_out_of_the_root_is_refused() {
        for path in ["/SYSTEM", "../SYSTEM", "", "a/../../SYSTEM"] {
            let found = found(&[(path, b"regf")]);
            assert_eq!((found.hives.len(), found.unreadable.len()), (0, 1), "{path}");
        }
    }

    #[test]
    fn no_file_of_the_system_is_read_at_these_paths() {
        let scratch = crate::scratch::Scratch::new("in-memory");
        let path = scratch.file("SYSTEM", b"other bytes");
        let files = BTreeMap::from([("SYSTEM".into(), b"regf of memory".to_vec())]);
        let options = SearchOptions::default();
        let found = find_in_memory(&scratch.0, files, &options, &mut |_| ControlFlow::Continue(()));
        assert_eq!(found.hives, core::slice::from_ref(&path));
        let read = found.read_inside(&path).unwrap().unwrap();
        assert_eq!(read.bytes(), b"regf of memory");
        assert_eq!(found.real_path(&path), None);
        let inputs: Vec<_> = found.inputs().collect();
        assert_eq!((inputs.len(), inputs[0].1), (1, 14));
    }

    #[test]
    fn folder_in_memory_without_hives_is_named() {
        assert_eq!(found(&[("notes.txt", b"text")]).without_hives, [Path::new("root")]);
    }
}
