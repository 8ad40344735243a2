// SPDX-License-Identifier: MIT OR Apache-2.0
//! The decrypted end of the grace period, in words, and the files that decrypt it.

use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;
use core::time::Duration;

use calhive_evidence::{Corroboration, MASTER_KEYS, Presence, SECURITY};
use calhive_regf::FileTime;
use calhive_regf::registry::HiveKind;

use crate::catalog::Code;
use crate::fact::{GraceEndReading, OpenedEnd, PlaceOfEnd};
use crate::interpret::view::{Exhibit, View};
use crate::meaning::ProtectedBlob;
use crate::report::{GraceEndReport, MasterKeyFileReport};

/// A second in FILETIME units.
const SECOND: u64 = 10_000_000;
/// Times that are at most this far apart lie together.
pub(super) const TOGETHER: Duration = Duration::from_secs(86_400);
/// Build of Windows 2000.
const WINDOWS_2000: u32 = 2195;
/// Length of the grace period since Server 2003.
pub(super) const LENGTH: Duration = Duration::from_secs(120 * 86_400);
/// What the method was checked on.
const CHECKED: &str = "The method was checked on real DPAPI data of 1 machine; one real secret of Windows XP was \
                       seen elsewhere; no real grace-period blob was available.";

/// How a decrypted time is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ReadAs {
    /// As the end of the grace period.
    End,
    /// As a time without an established meaning: a workstation has the secret without being a session host.
    TimeOfClient,
    /// As the time of a control set that is not in use.
    TimeOfControlSet(u32),
}

impl ReadAs {
    fn of(opened: &OpenedEnd, is_client: bool) -> Self {
        match opened.place {
            _ if is_client => Self::TimeOfClient,
            PlaceOfEnd::ControlSet { number, is_current: false } => Self::TimeOfControlSet(number),
            PlaceOfEnd::ControlSet { .. } | PlaceOfEnd::Secret => Self::End,
        }
    }

    fn in_words(self) -> String {
        match self {
            Self::End => String::from(
                "It is read as the end of the grace period (inferred: one Windows XP; later versions by public code).",
            ),
            Self::TimeOfClient => {
                String::from("Its meaning on a client edition is not established.")
            }
            Self::TimeOfControlSet(number) => format!(
                "Control set {number}, which holds the value, is not in use, so the time is not read as the end."
            ),
        }
    }
}

/// Reports what came of decrypting the end; `None` if the examiner did not ask for that.
pub(super) fn report(
    view: &View<'_>,
    reference: Option<FileTime>,
    is_client: bool,
) -> Option<GraceEndReport> {
    let read = |(_, source): &(String, &'_ crate::fact::Facts)| {
        Some((source.path.clone(), source.grace_end.as_ref()?.clone()))
    };
    let (system, reading) = view.sources.iter().find_map(read)?;
    let used = reading.outcome.as_ref().ok().and_then(|opened| opened.master_key);
    let files = reading.files.iter().enumerate().map(|(at, file)| MasterKeyFileReport {
        path: file.path.clone(),
        size: file.size,
        sha256: file.sha256.clone(),
        is_used: used == Some(at),
    });
    let files: Vec<MasterKeyFileReport> = files.collect();
    let security = reading.security.clone();
    Some(match &reading.outcome {
        Ok(opened) => {
            let read_as = ReadAs::of(opened, is_client);
            GraceEndReport {
                end: Some(opened.end),
                is_read_as_end: Some(read_as == ReadAs::End),
                derived_start: start(view, opened, read_as),
                set_at: opened.set_at,
                is_authenticated: Some(opened.is_authenticated),
                reason: None,
                statement: statement(view, &system, &reading, opened, read_as, reference).into(),
                not_shown: GraceEndReport::NOT_SHOWN.into(),
                system,
                security,
                files,
            }
        }
        Err(closed) => GraceEndReport {
            end: None,
            is_read_as_end: None,
            derived_start: None,
            set_at: None,
            is_authenticated: None,
            reason: Some(closed.code.to_string()),
            statement: format!("The end was not decrypted: {}. {CHECKED}", closed.reason).into(),
            not_shown: GraceEndReport::CLOSED.into(),
            system,
            security,
            files,
        },
    })
}

/// Returns the time 120 days before an end; `None` for a time that is no end, and for Windows 2000, whose period has
/// another length.
fn start(view: &View<'_>, opened: &OpenedEnd, read_as: ReadAs) -> Option<FileTime> {
    let is_2000 = view.build().is_some_and(|build| build <= WINDOWS_2000);
    if read_as != ReadAs::End || is_2000 {
        return None;
    }
    let length = u64::try_from(LENGTH.as_nanos().checked_div(100)?).ok()?;
    opened.end.raw().checked_sub(length).map(FileTime::from_raw)
}

