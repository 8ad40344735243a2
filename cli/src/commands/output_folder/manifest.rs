// SPDX-License-Identifier: GPL-3.0-or-later
//! [`Manifest`]: what a run read and wrote, and how it ended (`manifest.json`).

use calhive::report::{Report, Tool};
use serde::Serialize;

use super::inputs::Inputs;
use crate::args::Case;
use crate::invocation;
use crate::messages::Messages;
use crate::redaction::Redaction;
use crate::text::escape;

/// Identifier of the form of a manifest.
const SCHEMA: &str = "urn:calhive:manifest:1";

/// What a run read and wrote, and how it ended.
#[derive(Debug, Serialize)]
pub(super) struct Manifest<'r> {
    /// Identifier of this form, with its version.
    schema: &'static str,
    #[serde(flatten)]
    case: &'r Case,
    /// The program that wrote the files.
    tool: &'r Tool,
    /// The command line, as given.
    command_line: Vec<String>,
    /// Start of the run, by the clock of the examiner's machine, UTC.
    started: String,
    /// Time at which the manifest was written, by the same clock.
    ended: String,
    /// Exit code of the run.
    exit_code: u8,
    /// Files that the report is about, with their hashes.
    inputs: &'r Inputs,
    /// Use of keys of the machine for the end of the grace period, by host. Absent if it was not asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    grace_end: Vec<GraceEndUse<'r>>,
    /// Number of inputs that were not read, or read only in part. `report.json` lists them.
    not_read: u64,
    /// Files that the run wrote, without this one and without `SHA256SUMS`.
    outputs: &'r [Output],
    /// Notes and warnings of the run.
    warnings: Vec<String>,
}

/// Use of the keys of a machine for the end of its grace period.
#[derive(Debug, Serialize)]
struct GraceEndUse<'r> {
    /// Id of the host in the report.
    host: &'r str,
    /// What was done with the keys.
    keys: &'static str,
    /// Whether the value opened.
    is_decrypted: bool,
    /// Path of the SYSTEM hive, which was read a second time for this purpose.
    system: &'r str,
    /// Path of the SECURITY hive, which was read a second time for this purpose.
    #[serde(skip_serializing_if = "Option::is_none")]
    security: Option<&'r str>,
    /// Paths of the master key files that were read for this purpose alone. The inputs have their hashes.
    master_key_files: Vec<&'r str>,
    /// The one of them that opened the value.
    #[serde(skip_serializing_if = "Option::is_none")]
    opened_with: Option<&'r str>,
}

impl<'r> GraceEndUse<'r> {
    fn of(report: &'r Report) -> Vec<Self> {
        let hosts = report.hosts.iter().filter_map(|host| Some((host, host.grace_end.as_ref()?)));
        let of_host = hosts.map(|(host, end)| Self {
            host: &host.id,
            keys: "any key that was derived was in memory only, and was not written",
            is_decrypted: end.end.is_some(),
            system: &end.system,
            security: end.security.as_deref(),
            master_key_files: end.files.iter().map(|file| file.path.as_str()).collect(),
            opened_with: end.files.iter().find(|it| it.is_used).map(|file| file.path.as_str()),
        });
        of_host.collect()
    }
}

/// A file that the run wrote.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Output {
    /// Name of the file in the folder.
    pub(super) name: &'static str,
    /// Size in bytes.
    pub(super) size: u64,
    /// SHA-256 in hex.
    pub(super) sha256: String,
}

impl<'r> Manifest<'r> {
    pub(super) fn new(
        case: &'r Case,
        report: &'r Report,
        inputs: &'r Inputs,
        outputs: &'r [Output],
        started: jiff::Timestamp,
        messages: &Messages,
    ) -> Self {
        Self {
            schema: SCHEMA,
            case,
            tool: &report.tool,
            command_line: invocation::arguments().collect(),
            started: started.to_string(),
            ended: jiff::Timestamp::now().to_string(),
            exit_code: messages.exit_code(),
            inputs,
            grace_end: GraceEndUse::of(report),
            not_read: report.not_read.len() as u64,
            outputs,
            warnings: messages.said().iter().map(|it| escape::message(it)).collect(),
        }
    }

    /// Puts pseudonyms in the command line and in the warnings.
    pub(super) fn redacted(self, redaction: &Redaction, report: &Report) -> Self {
        let words =
            report.run.iter().flat_map(|run| [&run.program].into_iter().chain(&run.arguments));
        let warnings = self.warnings.iter().map(|it| redaction.text(it));
        Self { command_line: words.cloned().collect(), warnings: warnings.collect(), ..self }
    }
}
