// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`find`]: searches files and folders in a fixed order.

use alloc::sync::Arc;
use core::ops::ControlFlow;
use std::collections::HashSet;
use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};

use calhive_regf::FileError;
use walkdir::WalkDir;

use crate::container::FileContainer;
use crate::file::{Parts, Recognized, recognize};
use crate::found::{Found, Refused};
use crate::open_tree::{self, SearchOptions};
use crate::search::{STANDARD_INPUT, Search, canonical_path};
use crate::skip::{Link, SearchStep, Skipped};
use crate::trees::Trees;

/// Finds hives among files, and in folders with all their subfolders. The path `-` stands for standard input.
///
/// Named links are followed. Links within a folder are not followed. After an error the search
/// continues.
///
/// ```
/// let found = calhive_evidence::find(&["no/such/folder"]);
/// assert!(found.hives.is_empty());
/// assert_eq!(found.unreadable.len(), 1);
/// ```
pub fn find<P: AsRef<Path>>(paths: &[P]) -> Found {
    find_with(paths, &SearchOptions::default(), &mut |_| ControlFlow::Continue(()))
}

/// Finds hives like [`find`]. `notify` receives each step. If it breaks, the search ends.
pub fn find_with<P: AsRef<Path>>(
    paths: &[P],
    options: &SearchOptions,
    notify: &mut dyn FnMut(SearchStep<'_>) -> ControlFlow<()>,
) -> Found {
    let folders = paths.iter().map(AsRef::as_ref).filter(|path| path.is_dir());
    let searched = folders.filter_map(|folder| folder.canonicalize().ok()).collect();
    let mut search = Search {
        found: Found::default(),
        trees: Trees::default(),
        seen: HashSet::new(),
        searched,
        options,
        notify,
    };
    for path in paths.iter().map(AsRef::as_ref) {
        if search.stops_at(path) {
            break;
        }
        if path == Path::new(STANDARD_INPUT) {
            search.standard_input();
            continue;
        }
        if path.is_symlink() {
            search.skip(&Skipped::Followed(Link::read(path, &[])));
        }
        match path.metadata() {
            Ok(metadata) if metadata.is_dir() => search.folder(path),
            Ok(_) => search.named(path),
            Err(error) => search.found.unreadable.push(FileError::new(path, error)),
        }
    }
    Found { trees: Arc::new(search.trees), ..search.found }
}

impl Search<'_> {
    /// Adds a named file.
    fn named(&mut self, path: &Path) {
        let hives = self.found.hives.len();
        match recognize(path) {
            Ok(Recognized::Hive | Recognized::Fragment) => self.hive(path),
            Ok(Recognized::Container(container)) if self.opens(path, container) => return,
            Ok(
                kind @ (Recognized::TextExport | Recognized::LiveRows | Recognized::LicenseFile),
            ) => {
                self.other(path, kind);
                self.found.named_exports.push(path.into());
            }
            Ok(recognized) => {
                let has_parts = match recognized {
                    Recognized::Other => true,
                    Recognized::Container(container) => container.is_plain(),
                    _ => false,
                };
                let parts = if has_parts { Parts::in_file(path, 0) } else { Ok(Parts::default()) };
                match (recognized, parts) {
                    (Recognized::Other, Ok(Parts { has_bin: true, hives: 0 })) => self.hive(path),
                    (_, Ok(Parts { hives, .. })) => {
                        self.found.refused.push(Refused { path: path.into(), recognized, hives });
                    }
                    // The rest of the file can hold a hive.
                    (_, Err(error)) => {
                        self.found.unreadable.push(FileError::new(path, error));
                    }
                }
            }
            Err(error) => self.found.unreadable.push(error),
        }
        let is_hive = self.found.hives.len() > hives;
        if is_hive {
            self.found.named.insert(path.into());
        }
        self.found.survey.named(path, is_hive);
    }

    /// Searches a named folder with all its subfolders.
    fn folder(&mut self, folder: &Path) {
        let hives = self.found.hives.len();
        let canonical = folder.canonicalize().unwrap_or_else(|_| folder.into());
        let real = |path: &Path| canonical.join(path.strip_prefix(folder).unwrap_or(path));
        let unreadable = self.found.unreadable.len();
        let mut is_repeated = false;
        let mut containers = Vec::new();
        let walk = WalkDir::new(folder).sort_by_file_name().into_iter();
        for entry in walk.filter_entry(|entry| entry.depth() == 0 || !is_of_kernel(entry.path())) {
            if entry.as_ref().is_ok_and(|entry| self.stops_at(entry.path())) {
                return;
            }
            match entry {
                Ok(entry) if entry.file_type().is_dir() || entry.depth() == 0 => {}
                Ok(entry) => is_repeated |= self.entry(&entry, &real, &mut containers),
                Err(error) => {
                    let path = error.path().unwrap_or(folder).to_path_buf();
                    self.found.survey.unlisted(real(&path));
                    let source = error.into_io_error();
                    let source = source.unwrap_or_else(|| io::Error::other("cannot be listed"));
                    self.found.unreadable.push(FileError::new(path, source));
                }
            }
        }
        // A descriptor of a disk names its parts. Parts look like disks of their own.
        containers.sort_by_key(|(_, container): &(PathBuf, FileContainer)| container.is_plain());
        for (path, container) in containers {
            if self.stops_at(&path) {
                return;
            }
            let recognized = Recognized::Container(container);
            if let Some(first) = open_tree::first_segment(&path, recognized) {
                self.skip(&Skipped::Segment(path, first));
                continue;
            }
            let is_known = self.seen.contains(&canonical_path(&path));
            is_repeated |= is_known;
            let below = path.strip_prefix(folder).unwrap_or(&path);
            if is_of_windows(below) && self.contradicts(&path, recognized) {
                continue;
            }
            if is_of_windows(below) {
                self.skip(&Skipped::OfWindows(path, recognized));
                self.found.containers = self.found.containers.saturating_add(1);
            } else if !is_known && !self.opens(&path, container) {
                self.found.refused.push(Refused { path, recognized, hives: 0 });
            }
        }
        self.found.survey.searched(real(folder));
        // An unreadable file or folder can hold a hive.
        let is_whole = self.found.unreadable.len() == unreadable;
        if self.found.hives.len() == hives && !is_repeated && is_whole {
            self.found.without_hives.push(folder.into());
        }
    }

    /// Adds an entry of a folder. Returns whether the entry is a hive, even if another path led to it before.
    fn entry(
        &mut self,
        entry: &walkdir::DirEntry,
        real: &dyn Fn(&Path) -> PathBuf,
        containers: &mut Vec<(PathBuf, FileContainer)>,
    ) -> bool {
        let (kind, path) = (entry.file_type(), entry.path());
        let counter = if kind.is_symlink() {
            self.found.survey.link(&real(path));
            let link = Link::read(path, &self.searched);
            if link.leads_away {
                self.found.leading_away.push(link.clone());
            }
            self.skip(&Skipped::Link(link));
            &mut self.found.links
        } else if !kind.is_file() {
            self.skip(&Skipped::Special(path.into()));
            &mut self.found.special
        } else {
            self.found.survey.file(path, || real(path));
            match recognize(path) {
                Ok(Recognized::Hive | Recognized::Fragment) => {
                    self.hive(path);
                    return true;
                }
                Ok(Recognized::Container(container)) => {
                    containers.push((path.into(), container));
                    return false;
                }
                Ok(recognized) if self.contradicts(path, recognized) => return true,
                Ok(
                    kind
                    @ (Recognized::TextExport | Recognized::LiveRows | Recognized::LicenseFile),
                ) => {
                    self.other(path, kind);
                    return true;
                }
                Ok(recognized) if let Some(first) = open_tree::first_segment(path, recognized) => {
                    self.skip(&Skipped::Segment(path.into(), first));
                    return false;
                }
                Ok(recognized) => {
                    self.skip(&Skipped::File(path.into(), recognized));
                    if recognized == Recognized::TransactionLog {
                        self.found.log_files.push(path.into());
                    }
                    match recognized {
                        Recognized::TransactionLog => &mut self.found.logs,
                        _ => &mut self.found.others,
                    }
                }
                Err(error) => {
                    self.found.unreadable.push(error);
                    return false;
                }
            }
        };
        *counter = counter.saturating_add(1);
        false
    }
}

