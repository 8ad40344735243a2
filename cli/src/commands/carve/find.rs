// SPDX-License-Identifier: GPL-3.0-or-later
//! [`Find`]: something that was carved, in words.

use calhive::licensing::report::{Reading, TokenKind, TokenReport};
use calhive::licensing::token;
use calhive::log::Format;
use calhive::recover::carve::{Carved, Kind, Place};
use serde::Serialize;

use crate::commands::carve::lone::LoneRecord;
use crate::messages::count;
use crate::output::escape;

/// Something that was found.
#[derive(Serialize)]
pub(super) struct Find {
    file: String,
    /// Where it begins in the file; of something compressed, where its first compression unit begins.
    offset: u64,
    /// Its kind: `hive`, `bins`, `log`, `log_entry`, `token`, `token_fragment`, and `key` and `value`
    /// outside all hives and bins.
    kind: &'static str,
    /// Its length in bytes, unpacked.
    length: u64,
    /// Whether all of it is there.
    is_whole: bool,
    /// Where it lies in what the compression units there stand for; null where NTFS has not compressed
    /// it.
    unpacked_at: Option<u64>,
    /// What it says of itself.
    statement: String,
    /// A token, taken apart.
    token: Option<TokenReport>,
    /// A key or value outside all hives and bins; null for all else.
    record: Option<LoneRecord>,
    /// Where it was written; null where it was not.
    pub(super) written_to: Option<String>,
    /// Where the pages of a log, or of entries that follow each other, were written in their places in a
    /// hive that is zeros else; null where they were not, and for all entries but the first.
    pub(super) pages_written_to: Option<String>,
    /// Where it lies, to read it again.
    #[serde(skip)]
    pub(super) place: Place,
    /// Whether it is not written, or written with another find.
    #[serde(skip)]
    pub(super) is_within: bool,
}

impl Find {
    pub(super) fn new(file: &str, carved: &Carved<'_>) -> Self {
        let token = match carved.kind {
            Kind::Token { bytes, .. } | Kind::TokenFragment { bytes, .. } => {
                Some(token::describe(bytes, TokenKind::File))
            }
            _ => None,
        };
        let record = LoneRecord::of(&carved.kind);
        let (kind, statement) = told(carved, token.as_ref(), record.as_ref());
        Self {
            file: file.to_owned(),
            offset: carved.place.offset.get(),
            kind,
            length: carved.place.length,
            is_whole: carved.is_whole,
            unpacked_at: carved.place.unpacked.map(|unpacked| unpacked.at),
            statement: escape::message(&statement),
            token,
            written_to: None,
            pages_written_to: None,
            place: carved.place,
            // What a key or value says is listed: it is not written.
            is_within: record.is_some(),
            record,
        }
    }

    pub(super) fn order(&self) -> (u64, Option<u64>, u64) {
        (self.offset, self.unpacked_at, u64::MAX.saturating_sub(self.length))
    }

    pub(super) fn file_name(&self, number: u32) -> String {
        let within = self.unpacked_at.map_or(String::new(), |at| format!("+{at:x}"));
        format!("{number}-{:010x}{within}.{}", self.offset, self.kind)
    }

    pub(super) fn pages_name(&self, number: u32) -> String {
        let entries = if self.kind == "log" { "" } else { "-and-following" };
        format!("{}{entries}.pages-as-hive", self.file_name(number))
    }

    pub(super) fn row(&self) -> [String; 4] {
        let mut offset = format!("{:#x}", self.offset);
        if let Some(at) = self.unpacked_at {
            offset.push_str(&format!("\ncompressed, +{at:#x}"));
        }
        let kind = self.kind.replace('_', " ");
        let whole = if self.is_whole { "" } else { "\nnot whole" };
        let mut statement = self.statement.clone();
        if let Some(path) = &self.written_to {
            statement.push_str(&format!("\nwritten to {path}"));
        }
        if let Some(path) = &self.pages_written_to {
            statement.push_str(&format!("\nits pages as a hive, all else zeros: {path}"));
        }
        [offset, format!("{kind}{whole}"), self.length.to_string(), statement]
    }
}

/// Marks the entries that are written with their log. The finds are in order.
pub(super) fn mark_entries_of_logs(found: &mut [Find]) {
    let mut log: Option<(Option<u64>, u64)> = None;
    for find in found {
        // What was unpacked is a file of its own.
        let stretch = find.unpacked_at.map(|_| find.offset);
        let at = find.unpacked_at.unwrap_or(find.offset);
        match find.kind {
            "log" => log = Some((stretch, at.saturating_add(find.length))),
            "log_entry" => {
                find.is_within = log.is_some_and(|(of, end)| of == stretch && at < end);
            }
            _ => {}
        }
    }
}

