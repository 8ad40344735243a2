// SPDX-License-Identifier: GPL-3.0-or-later
//! `calhive carve`: lists and extracts the items found in raw bytes.

mod find;
mod lone;

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow, bail};
use calhive::report::Tool;
use calhive::token::TokenSignatures;
use calhive_regf::log::pages_as_hive;
use calhive_regf::recover::carve::{carve, extract};
use serde::Serialize;

use crate::args::{Carve, CarveFormat};
use crate::commands::write_new::{folder_of, refuse_near_evidence, write_new};
use crate::interrupt::{self, Interruptible};
use crate::invocation;
use crate::messages::{Messages, count};
use crate::output::{json, table};
use crate::progress::Progress;
use crate::text::escape;
use find::Find;

/// Limits of every carved item.
const LIMITATIONS: [&str; 3] = [
    "The place of bytes in a file does not show which program or user wrote them, or when.",
    "The client supplied the machine and user names in a token. A token is not a logon, and names no session \
     host or farm. Its issuer is not authenticated.",
    "Offsets in a key or value outside hives and bins count from the first bin of an unknown hive. calhive \
     cannot follow them to the path of the key or to data stored elsewhere.",
];

/// Runs the subcommand.
///
/// # Errors
/// If no file can be read, or if the output is refused or cannot be written.
pub(crate) fn run(args: &Carve, messages: &Messages, out: &mut dyn Write) -> Result<()> {
    if let Some(folder) = &args.output {
        prepare(folder, args)?;
    }
    interrupt::note_requests()?;
    let mut failed = None;
    let mut carved = Vec::new();
    for (path, number) in args.files.iter().zip(1_u32..) {
        if interrupt::is_requested() {
            messages
                .incomplete(format_args!("{}: not read: interrupted by the user", path.display()));
            continue;
        }
        let mut found = match Carved::of(path, messages) {
            Ok(found) => found,
            Err(error) if args.files.len() == 1 => return Err(error),
            Err(error) => {
                messages.incomplete(format_args!("{error:#}"));
                failed = Some(error);
                continue;
            }
        };
        if let Some(folder) = &args.output {
            found.write_out(path, number, folder, args.force)?;
        }
        match args.format {
            CarveFormat::Table => found.write_table(out)?,
            CarveFormat::Jsonl => {
                found.found.iter().try_for_each(|find| json::write_line(out, find))?;
            }
            CarveFormat::Json => {}
        }
        carved.push(found);
    }
    if carved.is_empty() {
        return Err(failed.unwrap_or_else(|| anyhow!("no file could be read")));
    }
    match args.format {
        CarveFormat::Json => json::write(out, &Document::new(&carved))?,
        CarveFormat::Table => writeln!(out, "\n{}", LIMITATIONS.join("\n"))?,
        CarveFormat::Jsonl => {}
    }
    Ok(())
}

/// Creates the output folder. Refuses a folder with evidence.
fn prepare(folder: &Path, args: &Carve) -> Result<()> {
    let exists = folder.symlink_metadata().is_ok();
    if exists && !folder.is_dir() {
        bail!("{} is not a folder", folder.display());
    }
    // A new folder must at least have a parent folder.
    let there = if exists { folder.to_path_buf() } else { folder_of(folder) };
    let there = there.canonicalize().with_context(|| there.display().to_string())?;
    // A new folder below an existing one without evidence is not yet there.
    let output =
        if exists { there.clone() } else { there.join(folder.file_name().unwrap_or_default()) };
    refuse_near_evidence(folder, &output, args.files.iter().map(PathBuf::as_path))?;
    if exists {
        Ok(())
    } else {
        fs::create_dir(folder).with_context(|| folder.display().to_string())
    }
}

/// A file, and the items found in it.
#[derive(Serialize)]
struct Carved {
    file: String,
    /// Bytes read.
    size: u64,
    found: Vec<Find>,
}

impl Carved {
    fn of(path: &Path, messages: &Messages) -> Result<Self> {
        let named = || path.display().to_string();
        let before = path.metadata().with_context(named)?;
        if !before.is_file() {
            bail!("{}: not a regular file", path.display());
        }
        let file = File::open(path).with_context(named)?;
        let file = Interruptible(file);
        let bar = messages.progress(|| Progress::bytes(before.len()));
        let shown = escape::path(path);
        let (mut found, mut done) = (Vec::new(), 0);
        let progress = |now| {
            done = now;
            bar.at(now);
        };
        let result = carve(file, Some(&TokenSignatures::new()), progress, |carved| {
            found.push(Find::new(&shown, &carved));
            Ok(())
        });
        bar.end();
        if let Err(error) = result {
            messages.incomplete(format_args!(
                "{}: reading stopped after {done} bytes: {error}",
                path.display()
            ));
        }
        let now = path.metadata();
        if now.map_or(true, |now| {
            now.len() != before.len() || now.modified().ok() != before.modified().ok()
        }) {
            messages.changed(path.display());
        }
        found.sort_by_key(Find::order);
        find::mark_entries_of_logs(&mut found);
        Ok(Self { file: shown, size: done, found })
    }

    /// Writes each item to its own file. Skips keys, values and items inside another item. For each
    /// log, also writes a hive built from the pages of the log.
    fn write_out(&mut self, path: &Path, number: u32, folder: &Path, force: bool) -> Result<()> {
        let mut file = File::open(path).with_context(|| path.display().to_string())?;
        for find in self.found.iter_mut().filter(|find| !find.is_within) {
            let bytes =
                extract(&mut file, find.place).with_context(|| path.display().to_string())?;
            let target = folder.join(find.file_name(number));
            write_new(&target, &bytes, force)?;
            find.written_to = Some(escape::path(&target));
        }
        for (index, place) in find::logs(&self.found) {
            let bytes = extract(&mut file, place).with_context(|| path.display().to_string())?;
            let (Some(pages), Some(find)) = (pages_as_hive(&[&bytes]), self.found.get_mut(index))
            else {
                continue;
            };
            let target = folder.join(find.pages_name(number));
            write_new(&target, &pages, force)?;
            find.pages_written_to = Some(escape::path(&target));
        }
        Ok(())
    }

    fn write_table(&self, out: &mut dyn Write) -> std::io::Result<()> {
        let items = count(self.found.len() as u64, "item");
        writeln!(out, "{}: {} bytes, {items} found", self.file, self.size)?;
        if self.found.is_empty() {
            return Ok(());
        }
        let rows = self.found.iter().map(Find::row);
        table::write_tall(out, ["Offset", "Kind", "Length", "Description"], rows)
    }
}

/// The items of all files, for JSON.
#[derive(Serialize)]
struct Document<'c> {
    tool: Tool,
    files: &'c [Carved],
    limitations: [&'static str; 3],
}

impl<'c> Document<'c> {
    fn new(files: &'c [Carved]) -> Self {
        Self { tool: invocation::tool(), files, limitations: LIMITATIONS }
    }
}
