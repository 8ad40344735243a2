// SPDX-License-Identifier: MIT OR Apache-2.0
//! Paths in collections of triage tools, as paths in Windows.
//!
//! | Tool | In the collection | Here |
//! |---|---|---|
//! | Velociraptor | `uploads/auto/C%3A/Windows/…`, `uploads/ntfs/%5C%5C.%5CC%3A/Windows/…` | `C/Windows/…` |
//! | Velociraptor, shadow copy | `uploads/ntfs_vss/…HarddiskVolumeShadowCopy3/Windows/…` | `HarddiskVolumeShadowCopy3/Windows/…` |
//! | UAC | `[root]/Windows/…` | `Windows/…` |
//! | acquire | `fs/C:/Windows/…`, `fs/fs0/…` | `C/Windows/…`, `fs0/…` |
//! | KAPE | `C/Windows/…` | `C/Windows/…` |

use std::path::{Path, PathBuf};

/// Folder of Velociraptor for files. Folders of accessors follow.
const UPLOADS: &str = "uploads";
/// Accessors of Velociraptor that read files: ways to read the same volume.
const ACCESSORS: [&str; 6] = ["auto", "file", "ntfs", "lazy_ntfs", "ntfs_vss", "mft"];
/// Folders of acquire for file systems.
const FILE_SYSTEMS: [&str; 2] = ["fs", "$fs$"];
/// Folder of UAC for the root of a file system.
const ROOT: &str = "[root]";

/// Place of a file in a collection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Layout {
    /// Path in Windows, below the input.
    pub(crate) path: PathBuf,
    /// Accessor of Velociraptor.
    pub(crate) accessor: Option<&'static str>,
    /// Number of folders before the volume.
    before: usize,
}

impl Layout {
    /// Returns the path with the accessor in the name of the volume: `C (ntfs)/Windows/…`.
    pub(crate) fn with_accessor(&self) -> PathBuf {
        let Some(accessor) = self.accessor else { return self.path.clone() };
        let mut path = PathBuf::new();
        for (at, part) in self.path.iter().enumerate() {
            let mut part = part.to_owned();
            if at == self.before {
                part.push(format!(" ({accessor})"));
            }
            path.push(part);
        }
        path
    }
}

/// Returns the path of a file in Windows. `path` is the path below the input. Paths that no tool wrote stay.
pub(crate) fn windows_path(path: &Path) -> PathBuf {
    of(Path::new(""), path).path
}

/// Returns the place of a file. Only the part below `base` is rewritten.
pub(crate) fn of(base: &Path, path: &Path) -> Layout {
    let parts: Vec<String> = path.iter().map(|part| part.to_string_lossy().into_owned()).collect();
    let (before, after, accessor) = split(&parts);
    let is_decoded = accessor.is_some();
    let after = after.iter().map(|part| if is_decoded { decoded(part) } else { part.clone() });
    let below = joined(before, after);
    let before = base.iter().count().saturating_add(before.len());
    Layout { path: base.join(below), accessor, before }
}

/// Returns the path in Windows of the decoded parts of a path in a collection of Velociraptor.
pub(crate) fn of_upload(parts: &[&str]) -> Option<PathBuf> {
    let at = parts.iter().position(|part| *part == UPLOADS)?;
    let after = parts.get(at.checked_add(2)?..).filter(|after| after.len() > 1)?;
    Some(joined(&[], after.iter().map(|part| (*part).to_owned())).into())
}

/// Returns a relative path. `..` and a root are taken as names.
pub(crate) fn relative(path: &str) -> PathBuf {
    let parts = path.split('/').filter(|part| !part.is_empty());
    parts.map(safe).collect::<Vec<String>>().join("/").into()
}

/// Joins folders that stay, a volume and the parts below it.
fn joined(before: &[String], after: impl Iterator<Item = String>) -> String {
    let mut path = before.join("/");
    for (at, part) in after.enumerate() {
        let part = if at == 0 { volume(&part) } else { safe(&part) };
        if !path.is_empty() {
            path.push('/');
        }
        path.push_str(&part);
    }
    path
}

/// Whether two places are the same file, read by two accessors.
pub(crate) fn is_other_accessor(one: &Layout, other: &Layout) -> bool {
    one.accessor.is_some() && other.accessor.is_some() && one.accessor != other.accessor
}

/// Splits a path into the folders that stay, the path from the volume on, and the accessor. Without a tool's
/// folders, the first part is empty.
fn split(parts: &[String]) -> (&[String], &[String], Option<&'static str>) {
    for (at, part) in parts.iter().enumerate() {
        let Some((before, [_, rest @ ..])) = parts.split_at_checked(at) else { break };
        match (part.as_str(), rest) {
            (UPLOADS, [accessor, after @ ..]) if after.len() > 1 => {
                let known = ACCESSORS.iter().find(|known| accessor == *known);
                if let Some(accessor) = known {
                    return (before, after, Some(accessor));
                }
            }
            (ROOT, [_, ..]) => return (before, rest, None),
            (folder, [volume, _, ..])
                if FILE_SYSTEMS.contains(&folder) && is_volume_of_acquire(volume) =>
            {
                return (before, rest, None);
            }
            _ => {}
        }
    }
    (&[], parts, None)
}

/// Whether a folder below `fs` is a volume: a drive, `sysvol`, or `fs0`.
fn is_volume_of_acquire(name: &str) -> bool {
    let is_numbered = name.strip_prefix("fs").is_some_and(|number| {
        !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
    });
    drive(name).is_some() || name.eq_ignore_ascii_case("sysvol") || is_numbered
}

