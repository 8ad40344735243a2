// SPDX-License-Identifier: GPL-3.0-or-later
//! The `calhive` command: Remote Desktop licensing evidence out of registry hives.
//!
//! Data go to standard output, all else to standard error. A broken pipe is no error. The exit codes
//! are those of [`args::EXIT_CODES`].
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        reason = "a test may fail; the same code is linted without tests"
    )
)]

mod args;
mod commands;
mod digest;
mod lookup;
mod messages;
mod open;
mod origins;
mod output;
mod sigbus;

use std::io::{self, BufWriter, Write as _};
use std::process::ExitCode;

use args::Args;
use clap::Parser as _;
use messages::Messages;

/// Fatal: nothing more could be done.
const FATAL: u8 = 1;
/// Finished, but some input could not be read, or changed while it was read.
const INCOMPLETE: u8 = 3;

fn main() -> ExitCode {
    keep_contained_panics_quiet();
    let args = Args::parse();
    let messages = Messages::new(args.level());
    let mut out = BufWriter::new(io::stdout().lock());
    let result = commands::run(&args, &messages, &mut out);
    match result.and_then(|()| Ok(out.flush()?)) {
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            // What was written before it comes before it.
            let _ = out.flush();
            messages.error(&error);
            ExitCode::from(FATAL)
        }
        Ok(()) if messages.is_incomplete() => ExitCode::from(INCOMPLETE),
        Ok(()) => ExitCode::SUCCESS,
    }
}

/// Panics of the second reader are contained, and told where they belong; others are told as ever.
fn keep_contained_panics_quiet() {
    let tell = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if !calhive::licensing::second_reader::is_reading() {
            tell(panic);
        }
    }));
}

/// Whether the reader of the output has gone away, as `head` does.
fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause.downcast_ref::<io::Error>().is_some_and(|e| e.kind() == io::ErrorKind::BrokenPipe)
    })
}
