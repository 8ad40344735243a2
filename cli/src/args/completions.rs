// SPDX-License-Identifier: GPL-3.0-or-later
//! Options of `completions`.

/// Print a script that completes command lines of calhive in a shell
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  calhive completions bash > calhive.bash
  calhive completions powershell > calhive.ps1")]
pub(crate) struct Completions {
    /// Shell
    pub(crate) shell: clap_complete::Shell,
}
