// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`scan`]: turns files and folders into a report.

use alloc::vec::Vec;
use core::cell::RefCell;
use core::ops::ControlFlow;
use std::path::{Path, PathBuf};

use calhive_evidence::{CarvedMatch, Found, Held, LiveRows, LogChoice, NotRead, Notice, Opener};
use calhive_regf::{AccessPattern, FileError};
use sha2::{Digest as _, Sha256};

use crate::collect::{
    collect_export, collect_license_file, collect_live_rows, collect_unallocated,
};
use crate::fact::{Facts, FileCopy};
use crate::interpret::interpret_on;
use crate::meaning::text;
use crate::order::ordered;
use crate::report::{InputReport, Report, SkippedReport};

mod copies;
mod error;
#[cfg(feature = "grace-end")]
mod grace_end;
mod hive_read;
mod options;
mod pairs;
mod step;

use crate::threads::Threads;
pub use error::{PairFault, ScanError};
use hive_read::HiveRead;
pub use options::Options;
pub use step::ScanStep;

/// Finds the hives in files and folders, applies their transaction logs in memory, and reports their content
/// about Remote Desktop licensing.
///
/// calhive recognizes a hive by its content. For a dirty hive, calhive also reads the logs beside
/// the hive, because only these logs can contain the newest changes. The report lists unread inputs
/// in [`Report::not_read`], and faults in [`Report::sources`].
///
/// ```
/// # let evidence = std::env::temp_dir().join(format!("calhive-scan-{}", std::process::id()));
/// # let scenarios = hive_forge::scenario::with_logs();
/// # let host = scenarios.iter().find(|it| it.name == "windows-server-2019-settings-in-logs").unwrap();
/// # for (name, bytes) in host.files() {
/// #     let path = evidence.join(name);
/// #     std::fs::create_dir_all(path.parent().unwrap())?;
/// #     std::fs::write(path, bytes)?;
/// # }
/// let report = calhive::scan([&evidence], &calhive::Options::default())?;
/// for host in &report.hosts {
///     println!("{}: licensing mode {}", host.id, host.licensing_mode.statement);
/// }
/// assert!(report.not_read.is_empty());
/// # assert_eq!(report.hosts.len(), 1);
/// # std::fs::remove_dir_all(evidence)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// If no hive could be read, if logs are named for more than one hive, or if a [pair](Options::pair) cannot be
/// made.
pub fn scan<P: AsRef<Path>>(
    paths: impl IntoIterator<Item = P>,
    options: &Options,
) -> Result<Report, ScanError> {
    let mut paths: Vec<PathBuf> = paths.into_iter().map(|path| path.as_ref().into()).collect();
    paths.extend(options.pairs.iter().flat_map(|(system, software)| [system, software]).cloned());
    scan_found(
        &calhive_evidence::find_with(&paths, &options.search, &mut |_| ControlFlow::Continue(())),
        options,
        options.open,
        |_| ControlFlow::Continue(()),
    )
}

