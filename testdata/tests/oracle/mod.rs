// SPDX-License-Identifier: MIT OR Apache-2.0

//! Other programs that read what hive-forge writes.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Whether a tool is present. Without it a test prints a line and ends, except under CI.
pub(crate) fn has(tool: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).any(|folder| folder.join(tool).is_file());
    assert!(found || std::env::var_os("CI").is_none(), "{tool} is missing");
    if !found {
        println!("skipped: {tool} is missing");
    }
    found
}

/// A folder in which a tool shows files, until it is dropped.
pub(crate) struct Mounted(PathBuf);

impl Mounted {
    /// Creates the folder and runs the tool.
    pub(crate) fn new(point: PathBuf, mount: impl FnOnce(&Path) -> Output) -> Self {
        std::fs::create_dir_all(&point).unwrap();
        let output = mount(&point);
        assert!(output.status.success(), "{output:?}");
        Self(point)
    }

    /// Path of the folder.
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).status();
    }
}
