// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Place`]: a place of the catalog in an export; [`Sink`]: the facts of an export.

use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use calhive_evidence::ExportedValue;
use calhive_regf::hive::name::Name;
use calhive_regf::hive::path::KeyPath;
use calhive_regf::registry::Role;

use crate::catalog::Location;
use crate::collect::export::tree::{Held, UpperPath, upper};
use crate::fact::{Fact, Origin, Provenance, State};

/// Work for one fact, without its names. The names in the fact count in addition.
const FACT: usize = 256;
/// Minimum budget for the work of a root.
const SMALL: usize = 1 << 18;

/// Facts of a root, in proportion to the length of the export.
pub(super) struct Sink {
    pub(super) facts: Vec<Fact>,
    work: usize,
    pub(super) is_full: bool,
}

impl Sink {
    /// Returns no facts of an export with this number of bytes.
    pub(super) fn new(length: usize) -> Self {
        let work = (length / 4).saturating_add(SMALL);
        Self { facts: Vec::new(), work, is_full: false }
    }

    /// Keeps a fact, if the budget allows it.
    pub(super) fn push(&mut self, fact: Fact) {
        let place = &fact.provenance;
        let names = place.key.len().saturating_add(place.value.as_ref().map_or(0, String::len));
        match self.work.checked_sub(FACT.saturating_add(names)) {
            Some(left) => {
                self.work = left;
                self.facts.push(fact);
            }
            None => (self.work, self.is_full) = (0, true),
        }
    }
}

/// A key that locations are relative to.
pub(super) struct Start {
    pub(super) path: UpperPath,
    /// Path from the root of the hive.
    pub(super) shown: KeyPath,
    pub(super) control_set: Option<(u32, Vec<Role>)>,
    pub(super) redirected: bool,
}

/// A place of the catalog in an export.
pub(super) struct Place<'s> {
    pub(super) location: &'static Location,
    pub(super) start: &'s Start,
    /// Path of the key, from the root of the hive.
    pub(super) shown: KeyPath,
}

impl Place<'_> {
    /// Returns the place for a subkey.
    pub(super) fn below(&self, held: &Held<'_>) -> Self {
        let mut shown = self.shown.clone();
        shown.push(held.name);
        Self { shown, ..*self }
    }

    fn provenance(&self, held: &Held<'_>, line: u64) -> Provenance {
        Provenance {
            control_set: self.start.control_set.clone(),
            redirected: self.start.redirected,
            key: self.shown.to_string(),
            origin: Origin::RegExport,
            line: Some(line),
            row_written: held.last_written,
            ..Provenance::default()
        }
    }

    pub(super) fn key(&self, held: &Held<'_>) -> Fact {
        Fact::new(self.location, State::Key, self.provenance(held, held.line))
    }

    pub(super) fn key_name(&self, held: &Held<'_>) -> Fact {
        let name = held.name.to_string_lossy();
        let data: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let size = data.len() as u64;
        Fact {
            data,
            size,
            ..Fact::new(self.location, State::KeyName, self.provenance(held, held.line))
        }
    }

    /// Adds the values with an accepted name. If the text repeats a value, its last line comes first: an import keeps
    /// that one.
    pub(super) fn values(
        &self,
        held: &Held<'_>,
        facts: &mut Sink,
        is_ours: impl Fn(Name<'_>) -> bool,
    ) {
        let mut names: Vec<Vec<&ExportedValue>> = Vec::new();
        let mut known: BTreeMap<Vec<u16>, usize> = BTreeMap::new();
        for value in held.values.iter().filter(|it| !it.is_removal && is_ours(it.name())) {
            let index = *known.entry(upper(value.name())).or_insert(names.len());
            match names.get_mut(index) {
                Some(same) => same.push(value),
                None => names.push(Vec::from([*value])),
            }
        }
        for value in names.into_iter().flat_map(|same| same.into_iter().rev()) {
            let provenance = Provenance {
                value: Some(value.name().as_text().to_string()),
                exported_type: Some(value.value_type),
                ..self.provenance(held, value.line)
            };
            let state = if value.is_incomplete { State::Incomplete } else { State::Set };
            let (data, size) = (value.data.clone(), value.data.len() as u64);
            facts.push(Fact { data, size, ..Fact::new(self.location, state, provenance) });
        }
    }
}
