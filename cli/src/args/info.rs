// SPDX-License-Identifier: GPL-3.0-or-later
//! Options of `info`.

use std::path::PathBuf;

use clap::ValueEnum;

use super::Reading;

/// Show the base block, counts and hash of a hive
///
/// With --check, `info` lists every fault instead. With --at, it shows the structure, key or
/// value that one byte of the file belongs to.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  calhive info SYSTEM --check
  calhive info SYSTEM --at 0x1020")]
pub(crate) struct Info {
    /// Hive to read
    pub(crate) hive: PathBuf,
    /// List every fault with its offset and severity
    ///
    /// Severities: note (no effect on reading), repairable (wrong number that other structures or
    /// logs can correct), contradiction (structures disagree), loss (something cannot be read).
    #[arg(long, conflicts_with = "at")]
    pub(crate) check: bool,
    /// Show the structure, key or value that this byte belongs to (decimal, or hex with 0x)
    #[arg(long, value_name = "OFFSET", value_parser = parse_offset)]
    pub(crate) at: Option<u64>,
    /// Output format
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: InfoFormat,
    #[command(flatten)]
    pub(crate) reading: Reading,
}

/// Formats of `info`, `replay` and `token`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum InfoFormat {
    /// Text for people
    #[default]
    Table,
    /// One JSON object
    Json,
}

/// Parses a decimal number, or a hexadecimal number after `0x`.
fn parse_offset(text: &str) -> Result<u64, String> {
    let hex = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"));
    let number = hex.map_or_else(|| text.parse(), |digits| u64::from_str_radix(digits, 16));
    number.map_err(|error| format!("{error}; expected a decimal number, or a hex number with 0x"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offset_may_be_decimal_or_hexadecimal() {
        assert_eq!(parse_offset("4128"), Ok(4128));
        assert_eq!(parse_offset("0x1020"), Ok(4128));
        assert!(parse_offset("1020h").is_err());
        assert!(parse_offset("-1").is_err());
    }
}
