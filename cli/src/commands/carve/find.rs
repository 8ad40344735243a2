// SPDX-License-Identifier: GPL-3.0-or-later
//! [`Find`]: a carved item and its description.

use calhive::FileTime;
use calhive::meaning::{CertificateKind, Reading};
use calhive::report::{BindingReport, TokenKind, TokenReport};
use calhive::token::CarvedToken;
use calhive_regf::hive::base_block::BaseBlock;
use calhive_regf::log::Format;
use calhive_regf::recover::carve::{Carved, Kind, Place};
use serde::Serialize;

use crate::commands::carve::lone::LoneRecord;
use crate::messages::count;
use crate::text::escape;

/// A carved item.
#[derive(Serialize)]
pub(super) struct Find {
    file: String,
    /// Offset in the file. For compressed data, the offset of the first compression unit.
    offset: u64,
    /// `hive`, `bins`, `log`, `log_entry`, `token`, `certificate_chain` or `token_fragment`; `key` or `value`
    /// outside all hives and bins.
    kind: &'static str,
    /// Length in bytes, after decompression.
    length: u64,
    /// Whether the item is complete.
    is_whole: bool,
    /// Offset in the decompressed data; null if NTFS did not compress the item.
    unpacked_at: Option<u64>,
    /// Description for people.
    statement: String,
    /// The decoded token; null for other kinds.
    token: Option<Box<TokenReport>>,
    /// The key or value outside all hives and bins; null for other kinds.
    record: Option<Box<LoneRecord>>,
    /// File that the item was written to; null if the item was not written.
    pub(super) written_to: Option<String>,
    /// File that holds the pages of a log, or of a run of log entries, at their offsets in the hive, and
    /// zeros elsewhere. Null if the pages were not written, and for all entries of a run except the first.
    pub(super) pages_written_to: Option<String>,
    /// Place of the item, to read it again.
    #[serde(skip)]
    pub(super) place: Place,
    /// Whether the item has no file of its own.
    #[serde(skip)]
    pub(super) is_within: bool,
}

impl Find {
    pub(super) fn new(file: &str, carved: &Carved<'_>) -> Self {
        let token = match carved.kind {
            Kind::Signature { bytes, .. } => Some(calhive::describe_token(bytes, TokenKind::File)),
            _ => None,
        };
        let record = LoneRecord::of(&carved.kind);
        let (kind, statement) = describe(carved, token.as_ref(), record.as_ref());
        Self {
            file: file.to_owned(),
            offset: carved.place.offset.get(),
            kind,
            length: carved.place.length,
            is_whole: carved.is_whole,
            unpacked_at: carved.place.unpacked.map(|unpacked| unpacked.at),
            statement: escape::message(&statement),
            token: token.map(Box::new),
            written_to: None,
            pages_written_to: None,
            place: carved.place,
            // Keys and values are only listed.
            is_within: record.is_some(),
            record: record.map(Box::new),
        }
    }

    pub(super) fn order(&self) -> (u64, Option<u64>, u64) {
        (self.offset, self.unpacked_at, u64::MAX.saturating_sub(self.length))
    }

    /// Whether the item is a log or an entry of a log.
    pub(super) fn is_of_log(&self) -> bool {
        matches!(self.kind, "log" | "log_entry")
    }

    /// Returns the estimated size of the item in memory, in bytes.
    pub(super) fn weight(&self) -> u64 {
        let own = (size_of::<Self>() as u64).saturating_add(self.statement.len() as u64);
        // A decoded token is several times as long as its bytes.
        let token = self.token.as_ref().map_or(0, |_| self.place.length.saturating_mul(8));
        let record = self.record.as_ref().map_or(0, |record| record.weight());
        own.saturating_add(token).saturating_add(record)
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
        let whole = if self.is_whole { "" } else { "\nincomplete" };
        let mut statement = self.statement.clone();
        if let Some(path) = &self.written_to {
            statement.push_str(&format!("\nwritten to {path}"));
        }
        if let Some(path) = &self.pages_written_to {
            statement
                .push_str(&format!("\nits hive pages written to {path}, with zeros elsewhere"));
        }
        [offset, format!("{kind}{whole}"), self.length.to_string(), statement]
    }
}

