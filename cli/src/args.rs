// SPDX-License-Identifier: GPL-3.0-or-later
//! The command line: subcommands, options and their help texts.

use std::path::PathBuf;

use calhive::FileTime;
use clap::{ColorChoice, Parser, Subcommand, ValueEnum};
use jiff::tz::TimeZone;

use crate::invocation;
use crate::messages::Level;

mod extract;
mod opening;
mod scan_output;

pub(crate) use extract::Extract;
pub(crate) use opening::{Opening, Threads};
pub(crate) use scan_output::{Case, Custody, FailOn, ScanOutput};

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

/// Report Remote Desktop licensing evidence from disk images, archives, folders and hives
///
/// For a client, the report shows its hardware ID and stored licenses. For a session host or
/// license server, the report shows every setting, from every control set and from policy. It also
/// shows which setting is in effect. Each fact names its place in the evidence. For each missing
/// setting, the report names the places searched. An independent second reader checks the facts.
///
/// `scan` reads raw, split, E01, VHD, VHDX, VMDK and QCOW2 images, and zip, tar, tar.gz and tar.zst archives, without
/// unpacking them. It reads every copy of the hives: those in use, backups, earlier Windows folders, shadow copies and
/// deleted files. It recognizes hives by content; in a disk image, it looks at files with names of hives. It also
/// searches for hidden and deleted data. It does not follow symbolic links inside folders.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  calhive scan Windows/System32/config
  calhive scan disk.E01
  calhive scan triage.zip more/ -o ../triage-report
  calhive scan evidence/ --hosts
  calhive scan evidence/ --host CLIENT01 --details=tokens,timeline
  calhive scan evidence/ --format html > ../report.html
  calhive scan evidence/ -o ../report")]
pub(crate) struct Scan {
    /// Disk images, archives, folders, hives, text exports (.reg), license files (.cal), or - for standard input
    #[arg(required_unless_present = "pair", value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// Output format
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: ScanFormat,
    /// Print the whole report as text, or these parts of it
    ///
    /// Without this option, `scan` prints one page of at most 30 lines.
    #[arg(
        long,
        value_name = "PARTS",
        value_enum,
        value_delimiter = ',',
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "all"
    )]
    pub(crate) details: Option<Vec<ReportPart>>,
    /// Print one line for each host
    #[arg(long, conflicts_with_all = ["details", "host"])]
    pub(crate) hosts: bool,
    /// Print the page of this host, given by its name or id
    #[arg(long, value_name = "NAME")]
    pub(crate) host: Option<String>,
    /// Treat these two hives as one host; repeatable
    ///
    /// `scan` pairs SYSTEM and SOFTWARE by folder, file names and computer names. This option pairs two
    /// hives anyway, and the report marks the pair as made by the examiner. Both files count as inputs.
    #[arg(long, value_name = "SYSTEM,SOFTWARE", value_parser = parse_pair)]
    pub(crate) pair: Vec<Pair>,
    /// Read only the licensing keys of the live tree (fast)
    ///
    /// Skips hashes, full traversal, hidden and deleted data, and the second reader. Trusts the
    /// sort order of key lists, so it can miss keys in a damaged hive.
    #[arg(long)]
    pub(crate) live_only: bool,
    /// Hash each hive (SHA-256) despite --live-only
    #[arg(long, requires = "live_only")]
    pub(crate) hash: bool,
    /// Skip the second reader (nt-hive), which reads each fact again
    #[arg(long)]
    pub(crate) no_second_reader: bool,
    /// Carve hives, license tokens and certificate chains from unallocated clusters of disk images (slow)
    ///
    /// Reads all unallocated clusters of each NTFS volume. A carved hive is read like a file; parts of hives
    /// without licensing content are left out. Tokens and chains outside hives belong to no host, because no
    /// key leads to them.
    #[arg(long)]
    pub(crate) carve: bool,
    /// Judge the validity of tokens at this time, such as 2024-02-01 or 2024-02-01T10:30:00Z
    ///
    /// The default is the newest plausible key timestamp of each host.
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    pub(crate) reference_time: Option<FileTime>,
    /// Add local times of this time zone beside UTC in the HTML report, such as Europe/Berlin
    #[arg(long, value_name = "NAME", value_parser = parse_time_zone)]
    pub(crate) time_zone: Option<TimeZone>,
    #[command(flatten)]
    pub(crate) opening: Opening,
    #[command(flatten)]
    pub(crate) threads: Threads,
    #[command(flatten)]
    pub(crate) custody: Custody,
    #[command(flatten)]
    pub(crate) output: ScanOutput,
    #[command(flatten)]
    pub(crate) reading: Reading,
}

