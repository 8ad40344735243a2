// SPDX-License-Identifier: GPL-3.0-or-later
//! `calhive recover`: what was deleted from a hive and still lies in its bytes and logs.

use std::io::{self, Write};

use anyhow::Result;
use calhive::Access;
use calhive::recover::{FromLog, Recovered, recover_left_over, recover_overwritten};
use serde::Serialize;

use crate::args::{Recover, RecoverFormat};
use crate::messages::{Messages, count};
use crate::open::Input;
use crate::output::recovered::{LogPlace, RecoveredRecord, Recoveries, State};
use crate::output::{escape, json};

/// Everything in one object.
#[derive(Serialize)]
struct All {
    file: String,
    recovered: Vec<RecoveredRecord>,
}

/// Runs it.
///
/// # Errors
/// Where there is no hive, or it cannot be written.
pub(crate) fn run(args: &Recover, messages: &Messages, out: &mut dyn Write) -> Result<()> {
    let input = Input::open_one(&args.hive, &args.reading, Access::Sequential, messages)?;
    let hive = input.hive()?;
    let mut recoveries = Recoveries::new(hive.file_length(), &[]);
    let mut all = Vec::new();
    let (mut keys, mut values) = (0_u64, 0_u64);
    let mut show = |found: Recovered<'_, '_>, state: State| -> io::Result<()> {
        let counter = if found.key().is_some() { &mut keys } else { &mut values };
        *counter = counter.saturating_add(1);
        match args.format {
            RecoverFormat::Table => recoveries.text(out, found, state).map(drop),
            RecoverFormat::Jsonl => recoveries.line(out, found, state).map(drop),
            RecoverFormat::Json => {
                all.extend(recoveries.record(found, state));
                Ok(())
            }
        }
    };
    let recovery = hive.recover();
    for found in recovery.iter() {
        show(found, State::Now)?;
    }
    let logs: Vec<&[u8]> = input.log_bytes().collect();
    let names: Vec<String> = input.logs().map(escape::path).collect();
    let mut result = Ok(());
    if input.patches().is_some() {
        recover_overwritten(input.base_bytes(), hive, |found| {
            if result.is_ok() {
                result = show(found, State::BeforeReplay);
            }
        })?;
    }
    recover_left_over(input.base_bytes(), hive, &logs, |from, found| {
        if result.is_ok() {
            result = show(found, State::Log(place(&from, found, &names)));
        }
    });
    result?;
    if args.format == RecoverFormat::Json {
        let file = escape::path(&args.hive);
        json::write(out, &All { file, recovered: all })?;
    }
    let mut reached = messages.reasons();
    recovery.faults().iter().for_each(|fault| reached.add(fault));
    messages.not_whole(args.hive.display(), &reached);
    messages.note(format_args!("{} and {} recovered", count(keys, "key"), count(values, "value")));
    input.finish(messages);
    Ok(())
}

/// Where in its log something stands.
fn place(from: &FromLog<'_, '_>, found: Recovered<'_, '_>, names: &[String]) -> LogPlace {
    LogPlace {
        log: names.get(from.entry.log).cloned().unwrap_or_default(),
        sequence: from.entry.sequence,
        log_offset: from.log_offset(found.offset()).unwrap_or_default().get(),
    }
}
