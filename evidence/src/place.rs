// SPDX-License-Identifier: MIT OR Apache-2.0
//! Where Windows keeps a file, and to which machine a path belongs: [`Place`], [`Machine`].
//!
//! Names are compared without regard to case; the paths are canonical ones.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

/// In a [`Place`]: the folder of Windows, by the names that Setup gives it; the last is that of
/// Windows NT 4.0 Terminal Server Edition.
pub(crate) const WINDOWS: &str = "<windows>";
const WINDOWS_NAMES: [&str; 3] = ["windows", "winnt", "wtsrv"];
/// In a [`Place`]: one folder of any name.
pub(crate) const ANY: &str = "*";
/// In a [`Place`]: any number of folders, or none.
pub(crate) const BELOW: &str = "**";
/// In a [`Place`]: a file that is named by a GUID.
pub(crate) const GUID: &str = "<guid>";

/// Where Windows keeps a file, seen from the root of its volume.
#[derive(Debug)]
pub(crate) struct Place {
    folder: &'static [&'static str],
    file: &'static str,
}

/// What the files of a machine lie below: the root of its volume, and where a place is below the folder
/// of Windows also the name of that, in lower case.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Base {
    root: PathBuf,
    windows: Option<OsString>,
}

/// The machine that a hive in its folder of configuration belongs to.
#[derive(Debug)]
pub(crate) struct Machine {
    pub(crate) root: PathBuf,
    windows: OsString,
}

impl Place {
    pub(crate) const fn new(folder: &'static [&'static str], file: &'static str) -> Self {
        Self { folder, file }
    }

    /// Whether a file of this name may be one of this place.
    pub(crate) fn is_named(&self, name: &OsStr) -> bool {
        is_part(self.file, name)
    }

    /// Whether its name alone says what a file is.
    pub(crate) fn is_told_by_name(&self) -> bool {
        self.file != GUID
    }

    /// What a file lies below, if it is one of this place. Where trees lie in each other, the inner one
    /// counts.
    pub(crate) fn base_of(&self, file: &Path) -> Option<Base> {
        self.bases(file, matches).pop()
    }

    /// What this place would be below, where a path is the place, lies on the way to it, or in it.
    pub(crate) fn bases_toward(&self, path: &Path) -> Vec<Base> {
        self.bases(path, leads)
    }

    /// Whether the files of this place were all met when a folder was gone through with all below it.
    pub(crate) fn is_below(&self, folder: &Path, machine: &Machine) -> bool {
        machine.root.starts_with(folder)
            || self.steps(folder, machine).is_some_and(|steps| steps <= self.fixed().len())
    }

    /// Whether the files of this place were all met when a folder was listed, and none below it.
    pub(crate) fn is_in(&self, folder: &Path, machine: &Machine) -> bool {
        self.steps(folder, machine) == Some(self.folder.len())
            && self.fixed().len() == self.folder.len()
    }

    /// How far a folder is on the way from the root of the volume to this place.
    fn steps(&self, folder: &Path, machine: &Machine) -> Option<usize> {
        let rest: Vec<&OsStr> = folder.strip_prefix(&machine.root).ok()?.iter().collect();
        let is_on_the_way = self.fixed().iter().zip(&rest).all(|(part, name)| match *part {
            WINDOWS => machine.windows.eq_ignore_ascii_case(name),
            part => is_part(part, name),
        });
        is_on_the_way.then_some(rest.len())
    }

    /// The folders whose names are known.
    fn fixed(&self) -> &[&'static str] {
        let length = self.folder.iter().position(|part| [ANY, BELOW].contains(part));
        self.folder.get(..length.unwrap_or(self.folder.len())).unwrap_or_default()
    }

    /// What this place would be below, if `test` holds for the rest of a path; the outermost first.
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
    /// The machine of a hive that lies in `System32\config`, in a folder below that, or in `repair`.
    pub(crate) fn of(hive: &Path) -> Option<Self> {
        const HIVES: [Place; 2] = [
            Place::new(&[WINDOWS, "system32", "config", BELOW], ANY),
            Place::new(&[WINDOWS, "repair"], ANY),
        ];
        let inner = HIVES.iter().filter_map(|place| place.base_of(hive));
        let base = inner.max_by_key(|base| base.root.iter().count())?;
        Some(Self { root: base.root, windows: base.windows? })
    }

    /// What the files of a place lie below, if they are of this machine.
    pub(crate) fn base(&self, place: &Place) -> Base {
        let is_windows = place.folder.first() == Some(&WINDOWS);
        Base { root: self.root.clone(), windows: is_windows.then(|| self.windows.clone()) }
    }
}

/// Whether a path is one of the pattern.
fn matches(pattern: &[&str], path: &[&OsStr]) -> bool {
    match (pattern, path) {
        ([], []) => true,
        ([BELOW, after @ ..], [_, rest @ ..]) => matches(after, path) || matches(pattern, rest),
        ([part, after @ ..], [name, rest @ ..]) => is_part(part, name) && matches(after, rest),
        _ => false,
    }
}

/// Whether a path is the beginning of one of the pattern.
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
    fn the_machine_of_a_hive_is_that_of_the_innermost_tree() {
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
    fn a_file_is_one_of_its_place_only() {
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
    fn guids_have_hyphens_in_their_places() {
        assert!(is_guid(b"1320153D-8da3-4e8e-B27B-0D888223A588"));
        assert!(!is_guid(b"1320153D-8DA3-4E8E-B27B-0D888223A58"));
        assert!(!is_guid(b"1320153D8-DA3-4E8E-B27B-0D888223A588"));
        assert!(!is_guid(b"1320153G-8DA3-4E8E-B27B-0D888223A588"));
    }
}
