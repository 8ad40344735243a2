// SPDX-License-Identifier: GPL-3.0-or-later
//! `calhive completions`: a script that completes command lines in a shell.

use std::io::{self, Write};

use clap::CommandFactory as _;

use crate::args::{Args, Completions};

/// Runs the subcommand.
///
/// # Errors
/// If writing fails.
pub(crate) fn run(args: &Completions, out: &mut dyn Write) -> io::Result<()> {
    // `generate` panics if a write fails, and a write to memory cannot fail.
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Args::command(), "calhive", &mut script);
    out.write_all(&script)
}