fn statement(
    view: &View<'_>,
    system: &str,
    reading: &GraceEndReading,
    opened: &OpenedEnd,
    read_as: ReadAs,
    reference: Option<FileTime>,
) -> String {
    let mut sentences =
        Vec::from([format!("Decrypted value: {}.", opened.end), read_as.in_words()]);
    let security = reading.security.as_deref().unwrap_or("SECURITY");
    let set = opened.boot_key_set;
    let value = &opened.value;
    let file = opened.master_key.and_then(|at| reading.files.get(at));
    match file {
        Some(file) => sentences.push(format!(
            "Read from {value} in {system}, with the boot key of control set {set}, {security} and master key file {}.",
            file.path
        )),
        None => sentences.push(format!(
            "Read from {value} in {security}, with the boot key of control set {set} in {system}."
        )),
    }
    sentences.push(String::from(if opened.is_authenticated {
        "Its message authentication code verifies under the master key of this installation, so the bytes are \
         unchanged since they were protected with this key."
    } else {
        "The secret has no message authentication code: only its length, its version and a time in whole seconds fit."
    }));
    if opened.end.raw().checked_rem(SECOND) != Some(0) {
        sentences.push(String::from(
            "It has a fraction of a second; all known ends have whole seconds.",
        ));
    }
    if let Some(set_at) = opened.set_at {
        sentences.push(format!("The secret was set {set_at} (CupdTime, not encrypted)."));
    }
    if let Some(start) = start(view, opened, read_as) {
        sentences.push(derived(view, opened, start));
    }
    if let Some(reference) = reference.filter(|_| read_as == ReadAs::End) {
        let order = if opened.end < reference { "before" } else { "not before" };
        sentences.push(format!("The end is {order} the reference time."));
    }
    if view.one(Code::HostGracePeriodEnded).is_some() {
        sentences.push(String::from(
            "The value LicensingGracePeriodEnded exists, so the period may have ended earlier.",
        ));
    }
    sentences.push(String::from(CHECKED));
    sentences.join(" ")
}

/// Compares the derived start with the last write of the key, or with the time of the setting.
fn derived(view: &View<'_>, opened: &OpenedEnd, start: FileTime) -> String {
    let key = match opened.place {
        PlaceOfEnd::ControlSet { number, .. } => {
            view.all(Code::HostGracePeriodKey).find(|it| it.control_set() == Some(number))
        }
        PlaceOfEnd::Secret => None,
    };
    let written = match opened.set_at {
        Some(set_at) => Some(("the secret was set", set_at)),
        None => key.and_then(Exhibit::written).map(|time| ("the key was last written", time)),
    };
    let start_in_words = format!("Derived start, 120 days before (inferred): {start}");
    match written {
        Some((what, time)) if time.abs_diff(start) <= TOGETHER => {
            format!(
                "{start_in_words}; {what} {time}, which is consistent with a start at that time, no more."
            )
        }
        Some((what, time)) => format!("{start_in_words}; {what} {time}."),
        None => format!("{start_in_words}."),
    }
}

/// Says which of the files that decrypt the value are at hand; `None` if there is no blob, or if it was decrypted.
pub(super) fn at_hand(view: &View<'_>) -> Option<String> {
    let blob =
        view.all(Code::HostGracePeriod).find_map(|it| ProtectedBlob::parse(&it.fact.data))?;
    let beside = || view.sources.iter().flat_map(|(_, source)| &source.corroboration);
    let security = if view.has(HiveKind::Security) {
        "read"
    } else {
        in_words(beside().filter(|it| it.what == SECURITY))
    };
    let keys = || beside().filter(|it| it.what == MASTER_KEYS);
    let is_named = |path: &String| path.to_lowercase().ends_with(&blob.master_key);
    let file = keys().flat_map(|it| &it.paths).find(|path| is_named(path));
    let file = match file {
        Some(path) => format!("present ({path})"),
        // Ten paths are listed: the file can be among those left out.
        None if keys().any(|it| it.paths.len() >= 10) => {
            String::from("not among the first ten files listed")
        }
        None if keys().any(|it| it.state == Presence::Present) => {
            String::from("not among the master key files listed")
        }
        None => String::from(in_words(keys())),
    };
    Some(format!(
        "the files that decrypt the value, with calhive-grace scan --grace-end: SYSTEM, read; SECURITY, {security}; \
         master key file {} in System32\\Microsoft\\Protect\\S-1-5-18, {file}",
        blob.master_key
    ))
}

fn in_words<'c>(all: impl Iterator<Item = &'c Corroboration>) -> &'static str {
    match all.map(|it| it.state).min() {
        Some(Presence::Present) => "present",
        Some(Presence::Absent) => "absent",
        Some(Presence::NotSearched) | None => "not searched",
    }
}