/// Two hives of one host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pair {
    pub(crate) system: PathBuf,
    pub(crate) software: PathBuf,
}

/// Formats of `scan`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ScanFormat {
    /// Text for people
    #[default]
    Table,
    /// One JSON object with the complete report
    Json,
    /// JSON Lines: one object per fact, token, finding, event and other record
    Jsonl,
    /// One HTML file for a browser or a printer, without network access
    Html,
    /// The page as Markdown, for a ticket
    Markdown,
    /// Facts as a table in the columns of RECmd's batch mode, and more
    Csv,
    /// JSON Lines for Timesketch: one object per event
    Timesketch,
    /// Events for `mactime` of The Sleuth Kit, with times in seconds
    Bodyfile,
    /// Events as Time|Source|Host|User|Description, with times in seconds
    Tln,
}

/// Parts of the whole report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReportPart {
    /// All parts
    All,
    /// Relations between hosts
    Relations,
    /// Answers to the questions about each host
    Answers,
    /// Product, roles and settings in effect of each host
    System,
    /// Facts of each host: in the tree, hidden and recovered
    Facts,
    /// Places where nothing was found
    Absent,
    /// Tokens and certificates, decoded
    Tokens,
    /// Events in order of time
    Timeline,
    /// Findings with their explanations
    Findings,
    /// States of one installation: hives in use, backups, shadow copies and deleted hives
    Copies,
    /// What the report cannot show
    Limits,
    /// Hives, logs, second reader, and inputs that were not read
    Hives,
}

impl ReportPart {
    /// Whether a part is among those that were asked for.
    pub(crate) fn is_in(self, parts: &[Self]) -> bool {
        parts.iter().any(|part| matches!(part, Self::All) || *part == self)
    }
}

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

/// List deleted keys and values that are still in a hive or its logs
///
/// `recover` searches free cells, unreferenced cells, slack, broken bins, bytes after the last bin, and
/// pages of log entries that were not applied. For each item it shows the place, the parts that
/// are lost or doubtful, and the confidence with reasons. It marks copies and previous versions of
/// live keys and values.
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

/// Find hives, logs, keys, values and license tokens in raw bytes
///
/// The input can be any file: unallocated space, a memory image, a page file, a disk image. `carve`
/// reads each file once, from start to end. It also finds fragments of hives, logs and tokens.
///
/// With --output, `carve` writes each item to a file for another subcommand: hives and bins for
/// `walk`, tokens for `token`, logs for `recover`. Keys and values outside hives and bins are only
/// listed.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  calhive carve pagefile.sys
  calhive carve pagefile.sys -o ../carved")]
pub(crate) struct Carve {
    /// Files to search
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// Output format
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: CarveFormat,
    /// Write items to this folder
    ///
    /// The folder must not contain an input file or be below a folder with one. `carve` creates it if it
    /// does not exist.
    #[arg(short, long, value_name = "DIR")]
    pub(crate) output: Option<PathBuf>,
    /// Overwrite existing files
    #[arg(long, requires = "output")]
    pub(crate) force: bool,
}

/// Formats of `carve`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum CarveFormat {
    /// Text for people
    #[default]
    Table,
    /// One JSON object
    Json,
    /// JSON Lines: one object per item
    Jsonl,
}

/// Decode licenses from a binary or text file, or from a folder of .cal files
///
/// The file can contain:
///   - the value ClientLicense of a client, or a .cal file of FreeRDP, rdesktop or WALLIX
///   - a NEW_LICENSE_INFO structure or a whole licensing message from the network
///   - the certificates of a session host, or a single certificate
///
/// Text can be hex, a hex dump, decimal bytes, a JSON array of bytes, base64, PEM, the output of
/// `reg query`, or a .reg file of `reg export`. A file with several licenses gives all of them, and
/// JSON is then a list.
///
/// `token` never compares dates in the license with the current time.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
#[command(after_help = "\
Examples:
  calhive token license.cal
  calhive get SOFTWARE 'Microsoft\\MSLicensing\\Store\\LICENSE000' ClientLicense \\
      --format raw | calhive token -")]
