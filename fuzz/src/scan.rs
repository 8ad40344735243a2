// SPDX-License-Identifier: MIT OR Apache-2.0
//! The whole scan of a folder: hives, logs, exports, tokens and other files, cut out of one input.

use std::fs;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use calhive::{Options, Report};

use crate::base_block::seal;
use crate::nt_hive::silence;

/// Names of the files of a folder. The second half of a byte chooses one.
const NAMES: [&str; 16] = [
    "SOFTWARE",
    "SYSTEM",
    "SOFTWARE.LOG1",
    "SOFTWARE.LOG2",
    "SYSTEM.LOG",
    "SYSTEM.LOG1",
    "SECURITY",
    "NTUSER.DAT",
    "export.reg",
    "license.cal",
    "RegBack/SYSTEM",
    "a\u{202E}b\u{1B}[31m",
    "SOFTWARE (1)",
    "TLSLic.edb",
    "noise.bin",
    "UsrClass.dat",
];
/// Most files of a folder.
const FILES: usize = 5;

/// Scans a folder with the files that `bytes` describe. The input ends with a byte for each file: its
/// name, and whether its base block gets a correct checksum. The rest is divided evenly.
pub fn scan(bytes: &[u8]) {
    silence();
    let Some((last, rest)) = bytes.split_last() else { return };
    let count = usize::from(*last) % FILES + 1;
    let Some((content, names)) = rest.split_at_checked(rest.len().saturating_sub(count)) else {
        return;
    };
    let folder = Folder::new();
    let size = content.len().div_ceil(count).next_multiple_of(512).max(1);
    for (part, name) in content.chunks(size).zip(names) {
        let mut part = part.to_vec();
        if name & 0x10 != 0 {
            seal(&mut part);
        }
        folder.write(NAMES[usize::from(name & 0x0F)], &part);
    }
    let before = folder.files();
    let one = report(&folder.path, 1);
    let two = report(&folder.path, 2);
    assert!(one == two, "the report depends on the number of threads");
    assert!(folder.files() == before, "a scan changes no evidence");
}

/// Returns the report as JSON. A scan without a readable hive is an error.
fn report(folder: &Path, threads: usize) -> Option<String> {
    let threads = NonZeroUsize::new(threads).expect("not 0");
    let options = Options::default().threads(threads).second_reader();
    let report: Report = calhive::scan([folder], &options).ok()?;
    crate::report::is_written(&report);
    serde_json::to_string(&report).ok()
}

/// A folder in memory, if the system has one. It is removed at the end.
struct Folder {
    path: PathBuf,
}

impl Folder {
    fn new() -> Self {
        let memory = Path::new("/dev/shm");
        let parent = if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() };
        let thread = format!("{:?}", std::thread::current().id());
        let thread: String = thread.chars().filter(char::is_ascii_digit).collect();
        let path = parent.join(format!("calhive-fuzz-{}-{thread}", std::process::id()));
        fs::create_dir_all(&path).expect("a new folder");
        Self { path }
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        let path = self.path.join(name);
        fs::create_dir_all(path.parent().expect("below the folder")).expect("a new folder");
        fs::write(path, bytes).expect("room for a small file");
    }

    /// Returns all files with their contents, in order.
    fn files(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let (mut files, mut folders) = (Vec::new(), vec![self.path.clone()]);
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).expect("a readable folder") {
                let path = entry.expect("a readable entry").path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    files.push((path.clone(), fs::read(path).expect("a readable file")));
                }
            }
        }
        files.sort();
        files
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.path));
    }
}
