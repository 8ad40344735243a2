// SPDX-License-Identifier: GPL-3.0-or-later
//! Writes output files completely or not at all.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

/// Returns the folder part of a path, without resolving links.
pub(super) fn folder_of(file: &Path) -> PathBuf {
    match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.into(),
        _ => ".".into(),
    }
}

/// Writes a temporary file and renames it, so that an incomplete file never has the final name.
///
/// # Errors
/// If the file exists and `force` is false, or if the file cannot be written.
pub(super) fn write_new(path: &Path, bytes: &[u8], force: bool) -> Result<()> {
    let named = || path.display().to_string();
    if path.metadata().is_ok_and(|metadata| !metadata.is_file()) {
        bail!("{} is not a regular file; choose another name", path.display());
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
