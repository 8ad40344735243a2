// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`merge`]: files that Velociraptor read through several accessors.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use crate::layout::{Layout, is_other_accessor};

/// Folder, and the accessor that read it.
type Reading = (String, &'static str);

/// What becomes of a file of a collection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Merged {
    /// The file counts, with this path.
    Counts(PathBuf),
    /// The file has the same path and the same bytes as an earlier one. This is the index of the earlier one.
    Repeats(usize),
}

/// Merges the files of a collection, in the order of the collection.
///
/// A file that two accessors read counts once, if the bytes are equal. If they differ, the folder of the later
/// accessor gets a volume of its own, so that its hives keep their logs: `C (ntfs)`. `is_same` compares the
/// bytes of two files by their indexes.
pub(crate) fn merge(
    places: &[&Layout],
    mut is_same: impl FnMut(usize, usize) -> bool,
) -> Vec<Merged> {
    let (mut repeated, mut apart) = (HashMap::new(), HashSet::new());
    let mut first: HashMap<String, (usize, &Layout)> = HashMap::new();
    for (at, place) in places.iter().enumerate() {
        let Some(reading) = reading(place) else { continue };
        let (earlier, known) = *first.entry(key(&place.path)).or_insert((at, place));
        if !is_other_accessor(known, place) {
            continue;
        }
        if is_same(earlier, at) {
            repeated.insert(at, earlier);
        } else {
            apart.insert(reading);
        }
    }
    let merged = |(at, place): (usize, &&Layout)| {
        if reading(place).is_some_and(|reading| apart.contains(&reading)) {
            return Merged::Counts(place.with_accessor());
        }
        let earlier = repeated.get(&at);
        earlier.map_or_else(|| Merged::Counts(place.path.clone()), |at| Merged::Repeats(*at))
    };
    places.iter().enumerate().map(merged).collect()
}

/// Windows does not distinguish the case of letters.
fn key(path: &Path) -> String {
    path.to_string_lossy().to_lowercase()
}

fn reading(place: &Layout) -> Option<Reading> {
    Some((key(place.path.parent()?), place.accessor?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::of;

    fn merged(paths: &[&str], is_same: bool) -> Vec<Merged> {
        let places: Vec<Layout> =
            paths.iter().map(|path| of(Path::new(""), Path::new(path))).collect();
        merge(&places.iter().collect::<Vec<_>>(), |_, _| is_same)
    }

    #[test]
    fn equal_files_of_two_accessors_count_once() {
        let paths = ["uploads/auto/C%3A/a/SAM", "uploads/ntfs/%5C%5C.%5CC%3A/A/sam", "C/a/SAM"];
        let expected = [
            Merged::Counts("C/a/SAM".into()),
            Merged::Repeats(0),
            Merged::Counts("C/a/SAM".into()),
        ];
        assert_eq!(merged(&paths, true), expected);
    }

    #[test]
    fn folder_with_a_different_file_gets_a_volume_of_its_own() {
        let paths = [
            "uploads/auto/C%3A/a/SAM",
            "uploads/ntfs/C%3A/a/SAM",
            "uploads/ntfs/C%3A/a/SAM.LOG1",
            "uploads/ntfs/C%3A/b/SYSTEM",
        ];
        let expected = ["C/a/SAM", "C (ntfs)/a/SAM", "C (ntfs)/a/SAM.LOG1", "C/b/SYSTEM"];
        assert_eq!(merged(&paths, false), expected.map(|path| Merged::Counts(path.into())));
    }
}
