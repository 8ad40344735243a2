// SPDX-License-Identifier: GPL-3.0-or-later
//! Files that the command writes: whole, or not at all.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

/// The folder that a file is in, as it was named.
pub(super) fn folder_of(file: &Path) -> PathBuf {
    match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.into(),
        _ => ".".into(),
    }
}

/// Writes a file beside the place where it shall be and puts it there, so that no part of a file is
/// ever taken for a whole one.
///
/// # Errors
/// Where it exists and may not be overwritten, or cannot be written.
pub(super) fn write_new(path: &Path, bytes: &[u8], force: bool) -> Result<()> {
    let named = || path.display().to_string();
    if path.metadata().is_ok_and(|metadata| !metadata.is_file()) {
        bail!("{} is no regular file; give the name of a file", path.display());
    }
    if !force && path.symlink_metadata().is_ok() {
        bail!("{} exists; --force overwrites it", path.display());
    }
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(format!(".part-{}", std::process::id()));
    let part = folder_of(path).join(name);
    let write = || {
        let mut file = OpenOptions::new().write(true).create_new(true).open(&part)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&part, path)
    };
    write().inspect_err(|_| drop(fs::remove_file(&part))).with_context(named)
}
