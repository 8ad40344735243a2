// SPDX-License-Identifier: GPL-3.0-or-later
//! Options of `replay`.

use std::path::PathBuf;

use super::{InfoFormat, Reading};

/// Apply the transaction logs of a hive and report what was done with each log
///
/// A hive from a running system may be dirty: its newest changes are only in its transaction logs.
/// Every other subcommand applies these logs in memory. `replay` reports which logs were applied, and
/// why the others were not. With --output, it also writes the recovered, clean hive for other tools.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  calhive replay SYSTEM
  calhive replay SYSTEM -o ../recovered/SYSTEM")]
pub(crate) struct Replay {
    /// Hive to read
    pub(crate) hive: PathBuf,
    /// Write the recovered hive to this file
    ///
    /// The file must not be in the folder of the hive or of its logs, or below it.
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Overwrite an existing file
    #[arg(long, requires = "output")]
    pub(crate) force: bool,
    /// Apply this transaction log instead of the logs beside the hive; repeatable
    #[arg(long, value_name = "FILE")]
    pub(crate) log: Vec<PathBuf>,
    /// Load the hive into memory instead of memory-mapping it
    #[arg(long)]
    pub(crate) no_mmap: bool,
    /// Output format
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: InfoFormat,
}

impl Replay {
    /// Returns the options shared with the other subcommands.
    pub(crate) fn reading(&self) -> Reading {
        Reading { no_replay: false, log: self.log.clone(), no_mmap: self.no_mmap }
    }
}
