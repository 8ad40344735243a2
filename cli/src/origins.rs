// SPDX-License-Identifier: GPL-3.0-or-later
//! Finds the log entry that wrote a byte of a hive.

use calhive::report::FromLogReport;
use calhive_regf::hive::span::Span;
use calhive_regf::log::Format;
use calhive_regf::log::outcome::Written;
use calhive_regf::log::patches::Patches;

use crate::open::Input;
use crate::text::escape;

/// Index from bytes of the hive to the log entries that wrote these bytes.
#[derive(Debug)]
pub(crate) struct Origins<'a> {
    patches: Option<Patches<'a>>,
    logs: Vec<(String, Option<Format>)>,
}

impl<'a> Origins<'a> {
    pub(crate) fn new(input: &'a Input) -> Self {
        let formats =
            input.replay().into_iter().flat_map(|replay| &replay.logs).map(|log| log.format);
        let logs = input.logs().map(escape::path).zip(formats).collect();
        Self { patches: input.patches(), logs }
    }

    /// Returns the log entries that changed these cells; empty if no entry changed them. Calls `spans`
    /// only if logs were applied.
    pub(crate) fn of(&self, spans: impl FnOnce() -> Vec<Span>) -> Vec<FromLogReport> {
        let Some(patches) = &self.patches else { return Vec::new() };
        let entries = patches.entries(spans().into_iter().map(|span| span.range()));
        entries.into_iter().filter_map(|entry| self.report(entry)).collect()
    }

    /// Returns the log entry that wrote this byte.
    pub(crate) fn at(&self, offset: u64) -> Option<FromLogReport> {
        let range = offset..offset.saturating_add(1);
        self.patches.as_ref()?.within(range).next().and_then(|entry| self.report(entry))
    }

    fn report(&self, entry: Written) -> Option<FromLogReport> {
        let Written { sequence, log_offset, offset, .. } = entry;
        let (log, format) = self.logs.get(entry.log)?.clone();
        Some(FromLogReport { log, format: format?, sequence, log_offset, offset })
    }
}

/// Formats an entry with the file name of its log.
pub(crate) fn words(entry: &FromLogReport) -> String {
    let name = entry.log.rsplit(['/', '\\']).next().unwrap_or(&entry.log);
    let at = entry.log_offset;
    match entry.format {
        Format::Old => format!("{name}, offset {at:#x}"),
        Format::New => format!("entry {} of {name}, offset {at:#x}", entry.sequence),
    }
}
