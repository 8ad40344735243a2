// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`fn@evidence_id`]: ids of facts that do not depend on the report. [`FactReport::evidence_id`] describes them.
//!
//! [`FactReport::evidence_id`]: crate::report::FactReport::evidence_id

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString as _};

use sha2::{Digest as _, Sha256};

use crate::fact::{Fact, Facts};
use crate::meaning::text;

/// Size of an id, in bytes.
const SIZE: usize = 16;

/// Distinguishes the ids of all facts of a report.
#[derive(Debug, Default)]
pub(super) struct EvidenceIds {
    /// Number of facts with the same parts so far, by the id of the first such fact.
    taken: BTreeMap<u128, u64>,
}

impl EvidenceIds {
    /// Gives facts with the same parts different ids, in the order of the calls. `first` is the id by
    /// [`evidence_id`].
    pub(super) fn distinct(&mut self, first: String, source: &Facts, fact: &Fact) -> String {
        let taken = self.taken.entry(number(&first)).or_default();
        *taken = taken.saturating_add(1);
        match *taken {
            1 => first,
            number => {
                let mut hash = hash(source, fact);
                part(&mut hash, Some(&number.to_string()));
                id(hash)
            }
        }
    }
}

/// Returns the id of the first fact with these parts.
pub(super) fn evidence_id(source: &Facts, fact: &Fact) -> String {
    id(hash(source, fact))
}

/// Returns the number that an id writes in hex.
fn number(id: &str) -> u128 {
    u128::from_str_radix(id, 16).unwrap_or_default()
}

/// Hashes the parts of a fact.
fn hash(source: &Facts, fact: &Fact) -> Sha256 {
    let place = &fact.provenance;
    let offset = place.value_place.map(|(offset, _)| offset);
    let offset = offset.or(place.key_place.map(|(offset, _)| offset)).or(place.line);
    let mut hash = Sha256::new();
    part(&mut hash, Some(&content(source)));
    part(&mut hash, Some(place.origin.as_str()));
    part(&mut hash, Some(&place.key));
    part(&mut hash, place.value.as_deref());
    part(&mut hash, offset.map(|offset| offset.to_string()).as_deref());
    hash
}

/// Returns the hash of a source, or what stands for the hash.
fn content(source: &Facts) -> String {
    let (primary, secondary) = source.sequence;
    let without_hash = || format!("{} {} {primary} {secondary}", source.kind, source.size);
    source.sha256.clone().unwrap_or_else(without_hash)
}

/// Adds a part with its length. A missing part has only a length, which no text can have.
fn part(hash: &mut Sha256, part: Option<&str>) {
    let length = part.map_or(u64::MAX, |part| part.len() as u64);
    hash.update(length.to_le_bytes());
    hash.update(part.unwrap_or_default());
}

fn id(hash: Sha256) -> String {
    let digest = hash.finalize();
    text::hex(digest.get(..SIZE).unwrap_or_default())
}
