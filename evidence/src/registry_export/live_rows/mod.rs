// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`LiveRows`]: keys and values of running systems in JSON Lines, as the Velociraptor artifact of this project
//! writes them.
//!
//! A row is a JSON object in a line of its own, for one key or one value. `integrations/velociraptor/README.md`
//! documents its fields. Rows of several clients can be in one file.

mod client;
mod fields;
mod row;
mod time;
mod value;

use alloc::collections::BTreeMap;

pub use client::LiveClient;

use super::{ExportEncoding, ExportFault, ExportFaultKind, ExportedKey, RegistryExport};
use row::Row;

/// Number of bytes at the start of a file that name the form.
const HEAD: usize = 4096;
/// First field of each row.
const MARK: &[u8] = b"\"CalhiveRow\"";
/// Number of clients that are kept in any file.
const CLIENTS: usize = 256;
/// Number of further bytes of a file that allow a further client.
const BYTES_FOR_EACH: usize = 2048;

/// Keys and values of running systems, by client. The numbers of faults leave remarks out.
///
/// ```
/// use calhive_evidence::LiveRows;
/// let row = br#"{"CalhiveRow":1,"Hostname":"HOST","Key":"HKEY_LOCAL_MACHINE\\SOFTWARE\\A","ValueName":"N","Type":"DWORD","Size":4,"Data":"Mg=="}"#;
/// let rows = LiveRows::parse_where(row, |_| true);
/// let (client, export) = &rows.clients[0];
/// assert_eq!(client.host_name.as_deref(), Some("HOST"));
/// assert_eq!(export.keys[0].values[0].data, [2, 0, 0, 0]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveRows {
    /// Clients in the order of their first rows, each with its keys and values. The faults of lines without a client
    /// are among the faults of each client.
    pub clients: Vec<(LiveClient, RegistryExport)>,
    /// Faults of lines that belong to no client, up to [`RegistryExport::KEPT_FAULTS`].
    pub faults: Vec<ExportFault>,
    /// Number of faults of lines that belong to no client.
    pub fault_count: u64,
}

impl LiveRows {
    /// Returns whether the bytes at the start of a file belong to rows of a live registry.
    pub fn may_begin(head: &[u8]) -> bool {
        let text = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head);
        let head = text.get(..HEAD).unwrap_or(text);
        head.trim_ascii_start().starts_with(b"{")
            && head.windows(MARK.len()).any(|window| window == MARK)
    }

    /// Parses rows, and keeps the keys that `is_kept` accepts, with their values. After a fault, parsing continues
    /// with the next line.
    pub fn parse_where(bytes: &[u8], mut is_kept: impl FnMut(&ExportedKey) -> bool) -> Self {
        let mut rows = Self { clients: Vec::new(), faults: Vec::new(), fault_count: 0 };
        let mut known: BTreeMap<String, Option<usize>> = BTreeMap::new();
        let most = CLIENTS.saturating_add(bytes.len() / BYTES_FOR_EACH);
        let text = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
        let (mut line, mut lines) = (0_u64, text.split(|byte| *byte == b'\n').peekable());
        while let Some(json) = lines.next() {
            if json.is_empty() && lines.peek().is_none() {
                break;
            }
            line = line.saturating_add(1);
            if json.trim_ascii().is_empty() {
                continue;
            }
            let row = match Row::parse(json) {
                Ok(row) => row,
                Err((kind, column)) => {
                    rows.fault(ExportFault { line, column, kind });
                    continue;
                }
            };
            let id = row.fields.client();
            let at = match known.get(id) {
                Some(at) => *at,
                None => {
                    let next = Some(rows.clients.len()).filter(|next| *next < most);
                    let (column, kind) = (None, ExportFaultKind::TooMany);
                    match next {
                        Some(_) => rows.clients.push((
                            LiveClient::default(),
                            RegistryExport::empty(ExportEncoding::Utf8),
                        )),
                        None => rows.fault(ExportFault { line, column, kind }),
                    }
                    known.insert(id.to_owned(), next);
                    next
                }
            };
            if let Some((client, export)) = at.and_then(|at| rows.clients.get_mut(at)) {
                client.add(&row.fields);
                row.add(export, line, &mut is_kept);
            }
        }
        rows.share_faults(line);
        rows
    }

    fn fault(&mut self, fault: ExportFault) {
        self.fault_count = self.fault_count.saturating_add(1);
        if self.faults.len() < RegistryExport::KEPT_FAULTS {
            self.faults.push(fault);
        }
    }

    /// Adds the faults without a client to each client: such a line can be a row of any of them.
    fn share_faults(&mut self, lines: u64) {
        let shown = RegistryExport::KEPT_FAULTS.checked_div(self.clients.len()).unwrap_or(0).max(1);
        for (_, export) in &mut self.clients {
            export.line_count = lines;
            export.fault_count = export.fault_count.saturating_add(self.fault_count);
            export.faults.extend(self.faults.iter().take(shown));
            export.faults.sort_by_key(|fault| fault.line);
            export.faults.truncate(RegistryExport::KEPT_FAULTS);
        }
    }
}

#[cfg(test)]
mod tests;
