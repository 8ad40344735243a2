// SPDX-License-Identifier: GPL-3.0-or-later
//! Answers about a host, further evidence that could confirm or contradict the answers, and
//! findings with one line each.

use std::io::{self, Write};

use calhive::meaning::Certainty;
use calhive::report::{Answer, Finding, Host, Report};
use calhive_evidence::{Corroboration, Presence};

/// Writes the answers, the further evidence and the findings of a host.
pub(crate) fn write(out: &mut dyn Write, report: &Report, host: &Host) -> io::Result<()> {
    writeln!(out, "\n  Answers")?;
    writeln!(out, "    Reference time: {}.", host.reference_time.statement)?;
    host.answers.iter().try_for_each(|answer| write_answer(out, answer))?;
    write_corroboration(out, &host.corroboration)?;
    let is_ours = |finding: &&Finding| finding.hosts.contains(&host.id);
    let findings: Vec<&Finding> = report.findings.iter().filter(is_ours).collect();
    if findings.is_empty() {
        return writeln!(out, "\n  Findings: none\n");
    }
    writeln!(out, "\n  Findings (each in full at the end)")?;
    findings.iter().try_for_each(|finding| write_line(out, finding))?;
    writeln!(out)
}

/// Writes a finding in one line.
pub(crate) fn write_line(out: &mut dyn Write, finding: &Finding) -> io::Result<()> {
    let Finding { id, code, severity, statement, .. } = finding;
    writeln!(out, "    {id} {code} ({severity}): {statement}")
}

fn write_answer(out: &mut dyn Write, answer: &Answer) -> io::Result<()> {
    let evidence = [&answer.tokens[..], &answer.facts].concat().join(", ");
    // The text of the answer says what is not shown.
    let certainty =
        (answer.certainty != Certainty::NotDeterminable).then(|| answer.certainty.to_string());
    let marks: Vec<String> =
        certainty.into_iter().chain((!evidence.is_empty()).then_some(evidence)).collect();
    let marks = if marks.is_empty() { String::new() } else { format!(" ({})", marks.join("; ")) };
    writeln!(out, "    {}", answer.question)?;
    writeln!(out, "      {}{marks}", answer.shown)?;
    if !answer.not_shown.is_empty() {
        writeln!(out, "      Not shown: {}", answer.not_shown)?;
    }
    for (label, parts) in
        [("Other explanations", &answer.alternatives), ("Next evidence", &answer.next_evidence)]
    {
        if !parts.is_empty() {
            writeln!(out, "      {label}: {}.", parts.join("; "))?;
        }
    }
    Ok(())
}

/// Writes the further evidence, grouped by presence.
fn write_corroboration(out: &mut dyn Write, all: &[Corroboration]) -> io::Result<()> {
    if all.is_empty() {
        return Ok(());
    }
    writeln!(out, "    Evidence beside the hives (not read)")?;
    for state in [Presence::Present, Presence::Absent, Presence::NotSearched] {
        let of: Vec<String> = all
            .iter()
            .filter(|beside| beside.state == state)
            .map(|Corroboration { what, paths, .. }| match paths.as_slice() {
                [] => what.clone(),
                paths => format!("{what} ({})", paths.join(", ")),
            })
            .collect();
        let state = match state {
            Presence::Absent => String::from("absent from what was searched"),
            _ => state.to_string(),
        };
        if !of.is_empty() {
            writeln!(out, "      {state}: {}", of.join("; "))?;
        }
    }
    Ok(())
}
