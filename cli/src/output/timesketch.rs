// SPDX-License-Identifier: GPL-3.0-or-later
//! Dated events as JSON Lines for Timesketch (`scan --format timesketch`).
//!
//! # Format
//!
//! Timesketch imports a file whose name ends with `.jsonl`. Each event with a time is one JSON object a line:
//!
//! | Field | Meaning |
//! |---|---|
//! | `message` | what happened, how certain it is, and the clock |
//! | `datetime` | time in ISO 8601, UTC, with six digits of a second (rounded down) |
//! | `timestamp` | the same time, in microseconds since 1970 |
//! | `timestamp_desc` | kind of the time, such as "Key last written" |
//! | `data_type` | always `windows:registry:remote_desktop_licensing` |
//! | `filetime` | the exact time: FILETIME as decimal digits |
//! | `hostname`, `host_id` | computer name in the hives, and id of the host in the report |
//! | `event_id`, `event_code`, `certainty`, `clock` | the event in the report |
//! | `fact_ids`, `evidence_ids`, `token_ids` | facts and tokens behind the event |
//! | `finding_codes` | codes of the findings that cite one of these facts or tokens |
//! | `fact_code`, `origin` | entry of the first fact in the catalog, and its origin |
//! | `hive_path`, `hive_type`, `source_sha256` | hive of the first fact |
//! | `key_path`, `value_name`, `value_type`, `value_data`, `offset` | place and data of the first fact |
//! | `before`, `after` | value before and after a change in a transaction log |
//! | `log`, `log_sequence`, `log_offset` | entry of the transaction log |
//!
//! A field without a value is absent. There are no raw bytes and no certificates. OpenSearch refuses fields
//! of 32,766 bytes and more, so longer text is cut and ends with `…`.
//!
//! The importer of Timesketch cannot hold times before 1970 or after 2262-04-11. Such events are left out,
//! and so are events without a time. Standard error has the numbers of left-out events and of cut fields.

use core::ops::RangeInclusive;
use std::io::{self, Write};

use calhive::report::{ChangeStateReport, FactReport, Report};
use serde_json::{Map, Value, json};

use crate::output::dated_event::{DatedEvent, kind_of_time};
use crate::output::json;
use crate::output::left_out::LeftOut;
use crate::output::report_index::ReportIndex;

/// Seconds from 1970 to the last day that 64 bits of nanoseconds can hold.
const SECONDS: RangeInclusive<i64> = 0..=9_223_286_399;
/// Longest text of a field, in bytes. OpenSearch refuses keywords of 32,766 bytes and more.
const LONGEST: usize = 32_765;
/// Longest list of ids.
const MOST_IDS: usize = 500;
const DATA_TYPE: &str = "windows:registry:remote_desktop_licensing";

/// Writes one line for each dated event.
pub(crate) fn write(out: &mut dyn Write, report: &Report) -> io::Result<LeftOut> {
    let index = ReportIndex::new(report);
    let (events, mut left_out) = DatedEvent::all(report, &index, &SECONDS);
    let mut cut = 0;
    for event in events {
        let mut line = Line { fields: Map::new(), cut: 0 };
        line.event(&event, &index);
        line.change(&event);
        if let Some(fact) = event.fact {
            line.fact(fact);
        }
        cut = line.cut.saturating_add(cut);
        json::write_line(out, &Value::Object(line.fields))?;
    }
    left_out.add(cut, "shortened field", "shortened fields");
    Ok(left_out)
}

/// A line, and the number of its fields that were cut.
struct Line {
    fields: Map<String, Value>,
    cut: u64,
}

impl Line {
    /// Adds text, cut to the longest that OpenSearch takes.
    fn text(&mut self, name: &str, text: Option<impl AsRef<str>>) {
        let Some(text) = text else { return };
        let (text, is_cut) = cut(text.as_ref());
        self.cut = self.cut.saturating_add(u64::from(is_cut));
        self.fields.insert(name.into(), text.into());
    }

    fn number(&mut self, name: &str, number: impl Into<Value>) {
        self.fields.insert(name.into(), number.into());
    }