/// Whether a folder shows the state of the examiner's own system.
fn is_of_kernel(path: &Path) -> bool {
    ["/proc", "/sys", "/dev"].iter().any(|folder| path == Path::new(folder))
}

/// Whether an archive or disk image in a folder belongs to a program or a user of Windows. `path` is below the
/// folder. Such files are many, and none is a collection of evidence.
fn is_of_windows(path: &Path) -> bool {
    const FOLDERS: [&str; 9] = [
        "windows",
        "winnt",
        "program files",
        "program files (x86)",
        "programdata",
        "users",
        "documents and settings",
        "$recycle.bin",
        "system volume information",
    ];
    const ENDINGS: [&str; 12] =
        ["jar", "apk", "docx", "xlsx", "pptx", "odt", "ods", "odp", "epub", "nupkg", "vsix", "whl"];
    let is_folder = |part: &OsStr| FOLDERS.iter().any(|name| part.eq_ignore_ascii_case(name));
    let is_document =
        |ending: &OsStr| ENDINGS.iter().any(|known| ending.eq_ignore_ascii_case(known));
    path.parent().is_some_and(|folder| folder.iter().any(is_folder))
        || path.extension().is_some_and(is_document)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::found::MoreHives;
    use crate::scratch::Scratch;

    #[test]
    fn hives_are_listed_in_order_and_once() {
        let folder = Scratch::new("order");
        let second = folder.file("b/SYSTEM", b"regf");
        let first = folder.file("a.bin", b"regf");
        let third = folder.file("b/sub/SOFTWARE", b"regf");
        folder.file("b/note.txt", b"text");
        folder.file("b/SYSTEM.LOG1", &{
            let mut log = b"regf".to_vec();
            log.resize(512, 0);
            log[28] = 6;
            log
        });
        let found = find(&[third.as_path(), folder.0.as_path()]);
        assert_eq!(found.hives, [third, first, second]);
        assert_eq!((found.logs, found.others), (1, 1));
        assert!(found.without_hives.is_empty());
    }

    #[test]
    fn named_file_that_is_not_a_hive_is_refused() {
        let folder = Scratch::new("named");
        let path = folder.file("user.dat", b"CREG");
        let found = find(&[&path]);
        assert_eq!(found.refused, [Refused { path, recognized: Recognized::Windows9x, hives: 0 }]);
        assert_eq!(find(&[&folder.0]).without_hives, [folder.0.as_path()]);
    }

    #[test]
    fn export_is_found_by_name_and_in_a_folder_once() {
        let folder = Scratch::new("exports");
        let path = folder.file("export.txt", b"REGEDIT4");
        let found = find(&[path.as_path(), folder.0.as_path()]);
        assert_eq!((found.exports.as_slice(), found.hives.len()), ([path].as_slice(), 0));
        assert!(found.refused.is_empty() && found.without_hives.is_empty());
    }

    #[cfg(unix)]
    #[test]
    fn link_in_a_folder_is_counted_and_named_link_followed() {
        let (folder, elsewhere) = (Scratch::new("links"), Scratch::new("elsewhere"));
        let hive = elsewhere.file("SYSTEM", b"regf");
        let link = folder.0.join("link");
        std::os::unix::fs::symlink(&hive, &link).unwrap();
        std::os::unix::fs::symlink(&elsewhere.0, folder.0.join("folder")).unwrap();
        let found = find(&[&folder.0]);
        assert_eq!((found.hives.len(), found.links), (0, 2));
        assert_eq!(find(&[&link]).hives, [link]);
        assert_eq!(find(&[folder.0.join("folder")]).hives.len(), 1);
    }

    #[test]
    fn raw_file_with_whole_hives_is_refused_with_their_number() {
        let folder = Scratch::new("raw");
        let hive =
            hive_forge::write(&hive_forge::tree::Tree::new("ROOT"), &Default::default()).bytes;
        let raw = folder
            .file("disk.dd", &[vec![0; 4096], hive.clone(), vec![0; 512], hive.clone()].concat());
        let found = find(&[&raw]);
        assert!(found.hives.is_empty());
        assert_eq!(found.refused[0].hives, 2);
        let text = found.refused[0].to_string();
        assert!(text.contains("disk.dd is not a registry hive, but holds 2 hives; "), "{text}");
        let both = folder.file("both", &[hive.clone(), hive.clone()].concat());
        let found = find(&[&both]);
        assert_eq!(found.hives, [both.as_path()]);
        assert_eq!(found.more_hives, [MoreHives { path: both, hives: 1 }]);
        let bins = folder.file("bins", &[vec![1; 512], hive[4096..].to_vec()].concat());
        assert_eq!(find(&[&bins]).hives, [bins]);
    }

    #[test]
    fn image_or_archive_that_no_build_reads_is_refused_by_name() {
        let folder = Scratch::new("containers");
        for (name, head) in
            [("a.Ex01", &b"EVF2\x0D\x0A\x81\0"[..]), ("b.7z", b"7z\xBC\xAF\x27\x1C")]
        {
            let path = folder.file(name, head);
            let refused = find(&[&path]).refused.remove(0);
            assert!(matches!(refused.recognized, Recognized::Container(_)), "{refused}");
            assert!(refused.to_string().contains(" is a"), "{refused}");
        }
        let found = find(&[&folder.0]);
        assert_eq!((found.refused.len(), found.containers, found.others), (2, 0, 0));
        let not_read: Vec<String> = found.not_read().into_iter().map(|it| it.message).collect();
        assert!(not_read[0].contains("a.Ex01 is a disk image (EnCase, Ex01)"), "{not_read:?}");
        assert!(not_read[1].contains("b.7z is a 7z archive"), "{not_read:?}");
    }

    #[cfg(unix)]
    #[test]
    fn skipped_file_is_reported_with_its_reason() {
        let folder = Scratch::new("skipped");
        let elsewhere = Scratch::new("skipped-elsewhere");
        let hive = folder.file("SYSTEM", b"regf");
        let note = folder.file("note.txt", b"text");
        std::os::unix::fs::symlink(&elsewhere.0, folder.0.join("away")).unwrap();
        std::os::unix::fs::symlink(&folder.0, folder.0.join("within")).unwrap();
        let mut skipped = Vec::new();
        let found = find_with(&[&hive, &folder.0], &SearchOptions::default(), &mut |step| {
            if let SearchStep::Skipped(one) = step {
                skipped.push(one.clone());
            }
            ControlFlow::Continue(())
        });
        assert_eq!(found.leading_away.len(), 1);
        assert_eq!(found.links, 2);
        assert!(skipped.contains(&Skipped::File(note, Recognized::Other)));
        assert!(skipped.contains(&Skipped::Again(hive)));
        let text: Vec<String> = skipped.iter().map(ToString::to_string).collect();
        let expected = format!(
            "skipped link {} -> {}: name it to follow it",
            folder.0.join("away").display(),
            elsewhere.0.display()
        );
        assert!(text.contains(&expected), "{text:?}");
        // A folder that holds only a link.
        let empty = Scratch::new("skipped-empty");
        std::os::unix::fs::symlink(&folder.0, empty.0.join("C")).unwrap();
        let message = find(&[&empty.0]).not_read()[0].message.clone();
        assert!(
            message.contains("skipped link ") && message.contains("name it to follow it"),
            "{message}"
        );
    }

    #[test]
    fn interrupted_search_keeps_what_it_found_and_names_where_it_ended() {
        let folder = Scratch::new("interrupted");
        let first = folder.file("a/SYSTEM", b"regf");
        let second = folder.file("b/SYSTEM", b"regf");
        let found = find_with(&[&folder.0], &SearchOptions::default(), &mut |step| match step {
            SearchStep::At(path) if path == second => ControlFlow::Break(()),
            _ => ControlFlow::Continue(()),
        });
        assert_eq!(found.hives, [first]);
        assert_eq!(found.interrupted_at.as_deref(), Some(second.as_path()));
        let not_read = found.not_read();
        assert_eq!(not_read.len(), 1);
        assert!(not_read[0].message.contains("interrupted at "), "{}", not_read[0].message);
    }

    /// A hive with two bins. The bytes of its base block and of its first bin start with something else.
    fn manipulated_hive() -> Vec<u8> {
        let mut tree = hive_forge::tree::Tree::new("ROOT");
        tree.root.values.push(hive_forge::tree::Value::new("V", 3, &[1; 9000]));
        let mut hive = hive_forge::write(&tree, &Default::default()).bytes;
        (hive[0], hive[4096]) = (b'X', b'X');
        hive
    }

    fn losses(found: &Found) -> Vec<String> {
        found.not_read().into_iter().map(|it| it.message).collect()
    }

    #[test]
    fn file_with_the_name_of_a_hive_and_without_its_start_is_read_or_reported() {
        let folder = Scratch::new("contradiction");
        folder.file("SYSTEM", b"regf");
        folder.file("a/SAM", b"text about a man");
        let bins = folder.file("b/SOFTWARE", &manipulated_hive());
        let pages = folder.file("c/SOFTWARE", &[7; 8192]);
        let found = find(&[&folder.0]);
        assert_eq!(found.hives[1..], [bins]);
        assert_eq!(found.others, 1);
        let start = "not read: it has the name of a hive, but no base block (\"regf\") at offset 0";
        let losses = losses(&found);
        assert_eq!(losses.len(), 1, "{losses:?}");
        assert!(losses[0].starts_with(&format!("{}: {start}", pages.display())), "{losses:?}");
    }

    #[cfg(feature = "tar")]
    #[test]
    fn member_with_the_name_of_a_hive_and_without_its_start_is_read_or_reported() {
        let folder = Scratch::new("contradiction-tar");
        let mut builder = tar::Builder::new(Vec::new());
        let shifted = [vec![0; 512], manipulated_hive()].concat();
        for (name, bytes) in [
            ("SYSTEM", &b"regf"[..]),
            ("a/NTUSER.DAT", &manipulated_hive()),
            ("b/SOFTWARE", &[7; 8192]),
            ("c/SECURITY", &[&b"PK\x03\x04"[..], &[7; 4092]].concat()),
            ("d/SAM", &shifted),
            ("e/SAM", b"text"),
        ] {
            let mut header = tar::Header::new_gnu();
            header.set_size(bytes.len() as u64);
            builder.append_data(&mut header, name, bytes).unwrap();
        }
        let archive = folder.file("a.tar", &builder.into_inner().unwrap());
        let found = find(&[&archive]);
        let hives = ["SYSTEM", "a/NTUSER.DAT", "d/SAM"].map(|name| archive.join(name));
        assert_eq!(found.hives, hives);
        let losses = losses(&found);
        assert_eq!(losses.len(), 2, "{losses:?}");
        assert!(
            losses[0].contains("b/SOFTWARE: not read: it has the name of a hive"),
            "{losses:?}"
        );
        assert!(
            losses[1].contains("c/SECURITY: not read: it has the name of a hive"),
            "{losses:?}"
        );
    }

    #[test]
    fn license_file_of_an_unknown_form_is_reported() {
        let folder = Scratch::new("cal");
        folder.file("SYSTEM", b"regf");
        let license = [b"\0\0\0".as_slice(), crate::LicenseFile::IDENTIFIER, &[0; 90]].concat();
        let path = folder.file("x.cal", &license);
        folder.file("y.cal", b"BEGIN:VCALENDAR");
        let found = find(&[&folder.0]);
        let losses = losses(&found);
        assert_eq!(losses.len(), 1, "{losses:?}");
        let expected = "holds the identifier of a license at offset 0x3";
        assert!(losses[0].starts_with(&path.display().to_string()), "{losses:?}");
        assert!(losses[0].contains(expected), "{losses:?}");
    }

    #[cfg(unix)]
    #[test]
    fn special_file_is_never_opened() {
        let folder = Scratch::new("special");
        let socket = folder.0.join("socket");
        let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
        assert_eq!(find(&[&folder.0]).special, 1);
        let named = find(&[&socket]);
        assert!(named.unreadable[0].to_string().ends_with("not a regular file"));
        let named = find(&[Path::new("/dev/zero")]);
        assert_eq!(named.unreadable.len(), 1);
    }
}
