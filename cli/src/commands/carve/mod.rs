// SPDX-License-Identifier: GPL-3.0-or-later
//! `calhive carve`: lists and extracts the items found in raw bytes.

mod find;
mod listing;
mod lone;
mod parts;

use std::fs::{self, File, FileType, Metadata};
use std::io::{self, Read as _, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow, bail};
use calhive::token::TokenSignatures;
use calhive_regf::GapReader;
use calhive_regf::image::open_without_waiting;
use calhive_regf::recover::carve::carve;

use crate::args::Carve;
use crate::commands::write_new::{folder_of, refuse_near_evidence};
use crate::interrupt::{self, Interruptible};
use crate::messages::Messages;
use crate::progress::Progress;
use crate::text::escape;
use find::Find;
use listing::Listing;
use parts::{Parts, Target};

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
    let mut listing = Listing::new(args.format, out);
    for (path, number) in args.files.iter().zip(1_u32..) {
        if interrupt::is_requested() {
            messages.incomplete(format_args!(
                "{}: not read: interrupted by the user",
                escape::path(path)
            ));
            continue;
        }
        messages.step(format_args!("reading {}", escape::path(path)));
        let (folder, force) = (args.output.as_deref(), args.force);
        match Source::open(path) {
            Ok(source) => {
                let target = Target { path, number, folder, force };
                source.carve(Parts::new(target, &mut listing), messages)?;
            }
            Err(error) if args.files.len() == 1 => return Err(error),
            Err(error) => {
                messages.incomplete(format_args!("{error:#}"));
                failed = Some(error);
            }
        }
    }
    if !listing.has_files() {
        return Err(failed.unwrap_or_else(|| anyhow!("no file could be read")));
    }
    listing.finish()?;
    Ok(())
}

/// Creates the output folder. Refuses a folder with evidence.
fn prepare(folder: &Path, args: &Carve) -> Result<()> {
    let exists = folder.symlink_metadata().is_ok();
    if exists && !folder.is_dir() {
        bail!("{} is not a folder", escape::path(folder));
    }
    // A new folder must at least have a parent folder.
    let there = if exists { folder.to_path_buf() } else { folder_of(folder) };
    let there = there.canonicalize().with_context(|| escape::path(&there))?;
    // A new folder below an existing one without evidence is not yet there.
    let output =
        if exists { there.clone() } else { there.join(folder.file_name().unwrap_or_default()) };
    refuse_near_evidence(folder, &output, args.files.iter().map(PathBuf::as_path))?;
    if exists { Ok(()) } else { fs::create_dir(folder).with_context(|| escape::path(folder)) }
}

/// A file to search.
struct Source<'p> {
    path: &'p Path,
    file: File,
    before: Metadata,
}

impl<'p> Source<'p> {
    fn open(path: &'p Path) -> Result<Self> {
        let named = || escape::path(path);
        let (file, before) = open_without_waiting(path, FileType::is_file).with_context(named)?;
        Ok(Self { path, file, before })
    }

    /// Lists the items in the file.
    fn carve(self, mut parts: Parts<'_, '_, '_>, messages: &Messages) -> Result<()> {
        let Self { path, file, before } = self;
        let bar = messages.progress(|| Progress::bytes(before.len()));
        let (mut failed, mut done) = (None, 0);
        let progress = |now| {
            done = now;
            bar.at(now);
        };
        let mut reader = GapReader::new(file, before.len());
        // Files of the kernel have no size and can be without an end.
        let whole = reader.by_ref().take(before.len());
        let found =
            carve(Interruptible(whole), Some(&TokenSignatures::new()), progress, |carved| {
                // The end of the reading can have cut the item.
                if interrupt::is_requested() {
                    return Ok(());
                }
                let find = Find::new(parts.shown(), &carved);
                parts.add(find).map_err(|error| {
                    failed = Some(error);
                    io::Error::other("the output failed")
                })
            });
        bar.end();
        if let Some(error) = failed {
            return Err(error);
        }
        if let Some(lost) = reader.lost() {
            messages.incomplete(format_args!(
                "{}: {lost} could not be read, and calhive used zeros instead",
                escape::path(path)
            ));
        }
        if let Err(error) = found {
            messages.incomplete(format_args!(
                "{}: reading stopped after {done} bytes: {error}",
                escape::path(path)
            ));
        }
        let now = path.metadata();
        if now.map_or(true, |now| {
            now.len() != before.len() || now.modified().ok() != before.modified().ok()
        }) {
            messages.changed(escape::path(path));
        }
        parts.finish(done)
    }
}
