// SPDX-License-Identifier: GPL-3.0-or-later
//! Options of every subcommand that reads a hive.

use std::path::PathBuf;

/// Options of every subcommand that reads a hive.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Reading {
    /// Read hives as stored on disk, without applying transaction logs
    #[arg(long)]
    pub(crate) no_replay: bool,
    /// Apply this transaction log instead of the logs beside the hive; repeatable
    #[arg(long, value_name = "FILE", conflicts_with = "no_replay")]
    pub(crate) log: Vec<PathBuf>,
    /// Load hives into memory instead of memory-mapping them
    #[arg(long)]
    pub(crate) no_mmap: bool,
}
