// SPDX-License-Identifier: GPL-3.0-or-later
//! What the command takes.

use std::path::PathBuf;

use calhive::FileTime;
use clap::{Parser, Subcommand, ValueEnum};

use crate::messages::Level;

/// The exit codes, as the long help tells them.
pub(crate) const EXIT_CODES: &str = "\
Exit codes:
  0  finished, whether or not there was anything to find
  1  fatal: nothing could be read, or what was asked for is not there
  2  the command line is wrong
  3  finished, but some input could not be read whole, changed while it was read, or
     had logs that could not be applied;
     each is named on standard error

Data go to standard output, all else to standard error. Evidence is opened for reading only.
Times are UTC. Characters that could deceive a reader are written \\u{202E}.";

/// Reads Remote Desktop licensing evidence out of Windows registry hives, offline
#[derive(Debug, Parser)]
#[command(name = "calhive", version, after_long_help = EXIT_CODES)]
pub(crate) struct Args {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
    /// Say nothing but what changes the exit code
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    quiet: bool,
    /// Say more: every file that is read, every reason
    #[arg(short, long, global = true)]
    verbose: bool,
}

impl Args {
    /// How much is said on standard error.
    pub(crate) const fn level(&self) -> Level {
        match (self.quiet, self.verbose) {
            (true, _) => Level::Quiet,
            (_, true) => Level::Verbose,
            _ => Level::Normal,
        }
    }
}

/// The subcommands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Scan(Scan),
    Info(Info),
    Walk(Walk),
    Get(Get),
    Recover(Recover),
    Replay(Replay),
    Carve(Carve),
    Token(Token),
    Explain(Explain),
}

/// What every subcommand takes that reads a hive.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Reading {
    /// Read hives as their files lie: do not apply the transaction logs beside them
    #[arg(long)]
    pub(crate) no_replay: bool,
    /// A transaction log of the hive, instead of those beside it; may be given several times
    #[arg(long, value_name = "FILE", conflicts_with = "no_replay")]
    pub(crate) log: Vec<PathBuf>,
    /// Read hives into memory instead of mapping them
    #[arg(long)]
    pub(crate) no_mmap: bool,
}

/// Tell what hives say about Remote Desktop licensing
///
/// Client: hardware id and stored licences. Session host and licence server: every setting, in every
/// control set and by policy, and which of them is in effect. Each fact comes with its place and with
/// what a second reader says of it; what is not set comes with the places that were searched. Hives
/// are recognized by content; links in folders are not followed.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: calhive scan Windows/System32/config")]
pub(crate) struct Scan {
    /// Hives, and folders that hold hives
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// How to show it
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: ScanFormat,
    /// The fast way: trust the lists of keys, touch few pages of each hive, take no hash, go through
    /// no hive as a whole, ask no second reader
    #[arg(long)]
    pub(crate) live_only: bool,
    /// Take the SHA-256 of each hive even so
    #[arg(long, requires = "live_only")]
    pub(crate) hash: bool,
    /// Do not let nt-hive, an independent reader, read every fact again
    #[arg(long)]
    pub(crate) no_second_reader: bool,
    /// Judge tokens at this time, instead of at the newest plausible last-written time of each host:
    /// 2024-02-01, or 2024-02-01T10:30:00Z
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    pub(crate) reference_time: Option<FileTime>,
    #[command(flatten)]
    pub(crate) reading: Reading,
}

/// Formats of `scan`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ScanFormat {
    /// For people
    #[default]
    Table,
    /// The whole report as one JSON object
    Json,
    /// One fact a line, as JSON
    Jsonl,
}

/// Show what a hive is: base block, counts, hash
///
/// With --check, every fault that the hive has. With --at, what owns a byte of the file.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: calhive info SYSTEM --at 0x1020")]
pub(crate) struct Info {
    /// The hive
    pub(crate) hive: PathBuf,
    /// List every fault, each with its offset and severity: note, repairable (other structures give the
    /// same number), contradiction, loss (something cannot be read)
    #[arg(long, conflicts_with = "at")]
    pub(crate) check: bool,
    /// Tell what owns this byte of the file (decimal, or hexadecimal with 0x)
    #[arg(long, value_name = "OFFSET", value_parser = parse_offset)]
    pub(crate) at: Option<u64>,
    /// How to show it
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: InfoFormat,
    #[command(flatten)]
    pub(crate) reading: Reading,
}

