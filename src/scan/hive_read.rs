// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`HiveRead`]: the facts of one hive, with the notices of reading.

use alloc::string::String;
use alloc::vec::Vec;
use std::path::Path;

use calhive_evidence::{Found, Hash, Held, Notice, OpenError, OpenHive, Opener};
use calhive_regf::hive::look_up::LookUp;
use calhive_regf::{AccessPattern, FileError};

use crate::collect::collect_beside;
use crate::fact::{Facts, Source};
use crate::scan::options::Options;
#[cfg(feature = "nt-hive")]
use crate::second_reader;
use crate::threads::Taken;

/// What came of reading a hive.
pub(super) struct HiveRead {
    pub(super) notices: Vec<Notice>,
    pub(super) facts: Result<Facts, OpenError>,
    /// Notices after the last access to the hive.
    pub(super) ended: Vec<Notice>,
}

impl HiveRead {
    /// Reads a hive with its logs. Hashes the files on a thread of their own if one is idle.
    pub(super) fn of<H: Held>(
        opener: &mut Opener<'_, impl Fn(&Path, AccessPattern) -> Result<H, FileError>>,
        path: &Path,
        found: &Found,
        options: &Options,
        worker: &Taken<'_>,
    ) -> Self {
        let (mut notices, mut ended) = (Vec::new(), Vec::new());
        let hive = opener.hive(path, options.access(), &mut |notice| notices.push(notice));
        let facts = hive.and_then(|hive| {
            let facts = facts(&hive, found, options, worker)?;
            ended = hive.finish();
            Ok(facts)
        });
        Self { notices, facts, ended }
    }
}

/// Collects the facts of a hive, checks each fact with the second reader, and adds the hashes of the files.
fn facts<H: Held>(
    hive: &OpenHive<H>,
    found: &Found,
    options: &Options,
    worker: &Taken<'_>,
) -> Result<Facts, OpenError> {
    let source = source(hive, found, options)?;
    let read = || {
        let facts = collect_beside(worker, &source, options.look_up);
        checked(facts, hive, options)
    };
    if !options.is_hashed() {
        return Ok(read());
    }
    let (base, logs): (&[u8], Vec<&[u8]>) = (hive.base_bytes(), hive.log_bytes().collect());
    let hash = || Hashes::of(base, &logs);
    let (mut facts, hashes) = worker.both(read, hash);
    hashes.add_to(&mut facts);
    Ok(facts)
}

/// Returns the hive as a source, without hashes.
fn source<'h, H: Held>(
    hive: &'h OpenHive<H>,
    found: &Found,
    options: &Options,
) -> Result<Source<'h>, OpenError> {
    let mut beside = found.corroboration(hive.path());
    // File names are untrusted evidence too, so escape unusual characters.
    let paths = beside.iter_mut().flat_map(|it| &mut it.paths);
    paths.for_each(|path| *path = calhive_evidence::escape::text(path));
    let path = calhive_evidence::escape::path(hive.path());
    let others = found.beside(hive.path());
    let mut source = Source::new(hive.hive()?, path)
        .corroboration(beside)
        .locator(found.locator(hive.path()).cloned())
        .beside(others.iter().map(|path| calhive_evidence::escape::path(path)).collect());
    if let Some(path) = found.real_path(hive.path()) {
        source = source.real_path(path);
    }
    if let Some(shift) = hive.shift() {
        source = source.fragment(shift, hive.base_bytes().len() as u64);
    }
    if let Some(report) = hive.report(Hash::NotTaken) {
        source = source.replayed(hive.base_bytes(), report, hive.patches());
        // The history needs a copy of the hive in memory.
        if options.look_up == LookUp::Thorough {
            source = source.history(hive.log_bytes());
        }
    }
    Ok(source)
}

/// Checks each fact with the second reader, if the options ask for this. Gives unused memory of the facts back,
/// because a scan keeps the facts of all hives.
#[cfg_attr(
    not(feature = "nt-hive"),
    allow(unused_variables, reason = "only the second reader uses the hive")
)]
fn checked<H: Held>(mut facts: Facts, hive: &OpenHive<H>, options: &Options) -> Facts {
    #[cfg(feature = "nt-hive")]
    if options.look_up == LookUp::Thorough && options.has_second_reader {
        second_reader::confirm(&mut facts, hive.bytes());
    }
    facts.facts.shrink_to_fit();
    facts
}

/// SHA-256 of a hive and its logs, in hex.
#[derive(Default)]
struct Hashes {
    hive: Option<String>,
    logs: Vec<Option<String>>,
}

impl Hashes {
    fn of(hive: &[u8], logs: &[&[u8]]) -> Self {
        let hash = |bytes: &[u8]| Hash::Taken.of(bytes);
        Self { hive: hash(hive), logs: logs.iter().map(|log| hash(log)).collect() }
    }

    fn add_to(self, facts: &mut Facts) {
        facts.sha256 = self.hive;
        let logs = facts.replay.iter_mut().flat_map(|replay| &mut replay.logs);
        logs.zip(self.logs).for_each(|(log, sha256)| log.sha256 = sha256);
    }
}
