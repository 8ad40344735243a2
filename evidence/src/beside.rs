// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`real_path`], and hives in the folder of a named hive: [`Found::beside`].

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::file::{Recognized, recognize};
use crate::folder::Found;

/// Words in the names of hives that belong together.
const WORDS: [&str; 2] = ["system", "software"];

/// Returns the path of a file with the links in its folder resolved. A link at the end stays, because the name
/// of a linked hive can be the only sign of its machine. For a file inside an archive or a disk image, the links
/// to the archive or image are resolved.
pub fn real_path(file: &Path) -> PathBuf {
    for above in file.ancestors().skip(1) {
        let folder = if above.as_os_str().is_empty() { Path::new(".") } else { above };
        if let (Ok(folder), Ok(rest)) = (folder.canonicalize(), file.strip_prefix(above)) {
            let is_there = folder.is_file() || rest.components().count() == 1;
            return if is_there { folder.join(rest) } else { file.into() };
        }
    }
    file.into()
}

impl Found {
    /// Returns hives in the folder of a named hive that were not given: files with SYSTEM or SOFTWARE in
    /// their name, in the spelling of the named hive. Empty for a hive from a folder that was searched.
    ///
    /// ```
    /// let found = calhive_evidence::find::<&str>(&[]);
    /// assert!(found.beside("SOFTWARE".as_ref()).is_empty());
    /// ```
    pub fn beside(&self, hive: &Path) -> Vec<PathBuf> {
        if !self.named.iter().any(|named| named == hive) {
            return Vec::new();
        }
        let given: HashSet<PathBuf> = self.hives.iter().map(|path| real_path(path)).collect();
        let folder = hive.parent().unwrap_or(Path::new(""));
        let listed = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        let names = fs::read_dir(listed).into_iter().flatten().filter_map(Result::ok);
        let names = names.map(|entry| entry.file_name()).filter(|name| {
            let name = name.to_string_lossy().to_lowercase();
            WORDS.iter().any(|word| name.contains(word))
        });
        let paths = names.map(|name| folder.join(name));
        let mut beside: Vec<PathBuf> = paths
            .filter(|path| !given.contains(&real_path(path)))
            .filter(|path| matches!(recognize(path), Ok(Recognized::Hive)))
            .collect();
        beside.sort();
        beside
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::folder::find;
    use crate::scratch::Scratch;

    #[test]
    fn hive_beside_a_named_hive_is_listed_unless_given() {
        let folder = Scratch::new("hives-beside");
        let software = folder.file("SOFTWARE", b"regf");
        let system = folder.file("system.bak", b"regf");
        folder.file("SAM", b"regf");
        folder.file("system.txt", b"text");
        folder.file("sub/SYSTEM", b"regf");
        assert_eq!(find(&[&software]).beside(&software), [system.as_path()]);
        assert!(find(&[&software, &system]).beside(&software).is_empty());
        assert!(find(&[&folder.0]).beside(&software).is_empty());
    }

    #[cfg(unix)]
    #[test]
    fn real_path_keeps_the_name_of_a_link_and_resolves_its_folder() {
        let folder = Scratch::new("real-path");
        let hive = folder.file("store/1", b"regf");
        let link = folder.0.join("store/SYSTEM");
        std::os::unix::fs::symlink(&hive, &link).unwrap();
        std::os::unix::fs::symlink(folder.0.join("store"), folder.0.join("case")).unwrap();
        let canonical = folder.0.canonicalize().unwrap();
        assert_eq!(real_path(&folder.0.join("case/SYSTEM")), canonical.join("store/SYSTEM"));
        assert_eq!(real_path("no/such".as_ref()), Path::new("no/such"));
    }
}