/// Formats of `info`, `replay` and `token`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum InfoFormat {
    /// For people
    #[default]
    Table,
    /// One JSON object
    Json,
}

/// List all keys and values of a hive
///
/// It shows what the lists lead to from the root on, as Windows would: nothing else, nothing deleted. With
/// --hidden, what the hive holds outside that tree comes after it, each with the field in question; with
/// --recovered, what was deleted, as `calhive recover` lists it.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example: calhive walk SOFTWARE --path 'Microsoft\\MSLicensing'

The canonical form is the same text from any two readers that agree, so that
`calhive walk HIVE --format canonical | sha256sum` compares tools.")]
pub(crate) struct Walk {
    /// The hive
    pub(crate) hive: PathBuf,
    /// Begin at this key, given from below the root
    #[arg(long, value_name = "KEY")]
    pub(crate) path: Option<String>,
    /// Add what no list leads to, and names and data that a field shows in part or otherwise
    #[arg(long)]
    pub(crate) hidden: bool,
    /// Add deleted keys and values that still lie in the hive
    #[arg(long)]
    pub(crate) recovered: bool,
    /// How to show it
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: WalkFormat,
    #[command(flatten)]
    pub(crate) reading: Reading,
}

/// Formats of `walk`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum WalkFormat {
    /// Indented names, times and short data
    #[default]
    Tree,
    /// One JSON object a line, with everything there is
    Jsonl,
    /// Sorted lines that compare readers
    Canonical,
}

/// List deleted keys and values that still lie in a hive or in its logs
///
/// Searched are free cells, cells that nothing leads to, the slack behind live content, broken bins, bytes
/// after the last bin, and the pages of log entries that are not applied. Each thing comes with its place, with
/// what of it is lost, and with how far it can be trusted and why; copies and previous versions of live keys
/// and values are told apart. What lies in an allocated cell or in a broken bin may be cut off from the tree by
/// damage, and was not deleted then. Who deleted something, when, or why cannot be told from it.
///
///
/// Where the hive is lost and its logs are not, give a log, and others of the same hive with --log: the pages
/// that they have of the hive are read.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example: calhive recover SOFTWARE --format jsonl")]
pub(crate) struct Recover {
    /// The hive, or a transaction log where the hive is lost
    pub(crate) hive: PathBuf,
    /// How to show it
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: RecoverFormat,
    #[command(flatten)]
    pub(crate) reading: Reading,
}

/// Formats of `recover`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum RecoverFormat {
    /// Two lines for each
    #[default]
    Table,
    /// One JSON object
    Json,
    /// One JSON object a line
    Jsonl,
}

/// Show one key, or one value with its data
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example: calhive get SOFTWARE 'Microsoft\\MSLicensing\\HardwareID' ClientHWID

Key and value names are understood as calhive shows them: \\u{5C} is a backslash within a name.
The key \"\" is the root; the value \"\" or @ is the default value (\\u{40} is one named @).")]
pub(crate) struct Get {
    /// The hive
    pub(crate) hive: PathBuf,
    /// The key, given from below the root
    pub(crate) key: String,
    /// The value
    pub(crate) value: Option<String>,
    /// How to show it
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: GetFormat,
    #[command(flatten)]
    pub(crate) reading: Reading,
}

/// Formats of `get`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum GetFormat {
    /// For people
    #[default]
    Table,
    /// One JSON object
    Json,
    /// The bytes of a value's data, nothing else
    Raw,
}

/// Apply the transaction logs of a hive, and tell what each of them did
///
/// A hive that was in use may be dirty: its newest changes may stand in the logs beside it only. The
/// other subcommands apply them in memory; this one tells which were applied, which were not and why, and
/// with --output writes the hive as it is after them, with a base block that says so, for other tools.
/// Evidence is never written to.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: calhive replay SYSTEM -o recovered/SYSTEM")]
pub(crate) struct Replay {
    /// The hive
    pub(crate) hive: PathBuf,
    /// Write the recovered hive here; not into the folder of the hive or of its logs
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Overwrite the file if it exists
    #[arg(long, requires = "output")]
    pub(crate) force: bool,
    /// A transaction log of the hive, instead of those beside it; may be given several times
    #[arg(long, value_name = "FILE")]
    pub(crate) log: Vec<PathBuf>,
    /// Read the hive into memory instead of mapping it
    #[arg(long)]
    pub(crate) no_mmap: bool,
    /// How to show what was done
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: InfoFormat,
}

