// SPDX-License-Identifier: GPL-3.0-or-later
//! `calhive explain`: the page of a finding, or the list of all codes.

use std::io::{self, Write};

use anyhow::{Result, bail};
use calhive::findings::{self, FindingPage};

use crate::args::Explain;
use crate::text::wrap;

/// Codes suggested in a message.
const SUGGESTIONS: usize = 5;

/// Runs the subcommand.
///
/// # Errors
/// If no finding has the code, or if writing fails.
pub(crate) fn run(args: &Explain, out: &mut dyn Write) -> Result<()> {
    let Some(code) = &args.code else { return Ok(write_list(out)?) };
    match findings::page(code) {
        Some(page) => Ok(write_page(out, page)?),
        None => bail!(
            "no finding has the code {code}{}; `calhive explain` lists all codes",
            suggestion(code)
        ),
    }
}

fn write_list(out: &mut dyn Write) -> io::Result<()> {
    let width = findings::pages().map(|page| page.code.len()).max().unwrap_or_default();
    findings::pages().try_for_each(|page| writeln!(out, "{:<width$}  {}", page.code, page.title))
}

fn write_page(out: &mut dyn Write, page: &FindingPage) -> io::Result<()> {
    writeln!(out, "{}\n{}\n", page.title, page.code)?;
    writeln!(out, "Severity   {}", page.severity)?;
    writeln!(out, "Certainty  {}", page.certainty)?;
    for (heading, text) in [
        ("When it is raised", page.rule),
        ("What it shows", page.shows),
        ("What it does not show", page.does_not_show),
    ] {
        write_section(out, heading, text)?;
    }
    writeln!(out, "\nInnocent explanations")?;
    for explanation in page.innocent {
        wrap::write(out, "  - ", explanation)?;
    }
    for (heading, text) in [
        ("Validated on", page.validated_on),
        ("How to see the same with another tool", page.reproduce),
        ("Source", page.source),
    ] {
        write_section(out, heading, text)?;
    }
    Ok(())
}

fn write_section(out: &mut dyn Write, heading: &str, text: &str) -> io::Result<()> {
    writeln!(out, "\n{heading}")?;
    wrap::write(out, "  ", text)
}

/// Returns a suggestion for a message: the codes that have the longest common prefix with `code`.
fn suggestion(code: &str) -> String {
    let code = code.to_ascii_lowercase();
    let common = |page: &FindingPage| {
        page.code.chars().zip(code.chars()).take_while(|(a, b)| a == b).count()
    };
    let most = findings::pages().map(common).max().unwrap_or_default();
    if most == 0 {
        return String::new();
    }
    let similar: Vec<&str> = findings::pages()
        .filter(|page| common(page) == most)
        .map(|page| page.code)
        .take(SUGGESTIONS)
        .collect();
    format!("; similar: {}", similar.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_with_a_common_beginning_are_suggested() {
        assert_eq!(suggestion("Client.Token.temp"), "; similar: client.token.temporary");
        assert_eq!(suggestion("0"), "");
        assert!(suggestion("client").split(", ").count() == SUGGESTIONS);
    }
}
