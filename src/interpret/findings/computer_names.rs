// SPDX-License-Identifier: MIT OR Apache-2.0
//! Finding about control sets with different computer names.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::catalog::Code;
use crate::interpret::findings::draft::Draft;
use crate::interpret::findings::page::{FORGED, FindingPage, pages};
use crate::interpret::host_evidence::HostEvidence;
use crate::interpret::view::Exhibit;
use crate::meaning::{Certainty, MachineName};
use crate::report::Severity;

pages! {
    RENAMED "system.renamed" "Control sets name different computers" Info Observed FORGED
        when "the value ComputerName has different names in different control sets; names compare as NetBIOS names"
        shows "One control set holds another computer name than another. This is consistent with a machine that was renamed, or with a clone that got a new name. A token or certificate for the other name can be this machine's own."
        not "It does not show who renamed the machine, when or why."
        innocent [
            "setup or an administrator renamed the machine",
            "the machine was made from an image, and got its name at the first start",
        ]
        reproduce "compare ComputerName below SYSTEM\\ControlSet00n\\Control\\ComputerName\\ComputerName in each control set, in any registry viewer"
        source "[REAL] several control sets on real hives; [INF] what the difference means"
}

/// Finds control sets with different computer names.
pub(super) fn find(examined: &HostEvidence<'_>, drafts: &mut Vec<Draft>) {
    let mut names: BTreeMap<String, Vec<&Exhibit<'_>>> = BTreeMap::new();
    for exhibit in &examined.view.facts {
        let is_name = exhibit.code() == Code::SystemComputerName && exhibit.fact.state.is_value();
        if let Some(name) = exhibit.shown().filter(|name| is_name && !name.is_empty()) {
            names.entry(MachineName::from(name).comparable()).or_default().push(exhibit);
        }
    }
    if names.len() < 2 {
        return;
    }
    let all: Vec<&Exhibit<'_>> = names.into_values().flatten().collect();
    let mut of_set: Vec<(u32, &str)> =
        all.iter().filter_map(|it| Some((it.control_set()?, it.shown()?))).collect();
    of_set.sort_unstable();
    let parts: Vec<String> =
        of_set.iter().map(|(set, name)| format!("control set {set} has {name}")).collect();
    let statement = format!("The control sets name different computers: {}.", parts.join("; "));
    let draft = Draft::about(&RENAMED, examined, statement);
    drafts.push(all.iter().fold(draft, |draft, exhibit| draft.exhibit(exhibit)));
}