/// Where logs lie, and entries that follow each other outside of them: the number of the first find, and the
/// place of all. The finds are in order.
pub(super) fn logs(found: &[Find]) -> Vec<(usize, Place)> {
    let mut logs: Vec<(usize, Place)> = Vec::new();
    let mut end = None;
    for (index, find) in found.iter().enumerate() {
        match find.kind {
            "log" => logs.push((index, find.place)),
            "log_entry" if !find.is_within => {
                let at = find.unpacked_at.unwrap_or(find.offset);
                let stretch = find.unpacked_at.map(|_| find.offset);
                match logs.last_mut().filter(|_| end == Some((stretch, at))) {
                    Some((_, all)) => all.length = all.length.saturating_add(find.length),
                    None => logs.push((index, find.place)),
                }
                end = Some((stretch, at.saturating_add(find.length)));
            }
            _ => {}
        }
    }
    logs
}

/// Its kind, and what it says of itself.
fn told(
    carved: &Carved<'_>,
    token: Option<&TokenReport>,
    record: Option<&LoneRecord>,
) -> (&'static str, String) {
    match carved.kind {
        Kind::Hive { base_block, bins, number } => {
            let (major, minor) = base_block.version();
            let (primary, secondary) = base_block.sequence();
            let checksum = if base_block.checksum_is_valid() { "right" } else { "wrong" };
            let statement = format!(
                "file name {}, version {major}.{minor}, sequence numbers {primary} and {secondary}, last \
                 written {}, checksum {checksum}; {} follow it without a gap: {bins} of {} bytes",
                base_block.file_name().as_text(),
                base_block.last_written(),
                count(u64::from(number), "bin"),
                base_block.bins_size()
            );
            ("hive", statement)
        }
        Kind::Bins { first, number, time } => {
            let bins = count(u64::from(number), "bin");
            let mut statement = format!(
                "{bins} without a base block, from {:#x} of the bins of a hive on",
                first.get()
            );
            if first.get() == 0 {
                statement.push_str(&format!(", last written {time}"));
            }
            ("bins", statement)
        }
        Kind::Log { base_block, format, number } => {
            let what = match format {
                Format::Old => format!("old format (DIRT), {}", count(number, "page")),
                Format::New if number == 1 => String::from("new format (HvLE), 1 entry"),
                Format::New => format!("new format (HvLE), {number} entries"),
            };
            let (primary, secondary) = base_block.sequence();
            let name = base_block.file_name().as_text();
            (
                "log",
                format!("{what}, sequence numbers {primary} and {secondary}, of the hive {name}"),
            )
        }
        Kind::LogEntry { sequence, pages, bins_size } => {
            let pages = count(u64::from(pages), "page");
            let statement = format!(
                "sequence number {sequence}, {pages} of a hive with {bins_size} bytes of bins"
            );
            ("log_entry", statement)
        }
        Kind::Token { has_extension, .. } => {
            let mut statement = token.map(of_token).unwrap_or_default();
            if !has_extension {
                statement.push_str("; no extension for licences is in what is left");
            }
            ("token", statement)
        }
        Kind::TokenFragment { .. } => {
            let statement = token.map(of_token).unwrap_or_default();
            ("token_fragment", format!("outside a container: {statement}"))
        }
        Kind::Key { .. } => ("key", record.map(LoneRecord::statement).unwrap_or_default()),
        Kind::Value { .. } => ("value", record.map(LoneRecord::statement).unwrap_or_default()),
        _ => ("other", String::new()),
    }
}

/// What a token says. Nothing is judged against the clock.
fn of_token(token: &TokenReport) -> String {
    let salvaged = if token.reading == Some(Reading::Salvaged) { "salvaged: " } else { "" };
    let Some(license) = &token.license else {
        let why = token.error.as_deref().unwrap_or("no certificate in it names a licence");
        return format!("{salvaged}{why}");
    };
    let said = |value: &Option<String>| value.clone().unwrap_or_else(|| String::from("?"));
    format!(
        "{salvaged}a licence server naming itself {} signed at {} (its clock) a token naming machine {} and user {} \
         (client-reported), product {}, validity to {}; {}",
        said(&license.issuer),
        said(&license.valid_from),
        said(&license.client_reported_machine),
        said(&license.client_reported_user),
        said(&license.license_id),
        said(&license.expires),
        license.integrity
    )
}
