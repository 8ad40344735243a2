// SPDX-License-Identifier: MIT OR Apache-2.0
//! Names of the files in a disk image that can matter. calhive reads no other file of an image.

use std::ffi::OsStr;
use std::path::Path;

use crate::kind::KINDS;

/// Names of hives that can hold facts, in lower case. Others of `System32\\config` (COMPONENTS, DRIVERS) hold none.
const HIVES: [&str; 7] =
    ["system", "software", "security", "sam", "ntuser.dat", "usrclass.dat", DEFAULT];
/// Hive of the system account. Other programs use the name too: it counts beside the other hives only.
const DEFAULT: &str = "default";
/// Endings of logs, each with the dot.
const LOGS: [&str; 3] = [".log", ".log1", ".log2"];
/// Endings of copies, each with the dot.
const COPIES: [&str; 9] =
    [".sav", ".bak", ".old", ".orig", ".copy", ".hiv", ".hive", ".dat", ".man"];

/// Folders with the profiles of users, in lower case.
const PROFILES: [&str; 2] = ["users", "documents and settings"];

/// Returns whether a file of this name can be a hive, its log, an export, a license, or a file that can corroborate a
/// hive. A file that [`is_wanted`] accepts has such a name.
pub(crate) fn is_wanted_name(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    is_hive_name(&lower)
        || has_ending(&lower, ".reg")
        || has_ending(&lower, ".cal")
        || KINDS.iter().flat_map(|kind| kind.places).any(|place| place.is_named(OsStr::new(name)))
}

/// Returns whether a file at this path below the root of a volume can matter. Its name is one that
/// [`is_wanted_name`] accepts.
pub(crate) fn is_wanted(path: &Path) -> bool {
    let lower = path.file_name().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
    if is_hive_name(&lower) {
        return !lower.starts_with(DEFAULT) || is_in_config(path);
    }
    if has_ending(&lower, ".reg") || has_ending(&lower, ".cal") {
        return is_of_a_user(path);
    }
    KINDS.iter().flat_map(|kind| kind.places).any(|place| place.base_of(path).is_some())
}

/// Returns whether a file at this path has the name of a hive or of a copy of one, and not of a log.
pub(crate) fn is_hive(path: &Path) -> bool {
    let lower = path.file_name().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
    let is_log = LOGS.iter().any(|ending| {
        lower.ends_with(ending)
            || COPIES.iter().any(|copy| lower.contains(&format!("{ending}{copy}")))
    });
    is_hive_name(&lower) && !is_log && (!lower.starts_with(DEFAULT) || is_in_config(path))
}

/// Returns whether a scan reads a file at this path whole: a hive, a log, an export or a license file.
pub(crate) fn is_read_whole(path: &Path) -> bool {
    let lower = path.file_name().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
    is_hive_name(&lower) || has_ending(&lower, ".reg") || has_ending(&lower, ".cal")
}

/// Returns whether a file at this path has the ending of a license file.
pub(crate) fn is_license(path: &Path) -> bool {
    let lower = path.file_name().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
    has_ending(&lower, ".cal")
}

/// Returns whether the folder at this path below the root of a volume is one in which Windows keeps hives or files that
/// can corroborate hives.
pub(crate) fn is_folder_of_windows(path: &Path) -> bool {
    is_in_config(&path.join(DEFAULT))
        || KINDS.iter().flat_map(|kind| kind.places).any(|place| place.is_folder(path))
}

/// Whether a name in lower case is the name of a hive, with endings of copies and logs: `system1.log2`,
/// `ntuser.dat.bak`, `_registry_machine_system`.
fn is_hive_name(lower: &str) -> bool {
    let mut stem = lower;
    let endings = || LOGS.iter().chain(&COPIES);
    while let Some(shorter) = endings().find_map(|ending| stem.strip_suffix(ending)) {
        if HIVES.contains(&stem) {
            break;
        }
        stem = shorter;
    }
    if stem.starts_with("_registry_machine_") || stem.starts_with("_registry_user_") {
        return true;
    }
    // Numbers mark copies: SYSTEM1, SOFTWARE_2, SYSTEM (1).
    let base = stem.trim_end_matches(|it: char| it.is_ascii_digit() || " ()_-.".contains(it));
    HIVES.contains(&stem) || HIVES.contains(&base) || matches!(base, "ntuser" | "usrclass")
}

