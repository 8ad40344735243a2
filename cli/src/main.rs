// SPDX-License-Identifier: GPL-3.0-or-later
//! The `calhive` command: reports Remote Desktop licensing evidence from registry hives.
//!
//! Results go to standard output, messages to standard error. A broken pipe is not an error.
//! [`args::EXIT_CODES`] lists the exit codes.
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
mod progress;
mod redaction;
mod screen;
mod sigbus;
mod standard_output;
mod text;

use std::io::{self, BufWriter, Write as _};
use std::process::ExitCode;

use args::Args;
use clap::Parser as _;
use messages::{Level, Messages};
use output::margin::Margin;
use standard_output::StandardOutput;

/// Exit code after a fatal error.
const FATAL: u8 = 1;
/// Exit code after a wrong command line.
const WRONG_USAGE: u8 = 2;

fn main() -> ExitCode {
    silence_contained_panics();
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => return usage(&error),
    };
    let messages = Messages::new(args.level());
    if invocation::has_misplaced_password() {
        let advice = "error: a recovery password stands in the place of a file; give it with \
                      --bitlocker-recovery-password";
        let _ = writeln!(io::stderr(), "{advice}");
        return ExitCode::from(WRONG_USAGE);
    }
    let buffered = BufWriter::new(StandardOutput::lock());
    let mut out =
        Margin::new(buffered, text::width::given().filter(|_| args.command.is_for_people()));
    let result = commands::run(&args, &messages, &mut out);
    match result.and_then(|()| Ok(out.flush()?)) {
        Err(error) if is_broken_pipe(&error) => ExitCode::from(messages.exit_code()),
        Err(error) => {
            // Results already written must appear before the message.
            let _ = out.flush();
            messages.error(&error);
            ExitCode::from(FATAL)
        }
        Ok(()) => ExitCode::from(messages.exit_code()),
    }
}

/// Writes a help text, the version, or an error of the command line.
fn usage(error: &clap::Error) -> ExitCode {
    if error.use_stderr() {
        match invocation::without_secrets(&error.to_string()) {
            Some(text) => {
                // Without standard error, the exit code alone says so.
                let _ = io::stderr().write_all(text.as_bytes());
                return ExitCode::from(WRONG_USAGE);
            }
            None => error.exit(),
        }
    }
    // `print` chooses the colors. The flush before `print` reports a closed standard output. The
    // flush after it reports a failed write.
    let written = StandardOutput::lock().flush().and_then(|()| error.print());
    match written.and_then(|()| StandardOutput::lock().flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Messages::new(Level::Normal).error(&error.into());
            ExitCode::from(FATAL)
        }
        _ => ExitCode::SUCCESS,
    }
}

/// Silences panics in parsers from other projects, which calhive catches. All other panics reach the default hook.
fn silence_contained_panics() {
    let default_hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if !calhive::second_reader::is_reading() && !calhive_evidence::foreign::is_running() {
            default_hook(panic);
        }
    }));
}

/// Whether the error is a broken pipe: the reader has closed the pipe, as `head` does.
fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause.downcast_ref::<io::Error>().is_some_and(|e| e.kind() == io::ErrorKind::BrokenPipe)
    })
}
