// SPDX-License-Identifier: MIT OR Apache-2.0
//! Other files of a machine that can corroborate its hives: [`Found::corroboration`].
//!
//! The search of folders records the names and places of these files, and does not read the files.

use core::fmt;
use std::path::Path;

#[cfg(feature = "schema")]
use schemars::JsonSchema;
#[cfg(feature = "serde")]
use serde::{Serialize, Serializer};

use crate::found::Found;
use crate::kind::{KINDS, Kind};
use crate::place::Machine;
use crate::real_path::real_path;

/// Further evidence that can confirm or contradict the answers, and its presence.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct Corroboration {
    /// Name of the evidence.
    #[cfg_attr(feature = "serde", serde(serialize_with = "words"))]
    #[cfg_attr(feature = "schema", schemars(with = "Words<'_>"))]
    pub what: String,
    /// Questions that the evidence can answer.
    #[cfg_attr(feature = "serde", serde(serialize_with = "words"))]
    #[cfg_attr(feature = "schema", schemars(with = "Words<'_>"))]
    pub about: String,
    /// Presence of the evidence.
    pub state: Presence,
    /// Paths of the files: the first ten.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub paths: Vec<String>,
}

/// Words for people, as an object with the field `text`.
#[cfg(feature = "serde")]
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[cfg_attr(feature = "schema", schemars(inline))]
struct Words<'w> {
    /// The words.
    text: &'w str,
}

#[cfg(feature = "serde")]
fn words<S: Serializer>(words: &str, serializer: S) -> Result<S::Ok, S::Error> {
    Words { text: words }.serialize(serializer)
}

/// Presence of evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub enum Presence {
    /// The files exist. Their content was not read.
    Present,
    /// The folder that would hold the files was searched, and does not hold them.
    Absent,
    /// The folder that would hold the files was not searched.
    NotSearched,
}

impl fmt::Display for Presence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Present => "present",
            Self::Absent => "absent",
            Self::NotSearched => "not searched",
        })
    }
}