    fn ids<'a>(&mut self, name: &str, ids: impl Iterator<Item = &'a str>) {
        let mut ids: Vec<&str> = ids.take(MOST_IDS.saturating_add(1)).collect();
        if ids.len() > MOST_IDS {
            ids.truncate(MOST_IDS);
            self.cut = self.cut.saturating_add(1);
        }
        if !ids.is_empty() {
            self.fields.insert(name.into(), json!(ids));
        }
    }

    fn event(&mut self, event: &DatedEvent<'_>, index: &ReportIndex<'_>) {
        let of = event.event;
        let microseconds = event.time.unix_nanoseconds().div_euclid(1000);
        self.text(
            "message",
            Some(format!("{} ({}, clock of {})", of.meaning, of.certainty, of.clock)),
        );
        self.text("datetime", Some(datetime(event)));
        self.number("timestamp", i64::try_from(microseconds).unwrap_or_default());
        self.text("timestamp_desc", Some(kind_of_time(of.code)));
        self.text("data_type", Some(DATA_TYPE));
        self.text("filetime", Some(event.time.raw().to_string()));
        self.text("hostname", Some(event.host_name()));
        self.text("host_id", Some(&of.host));
        self.text("event_id", Some(&of.id));
        self.text("event_code", Some(of.code.as_str()));
        self.text("certainty", Some(of.certainty.to_string()));
        self.text("clock", Some(of.clock.to_string()));
        self.ids("fact_ids", of.facts.iter().map(String::as_str));
        let facts = of.facts.iter().filter_map(|id| index.fact(id));
        self.ids("evidence_ids", facts.map(|fact| fact.evidence_id.as_str()));
        self.ids("token_ids", of.tokens.iter().map(String::as_str));
        let cited = of.facts.iter().chain(&of.tokens);
        self.ids("finding_codes", index.finding_codes(cited).into_iter());
        if let Some(source) = event.source {
            self.text("hive_path", Some(&source.path));
            self.text("hive_type", Some(source.kind.to_string()));
            self.text("source_sha256", source.sha256.as_ref());
        }
    }

    fn fact(&mut self, fact: &FactReport) {
        let place = &fact.provenance;
        self.text("fact_code", Some(fact.code.as_str()));
        self.text("origin", Some(place.origin.as_str()));
        if !self.fields.contains_key("key_path") {
            self.text("key_path", Some(&place.key_path));
            self.text("value_name", place.value_name.as_ref());
            self.text("value_type", place.value_type.as_ref());
            self.text("value_data", fact.shown.as_ref());
        }
        if let Some(offset) = place.value_offset.or(place.key_offset) {
            self.number("offset", offset);
        }
        if let Some(line) = place.line {
            self.number("line", line);
        }
    }

    fn change(&mut self, event: &DatedEvent<'_>) {
        let Some(change) = &event.event.change else { return };
        let shown = |state: &Option<ChangeStateReport>| state.as_ref()?.shown.clone();
        self.text("key_path", Some(&change.key_path));
        self.text("value_name", change.value_name.as_ref());
        self.text("before", shown(&change.before));
        self.text("after", shown(&change.after));
        self.text("log", Some(&change.from_log.log));
        self.number("log_sequence", change.from_log.sequence);
        self.number("log_offset", change.from_log.log_offset);
    }
}

/// Returns the time with six digits of a second and the offset from UTC.
fn datetime(event: &DatedEvent<'_>) -> String {
    let time = event.time.to_string();
    let microseconds = time.get(..26).unwrap_or(&time);
    format!("{microseconds}+00:00")
}

/// Returns the text, cut at a character, and whether it was cut.
fn cut(text: &str) -> (String, bool) {
    if text.len() <= LONGEST {
        return (text.to_owned(), false);
    }
    let mut end = LONGEST.saturating_sub('…'.len_utf8());
    while !text.is_char_boundary(end) {
        end = end.saturating_sub(1);
    }
    (format!("{}…", text.get(..end).unwrap_or_default()), true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_text_is_cut_at_a_character() {
        let whole = "a".repeat(LONGEST);
        assert_eq!(cut(&whole), (whole.clone(), false));
        let (shown, is_cut) = cut(&"許".repeat(20_000));
        assert!(is_cut && shown.len() <= LONGEST && shown.ends_with("許…"), "{}", shown.len());
        assert_eq!(shown.chars().count(), 10_921);
    }
}
