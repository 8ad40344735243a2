// SPDX-License-Identifier: GPL-3.0-or-later
//! [`MapFile`]: the file with the pseudonyms of a redacted scan and their originals.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use crate::args::ScanOutput;
use crate::commands::output_folder::refuse_in_input;
use crate::commands::write_new::{folder_of, refuse_near_evidence, write_private};
use crate::redaction::Redaction;
use crate::text::escape;

/// The file for the pseudonyms and their originals.
#[derive(Debug)]
pub(super) struct MapFile<'a> {
    path: &'a Path,
    force: bool,
}

impl<'a> MapFile<'a> {
    /// Checks the place of the file before the scan. Returns `None` without `--redact`.
    ///
    /// # Errors
    /// If the file is in an input or in the output folder, if its folder does not exist, if it is no regular file, or
    /// if it exists and `--force` is not given.
    pub(super) fn check(args: &'a ScanOutput, inputs: &[&PathBuf]) -> Result<Option<Self>> {
        let Some(path) = args.redact.as_deref() else { return Ok(None) };
        let folder = folder(path)?;
        refuse_in_input(&folder_of(path), inputs)?;
        let output = args.output.as_ref().and_then(|output| output.canonicalize().ok());
        if output.is_some_and(|output| folder.starts_with(output)) {
            bail!(
                "{} is in the output folder; choose another folder for the map",
                escape::path(path)
            );
        }
        if path.exists() && !path.is_file() {
            bail!("{} is not a regular file; choose another name", escape::path(path));
        }
        if !args.force && path.is_file() {
            bail!("{} exists; --force overwrites it", escape::path(path));
        }
        Ok(Some(Self { path, force: args.force }))
    }

    /// Writes the file.
    ///
    /// # Errors
    /// If the file cannot be written, or if its folder holds one of the hives.
    pub(super) fn write(&self, redaction: &Redaction, hives: &[PathBuf]) -> Result<()> {
        let folder = folder(self.path)?;
        refuse_near_evidence(self.path, &folder, hives.iter().map(PathBuf::as_path))?;
        write_private(self.path, &redaction.map()?, self.force)
    }
}

fn folder(path: &Path) -> Result<PathBuf> {
    folder_of(path).canonicalize().with_context(|| escape::path(path))
}
