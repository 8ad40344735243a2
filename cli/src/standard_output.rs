// SPDX-License-Identifier: GPL-3.0-or-later
//! Standard output, with an error if it was closed before the start.
//!
//! The runtime of Rust opens `/dev/null` in place of a closed standard output, before `main`. A report would be
//! lost without an error. This module looks at standard output before the runtime does. It also makes an output beyond
//! the largest file size an error, in place of a signal that ends the process.
#![allow(unsafe_code, reason = "a function that runs before the runtime")]

use std::io::{self, StdoutLock, Write};

/// Standard output.
#[derive(Debug)]
pub(crate) struct StandardOutput(StdoutLock<'static>);

impl StandardOutput {
    pub(crate) fn lock() -> Self {
        Self(io::stdout().lock())
    }

    fn check() -> io::Result<()> {
        #[cfg(all(target_os = "linux", not(calhive_portable)))]
        if at_start::is_closed() {
            return Err(io::Error::other("standard output is closed"));
        }
        Ok(())
    }
}

impl Write for StandardOutput {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Self::check()?;
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Self::check()?;
        self.0.flush()
    }
}

#[cfg(all(target_os = "linux", not(calhive_portable)))]
mod at_start {
    use core::sync::atomic::{AtomicBool, Ordering};

    static IS_CLOSED: AtomicBool = AtomicBool::new(false);

    /// Entry in the list of functions that the loader calls before the runtime starts.
    #[used]
    // SAFETY: the section holds pointers to functions of this type, and the function needs no runtime.
    #[unsafe(link_section = ".init_array")]
    static LOOK: extern "C" fn() = look;

    extern "C" fn look() {
        // SAFETY: this call only asks for the flags of the descriptor.
        let is_open = unsafe { libc::fcntl(libc::STDOUT_FILENO, libc::F_GETFD) } != -1;
        IS_CLOSED.store(!is_open, Ordering::Relaxed);
        // Without its signal, a write beyond the largest file size (`ulimit -f`) is an error like any other.
        // SAFETY: the signal is ignored, so no handler runs.
        unsafe { libc::signal(libc::SIGXFSZ, libc::SIG_IGN) };
    }

    pub(super) fn is_closed() -> bool {
        IS_CLOSED.load(Ordering::Relaxed)
    }
}
