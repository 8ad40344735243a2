// SPDX-License-Identifier: GPL-3.0-or-later
//! The report as one HTML file (`scan --format html`).
//!
//! # Format
//!
//! The file needs no network and no second file. Its policy (`Content-Security-Policy`) allows nothing but the
//! two style sheets and the script in the file, each by its SHA-256. Without scripts, the whole report is
//! readable: the script only filters and sorts tables.
//!
//! - Each part of the report has its id as an anchor, so `#fact-12` leads to the row of that fact.
//! - `<script type="application/json" id="report">` holds the JSON report. JSON escapes replace `<`, `>` and
//!   deceptive characters, so the text decodes to the same report.
//! - The report id is the SHA-256 of the bytes between these two tags, without the line feeds at both ends. Its
//!   first 16 digits are on every printed page.
//! - Text from the evidence is first escaped as in every format, such as `\u{202E}`, and then for HTML.

mod axis;
mod chart;
pub(crate) mod comparison;
mod copies;
mod document;
mod event_table;
mod fact_table;
mod finding_cards;
mod front;
mod gaps;
mod grid;
mod host_pages;
mod issuers;
mod lane;
mod moment;
mod months;
mod page;
mod policy;
mod print;
mod prose;
mod sources;
mod token_cards;

use std::io::{self, Write};

use calhive::report::Report;
use jiff::tz::TimeZone;

use crate::args::Case;
use page::Page;

/// What the command adds to a report on paper.
#[derive(Debug)]
pub(crate) struct Cover<'c> {
    /// Case, exhibit and examiner.
    pub(crate) case: &'c Case,
    /// Time zone of the local times beside UTC.
    pub(crate) time_zone: Option<&'c TimeZone>,
    /// Number of files of each kind, in words.
    pub(crate) summary: &'c str,
}

/// Writes the report as one HTML file.
pub(crate) fn write(out: &mut dyn Write, report: &Report, cover: &Cover<'_>) -> io::Result<()> {
    document::write(out, &Page::new(report, cover)?)
}
