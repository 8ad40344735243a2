// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`EvidenceIds`]: ids of facts that do not depend on the report. [`FactReport::evidence_id`] describes them.
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
    taken: BTreeMap<String, u64>,
}

impl EvidenceIds {
    /// Begins the hashes of all facts of a source, with the hash of the source or what stands for it.
    pub(super) fn begin(source: &Facts) -> Sha256 {
        let (primary, secondary) = source.sequence;
        let without_hash = || format!("{} {} {primary} {secondary}", source.kind, source.size);
        let content = source.sha256.clone().unwrap_or_else(without_hash);
        let mut hash = Sha256::new();
        part(&mut hash, Some(&content));
        hash
    }

    /// Returns the id of a fact in a source whose hashes begin like this. Facts with the same parts get the same id.
    pub(super) fn first(begin: &Sha256, fact: &Fact) -> String {
        id(parts(begin.clone(), fact))
    }

    /// Replaces the id of a fact if an earlier fact has this id.
    pub(super) fn distinguish(&mut self, first: &mut String, source: &Facts, fact: &Fact) {
        match self.taken.get_mut(first) {
            None => {
                self.taken.insert(first.clone(), 1);
            }
            Some(taken) => {
                *taken = taken.saturating_add(1);
                let mut hash = parts(Self::begin(source), fact);
                part(&mut hash, Some(&taken.to_string()));
                *first = id(hash);
            }
        }
    }
}

/// Hashes what identifies a fact in its source.
fn parts(mut hash: Sha256, fact: &Fact) -> Sha256 {
    let place = &fact.provenance;
    let offset = place.value_place.map(|(offset, _)| offset);
    let offset = offset.or(place.key_place.map(|(offset, _)| offset)).or(place.line);
    part(&mut hash, Some(place.origin.as_str()));
    part(&mut hash, Some(&place.key));
    part(&mut hash, place.value.as_deref());
    part(&mut hash, offset.map(|offset| offset.to_string()).as_deref());
    hash
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
