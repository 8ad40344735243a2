// SPDX-License-Identifier: GPL-3.0-or-later
//! `calhive recover`: deleted keys and values that are still in a hive or its logs.

use std::io::{self, Write};

use anyhow::Result;
use calhive::{AccessPattern, Hive};
use calhive_regf::log::Plan;
use calhive_regf::recover::{
    LogPlace as PlaceInLog, Recovered, recover_from_logs, recover_overwritten,
};

use serde::Serialize;

use crate::args::{Recover, RecoverFormat};
use crate::messages::{Messages, Reasons, count};
use crate::open;
use crate::output::json::write_line;
use crate::output::recovery::{LogPlace, OlderData, Recoveries, State};
use crate::text::escape;

/// Runs the subcommand.
///
/// # Errors
/// If the file is neither a hive nor a log with hive pages, or if writing fails.
pub(crate) fn run(args: &Recover, messages: &Messages, out: &mut dyn Write) -> Result<()> {
    let input = open::hive_or_log(&args.hive, &args.reading, AccessPattern::Sequential, messages)?;
    let hive = input.hive()?;
    let recovery = hive.recover();
    let mut recoveries = Recoveries::new(&recovery, &[]);
    let mut json = JsonArray::new(args.format == RecoverFormat::Json);
    json.begin(out, &escape::path(&args.hive))?;
    let (mut keys, mut values) = (0_u64, 0_u64);
    let mut show = |found: Recovered<'_, '_>, state: State| -> io::Result<()> {
        let counter = if found.key().is_some() { &mut keys } else { &mut values };
        *counter = counter.saturating_add(1);
        match args.format {
            RecoverFormat::Table => recoveries.text(out, found, state).map(drop),
            RecoverFormat::Jsonl => recoveries.line(out, found, state).map(drop),
            RecoverFormat::Json => match recoveries.record(found, state) {
                Some(record) => json.item(out, &record),
                None => Ok(()),
            },
        }
    };
    for found in recovery.iter() {
        show(found, State::Now)?;
    }
    let older = recovery.overwritten_values();
    let logs: Vec<&[u8]> = input.log_bytes().collect();
    let names: Vec<String> = input.logs().map(escape::path).collect();
    let (mut result, mut limits) = (Ok(()), Vec::new());
    if input.patches().is_some() {
        limits.extend(recover_overwritten(input.base_bytes(), hive, |found| {
            if result.is_ok() {
                result = show(found, State::BeforeReplay);
            }
        })?);
    }
    // If only logs exist, `hive` already holds the pages of the logs.
    if !input.is_logs_alone() {
        let plan = Plan::new(input.base_bytes(), &logs);
        limits.extend(recover_from_logs(&plan, hive, |from, found| {
            if result.is_ok() {
                result = show(found, State::Log(place(&from, found, &names)));
            }
        }));
    }
    result?;
    for value in &older {
        match args.format {
            RecoverFormat::Table => OlderData::text(out, value, &mut recoveries)?,
            RecoverFormat::Jsonl => write_line(out, &OlderData::new(value, &mut recoveries))?,
            RecoverFormat::Json => json.item(out, &OlderData::new(value, &mut recoveries))?,
        }
    }
    json.end(out)?;
    let mut unread = messages.reasons();
    recovery.faults().iter().for_each(|fault| unread.add(fault));
    recoveries.faults().for_each(|fault| unread.add(fault));
    limits.extend(recovery.limits_of_records());
    limits.into_iter().for_each(|limit| unread.add(limit));
    if !input.is_logs_alone() {
        not_whole(hive, &mut unread);
    }
    messages.not_whole(escape::path(&args.hive), &unread);
    messages.note(format_args!("{} and {} recovered", count(keys, "key"), count(values, "value")));
    if !older.is_empty() {
        let values = count(older.len() as u64, "live value");
        messages.note(format_args!(
            "{values} with older bytes behind the present data in the same cell"
        ));
    }
    open::finish(input, messages);
    Ok(())
}

/// Adds the unreadable parts of the tree to `unread`. Live keys and values below an unreadable part can
/// appear as recovered.
fn not_whole(hive: Hive<'_>, unread: &mut Reasons) {
    for entry in hive.walk().with_values(true) {
        match entry {
            Ok(entry) => entry.values.filter_map(Result::err).for_each(|error| unread.add(error)),
            Err(error) => unread.add(error),
        }
    }
}

/// Writes one JSON object with the file and all records, one record at a time.
struct JsonArray {
    is_wanted: bool,
    is_first: bool,
}

impl JsonArray {
    const fn new(is_wanted: bool) -> Self {
        Self { is_wanted, is_first: true }
    }

    fn begin(&self, out: &mut dyn Write, file: &str) -> io::Result<()> {
        if !self.is_wanted {
            return Ok(());
        }
        write!(out, "{{\n\"file\": ")?;
        serde_json::to_writer(&mut *out, file)?;
        write!(out, ",\n\"recovered\": [")
    }

    fn item(&mut self, out: &mut dyn Write, record: &impl Serialize) -> io::Result<()> {
        let separator = if core::mem::replace(&mut self.is_first, false) { "\n" } else { ",\n" };
        out.write_all(separator.as_bytes())?;
        serde_json::to_writer(&mut *out, record)?;
        Ok(())
    }

    fn end(&self, out: &mut dyn Write) -> io::Result<()> {
        if self.is_wanted { writeln!(out, "\n]\n}}") } else { Ok(()) }
    }
}

/// Returns the place of a recovered item in its log.
fn place(from: &PlaceInLog<'_, '_>, found: Recovered<'_, '_>, names: &[String]) -> LogPlace {
    LogPlace {
        log: names.get(from.entry.log).cloned().unwrap_or_default(),
        sequence: from.entry.sequence,
        log_offset: from.log_offset(found.offset()).unwrap_or_default().get(),
    }
}
