// SPDX-License-Identifier: GPL-3.0-or-later
//! Options of `carve`.

use std::path::PathBuf;

use clap::ValueEnum;

/// Find hives, logs, keys, values and license tokens in raw bytes
///
/// The input can be any file: unallocated space, a memory image, a page file, a disk image. `carve`
/// reads each file once, from start to end. It also finds fragments of hives, logs and tokens.
///
/// With --output, `carve` writes each item to a file for another subcommand: hives and bins for
/// `walk`, tokens for `token`, logs for `recover`. Keys and values outside hives and bins are only
/// listed.
///
/// Memory stays below 64 MiB. If the items of a file take more than 8 MiB, `carve` lists them in parts
/// while it reads. Each part is in order of offset.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  calhive carve pagefile.sys
  calhive carve pagefile.sys -o ../carved")]
pub(crate) struct Carve {
    /// Files to search
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// Output format
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: CarveFormat,
    /// Write items to this folder
    ///
    /// The folder must not contain an input file or be below a folder with one. `carve` creates it if it
    /// does not exist.
    #[arg(short, long, value_name = "DIR")]
    pub(crate) output: Option<PathBuf>,
    /// Overwrite existing files
    #[arg(long, requires = "output")]
    pub(crate) force: bool,
}

/// Formats of `carve`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum CarveFormat {
    /// Text for people
    #[default]
    Table,
    /// One JSON object
    Json,
    /// JSON Lines: one object per item
    Jsonl,
}
