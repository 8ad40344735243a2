// SPDX-License-Identifier: MIT OR Apache-2.0
//! calhive: one stage of the scan of a host, by the public functions of the libraries.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    clippy::cast_possible_truncation,
    missing_docs,
    unreachable_pub,
    reason = "a benchmark may fail"
)]

#[path = "../support/reader.rs"]
mod reader;
use std::path::Path;

use calhive::evidence::{self, Hash, LogChoice, OpenHive, Opener};
use calhive::fact::{Facts, Source};
use calhive::regf::hive::look_up::LookUp;
use calhive::{AccessPattern, FileError, Image, Report, second_reader};
use reader::{Seen, Task};

fn main() {
    let Some(task) = Task::from_arguments() else { return };
    let hive = open(&task.hive);
    let parsed = hive.hive().unwrap();
    let facts = || collected(&hive);
    let seen = |number: usize| Seen { keys: number as u64, ..Seen::default() };
    match task.part.as_str() {
        "open" => task.run(|| (), |()| seen(open(&task.hive).bytes().len())),
        "hash" => task.run(
            || (),
            |()| {
                let report = hive.report(Hash::Taken);
                seen(
                    hive.sha256(Hash::Taken).map_or(0, |hash| hash.len())
                        + usize::from(report.is_some()),
                )
            },
        ),
        "walk" => task.run(|| (), |()| seen(parsed.walk().with_values(true).count())),
        "hidden" => task.run(|| (), |()| seen(parsed.hidden().iter().count())),
        "recover" => task.run(|| (), |()| seen(parsed.recover().len())),
        "collect" => task.run(|| (), |()| seen(facts().facts.len())),
        "second-reader" => task.run(facts, |facts| {
            second_reader::confirm(facts, hive.bytes());
            seen(facts.facts.len())
        }),
        "interpret" => task.run(facts, |facts| seen(interpreted(facts).findings.len())),
        "write" => {
            let report = interpreted(&facts());
            task.run(|| (), |()| seen(serde_json::to_vec(&report).unwrap().len()));
        }
        part => panic!("no stage is named {part:?}"),
    }
}

/// Finds and maps the hive, and applies its logs.
fn open(path: &Path) -> OpenHive<Image> {
    let found = evidence::find(&[path]);
    let logs = LogChoice::Beside;
    let mut opener = Opener::new(map, &logs).inside(&found);
    opener.hive(path, AccessPattern::Normal, &mut |_| {}).unwrap()
}

#[allow(unsafe_code, reason = "mapping the files")]
fn map(path: &Path, access: AccessPattern) -> Result<Image, FileError> {
    // SAFETY: nobody writes to the files while the benchmark runs.
    unsafe { Image::map(path, access) }
}

/// Facts of the hive, without hashes, as `scan` collects them.
fn collected(hive: &OpenHive<Image>) -> Facts {
    let mut source = Source::new(hive.hive().unwrap(), "SYSTEM");
    if let Some(report) = hive.report(Hash::NotTaken) {
        source =
            source.replayed(hive.base_bytes(), report, hive.patches()).history(hive.log_bytes());
    }
    calhive::collect(&source, LookUp::Thorough)
}

fn interpreted(facts: &Facts) -> Report {
    calhive::interpret(std::slice::from_ref(facts), None)
}
