// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`SetInUse`]: the control set that Windows last used, or why it is not known.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use calhive_regf::registry::{HiveKind, Role};

use crate::catalog::Code;
use crate::fact::State;
use crate::interpret::view::{Exhibit, View};

/// The control set that Windows last used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SetInUse {
    /// `Select\Current` names this control set, which is in the tree.
    Known(u32),
    /// `Select\Current` names this control set, which is not in the tree.
    NotInTree(u32),
    /// No readable `Select\Current` names a control set.
    Unknown,
}

impl View<'_> {
    /// Returns the control set in use.
    pub(super) fn set_in_use(&self) -> SetInUse {
        if let Some(number) = self.current_set() {
            return SetInUse::Known(number);
        }
        let named = self.number(Code::SystemSelectCurrent);
        named.map_or(SetInUse::Unknown, |(number, _)| SetInUse::NotInTree(number))
    }

    /// Explains why the control set in use is not known, as a sentence without its full stop. Returns
    /// `None` if it is known, or without a SYSTEM hive.
    pub(super) fn no_set_in_use(&self) -> Option<String> {
        if !self.has(HiveKind::System) {
            return None;
        }
        match self.set_in_use() {
            SetInUse::Known(_) => None,
            SetInUse::NotInTree(number) => {
                let id =
                    self.number(Code::SystemSelectCurrent).map(|(_, id)| id).unwrap_or_default();
                Some(format!(
                    "Select\\Current is {number} ({id}), but {} is not in the tree{}",
                    set_name(number),
                    self.other_sets(number)
                ))
            }
            SetInUse::Unknown => Some(format!("{}{}", self.no_select(), self.other_sets(0))),
        }
    }

    /// Explains why no control set is named as the one in use.
    fn no_select(&self) -> String {
        let mut facts = self.facts.iter().filter(|it| it.code() == Code::SystemSelectCurrent);
        let Some(fact) = facts.next() else {
            let has_export = self.sources.iter().any(|(_, source)| !source.form.is_hive());
            let has_rows = self.sources.iter().any(|(_, source)| source.form.live().is_some());
            let why = if has_rows {
                "Select is not in the rows"
            } else if has_export {
                "Select is not in the export"
            } else {
                "Select was not looked for"
            };
            return String::from(why);
        };
        match (fact.fact.state, &fact.fact.lost) {
            (_, Some(error)) => format!("Select\\Current could not be read ({error})"),
            (State::Set, None) => format!("Select\\Current is not a number ({})", fact.id),
            (State::NotInKey, None) => String::from("Select has no value Current"),
            _ => String::from("the key Select does not exist"),
        }
    }

    /// Lists the control sets in the tree, and facts of the control set `named` outside the tree.
    fn other_sets(&self, named: u32) -> String {
        let sets = self.control_sets();
        let names: Vec<String> =
            sets.iter().map(|set| set_in_words(set.number, &set.roles)).collect();
        let mut text = match names.as_slice() {
            [] => String::from("; the tree holds no control set"),
            names => format!("; the tree holds {}", names.join(", ")),
        };
        let mut hidden = self.hidden.iter().filter(|it| it.control_set() == Some(named));
        if let Some(first) = hidden.next() {
            let more = match hidden.count() {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            text.push_str(&format!(
                "; {} lies outside the tree ({}{more})",
                set_name(named),
                first.id
            ));
        }
        text
    }

    /// Returns what each control set stores at these places, for people: "ControlSet001 stores 2 (Per
    /// Device) (fact-3)". Only for an unknown control set in use.
    pub(super) fn stored_by_set(
        &self,
        codes: &[Code],
        shown: impl Fn(&Exhibit<'_>) -> String,
    ) -> Vec<String> {
        let is_stored = |it: &&&Exhibit<'_>| {
            codes.contains(&it.code()) && it.fact.state.is_found() && it.control_set().is_some()
        };
        let facts = self.facts.iter().filter(is_stored);
        facts
            .map(|it| {
                let set = set_name(it.control_set().unwrap_or_default());
                format!("{set} stores {} ({})", shown(it), it.id)
            })
            .collect()
    }
}

/// Returns the key name of a control set.
pub(super) fn set_name(number: u32) -> String {
    if number == 0 {
        return String::from("a stored key CurrentControlSet");
    }
    format!("ControlSet{number:03}")
}

/// Returns the key name of a control set with its roles.
fn set_in_words(number: u32, roles: &[Role]) -> String {
    let roles: Vec<String> = roles.iter().map(Role::to_string).collect();
    let name = set_name(number);
    if roles.is_empty() { name } else { format!("{name} ({})", roles.join(", ")) }
}
