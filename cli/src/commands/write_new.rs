// SPDX-License-Identifier: GPL-3.0-or-later
//! Writes output files completely or not at all, and never near evidence.

use std::fs::{self, FileType, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use crate::interrupt::Temporary;
use crate::text::escape;
use anyhow::{Context as _, Result, bail};

/// Returns the folder part of a path, without resolving links.
pub(super) fn folder_of(file: &Path) -> PathBuf {
    match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.into(),
        _ => ".".into(),
    }
}

/// Refuses an output folder that contains evidence, or that is below a folder with evidence. `output` is the
/// name for the message, and `folder` the canonical path of the folder.
///
/// # Errors
/// If the folder is refused.
pub(super) fn refuse_near_evidence<'p>(
    output: &Path,
    folder: &Path,
    evidence: impl IntoIterator<Item = &'p Path>,
) -> Result<()> {
    for file in evidence {
        // Checks the folder as named by the user, and the folder behind symbolic links.
        let named = folder_of(file).canonicalize().ok();
        let real = file.canonicalize().ok().and_then(|file| Some(file.parent()?.to_path_buf()));
        for of_evidence in [named, real].into_iter().flatten() {
            if folder == of_evidence {
                bail!(
                    "{} is in the same folder as {}; choose a folder without evidence",
                    escape::path(output),
                    escape::path(file)
                );
            }
            if folder.starts_with(&of_evidence) {
                bail!(
                    "{} is below the folder of {}; choose a folder outside it",
                    escape::path(output),
                    escape::path(file)
                );
            }
        }
    }
    Ok(())
}

/// Writes a temporary file and renames it, so that an incomplete file never has the final name. Writes to a pipe
/// or a character device directly.
///
/// # Errors
/// If the file exists and `force` is false, if it is a link to a file, or if the file cannot be written.
pub(super) fn write_new(path: &Path, bytes: &[u8], force: bool) -> Result<()> {
    write_with(path, bytes, force, &mut OpenOptions::new())
}

/// Does the same as [`write_new`], for a file that only its owner can read.
///
/// # Errors
/// Those of [`write_new`].
pub(super) fn write_private(path: &Path, bytes: &[u8], force: bool) -> Result<()> {
    let mut options = OpenOptions::new();
    #[cfg(all(unix, not(calhive_portable)))]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    write_with(path, bytes, force, &mut options)
}

fn write_with(path: &Path, bytes: &[u8], force: bool, options: &mut OpenOptions) -> Result<()> {
    let named = || escape::path(path);
    if let Ok(metadata) = path.metadata() {
        if is_stream(metadata.file_type()) {
            let write = || OpenOptions::new().write(true).open(path)?.write_all(bytes);
            return write().with_context(named);
        }
        if !metadata.is_file() {
            bail!("{} is not a regular file; choose another name", escape::path(path));
        }
    }
    if !force && path.symlink_metadata().is_ok() {
        bail!("{} exists; --force overwrites it", escape::path(path));
    }
    if path.is_symlink() {
        // A rename would replace the link and leave its target.
        bail!("{} is a link; name the file that it leads to", escape::path(path));
    }
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(format!(".part-{}", std::process::id()));
    let part = folder_of(path).join(name);
    let make = || Ok((options.write(true).create_new(true).open(&part)?, part.clone()));
    let (mut file, temporary) = Temporary::new(make).with_context(named)?;
    let mut write = || {
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(temporary.path(), path)
    };
    write().inspect_err(|_| drop(fs::remove_file(&part))).with_context(named)
}

/// Whether a file is a pipe or a character device.
#[cfg(all(unix, not(calhive_portable)))]
fn is_stream(kind: FileType) -> bool {
    use std::os::unix::fs::FileTypeExt as _;
    kind.is_fifo() || kind.is_char_device()
}

#[cfg(any(not(unix), calhive_portable))]
fn is_stream(_: FileType) -> bool {
    false
}
