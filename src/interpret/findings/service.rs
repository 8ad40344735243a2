// SPDX-License-Identifier: MIT OR Apache-2.0
//! Findings about the service of a session host.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::catalog::Code;
use crate::interpret::findings::draft::Draft;
use crate::interpret::findings::page::{FORGED, FindingPage, pages};
use crate::interpret::host_evidence::HostEvidence;
use crate::meaning::Certainty;
use crate::meaning::service_library::is_own_library;
use crate::report::Severity;

pages! {
    CONCURRENT "host.sessions.concurrent" "Unusual service library or concurrent-session setting" Notice Inferred FORGED
        when "on any edition, ServiceDll of the Remote Desktop service is not termsrv.dll in System32, or EnableConcurrentSessions below Control\\Terminal Server\\Licensing Core is 1"
        shows "The service is configured to load a library other than Windows' own, or a setting exists that is known only from third-party scripts."
        not "It does not show that concurrent sessions took place, or what the library does. Only name and folder are compared, so a modified file of the same name goes unnoticed."
        innocent [
            "software wraps the service for monitoring or remote support",
            "the setting remains from an experiment",
        ]
        reproduce "read ServiceDll in TermService\\Parameters, and hash the file named there"
        source "[CODE] public scripts and wrappers"
}

/// Finds an unusual library of the service, or a setting that only third-party scripts write. Such
/// a finding also lists weaker signs, but weaker signs alone are no finding.
pub(super) fn concurrent_sessions(examined: &HostEvidence<'_>, drafts: &mut Vec<Draft>) {
    let view = &examined.view;
    let (mut parts, mut facts) = (Vec::new(), Vec::new());
    let library = view.text(Code::HostServiceLibrary).filter(|(path, _)| !is_own_library(path));
    if let Some((path, id)) = library {
        parts.push(format!(
            "ServiceDll of the Remote Desktop service is {path}, not termsrv.dll in System32"
        ));
        facts.push(id);
    }
    if let Some((1, id)) = view.number(Code::HostLicensingCoreConcurrentSessions) {
        parts.push(String::from("EnableConcurrentSessions is 1"));
        facts.push(id);
    }
    if parts.is_empty() {
        return;
    }
    for (code, number, what) in [
        (Code::HostMultipleSessions, 1, "AllowMultipleTSSessions is 1, a weaker sign"),
        (Code::HostSingleSession, 0, "fSingleSessionPerUser is 0, which alone is no sign"),
    ] {
        if let Some((_, id)) = view.number(code).filter(|(found, _)| *found == number) {
            parts.push(String::from(what));
            facts.push(id);
        }
    }
    let statement = format!("{}.", parts.join("; "));
    drafts.push(Draft::about(&CONCURRENT, examined, statement).facts(&facts));
}
