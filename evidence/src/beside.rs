// SPDX-License-Identifier: MIT OR Apache-2.0
//! Hives in the folder of a named hive: [`Found::beside`].

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::file::{Recognized, recognize};
use crate::found::Found;
use crate::real_path::real_path;

/// Words in the names of hives that belong together.
const WORDS: [&str; 2] = ["system", "software"];

impl Found {
    /// Returns hives in the folder of a named hive that were not given: files with SYSTEM or SOFTWARE in
    /// their name, in the spelling of the named hive. Empty for a hive from a folder that was searched.
    ///
    /// ```
    /// let found = calhive_evidence::find::<&str>(&[]);
    /// assert!(found.beside("SOFTWARE".as_ref()).is_empty());
    /// ```
    pub fn beside(&self, hive: &Path) -> Vec<PathBuf> {
        if !self.named.contains(hive) {
            return Vec::new();
        }
        let real = || self.hives.iter().map(|path| real_path(path)).collect();
        let given: &HashSet<PathBuf> = self.given.get_or_init(real);
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
}
