// SPDX-License-Identifier: GPL-3.0-or-later
//! Options of `diff`.

use std::path::PathBuf;

use clap::ValueEnum;

use super::{Opening, Reading};

/// Formats of `diff`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum DiffFormat {
    /// Text for people
    #[default]
    Table,
    /// One JSON object
    Json,
    /// One HTML file for a browser or a printer, without network access
    Html,
}

/// Compare two hosts, two copies of a host, or a host at two times
///
/// A and B are hives, or folders that contain hives. `diff` reads them like `scan`. It lists settings,
/// tokens, findings and other facts that were added, removed or changed from A to B, with both values, the
/// last-written times of their keys, and their places in the evidence.
///
/// A thing is removed or added only if the other side was read whole at this place. Otherwise the result
/// is not determinable. The hives do not show who or what made a difference, or why.
///
/// If A or B has several hosts, `diff` pairs hosts by computer name. PATH#HOST chooses one host of a path.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  calhive diff before/ after/
  calhive diff before/ after/ --format json
  calhive diff evidence/#CLIENT01 evidence/#CLIENT02")]
pub(crate) struct Diff {
    /// First hive or folder, or PATH#HOST
    #[arg(value_name = "A")]
    pub(crate) a: PathBuf,
    /// Second hive or folder, or PATH#HOST
    #[arg(value_name = "B")]
    pub(crate) b: PathBuf,
    /// Compare this host of A, given by its name or id
    #[arg(long, value_name = "NAME")]
    pub(crate) host_a: Option<String>,
    /// Compare this host of B, given by its name or id
    #[arg(long, value_name = "NAME")]
    pub(crate) host_b: Option<String>,
    /// Output format
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: DiffFormat,
    /// Skip the second reader (nt-hive), which reads each fact again
    #[arg(long)]
    pub(crate) no_second_reader: bool,
    #[command(flatten)]
    pub(crate) opening: Opening,
    #[command(flatten)]
    pub(crate) reading: Reading,
}
