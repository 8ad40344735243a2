// SPDX-License-Identifier: GPL-3.0-or-later
//! The subcommands, one per file.

mod carve;
mod completions;
mod diff;
mod explain;
mod extract;
mod get;
mod info;
mod man;
mod output_folder;
mod recover;
mod replay;
mod scan;
mod token;
mod walk;
mod write_new;

use std::io::Write;

use anyhow::Result;

use crate::args::{Args, Command};
use crate::messages::Messages;
use crate::output::paint::Paint;

/// Runs the subcommand, and writes its results to `out`.
///
/// # Errors
/// If the subcommand fails.
pub(crate) fn run(args: &Args, messages: &Messages, out: &mut dyn Write) -> Result<()> {
    match &args.command {
        Command::Scan(scan) => scan::run(scan, Paint::chosen(args.color), messages, out),
        Command::Info(args) => info::run(args, messages, out),
        Command::Walk(args) => walk::run(args, messages, out),
        Command::Get(args) => get::run(args, messages, out),
        Command::Recover(args) => recover::run(args, messages, out),
        Command::Replay(args) => replay::run(args, messages, out),
        Command::Carve(args) => carve::run(args, messages, out),
        Command::Token(args) => token::run(args, messages, out),
        Command::Diff(args) => diff::run(args, messages, out),
        Command::Extract(args) => extract::run(args, messages, out),
        Command::Explain(args) => explain::run(args, out),
        Command::Completions(args) => Ok(completions::run(args, out)?),
        Command::Man(args) => man::run(args, out),
    }
}
