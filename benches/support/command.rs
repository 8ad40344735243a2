// SPDX-License-Identifier: MIT OR Apache-2.0
//! Runs of the command, from the start of the program to its end.
#![allow(dead_code, reason = "not by every benchmark")]

use std::ffi::OsString;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::driver::Figure;

/// Time between two readings of the memory of a program.
const SAMPLE: Duration = Duration::from_millis(1);

/// A program with its arguments.
#[derive(Clone)]
pub struct Program {
    pub name: String,
    path: PathBuf,
    arguments: Vec<OsString>,
}

impl Program {
    pub fn new(name: impl Into<String>, path: &Path) -> Self {
        Self { name: name.into(), path: path.into(), arguments: Vec::new() }
    }

    pub fn arguments<A: Into<OsString>>(mut self, arguments: impl IntoIterator<Item = A>) -> Self {
        self.arguments.extend(arguments.into_iter().map(Into::into));
        self
    }

    /// Runs the program, and writes its output to a file. What was seen is the length of the output.
    pub fn run(&self, output: &Path) -> Figure {
        let faults = faults_of_children();
        let start = Instant::now();
        let mut child = self.start(output);
        self.end(&mut child);
        let nanoseconds = start.elapsed().as_nanos().try_into().unwrap();
        let page_faults = faults_of_children() - faults;
        let seen = format!("{} bytes", output.metadata().unwrap().len());
        Figure { nanoseconds, page_faults, allocations: None, peak: 0, seen }
    }

    /// Runs the program, and returns its largest private memory in bytes, without the pages of mapped files.
    pub fn peak(&self, output: &Path) -> u64 {
        let mut child = self.start(output);
        let mut peak = 0;
        while child.try_wait().unwrap().is_none() {
            peak = peak.max(private(child.id()));
            sleep(SAMPLE);
        }
        self.end(&mut child);
        peak
    }

    fn start(&self, output: &Path) -> Child {
        let mut command = Command::new(&self.path);
        command.args(&self.arguments).stdout(File::create(output).unwrap());
        command.stderr(Stdio::null()).spawn().unwrap()
    }

    /// Waits for the end of the program.
    fn end(&self, child: &mut Child) {
        let code = child.wait().unwrap().code();
        // 3: something could not be read whole, for example a damaged log.
        assert!(matches!(code, Some(0 | 3)), "{} ended with {code:?}", self.name);
    }
}

/// Private bytes of a process that no file backs.
fn private(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:"));
    let kibibytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kibibytes.unwrap_or(0) * 1024
}

/// Minor page faults of all ended children of this process.
fn faults_of_children() -> u64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    after_name.split_whitespace().nth(8).and_then(|field| field.parse().ok()).unwrap_or(0)
}
