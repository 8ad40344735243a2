// SPDX-License-Identifier: GPL-3.0-or-later
//! The `calhive` command: reports Remote Desktop licensing evidence from registry hives.
//!
//! Results go to standard output, messages to standard error. A broken pipe is not an error.
//! [`args::EXIT_CODES`] lists the exit codes. The command `calhive-grace` has the same modules.
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        reason = "tests may panic; builds without tests lint all other code"
    )
)]

extern crate alloc;

mod address_space;
mod args;
mod commands;
mod digest;
mod interrupt;
mod invocation;
mod lookup;
mod messages;
mod open;
mod origins;
mod out_of_memory;
mod output;
mod program;
mod progress;
mod redaction;
mod screen;
mod sigbus;
mod standard_output;
mod text;

use std::process::ExitCode;

/// Exit code after a fatal error.
const FATAL: u8 = 1;

fn main() -> ExitCode {
    program::main()
}
