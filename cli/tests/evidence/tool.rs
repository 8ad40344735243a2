// SPDX-License-Identifier: GPL-3.0-or-later
//! The programs that build images, and their files.

use core::sync::atomic::{AtomicU32, Ordering};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// Whether all these tools are present. Without one, the test prints a line and goes on, except under CI.
pub(crate) fn has(tools: &[&str]) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> =
        std::env::split_paths(&path).chain(["/usr/sbin", "/sbin"].map(PathBuf::from)).collect();
    let is_missing = |tool: &&&str| match tool.starts_with('/') {
        true => !Path::new(tool).exists(),
        false => !folders.iter().any(|folder| folder.join(tool).is_file()),
    };
    let missing = tools.iter().find(is_missing);
    if let Some(tool) = missing {
        assert!(std::env::var_os("CI").is_none(), "{tool} is missing");
        println!("skipped: {tool} is missing");
    }
    missing.is_none()
}

/// Returns a command with the folders of administrators in its path.
pub(crate) fn command(program: &str) -> Command {
    let path = std::env::var("PATH").unwrap_or_default();
    let mut command = Command::new(program);
    command.env("PATH", format!("{path}:/usr/sbin:/sbin")).env("LC_ALL", "C.UTF-8");
    command
}

/// Runs a program of these words in a folder; `{}` stands for a space in a word. Returns its output.
#[track_caller]
pub(crate) fn run(folder: &Path, words: &str) -> Vec<u8> {
    let mut words = words.split_whitespace().map(|word| word.replace("{}", " "));
    let mut command = command(&words.next().unwrap());
    let output = command.current_dir(folder).args(words).output().unwrap();
    assert!(output.status.success(), "{command:?}\n{output:?}");
    output.stdout
}

/// Folder of the images, emptied at the start of a run.
pub(crate) fn images() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("evidence");
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        folder
    })
}

/// Creates a new folder below the images.
pub(crate) fn new_folder(name: &str) -> PathBuf {
    let folder = images().join(name);
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// Writes a file and the folders above it.
pub(crate) fn write(path: &Path, bytes: &[u8]) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

/// A mount point outside of the images, unmounted when dropped.
#[derive(Debug)]
pub(crate) struct Mounted(PathBuf);

impl Mounted {
    /// Runs a program of these words; `{point}` is the path of the mount point.
    #[track_caller]
    pub(crate) fn new(folder: &Path, words: &str) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("calhive-evidence-{}-{number}", std::process::id());
        let point = std::env::temp_dir().join(name);
        fs::create_dir_all(&point).unwrap();
        run(folder, &words.replace("{point}", point.to_str().unwrap()));
        Self(point)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        let unmounted = command("umount").arg(&self.0).status();
        if unmounted.is_ok_and(|status| status.success()) {
            let _ = fs::remove_dir(&self.0);
        }
    }
}
