// SPDX-License-Identifier: GPL-3.0-or-later
//! Ctrl-C, and other requests to end. A long run ends cleanly on the first request, and at once on the second one. Every
//! other run that writes files ends at once. An end at once removes the temporary files first.

use core::sync::atomic::{AtomicBool, Ordering};
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use anyhow::{Result, anyhow};

/// Whether the user asked to end the run.
static REQUESTED: AtomicBool = AtomicBool::new(false);

/// Whether the first request is only noted.
static IS_NOTED: AtomicBool = AtomicBool::new(false);

/// Temporary files and folders. An end at once takes the lock and keeps it, so no further one is made.
static TEMPORARY: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// Exit code if a request ends the run at once.
const FATAL: i32 = 1;

/// From now on, the first request to end is only noted, and the second one ends the process.
///
/// # Errors
/// If the system refuses the handler.
pub(crate) fn note_requests() -> Result<()> {
    IS_NOTED.store(true, Ordering::Relaxed);
    handle()
}

/// Whether the user asked to end the run.
pub(crate) fn is_requested() -> bool {
    REQUESTED.load(Ordering::Relaxed)
}

/// Carries out a step that a request to end does not divide, such as a rename of several files.
pub(crate) fn undivided<T>(step: impl FnOnce() -> T) -> T {
    let _lock = lock();
    step()
}

/// Handles requests from the first call on.
fn handle() -> Result<()> {
    static HANDLED: OnceLock<Result<(), String>> = OnceLock::new();
    let handled = HANDLED.get_or_init(|| ctrlc::set_handler(end).map_err(|it| it.to_string()));
    handled.clone().map_err(|error| anyhow!("Ctrl-C cannot be handled: {error}"))
}

/// Notes a request, or ends the process.
fn end() {
    if !REQUESTED.swap(true, Ordering::Relaxed) && IS_NOTED.load(Ordering::Relaxed) {
        return;
    }
    let temporary = lock();
    for path in temporary.iter() {
        let _ = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    }
    // If standard error is closed, the message is lost.
    let _ = io::Write::write_all(&mut io::stderr(), b"calhive: interrupted by the user\n");
    process::exit(FATAL);
}

fn lock() -> MutexGuard<'static, Vec<PathBuf>> {
    TEMPORARY.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A temporary file or folder, which an end at once removes. On drop, the file stays and is temporary no more.
#[derive(Debug)]
pub(crate) struct Temporary(PathBuf);

impl Temporary {
    /// Makes a file or folder. `make` returns it with its path.
    ///
    /// # Errors
    /// If `make` fails, or if the system refuses the handler of requests.
    pub(crate) fn new<T>(make: impl FnOnce() -> io::Result<(T, PathBuf)>) -> Result<(T, Self)> {
        handle()?;
        let mut temporary = lock();
        let (made, path) = make()?;
        temporary.push(path.clone());
        Ok((made, Self(path)))
    }

    /// Returns the path.
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        lock().retain(|path| *path != self.0);
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_is_temporary_until_it_is_dropped() {
        let path = std::env::temp_dir().join(format!("calhive-temporary-{}", process::id()));
        let make = || fs::File::create(&path).map(|file| (file, path.clone()));
        let (_, temporary) = Temporary::new(make).unwrap();
        assert_eq!(temporary.path(), path);
        assert!(lock().contains(&path));
        drop(temporary);
        assert!(!lock().contains(&path) && path.exists());
        fs::remove_file(&path).unwrap();
        let failed = Temporary::new(|| Err::<((), PathBuf), _>(io::Error::other("refused")));
        assert_eq!(failed.unwrap_err().to_string(), "refused");
    }
}
