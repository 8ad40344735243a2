// SPDX-License-Identifier: GPL-3.0-or-later
//! Options of `scan` for its output files, its exit code and its pseudonyms.

use std::path::PathBuf;

use calhive::report::Severity;

/// Options of `scan` for its output files, its exit code and its pseudonyms.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct ScanOutput {
    /// Write the report to this folder in all formats, with a manifest
    ///
    /// The files are report.html, report.json, records.jsonl, hosts.csv, tokens.csv, settings.csv,
    /// findings.csv, copies.csv, timeline.csv, timesketch.jsonl, manifest.json and SHA256SUMS. `scan` creates the
    /// folder if it does not exist. The folder must not be in an input, or in the folder of an input file.
    /// `sha256sum -c SHA256SUMS` checks the files.
    #[arg(short, long, value_name = "DIR")]
    pub(crate) output: Option<PathBuf>,
    /// Overwrite existing files
    #[arg(long)]
    pub(crate) force: bool,
    /// Write a report folder for each PATH below the folder of --output, and skip those that are complete
    ///
    /// A report is complete if its folder has SHA256SUMS, and if it was made from the same hives and logs, by
    /// their paths, sizes and hashes. A PATH that cannot be read does not stop the others. Standard output has a
    /// line for each PATH.
    #[arg(long, requires = "output", conflicts_with_all = ["redact", "exit_code_if_empty"])]
    pub(crate) resume: bool,
    #[command(flatten)]
    pub(crate) case: Case,
    /// End with exit code 4 if there is a finding of this severity or a higher one, or with this code
    ///
    /// Severities, from low to high: info, notice, attention. `calhive explain` lists the codes. Exit code 4
    /// replaces exit code 3.
    #[arg(long, value_name = "SEVERITY|CODE", value_parser = parse_fail_on)]
    pub(crate) fail_on: Vec<FailOn>,
    /// End with this exit code if no host has a license, a licensing role or a license server, and no finding
    ///
    /// If an input is incomplete, the exit code is 3 instead, since the missing part can hold something.
    #[arg(long, value_name = "N")]
    pub(crate) exit_code_if_empty: Option<u8>,
    /// Replace names and ids by pseudonyms, and write the list of both to this file
    ///
    /// Pseudonyms replace names of machines, users and domains, security identifiers, addresses, serial
    /// numbers, product and hardware ids, hashes of keys and certificates, and paths of the evidence. Raw
    /// data are left out. Times, settings and hashes of hives stay. Messages on standard error keep the
    /// original names. The file must not be in an input or in the folder of --output. Keep it: it is the
    /// only way back to the original names.
    #[arg(long, value_name = "MAP")]
    pub(crate) redact: Option<PathBuf>,
}

/// Options of `scan` for the hashes of its inputs.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Custody {
    /// Hash each disk image and archive whole (SHA-256), and verify the hashes that an E01 image stores
    ///
    /// This reads every byte of them. Hives and logs are hashed without this option.
    #[arg(long)]
    pub(crate) hash_images: bool,
    /// Read every hashed input again at the end, and compare the hashes
    ///
    /// Without this option, `scan` compares sizes and times. A changed input ends with exit code 3.
    #[arg(long)]
    pub(crate) verify_after: bool,
}

/// The case that a report belongs to, as the examiner names it.
#[derive(Clone, Debug, Default, serde::Serialize, clap::Args)]
pub(crate) struct Case {
    /// Name or number of the case, for the HTML report and the manifest
    #[arg(long, value_name = "TEXT")]
    pub(crate) case: Option<String>,
    /// Number of the exhibit, for the HTML report and the manifest
    #[arg(long, value_name = "TEXT")]
    pub(crate) evidence_id: Option<String>,
    /// Name of the examiner, for the HTML report and the manifest
    #[arg(long, value_name = "TEXT")]
    pub(crate) examiner: Option<String>,
}

/// Findings that end a scan with exit code 4.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FailOn {
    /// Findings of this severity or a higher one.
    Severity(Severity),
    /// Findings with this code.
    Code(&'static str),
}

/// Parses a severity, or the code of a finding in upper or lower case.
fn parse_fail_on(text: &str) -> Result<FailOn, String> {
    let lower = text.to_lowercase();
    let severity = match lower.as_str() {
        "info" => Some(Severity::Info),
        "notice" => Some(Severity::Notice),
        "attention" => Some(Severity::Attention),
        _ => None,
    };
    let code = || calhive::findings::page(text).map(|page| page.code);
    severity.map(FailOn::Severity).or_else(|| code().map(FailOn::Code)).ok_or_else(|| {
        String::from("expected info, notice, attention, or a code that `calhive explain` lists")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fail_on_takes_a_severity_or_a_known_code() {
        assert_eq!(parse_fail_on("Notice"), Ok(FailOn::Severity(Severity::Notice)));
        let code = calhive::findings::pages().next().unwrap().code;
        assert_eq!(parse_fail_on(&code.to_uppercase()), Ok(FailOn::Code(code)));
        for bad in ["", "loss", "client.token"] {
            assert!(parse_fail_on(bad).is_err(), "{bad}");
        }
    }
}
