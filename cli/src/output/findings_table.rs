// SPDX-License-Identifier: GPL-3.0-or-later
//! Findings in full: observations with their places, what they show and do not show, and innocent
//! explanations.

use std::io::{self, Write};

use calhive::report::Finding;

/// Maximum number of observations shown for one finding. The JSON report has all of them.
const OBSERVED: usize = 12;

/// Writes all findings.
pub(crate) fn write<'r>(
    out: &mut dyn Write,
    findings: impl Iterator<Item = &'r Finding>,
) -> io::Result<()> {
    let mut findings = findings.peekable();
    if findings.peek().is_none() {
        return Ok(());
    }
    writeln!(out, "Findings in full")?;
    findings.try_for_each(|finding| write_card(out, finding))?;
    writeln!(out)
}

fn write_card(out: &mut dyn Write, finding: &Finding) -> io::Result<()> {
    let Finding { id, code, severity, certainty, title, hosts, .. } = finding;
    writeln!(out, "  {id} {code}, {}: {title} ({severity}; {certainty})", hosts.join(", "))?;
    writeln!(out, "    {}", finding.statement)?;
    for observed in finding.observed.iter().take(OBSERVED) {
        writeln!(out, "    Observed: {observed}")?;
    }
    let more = finding.observed.len().saturating_sub(OBSERVED);
    if more > 0 {
        writeln!(out, "    Observed: and {more} more, in the JSON report")?;
    }
    writeln!(out, "    Shows: {}", finding.shows)?;
    writeln!(out, "    Does not show: {}", finding.does_not_show)?;
    writeln!(out, "    Innocent explanations: {}.", finding.innocent_explanations.join("; "))?;
    writeln!(out, "    Validated on: {}.", finding.validated_on)?;
    writeln!(out, "    To reproduce: {}.", finding.reproduce)?;
    writeln!(out, "    Source: {}.", finding.reference)
}
