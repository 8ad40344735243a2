// SPDX-License-Identifier: GPL-3.0-or-later
//! The program: parses the command line, runs the subcommand, and reports errors.

use std::io::{self, BufWriter, Write as _};
use std::process::ExitCode;

use clap::Parser as _;

use crate::args::Args;
use crate::messages::{Level, Messages};
use crate::output::margin::Margin;
use crate::standard_output::StandardOutput;
use crate::{commands, invocation, text};

/// Exit code after a wrong command line.
const WRONG_USAGE: u8 = 2;

/// Runs the command, and returns its exit code.
pub(crate) fn main() -> ExitCode {
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
            ExitCode::from(crate::FATAL)
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
            ExitCode::from(crate::FATAL)
        }
        _ => ExitCode::SUCCESS,
    }
}

/// Silences panics in parsers from other projects, which calhive catches. All other panics reach the default hook.
fn silence_contained_panics() {
    let default_hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if !calhive_evidence::foreign::is_running() {
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