pub(crate) struct Token {
    /// File to decode, up to 4 MiB, or a folder of .cal files; - reads standard input
    pub(crate) file: PathBuf,
    /// Output format
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: InfoFormat,
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

/// Explain a finding, a place in the registry, a word, a field or an event
///
/// TOPIC is one of these, in upper or lower case:
///   - the code of a finding or of a place, such as client.token.temporary
///   - the name of a registry value or key that calhive reads, such as LicensingMode
///   - a word, such as token or grace period
///   - a field of a token or of the JSON report, such as client_reported_user
///   - the number of an event or of an error of a client, such as 1004 or 2056
///
/// Each page names its sources. Without TOPIC, `explain` lists all topics.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
#[command(after_help = "\
Examples:
  calhive explain client.token.temporary
  calhive explain grace period
  calhive explain 2056")]
pub(crate) struct Explain {
    /// What to explain; several words are one topic
    pub(crate) topic: Vec<String>,
}

/// Print a script that completes command lines of calhive in a shell
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  calhive completions bash > calhive.bash
  calhive completions powershell > calhive.ps1")]
pub(crate) struct Completions {
    /// Shell
    pub(crate) shell: clap_complete::Shell,
}

/// Print the manual page of calhive or of a subcommand
///
/// With --output, `man` writes all pages to a folder, and prints their paths.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  calhive man scan
  calhive man --output ../man1")]
pub(crate) struct Man {
    /// Name of the subcommand; if omitted, the page of calhive
    #[arg(conflicts_with = "output")]
    pub(crate) command: Option<String>,
    /// Write all pages to this folder
    ///
    /// `man` creates the folder if it does not exist.
    #[arg(short, long, value_name = "DIR")]
    pub(crate) output: Option<PathBuf>,
    /// Overwrite existing files
    #[arg(long, requires = "output")]
    pub(crate) force: bool,
}

/// Parses two paths with a comma between them. If a path has commas too, the comma between two files counts.
fn parse_pair(text: &str) -> Result<Pair, String> {
    let pair = |(at, _): (usize, &str)| {
        let (system, rest) = text.split_at_checked(at)?;
        let software = rest.get(1..)?;
        let is_pair = !system.is_empty() && !software.is_empty();
        is_pair.then(|| Pair { system: system.into(), software: software.into() })
    };
    let pairs: Vec<Pair> = text.match_indices(',').filter_map(pair).collect();
    let files = pairs.iter().find(|pair| pair.system.is_file() && pair.software.is_file());
    let pair = files.or(pairs.first()).cloned();
    pair.ok_or_else(|| String::from("expected the paths of two hives with a comma between them"))
}

/// Parses a time with an offset from UTC, or a date (00:00 UTC).
fn parse_time(text: &str) -> Result<FileTime, String> {
    let time = match text.parse::<jiff::civil::Date>() {
        Ok(date) if !text.contains(['T', 't', ' ']) => {
            date.to_zoned(TimeZone::UTC).map(|zoned| zoned.timestamp())
        }
        _ => text.parse::<jiff::Timestamp>(),
    };
    let time = time.map_err(|error| {
        format!("{error}; expected a date or a time such as 2024-02-01T10:30:00Z")
    })?;
    FileTime::from_unix_seconds(time.as_second())
        .ok_or_else(|| String::from("the time is before 1601 or too far in the future"))
}

/// Returns the time zone of this name. The command has all time zones of the IANA database.
fn parse_time_zone(name: &str) -> Result<TimeZone, String> {
    TimeZone::get(name).map_err(|error| format!("{error}; expected a name such as Europe/Berlin"))
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
    use clap::CommandFactory as _;

    #[test]
    fn command_line_definition_is_consistent() {
        Args::command().debug_assert();
    }

    #[test]
    fn offset_may_be_decimal_or_hexadecimal() {
        assert_eq!(parse_offset("4128"), Ok(4128));
        assert_eq!(parse_offset("0x1020"), Ok(4128));
        assert!(parse_offset("1020h").is_err());
        assert!(parse_offset("-1").is_err());
    }

    #[test]
    fn pair_is_two_paths_with_a_comma_between() {
        let pair = |text| parse_pair(text).map(|pair| (pair.system, pair.software));
        assert_eq!(pair("a/SYSTEM,b/SOFTWARE").unwrap(), ("a/SYSTEM".into(), "b/SOFTWARE".into()));
        for bad in ["SYSTEM", ",SOFTWARE", "SYSTEM,", ""] {
            assert!(parse_pair(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn time_without_offset_is_refused_unless_a_date() {
        let time = |text: &str| parse_time(text).map(|time| time.to_string()[..19].to_owned());
        assert_eq!(time("2024-02-01").unwrap(), "2024-02-01T00:00:00");
        assert_eq!(time("2024-02-01T10:30:00+01:00").unwrap(), "2024-02-01T09:30:00");
        assert_eq!(time("2024-02-01T10:30:00Z").unwrap(), "2024-02-01T10:30:00");
        for bad in ["2024-02-01T10:30:00", "yesterday", "2024-13-01", "1600-01-01"] {
            assert!(time(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn time_zone_has_a_name_of_the_database() {
        assert_eq!(parse_time_zone("europe/berlin").unwrap().iana_name(), Some("Europe/Berlin"));
        assert!(parse_time_zone("Europe/Atlantis").is_err());
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
