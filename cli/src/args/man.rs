// SPDX-License-Identifier: GPL-3.0-or-later
//! Options of `man`.

use std::path::PathBuf;

/// Print the manual page of calhive or of a subcommand
///
/// With --output, `man` writes all pages to a folder, and prints their paths.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  calhive man scan
  calhive man --output ../man1")]
pub(crate) struct Man {
    /// Name of the subcommand; if omitted, the page of calhive
    #[arg(conflicts_with = "output")]
    pub(crate) command: Option<String>,
    /// Write all pages to this folder
    ///
    /// `man` creates the folder if it does not exist.
    #[arg(short, long, value_name = "DIR")]
    pub(crate) output: Option<PathBuf>,
    /// Overwrite existing files
    #[arg(long, requires = "output")]
    pub(crate) force: bool,
}
