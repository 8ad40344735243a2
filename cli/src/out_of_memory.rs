// SPDX-License-Identifier: GPL-3.0-or-later
//! Ends the command with a message if memory runs out. The runtime of Rust would abort instead.
#![allow(unsafe_code, reason = "an allocator that passes every call on")]

use core::alloc::{GlobalAlloc, Layout};
use std::alloc::System;

/// The allocator of the system. If it has no memory left, the command ends with exit code 1.
#[derive(Debug)]
struct Allocator;

#[global_allocator]
static ALLOCATOR: Allocator = Allocator;

// SAFETY: every function passes its arguments to the allocator of the system, and returns its result.
unsafe impl GlobalAlloc for Allocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller fulfills the contract of `alloc`.
        present(unsafe { System.alloc(layout) }, layout.size())
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller fulfills the contract of `alloc_zeroed`.
        present(unsafe { System.alloc_zeroed(layout) }, layout.size())
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: the caller fulfills the contract of `realloc`.
        present(unsafe { System.realloc(pointer, layout, size) }, size)
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller fulfills the contract of `dealloc`.
        unsafe { System.dealloc(pointer, layout) }
    }
}

/// Returns memory that was allocated. Without memory, ends the command.
fn present(pointer: *mut u8, size: usize) -> *mut u8 {
    if pointer.is_null() { end(size) } else { pointer }
}

#[cfg(all(unix, not(calhive_portable)))]
fn end(size: usize) -> *mut u8 {
    use std::io::Write as _;
    let mut message = [0_u8; 128];
    let mut rest = message.as_mut_slice();
    // Neither the buffer nor the formatting needs memory.
    let written =
        writeln!(rest, "calhive: out of memory ({size} bytes needed); the output is incomplete");
    let left = rest.len();
    let length = message.len().saturating_sub(left);
    if written.is_ok() {
        // SAFETY: the buffer has this length.
        let _ = unsafe { libc::write(libc::STDERR_FILENO, message.as_ptr().cast(), length) };
    }
    // SAFETY: no code of this process runs afterwards.
    unsafe { libc::_exit(crate::FATAL.into()) }
}

/// Leaves the end to the runtime.
#[cfg(any(not(unix), calhive_portable))]
const fn end(_: usize) -> *mut u8 {
    core::ptr::null_mut()
}
