// SPDX-License-Identifier: GPL-3.0-or-later
//! What a host is examined for: the answers, the evidence that would bear on them, and its findings in a
//! sentence each.

use std::io::{self, Write};

use calhive::meaning::Certainty;
use calhive::report::{Answer, Finding, Host, Report};
use calhive_evidence::{Corroboration, Presence};

/// Writes it.
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

/// A finding in a sentence.
pub(crate) fn write_line(out: &mut dyn Write, finding: &Finding) -> io::Result<()> {
    let Finding { id, code, severity, statement, .. } = finding;
    writeln!(out, "    {id} {code} ({severity}): {statement}")
}

fn write_answer(out: &mut dyn Write, answer: &Answer) -> io::Result<()> {
    let evidence = [&answer.tokens[..], &answer.facts].concat().join(", ");
    // An answer that says "not determinable" needs no second mark of it.
    let certainty =
        (answer.certainty != Certainty::NotDeterminable).then(|| answer.certainty.to_string());
    let marks: Vec<String> =
        certainty.into_iter().chain((!evidence.is_empty()).then_some(evidence)).collect();
    let marks = if marks.is_empty() { String::new() } else { format!(" ({})", marks.join("; ")) };
    writeln!(out, "    {}", answer.question)?;
    writeln!(out, "      {}{marks}", answer.answer)?;
    for (label, parts) in
        [("Other explanations", &answer.alternatives), ("Next evidence", &answer.next_evidence)]
    {
        if !parts.is_empty() {
            writeln!(out, "      {label}: {}.", parts.join("; "))?;
        }
    }
    Ok(())
}

/// What lies beside the hives, by whether it is there.
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
