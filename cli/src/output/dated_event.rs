// SPDX-License-Identifier: GPL-3.0-or-later
//! [`DatedEvent`]: an event of the timeline with its time and its place, for formats with one line an event.

use core::ops::RangeInclusive;

use calhive::FileTime;
use calhive::report::{Event, EventCode, FactReport, Host, Report, SourceReport};

use crate::output::left_out::LeftOut;
use crate::output::report_index::{ReportIndex, name_of};

const NANOSECONDS: i128 = 1_000_000_000;

/// An event with its time, and the place of the first fact behind it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DatedEvent<'r> {
    pub(crate) event: &'r Event,
    pub(crate) time: FileTime,
    /// Seconds since 1970-01-01 00:00:00 UTC, rounded down.
    pub(crate) seconds: i64,
    host: Option<&'r Host>,
    pub(crate) fact: Option<&'r FactReport>,
    pub(crate) source: Option<&'r SourceReport>,
}

impl<'r> DatedEvent<'r> {
    /// Returns the dated events whose seconds since 1970 are in the range, and what is left out.
    pub(crate) fn all(
        report: &'r Report,
        index: &ReportIndex<'r>,
        range: &RangeInclusive<i64>,
    ) -> (Vec<Self>, LeftOut) {
        let (mut events, mut undated, mut outside) = (Vec::new(), 0_u64, 0_u64);
        for event in &report.events {
            let Some(time) = event.time else {
                undated = undated.saturating_add(1);
                continue;
            };
            let seconds = time.unix_nanoseconds().div_euclid(NANOSECONDS);
            match i64::try_from(seconds).ok().filter(|seconds| range.contains(seconds)) {
                Some(seconds) => events.push(Self::new(event, time, seconds, index)),
                None => outside = outside.saturating_add(1),
            }
        }
        let mut left_out = LeftOut::default();
        left_out.add(undated, "event without a time", "events without a time");
        left_out.add(
            outside,
            "event with a time that the format cannot hold",
            "events with a time that the format cannot hold",
        );
        (events, left_out)
    }

    fn new(event: &'r Event, time: FileTime, seconds: i64, index: &ReportIndex<'r>) -> Self {
        let fact = event.facts.iter().find_map(|id| index.fact(id));
        let source = fact.and_then(|fact| index.source(&fact.source));
        Self { event, time, seconds, host: index.host(&event.host), fact, source }
    }

    /// Returns the computer name of the host, or its id if the hives have no name.
    pub(crate) fn host_name(&self) -> &'r str {
        self.host.map_or(&self.event.host, name_of)
    }
}

/// Returns the kind of a timestamp in words.
pub(crate) const fn kind_of_time(code: EventCode) -> &'static str {
    match code {
        EventCode::KeyLastWritten => "Key last written",
        EventCode::TokenValidFrom => "Token valid from",
        EventCode::TokenExpires => "Token valid until",
        EventCode::ShadowCopyCreated => "Shadow copy created",
        EventCode::Log(_) => "Key last written, after a change in a transaction log",
        _ => "Time in the data of a value",
    }
}