/// Scans hives that are already found, in the same way as [`scan`]. `open` maps or reads each file,
/// and `notify` receives each step. If `notify` breaks, calhive reads no further hive, and reports
/// the hives that it did not read in [`Report::not_read`].
///
/// # Errors
/// The same as for [`scan`].
pub fn scan_found<H: Held>(
    found: &Found,
    options: &Options,
    open: impl Fn(&Path, AccessPattern) -> Result<H, FileError> + Sync,
    notify: impl FnMut(ScanStep<'_>) -> ControlFlow<()>,
) -> Result<Report, ScanError> {
    let mut log = Log { notify, is_interrupted: false, not_read: Vec::new() };
    found.not_read().into_iter().for_each(|input| log.not_read(input));
    let hives = found.hives.len();
    if hives > 1 && matches!(&options.logs, LogChoice::Named(logs) if !logs.is_empty()) {
        return Err(ScanError::LogsOfSeveralHives { hives });
    }
    let mut collected = read_hives(found, options, &open, &mut log);
    read_others(found, options, &open, &mut log, &mut collected);
    let changed = found.inputs().flat_map(|(input, _)| input.changed());
    changed.for_each(|file| log.not_read(NotRead::changed(file)));
    let Log { is_interrupted, not_read, .. } = log;
    if collected.is_empty() {
        return Err(ScanError::NothingRead { not_read });
    }
    match pairs::mark(&mut collected, &options.pairs) {
        // An interrupted scan may not have read both hives of a pair.
        Err(_) if is_interrupted => {}
        marked => marked?,
    }
    #[cfg(feature = "grace-end")]
    if options.opens_grace_end && !is_interrupted {
        grace_end::add(found, options, &open, &mut collected);
    }
    let collected = copies::merged(collected);
    Ok(Report {
        not_read,
        inputs: found
            .inputs()
            .map(|(input, bytes_read)| InputReport::new(input, bytes_read))
            .collect(),
        skipped: SkippedReport::new(found),
        ..interpret_on(options.threads, &collected, options.reference_time)
    })
}

/// Reads all hives, on several threads. The order of the facts and steps does not depend on the threads.
fn read_hives<H: Held, N: FnMut(ScanStep<'_>) -> ControlFlow<()>>(
    found: &Found,
    options: &Options,
    open: &(impl Fn(&Path, AccessPattern) -> Result<H, FileError> + Sync),
    log: &mut Log<N>,
) -> Vec<Facts> {
    let folders: Vec<&[PathBuf]> =
        found.hives.chunk_by(|one, other| one.parent() == other.parent()).collect();
    let threads = Threads::beside(options.threads, folders.len());
    let worker = || {
        let mut opener = Opener::new(open, &options.logs).inside(found);
        let worker = threads.work();
        // One worker reads all hives of a folder: each worker reads the logs of a folder only once.
        move |hives: &&[PathBuf]| {
            let read = |path: &PathBuf| HiveRead::of(&mut opener, path, found, options, &worker);
            hives.iter().map(read).collect::<Vec<HiveRead>>()
        }
    };
    let (log, mut collected) = (RefCell::new(log), Vec::new());
    let before = |hives: &&[PathBuf]| {
        let mut log = log.borrow_mut();
        hives.iter().take(1).for_each(|path| log.step(ScanStep::Reading(path)));
        if log.is_interrupted { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let after = |hives: &&[PathBuf], reads: Vec<HiveRead>| {
        let mut log = log.borrow_mut();
        for (index, (path, read)) in hives.iter().zip(reads).enumerate() {
            if index > 0 {
                log.step(ScanStep::Reading(path));
            }
            collected.extend(log.hive(path, read));
        }
    };
    let read = ordered(&folders, options.threads, worker, before, after);
    let rest = folders.iter().skip(read).flat_map(|hives| hives.iter());
    rest.for_each(|path| log.borrow_mut().not_read(NotRead::interrupted(path)));
    collected
}

/// Reads all tokens and chains in unallocated clusters, exports, rows of live registries and license files.
fn read_others<H: Held, N: FnMut(ScanStep<'_>) -> ControlFlow<()>>(
    found: &Found,
    options: &Options,
    open: &impl Fn(&Path, AccessPattern) -> Result<H, FileError>,
    log: &mut Log<N>,
    collected: &mut Vec<Facts>,
) {
    let opener = Opener::new(open, &options.logs).inside(found);
    let carved = found.carved.iter().map(|(path, carved)| (path, Some(*carved)));
    let others = found.exports.iter().chain(&found.license_files).map(|path| (path, None));
    for (path, carved) in carved.chain(others) {
        log.step(ScanStep::Reading(path));
        if log.is_interrupted {
            log.not_read(NotRead::interrupted(path));
            continue;
        }
        let file = match opener.file(path, options.access()) {
            Ok(file) => file,
            Err(error) => {
                log.not_read(NotRead::from(&error));
                continue;
            }
        };
        let all = facts_of_file(file.image().bytes(), path, carved, found, options);
        if all.is_empty() && found.named_exports.contains(path) {
            let is_rows = LiveRows::may_begin(file.image().bytes());
            let nothing =
                if is_rows { NotRead::nothing_in_rows } else { NotRead::nothing_in_export };
            log.not_read(nothing(path));
        }
        for facts in all {
            log.step(ScanStep::Collected { path, facts: &facts });
            collected.push(facts);
        }
    }
}

/// Whether nothing about licensing is in bins that were carved from unallocated clusters.
fn is_other_carving(facts: &Facts) -> bool {
    let volume = facts.locator.as_ref().and_then(|locator| locator.volume.as_ref());
    volume.is_some_and(|volume| volume.unallocated.is_some())
        && facts.is_fragment
        && !facts.facts.iter().any(|fact| fact.state.is_found())
}

/// Passes each step on, and keeps the inputs that were not read.
struct Log<N> {
    notify: N,
    is_interrupted: bool,
    not_read: Vec<NotRead>,
}

impl<N: FnMut(ScanStep<'_>) -> ControlFlow<()>> Log<N> {
    fn step(&mut self, step: ScanStep<'_>) {
        self.is_interrupted |= (self.notify)(step).is_break();
    }

    fn notice(&mut self, notice: &Notice) {
        self.not_read.extend(notice.not_read());
        self.step(ScanStep::Notice(notice));
    }

    /// Passes the steps of a hive on. Returns its facts, if they count.
    fn hive(&mut self, path: &Path, read: HiveRead) -> Option<Facts> {
        if read.facts.as_ref().is_ok_and(is_other_carving) {
            return None;
        }
        read.notices.iter().for_each(|notice| self.notice(notice));
        let facts = match read.facts {
            Ok(facts) => {
                self.step(ScanStep::Collected { path, facts: &facts });
                Some(facts)
            }
            // One unreadable hive does not stop the scan of the others.
            Err(error) => {
                self.not_read(NotRead::from(&error));
                None
            }
        };
        read.ended.iter().for_each(|notice| self.notice(notice));
        facts
    }

    fn not_read(&mut self, input: NotRead) {
        self.step(ScanStep::NotRead(&input));
        self.not_read.push(input);
    }
}

/// Collects the facts of a file that is no hive: a match in unallocated clusters, an export, rows of live registries or
/// a license file.
fn facts_of_file(
    bytes: &[u8],
    path: &Path,
    carved: Option<CarvedMatch>,
    found: &Found,
    options: &Options,
) -> Vec<Facts> {
    let file = FileCopy {
        path: calhive_evidence::escape::path(path),
        real_path: found.real_path(path),
        locator: found.locator(path).cloned(),
    };
    let sha256 = options.is_hashed().then(|| text::hex(&Sha256::digest(bytes)));
    if let Some(carved) = carved {
        return collect_unallocated(bytes, carved, file, sha256).into_iter().collect();
    }
    match collect_license_file(bytes, file.clone(), sha256.clone()) {
        Some(facts) => Vec::from([facts]),
        None if LiveRows::may_begin(bytes) => collect_live_rows(bytes, file, sha256),
        None => collect_export(bytes, file, sha256),
    }
}