/// Whether a name has a stem and this ending.
fn has_ending(lower: &str, ending: &str) -> bool {
    lower.strip_suffix(ending).is_some_and(|stem| !stem.is_empty())
}

/// Whether a file lies in the folder of the hives, or in a copy of this folder.
fn is_in_config(path: &Path) -> bool {
    const FOLDERS: [&str; 3] = ["config", "regback", "repair"];
    let folder = path.parent().and_then(Path::file_name).unwrap_or_default();
    FOLDERS.iter().any(|it| folder.eq_ignore_ascii_case(it))
}

/// Whether a file lies below the profile of a user.
fn is_of_a_user(path: &Path) -> bool {
    path.iter().any(|part| PROFILES.iter().any(|it| part.eq_ignore_ascii_case(it)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_of_windows_are_those_of_hives_and_of_files_beside_them() {
        for (path, expected) in [
            ("Windows/System32/config", true),
            ("WINNT/system32/config/RegBack", true),
            ("Users/a", true),
            ("WINNT/Profiles/a", true),
            ("users/a/appdata/local/microsoft/windows", true),
            ("Windows/System32/winevt/Logs", true),
            ("Windows/System32", false),
            ("Users", false),
            ("Users/a/AppData", false),
            ("", false),
        ] {
            assert_eq!(is_folder_of_windows(Path::new(path)), expected, "{path}");
        }
    }

    #[test]
    fn hives_logs_and_copies_are_wanted_in_any_folder() {
        for name in [
            "SYSTEM",
            "software",
            "Security",
            "SAM",
            "NTUSER.DAT",
            "UsrClass.dat",
            "SYSTEM.LOG",
            "SYSTEM.LOG1",
            "ntuser.dat.LOG2",
            "NTUSER.DAT.bak",
            "SYSTEM1",
            "SYSTEM.bak",
            "SYSTEM.OLD",
            "system.sav",
            "SYSTEM (2)",
            "_REGISTRY_MACHINE_SYSTEM",
            "_REGISTRY_USER_NTUSER_S-1-5-21-1",
            "SYSTEM.dat",
            "SOFTWARE.hiv",
            "ntuser.man",
            "SYSTEM1.LOG1",
            "SYSTEM-2.old",
        ] {
            assert!(is_wanted_name(name), "{name}");
            assert!(is_wanted(&Path::new("some/folder").join(name)), "{name}");
        }
    }

    #[test]
    fn other_files_are_wanted_at_their_place_only() {
        for (path, name, place) in [
            ("Users/a/export.reg", true, true),
            ("Users/a/AppData/x/HOST.cal", true, true),
            ("Documents and Settings/a/x.REG", true, true),
            ("Windows/x.reg", true, false),
            ("Windows/System32/lserver/TLSLic.edb", true, true),
            ("Temp/TLSLic.edb", true, false),
            ("Windows/System32/winevt/Logs/Security.evtx", true, true),
            ("Windows/System32/kernel32.dll", false, false),
            ("Users/a/.reg", false, false),
            ("Windows/System32/config/DEFAULT", true, true),
            ("Windows/x/default.dat", true, false),
            ("Windows/System32/systemx.dat", false, false),
            ("Windows/win.ini", false, false),
        ] {
            let file = Path::new(path);
            assert_eq!(is_wanted_name(file.file_name().unwrap().to_str().unwrap()), name, "{path}");
            assert_eq!(is_wanted(file), place, "{path}");
        }
    }
}
