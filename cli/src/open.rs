// SPDX-License-Identifier: GPL-3.0-or-later
//! Opens the hives and logs that the user named, and reports notices about them.

use core::ops::Range;
use std::path::Path;

use anyhow::Result;
use calhive::{AccessPattern, FileError, Hive};
use calhive_evidence::{LogChoice, Notice, OpenHive, Opener};
use calhive_regf::log::outcome::ByteSource;

use crate::args::Reading;
use crate::messages::Messages;
use crate::sigbus::Guarded;
use crate::text::escape;

/// An open hive with its logs.
pub(crate) type Input = OpenHive<Guarded>;

/// Opens a hive and applies the logs selected by [`log_choice`].
///
/// # Errors
/// If the hive or a named log cannot be opened, or if the file is not a hive.
pub(crate) fn hive(
    path: &Path,
    reading: &Reading,
    access: AccessPattern,
    messages: &Messages,
) -> Result<Input> {
    let (logs, mut notify) = (log_choice(reading), |notice| tell(&notice, messages));
    let input = Opener::new(opens(reading), &logs).hive(path, access, &mut notify)?;
    report_missing(&input, messages);
    Ok(input)
}

/// Opens a hive, or a transaction log whose hive is lost.
///
/// # Errors
/// If [`hive`] fails, or if neither the log nor any named log holds a page of the hive.
pub(crate) fn hive_or_log(
    path: &Path,
    reading: &Reading,
    access: AccessPattern,
    messages: &Messages,
) -> Result<Input> {
    let (logs, mut notify) = (log_choice(reading), |notice| tell(&notice, messages));
    let input = Opener::new(opens(reading), &logs).hive_or_log(path, access, &mut notify)?;
    report_missing(&input, messages);
    Ok(input)
}

/// Returns the missing end of the file. Bytes that a log supplies are not missing.
pub(crate) fn missing(input: &Input) -> Option<Range<u64>> {
    let missing = Hive::parse(input.base_bytes()).ok()?.missing()?;
    let Some(patches) = input.patches() else { return Some(missing) };
    let end = missing.end.min(input.bytes().len() as u64);
    let from_logs = patches.within(missing.start..end);
    let pages =
        from_logs.filter(|patch| patch.source == ByteSource::Page).map(|patch| patch.length);
    let supplied = pages.fold(0, u64::saturating_add);
    (supplied < end.saturating_sub(missing.start)).then_some(missing)
}

fn report_missing(input: &Input, messages: &Messages) {
    if let Some(missing) = missing(input) {
        let bytes = missing.end.saturating_sub(missing.start);
        let (path, from) = (escape::path(input.path()), missing.start);
        messages.incomplete(format_args!(
            "{path}: the file is truncated; {bytes} bytes are missing from offset {from:#x} on"
        ));
    }
}

/// Reports each file that changed during reading, or that has unreadable parts. Call this function after
/// the last read.
pub(crate) fn finish(input: Input, messages: &Messages) {
    input.finish().iter().for_each(|notice| tell(notice, messages));
}

/// Returns the function that opens a file: it maps the file, or reads it with --no-mmap.
pub(crate) fn opens(
    reading: &Reading,
) -> impl Fn(&Path, AccessPattern) -> Result<Guarded, FileError> {
    let no_mmap = reading.no_mmap;
    move |path, access| {
        if no_mmap { Guarded::read(path) } else { Guarded::map(path, access) }
    }
}

/// Returns the choice of logs to apply.
pub(crate) fn log_choice(reading: &Reading) -> LogChoice {
    match reading.log.as_slice() {
        _ if reading.no_replay => LogChoice::NotApplied,
        [] => LogChoice::Beside,
        named => LogChoice::Named(named.to_vec()),
    }
}

/// Reports a notice on standard error.
pub(crate) fn tell(notice: &Notice, messages: &Messages) {
    match notice {
        Notice::LogsNotApplied { path, logs } => {
            let mut reasons = messages.reasons();
            logs.iter().for_each(|log| reasons.add(log));
            messages.not_applied(escape::path(path), &reasons);
        }
        notice if notice.is_incomplete() => messages.incomplete(notice),
        notice => messages.note(notice),
    }
}
