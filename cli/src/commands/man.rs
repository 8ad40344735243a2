// SPDX-License-Identifier: GPL-3.0-or-later
//! `calhive man`: the manual pages of the command and its subcommands.

use std::fs;
use std::io::Write;

use anyhow::{Context as _, Result, bail};
use clap::CommandFactory as _;
use clap_mangen::Man;

use crate::args::{self, Args};
use crate::commands::write_new::write_new;
use crate::text::escape;

/// Runs the subcommand.
///
/// # Errors
/// If no subcommand has the name, or if writing fails.
pub(crate) fn run(args: &args::Man, out: &mut dyn Write) -> Result<()> {
    let mut command = Args::command().disable_help_subcommand(true);
    command.build();
    if let Some(folder) = &args.output {
        fs::create_dir_all(folder).with_context(|| escape::path(folder))?;
        let all = core::iter::once(&command).chain(command.get_subcommands());
        for command in all {
            let page = Man::new(command.clone());
            let file = folder.join(page.get_filename());
            let mut bytes = Vec::new();
            page.render(&mut bytes)?;
            write_new(&file, &bytes, args.force)?;
            writeln!(out, "{}", escape::path(&file))?;
        }
        return Ok(());
    }
    let of_name = match &args.command {
        None => Some(&command),
        Some(name) => command.find_subcommand(name),
    };
    let Some(command) = of_name else {
        let names: Vec<&str> = command.get_subcommands().map(clap::Command::get_name).collect();
        let name = args.command.as_deref().unwrap_or_default();
        bail!("no subcommand has the name {name}; the subcommands are {}", names.join(", "));
    };
    Ok(Man::new(command.clone()).render(&mut &mut *out)?)
}
