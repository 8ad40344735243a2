// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`CopyPlace`]: which state of which installation a file of hives is, by its folders and its locator.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use calhive_regf::FileTime;

use crate::fact::FileCopy;
use crate::report::HiveCopy;

/// State and installation of a file, by its place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct CopyPlace {
    /// Volume of the installation: the disk image with the offset of the volume, or the folder above.
    pub(super) volume: String,
    /// Letter of the drive, if the name of a folder is that letter.
    pub(super) drive: Option<char>,
    /// Name of the Windows folder in lower case.
    pub(super) windows: Option<String>,
    /// Whether the file is in `RegBack` or `repair`.
    pub(super) is_backup: bool,
    /// Whether the file is in `Windows.old`.
    pub(super) is_earlier: bool,
    /// Number of the shadow copy.
    pub(super) shadow_copy: Option<u32>,
    /// Time of creation of the shadow copy, with its GUID.
    pub(super) created: Option<(FileTime, String)>,
    /// Number of the MFT record of a deleted file.
    pub(super) deleted: Option<u64>,
    /// Offset on the volume of a hive in unallocated clusters.
    pub(super) carved: Option<u64>,
}

/// Folder of the hives below `System32`.
const CONFIG: &str = "config";
/// Number of folders between a shadow copy and its Windows folder, at most.
const BELOW_SHADOW_COPY: usize = 2;

impl CopyPlace {
    /// Returns the place of a file. The locator, if there is one, precedes the names of folders.
    pub(super) fn of(file: &FileCopy) -> Self {
        let names: Vec<String> =
            file.names().0.iter().map(|name| name.to_ascii_lowercase()).collect();
        let folders: Vec<&str> = names.iter().map(String::as_str).collect();
        let mut place = Self::by_folders(&folders);
        place.locate(file);
        place
    }

    /// Returns the place of a file in the profile of a user, with the name of the profile. Without the folders of a
    /// profile, the place is that of the folder.
    pub(super) fn of_profile(file: &FileCopy) -> (Self, Option<String>) {
        let original = file.names().0;
        let names: Vec<String> = original.iter().map(|name| name.to_ascii_lowercase()).collect();
        let folders: Vec<&str> = names.iter().map(String::as_str).collect();
        let (depth, above) = match folders.as_slice() {
            ["windows", "microsoft", "local", "appdata", _, "users", above @ ..] => {
                (Some(4), above)
            }
            [
                "windows",
                "microsoft",
                "application data",
                "local settings",
                _,
                "documents and settings",
                above @ ..,
            ] => (Some(4), above),
            [_, "users" | "documents and settings", above @ ..] => (Some(0), above),
            [_, "profiles", windows, above @ ..] if is_windows(windows) => (Some(0), above),
            above => (None, above),
        };
        let mut place = Self::default();
        place.around(above);
        place.locate(file);
        (place, depth.and_then(|depth: usize| original.get(depth).cloned()))
    }

    /// Takes the volume, the shadow copy and the state of the file from its locator, if there is one.
    fn locate(&mut self, file: &FileCopy) {
        let place = self;
        if let Some(volume) = file.locator.as_ref().and_then(|it| it.volume.as_ref()) {
            let input = file.locator.as_ref().map(|it| it.input.as_str()).unwrap_or_default();
            place.volume = format!("{input} at {}", volume.offset);
            place.drive = None;
            place.shadow_copy = volume.shadow_copy.as_ref().map(|it| it.number);
            place.created = volume.shadow_copy.as_ref().and_then(|it| {
                let time = FileTime::from_raw(it.created);
                time.is_plausible().then(|| (time, it.id.clone()))
            });
            place.deleted = volume.mft_record.filter(|_| volume.is_deleted);
            place.carved = volume.unallocated.map(|it| it.offset);
        }
    }

    /// Returns the place by the names of the folder and the folders above, in lower case.
    fn by_folders(folders: &[&str]) -> Self {
        let mut place = Self::default();
        let above = match folders {
            ["regback", CONFIG, "system32", windows, above @ ..] => {
                place.is_backup = true;
                place.windows = Some(String::from(*windows));
                above
            }
            ["regback", CONFIG, above @ ..] => {
                place.is_backup = true;
                above
            }
            ["repair", windows, above @ ..] if is_windows(windows) => {
                place.is_backup = true;
                place.windows = Some(String::from(*windows));
                above
            }
            [CONFIG, "system32", windows, above @ ..] => {
                place.windows = Some(String::from(*windows));
                above
            }
            [record, "deleted", above @ ..] if record.parse::<u64>().is_ok() => {
                place.deleted = record.parse().ok();
                above
            }
            [offset, "unallocated", above @ ..] if unallocated(offset).is_some() => {
                place.carved = unallocated(offset);
                above
            }
            above => above,
        };
        match above {
            [first, ..] if is_earlier(first) && place.windows.is_none() => {
                place.volume = reversed(above);
            }
            above => place.around(above),
        }
        place
    }

