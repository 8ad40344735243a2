// SPDX-License-Identifier: MIT OR Apache-2.0
//! Comparison of the keys and values at the places of the catalog.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::{String, ToString as _};

use crate::catalog::{Code, Subject};
use crate::comparison::identity;
use crate::comparison::item::{Items, Thing};
use crate::comparison::side::Side;
use crate::report::{ComparedValue, FactReport, ItemSubject};

/// Place of a fact, in a form that is the same on both sides.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Slot {
    code: Code,
    /// Number of the control set, if none is in use.
    control_set: Option<u32>,
    redirected: bool,
    /// Path of the key in lower case, without its control set.
    key_path: String,
    value_name: Option<String>,
}

impl Slot {
    pub(super) fn of(side: &Side<'_>, fact: &FactReport) -> Self {
        let place = &fact.provenance;
        let set = place.control_set.as_ref().map(|set| set.number);
        let below_set = set.and_then(|_| place.key_path.split_once('\\'));
        let path = below_set.map_or(place.key_path.as_str(), |(_, path)| path);
        Self {
            code: fact.code,
            control_set: set.filter(|_| side.current_set().is_none()),
            redirected: place.redirected,
            key_path: path.to_lowercase(),
            value_name: place.value_name.as_ref().map(|name| name.to_lowercase()),
        }
    }
}

/// Compares the facts in the trees. Other comparisons have the bytes of tokens and the marks of the installation.
pub(super) fn compare(a: &Side<'_>, b: &Side<'_>, items: &mut Items) {
    let elsewhere = identity::codes(a, b);
    let (of_a, of_b) = (facts(a, &elsewhere), facts(b, &elsewhere));
    for (slot, fact) in &of_a {
        match of_b.get(slot) {
            Some(other) if is_equal(fact, other) => items.equal(),
            Some(other) => items.changed(thing(fact), value(a, fact), value(b, other)),
            None => items.only_a(thing(fact), value(a, fact), b.doubts(&[slot.code])),
        }
    }
    for (slot, fact) in of_b.iter().filter(|(slot, _)| !of_a.contains_key(*slot)) {
        items.only_b(thing(fact), value(b, fact), a.doubts(&[slot.code]));
    }
}

fn facts<'r>(side: &Side<'r>, elsewhere: &BTreeSet<Code>) -> BTreeMap<Slot, &'r FactReport> {
    let is_token = |fact: &&FactReport| {
        fact.data.as_ref().is_some_and(|data| side.index.is_token(&data.sha256))
    };
    let mut facts = BTreeMap::new();
    let compared = side.in_tree().filter(|it| !is_token(it) && !elsewhere.contains(&it.code));
    for fact in compared {
        facts.entry(Slot::of(side, fact)).or_insert(fact);
    }
    facts
}

/// Whether two facts have the same type and data. Keys are equal.
fn is_equal(one: &FactReport, other: &FactReport) -> bool {
    let data = |fact: &FactReport| fact.data.as_ref().map(|it| (it.size, it.sha256.clone()));
    one.state == other.state
        && one.provenance.value_type == other.provenance.value_type
        && data(one) == data(other)
}

fn thing(fact: &FactReport) -> Thing<'_> {
    let subject = match fact.code.subject() {
        Subject::Client => ItemSubject::Client,
        Subject::SessionHost => ItemSubject::SessionHost,
        Subject::LicenseServer => ItemSubject::LicenseServer,
        Subject::System => ItemSubject::Identity,
    };
    Thing { subject, code: fact.code.as_str(), title: &fact.title }
}

fn value(side: &Side<'_>, fact: &FactReport) -> ComparedValue {
    let text = match (&fact.shown, &fact.data) {
        (Some(shown), _) => match &fact.label {
            Some(label) => format!("{shown} ({label})"),
            None => shown.to_string(),
        },
        (None, Some(data)) => format!("{} bytes, SHA-256 {}", data.size, data.sha256),
        (None, None) => String::from("the key"),
    };
    side.value(text, &[fact])
}
