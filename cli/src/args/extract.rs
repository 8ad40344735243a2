// SPDX-License-Identifier: GPL-3.0-or-later
//! Options of `extract`.

use std::path::PathBuf;

use super::{Case, Opening};

/// Copy hives and logs out of disk images, archives and folders
///
/// `extract` copies each registry hive and transaction log byte for byte, and the database of a license server, which
/// calhive does not read. The files keep their paths, below the folder `files`. The manifest lists each file with its
/// SHA-256, its place in the evidence, and a command by which another tool writes the same bytes.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  calhive extract disk.E01 -o ../hives
  calhive extract triage.zip -o ../triage")]
pub(crate) struct Extract {
    /// Disk images, archives, folders or hives
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// Write to this folder, outside all inputs
    #[arg(short, long, value_name = "DIR")]
    pub(crate) output: PathBuf,
    /// Overwrite existing files
    #[arg(long)]
    pub(crate) force: bool,
    #[command(flatten)]
    pub(crate) case: Case,
    #[command(flatten)]
    pub(crate) opening: Opening,
}
