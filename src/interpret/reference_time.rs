// SPDX-License-Identifier: MIT OR Apache-2.0
//! The time at which the tokens of a host are judged, never the present time.

use alloc::format;
use alloc::string::String;

use calhive_regf::time::FileTime;

use crate::fact::KeyTimes;
use crate::fact::{GAP, MANY};
use crate::interpret::view::View;
use crate::report::ReferenceTime;

/// Returns the reference time of a host: the given time, or the newest plausible last-written time.
pub(super) fn of_host(view: &View<'_>, given: Option<FileTime>) -> ReferenceTime {
    let mut times = KeyTimes::default();
    view.sources.iter().for_each(|(_, source)| times.merge(&source.key_times));
    let (oldest, newest, implausible) = times.bounds();
    let of_all = view.sources.iter().all(|(_, source)| source.counts.is_some());
    let which = if of_all { "all keys" } else { "the keys at the catalog's places" };
    let left_out = match implausible {
        0 => String::new(),
        n => format!(
            "; excluded timestamps: {n} (implausible, or in a group of fewer than {MANY} keys that is more \
             than {GAP} days from the others)"
        ),
    };
    let statement = match (given, oldest.zip(newest)) {
        (Some(given), Some((oldest, newest))) => format!(
            "{given}, given by the examiner; plausible timestamps of {which} range from {oldest} to {newest} \
             (machine clock){left_out}"
        ),
        (None, Some((oldest, newest))) => format!(
            "{newest}, the newest plausible timestamp of {which} (range {oldest} to {newest}, machine \
             clock){left_out}"
        ),
        (Some(given), None) => {
            format!("{given}, given by the examiner; {which} have no plausible timestamp{left_out}")
        }
        (None, None) if view.sources.iter().all(|(_, source)| !source.form.is_hive()) => {
            String::from("none: the evidence holds no key timestamps")
        }
        (None, None) => format!("none: {which} have no plausible timestamp{left_out}"),
    };
    ReferenceTime {
        time: given.or(newest),
        is_given: given.is_some(),
        oldest,
        newest,
        implausible,
        statement: format!(
            "{statement}. The clock of a license server may differ from that of the machine"
        )
        .into(),
    }
}
