// SPDX-License-Identifier: GPL-3.0-or-later
//! `calhive scan`: licensing facts of all hives in files and folders.

use std::io::Write;
use std::path::PathBuf;

use anyhow::Result;
use calhive::Report;
use calhive::report::{InputReport, MasterKeyFileReport, SourceReport};
use calhive_evidence::{Found, SearchOptions};

use crate::args::{Case, Scan, ScanFormat};
use crate::commands::output_folder::{Inputs, OutputFolder, Read};
use crate::interrupt;
use crate::invocation;
use crate::messages::Messages;
use crate::output::html::{self, Cover};
use crate::output::left_out::LeftOut;
use crate::output::paint::Paint;
use crate::output::{bodyfile, csv, json, markdown, timesketch, tln};
use crate::redaction::{self, Redaction};

mod custody;
mod ending;
mod map_file;
pub(super) mod page;
pub(super) mod reading;
mod resume;
mod summary;

use map_file::MapFile;

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
    if let (true, Some(folder)) = (args.output.resume, &args.output.output) {
        return resume::run(args, folder, messages, out);
    }
    let pairs = args.pair.iter().flat_map(|pair| [&pair.system, &pair.software]);
    let paths: Vec<&PathBuf> = args.paths.iter().chain(pairs).collect();
    let folder = OutputFolder::check(&args.output, &paths)?;
    let map = MapFile::check(&args.output, &paths)?;
    interrupt::note_requests()?;
    let found = reading::search(&paths, &search_options(args), messages);
    let scanned = Scanned::of(args, &paths, found, map.as_ref(), messages)?;
    if folder.is_none() {
        scanned.verify(args, messages);
    }
    scanned.write_folder(args, folder, messages)?;
    // After the folder: a closed pipe ends the run.
    let written = scanned.write(out, args, paint, messages);
    // The program ends now, which frees the memory at once. For 500 hosts, the drop of each piece takes 6 % of the
    // time of the scan.
    core::mem::forget(scanned.report);
    written
}

/// Returns how the scan opens disk images.
fn search_options(args: &Scan) -> SearchOptions {
    let options = args.opening.search();
    if args.carve { options.carve(calhive::carve_signatures()) } else { options }
}

/// What a scan read, and its report.
struct Scanned {
    found: Found,
    /// Disk images, archives, hives and master key files, with their original names.
    images: Vec<InputReport>,
    sources: Vec<SourceReport>,
    master_keys: Vec<MasterKeyFileReport>,
    report: Report,
    redaction: Option<Redaction>,
    case: Case,
    summary: String,
}

impl Scanned {
    /// Reads the hives and interprets their facts.
    fn of(
        args: &Scan,
        paths: &[&PathBuf],
        found: Found,
        map: Option<&MapFile<'_>>,
        messages: &Messages,
    ) -> Result<Self> {
        let report = reading::read(&found, &args.reading, &reading::options(args), messages)?;
        let mut report = Report { run: Some(invocation::run(paths)), ..report };
        custody::hash_images(&mut report, &found, &args.custody, messages);
        let (images, sources) = (report.inputs.clone(), report.sources.clone());
        let opened = report.hosts.iter().flat_map(|host| &host.grace_end);
        let master_keys = opened.flat_map(|end| &end.files).cloned().collect();
        let (report, redaction) = match map {
            Some(map) => {
                let (report, redaction) = redaction::redact(report)?;
                map.write(&redaction, &found.sources())?;
                (report, Some(redaction))
            }
            None => (report, None),
        };
        let case = redaction.as_ref().map_or_else(
            || args.output.case.clone(),
            |redaction| redacted_case(&args.output.case, redaction),
        );
        let summary = summary::line(&found, &report, args.reading.no_replay);
        messages.note(&summary);
        ending::tell(&args.output, &report, messages);
        Ok(Self { found, images, sources, master_keys, report, redaction, case, summary })
    }

    fn cover<'s>(&'s self, args: &'s Scan) -> Cover<'s> {
        Cover { case: &self.case, time_zone: args.time_zone.as_ref(), summary: &self.summary }
    }

    /// Reads every hashed input again and compares the hashes, if the user asked for that.
    fn verify(&self, args: &Scan, messages: &Messages) {
        if args.custody.verify_after {
            let inputs = Inputs::of(&self.read(true));
            inputs.changed().for_each(|path| messages.changed(path));
        }
        if args.custody.verify_after || args.custody.hash_images {
            custody::check(&self.found, messages);
        }
    }

    /// Writes the files of the folder, if there is one.
    fn write_folder(
        &self,
        args: &Scan,
        folder: Option<OutputFolder>,
        messages: &Messages,
    ) -> Result<()> {
        let Some(folder) = folder else { return Ok(()) };
        if args.custody.verify_after || args.custody.hash_images {
            custody::check(&self.found, messages);
        }
        let read = self.read(args.custody.verify_after);
        folder.write(&self.report, &self.cover(args), &read, messages)
    }

    fn read(&self, verify: bool) -> Read<'_> {
        Read {
            images: &self.images,
            sources: &self.sources,
            master_keys: &self.master_keys,
            found: &self.found,
            verify,
            redaction: self.redaction.as_ref(),
        }
    }

    /// Writes the report in the format that the user chose.
    fn write(
        &self,
        out: &mut dyn Write,
        args: &Scan,
        paint: Paint,
        messages: &Messages,
    ) -> Result<()> {
        let name = |host: &String| {
            self.redaction.as_ref().map_or_else(|| host.clone(), |redaction| redaction.text(host))
        };
        let host = args.host.as_ref().map(name);
        let cover = self.cover(args);
        let left_out = write(out, args, &self.report, host.as_deref(), &cover, paint)?;
        if !left_out.is_empty() {
            messages.note(format_args!(
                "left out in this format: {left_out}; --format json has everything"
            ));
        }
        Ok(())
    }
}

/// Puts pseudonyms in the texts of the examiner.
fn redacted_case(case: &Case, redaction: &Redaction) -> Case {
    let text = |text: &Option<String>| text.as_ref().map(|text| redaction.text(text));
    Case {
        case: text(&case.case),
        evidence_id: text(&case.evidence_id),
        examiner: text(&case.examiner),
    }
}

/// Writes the report in a format. Returns what the format leaves out.
fn write(
    out: &mut dyn Write,
    args: &Scan,
    report: &Report,
    host: Option<&str>,
    cover: &Cover<'_>,
    paint: Paint,
) -> Result<LeftOut> {
    let threads = args.threads.number();
    match args.format {
        ScanFormat::Table => page::write(out, report, args, host, paint)?,
        ScanFormat::Json => json::write_report(out, report, threads)?,
        ScanFormat::Jsonl => json::write_records(out, report, threads)?,
        ScanFormat::Html => html::write(out, report, cover)?,
        ScanFormat::Markdown => markdown::write(out, &page::of(report, args, host)?)?,
        ScanFormat::Csv => return Ok(csv::facts::write(out, report)?),
        ScanFormat::Timesketch => return Ok(timesketch::write(out, report)?),
        ScanFormat::Bodyfile => return Ok(bodyfile::write(out, report)?),
        ScanFormat::Tln => return Ok(tln::write(out, report)?),
    }
    Ok(LeftOut::default())
}
