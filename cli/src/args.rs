// SPDX-License-Identifier: GPL-3.0-or-later
//! The command line: subcommands, options and their help texts.

use clap::{ColorChoice, Parser, Subcommand};

use crate::invocation;
use crate::messages::Level;

mod carve;
mod completions;
mod diff;
mod explain;
mod extract;
mod get;
mod info;
mod man;
mod opening;
mod reading;
mod recover;
mod replay;
mod scan;
mod scan_output;
mod token;
mod walk;

pub(crate) use carve::{Carve, CarveFormat};
pub(crate) use completions::Completions;
pub(crate) use diff::{Diff, DiffFormat};
pub(crate) use explain::Explain;
pub(crate) use extract::Extract;
pub(crate) use get::{Get, GetFormat};
pub(crate) use info::{Info, InfoFormat};
pub(crate) use man::Man;
pub(crate) use opening::{Opening, Threads};
pub(crate) use reading::Reading;
pub(crate) use recover::{Recover, RecoverFormat};
pub(crate) use replay::Replay;
pub(crate) use scan::{ReportPart, Scan, ScanFormat};
pub(crate) use scan_output::{Case, Custody, FailOn, ScanOutput};
pub(crate) use token::Token;
pub(crate) use walk::{Walk, WalkFormat};

/// The exit codes, for the long help.
pub(crate) const EXIT_CODES: &str = "\
Exit codes:
  0  finished, even if nothing was found
  1  fatal: no input could be read, the requested item does not exist, or writing failed
  2  wrong command line
  3  finished, but incomplete: an input could not be read completely, changed during the run,
     or has logs that could not be applied; standard error names each such input
  4  finished, and `scan --fail-on` found what it names, even if an input is incomplete
  N  finished, and `scan --exit-code-if-empty N` found nothing

Results go to standard output, messages to standard error. calhive never modifies evidence.
All times are UTC. Control characters and direction marks are escaped (for example, \\u{202E}).";

/// Reads Remote Desktop licensing evidence from Windows registry hives, offline
#[derive(Debug, Parser)]
#[command(name = "calhive", version = invocation::LONG_VERSION.as_str(), after_long_help = EXIT_CODES)]
pub(crate) struct Args {
    /// The subcommand.
    #[command(subcommand)]
    pub(crate) command: Command,
    /// Suppress notes on standard error
    ///
    /// Messages that explain a nonzero exit code remain.
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    quiet: bool,
    /// Report each step and every fault on standard error
    #[arg(short, long, global = true)]
    verbose: bool,
    /// Color text for people
    ///
    /// With `auto`, text is colored on a terminal, unless the environment sets NO_COLOR.
    #[arg(long, global = true, value_name = "WHEN", default_value_t = ColorChoice::Auto)]
    pub(crate) color: ColorChoice,
}

impl Args {
    /// Returns how much to write to standard error.
    pub(crate) const fn level(&self) -> Level {
        match (self.quiet, self.verbose) {
            (true, _) => Level::Quiet,
            (_, true) => Level::Verbose,
            _ => Level::Normal,
        }
    }
}

impl Command {
    /// Whether the results are text for people.
    pub(crate) fn is_for_people(&self) -> bool {
        match self {
            Self::Scan(args) => args.format == ScanFormat::Table,
            Self::Info(args) => args.format == InfoFormat::Table,
            Self::Walk(args) => args.format == WalkFormat::Tree,
            Self::Get(args) => args.format == GetFormat::Table,
            Self::Recover(args) => args.format == RecoverFormat::Table,
            Self::Replay(args) => args.format == InfoFormat::Table,
            Self::Carve(args) => args.format == CarveFormat::Table,
            Self::Token(args) => args.format == InfoFormat::Table,
            Self::Diff(args) => args.format == DiffFormat::Table,
            Self::Explain(_) => true,
            Self::Extract(_) | Self::Completions(_) | Self::Man(_) => false,
        }
    }
}

/// The subcommands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Scan(Box<Scan>),
    Info(Info),
    Walk(Walk),
    Get(Get),
    Recover(Recover),
    Replay(Replay),
    Carve(Carve),
    Token(Token),
    Diff(Diff),
    Extract(Extract),
    Explain(Explain),
    Completions(Completions),
    Man(Man),
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn command_line_definition_is_consistent() {
        Args::command().debug_assert();
    }

    #[test]
    fn help_of_every_subcommand_ends_with_examples() {
        for command in Args::command().get_subcommands() {
            let after = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            let (_, examples) = after.split_once("Examples:\n").unwrap_or_default();
            assert!(examples.contains(&format!("calhive {}", command.get_name())), "{after}");
            assert!(examples.lines().all(|line| line.starts_with("  ")), "{after}");
        }
    }
}
