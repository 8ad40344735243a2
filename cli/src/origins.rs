// SPDX-License-Identifier: GPL-3.0-or-later
//! Which entries of logs the parts of a hive come from.

use calhive::hive::span::Span;
use calhive::licensing::report::FromLogReport;
use calhive::log::Format;
use calhive::log::patches::Patches;
use calhive::log::replay::Written;

use crate::open::Input;
use crate::output::escape;

/// Where the bytes of a hive come from.
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

    /// The entries that these cells come from; nothing where they are as in the file. `spans` is asked
    /// for them only where logs were applied.
    pub(crate) fn of(&self, spans: impl FnOnce() -> Vec<Span>) -> Vec<FromLogReport> {
        let Some(patches) = &self.patches else { return Vec::new() };
        let entries = patches.entries(spans().into_iter().map(|span| span.range()));
        entries.into_iter().filter_map(|entry| self.report(entry)).collect()
    }

    /// The entry that a byte comes from.
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

/// An entry in words; of the log, the name of its file.
pub(crate) fn words(entry: &FromLogReport) -> String {
    let name = entry.log.rsplit(['/', '\\']).next().unwrap_or(&entry.log);
    let at = entry.log_offset;
    match entry.format {
        Format::Old => format!("{name}, at {at:#x} of it"),
        Format::New => format!("entry {} of {name}, at {at:#x} of it", entry.sequence),
    }
}
