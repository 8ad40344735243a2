// SPDX-License-Identifier: GPL-3.0-or-later
//! Options of `recover`.

use std::path::PathBuf;

use clap::ValueEnum;

use super::Reading;

/// List deleted keys and values that are still in a hive or its logs
///
/// `recover` searches free cells, unreferenced cells, slack, broken bins, bytes after the last bin, and
/// pages of log entries that were not applied or that later entries overwrite. For each item it shows
/// the place, the parts that are lost or doubtful, and the confidence with reasons. It marks copies
/// and previous versions of live keys and values.
///
/// An item in an allocated cell or a broken bin was not necessarily deleted: damage may have cut it
/// off from the tree. The bytes do not show who deleted something, when or why.
///
/// If the hive is lost, give one of its logs as HIVE and the other logs with --log. `recover` then
/// reads the hive pages stored in these logs.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  calhive recover Windows/System32/config/SOFTWARE
  calhive recover Windows/System32/config/SOFTWARE --format jsonl")]
pub(crate) struct Recover {
    /// Hive to read, or one of its transaction logs if the hive is lost
    pub(crate) hive: PathBuf,
    /// Output format
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: RecoverFormat,
    #[command(flatten)]
    pub(crate) reading: Reading,
}

/// Formats of `recover`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum RecoverFormat {
    /// Text for people, two lines per item
    #[default]
    Table,
    /// One JSON object
    Json,
    /// JSON Lines: one object per item
    Jsonl,
}
