// SPDX-License-Identifier: MIT OR Apache-2.0
//! Comparison of findings.

use alloc::collections::BTreeMap;
use alloc::format;

use crate::comparison::item::{Items, Thing};
use crate::comparison::side::Side;
use crate::report::{ComparedValue, Finding, ItemSubject};

/// Compares the findings about one host each by their code. Two findings of one code are equal if their severity is.
pub(super) fn compare(a: &Side<'_>, b: &Side<'_>, items: &mut Items) {
    let (of_a, of_b) = (findings(a), findings(b));
    for (code, finding) in &of_a {
        match of_b.get(code) {
            Some(other) if other.severity == finding.severity => items.equal(),
            Some(other) => items.changed(thing(finding), value(a, finding), value(b, other)),
            None => items.only_a(thing(finding), value(a, finding), b.all_doubts(a)),
        }
    }
    for (_, finding) in of_b.iter().filter(|(code, _)| !of_a.contains_key(*code)) {
        items.only_b(thing(finding), value(b, finding), a.all_doubts(b));
    }
}

fn findings<'r>(side: &Side<'r>) -> BTreeMap<&'static str, &'r Finding> {
    // A finding across hosts needs the other host, which can be missing on one side.
    let of_host = side.index.findings_of(&side.host.id).iter();
    of_host.map(|finding| (finding.code, *finding)).collect()
}

fn thing(finding: &Finding) -> Thing<'_> {
    Thing { subject: ItemSubject::Finding, code: finding.code, title: &finding.title }
}

fn value(side: &Side<'_>, finding: &Finding) -> ComparedValue {
    let text = format!("{}: {}", finding.severity, finding.statement);
    side.value(text, &side.facts(&finding.facts))
}
