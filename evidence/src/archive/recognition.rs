// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the name and the first bytes of an entry say.

use std::ffi::OsStr;
use std::path::Path;

use crate::kind::KINDS;

/// Names of folders and files that mark a document or a program in the form of a zip archive.
const DOCUMENTS: [&[u8]; 4] = [b"[Content_Types].xml", b"mimetype", b"META-INF/", b"_rels/"];

/// Whether the name of a file makes it a member: corroboration, a license file, or a list of uploads.
pub(super) fn is_wanted(path: &Path) -> bool {
    let Some(name) = path.file_name() else { return false };
    let is_license = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("cal"));
    let mut places = KINDS.iter().flat_map(|kind| kind.places);
    is_license
        || name.eq_ignore_ascii_case("uploads.json")
        || places.any(|place| place.is_named(name))
}

/// Whether a file has the name of a transaction log. Windows keeps empty logs.
pub(super) fn is_log(path: &Path) -> bool {
    let is_ending = |ending: &OsStr| {
        ["log", "log1", "log2"].iter().any(|known| ending.eq_ignore_ascii_case(known))
    };
    path.extension().is_some_and(is_ending)
}

/// Whether a zip archive is a document or a program, by its first entry.
pub(super) fn is_document(head: &[u8]) -> bool {
    let name = head.get(30..).unwrap_or_default();
    DOCUMENTS.iter().any(|document| name.starts_with(document))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn corroboration_licenses_and_lists_are_wanted_by_name() {
        for (path, expected) in [
            ("C/Windows/System32/LServer/tlslic.EDB", true),
            ("x/Security.evtx", true),
            ("home/HOST.cal", true),
            ("results/uploads.json", true),
            ("C/text.txt", false),
            ("cal", false),
        ] {
            assert_eq!(is_wanted(Path::new(path)), expected, "{path}");
        }
        assert!(is_log(Path::new("C/SYSTEM.LOG2")));
        assert!(!is_log(Path::new("C/SYSTEM.LOG3")));
    }

    #[test]
    fn document_is_recognized_by_its_first_entry() {
        let head = |name: &[u8]| [&[0; 30], name].concat();
        assert!(is_document(&head(b"[Content_Types].xml")));
        assert!(is_document(&head(b"META-INF/MANIFEST.MF")));
        assert!(!is_document(&head(b"C/Windows/")));
        assert!(!is_document(b"PK"));
    }
}
