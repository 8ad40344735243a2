// SPDX-License-Identifier: MIT OR Apache-2.0
//! Makes volumes with the tools of Debian.

use alloc::sync::Arc;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::super::boot_sector::BootSector;
use super::super::files::Files;
use super::super::mft::Mft;
use super::super::{NtfsFile, Volume, Wanted};
use crate::disk::Disk;
use crate::field::{u16_at, u32_at};
use crate::scratch::Scratch;

/// Tools that the tests of volumes need.
pub(crate) const TOOLS: [&str; 7] =
    ["mkntfs", "ntfs-3g", "fusermount", "icat", "istat", "blkls", "python3"];

/// Returns whether all tools are there. Without them the test is skipped, but never where `CI` is set.
pub(crate) fn has_tools(tools: &[&str]) -> bool {
    let lacks = |tool: &&&str| {
        let found = Command::new("sh")
            .args(["-c", &format!("command -v {tool}")])
            .stdout(Stdio::null())
            .status();
        !found.is_ok_and(|status| status.success())
    };
    let missing: Vec<_> = tools.iter().filter(lacks).collect();
    let has_fuse = !tools.contains(&"ntfs-3g") || Path::new("/dev/fuse").exists();
    if missing.is_empty() && has_fuse {
        return true;
    }
    assert!(std::env::var_os("CI").is_none(), "missing tools: {missing:?}, /dev/fuse: {has_fuse}");
    println!("skipped: missing tools {missing:?}, /dev/fuse: {has_fuse}");
    false
}

/// Runs a command that must succeed, and returns its output.
pub(crate) fn run(command: &mut Command) -> Vec<u8> {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// Unmounts a folder. A busy one is tried again for ten seconds.
pub(crate) fn unmount(at: &Path) {
    let mut unmount = Command::new("fusermount");
    unmount.arg("-u").arg(at).stderr(Stdio::null());
    for _ in 0..100 {
        if unmount.status().is_ok_and(|status| status.success()) {
            return;
        }
        std::thread::sleep(core::time::Duration::from_millis(100));
    }
    run(&mut unmount);
}

/// A volume in an image file. `mount` puts files in.
pub(crate) struct Forged {
    scratch: Scratch,
    pub(crate) image: PathBuf,
    pub(crate) cluster: u32,
}

impl Forged {
    /// Makes a volume in a folder of this name, of `mebibytes`, with clusters of
    /// this size and these arguments of mkntfs.
    pub(crate) fn new(name: &str, mebibytes: u64, cluster: u32, arguments: &[&str]) -> Self {
        let scratch = Scratch::new(name);
        let image = scratch.0.join("volume.raw");
        fs::File::create(&image).unwrap().set_len(mebibytes << 20).unwrap();
        let mut mkntfs = Command::new("mkntfs");
        mkntfs.args(["-q", "-F", "-f", "-c", &cluster.to_string()]);
        run(mkntfs.args(arguments).arg(&image));
        Self { scratch, image, cluster }
    }

    /// Mounts the volume, calls `write` with the folder, and unmounts it.
    pub(crate) fn mount(&self, options: &str, write: impl FnOnce(&Path)) {
        let at = self.scratch.0.join("mount");
        fs::create_dir_all(&at).unwrap();
        run(Command::new("ntfs-3g").args(["-o", options]).arg(&self.image).arg(&at));
        let written = std::panic::catch_unwind(core::panic::AssertUnwindSafe(|| write(&at)));
        unmount(&at);
        written.unwrap();
    }

    /// Returns the bytes of the volume.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        fs::read(&self.image).unwrap()
    }

    /// Opens the volume.
    pub(crate) fn open(&self) -> Volume {
        Volume::open(Arc::new(self.bytes())).unwrap()
    }

    /// Returns the offset of a record.
    pub(crate) fn record_offset(&self, record: u64) -> usize {
        let disk: Arc<dyn Disk> = Arc::new(self.bytes());
        let (boot, _) = BootSector::read(&disk).unwrap();
        let place = Mft::open(disk, boot).unwrap().0.place(record);
        usize::from_str_radix(place.rsplit_once("0x").unwrap().1, 16).unwrap()
    }

    /// Returns the offset of the first attribute of this type in a record.
    pub(crate) fn attribute_offset(&self, record: u64, kind: u32) -> usize {
        let offset = self.find_attribute(record, kind);
        offset.unwrap_or_else(|| panic!("record {record} has no attribute {kind:#x}"))
    }

    /// Returns whether a record has an attribute of this type.
    pub(crate) fn has_attribute(&self, record: u64, kind: u32) -> bool {
        self.find_attribute(record, kind).is_some()
    }

    fn find_attribute(&self, record: u64, kind: u32) -> Option<usize> {
        let (bytes, start) = (self.bytes(), self.record_offset(record));
        let mut at = start + usize::from(u16_at(&bytes, start + 20).unwrap());
        while u32_at(&bytes, at) != Some(kind) {
            if at >= start + 1024 || u32_at(&bytes, at) == Some(u32::MAX) {
                return None;
            }
            at += usize::try_from(u32_at(&bytes, at + 4).unwrap().max(8)).unwrap();
        }
        Some(at)
    }

    /// Returns the offset of the first cluster of a record's data.
    pub(crate) fn data_offset(&self, record: u64) -> usize {
        let (bytes, at) = (self.bytes(), self.attribute_offset(record, 0x80));
        let runs = at + usize::from(u16_at(&bytes, at + 32).unwrap());
        let (length, place) = (usize::from(bytes[runs] & 15), usize::from(bytes[runs] >> 4));
        let place = &bytes[runs + 1 + length..runs + 1 + length + place];
        let cluster = place.iter().rev().fold(0, |sum, byte| sum << 8 | usize::from(*byte));
        cluster * usize::try_from(self.cluster).unwrap()
    }

    /// Returns the records of a file with an attribute list, as istat lists them.
    pub(crate) fn records(&self, record: u64) -> Vec<u64> {
        let status = run(Command::new("istat").arg(&self.image).arg(record.to_string()));
        let status = String::from_utf8_lossy(&status).into_owned();
        let number =
            |line: &str| line.split_once("MFT Entry: ")?.1.split_whitespace().next()?.parse().ok();
        let mut records: Vec<u64> = status.lines().filter_map(number).collect();
        records.sort_unstable();
        records.dedup();
        assert!(records.len() > 1, "record {record} has no attribute list");
        records
    }

    /// Returns the bytes of a record's data as icat reads them.
    pub(crate) fn icat(&self, record: u64) -> Vec<u8> {
        run(Command::new("icat").arg("-r").arg(&self.image).arg(format!("{record}-128")))
    }
}

