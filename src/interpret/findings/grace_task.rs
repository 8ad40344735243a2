// SPDX-License-Identifier: MIT OR Apache-2.0
//! Finding about scheduled tasks that name the grace period.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::catalog::Code;
use crate::interpret::findings::draft::Draft;
use crate::interpret::findings::page::{FORGED, FindingPage, pages};
use crate::interpret::host_evidence::HostEvidence;
use crate::interpret::view::Exhibit;
use crate::meaning::Certainty;
use crate::report::Severity;

pages! {
    TASK "host.grace.task" "Scheduled task names the grace period" Info Inferred FORGED
        when "the actions of a task in the cache of scheduled tasks contain GracePeriod or RTMTIMEBOMB"
        shows "A scheduled task has an action whose text names the grace period."
        not "It does not show that the task ran, what the action does, intent or unlicensed use."
        innocent [
            "a task of monitoring software reads the grace period",
            "a published repair for licensed Windows Server 2012 hosts, run as a task",
            "a program whose own name or argument contains the text",
        ]
        reproduce "read Actions of the key named in the finding below SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\Schedule\\TaskCache\\Tasks in any registry viewer, and the file of the task in System32\\Tasks"
        source "[INF] the cache of tasks; [CODE] the names, in public reset scripts"
}

/// Finds scheduled tasks that name the grace period.
pub(super) fn find(examined: &HostEvidence<'_>, drafts: &mut Vec<Draft>) {
    let tasks: Vec<&Exhibit<'_>> = examined.view.all(Code::HostGraceTask).collect();
    if tasks.is_empty() {
        return;
    }
    let parts = tasks.iter().map(|it| {
        let key = it.fact.provenance.key.rsplit('\\').next().unwrap_or_default();
        format!("{key}: {}", it.shown().unwrap_or_default())
    });
    let parts: Vec<String> = parts.collect();
    let statement = format!("Text in the actions of scheduled tasks: {}.", parts.join("; "));
    let draft = Draft::about(&TASK, examined, statement);
    drafts.push(tasks.iter().fold(draft, |draft, exhibit| draft.exhibit(exhibit)));
}