/// Marks the entries inside logs. The file of a log contains these entries. `found` is sorted.
pub(super) fn mark_entries_of_logs(found: &mut [Find]) {
    let mut log: Option<(Option<u64>, u64)> = None;
    for find in found {
        // Each stretch of compressed data has its own offsets.
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

/// Returns the index of the first item and the place, for each log and for each run of log entries
/// outside logs. `found` is sorted.
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

/// Returns the kind of an item and its description.
fn describe(
    carved: &Carved<'_>,
    token: Option<&TokenReport>,
    record: Option<&LoneRecord>,
) -> (&'static str, String) {
    let of_record = || record.map(LoneRecord::statement).unwrap_or_default();
    match carved.kind {
        Kind::Hive { base_block, bins, number } => ("hive", of_hive(base_block, bins, number)),
        Kind::Bins { first, number, time } => {
            let bins = count(u64::from(number), "bin");
            let first = first.get();
            let mut statement = format!(
                "{bins} without a base block, from offset {first:#x} of the bins of a hive"
            );
            if first == 0 {
                statement.push_str(&format!(", last written {time}"));
            }
            ("bins", statement)
        }
        Kind::Log { base_block, format, number } => ("log", of_log(base_block, format, number)),
        Kind::LogEntry { sequence, pages, bins_size } => {
            let pages = count(u64::from(pages), "page");
            let statement = format!(
                "sequence number {sequence}, {pages} of a hive with {bins_size} bytes of bins"
            );
            ("log_entry", statement)
        }
        Kind::Signature { tag, .. } => {
            let statement = token.map(of_token).unwrap_or_default();
            match CarvedToken::from_tag(tag) {
                Some(CarvedToken::Fragment) => {
                    ("token_fragment", format!("outside a container: {statement}"))
                }
                Some(CarvedToken::Chain) => ("certificate_chain", statement),
                Some(CarvedToken::Remains) => {
                    ("token", format!("{statement}; the remains have no license extension"))
                }
                _ => ("token", statement),
            }
        }
        Kind::Key { .. } => ("key", of_record()),
        Kind::Value { .. } => ("value", of_record()),
        _ => ("other", String::new()),
    }
}

fn of_hive(base_block: BaseBlock<'_>, bins: u64, number: u32) -> String {
    let (major, minor) = base_block.version();
    let (primary, secondary) = base_block.sequence();
    let checksum = if base_block.checksum_is_valid() { "valid" } else { "invalid" };
    format!(
        "file name {}, version {major}.{minor}, sequence numbers {primary} and {secondary}, last \
         written {}, checksum {checksum}; followed by {} with {bins} of {} bytes",
        base_block.file_name().as_text(),
        base_block.last_written(),
        count(u64::from(number), "bin"),
        base_block.bins_size()
    )
}

fn of_log(base_block: BaseBlock<'_>, format: Format, number: u64) -> String {
    let content = match format {
        Format::Old => format!("old format (DIRT), {}", count(number, "page")),
        Format::New if number == 1 => String::from("new format (HvLE), 1 entry"),
        Format::New => format!("new format (HvLE), {number} entries"),
    };
    let (primary, secondary) = base_block.sequence();
    let name = base_block.file_name().as_text();
    format!("{content}, sequence numbers {primary} and {secondary}, of the hive {name}")
}

/// Describes a token without judging it against the clock.
fn of_token(token: &TokenReport) -> String {
    let salvaged = if token.reading == Some(Reading::Salvaged) { "salvaged: " } else { "" };
    let text = |value: Option<String>| value.unwrap_or_else(|| String::from("?"));
    let time =
        |time: Option<FileTime>| time.map_or_else(|| String::from("?"), |time| time.to_string());
    let Some(license) = &token.license else {
        return format!("{salvaged}{}", of_other_certificates(token));
    };
    let server = text(license.license_server_in_words());
    let issue = match license.kind {
        CertificateKind::ClientToken => format!(
            "license server {server} (self-reported name) issued a token to machine {} and user {} \
             (client-reported) at {} (server clock), product {}, valid until {}",
            text(license.client_reported_machine.clone()),
            text(license.client_reported_user.clone()),
            time(license.valid_from),
            text(license.license_id.clone()),
            time(license.expires)
        ),
        CertificateKind::HostCertificate => format!(
            "license server {server} (self-reported name) signed a certificate for the session host {} at {} \
             (server clock)",
            text(license.binding.as_ref().map(BindingReport::text)),
            time(license.valid_from)
        ),
        _ => {
            let leaf = usize::try_from(license.certificate).unwrap_or(usize::MAX);
            let subject = token.certificates.get(leaf).map(|it| it.subject.clone());
            format!(
                "kind not established: a certificate of license server {server} (self-reported name) for {}",
                text(subject)
            )
        }
    };
    let certificates = count(token.certificates.len() as u64, "certificate");
    format!("{salvaged}{issue}; {certificates}; {}", license.integrity)
}

/// Describes certificates without a license: those of a license server or an authority.
fn of_other_certificates(token: &TokenReport) -> String {
    match (&token.error, &token.license_server) {
        (Some(error), _) => error.to_string(),
        (None, Some(server)) => {
            let name = server.name.as_deref().unwrap_or("?");
            format!("{} that names itself {name}", server.kind_in_words())
        }
        (None, None) => String::from("no certificate with a license extension"),
    }
}
