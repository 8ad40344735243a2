// SPDX-License-Identifier: GPL-3.0-or-later
//! `calhive scan`: licensing facts of all hives in files and folders.

use std::collections::HashSet;
use std::io::Write;
use std::path::PathBuf;

use anyhow::{Result, anyhow};
use calhive::fact::Faults;
use calhive::{Options, Report, ScanError, ScanStep};
use calhive_evidence::{Found, Skipped};

use crate::args::{Scan, ScanFormat};
use crate::commands::output_folder::OutputFolder;
use crate::invocation;
use crate::messages::{Messages, Reasons, count};
use crate::open;
use crate::output::html::{self, Cover};
use crate::output::left_out::LeftOut;
use crate::output::paint::Paint;
use crate::output::{bodyfile, csv, json, markdown, timesketch, tln};

mod ending;
mod page;

/// Code of the finding about facts that the second reader reads differently.
const SECOND_READER_DIFFERS: &str = "second_reader.differs";

/// Runs the subcommand.
///
/// # Errors
/// If no hive can be read, or if the report cannot be written.
pub(crate) fn run(
    args: &Scan,
    paint: Paint,
    messages: &Messages,
    out: &mut dyn Write,
) -> Result<()> {
    let pairs = args.pair.iter().flat_map(|pair| [&pair.system, &pair.software]);
    let paths: Vec<&PathBuf> = args.paths.iter().chain(pairs).collect();
    let folder = OutputFolder::check(&args.output, &paths)?;
    let found =
        calhive_evidence::find_with(&paths, &mut |skipped| tell_skipped(&skipped, messages));
    let open = open::opens(&args.reading);
    let report = calhive::scan_found(&found, &options(args), open, |step| tell(step, messages));
    let report = Report { run: Some(invocation::run(&paths)), ..report.map_err(fatal)? };
    let differs = report.findings.iter().filter(|it| it.code == SECOND_READER_DIFFERS);
    differs.for_each(|it| messages.incomplete(&it.statement));
    let summary = summary(&found, &report, args.reading.no_replay);
    let cover =
        Cover { case: &args.output.case, time_zone: args.time_zone.as_ref(), summary: &summary };
    let left_out = write(out, args, &report, &cover, paint)?;
    messages.note(&summary);
    if !left_out.is_empty() {
        messages.note(format_args!(
            "left out in this format: {left_out}; --format json has everything"
        ));
    }
    ending::tell(&args.output, &report, messages);
    if let Some(folder) = folder {
        folder.write(&report, &cover, &found.hives, messages)?;
    }
    Ok(())
}

/// Writes the report in a format. Returns what the format leaves out.
fn write(
    out: &mut dyn Write,
    args: &Scan,
    report: &Report,
    cover: &Cover<'_>,
    paint: Paint,
) -> Result<LeftOut> {
    match args.format {
        ScanFormat::Table => page::write(out, report, args, paint)?,
        ScanFormat::Json => json::write_report(out, report)?,
        ScanFormat::Jsonl => json::write_records(out, report)?,
        ScanFormat::Html => html::write(out, report, cover)?,
        ScanFormat::Markdown => markdown::write(out, &page::of(report, args)?)?,
        ScanFormat::Csv => return Ok(csv::facts::write(out, report)?),
        ScanFormat::Timesketch => return Ok(timesketch::write(out, report)?),
        ScanFormat::Bodyfile => return Ok(bodyfile::write(out, report)?),
        ScanFormat::Tln => return Ok(tln::write(out, report)?),
    }
    Ok(LeftOut::default())
}

fn options(args: &Scan) -> Options {
    let mut options = Options::default()
        .logs(open::log_choice(&args.reading))
        .reference_time(args.reference_time);
    for pair in &args.pair {
        options = options.pair(&pair.system, &pair.software);
    }
    if args.live_only {
        options = options.live_only();
    }
    if args.hash {
        options = options.hashed();
    }
    if !args.no_second_reader {
        options = options.second_reader();
    }
    options
}

/// Reports a file that the search skips. A link that leads out of the searched folders is always reported.
fn tell_skipped(skipped: &Skipped, messages: &Messages) {
    match skipped {
        Skipped::Followed(_) => messages.note(skipped),
        Skipped::Link(link) if link.leads_away => messages.note(skipped),
        _ => messages.step(skipped),
    }
}

/// Reports a step of the scan on standard error.
fn tell(step: ScanStep<'_>, messages: &Messages) {
    match step {
        ScanStep::Reading(path) => messages.step(format_args!("reading {}", path.display())),
        ScanStep::Notice(notice) => open::tell(notice, messages),
        ScanStep::Collected { path, facts } => {
            messages.not_whole(path.display(), &reasons(&facts.unread, messages));
            messages.faults(path.display(), &reasons(&facts.faults, messages));
        }
        ScanStep::NotRead(input) => messages.incomplete(input),
        _ => {}
    }
}

fn reasons(faults: &Faults, messages: &Messages) -> Reasons {
    let mut reasons = messages.reasons();
    faults.first.iter().for_each(|error| reasons.add(error));
    reasons.counted(faults.total)
}

/// Returns the fatal error, with advice for the user. Each unread input was already reported.
fn fatal(error: ScanError) -> anyhow::Error {
    match error {
        ScanError::NothingRead { .. } => {
            anyhow!("no hive was read; give SYSTEM and SOFTWARE hives, or folders that hold them")
        }
        ScanError::LogsOfSeveralHives { hives } => {
            anyhow!(
                "--log is for one hive, but {hives} hives were found; give only the hive that the log belongs to"
            )
        }
        error => error.into(),
    }
}

/// Returns a line of text with the number of files of each kind.
fn summary(found: &Found, report: &Report, no_replay: bool) -> String {
    let files = report.sources.iter().map(|source| source.copies.len().saturating_add(1));
    let hives = files.fold(0_usize, usize::saturating_add) as u64;
    let mut parts = vec![format!("{} read", count(hives, "hive"))];
    if found.logs > 0 {
        let logs = count(found.logs, "transaction log");
        let replays = report.sources.iter().flat_map(|source| &source.replay);
        let of_hives = replays.flat_map(|replay| &replay.logs).map(|log| log.path.as_str());
        let of_hives = of_hives.collect::<HashSet<&str>>().len() as u64;
        parts.push(match found.logs.saturating_sub(of_hives) {
            _ if no_replay => format!("{logs} not read"),
            0 => format!("{logs} read with the hives"),
            without => format!("{logs}, of which {without} belong to no hive here"),
        });
    }
    for (number, one, many) in [
        (
            found.containers,
            "disk image or archive was not read",
            "disk images and archives were not read",
        ),
        (found.others, "other file is no hive", "other files are no hives"),
        (found.links, "link was not followed", "links were not followed"),
        (found.special, "special file was not opened", "special files were not opened"),
    ] {
        match number {
            0 => {}
            1 => parts.push(format!("1 {one}")),
            _ => parts.push(format!("{number} {many}")),
        }
    }
    parts.join("; ")
}
