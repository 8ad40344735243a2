// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Place`]: place of a file in Windows, and [`Machine`]: the machine that a hive belongs to.
//!
//! Names compare without regard to letter case. All paths are canonical.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

/// In a [`Place`]: the Windows folder, by the names that Setup uses. The last name is from Windows NT 4.0
/// Terminal Server Edition.
pub(crate) const WINDOWS: &str = "<windows>";
const WINDOWS_NAMES: [&str; 3] = ["windows", "winnt", "wtsrv"];
/// In a [`Place`]: one folder of any name.
pub(crate) const ANY: &str = "*";
/// In a [`Place`]: any number of folders, or none.
pub(crate) const BELOW: &str = "**";
/// In a [`Place`]: a file with a GUID as its name.
pub(crate) const GUID: &str = "<guid>";

/// Place of a file in Windows, from the root of the volume.
#[derive(Debug)]
pub(crate) struct Place {
    folder: &'static [&'static str],
    file: &'static str,
}

/// Root of the volume of a machine. For places below the Windows folder, also the name of the Windows folder
/// in lower case.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Base {
    root: PathBuf,
    windows: Option<OsString>,
}

/// Machine that a hive belongs to, found by the configuration folder of the hive.
#[derive(Debug)]
pub(crate) struct Machine {
    pub(crate) root: PathBuf,
    windows: OsString,
}

impl Place {
    pub(crate) const fn new(folder: &'static [&'static str], file: &'static str) -> Self {
        Self { folder, file }
    }

    /// Returns whether a file with this name can belong to the place.
    pub(crate) fn is_named(&self, name: &OsStr) -> bool {
        is_part(self.file, name)
    }

    /// Returns whether the name alone identifies a file.
    pub(crate) fn is_known_by_name(&self) -> bool {
        self.file != GUID
    }

    /// Returns the base of a file, if the file belongs to the place. If several bases fit, returns the
    /// innermost base.
    pub(crate) fn base_of(&self, file: &Path) -> Option<Base> {
        self.bases(file, matches).pop()
    }

    /// Returns whether files of the place are in this folder.
    pub(crate) fn is_folder(&self, path: &Path) -> bool {
        Self { file: ANY, ..*self }.base_of(&path.join(ANY)).is_some()
    }

    /// Returns each base for which `path` is on the way to this place, or inside it.
    pub(crate) fn bases_toward(&self, path: &Path) -> Vec<Base> {
        self.bases(path, leads)
    }

    /// Returns whether a search of a folder with all subfolders covers this place.
    pub(crate) fn is_below(&self, folder: &Path, machine: &Machine) -> bool {
        machine.root.starts_with(folder)
            || self.steps(folder, machine).is_some_and(|steps| steps <= self.fixed().len())
    }

    /// Returns whether a listing of a folder without subfolders covers this place.
    pub(crate) fn is_in(&self, folder: &Path, machine: &Machine) -> bool {
        self.steps(folder, machine) == Some(self.folder.len())
            && self.fixed().len() == self.folder.len()
    }

    /// Returns the depth of a folder on the way from the root of the volume to this place; `None` for any
    /// other folder.
    fn steps(&self, folder: &Path, machine: &Machine) -> Option<usize> {
        let rest: Vec<&OsStr> = folder.strip_prefix(&machine.root).ok()?.iter().collect();
        let is_on_the_way = self.fixed().iter().zip(&rest).all(|(part, name)| match *part {
            WINDOWS => machine.windows.eq_ignore_ascii_case(name),
            part => is_part(part, name),
        });
        is_on_the_way.then_some(rest.len())
    }

    /// Returns the leading folders with known names.
    fn fixed(&self) -> &[&'static str] {
        let length = self.folder.iter().position(|part| [ANY, BELOW].contains(part));
        self.folder.get(..length.unwrap_or(self.folder.len())).unwrap_or_default()
    }

    /// Returns each base for which `test` accepts the part of the path below the base, outermost first.
    fn bases(&self, path: &Path, test: fn(&[&str], &[&OsStr]) -> bool) -> Vec<Base> {
        let pattern: Vec<&str> = self.folder.iter().chain([&self.file]).copied().collect();
        let parts: Vec<&OsStr> = path.iter().collect();
        let base = |at| {
            let (root, rest) = parts.split_at_checked(at)?;
            let first = rest.first().filter(|_| test(&pattern, rest))?;
            let is_windows = self.folder.first() == Some(&WINDOWS);
            let windows = is_windows.then(|| first.to_ascii_lowercase());
            Some(Base { root: root.iter().collect(), windows })
        };
        (0..parts.len()).filter_map(base).collect()
    }
}

