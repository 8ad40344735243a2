// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Search`]: the places of a source that were searched without result, grouped by key.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

#[cfg(feature = "schema")]
use schemars::JsonSchema;
use serde::{Serialize, Serializer};

use calhive_regf::FileTime;

use crate::catalog::Code;
use crate::fact::{Origin, State};
use crate::report::{Agreement, FactReport, Report};

/// Places of a source that were searched without result, with one result of the second reader. Every list on the
/// way to these places was read.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub(super) struct Search<'r> {
    /// Id of the source.
    source: &'r str,
    /// Result of the second reader for each of the places. Absent if the second reader did not check them.
    #[serde(skip_serializing_if = "Option::is_none")]
    second_reader: Option<Agreement>,
    /// Keys that were searched.
    #[serde(serialize_with = "serialize_keys")]
    #[cfg_attr(feature = "schema", schemars(with = "Vec<SearchedKey<'r>>"))]
    keys: Vec<&'r FactReport>,
}

/// A key that was searched without result.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
struct SearchedKey<'r> {
    /// Path of the key, from the root of the hive.
    key_path: &'r str,
    /// Whether the key exists without the values, or does not exist.
    state: State,
    /// Number of the control set. Absent outside control sets.
    #[serde(skip_serializing_if = "Option::is_none")]
    control_set: Option<u32>,
    /// Whether the key is in the registry view of 32-bit programs (`Wow6432Node`).
    /// Absent if not.
    #[serde(skip_serializing_if = "core::ops::Not::not")]
    redirected: bool,
    /// Offset of the key, in bytes from the start of the file. Absent without such a key.
    #[serde(skip_serializing_if = "Option::is_none")]
    key_offset: Option<u64>,
    /// Last-written time of the key, UTC. Absent without such a key.
    #[serde(skip_serializing_if = "Option::is_none")]
    key_last_written: Option<FileTime>,
    /// The places.
    places: Vec<SearchedPlace<'r>>,
}

/// A place that was searched without result. Its line in JSON Lines, a `fact`, also has the `evidence_id`.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
struct SearchedPlace<'r> {
    /// Id of the fact.
    id: &'r str,
    /// Code of the place in the catalog.
    code: Code,
    /// Name of the value. Empty for the default value. Absent if the catalog looks for the key, or for any value.
    #[serde(skip_serializing_if = "Option::is_none")]
    value_name: Option<&'r str>,
}

/// What the places of one group share.
type Group<'r> = (&'r str, Option<u32>, bool, bool, Option<u64>);

impl<'r> Search<'r> {
    /// Returns the places by source and key, in the order of the facts.
    pub(super) fn of(report: &'r Report) -> Vec<Self> {
        let mut facts: BTreeMap<&str, [Vec<&FactReport>; 2]> = BTreeMap::new();
        for fact in report.facts.iter().filter(|fact| is_without_result(fact)) {
            let [agreed, not_asked] = facts.entry(&fact.source).or_default();
            let of_reading = if fact.second_reader.is_some() { agreed } else { not_asked };
            of_reading.push(fact);
        }
        let of_source = report.sources.iter().flat_map(|source| {
            let [agreed, not_asked] = facts.remove(source.id.as_str()).unwrap_or_default();
            [(Some(Agreement::Agreed), agreed), (None, not_asked)]
                .map(|(second_reader, keys)| Self { source: &source.id, second_reader, keys })
        });
        of_source.filter(|searched| !searched.keys.is_empty()).collect()
    }
}

/// Whether nothing was found at a place, and the group of its key says all about it.
pub(super) fn is_without_result(fact: &FactReport) -> bool {
    let place = &fact.provenance;
    let second = fact.second_reader.as_ref();
    matches!(fact.state, State::NotSet | State::NotInKey)
        && fact.lost.is_none()
        && fact.permissions.is_none()
        && place.origin == Origin::Live
        && place.from_logs.is_empty()
        && second.is_none_or(|reading| reading.state == Agreement::Agreed)
}

/// Writes facts by key. The groups of one source are in memory at a time.
fn serialize_keys<S: Serializer>(facts: &[&FactReport], serializer: S) -> Result<S::Ok, S::Error> {
    keys(facts).serialize(serializer)
}

fn keys<'r>(facts: &[&'r FactReport]) -> Vec<SearchedKey<'r>> {
    let mut keys: Vec<SearchedKey<'r>> = Vec::new();
    let mut numbers: BTreeMap<Group<'r>, usize> = BTreeMap::new();
    for fact in facts {
        let number = *numbers.entry(group(fact)).or_insert(keys.len());
        if number == keys.len() {
            keys.push(key(fact));
        }
        let value_name = fact.provenance.value_name.as_deref();
        let place = SearchedPlace { id: &fact.id, code: fact.code, value_name };
        if let Some(key) = keys.get_mut(number) {
            key.places.push(place);
        }
    }
    keys
}

fn group(fact: &FactReport) -> Group<'_> {
    let place = &fact.provenance;
    let set = place.control_set.as_ref().map(|set| set.number);
    let exists = fact.state == State::NotInKey;
    (&place.key_path, set, place.redirected, exists, place.key_offset)
}

fn key(fact: &FactReport) -> SearchedKey<'_> {
    let place = &fact.provenance;
    SearchedKey {
        key_path: &place.key_path,
        state: fact.state,
        control_set: place.control_set.as_ref().map(|set| set.number),
        redirected: place.redirected,
        key_offset: place.key_offset,
        key_last_written: place.key_last_written,
        places: Vec::new(),
    }
}
