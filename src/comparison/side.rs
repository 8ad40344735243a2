// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Side`]: a host of one report, and what of the host was not read.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::cell::RefCell;

use calhive_regf::registry::{HiveKind, Role};

use crate::catalog::{Base, Code};
use crate::comparison::index::Index;
use crate::fact::Origin;
use crate::report::{ComparedPlace, ComparedValue, FactReport, Host, SourceReport, Text};

/// Maximum number of reasons of one result.
const REASONS: usize = 3;

/// A host of one report.
pub(super) struct Side<'r> {
    pub(super) index: &'r Index<'r>,
    pub(super) host: &'r Host,
    facts: Vec<&'r FactReport>,
    /// Number of each fact among the facts of the host.
    numbers: BTreeMap<&'r str, usize>,
    /// Doubts about places that were already computed.
    doubts: RefCell<BTreeMap<Vec<Code>, Vec<Text>>>,
}

impl<'r> Side<'r> {
    pub(super) fn new(index: &'r Index<'r>, host: &'r Host) -> Self {
        let facts = index.facts_of(host.sources.iter().map(String::as_str));
        let ids = facts.iter().map(|fact| fact.id.as_str());
        let numbers = ids.zip(0..).collect();
        Self { index, host, facts, numbers, doubts: RefCell::default() }
    }

    /// Returns the facts in the tree, of the control set in use. Without a control set in use, of all control sets.
    pub(super) fn in_tree(&self) -> impl Iterator<Item = &'r FactReport> + '_ {
        self.facts.iter().copied().filter(|fact| self.is_in_tree(fact))
    }

    /// Whether a fact of the host is in the tree, and in the control set in use if it is known.
    pub(super) fn is_in_tree(&self, fact: &FactReport) -> bool {
        let current = self.current_set();
        let set = fact.provenance.control_set.as_ref().map(|set| set.number);
        fact.state.is_found()
            && fact.provenance.origin.is_shown()
            && (current.is_none() || set.is_none_or(|set| Some(set) == current))
    }

    /// Returns the number of the control set in use.
    pub(super) fn current_set(&self) -> Option<u32> {
        let sets = &self.host.control_sets;
        sets.iter().find(|set| set.roles.contains(&Role::Current)).map(|set| set.number)
    }

    /// Returns the facts with these ids.
    pub(super) fn facts(&self, ids: &[String]) -> Vec<&'r FactReport> {
        let numbers = ids.iter().filter_map(|id| self.numbers.get(id.as_str()).copied());
        let numbers: BTreeSet<usize> = numbers.collect();
        numbers.into_iter().filter_map(|number| self.facts.get(number).copied()).collect()
    }

    /// Returns a value with the places of its facts.
    pub(super) fn value(&self, text: impl Into<String>, facts: &[&FactReport]) -> ComparedValue {
        let times = facts.iter().filter_map(|fact| fact.provenance.key_last_written);
        ComparedValue {
            text: text.into(),
            key_last_written: times.max(),
            places: facts.iter().map(|fact| self.place(fact)).collect(),
        }
    }

    fn place(&self, fact: &FactReport) -> ComparedPlace {
        let place = &fact.provenance;
        let source = self.index.source(&fact.source);
        ComparedPlace {
            evidence_id: fact.evidence_id.clone(),
            path: source.map(|source| source.path.clone()).unwrap_or_default(),
            key_path: place.key_path.clone(),
            value_name: place.value_name.clone(),
            offset: place.value_offset.or(place.key_offset),
        }
    }

    /// Returns the reasons why this side can hold something at these places that was not found.
    pub(super) fn doubts(&self, codes: &[Code]) -> Vec<Text> {
        if let Some(known) = self.doubts.borrow().get(codes) {
            return known.clone();
        }
        let doubts = self.doubts_about(codes);
        self.doubts.borrow_mut().insert(codes.to_vec(), doubts.clone());
        doubts
    }

    fn doubts_about(&self, codes: &[Code]) -> Vec<Text> {
        let mut doubts = Vec::new();
        let kinds: BTreeSet<HiveKind> = codes.iter().map(|code| code.location().hive()).collect();
        for kind in kinds {
            self.doubt_hive(kind, &mut doubts);
        }
        let is_in_set = |code: &Code| code.location().base == Base::ControlSet;
        if codes.iter().any(is_in_set) && self.current_set().is_none() {
            doubts.push(String::from("no control set in use is known"));
        }
        for fact in self.facts.iter().filter(|fact| codes.contains(&fact.code)) {
            let key = &fact.provenance.key_path;
            if let Some(fault) = &fact.lost {
                doubts.push(format!("{key} could not be read: {}", fault.message));
            } else if fact.provenance.origin == Origin::Hidden {
                doubts.push(format!("{key} lies outside the tree ({})", fact.id));
            }
        }
        shortened(doubts)
    }

    /// Returns the reasons why this side can hold something anywhere that was not found. `other` is the host that
    /// this one is compared with.
    pub(super) fn all_doubts(&self, other: &Side<'_>) -> Vec<Text> {
        let mut doubts = Vec::new();
        let kinds: BTreeSet<HiveKind> = other.sources().map(|source| source.kind).collect();
        for kind in kinds {
            self.doubt_hive(kind, &mut doubts);
        }
        shortened(doubts)
    }

    /// Returns the sources of the host, in the order of the report.
    fn sources(&self) -> impl Iterator<Item = &'r SourceReport> + '_ {
        self.index.sources(&self.host.sources).into_iter()
    }

    /// Adds the reasons why hives of this kind were not read whole.
    fn doubt_hive(&self, kind: HiveKind, doubts: &mut Vec<String>) {
        let mut hives = self.sources().filter(|source| source.kind == kind).peekable();
        if hives.peek().is_none() {
            doubts.push(format!("the host has no {kind} hive"));
        }
        for source in hives {
            let path = &source.path;
            match source.unread.total {
                0 => {}
                1 => doubts.push(format!("1 item of {path} could not be read")),
                number => doubts.push(format!("{number} items of {path} could not be read")),
            }
            if source.is_fragment {
                doubts.push(format!("{path} is a part of a hive"));
            }
            if source.counts.is_none() {
                doubts.push(format!("{path} was read at the places of the catalog only"));
            }
            if self.host.logs.iter().any(|logs| logs.source == source.id && logs.is_incomplete) {
                doubts.push(format!("changes in transaction logs of {path} may be missing"));
            }
            doubts.extend(self.index.not_read(path).iter().map(|it| it.message.clone()));
        }
    }
}

/// Returns the first reasons, each once, and the number of the others.
fn shortened(mut doubts: Vec<String>) -> Vec<Text> {
    let mut known = BTreeSet::new();
    doubts.retain(|doubt| known.insert(doubt.clone()));
    let more = doubts.len().saturating_sub(REASONS);
    if more > 0 {
        doubts.truncate(REASONS);
        doubts.push(format!("{more} more reasons"));
    }
    doubts.into_iter().map(Text::from).collect()
}
