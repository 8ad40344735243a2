// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`real_path`]: a path with its links resolved.

use std::path::{Path, PathBuf};

/// Returns the path of a file with the links in its folder resolved. A link at the end stays, because the name
/// of a linked hive can be the only sign of its machine. For a file inside an archive or a disk image, the links
/// to the archive or image are resolved.
pub fn real_path(file: &Path) -> PathBuf {
    for above in file.ancestors().skip(1) {
        let folder = if above.as_os_str().is_empty() { Path::new(".") } else { above };
        if let (Ok(folder), Ok(rest)) = (folder.canonicalize(), file.strip_prefix(above)) {
            let is_there = folder.is_file() || rest.components().count() == 1;
            return if is_there { folder.join(rest) } else { file.into() };
        }
    }
    file.into()
}

/// Whether a file that belongs to another one is a link to another folder than the own one and that of the other. A
/// hostile folder could name any file of the examiner's machine in this way.
pub(crate) fn leads_away(part: &Path, main: &Path) -> bool {
    let folder = |path: &Path| Some(path.canonicalize().ok()?.parent()?.to_path_buf());
    let own = part.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."));
    part.is_symlink()
        && folder(part).is_some_and(|target| {
            own.canonicalize().ok().as_ref() != Some(&target)
                && folder(main).as_ref() != Some(&target)
        })
}

/// Refuses a file of a disk image that [leads away](leads_away) from the image. `what` names its part in the image.
///
/// # Errors
/// If the file is such a link.
pub(crate) fn refuse_link(what: &str, part: &Path, main: &Path) -> std::io::Result<()> {
    if !leads_away(part, main) {
        return Ok(());
    }
    let name = part.file_name().unwrap_or_default().display();
    Err(crate::structure::damaged(format!(
        "{what} {name} is a link out of the folder of the image; copy the file into the folder"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Scratch;

    #[cfg(unix)]
    #[test]
    fn real_path_keeps_the_name_of_a_link_and_resolves_its_folder() {
        let folder = Scratch::new("real-path");
        let hive = folder.file("store/1", b"regf");
        let link = folder.0.join("store/SYSTEM");
        std::os::unix::fs::symlink(&hive, &link).unwrap();
        std::os::unix::fs::symlink(folder.0.join("store"), folder.0.join("case")).unwrap();
        let canonical = folder.0.canonicalize().unwrap();
        assert_eq!(real_path(&folder.0.join("case/SYSTEM")), canonical.join("store/SYSTEM"));
        assert_eq!(real_path("no/such".as_ref()), Path::new("no/such"));
    }

    #[cfg(unix)]
    #[test]
    fn link_to_the_folder_of_the_main_file_does_not_lead_away() {
        let (folder, other) = (Scratch::new("leads-away"), Scratch::new("leads-away-to"));
        let hive = folder.file("case/SYSTEM", b"regf");
        let stored = folder.file("store/SYSTEM", b"regf");
        let link = |name: &str, target: &Path| {
            let link = folder.0.join(name);
            std::os::unix::fs::symlink(target, &link).unwrap();
            link
        };
        let away = link("case/SYSTEM.LOG1", &other.file("secret", b"x"));
        let beside = link("case/SYSTEM.LOG2", &folder.file("case/log", b"x"));
        let linked = link("case/SOFTWARE", &stored);
        let with_linked = link("case/SOFTWARE.LOG1", &folder.file("store/SYSTEM.LOG1", b"x"));
        assert!(leads_away(&away, &hive));
        assert!(!leads_away(&beside, &hive));
        assert!(!leads_away(&with_linked, &linked));
        assert!(leads_away(&with_linked, &hive));
        assert!(!leads_away(&hive, &hive));
    }

    #[test]
    fn real_path_of_a_file_in_an_archive_is_below_the_archive() {
        let folder = Scratch::new("real-path-inside");
        let archive = folder.file("a.zip", b"PK");
        let canonical = archive.canonicalize().unwrap();
        assert_eq!(real_path(&archive.join("C/SYSTEM")), canonical.join("C/SYSTEM"));
    }
}
