// SPDX-License-Identifier: MIT OR Apache-2.0
//! Whether calhive can state that nothing is set at a place. The statement holds only if every list on the
//! way was read, in the control set in use, and no such item lies outside the tree.

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use calhive_regf::hive::hidden::HiddenBy;
use calhive_regf::registry::HiveKind;

use crate::catalog::Code;
use crate::interpret::view::{Exhibit, View};

/// Maximum number of reasons in a statement.
const REASONS: usize = 3;

impl<'f> View<'f> {
    /// Returns the reasons why calhive cannot state that these places are empty, as clauses. Empty if it
    /// can. A place whose hive is not at hand gives no reason: the statement names the searched hives.
    pub(super) fn doubts(&self, codes: &[Code]) -> Vec<String> {
        let mut doubts: Vec<String> = Vec::new();
        let needs_set = codes.iter().any(|code| code.location().hive() == HiveKind::System);
        doubts.extend(self.no_set_in_use().filter(|_| needs_set));
        for (id, source) in &self.sources {
            let is_of = codes.iter().any(|code| code.location().hive() == source.kind);
            if let Some(why) = source.form.shows_no_absence() {
                doubts.push(format!("{id} {why}"));
            }
            if is_of && source.lacks_changes() {
                doubts.push(format!("changes in transaction logs of {id} may be missing"));
            }
        }
        let mut known = BTreeSet::new();
        let lost = self.facts.iter().filter(|it| it.fact.lost.is_some() && self.is_of(it, codes));
        for fact in lost {
            let place = &fact.fact.provenance;
            if let Some(error) = fact.fact.lost.as_ref().filter(|error| known.insert(**error)) {
                doubts.push(format!("{} could not be read: {error} ({})", place.key, fact.id));
            }
        }
        for fact in self.outside(codes) {
            doubts.push(outside_the_tree(fact));
        }
        if let Some(more) = doubts.len().checked_sub(REASONS).filter(|more| *more > 0) {
            doubts.truncate(REASONS);
            doubts.push(format!("{more} more reasons"));
        }
        doubts
    }

    /// Returns the facts of these places that lie outside the tree: the first one for each field that hides
    /// them.
    pub(super) fn outside(&self, codes: &[Code]) -> Vec<&'f Exhibit<'f>> {
        let mut known = BTreeSet::new();
        let facts = self.hidden.iter().copied().filter(|it| {
            let hiding = it.fact.provenance.hidden;
            self.is_of(it, codes)
                && hiding.is_some_and(|it| it.by != HiddenBy::Terminator && known.insert(it.offset))
        });
        facts.collect()
    }

    /// Returns the facts recovered from deleted data at these places.
    pub(super) fn recovered_at(&self, codes: &[Code]) -> Vec<&'f Exhibit<'f>> {
        self.recovered.iter().copied().filter(|it| codes.contains(&it.code())).collect()
    }

    /// Returns a clause that names the facts recovered at these places, worded to follow a statement of absence.
    /// Empty without such facts.
    pub(super) fn recovered_note(&self, codes: &[Code]) -> String {
        let recovered = self.recovered_at(codes);
        let ids: Vec<&str> = recovered.iter().map(|it| it.id.as_str()).collect();
        match ids.as_slice() {
            [] => String::new(),
            ids => format!("; recovered outside the tree: {}", ids.join(", ")),
        }
    }

    /// Whether the fact belongs to one of these places, in the control set in use if it is known.
    fn is_of(&self, fact: &Exhibit<'_>, codes: &[Code]) -> bool {
        let set = self.current_set();
        let is_current = set.is_none() || fact.control_set().is_none_or(|of| Some(of) == set);
        codes.contains(&fact.code()) && is_current
    }
}

/// Describes a fact outside the tree.
fn outside_the_tree(fact: &Exhibit<'_>) -> String {
    let place = &fact.fact.provenance;
    let offset =
        place.hidden.map(|it| format!(", see the field at {:#x}", it.offset)).unwrap_or_default();
    match &place.value {
        Some(value) => format!(
            "the value {value} of {} lies outside the tree ({}{offset})",
            place.key, fact.id
        ),
        None => format!("the key {} lies outside the tree ({}{offset})", place.key, fact.id),
    }
}
