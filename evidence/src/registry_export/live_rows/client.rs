// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`LiveClient`]: the system that rows of a live registry come from.

use calhive_regf::FileTime;

use super::fields::Fields;

/// System that rows of a live registry come from, as the rows name it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LiveClient {
    /// Client ID that the Velociraptor server adds to the rows of a hunt.
    pub client_id: Option<String>,
    /// Fully qualified or plain host name that the client reports.
    pub host_name: Option<String>,
    /// Times of the first and the last collection, by the clock of the client.
    pub collected: Option<(FileTime, FileTime)>,
    /// Whether a row was read from a hive on disk, not from the running registry.
    pub has_hives_on_disk: bool,
    /// Number of rows.
    pub rows: u64,
}

impl LiveClient {
    /// Adds what a row says about its system.
    pub(super) fn add(&mut self, fields: &Fields) {
        self.rows = self.rows.saturating_add(1);
        let set = |place: &mut Option<String>, text: &Option<String>| {
            if place.is_none() {
                place.clone_from(text);
            }
        };
        set(&mut self.client_id, &fields.client_id);
        set(&mut self.host_name, &fields.fqdn);
        set(&mut self.host_name, &fields.host_name);
        self.has_hives_on_disk |= fields.accessor.as_deref() == Some("raw_reg");
        if let Some(time) = fields.collected {
            let (first, last) = self.collected.unwrap_or((time, time));
            self.collected = Some((first.min(time), last.max(time)));
        }
    }
}
