// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`collect_export`]: turns a text export of the registry editor into facts, with line numbers.

mod key_filter;
mod live_rows;
mod place;
mod reader;
mod tree;

pub use live_rows::collect_live_rows;

use alloc::collections::BTreeSet;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use calhive_evidence::{ExportFault, ExportFaultKind, RegistryExport};
use calhive_regf::registry::HiveKind;

use crate::collect::export::key_filter::KeyFilter;
use crate::collect::export::tree::{MOUNTED, Root, Tree};
use crate::collect::without_hive::without_hive;
use crate::fact::{Counts, ExportForm, Facts, FileCopy, SourceForm};

/// Reads every place of the catalog that a text export holds, in every control set and both registry views.
///
/// The facts have line numbers, but no offsets and no times. A place that is not in the export gives no fact, because
/// an export holds only what someone exported. `HKEY_LOCAL_MACHINE\SOFTWARE`, `SYSTEM` and `SECURITY` of one export
/// are one source. Hives that were loaded under other names are one source too, if each kind occurs once. An export
/// without a place of the catalog gives no source.
pub fn collect_export(bytes: &[u8], file: FileCopy, sha256: Option<String>) -> Vec<Facts> {
    let filter = KeyFilter::new();
    let export = RegistryExport::parse_where(bytes, |key| filter.has(key));
    let tree = Tree::of(&export, bytes.len());
    let mut groups: Vec<Vec<Root>> = Vec::new();
    let (machine, loaded): (Vec<Root>, Vec<Root>) =
        tree.roots().into_iter().partition(|root| root.is_live);
    let kinds: BTreeSet<HiveKind> = loaded.iter().map(|root| root.kind).collect();
    let is_one_host = kinds.len() == loaded.len();
    groups.push(machine);
    match is_one_host {
        true => groups.push(loaded),
        false => groups.extend(loaded.into_iter().map(|root| Vec::from([root]))),
    }
    groups.retain(|roots| !roots.is_empty());
    let remarks = export.faults.iter().filter(|fault| fault.kind.is_remark()).count() as u64;
    let one = |roots: Vec<Root>| {
        let mut facts = tree.facts(&export, &roots, remarks);
        facts.path.clone_from(&file.path);
        facts.real_path.clone_from(&file.real_path);
        facts.locator.clone_from(&file.locator);
        facts.sha256.clone_from(&sha256);
        facts.size = bytes.len() as u64;
        facts
    };
    groups.into_iter().map(one).collect()
}

impl<'e> Tree<'e> {
    /// Returns the facts below some roots, with the form of the source. `remarks` is the number of remarks among the
    /// faults that the export counts.
    pub(super) fn facts(&self, export: &RegistryExport, roots: &[Root], remarks: u64) -> Facts {
        let kind = MOUNTED.iter().map(|(kind, _)| *kind);
        let kind = kind.clone().find(|kind| roots.iter().any(|root| root.kind == *kind));
        let mut facts = without_hive(kind.unwrap_or(HiveKind::Other));
        let mut is_full = false;
        for root in roots {
            let found = self.facts_of(root);
            is_full |= found.is_full;
            facts.facts.extend(found.facts);
        }
        facts.counts = Some(Counts { keys: export.key_count, values: export.value_count });
        let fault_count = export.fault_count.saturating_sub(remarks);
        let fault_count = fault_count.saturating_add(u64::from(is_full));
        facts.unread.total = fault_count;
        let (line, column, kind) = (export.line_count, None, ExportFaultKind::TooMany);
        let too_many = is_full.then_some(ExportFault { line, column, kind });
        let shown = |root: &Root| (root.kind, self.shown(&root.path).to_string());
        facts.form = SourceForm::RegistryExport(ExportForm {
            version: export.version,
            encoding: export.encoding,
            lines: export.line_count,
            roots: roots.iter().map(shown).collect(),
            remarks: self.remarks(roots),
            faults: export.faults.iter().copied().chain(too_many).collect(),
            fault_count,
        });
        facts
    }
}
