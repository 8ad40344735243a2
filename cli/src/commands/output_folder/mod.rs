// SPDX-License-Identifier: GPL-3.0-or-later
//! The folder of `calhive scan -o DIR`: the report in several formats, with a manifest.
//!
//! # Files
//!
//! | File | Content |
//! |---|---|
//! | `report.html` | the whole report for a browser or a printer, as `--format html` |
//! | `report.json` | the whole report, as `--format json` |
//! | `records.jsonl` | the same report in lines, as `--format jsonl` |
//! | `hosts.csv` | a row for each host |
//! | `tokens.csv` | a row for each token and certificate |
//! | `settings.csv` | a row for each value of a session host or license server |
//! | `findings.csv` | a row for each finding |
//! | `copies.csv` | a row for each state of an installation, and for each difference between two states |
//! | `timeline.csv` | a row for each event |
//! | `timesketch.jsonl` | events with a time, as `--format timesketch` |
//! | `manifest.json` | inputs, outputs, command line and warnings |
//! | `SHA256SUMS` | hashes of all other files, for `sha256sum -c SHA256SUMS` |
//!
//! A run writes all files to a temporary folder inside the folder, and then renames them. `SHA256SUMS` is
//! the last one. So a run that is killed leaves no incomplete file under one of these names, and a folder
//! with `SHA256SUMS` is complete.

use core::num::NonZeroUsize;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use calhive::report::{InputReport, MasterKeyFileReport, Report, SourceReport};
use calhive_evidence::Found;

use crate::args::ScanOutput;
use crate::commands::write_new::refuse_near_evidence;
use crate::interrupt;
use crate::messages::Messages;
use crate::output::html::{self, Cover};
use crate::output::left_out::LeftOut;
use crate::output::{csv, json, timesketch};
use crate::redaction::Redaction;
use crate::text::escape;

mod earlier;
mod inputs;
mod manifest;
mod staging;

pub(super) use earlier::Earlier;
pub(super) use inputs::Inputs;
use manifest::{Manifest, Output};
use staging::Staging;

/// Writes a report in one format.
type Writer = fn(&mut dyn Write, &Report, &Cover<'_>) -> io::Result<LeftOut>;

/// The files with parts of the report, and their writers.
const FILES: [(&str, Writer); 10] = [
    ("report.html", |out, report, cover| whole(html::write(out, report, cover))),
    ("report.json", |out, report, _| whole(json::write_report(out, report, NonZeroUsize::MIN))),
    ("records.jsonl", |out, report, _| whole(json::write_records(out, report, NonZeroUsize::MIN))),
    ("hosts.csv", |out, report, _| whole(csv::hosts::write(out, report))),
    ("tokens.csv", |out, report, _| whole(csv::tokens::write(out, report))),
    ("settings.csv", |out, report, _| whole(csv::settings::write(out, report))),
    ("findings.csv", |out, report, _| whole(csv::findings::write(out, report))),
    ("copies.csv", |out, report, _| whole(csv::copies::write(out, report))),
    ("timeline.csv", |out, report, _| whole(csv::timeline::write(out, report))),
    ("timesketch.jsonl", |out, report, _| timesketch::write(out, report)),
];
const MANIFEST: &str = "manifest.json";
const SUMS: &str = "SHA256SUMS";

fn whole(written: io::Result<()>) -> io::Result<LeftOut> {
    written.map(|()| LeftOut::default())
}

/// What a scan read.
#[derive(Debug)]
pub(super) struct Read<'a> {
    /// Disk images and archives of the report, with their original paths.
    pub(super) images: &'a [InputReport],
    /// Hives of the report, with their original paths.
    pub(super) sources: &'a [SourceReport],
    /// Master key files of the report, with their original paths.
    pub(super) master_keys: &'a [MasterKeyFileReport],
    /// Files of the report.
    pub(super) found: &'a Found,
    /// Whether everything that was hashed is read again.
    pub(super) verify: bool,
    /// Pseudonyms of the report. `None` if the report has the original names.
    pub(super) redaction: Option<&'a Redaction>,
}

/// The folder for the output of a scan, and the time at which the scan began.
#[derive(Debug)]
pub(super) struct OutputFolder {
    path: PathBuf,
    force: bool,
    started: jiff::Timestamp,
}

impl OutputFolder {
    /// Makes the folder if it does not exist. Returns `None` without `--output`.
    ///
    /// # Errors
    /// If the folder is in an input, if it cannot be made, or if it has one of the files and `--force` is not
    /// given.
    pub(super) fn check(args: &ScanOutput, inputs: &[&PathBuf]) -> Result<Option<Self>> {
        let Some(output) = &args.output else { return Ok(None) };
        let started = jiff::Timestamp::now();
        refuse_in_input(output, inputs)?;
        fs::create_dir_all(output).with_context(|| escape::path(output))?;
        let folder = Self { path: output.clone(), force: args.force, started };
        folder.names().try_for_each(|name| folder.refuse_existing(name))?;
        Ok(Some(folder))
    }

