// SPDX-License-Identifier: GPL-3.0-or-later
//! `calhive scan`: licensing facts of all hives in files and folders.

use core::cell::Cell;
use core::ops::ControlFlow;
use std::collections::HashSet;
use std::io::Write;
use std::path::PathBuf;

use anyhow::{Result, anyhow};
use calhive::fact::Faults;
use calhive::{Options, Report, ScanError, ScanStep};
use calhive_evidence::{Found, SearchStep, Skipped};

use crate::args::{Scan, ScanFormat};
use crate::interrupt;
use crate::messages::{Messages, Reasons, count};
use crate::open;
use crate::output::{fact_lines, json, report_table};
use crate::progress::Progress;

/// Runs the subcommand.
///
/// # Errors
/// If no hive can be read, or if the report cannot be written.
pub(crate) fn run(args: &Scan, messages: &Messages, out: &mut dyn Write) -> Result<()> {
    let pairs = args.pair.iter().flat_map(|pair| [&pair.system, &pair.software]);
    let paths: Vec<&PathBuf> = args.paths.iter().chain(pairs).collect();
    interrupt::note_requests()?;
    let found = search(&paths, messages);
    let report = read(&found, args, messages)?;
    tell_differences(&report, messages);
    let summary = summary(&found, &report, args.reading.no_replay);
    match args.format {
        ScanFormat::Table => report_table::write(out, &report, &summary)?,
        ScanFormat::Json => json::write(out, &report)?,
        ScanFormat::Jsonl => fact_lines::write(out, &report)?,
    }
    if args.format != ScanFormat::Table {
        messages.note(summary);
    }
    Ok(())
}

/// Searches for hives, until the user interrupts.
fn search(paths: &[&PathBuf], messages: &Messages) -> Found {
    let progress = messages.progress(Progress::searching);
    let found = calhive_evidence::find_with(paths, &mut |step| {
        match step {
            SearchStep::At(_) => progress.file(),
            SearchStep::Skipped(skipped) => tell_skipped(skipped, messages),
            _ => {}
        }
        goes_on()
    });
    progress.end();
    found
}

/// Reads the hives and interprets their facts, until the user interrupts.
fn read(found: &Found, args: &Scan, messages: &Messages) -> Result<Report> {
    let progress = messages.progress(|| Progress::reading(&found.hives));
    let number = Cell::new(0_usize);
    let open = open::opens(&args.reading);
    let report = calhive::scan_found(found, &options(args), open, |step| {
        match step {
            ScanStep::Reading(_) => {
                number.set(number.get().saturating_add(1));
                progress.hive(number.get());
            }
            ScanStep::Collected { path, .. } => {
                progress.read(path.metadata().map_or(0, |it| it.len()));
            }
            _ => {}
        }
        tell(step, messages);
        goes_on()
    });
    progress.end();
    report.map_err(fatal)
}

/// Ends the run if the user asked for that.
fn goes_on() -> ControlFlow<()> {
    if interrupt::is_requested() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
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

/// Reports each hive with facts that the second reader reads differently.
fn tell_differences(report: &Report, messages: &Messages) {
    for source in &report.sources {
        if let Some(second) = source.second_reader.as_ref().filter(|it| it.differs > 0) {
            let facts = count(second.differs, "fact");
            messages.incomplete(format_args!(
                "{}: {} reads {facts} differently (finding second_reader.differs)",
                source.path, second.reader
            ));
        }
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