    /// Takes the previous Windows, the shadow copy, the drive and the volume from the folders above a Windows folder
    /// or a folder of profiles.
    fn around(&mut self, mut above: &[&str]) {
        let place = self;
        if let [first, rest @ ..] = above
            && is_earlier(first)
        {
            place.is_earlier = true;
            above = rest;
        }
        let mut above: Vec<&str> = above.to_vec();
        let near = above.iter().take(BELOW_SHADOW_COPY);
        let found = near.enumerate().find_map(|(at, name)| Some((at, shadow_copy(name)?)));
        if let Some((at, number)) = found {
            place.shadow_copy = Some(number);
            above.remove(at);
        }
        place.drive = above.first().and_then(|name| drive(name));
        if place.drive.is_some() {
            above.remove(0);
        }
        place.volume = reversed(&above);
    }

    /// Returns the kind of copy, or `None` for hives in use.
    pub(super) const fn copy(&self) -> Option<HiveCopy> {
        if self.carved.is_some() {
            Some(HiveCopy::Carved)
        } else if self.deleted.is_some() {
            Some(HiveCopy::Deleted)
        } else if self.shadow_copy.is_some() {
            Some(HiveCopy::ShadowCopy)
        } else if self.is_earlier {
            Some(HiveCopy::EarlierInstallation)
        } else if self.is_backup {
            Some(HiveCopy::Backup)
        } else {
            None
        }
    }

    /// Whether the hives are those in use of a shadow copy, and not an older copy inside it.
    pub(super) const fn is_whole_shadow_copy(&self) -> bool {
        self.shadow_copy.is_some() && self.deleted.is_none() && !self.is_earlier && !self.is_backup
    }

    /// Describes the kind of the state.
    pub(super) fn in_words(&self) -> String {
        if let Some(offset) = self.carved {
            return format!("carved from unallocated clusters at {offset:#x}");
        }
        let kind = match (self.deleted, self.is_earlier, self.is_backup) {
            (Some(record), ..) => format!("deleted file (MFT record {record})"),
            (None, true, true) => String::from("backup of the previous Windows (RegBack)"),
            (None, true, false) => String::from("previous Windows"),
            (None, false, true) => String::from("backup (RegBack)"),
            (None, false, false) => String::new(),
        };
        match (self.shadow_copy, kind.is_empty()) {
            (None, true) => String::from("in use"),
            (None, false) => kind,
            (Some(number), true) => format!("shadow copy {number}"),
            (Some(number), false) => format!("{kind} in shadow copy {number}"),
        }
    }
}

/// Joins the names of folders, outermost first.
fn reversed(folders: &[&str]) -> String {
    let folders: Vec<&str> = folders.iter().rev().copied().collect();
    folders.join("/")
}

fn is_windows(name: &str) -> bool {
    matches!(name, "windows" | "winnt" | "wtsrv")
}

/// Returns the offset in the name of a folder for unallocated clusters: `0x1a000`, with `+0x` for compressed bytes.
fn unallocated(name: &str) -> Option<u64> {
    let digits = name.split('+').next()?.strip_prefix("0x")?;
    u64::from_str_radix(digits, 16).ok()
}

fn is_earlier(name: &str) -> bool {
    let number = name.strip_prefix("windows.old");
    number.is_some_and(|it| it.is_empty() || it.starts_with('.'))
}

/// Returns the number in the name of a folder for a shadow copy: `shadow copy 1`, `HarddiskVolumeShadowCopy1` at
/// the end of a device path, or `VSS1`.
fn shadow_copy(name: &str) -> Option<u32> {
    const DEVICE: &str = "harddiskvolumeshadowcopy";
    let number = name.strip_prefix("shadow copy ").or_else(|| name.strip_prefix("vss"));
    let number = number.or_else(|| name.rsplit_once(DEVICE).map(|(_, number)| number))?;
    let is_number = number.starts_with(|first: char| first.is_ascii_digit());
    number.parse().ok().filter(|_| is_number)
}

