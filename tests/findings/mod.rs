// SPDX-License-Identifier: MIT OR Apache-2.0
//! What reports conclude: each finding with hives that raise it and hives that come close, the words of
//! findings and answers, and the page of all findings.

mod answers;
mod cases;
mod compared;
mod page;
mod words;

use calhive::Hive;
use calhive::licensing::{self, Options, Report, Source};

/// The report of hives, by path and bytes.
fn report(files: &[(String, Vec<u8>)]) -> Report {
    let facts: Vec<_> = files
        .iter()
        .map(|(path, bytes)| {
            let hive = Hive::parse(bytes).unwrap();
            licensing::collect(&Source::new(hive, path.as_str()), &Options::default())
        })
        .collect();
    licensing::interpret(&facts, None)
}

/// The codes of the findings of a report.
fn codes(report: &Report) -> Vec<&str> {
    report.findings.iter().map(|finding| finding.code.as_str()).collect()
}
