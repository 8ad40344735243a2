// SPDX-License-Identifier: GPL-3.0-or-later
//! `calhive carve`: lists and extracts the items found in raw bytes.

mod find;
mod listing;
mod lone;
mod parts;

use std::fs::{self, File, FileType, Metadata};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow, bail};
use calhive::token::TokenSignatures;
use calhive_regf::image::open_at_once;
use calhive_regf::recover::carve::carve;

use crate::args::Carve;
use crate::commands::write_new::{folder_of, refuse_near_evidence};
use crate::interrupt::{self, Interruptible};
use crate::messages::Messages;
use crate::progress::Progress;
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
            messages
                .incomplete(format_args!("{}: not read: interrupted by the user", path.display()));
            continue;
        }
        messages.step(format_args!("reading {}", path.display()));
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

/// A file to search.
struct Source<'p> {
    path: &'p Path,
    file: File,
    before: Metadata,
}

impl<'p> Source<'p> {
    fn open(path: &'p Path) -> Result<Self> {
        let named = || path.display().to_string();
        let (file, before) = open_at_once(path, FileType::is_file).with_context(named)?;
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
        let result =
            carve(Interruptible(file), Some(&TokenSignatures::new()), progress, |carved| {
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
        parts.finish(done)
    }
}