/// Returns the letter in the name of a folder for a drive: `C`, `C:`, `\\.\C:`, also with `%5C` and `%3A`.
fn drive(name: &str) -> Option<char> {
    let name =
        name.strip_prefix("%5c%5c.%5c").or_else(|| name.strip_prefix(r"\\.\")).unwrap_or(name);
    let name = name.strip_suffix("%3a").or_else(|| name.strip_suffix(':')).unwrap_or(name);
    let mut letters = name.chars();
    letters.next().filter(|letter| letter.is_ascii_lowercase() && letters.next().is_none())
}

#[cfg(test)]
mod tests {
    use super::*;
    use calhive_evidence::{Locator, ShadowCopy, VolumePlace};

    fn place(path: &str) -> CopyPlace {
        CopyPlace::of(&FileCopy { path: path.into(), real_path: None, locator: None })
    }

    #[test]
    fn copies_are_recognized_by_folders_of_windows_only() {
        let (backup, earlier) = (HiveCopy::Backup, HiveCopy::EarlierInstallation);
        for (path, expected) in [
            ("C/Windows/System32/config/RegBack/SYSTEM", Some(backup)),
            (r"D:\WINDOWS\repair\system", Some(backup)),
            ("Windows.old/WINDOWS/System32/config/SYSTEM", Some(earlier)),
            ("Windows.old.000/Windows/System32/config/RegBack/SYSTEM", Some(earlier)),
            ("repair/case1/Windows/System32/config/SYSTEM", None),
            ("RegBack/SYSTEM", None),
            ("Windows.older/Windows/System32/config/SYSTEM", None),
            ("SYSTEM", None),
            (
                "disk.E01/partition 2/shadow copy 1/Windows/System32/config/SYSTEM",
                Some(HiveCopy::ShadowCopy),
            ),
            ("VSS3/C/Windows/System32/config/SYSTEM", Some(HiveCopy::ShadowCopy)),
            ("disk.E01/partition 2/deleted/4711/SYSTEM", Some(HiveCopy::Deleted)),
            ("deleted/mine/SYSTEM", None),
            ("disk.E01/partition 2/unallocated/0x1a000/hive", Some(HiveCopy::Carved)),
            ("unallocated/mine/hive", None),
            ("vss1/case/host/C/Windows/System32/config/SYSTEM", None),
        ] {
            assert_eq!(place(path).copy(), expected, "{path}");
        }
    }

    #[test]
    fn copies_of_a_volume_have_its_place() {
        let of = |path: &str| (place(path).volume, place(path).windows);
        let disk =
            |windows: Option<&str>| (String::from("d.e01/partition 2"), windows.map(String::from));
        for path in [
            "d.E01/partition 2/Windows/System32/config/SYSTEM",
            "d.E01/partition 2/shadow copy 12/Windows/System32/config/RegBack/SYSTEM",
            "d.E01/partition 2/Windows.old/Windows/System32/config/SYSTEM",
        ] {
            assert_eq!(of(path), disk(Some("windows")), "{path}");
        }
        assert_eq!(of("d.E01/partition 2/deleted/99/SYSTEM"), disk(None));
        let live = place("uploads/ntfs/%5C%5C.%5CC%3A/Windows/System32/config/SYSTEM");
        let shadow = "uploads/ntfs/%5C%5C%3F%5CGLOBALROOT%5CDevice%5CHarddiskVolumeShadowCopy7/Windows/System32/config/SYSTEM";
        assert_eq!((live.volume, live.drive), (String::from("uploads/ntfs"), Some('c')));
        let shadow = place(shadow);
        assert_eq!((shadow.volume.as_str(), shadow.drive), ("uploads/ntfs", None));
        assert_eq!(shadow.shadow_copy, Some(7));
    }

    #[test]
    fn profile_has_the_volume_and_the_copy_of_its_folders() {
        let of = |path: &str| {
            let file = FileCopy { path: path.into(), real_path: None, locator: None };
            let (place, name) = CopyPlace::of_profile(&file);
            (place.volume, place.shadow_copy, place.is_earlier, name)
        };
        let expected = |volume: &str, shadow_copy, is_earlier, name: Option<&str>| {
            (String::from(volume), shadow_copy, is_earlier, name.map(String::from))
        };
        for (path, wanted) in [
            ("PC/C/Users/Ann B/NTUSER.DAT", expected("pc", None, false, Some("Ann B"))),
            (
                r"D:\Documents and Settings\joe\Local Settings\Application Data\Microsoft\Windows\UsrClass.dat",
                expected("", None, false, Some("joe")),
            ),
            (
                "d.E01/shadow copy 2/Windows.old/Users/x/AppData/Local/Microsoft/Windows/UsrClass.dat",
                expected("d.e01", Some(2), true, Some("x")),
            ),
            ("evidence/NTUSER.DAT", expected("evidence", None, false, None)),
        ] {
            assert_eq!(of(path), wanted, "{path}");
        }
    }

    #[test]
    fn locator_precedes_the_names_of_folders() {
        let volume = VolumePlace {
            offset: 1 << 20,
            mft_record: Some(7),
            shadow_copy: Some(ShadowCopy {
                number: 2,
                id: "a".into(),
                created: 133_512_192_001_234_567,
            }),
            ..VolumePlace::default()
        };
        let locator = Locator { input: "d.E01".into(), volume: Some(volume), ..Locator::default() };
        let path = "d.E01/vss9/Windows/System32/config/SYSTEM";
        let file = FileCopy { path: path.into(), real_path: None, locator: Some(locator) };
        let place = CopyPlace::of(&file);
        assert_eq!((place.shadow_copy, place.volume.as_str()), (Some(2), "d.E01 at 1048576"));
        assert_eq!(place.created.unwrap().0.raw(), 133_512_192_001_234_567);
        assert_eq!(place.deleted, None);
    }
}
