// SPDX-License-Identifier: GPL-3.0-or-later
//! Ctrl-C, and other requests to end: the first one ends a long run cleanly, the second one at once.

use core::sync::atomic::{AtomicBool, Ordering};
use std::io::{self, Read};
use std::process;

use anyhow::{Context as _, Result};

/// Whether the user asked to end the run.
static REQUESTED: AtomicBool = AtomicBool::new(false);

/// Exit code if the second request ends the run.
const FATAL: i32 = 1;

/// From now on, the first request to end is only noted, and the second one ends the process.
///
/// # Errors
/// If the system refuses the handler.
pub(crate) fn note_requests() -> Result<()> {
    ctrlc::set_handler(|| {
        if REQUESTED.swap(true, Ordering::Relaxed) {
            process::exit(FATAL);
        }
    })
    .context("Ctrl-C cannot be handled")
}

/// Whether the user asked to end the run.
pub(crate) fn is_requested() -> bool {
    REQUESTED.load(Ordering::Relaxed)
}

/// A reader that fails after the user asked to end the run.
#[derive(Debug)]
pub(crate) struct Interruptible<R>(pub(crate) R);

impl<R: Read> Read for Interruptible<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if is_requested() {
            // `ErrorKind::Interrupted` would make the caller read again.
            return Err(io::Error::other("interrupted by the user"));
        }
        self.0.read(buffer)
    }
}
