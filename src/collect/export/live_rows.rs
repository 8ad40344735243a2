// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`collect_live_rows`]: turns rows of live registries into facts, with line numbers.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use core::mem;

use calhive_evidence::{LiveClient, LiveRows, RegistryExport};
use calhive_regf::FileTime;

use crate::catalog::Code;
use crate::collect::export::key_filter::KeyFilter;
use crate::collect::export::tree::{Root, Tree};
use crate::fact::{Facts, FileCopy, Origin, SourceForm};

/// Reads every place of the catalog in rows of live registries, as an artifact of Velociraptor collects them.
///
/// Each system is one source. The facts have line numbers, and the last-written times of keys if the rows state them.
/// A place that is not in the rows gives no fact, because rows hold only what was collected. A system without a place
/// of the catalog gives no source.
pub fn collect_live_rows(bytes: &[u8], file: FileCopy, sha256: Option<String>) -> Vec<Facts> {
    let filter = KeyFilter::new();
    let rows = LiveRows::parse_where(bytes, |key| filter.has(key));
    let all = rows.clients.iter().fold(0_u64, |sum, (client, _)| sum.saturating_add(client.rows));
    let one = |(client, export): (LiveClient, RegistryExport)| {
        // Part of the file, in proportion to the number of rows.
        let share = (bytes.len() as u64).saturating_mul(client.rows).checked_div(all).unwrap_or(0);
        let mut facts = of_client(client, &export, usize::try_from(share).unwrap_or(usize::MAX))?;
        facts.path.clone_from(&file.path);
        facts.real_path.clone_from(&file.real_path);
        facts.locator.clone_from(&file.locator);
        facts.sha256.clone_from(&sha256);
        facts.size = bytes.len() as u64;
        Some(facts)
    };
    rows.clients.into_iter().filter_map(one).collect()
}

/// Returns the facts of one system; `None` if its rows hold no place of the catalog.
fn of_client(client: LiveClient, export: &RegistryExport, length: usize) -> Option<Facts> {
    let tree = Tree::of(export, length);
    let roots: Vec<Root> = tree.roots().into_iter().filter(|root| root.is_live).collect();
    if roots.is_empty() {
        return None;
    }
    let mut facts = tree.facts(export, &roots, 0);
    if let SourceForm::RegistryExport(form) = mem::take(&mut facts.form) {
        facts.form = SourceForm::LiveRows(form, client);
    }
    // Windows makes this link while it runs.
    facts.facts.retain(|fact| fact.location.code != Code::SystemStoredControlSet);
    facts.facts.iter_mut().for_each(|fact| fact.provenance.origin = Origin::LiveRow);
    let places = facts.facts.iter().map(|fact| &fact.provenance);
    let times: BTreeMap<&str, FileTime> =
        places.filter_map(|it| Some((it.key.as_str(), it.row_written?))).collect();
    times.into_values().for_each(|time| facts.key_times.add(time));
    Some(facts)
}
