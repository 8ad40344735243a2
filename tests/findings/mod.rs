// SPDX-License-Identifier: MIT OR Apache-2.0
//! Conclusions of reports: each finding with hives that raise it and hives that nearly do, the
//! words of findings and answers, and the page of all findings.

mod answers;
mod cases;
mod compared;
mod copies;
mod denial;
mod denying_phrases;
mod growth;
mod page;
mod tags;
mod words;

use calhive::Hive;
use calhive::Report;
use calhive::fact::Source;
use calhive::regf::hive::look_up::LookUp;

/// Report of hives, given by path and bytes.
pub(crate) fn report(files: &[(String, Vec<u8>)]) -> Report {
    let facts: Vec<_> = files
        .iter()
        .map(|(path, bytes)| {
            let hive = Hive::parse(bytes).unwrap();
            let source = Source::new(hive, path.as_str());
            #[cfg_attr(not(feature = "nt-hive"), expect(unused_mut, reason = "no second reader"))]
            let mut facts = calhive::collect(&source, LookUp::Thorough);
            #[cfg(feature = "nt-hive")]
            calhive::second_reader::confirm(&mut facts, bytes);
            facts
        })
        .collect();
    calhive::interpret(&facts, None)
}

/// Codes of the findings of a report.
fn codes(report: &Report) -> Vec<&str> {
    report.findings.iter().map(|finding| finding.code).collect()
}
