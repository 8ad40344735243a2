// SPDX-License-Identifier: GPL-3.0-or-later
//! [`Form`]: a way to hand a host to the command, and [`Base`]: what all forms of a host start from.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use super::host::{CONFIG, Host};
use super::tool::new_folder;
use super::{collection, disk, volume};

/// A way to hand a host to the command.
pub(crate) struct Form {
    pub(crate) name: &'static str,
    /// Programs that build the form. Empty: the test writes files.
    pub(crate) made_by: &'static [&'static str],
    /// Whether the form needs a volume.
    pub(crate) on: On,
    /// Builds the form in a folder. Returns the arguments of the command.
    pub(crate) build: fn(&Base, &Path) -> Vec<OsString>,
}

/// What a form is built from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum On {
    /// The files of the host.
    Files,
    /// A volume with the files.
    Volume,
}

impl Form {
    /// Returns all programs that the form needs.
    pub(crate) fn tools(&self) -> Vec<&'static str> {
        let volume = if self.on == On::Volume { volume::TOOLS } else { &[] };
        volume.iter().chain(self.made_by).copied().collect()
    }

    /// Returns the text of the table.
    pub(crate) fn made_by(&self) -> String {
        let volume: &[&str] = if self.on == On::Volume { &["mkntfs", "ntfs-3g"] } else { &[] };
        let bitlocker: &[&str] =
            if self.name.starts_with("BitLocker") { &["hive-forge"] } else { &[] };
        let all = volume.iter().chain(self.made_by).chain(bitlocker);
        let all: Vec<&str> = all.copied().collect();
        if all.is_empty() { "the test".to_owned() } else { all.join(", ") }
    }
}

/// The files of a host in a folder, on a volume and on a disk.
#[derive(Debug)]
pub(crate) struct Base {
    pub(crate) host: Host,
    /// Folder of all forms of the host.
    pub(crate) root: PathBuf,
    volume: OnceLock<PathBuf>,
    disk: OnceLock<PathBuf>,
}

impl Base {
    pub(crate) fn new(host: Host, purpose: &str) -> Self {
        let root = new_folder(&format!("{purpose}-{}", host.dashed()));
        Self { host, root, volume: OnceLock::new(), disk: OnceLock::new() }
    }

    /// Returns a new folder with the files of the host.
    pub(crate) fn folder(&self, at: &Path) -> PathBuf {
        collection::folder(at, CONFIG, &self.host);
        at.to_owned()
    }

    /// Returns the volume of the host.
    pub(crate) fn volume(&self) -> &Path {
        self.volume.get_or_init(|| {
            let path = new_folder(self.root.join("base").to_str().unwrap()).join("volume.raw");
            volume::build(&path, &self.host);
            path
        })
    }

    /// Returns a GPT disk with the volume.
    pub(crate) fn disk(&self) -> &Path {
        let volume = self.volume();
        self.disk.get_or_init(|| {
            let path = volume.with_file_name("disk.raw");
            disk::gpt(volume, &path);
            path
        })
    }
}
