// SPDX-License-Identifier: MIT OR Apache-2.0
//! Finding about control sets, or states of one control set in the logs, with different computer names.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::catalog::Code;
use crate::fact::explain::explain;
use crate::fact::{Change, Fact};
use crate::interpret::findings::draft::Draft;
use crate::interpret::findings::page::{FORGED, FindingPage, pages};
use crate::interpret::host_evidence::HostEvidence;
use crate::interpret::view::Exhibit;
use crate::meaning::{Certainty, MachineName};
use crate::report::Severity;

pages! {
    RENAMED "system.renamed" "Different computer names in one hive" Info Observed FORGED
        when "the value ComputerName has different names in different control sets, or an entry of a transaction log changed it; names compare as NetBIOS names"
        shows "The hive or its logs hold more than one computer name. This is consistent with a machine that was renamed, or with a clone that got a new name. A token or certificate with any of these names can belong to this machine."
        not "It does not show who renamed the machine, when or why."
        innocent [
            "setup or an administrator renamed the machine",
            "the machine was made from an image, and got its name at the first start",
        ]
        reproduce "compare ComputerName below SYSTEM\\ControlSet00n\\Control\\ComputerName\\ComputerName in each control set, in any registry viewer, before and after the logs are applied"
        source "[REAL] several control sets on real hives; [INF] what the difference means"
}

/// Finds control sets with different computer names, and log entries that changed the name.
pub(super) fn find(examined: &HostEvidence<'_>, drafts: &mut Vec<Draft>) {
    let is_name = |it: &&&Exhibit<'_>| {
        it.code() == Code::SystemComputerName && it.fact.state.is_value() && it.shown().is_some()
    };
    let all: Vec<&Exhibit<'_>> = examined.view.facts.iter().filter(is_name).copied().collect();
    let mut names: BTreeMap<String, u32> = BTreeMap::new();
    for name in all.iter().filter_map(|it| it.shown()).filter(|name| !name.is_empty()) {
        let count = names.entry(MachineName::from(name).comparable()).or_default();
        *count = count.saturating_add(1);
    }
    let mut parts = Vec::new();
    if names.len() > 1 {
        let mut of_set: Vec<(u32, &str)> =
            all.iter().filter_map(|it| Some((it.control_set()?, it.shown()?))).collect();
        of_set.sort_unstable();
        parts.extend(of_set.iter().map(|(set, name)| format!("control set {set} has {name}")));
    }
    parts.extend(renamed_by_logs(examined));
    if !parts.is_empty() {
        let statement = format!("Computer names: {}.", parts.join("; "));
        let draft = Draft::about(&RENAMED, examined, statement);
        drafts.push(all.iter().fold(draft, |draft, exhibit| draft.exhibit(exhibit)));
    }
}

/// Describes the changes of the computer name by log entries.
fn renamed_by_logs(examined: &HostEvidence<'_>) -> Vec<String> {
    let name = |fact: &Option<Fact>| explain(fact.as_ref()?)?.shown;
    let of_change = |change: &Change| {
        change.fact().filter(|fact| fact.location.code == Code::SystemComputerName)?;
        let (before, after) = (name(&change.before)?, name(&change.after)?);
        let is_same = MachineName::from(before.as_str()).is_same(&MachineName::from(&*after));
        let key = &change.fact()?.provenance.key;
        (!is_same).then(|| format!("a log entry changed {key} from {before} to {after}"))
    };
    let histories = examined.view.sources.iter().filter_map(|(_, it)| it.history.as_ref());
    histories.flat_map(|history| &history.changes).filter_map(of_change).collect()
}