impl Found {
    /// Returns one entry for each kind of evidence, in a fixed order. Each entry lists files of the
    /// machine that the hive belongs to.
    ///
    /// A hive in `Windows\System32\config` belongs to the machine whose volume holds that folder. For any
    /// other hive, only files in the same folder count, and no file is reported as absent. "Absent" means
    /// absent from the evidence given. The file may have existed on the machine.
    ///
    /// ```
    /// use calhive_evidence::Presence;
    /// let found = calhive_evidence::find::<&str>(&[]);
    /// let all = found.corroboration("SYSTEM".as_ref());
    /// assert!(all.iter().all(|one| one.state == Presence::NotSearched));
    /// ```
    pub fn corroboration(&self, hive: &Path) -> Vec<Corroboration> {
        let hive = hive.canonicalize().unwrap_or_else(|_| real_path(hive));
        let machine = Machine::of(&hive);
        let folder = hive.parent().unwrap_or(Path::new(""));
        let one = |(index, kind): (usize, &Kind)| {
            let (paths, is_searched) = match &machine {
                Some(machine) => self.survey.of_machine(index, kind, machine),
                None => (self.survey.beside(index, folder), false),
            };
            let state = match (paths.is_empty(), is_searched) {
                (false, _) => Presence::Present,
                (true, true) => Presence::Absent,
                (true, false) => Presence::NotSearched,
            };
            Corroboration { what: kind.what.into(), about: kind.about.into(), state, paths }
        };
        KINDS.iter().enumerate().map(one).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::PathBuf;

    use super::*;
    use crate::folder::find;
    use crate::scratch::Scratch;
    use Presence::{Absent, NotSearched, Present};

    /// One file of each kind, in the order of the kinds.
    const EXAMPLES: [&str; 9] = [
        "Windows/System32/LServer/TLSLic.edb",
        "Users/ann/NTUSER.DAT",
        "Users/ann/AppData/Local/Microsoft/Windows/UsrClass.dat",
        "Windows/System32/config/SECURITY",
        "Windows/System32/Microsoft/Protect/S-1-5-18/User/1320153d-8da3-4e8e-b27b-0d888223a588",
        "Windows/System32/GroupPolicy/Machine/Registry.pol",
        "Windows/System32/winevt/Logs/Microsoft-Windows-TerminalServices-RDPClient%4Operational.evtx",
        "Windows/System32/winevt/Logs/\
         Microsoft-Windows-TerminalServices-RemoteConnectionManager%4Operational.evtx",
        "Windows/System32/winevt/Logs/Security.evtx",
    ];
    const SYSTEM: &str = "Windows/System32/config/SYSTEM";

    fn states(found: &Found, hive: &Path) -> Vec<Presence> {
        found.corroboration(hive).iter().map(|one| one.state).collect()
    }

    fn text(path: &Path) -> String {
        path.display().to_string()
    }

    #[test]
    fn file_in_its_windows_folder_is_present_and_other_kinds_absent() {
        for (index, example) in EXAMPLES.iter().enumerate() {
            let folder = Scratch::new(&format!("kind-{index}"));
            let hive = folder.file(SYSTEM, b"regf");
            let example = folder.file(example, b"");
            let found = find(&[&folder.0]);
            let mut expected = vec![Absent; 9];
            expected[index] = Present;
            assert_eq!(states(&found, &hive), expected, "{}", KINDS[index].what);
            assert_eq!(found.corroboration(&hive)[index].paths, [text(&example)]);
        }
    }

    #[test]
    fn file_in_the_folder_of_an_older_windows_is_present() {
        for (index, example) in [
            (0, "WINNT/system32/lserver/hydra.mdb"),
            (1, "Documents and Settings/ann/ntuser.dat"),
            (1, "WINNT/Profiles/ann/ntuser.dat"),
            (
                2,
                "Documents and Settings/ann/Local Settings/Application Data/Microsoft/Windows/\
                 UsrClass.dat",
            ),
            (4, "WINNT/system32/Microsoft/Protect/S-1-5-18/1320153d-8da3-4e8e-b27b-0d888223a588"),
            (5, "WINNT/system32/GroupPolicy/DataStore/0/sysvol/x/Policies/y/Machine/Registry.pol"),
            (
                7,
                "WINNT/system32/winevt/Logs/\
                 Microsoft-Windows-TerminalServices-LocalSessionManager%4Operational.evtx",
            ),
            (8, "WINNT/system32/config/SecEvent.Evt"),
        ] {
            let folder = Scratch::new("older");
            let hive = folder.file("WINNT/system32/config/system", b"regf");
            folder.file(example, b"");
            let mut expected = vec![Absent; 9];
            expected[index] = Present;
            assert_eq!(states(&find(&[&folder.0]), &hive), expected, "{example}");
        }
    }

    #[test]
    fn file_in_other_letter_case_is_present() {
        let folder = Scratch::new("case");
        let hive = folder.file("wINDOWS/sYSTEM32/cONFIG/system", b"regf");
        for example in EXAMPLES {
            folder.file(&example.to_uppercase(), b"");
        }
        assert_eq!(states(&find(&[&folder.0]), &hive), [Present; 9]);
    }

    #[test]
    fn file_in_another_folder_is_not_counted() {
        let folder = Scratch::new("places");
        let hive = folder.file(SYSTEM, b"regf");
        for (index, example) in EXAMPLES.iter().enumerate() {
            let name = Path::new(example).file_name().unwrap().to_str().unwrap();
            folder.file(&format!("elsewhere/{index}/{name}"), b"");
            folder.file(&format!("Windows/System32/{name}"), b"");
        }
        assert_eq!(states(&find(&[&folder.0]), &hive), [Absent; 9]);
    }

    #[test]
    fn file_of_another_machine_is_not_counted() {
        let folder = Scratch::new("machines");
        let first = folder.file(&format!("CLIENT01/{SYSTEM}"), b"regf");
        let second = folder.file(&format!("CLIENT02/{SYSTEM}"), b"regf");
        let old = folder.file(&format!("CLIENT02/Windows.old/{SYSTEM}"), b"regf");
        let backup = folder.file("CLIENT01/Windows/System32/config/RegBack/SYSTEM", b"regf");
        let other = folder.file("CLIENT01/WINNT/system32/config/system", b"regf");
        for example in EXAMPLES {
            folder.file(&format!("CLIENT01/{example}"), b"");
        }
        let found = find(&[&folder.0]);
        assert_eq!(states(&found, &first), [Present; 9]);
        assert_eq!(states(&found, &backup), [Present; 9]);
        assert_eq!(states(&found, &second), [Absent; 9]);
        assert_eq!(states(&found, &old), [Absent; 9]);
        // Two installations on one volume share only the user profiles.
        let mut of_other = [Absent; 9];
        of_other[1..3].fill(Present);
        assert_eq!(states(&found, &other), of_other);
    }

    #[test]
    fn kind_is_absent_only_if_all_its_folders_were_searched() {
        let folder = Scratch::new("parts");
        let hive = folder.file(SYSTEM, b"regf");
        folder.file("Users/ann/note.txt", b"");
        folder.file("Documents and Settings/ann/note.txt", b"");
        folder.file("Windows/System32/winevt/note.txt", b"");
        let of = |parts: &[&str]| {
            let parts: Vec<PathBuf> = parts.iter().map(|part| folder.0.join(part)).collect();
            let states = states(&find(&parts), &hive);
            let absent = states.iter().enumerate().filter(|(_, state)| **state == Absent);
            let absent = absent.map(|(index, _)| index).collect::<Vec<usize>>();
            assert!(!states.contains(&Present));
            absent
        };
        assert_eq!(of(&["Windows/System32/config"]), [3]);
        assert_eq!(of(&["Windows/System32/winevt"]), [6, 7]);
        assert_eq!(of(&["Windows/System32/winevt", SYSTEM]), [3, 6, 7, 8]);
        assert_eq!(of(&["Windows/System32/config", "Windows/System32/absent"]), [3]);
        assert_eq!(of(&["Windows"]), [0, 3, 4, 5, 6, 7, 8]);
        assert_eq!(of(&["Windows", "Users"]), [0, 3, 4, 5, 6, 7, 8]);
        let users = ["Windows", "Users/ann", "Documents and Settings/ann"];
        assert_eq!(of(&users), [0, 3, 4, 5, 6, 7, 8]);
        assert_eq!(of(&["Windows", "Users", "Documents and Settings"]).len(), 9);
        assert_eq!(of(&[SYSTEM]), [3]);
        assert_eq!(of(&["."]), [0, 1, 2, 3, 4, 5, 6, 7, 8]);
    }

    #[test]
    fn hive_outside_its_windows_folder_has_only_files_beside_it() {
        let folder = Scratch::new("flat");
        let hive = folder.file("a/SYSTEM", b"regf");
        let other = folder.file("b/SYSTEM", b"regf");
        let beside = ["ntuser.dat", "SECURITY", "TLSLic.edb", "x.txt"];
        let beside = beside.map(|name| folder.file(&format!("a/{name}"), b"x"));
        folder.file("a/1320153d-8da3-4e8e-b27b-0d888223a588", b"");
        let mut expected = [NotSearched; 9];
        [expected[0], expected[1], expected[3]] = [Present; 3];
        // Three searches: the folder, both hives, and both hives with one more file.
        for paths in [vec![&folder.0], vec![&hive, &other], vec![&hive, &beside[0], &other]] {
            let found = find(&paths);
            assert_eq!(states(&found, &hive), expected);
            assert_eq!(states(&found, &other), [NotSearched; 9]);
            assert_eq!(found.corroboration(&hive)[1].paths, [text(&beside[0])]);
        }
    }

    #[test]
    fn kind_below_an_unlisted_folder_is_not_searched() {
        for (unlisted, hidden) in [
            ("Users/bob", &[1, 2][..]),
            ("Users/bob/AppData/Local", &[2]),
            ("Users/bob/Desktop", &[]),
            ("Windows/System32", &[0, 3, 4, 5, 6, 7, 8]),
            ("Windows/System32/LServer/x", &[0]),
            ("Windows/System32/winevt", &[6, 7, 8]),
            ("Windows/Temp", &[]),
            (".", &[0, 1, 2, 3, 4, 5, 6, 7, 8]),
        ] {
            let folder = Scratch::new("unlisted");
            let hive = folder.file(SYSTEM, b"regf");
            let mut found = find(&[&folder.0]);
            found.survey.unlisted(folder.0.canonicalize().unwrap().join(unlisted));
            let states = states(&found, &hive);
            for (index, state) in states.iter().enumerate() {
                let expected = if hidden.contains(&index) { NotSearched } else { Absent };
                assert_eq!(*state, expected, "{unlisted} {}", KINDS[index].what);
            }
        }
    }

    #[cfg(unix)]
    #[test]
    fn kind_below_a_folder_without_permission_is_not_searched() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = Scratch::new("permission");
        let hive = folder.file(SYSTEM, b"regf");
        let database = folder.file(EXAMPLES[0], b"");
        let closed = database.parent().unwrap();
        fs::set_permissions(closed, fs::Permissions::from_mode(0o000)).unwrap();
        // The superuser can list the folder without permission.
        let expected = if fs::read_dir(closed).is_ok() { Present } else { NotSearched };
        let found = find(&[&folder.0]);
        fs::set_permissions(closed, fs::Permissions::from_mode(0o700)).unwrap();
        assert_eq!(states(&found, &hive)[0], expected);
    }

