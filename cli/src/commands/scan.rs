// SPDX-License-Identifier: GPL-3.0-or-later
//! `calhive scan`: licensing facts of all hives in files and folders.

use std::collections::HashSet;
use std::io::Write;
use std::path::Path;

use anyhow::{Result, bail};
use calhive::Access;
use calhive::hive::look_up::LookUp;
use calhive::licensing::{self, Facts, Faults, Options, Source, second_reader};
use calhive_evidence::{Found, Neighbors};

use crate::args::{Scan, ScanFormat};
use crate::digest;
use crate::messages::{Messages, Reasons, count};
use crate::open::{Hash, Input};
use crate::output::{escape, fact_lines, json, report_table};

/// Runs it.
///
/// # Errors
/// Where no hive at all could be read, or the report cannot be written.
pub(crate) fn run(args: &Scan, messages: &Messages, out: &mut dyn Write) -> Result<()> {
    let found = calhive_evidence::find(&args.paths);
    let mut not_read = not_read(&found);
    not_read.iter().for_each(|input| messages.incomplete(input));
    if !args.reading.log.is_empty() && found.hives.len() > 1 {
        bail!(
            "--log names a log of one hive, and there are {}; give that hive alone",
            found.hives.len()
        );
    }
    let (mut collected, mut neighbors) = (Vec::new(), Neighbors::default());
    for path in &found.hives {
        match read(path, &found, args, &mut neighbors, messages) {
            Ok(facts) => collected.push(facts),
            // One hive that cannot be read does not stop the others.
            Err(error) => {
                messages.incomplete(format_args!("{error:#}"));
                not_read.push(format!("{error:#}"));
            }
        }
    }
    if collected.is_empty() {
        bail!("no hive was read; give SYSTEM and SOFTWARE hives, or folders that hold them");
    }
    let report = licensing::interpret(&collected, args.reference_time);
    let with_hives: HashSet<&str> = collected
        .iter()
        .flat_map(|source| &source.replay)
        .flat_map(|replay| &replay.logs)
        .map(|log| log.path.as_str())
        .collect();
    let without = found.logs.saturating_sub(with_hives.len() as u64);
    let summary = summary(&found, collected.len(), (!args.reading.no_replay).then_some(without));
    match args.format {
        ScanFormat::Table => report_table::write(out, &report, &not_read, &summary)?,
        ScanFormat::Json => json::write(out, &report)?,
        ScanFormat::Jsonl => fact_lines::write(out, &report)?,
    }
    if args.format != ScanFormat::Table {
        messages.note(summary);
    }
    Ok(())
}

/// Reads a hive.
fn read(
    path: &Path,
    found: &Found,
    args: &Scan,
    neighbors: &mut Neighbors,
    messages: &Messages,
) -> Result<Facts> {
    messages.step(format_args!("reading {}", path.display()));
    let (look_up, access) = if args.live_only {
        (LookUp::Trusting, Access::Random)
    } else {
        (LookUp::Thorough, Access::Normal)
    };
    let input = Input::open(path, &args.reading, access, neighbors, messages)?;
    let hive = input.hive()?;
    let mut beside = found.corroboration(path);
    // Names of files are a part of the evidence, too.
    beside.iter_mut().flat_map(|it| &mut it.paths).for_each(|path| *path = escape::message(path));
    let mut source = Source::new(hive, escape::path(path)).corroboration(beside);
    if let Some(shift) = input.shift() {
        source = source.fragment(shift, input.base_bytes().len() as u64);
    }
    let hash = if !args.live_only || args.hash { Hash::Taken } else { Hash::NotTaken };
    if hash == Hash::Taken {
        source = source.sha256(digest::sha256([input.base_bytes()]));
    }
    if let Some(report) = input.report(hash) {
        source = source.replayed(input.base_bytes(), report, input.patches());
        // It takes a copy of the hive.
        if !args.live_only {
            source = source.history(input.log_bytes());
        }
    }
    let mut facts = licensing::collect(&source, &Options { look_up });
    if !args.live_only && !args.no_second_reader {
        second_reader::confirm(&mut facts, input.bytes());
    }
    messages.not_whole(path.display(), &reasons(&facts.unread, messages));
    messages.faults(path.display(), &reasons(&facts.faults, messages));
    input.finish(messages);
    Ok(facts)
}

fn reasons(faults: &Faults, messages: &Messages) -> Reasons {
    let mut reasons = messages.reasons();
    faults.first.iter().for_each(|error| reasons.add(error));
    reasons.counted(faults.total)
}

/// What the user named and is no hive, and what could not be opened.
fn not_read(found: &Found) -> Vec<String> {
    let refused = found.refused.iter().map(|refused| {
        let (path, recognized) = (refused.path.display(), refused.recognized);
        let advice = recognized.what_to_do().unwrap_or_default();
        format!("{path} is {recognized}; {advice}")
    });
    let folders = found.without_hives.iter().map(|folder| {
        format!(
            "{} holds no registry hive; give a folder with hives, such as a copy of \
             Windows\\System32\\config, and unpack archives first",
            folder.display()
        )
    });
    let unreadable = found.unreadable.iter().map(ToString::to_string);
    refused.chain(folders).chain(unreadable).collect()
}

/// How many files were found of each kind; `without` is how many logs belong to none of the hives, if
/// logs were read.
fn summary(found: &Found, hives: usize, without: Option<u64>) -> String {
    let mut parts = vec![format!("{} read", count(hives as u64, "hive"))];
    if found.logs > 0 {
        let logs = count(found.logs, "transaction log");
        parts.push(match without {
            None => format!("{logs} not read"),
            Some(0) => format!("{logs} read with the hives"),
            Some(without) => format!("{logs}, of which {without} belong to no hive here"),
        });
    }
    for (number, one, many) in [
        (found.others, "other file is no hive", "other files are no hives"),
        (found.links, "link was not followed", "links were not followed"),
        (found.special, "special file was not opened", "special files were not opened"),
    ] {
        match number {
            0 => {}
            1 => parts.push(format!("1 {one}")),
            _ => parts.push(format!("{number} {many}")),
        }
    }
    parts.join("; ")
}
