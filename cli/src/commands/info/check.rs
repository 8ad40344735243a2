// SPDX-License-Identifier: GPL-3.0-or-later
//! `calhive info --check`: every fault of a hive.

use std::collections::HashSet;
use std::io::Write;

use anyhow::Result;
use calhive::{Error, ErrorKind, Hive};
use calhive_regf::hive::violation::{Grade, Violation};
use serde::Serialize;

use crate::args::InfoFormat;
use crate::messages::{Messages, Reasons, count};
use crate::output::json;

#[derive(Serialize)]
struct Checked {
    fault_count: u64,
    faults: Vec<Fault>,
}

#[derive(Serialize)]
struct Fault {
    offset: u64,
    severity: String,
    error: String,
}

/// Lists every fault. Also adds unreadable parts of the tree to `unread`.
///
/// # Errors
/// If writing fails.
pub(super) fn run(
    out: &mut dyn Write,
    format: InfoFormat,
    hive: Hive<'_>,
    messages: &Messages,
    unread: &mut Reasons,
) -> Result<()> {
    let mut faults: Vec<Violation> = Vec::new();
    let left_out = hive.check(|fault| faults.push(fault));
    faults.sort_by_key(|fault| fault.error.offset());
    // After a limit was reached, the hive may have more faults than listed.
    let is_loss = |fault: &&Violation| {
        fault.grade == Grade::Loss || matches!(fault.error.kind(), ErrorKind::LimitReached { .. })
    };
    let mut lost: HashSet<Error> = HashSet::new();
    for fault in faults.iter().filter(is_loss) {
        if lost.insert(fault.error) {
            unread.add(fault.error);
        }
    }
    match format {
        InfoFormat::Table => {
            for fault in &faults {
                let Violation { error, grade } = fault;
                writeln!(out, "{:#010x}  {grade:13}  {}", error.offset().get(), error.kind())?;
            }
            if faults.is_empty() {
                writeln!(out, "no faults")?;
            }
        }
        InfoFormat::Json => {
            let faults = faults.iter().map(|fault| Fault {
                offset: fault.error.offset().get(),
                severity: fault.grade.to_string(),
                error: fault.error.kind().to_string(),
            });
            let faults: Vec<Fault> = faults.collect();
            json::write(out, &Checked { fault_count: faults.len() as u64, faults })?;
        }
    }
    messages.note(format_args!("{} found", count(faults.len() as u64, "fault")));
    if left_out > 0 {
        messages.incomplete(format_args!("{} left out of the list", count(left_out, "fault")));
    }
    let mut add = |error: Error| {
        if !lost.contains(&error) {
            unread.add(error);
        }
    };
    for entry in hive.walk().with_values(true) {
        match entry {
            Ok(entry) => entry.values.filter_map(Result::err).for_each(&mut add),
            Err(error) => add(error),
        }
    }
    Ok(())
}