    fn names(&self) -> impl Iterator<Item = &'static str> {
        FILES.into_iter().map(|(name, _)| name).chain([MANIFEST, SUMS])
    }

    /// Refuses a file that exists, or that a rename would replace without its target.
    fn refuse_existing(&self, name: &str) -> Result<()> {
        let path = self.path.join(name);
        let Ok(metadata) = path.symlink_metadata() else { return Ok(()) };
        if !metadata.is_file() {
            bail!("{} is not a regular file; choose another folder", escape::path(&path));
        }
        if !self.force {
            bail!("{} exists; --force overwrites it", escape::path(&path));
        }
        Ok(())
    }

    /// Writes all files.
    ///
    /// # Errors
    /// If a file cannot be written. Then no file of this run has its final name, unless a rename failed.
    pub(super) fn write(
        self,
        report: &Report,
        cover: &Cover<'_>,
        read: &Read<'_>,
        messages: &Messages,
    ) -> Result<()> {
        for path in remains(&self.path) {
            messages.note(format_args!(
                "{}: left over from a run that was killed; it can be deleted",
                escape::path(&path)
            ));
        }
        let staging = Staging::new(&self.path)?;
        let mut outputs = Vec::new();
        for (name, write) in FILES {
            let (output, left_out) = staging.file(name, |out| write(out, report, cover))?;
            if !left_out.is_empty() {
                messages
                    .note(format_args!("{name} leaves out {left_out}; report.json has everything"));
            }
            outputs.push(output);
        }
        let mut inputs = Inputs::of(read);
        inputs.changed().for_each(|path| messages.changed(path));
        if let Some(redaction) = read.redaction {
            inputs.redact(redaction);
        }
        let manifest = Manifest::new(cover.case, report, &inputs, &outputs, self.started, messages);
        let manifest = match read.redaction {
            Some(redaction) => manifest.redacted(redaction, report),
            None => manifest,
        };
        let (manifest, _) = staging.file(MANIFEST, |out| whole(json::write(out, &manifest)))?;
        outputs.push(manifest);
        staging.file(SUMS, |out| whole(write_sums(out, &outputs)))?;
        self.names().try_for_each(|name| self.refuse_existing(name))?;
        interrupt::undivided(|| self.publish(&staging))
    }

    /// Gives all files their final names.
    fn publish(&self, staging: &Staging) -> Result<()> {
        // Without its sums, a folder that this run changes only in part is not taken for complete.
        match fs::remove_file(self.path.join(SUMS)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(error).with_context(|| escape::path(&self.path.join(SUMS)));
            }
            _ => {}
        }
        self.names().try_for_each(|name| staging.publish(name, &self.path.join(name)))
    }
}

/// Returns the temporary folders of earlier runs, which end by removing them.
fn remains(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let remains =
        entries.filter(|entry| entry.file_name().to_string_lossy().starts_with(staging::PREFIX));
    let mut remains: Vec<PathBuf> = remains.map(|entry| entry.path()).collect();
    remains.sort();
    remains
}

/// Writes a line for each file, as `sha256sum` does.
fn write_sums(out: &mut dyn Write, outputs: &[Output]) -> io::Result<()> {
    outputs.iter().try_for_each(|it| writeln!(out, "{}  {}", it.sha256, it.name))
}

/// Refuses a folder that is an input, is inside an input, or is in the folder of an input file or below it.
pub(super) fn refuse_in_input(output: &Path, inputs: &[&PathBuf]) -> Result<()> {
    let folder = existing_part(output)?;
    for input in inputs {
        if input.is_dir() {
            let real = input.canonicalize().with_context(|| escape::path(input))?;
            if folder.starts_with(&real) {
                bail!(
                    "{} is in the input {}; choose a folder outside it",
                    escape::path(output),
                    escape::path(input)
                );
            }
        }
    }
    let files = inputs
        .iter()
        .filter(|input| input.exists() && !input.is_dir())
        .map(|input| input.as_path());
    refuse_near_evidence(output, &folder, files)
}

/// Returns the canonical path of a folder that may not exist yet.
fn existing_part(folder: &Path) -> Result<PathBuf> {
    let absolute = std::path::absolute(folder).with_context(|| escape::path(folder))?;
    let mut missing = Vec::new();
    let mut part = absolute.as_path();
    loop {
        if let Ok(real) = part.canonicalize() {
            return Ok(missing.iter().rev().fold(real, |path, name| path.join(name)));
        }
        let (Some(parent), Some(name)) = (part.parent(), part.file_name()) else {
            bail!("{} has no existing parent folder", escape::path(folder));
        };
        missing.push(name.to_owned());
        part = parent;
    }
}
