// SPDX-License-Identifier: GPL-3.0-or-later
//! Runs of `calhive scan` with their peak memory, and the state of their inputs.

use core::time::Duration;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::Instant;

use sha2::{Digest, Sha256};

use super::tool::images;

/// Runs a command, then writes the largest resident size of a child in KiB to a file.
const MEASURE: &str = "import resource,subprocess,sys
code=subprocess.call(sys.argv[2:])
peak=resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
open(sys.argv[1],'w').write(str(peak))
sys.exit(code)";

/// Inputs below this size are hashed before and after a run.
const HASHED: u64 = 1 << 30;

/// Outcome of a run.
#[derive(Debug)]
pub(crate) struct Scan {
    pub(crate) code: i32,
    pub(crate) out: Vec<u8>,
    pub(crate) err: String,
    /// Peak memory in KiB.
    pub(crate) peak: u64,
    pub(crate) time: Duration,
}

impl Scan {
    /// Runs `calhive scan` with these arguments, and checks that no input changes.
    pub(crate) fn new<A: AsRef<OsStr>>(arguments: &[A]) -> Self {
        let before: Vec<State> = arguments.iter().map(|it| State::of(Path::new(it))).collect();
        let scan = Self::run(arguments);
        let after: Vec<State> = arguments.iter().map(|it| State::of(Path::new(it))).collect();
        let all: Vec<&OsStr> = arguments.iter().map(AsRef::as_ref).collect();
        assert!(before == after, "an input changed: {all:?}");
        scan
    }

    fn run<A: AsRef<OsStr>>(arguments: &[A]) -> Self {
        let id = std::thread::current().id();
        let peak = images().join(format!("peak-{id:?}").replace(['(', ')'], ""));
        let mut command = std::process::Command::new("python3");
        command.args(["-c", MEASURE]).arg(&peak).arg(assert_cmd::cargo_bin!("calhive"));
        command.arg("scan").args(arguments).env_remove("COLUMNS").env("NO_COLOR", "1");
        let start = Instant::now();
        let output = command.output().unwrap();
        Self {
            code: output.status.code().unwrap_or(-1),
            out: output.stdout,
            err: String::from_utf8(output.stderr).unwrap(),
            peak: fs::read_to_string(peak).unwrap().parse().unwrap(),
            time: start.elapsed(),
        }
    }

    /// Runs `calhive scan --format json` with these arguments.
    pub(crate) fn json(arguments: &[OsString]) -> Self {
        let json = ["--format", "json"].map(OsString::from);
        Self::new(&[arguments, &json].concat())
    }

    /// Returns the report in JSON.
    pub(crate) fn report(&self) -> serde_json::Value {
        serde_json::from_slice(&self.out).unwrap_or_else(|error| panic!("{error}: {}", self.err))
    }
}

/// Content of the files at a path, or size and times of a huge one. Empty for what is no file.
#[derive(PartialEq, Eq)]
struct State(Vec<(String, Vec<u8>)>);

impl State {
    fn of(path: &Path) -> Self {
        let (mut files, mut rest) = (Vec::new(), vec![path.to_owned()]);
        // The other segments of an image are beside the first one.
        if path.is_file() {
            rest = vec![path.parent().unwrap().to_owned()];
        }
        while let Some(path) = rest.pop() {
            let Ok(metadata) = fs::symlink_metadata(&path) else { continue };
            if metadata.is_dir() {
                rest.extend(fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()));
            } else if metadata.is_file() && metadata.len() < HASHED {
                let hash = fs::read(&path).map(|bytes| Sha256::digest(bytes).to_vec());
                files.push((path.display().to_string(), hash.unwrap_or_default()));
            } else {
                let state = (metadata.len(), metadata.mtime(), metadata.mtime_nsec());
                files.push((path.display().to_string(), format!("{state:?}").into_bytes()));
            }
        }
        files.sort();
        Self(files)
    }
}

#[test]
fn state_of_an_input_differs_after_a_change() {
    let folder = super::tool::new_folder("state");
    let file = folder.join("below/hive");
    super::tool::write(&file, b"regf");
    let before = State::of(&folder);
    assert!(before == State::of(&folder));
    fs::write(&file, b"regg").unwrap();
    assert!(before != State::of(&folder));
    assert!(before != State::of(&file));
}
