// SPDX-License-Identifier: MIT OR Apache-2.0
//! Folders of evidence: the hives of many hosts, and disk images.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::hives;

/// Number of the recipes. A change of a recipe needs a new number, so that kept files are written again.
const RECIPE: u32 = 1;
/// Bytes of a volume.
const VOLUME: u64 = 256 << 20;
/// Programs that build images.
const TOOLS: [&str; 5] = ["mkntfs", "ntfs-3g", "umount", "ewfacquire", "qemu-img"];

/// Returns a folder with the hives and logs of this many hosts.
pub fn hosts(count: usize) -> PathBuf {
    kept(&format!("hosts-{count}"), |folder| {
        for (path, bytes) in hive_forge::scenario::fleet_in_use(count) {
            let path = folder.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
    })
}

/// Returns a folder with this many images of disks: raw, E01 and VHDX in turn. Each has an NTFS volume with the hives
/// and logs of a host. Returns the name of a missing tool instead, if one is missing.
pub fn images(count: usize) -> Result<PathBuf, &'static str> {
    if let Some(tool) = TOOLS.iter().find(|tool| !is_present(tool)) {
        return Err(tool);
    }
    let files = hive_forge::scenario::fleet_in_use(count);
    Ok(kept(&format!("images-{count}"), |folder| {
        for number in 0..count {
            let host = format!("PC-{number:04}/");
            let files =
                files.iter().filter_map(|(path, bytes)| Some((path.strip_prefix(&host)?, bytes)));
            image(folder, number, files);
        }
    }))
}

fn image<'f>(folder: &Path, number: usize, files: impl Iterator<Item = (&'f str, &'f Vec<u8>)>) {
    let name = format!("disk-{number:02}");
    let raw = folder.join(format!("{name}.raw"));
    File::create(&raw).unwrap().set_len(VOLUME).unwrap();
    run(folder, "mkntfs", &["-q", "-F", "-Q", &format!("{name}.raw")]);
    let point = folder.join("mounted");
    fs::create_dir_all(&point).unwrap();
    run(folder, "ntfs-3g", &[&format!("{name}.raw"), "mounted"]);
    for (path, bytes) in files {
        let path = point.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    run(folder, "umount", &["mounted"]);
    fs::remove_dir(point).unwrap();
    match number % 3 {
        1 => {
            let evidence = "-u -q -C case -D description -E evidence -e examiner -N notes -m fixed -M logical -f encase6";
            let mut arguments: Vec<&str> = evidence.split(' ').collect();
            arguments.extend(["-c", "deflate:fast", "-t", &name, raw.to_str().unwrap()]);
            run(folder, "ewfacquire", &arguments);
            fs::remove_file(raw).unwrap();
        }
        2 => {
            let (from, to) = (format!("{name}.raw"), format!("{name}.vhdx"));
            run(folder, "qemu-img", &["convert", "-f", "raw", "-O", "vhdx", &from, &to]);
            fs::remove_file(raw).unwrap();
        }
        _ => {}
    }
}

/// Returns a folder of this name. The folder is filled unless it is kept from an earlier run.
fn kept(name: &str, fill: impl FnOnce(&Path)) -> PathBuf {
    let folder = hives::folder().join(format!("{name}-{RECIPE}"));
    if !folder.exists() {
        let unfinished = hives::folder().join(format!("{name}-unfinished"));
        let _ = fs::remove_dir_all(&unfinished);
        fs::create_dir_all(&unfinished).unwrap();
        fill(&unfinished);
        fs::rename(&unfinished, &folder).unwrap();
    }
    folder
}

/// Returns all files below a folder.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files.extend(self::files(&path)) } else { files.push(path) }
    }
    files
}

/// Returns the length of all files below a folder.
pub fn length(folder: &Path) -> u64 {
    files(folder).iter().map(|path| path.metadata().unwrap().len()).sum()
}

/// Returns a command with the folders of administrators in its path.
fn command(program: &str) -> Command {
    let path = std::env::var("PATH").unwrap_or_default();
    let mut command = Command::new(program);
    command.env("PATH", format!("{path}:/usr/sbin:/sbin")).env("LC_ALL", "C.UTF-8");
    command
}

fn is_present(tool: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain(["/usr/sbin", "/sbin"].map(PathBuf::from));
    folders.into_iter().any(|folder| folder.join(tool).is_file())
}

fn run(folder: &Path, program: &str, arguments: &[&str]) {
    let mut command = command(program);
    let output = command.current_dir(folder).args(arguments).output().unwrap();
    assert!(output.status.success(), "{command:?}\n{output:?}");
}
