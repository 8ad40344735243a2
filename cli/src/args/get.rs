// SPDX-License-Identifier: GPL-3.0-or-later
//! Options of `get`.

use std::path::PathBuf;

use clap::ValueEnum;

use super::Reading;

/// Show one key, or one value with its data
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Write names as calhive shows them: \\u{5C} is a backslash inside a name.
The key \"\" is the root. The value \"\" or @ is the default value; \\u{40} is a value named @.

Examples:
  calhive get SOFTWARE 'Microsoft\\MSLicensing\\HardwareID' ClientHWID
  calhive get SOFTWARE \"\" --format json")]
pub(crate) struct Get {
    /// Hive to read
    pub(crate) hive: PathBuf,
    /// Path of the key, below the root
    pub(crate) key: String,
    /// Name of the value; if omitted, `get` shows the key
    pub(crate) value: Option<String>,
    /// Output format
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: GetFormat,
    #[command(flatten)]
    pub(crate) reading: Reading,
}

/// Formats of `get`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum GetFormat {
    /// Text for people
    #[default]
    Table,
    /// One JSON object
    Json,
    /// Only the bytes of the value's data
    Raw,
}