impl Replay {
    /// The same as the options of the other subcommands.
    pub(crate) fn reading(&self) -> Reading {
        Reading { no_replay: false, log: self.log.clone(), no_mmap: self.no_mmap }
    }
}

/// Find hives, what is left of them, their logs, single keys and values, and licence tokens in raw bytes
///
/// The files may hold bytes of any kind and number: unallocated space, memory images, page files, disk
/// images. They are read once, from start to end. With --output, everything that was found is
/// written out, for the other subcommands: hives and bins for `walk`, tokens for `token`, and of logs the
/// pages in their places too, for `recover`. Keys and values outside all hives and bins are listed alone.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: calhive carve pagefile.sys -o carved")]
pub(crate) struct Carve {
    /// The files
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// How to show it
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: CarveFormat,
    /// Write what was found into this folder, which is made if it is not there; not into a folder that
    /// one of the files lies in
    #[arg(short, long, value_name = "DIR")]
    pub(crate) output: Option<PathBuf>,
    /// Overwrite files that exist
    #[arg(long, requires = "output")]
    pub(crate) force: bool,
}

/// Formats of `carve`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum CarveFormat {
    /// For people
    #[default]
    Table,
    /// One JSON object
    Json,
    /// One find a line, as JSON
    Jsonl,
}

/// Take a licence apart that is given as a file
///
/// It may be what a client stores (ClientLicense; the .cal files of FreeRDP and rdesktop), the
/// NEW_LICENSE_INFO that crosses the network, the certificates of a session host, or one certificate: as
/// bytes, or as hexadecimal, base64, PEM or .reg text. It is judged by itself, not against the clock.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example: calhive token license.cal
         calhive get SOFTWARE 'Microsoft\\MSLicensing\\Store\\LICENSE000' ClientLicense \\
             --format raw | calhive token -")]
pub(crate) struct Token {
    /// The file; - for standard input. At most 4 MiB are read
    pub(crate) file: PathBuf,
    /// How to show it
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: InfoFormat,
}

/// Tell what a finding means: what it shows, what it does not show, and what else explains it
///
/// Without a code, all codes are listed.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: calhive explain client.token.temporary")]
pub(crate) struct Explain {
    /// The code of the finding, in any case
    pub(crate) code: Option<String>,
}

/// A time with its offset from UTC, or a date: its beginning, UTC.
fn parse_time(text: &str) -> Result<FileTime, String> {
    let time = match text.parse::<jiff::civil::Date>() {
        Ok(date) if !text.contains(['T', 't', ' ']) => {
            date.to_zoned(jiff::tz::TimeZone::UTC).map(|zoned| zoned.timestamp())
        }
        _ => text.parse::<jiff::Timestamp>(),
    };
    let time = time.map_err(|error| {
        format!("{error}; expected a time such as 2024-02-01T10:30:00Z, or a date")
    })?;
    FileTime::from_unix_seconds(time.as_second())
        .ok_or_else(|| String::from("a time before 1601 or too far in the future"))
}

/// A number, decimal or hexadecimal.
fn parse_offset(text: &str) -> Result<u64, String> {
    let hex = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"));
    let number = hex.map_or_else(|| text.parse(), |digits| u64::from_str_radix(digits, 16));
    number.map_err(|error| format!("{error}; expected a decimal number, or hexadecimal with 0x"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_consistent() {
        Args::command().debug_assert();
    }

    #[test]
    fn offsets_are_decimal_or_hexadecimal() {
        assert_eq!(parse_offset("4128"), Ok(4128));
        assert_eq!(parse_offset("0x1020"), Ok(4128));
        assert!(parse_offset("1020h").is_err());
        assert!(parse_offset("-1").is_err());
    }

    #[test]
    fn times_are_dates_or_have_an_offset() {
        let time = |text: &str| parse_time(text).map(|time| time.to_string()[..19].to_owned());
        assert_eq!(time("2024-02-01").unwrap(), "2024-02-01T00:00:00");
        assert_eq!(time("2024-02-01T10:30:00+01:00").unwrap(), "2024-02-01T09:30:00");
        assert_eq!(time("2024-02-01T10:30:00Z").unwrap(), "2024-02-01T10:30:00");
        for bad in ["2024-02-01T10:30:00", "yesterday", "2024-13-01", "1600-01-01"] {
            assert!(time(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn every_subcommand_has_an_example() {
        for command in Args::command().get_subcommands() {
            let after = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            assert!(after.contains(&format!("Example: calhive {}", command.get_name())), "{after}");
        }
    }
}
