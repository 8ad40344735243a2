// SPDX-License-Identifier: GPL-3.0-or-later
//! Options of `scan`.

use std::path::PathBuf;

use calhive::FileTime;
use clap::ValueEnum;
use jiff::tz::TimeZone;

use super::{Custody, Opening, Reading, ScanOutput, Threads};

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
    /// Disk images, archives, folders, hives, text exports (.reg), rows of live registries (JSON Lines), license files
    /// (.cal), or - for standard input
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
    /// Decrypt the end of the grace period of a session host
    ///
    /// Reads the SECURITY hive and the master key file that the value names, beside the SYSTEM hive. The keys stay in
    /// memory and are not written. Nothing else is decrypted.
    #[cfg(feature = "grace-end")]
    #[arg(long)]
    pub(crate) grace_end: bool,
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

#[cfg(test)]
mod tests {
    use super::*;

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
}
