// SPDX-License-Identifier: GPL-3.0-or-later
//! `calhive explain`: the pages of a topic, or the list of all topics.

mod field;
mod list;
mod meaning;
mod page;
mod place;
mod similar;
mod topic;

use std::io::Write;

use anyhow::{Result, bail};

use crate::args::Explain;
use topic::Topic;

/// Runs the subcommand.
///
/// # Errors
/// If no topic has the name, or if writing fails.
pub(crate) fn run(args: &Explain, out: &mut dyn Write) -> Result<()> {
    let topics = Topic::all()?;
    if args.topic.is_empty() {
        return Ok(list::write(out, &topics)?);
    }
    let text = args.topic.join(" ");
    let found: Vec<&Topic> = topics.iter().filter(|topic| topic.is_called(&text)).collect();
    if found.is_empty() {
        let similar = similar::names(&text, &topics);
        let similar = if similar.is_empty() {
            String::new()
        } else {
            format!("; similar: {}", similar.join(", "))
        };
        bail!("no topic has the name {text}{similar}; `calhive explain` lists all topics");
    }
    for (index, topic) in found.into_iter().enumerate() {
        if index > 0 {
            writeln!(out, "\n")?;
        }
        page::write(out, topic)?;
    }
    Ok(())
}
