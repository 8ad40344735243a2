// SPDX-License-Identifier: MIT OR Apache-2.0
//! Master key files of the machine that a hive belongs to: [`Found::master_key_files`].

use std::fs;
use std::path::{Path, PathBuf};

use crate::found::Found;
use crate::kind::MASTER_KEY;
use crate::place::Machine;
use crate::real_path::real_path;

impl Found {
    /// Returns the files with this GUID as their name in the folders of master keys of the machine that the hive belongs
    /// to. The files of `S-1-5-18` itself are first, then those in its folder `User`, then those of other accounts.
    ///
    /// For a hive outside `System32\\config`, only a file in the folder of the hive counts.
    ///
    /// ```
    /// let found = calhive_evidence::find::<&str>(&[]);
    /// let guid = "6e41d092-771c-5b4f-9a23-c805be61f438";
    /// assert!(found.master_key_files("SYSTEM".as_ref(), guid).is_empty());
    /// ```
    pub fn master_key_files(&self, hive: &Path, guid: &str) -> Vec<PathBuf> {
        let real = hive.canonicalize().unwrap_or_else(|_| real_path(hive));
        let is_it = |path: &Path| path.file_name().is_some_and(|it| it.eq_ignore_ascii_case(guid));
        let Some(machine) = Machine::of(&real) else {
            return self.in_folder_of(hive).into_iter().filter(|path| is_it(path)).collect();
        };
        let files = self.survey.files_of_machine(MASTER_KEY, &machine);
        let mut files: Vec<(&Path, &Path)> = files.filter(|(real, _)| is_it(real)).collect();
        files.sort_by_key(|(real, _)| (rank(real), *real));
        files.into_iter().map(|(_, path)| path.to_path_buf()).collect()
    }

    /// Returns the files in the folder of a hive. Nothing is listed for a hive given in memory.
    fn in_folder_of(&self, hive: &Path) -> Vec<PathBuf> {
        if let Some(files) = self.files_beside(hive) {
            return files;
        }
        if self.is_in_memory {
            return Vec::new();
        }
        let folder = hive.parent().unwrap_or(Path::new(""));
        let listed = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        let entries = fs::read_dir(listed).into_iter().flatten().flatten();
        let files = entries.filter(|entry| entry.file_type().is_ok_and(|it| it.is_file()));
        files.map(|entry| folder.join(entry.file_name())).collect()
    }
}

/// Order of the folders: `S-1-5-18`, then those below, then others.
fn rank(file: &Path) -> u8 {
    let mut folders = file.iter().rev().skip(1);
    let is_system = |folder: &std::ffi::OsStr| folder.eq_ignore_ascii_case("s-1-5-18");
    match folders.next() {
        Some(folder) if is_system(folder) => 0,
        _ if folders.any(is_system) => 1,
        _ => 2,
    }
}

#[cfg(test)]
mod tests {
    use crate::folder::find;
    use crate::scratch::Scratch;

    const GUID: &str = "6e41d092-771c-5b4f-9a23-c805be61f438";
    const SYSTEM: &str = "Windows/System32/config/SYSTEM";
    const PROTECT: &str = "Windows/System32/Microsoft/Protect/S-1-5-18";

    #[test]
    fn files_of_the_machine_are_first_and_those_of_other_machines_missing() {
        let folder = Scratch::new("master-keys");
        let hive = folder.file(&format!("a/{SYSTEM}"), b"regf");
        folder.file(&format!("b/{SYSTEM}"), b"regf");
        let network =
            "a/Windows/ServiceProfiles/NetworkService/AppData/Roaming/Microsoft/Protect/S-1-5-20";
        let expected = [
            folder.file(&format!("a/{PROTECT}/{}", GUID.to_uppercase()), b"machine"),
            folder.file(&format!("a/{PROTECT}/User/{GUID}"), b"user"),
            folder.file(&format!("{network}/{GUID}"), b"network"),
        ];
        folder.file(&format!("b/{PROTECT}/{GUID}"), b"other");
        folder.file(&format!("a/{PROTECT}/{}", GUID.replace('6', "7")), b"other");
        folder.file(&format!("a/Windows/{GUID}"), b"other");
        assert_eq!(find(&[&folder.0]).master_key_files(&hive, GUID), expected);
    }

    #[test]
    fn more_than_ten_files_are_known_by_name() {
        let folder = Scratch::new("many-master-keys");
        let hive = folder.file(SYSTEM, b"regf");
        for number in 0..40 {
            folder.file(&format!("{PROTECT}/{number:02}{}", &GUID[2..]), b"key");
        }
        let found = find(&[&folder.0]);
        let last = format!("39{}", &GUID[2..]);
        assert_eq!(found.master_key_files(&hive, &last).len(), 1);
        assert_eq!(found.corroboration(&hive)[crate::kind::MASTER_KEY].paths.len(), 10);
    }

    #[test]
    fn file_in_the_folder_of_a_hive_outside_windows_is_found() {
        let folder = Scratch::new("flat-master-key");
        let hive = folder.file("SYSTEM", b"regf");
        let file = folder.file(GUID, b"key");
        assert_eq!(find(&[&folder.0]).master_key_files(&hive, GUID), [file]);
    }
}
