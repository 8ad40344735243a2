// SPDX-License-Identifier: MIT OR Apache-2.0
//! Finding about a license key that was removed, without its token.

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::catalog::Code;
use crate::interpret::findings::draft::Draft;
use crate::interpret::findings::page::{FORGED, FindingPage, pages};
use crate::interpret::findings::recovery::{license_keys, place, sound};
use crate::interpret::host_evidence::HostEvidence;
use crate::interpret::view::Exhibit;
use crate::meaning::Certainty;
use crate::report::Severity;

pages! {
    KEY_REMOVED "client.license_key.removed" "License key removed, no token tied to it" Info Inferred FORGED
        when "a key LICENSEnnn with a complete path below MSLicensing\\Store was recovered from a free cell or slack, the tree has no such key, and no token was recovered from the key"
        shows "The store held a license key that is no longer in the tree. No recovered token can be tied to the key."
        not "It does not show what the key held, or who removed the key, or why. The timestamp of the key is that of its last change before the removal."
        innocent [
            "the documented repair for a damaged token deletes the key",
            "a policy script or a cleaner removed the key",
            "a Windows upgrade or a restore rewrote the hive",
        ]
        reproduce "open the hive in a registry tool that recovers deleted keys, and look for the key at the offset named in the finding"
        source "[MS] KB 187614; KB 315262"
}

/// Finds recovered license keys without a recovered token.
pub(super) fn find(examined: &HostEvidence<'_>, drafts: &mut Vec<Draft>) {
    let tokens: BTreeSet<&str> =
        examined.tokens.iter().flat_map(|it| &it.facts).map(String::as_str).collect();
    let with_token: BTreeSet<String> = sound(examined, Code::ClientStore)
        .filter(|it| tokens.contains(it.id.as_str()))
        .map(path)
        .collect();
    let live: BTreeSet<String> = examined
        .view
        .facts
        .iter()
        .filter(|it| it.code() == Code::ClientStoreLicense && it.fact.state.is_found())
        .map(|it| path(it))
        .collect();
    let mut keys: Vec<&Exhibit<'_>> = Vec::new();
    let mut seen: BTreeSet<String> = BTreeSet::new();
    for exhibit in license_keys(examined) {
        let path = path(exhibit);
        if !with_token.contains(&path) && !live.contains(&path) && seen.insert(path) {
            keys.push(exhibit);
        }
    }
    if keys.is_empty() {
        return;
    }
    let parts: Vec<String> = keys
        .iter()
        .map(|it| format!("the key {} was recovered ({})", it.fact.provenance.key, place(it)))
        .collect();
    let statement = format!(
        "{}; the tree has no such key. No recovered token can be tied to {}.",
        parts.join("; "),
        if keys.len() == 1 { "the key" } else { "these keys" }
    );
    let draft = Draft::about(&KEY_REMOVED, examined, first_upper(&statement));
    drafts.push(keys.iter().fold(draft, |draft, exhibit| draft.exhibit(exhibit)));
}

/// Returns the path of a key, for comparison.
fn path(exhibit: &Exhibit<'_>) -> String {
    exhibit.fact.provenance.key.to_lowercase()
}

fn first_upper(text: &str) -> String {
    let mut rest = text.chars();
    rest.next().map_or_else(String::new, |first| first.to_uppercase().chain(rest).collect())
}
