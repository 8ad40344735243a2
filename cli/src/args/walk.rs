// SPDX-License-Identifier: GPL-3.0-or-later
//! Options of `walk`.

use std::path::PathBuf;

use clap::ValueEnum;

use super::Reading;

/// List all keys and values of a hive
///
/// `walk` lists the tree that Windows would show, starting at the root. With --hidden, it also lists
/// data outside this tree, and names the field on disk that hides each item. With --recovered, it
/// also lists deleted data, as `calhive recover` does.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
If two tools read a hive alike, their canonical forms are equal. To compare tools, compare hashes.

Examples:
  calhive walk SOFTWARE --path 'Microsoft\\MSLicensing' --hidden
  calhive walk SOFTWARE --format canonical | sha256sum")]
pub(crate) struct Walk {
    /// Hive to read
    pub(crate) hive: PathBuf,
    /// Start at this key, given as a path below the root
    #[arg(long, value_name = "KEY")]
    pub(crate) path: Option<String>,
    /// Add data that the tree does not show, or shows differently
    ///
    /// Lists keys and values that no list references. If a field alters or shortens a name or data,
    /// also lists the original form.
    #[arg(long)]
    pub(crate) hidden: bool,
    /// Add deleted keys and values that are still in the hive
    #[arg(long)]
    pub(crate) recovered: bool,
    /// Output format
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: WalkFormat,
    #[command(flatten)]
    pub(crate) reading: Reading,
}

/// Formats of `walk`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum WalkFormat {
    /// Indented names, timestamps and short data
    #[default]
    Tree,
    /// JSON Lines: one object per key or value, with all details
    Jsonl,
    /// Sorted lines, for comparing calhive with other hive readers
    Canonical,
}
