// SPDX-License-Identifier: GPL-3.0-or-later
//! `calhive replay`: reports what each log did to a hive, and writes the recovered hive to a file.

use std::io::Write;
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use calhive::AccessPattern;
use calhive_evidence::Hash;
use calhive_regf::log::Format;
use calhive_regf::log::report::{LogReport, ReplayReport, ReplayState};
use serde::Serialize;

use crate::args::{InfoFormat, Replay};
use crate::commands::write_new::{folder_of, refuse_near_evidence, write_new};
use crate::digest;
use crate::messages::{Messages, count};
use crate::open::{self, Input};
use crate::output::facts::Facts;
use crate::output::json;
use crate::text::escape;

/// Runs the subcommand.
///
/// # Errors
/// If the file is not a hive, or if calhive refuses the output file or cannot write it. Also if --output is
/// given for a dirty hive without an applicable log.
pub(crate) fn run(args: &Replay, messages: &Messages, out: &mut dyn Write) -> Result<()> {
    let input = open::hive(&args.hive, &args.reading(), AccessPattern::Sequential, messages)?;
    if let Some(output) = &args.output {
        refuse_evidence(output, &input)?;
    }
    let Some(replay) = input.report(Hash::Taken) else {
        bail!(
            "{} has no base block, and no log was applied; nothing was written",
            escape::path(&args.hive)
        );
    };
    let recovered = recovered(input.bytes(), &replay);
    let mut done = Done {
        hive: escape::path(&args.hive),
        sha256: digest::sha256([input.base_bytes()]),
        size: input.base_bytes().len() as u64,
        replay,
        recovered_sha256: digest::sha256([recovered]),
        recovered_size: recovered.len() as u64,
        output: None,
    };
    if let Some(output) = &args.output {
        if done.replay.state == ReplayState::NoLog {
            bail!("{}: {}; nothing was written", escape::path(&args.hive), done.replay.statement);
        }
        write_new(output, recovered, args.force)?;
        done.output = Some(escape::path(output));
    }
    match args.format {
        InfoFormat::Json => json::write(out, &done)?,
        InfoFormat::Table => done.write(out)?,
    }
    open::finish(input, messages);
    Ok(())
}

/// Returns the recovered hive up to its last bin. If no log was applied, returns the bytes of the file.
fn recovered<'d>(bytes: &'d [u8], replay: &ReplayReport) -> &'d [u8] {
    let end = usize::try_from(replay.bins_after).unwrap_or(usize::MAX).saturating_add(4096);
    match replay.state {
        ReplayState::Applied => bytes.get(..end).unwrap_or(bytes),
        _ => bytes,
    }
}

/// Refuses an output that is evidence, or that is in a folder with evidence or below it.
fn refuse_evidence(output: &Path, input: &Input) -> Result<()> {
    let folder = folder_of(output);
    let folder = folder.canonicalize().with_context(|| escape::path(&folder))?;
    let evidence: Vec<&Path> = input.logs().chain([input.path()]).collect();
    let found = |file: &Path| file.canonicalize().with_context(|| escape::path(file));
    if let Ok(output) = output.canonicalize() {
        for file in &evidence {
            if found(file)? == output {
                bail!("{} is evidence; calhive never modifies evidence", escape::path(file));
            }
        }
    }
    refuse_near_evidence(output, &folder, evidence)
}

/// The result of a replay.
#[derive(Serialize)]
struct Done {
    hive: String,
    /// SHA-256 of the hive file as stored on disk.
    sha256: String,
    size: u64,
    replay: ReplayReport,
    /// SHA-256 of the recovered hive.
    recovered_sha256: String,
    recovered_size: u64,
    /// Path of the file with the recovered hive; null if calhive wrote no file.
    output: Option<String>,
}

impl Done {
    fn write(&self, out: &mut dyn Write) -> std::io::Result<()> {
        let (mut table, replay) = (Facts::default(), &self.replay);
        table.add("hive", &self.hive);
        table.add("SHA-256", &self.sha256);
        table.add("replay", &replay.statement);
        if replay.state == ReplayState::Applied {
            if replay.base_block_rebuilt {
                table.add("base block", "rebuilt from a log, because its checksum is wrong");
            }
            table.add("sequence number", replay.sequence);
            let (before, after) = (replay.bins_before, replay.bins_after);
            table.add("size of bins", format_args!("{before} bytes before, {after} after"));
            table.add(
                "from logs",
                format_args!(
                    "{} of 4,096 bytes; {} differ from the file",
                    count(replay.pages, "page"),
                    count(replay.changed, "byte")
                ),
            );
        }
        table.write(out)?;
        for log in &replay.logs {
            writeln!(out)?;
            log_facts(log).write(out)?;
        }
        let mut table = Facts::default();
        let label = match replay.state {
            ReplayState::Applied => "after replay",
            _ => "unchanged",
        };
        table.add(label, format_args!("{} bytes", self.recovered_size));
        table.add("SHA-256", &self.recovered_sha256);
        table.add_some("written to", self.output.as_ref());
        writeln!(out)?;
        table.write(out)
    }
}

/// Returns the facts about one log.
fn log_facts(log: &LogReport) -> Facts {
    let mut table = Facts::default();
    table.add("log", &log.path);
    table.add_some("SHA-256", log.sha256.as_ref());
    let format = log.format.map(|format| match format {
        Format::Old => "old (DIRT)",
        Format::New => "new (HvLE)",
    });
    table.add_some("format", format);
    let sequence = log.sequence.map(|(primary, secondary)| format!("{primary} and {secondary}"));
    table.add_some("sequence numbers", sequence);
    table.add_some("not applied", log.refused.as_ref());
    match log.applied_sequence {
        Some(_) if log.format == Some(Format::Old) => table.add("applied", "completely"),
        Some((first, last)) if first == last => table.add("applied", format_args!("entry {first}")),
        Some((first, last)) => table.add("applied", format_args!("entries {first} to {last}")),
        None => {}
    }
    if let (Some(ended), Some(at)) = (&log.ended, log.ended_at) {
        table.add("entries end", format_args!("at {at:#x}: {ended}"));
    }
    if log.left_over > 0 {
        let newer = log.newer;
        let unused = entries(log.left_over);
        table.add("unused", format_args!("{unused}, {newer} newer than the last applied entry"));
    }
    table
}

fn entries(number: u32) -> String {
    if number == 1 { String::from("1 entry") } else { format!("{number} entries") }
}