/// Returns the letter of a drive: of `C:`, `\\.\C:` and `\\?\C:`.
fn drive(name: &str) -> Option<char> {
    let name = name.strip_prefix(r"\\.\").or(name.strip_prefix(r"\\?\")).unwrap_or(name);
    match name.trim_end_matches('\\').as_bytes() {
        [letter, b':'] if letter.is_ascii_alphabetic() => {
            Some(char::from(letter.to_ascii_uppercase()))
        }
        _ => None,
    }
}

/// Returns the folder of a volume: the drive without its colon, or the shadow copy.
fn volume(name: &str) -> String {
    if let Some(drive) = drive(name) {
        return drive.into();
    }
    let last = name.trim_end_matches('\\').rsplit('\\').next().unwrap_or(name);
    let is_device = name.starts_with(r"\\.\") || name.starts_with(r"\\?\");
    safe(if is_device { last } else { name })
}

/// Decodes `%5C`. Invalid sequences stay.
fn decoded(name: &str) -> String {
    let bytes = name.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0_usize;
    while let Some(byte) = bytes.get(at) {
        let two =
            at.checked_add(1).and_then(|start| bytes.get(start..)).and_then(|rest| rest.get(..2));
        let two = two.filter(|_| *byte == b'%').and_then(|two| core::str::from_utf8(two).ok());
        let one = two.and_then(|two| u8::from_str_radix(two, 16).ok());
        decoded.push(one.unwrap_or(*byte));
        at = at.saturating_add(if one.is_some() { 3 } else { 1 });
    }
    String::from_utf8(decoded).unwrap_or_else(|_| name.into())
}

/// Makes one part of a path out of a decoded name: separators and control characters are encoded again.
fn safe(name: &str) -> String {
    let mut safe = String::with_capacity(name.len());
    for letter in name.chars() {
        match letter {
            '/' | '\\' | '\0'..='\x1F' | '\x7F' => {
                safe.push_str(&format!("%{:02X}", u32::from(letter)));
            }
            letter => safe.push(letter),
        }
    }
    match safe.as_str() {
        ".." => "(..)".into(),
        "." | "" => "(.)".into(),
        _ => safe,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn collections_of_all_tools_give_the_same_path() {
        for path in [
            "uploads/auto/C%3A/Windows/System32/config/SYSTEM",
            "uploads/ntfs/%5C%5C.%5CC%3A/Windows/System32/config/SYSTEM",
            "uploads/lazy_ntfs/%5C%5C%3F%5Cc%3A/Windows/System32/config/SYSTEM",
            "uploads/mft/C%3A/Windows/System32/config/SYSTEM",
            "[root]/C/Windows/System32/config/SYSTEM",
            "fs/C:/Windows/System32/config/SYSTEM",
            "$fs$/c:/Windows/System32/config/SYSTEM",
            "C/Windows/System32/config/SYSTEM",
            "C:/Windows/System32/config/SYSTEM",
        ] {
            let expected = Path::new("C/Windows/System32/config/SYSTEM");
            assert_eq!(windows_path(Path::new(path)), expected, "{path}");
        }
    }

    #[test]
    fn other_paths_stay_as_they_are() {
        for path in [
            "SYSTEM",
            "case/uploads/SYSTEM",
            "uploads/scope/C%3A/SYSTEM",
            "uploads/auto/SYSTEM",
            "fs/Windows/System32/config/SYSTEM",
            "Windows/100%25/SYSTEM",
            "[root]",
        ] {
            assert_eq!(windows_path(Path::new(path)), Path::new(path), "{path}");
        }
    }

    #[test]
    fn folders_before_the_collection_stay() {
        let path = Path::new("host-1/F.123/uploads/auto/C%3A/a%20b/NTUSER.DAT");
        assert_eq!(windows_path(path), Path::new("host-1/F.123/C/a b/NTUSER.DAT"));
        let layout = of(Path::new("in.zip"), Path::new("fs/fs0/Windows/SYSTEM"));
        assert_eq!(layout.path, Path::new("in.zip/fs0/Windows/SYSTEM"));
    }

    #[test]
    fn decoded_name_does_not_leave_its_folder() {
        for (path, expected) in [
            ("uploads/auto/C%3A/%2E%2E/SYSTEM", "C/(..)/SYSTEM"),
            ("uploads/auto/C%3A/a%2Fb/SYSTEM", "C/a%2Fb/SYSTEM"),
            ("uploads/auto/C%3A/a%00b/SYSTEM", "C/a%00b/SYSTEM"),
            ("uploads/auto/%2E%2E/b/SYSTEM", "(..)/b/SYSTEM"),
            ("uploads/auto/C%3A/a%zz%4/%FF", "C/a%zz%4/%FF"),
            ("uploads/auto/C%3A/%2E/SYSTEM", "C/(.)/SYSTEM"),
        ] {
            assert_eq!(windows_path(Path::new(path)), Path::new(expected), "{path}");
        }
    }

    #[test]
    fn shadow_copy_keeps_the_name_of_its_device() {
        let device = "uploads/ntfs_vss/%5C%5C%3F%5CGLOBALROOT%5CDevice%5CHarddiskVolumeShadowCopy12/Windows/x";
        let path = windows_path(Path::new(device));
        assert_eq!(path, Path::new("HarddiskVolumeShadowCopy12/Windows/x"));
    }
}
