// SPDX-License-Identifier: GPL-3.0-or-later
//! Search and reading of the hives of a scan, with progress, messages and Ctrl-C.

use core::cell::Cell;
use core::ops::ControlFlow;
use std::path::PathBuf;

use anyhow::{Result, anyhow};
use calhive::fact::Faults;
use calhive::{Options, Report, ScanError, ScanStep};
use calhive_evidence::{Found, SearchOptions, SearchStep, Skipped};

use crate::args::{Reading, Scan};
use crate::interrupt;
use crate::messages::{Messages, Reasons, count};
use crate::open;
use crate::progress::Progress;
use crate::text::escape;

/// Searches for hives, until the user interrupts.
pub(in crate::commands) fn search(
    paths: &[&PathBuf],
    options: &SearchOptions,
    messages: &Messages,
) -> Found {
    let progress = messages.progress(Progress::searching);
    let found = calhive_evidence::find_with(paths, options, &mut |step| {
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
pub(in crate::commands) fn read(
    found: &Found,
    reading: &Reading,
    options: &Options,
    messages: &Messages,
) -> Result<Report> {
    let progress = messages.progress(|| Progress::reading(&found.sources()));
    let number = Cell::new(0_usize);
    let open = open::opens(reading);
    let report = calhive::scan_found(found, options, open, |step| {
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
    let report = report.map_err(fatal)?;
    tell_interpretation(&report, messages);
    Ok(report)
}

/// Ends the run if the user asked for that.
fn goes_on() -> ControlFlow<()> {
    if interrupt::is_requested() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
}

/// Returns the options of the library.
pub(super) fn options(args: &Scan) -> Options {
    let mut options = Options::default()
        .logs(open::log_choice(&args.reading))
        .threads(args.threads.number())
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
    #[cfg(feature = "grace-end")]
    if args.grace_end {
        options = options.grace_end();
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
        ScanStep::Reading(path) => messages.step(format_args!("reading {}", escape::path(path))),
        ScanStep::Notice(notice) => open::tell(notice, messages),
        ScanStep::Collected { path, facts } => {
            let mut unread = messages.reasons();
            facts.unread.first.iter().for_each(|error| unread.add(error));
            let faults = facts.form.export().into_iter().flat_map(|export| &export.faults);
            faults.filter(|fault| !fault.kind.is_remark()).for_each(|fault| unread.add(fault));
            messages.not_whole(escape::path(path), &unread.counted(facts.unread.total));
            messages.faults(escape::path(path), &reasons(&facts.faults, messages));
        }
        ScanStep::NotRead(input) => messages.incomplete(input),
        _ => {}
    }
}

/// Reports each hive with facts that the second reader reads differently, and each host with more tokens than calhive
/// decodes.
fn tell_interpretation(report: &Report, messages: &Messages) {
    for host in &report.hosts {
        if let Some(left_out) = host.tokens_not_decoded {
            let tokens = count(left_out, "token");
            messages.incomplete(format_args!("{}: too many tokens; {tokens} not decoded", host.id));
        }
    }
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
            anyhow!(
                "no hive was read; give a disk image, an archive or a folder that holds SYSTEM and SOFTWARE, or hives"
            )
        }
        ScanError::LogsOfSeveralHives { hives } => {
            anyhow!(
                "--log is for one hive, but {hives} hives were found; give only the hive that the log belongs to"
            )
        }
        error => error.into(),
    }
}