    #[cfg(unix)]
    #[test]
    fn kind_below_a_link_is_not_searched() {
        let (folder, elsewhere) = (Scratch::new("linked"), Scratch::new("leads-to"));
        let hive = folder.file(SYSTEM, b"regf");
        elsewhere.file("ann/NTUSER.DAT", b"");
        let link = |target: &Path, name: &str| {
            std::os::unix::fs::symlink(target, folder.0.join(name)).unwrap();
        };
        link(&elsewhere.0, "Users");
        link(Path::new("nowhere"), "Windows/System32/config/SECURITY");
        link(Path::new("nowhere"), "Windows/System32/other");
        let mut expected = [Absent; 9];
        expected[1..4].fill(NotSearched);
        assert_eq!(states(&find(&[&folder.0]), &hive), expected);
        // A link named by the user counts as the hive.
        let named = elsewhere.0.join("link");
        std::os::unix::fs::symlink(&hive, &named).unwrap();
        let found = find(&[&folder.0, &named]);
        assert_eq!(states(&found, &named), expected);
    }

    #[test]
    fn first_ten_paths_are_listed_once_each() {
        let folder = Scratch::new("many");
        let hive = folder.file(SYSTEM, b"regf");
        let users: Vec<String> = (10..35)
            .map(|user| text(&folder.file(&format!("Users/u{user}/NTUSER.DAT"), b"")))
            .collect();
        let found = find(&[&folder.0.join("Users"), &folder.0, &folder.0.join("Users/u30/.")]);
        assert_eq!(found.corroboration(&hive)[1].paths, users[..10]);
    }
}
