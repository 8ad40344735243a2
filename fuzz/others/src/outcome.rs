// SPDX-License-Identifier: GPL-3.0-or-later
//! [`Outcome`]: the panics, hangs and aborts of a reader.

use core::fmt;
use core::time::Duration;
use std::io::{BufRead as _, BufReader};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc::{RecvTimeoutError, channel};

/// Longest time for one hive.
const LIMIT: Duration = Duration::from_secs(2);
/// What a process writes after a panic. A panic does not end it.
pub const PANIC: &str = "panic";

/// The panics, hangs and aborts of a reader.
#[derive(Default)]
pub struct Outcome {
    panics: u64,
    hangs: u64,
    aborts: u64,
    first: Option<u64>,
}

impl Outcome {
    /// Feeds the hives up to `count` to a reader. After a hang or an abort, a new process continues with the next
    /// hive.
    pub fn of(reader: &str, count: u64) -> Self {
        let mut outcome = Self::default();
        let mut next = 0;
        while next < count {
            let (last, status) = outcome.read(reader, next, count);
            let counter = match status {
                Some(status) if status.success() => return outcome,
                Some(_) => &mut outcome.aborts,
                None => &mut outcome.hangs,
            };
            *counter += 1;
            outcome.first.get_or_insert(last);
            next = last + 1;
        }
        outcome
    }

    /// Reads hives in a process of its own. Returns the last hive, and how the process ended; `None` if it hung.
    fn read(&mut self, reader: &str, first: u64, end: u64) -> (u64, Option<ExitStatus>) {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args([reader, &first.to_string(), &end.to_string()]);
        let mut process = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let (sender, receiver) = channel();
        let thread = std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                let _ = sender.send(line);
            }
        });
        let mut last = first;
        // The first hive waits for the sound hives.
        let mut limit = LIMIT * 10;
        let status = loop {
            match receiver.recv_timeout(limit) {
                Ok(line) if line == PANIC => {
                    self.panics += 1;
                    self.first.get_or_insert(last);
                }
                Ok(line) => (last, limit) = (line.parse().unwrap(), LIMIT),
                Err(RecvTimeoutError::Disconnected) => break Some(process.wait().unwrap()),
                Err(RecvTimeoutError::Timeout) => {
                    process.kill().unwrap();
                    process.wait().unwrap();
                    break None;
                }
            }
        };
        thread.join().unwrap();
        (last, status)
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { panics, hangs, aborts, first } = self;
        let first = first.map_or(String::from("none"), |number| format!("hive {number}"));
        write!(f, "{panics} | {hangs} | {aborts} | {first}")
    }
}