/// Fills a volume with small files in `fill`, and deletes half of them. Returns the number of the others.
pub(crate) fn fragment(root: &Path, size: usize) -> usize {
    let fill = root.join("fill");
    fs::create_dir(&fill).unwrap();
    let is_written = |n: &usize| fs::write(fill.join(n.to_string()), vec![1; size]).is_ok();
    let count = (0..).take_while(is_written).count();
    let deleted = (0..=count).zip(noise(count + 1, 9)).filter(|(_, byte)| byte & 1 == 0);
    for (number, _) in deleted {
        let _ = fs::remove_file(fill.join(number.to_string()));
    }
    fs::read_dir(fill).unwrap().count()
}

/// Lists all files.
pub(crate) fn all(volume: &Volume) -> Files {
    volume.files(&Wanted {
        name: &|_| true,
        path: &|_| true,
        folder: &|path| path.ends_with("config") || path.ends_with("Microsoft/Windows"),
    })
}

/// Returns the file at this path.
pub(crate) fn at<'f>(files: &'f Files, path: &str) -> &'f NtfsFile {
    let found = files.found.iter().find(|file| file.path == Path::new(path));
    found.unwrap_or_else(|| panic!("{path}: {:#?}", files.found))
}

/// Reads a whole file.
pub(crate) fn content(volume: &Volume, file: &NtfsFile) -> std::io::Result<Vec<u8>> {
    let disk = volume.open_file(file)?;
    let mut bytes = vec![0; usize::try_from(disk.size()).unwrap()];
    disk.read_at(0, &mut bytes)?;
    Ok(bytes)
}

/// Returns bytes without repetition.
pub(crate) fn noise(length: usize, seed: u32) -> Vec<u8> {
    let mut state = seed | 1;
    let step = move || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state.to_le_bytes()[1]
    };
    core::iter::repeat_with(step).take(length).collect()
}
