// SPDX-License-Identifier: GPL-3.0-or-later
//! Opening what the user named, and what is said on the way.

use std::path::Path;

use anyhow::Result;
use calhive::{AccessPattern, FileError};
use calhive_evidence::{LogChoice, Notice, OpenHive, Opener};

use crate::args::Reading;
use crate::messages::Messages;
use crate::sigbus::Guarded;

/// A hive that is being read, with its logs.
pub(crate) type Input = OpenHive<Guarded>;

/// Opens a hive, and applies the logs that were named or lie beside it.
///
/// # Errors
/// If the hive or a named log cannot be opened, or the file is no hive.
pub(crate) fn hive(
    path: &Path,
    reading: &Reading,
    access: AccessPattern,
    messages: &Messages,
) -> Result<Input> {
    let (logs, mut notify) = (log_choice(reading), |notice| tell(&notice, messages));
    Ok(Opener::new(opens(reading), &logs).hive(path, access, &mut notify)?)
}

/// Opens a hive, or a transaction log whose hive is lost.
///
/// # Errors
/// As [`hive`], and if the log and the named ones hold no page.
pub(crate) fn hive_or_log(
    path: &Path,
    reading: &Reading,
    access: AccessPattern,
    messages: &Messages,
) -> Result<Input> {
    let (logs, mut notify) = (log_choice(reading), |notice| tell(&notice, messages));
    Ok(Opener::new(opens(reading), &logs).hive_or_log(path, access, &mut notify)?)
}

/// Names each file that changed while it was read, or of which parts were lost. To be called when all is
/// read.
pub(crate) fn finish(input: Input, messages: &Messages) {
    input.finish().iter().for_each(|notice| tell(notice, messages));
}

/// Maps or reads files.
pub(crate) fn opens(
    reading: &Reading,
) -> impl Fn(&Path, AccessPattern) -> Result<Guarded, FileError> {
    let no_mmap = reading.no_mmap;
    move |path, access| {
        if no_mmap { Guarded::read(path) } else { Guarded::map(path, access) }
    }
}

/// The logs that are applied.
pub(crate) fn log_choice(reading: &Reading) -> LogChoice {
    match reading.log.as_slice() {
        _ if reading.no_replay => LogChoice::NotApplied,
        [] => LogChoice::Beside,
        named => LogChoice::Named(named.to_vec()),
    }
}

/// Says a notice.
pub(crate) fn tell(notice: &Notice, messages: &Messages) {
    match notice {
        Notice::LogsNotApplied { path, logs } => {
            let mut reasons = messages.reasons();
            logs.iter().for_each(|log| reasons.add(log));
            messages.not_applied(path.display(), &reasons);
        }
        notice if notice.is_incomplete() => messages.incomplete(notice),
        notice => messages.note(notice),
    }
}