impl Machine {
    /// Returns the machine of a hive in `System32\config`, in a folder below `config`, or in
    /// `repair`.
    pub(crate) fn of(hive: &Path) -> Option<Self> {
        const HIVES: [Place; 2] = [
            Place::new(&[WINDOWS, "system32", "config", BELOW], ANY),
            Place::new(&[WINDOWS, "repair"], ANY),
        ];
        let inner = HIVES.iter().filter_map(|place| place.base_of(hive));
        let base = inner.max_by_key(|base| base.root.iter().count())?;
        Some(Self { root: base.root, windows: base.windows? })
    }

    /// Returns the base of a place on this machine.
    pub(crate) fn base(&self, place: &Place) -> Base {
        let is_windows = place.folder.first() == Some(&WINDOWS);
        Base { root: self.root.clone(), windows: is_windows.then(|| self.windows.clone()) }
    }
}

/// Returns whether a path matches the pattern.
fn matches(pattern: &[&str], path: &[&OsStr]) -> bool {
    match (pattern, path) {
        ([], []) => true,
        ([BELOW, after @ ..], [_, rest @ ..]) => matches(after, path) || matches(pattern, rest),
        ([part, after @ ..], [name, rest @ ..]) => is_part(part, name) && matches(after, rest),
        _ => false,
    }
}

/// Returns whether a path is the start of a match of the pattern.
fn leads(pattern: &[&str], path: &[&OsStr]) -> bool {
    match (pattern, path) {
        (_, []) | ([BELOW, ..], _) => true,
        ([part, after @ ..], [name, rest @ ..]) => is_part(part, name) && leads(after, rest),
        _ => false,
    }
}

fn is_part(part: &str, name: &OsStr) -> bool {
    match part {
        ANY => true,
        WINDOWS => WINDOWS_NAMES.iter().any(|known| name.eq_ignore_ascii_case(known)),
        GUID => is_guid(name.as_encoded_bytes()),
        part => name.eq_ignore_ascii_case(part),
    }
}

fn is_guid(name: &[u8]) -> bool {
    name.len() == 36
        && name.iter().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn machine_of_a_hive_in_nested_trees_is_the_innermost() {
        for (hive, root) in [
            ("/e/C/Windows/System32/config/SYSTEM", Some("/e/C")),
            ("/e/WINNT/system32/CONFIG/software", Some("/e")),
            ("/e/wtsrv/system32/config/system", Some("/e")),
            ("/e/Windows/System32/config/RegBack/SYSTEM", Some("/e")),
            ("/e/WINDOWS/repair/system", Some("/e")),
            ("/e/Windows.old/Windows/System32/config/SYSTEM", Some("/e/Windows.old")),
            (
                "/e/Windows/System32/config/x/Windows/repair/SAM",
                Some("/e/Windows/System32/config/x"),
            ),
            ("/e/Windows/System32/SYSTEM", None),
            ("/e/config/SYSTEM", None),
            ("/e/SYSTEM", None),
        ] {
            let machine = Machine::of(hive.as_ref());
            assert_eq!(machine.map(|machine| machine.root), root.map(PathBuf::from), "{hive}");
        }
    }

    #[test]
    fn file_belongs_to_a_place_only_with_the_full_path() {
        let place = Place::new(&[WINDOWS, "system32", "lserver", BELOW], "tlslic.edb");
        for (file, expected) in [
            ("/e/Windows/System32/LServer/TLSLic.edb", true),
            ("/e/Windows/System32/LServer/a/b/TLSLic.edb", true),
            ("/e/Windows/System32/TLSLic.edb", false),
            ("/e/Windows/System32/LServer/TLSLic.edb/x", false),
            ("/e/Win/System32/LServer/TLSLic.edb", false),
        ] {
            assert_eq!(place.base_of(file.as_ref()).is_some(), expected, "{file}");
        }
        for (path, expected) in [
            ("/e/windows", 1),
            ("/e/windows/system32/lserver", 1),
            ("/e/windows/system32/lserver/x", 1),
            ("/e/windows/system32/other", 0),
            ("/e", 0),
        ] {
            assert_eq!(place.bases_toward(path.as_ref()).len(), expected, "{path}");
        }
    }

    #[test]
    fn guid_needs_hyphens_at_fixed_positions() {
        assert!(is_guid(b"1320153D-8da3-4e8e-B27B-0D888223A588"));
        assert!(!is_guid(b"1320153D-8DA3-4E8E-B27B-0D888223A58"));
        assert!(!is_guid(b"1320153D8-DA3-4E8E-B27B-0D888223A588"));
        assert!(!is_guid(b"1320153G-8DA3-4E8E-B27B-0D888223A588"));
    }
}
