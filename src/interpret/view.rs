// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`View`]: the facts of one host; [`Exhibit`]: a fact with its ID and its explanation.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use calhive_regf::FileTime;
use calhive_regf::ValueType;
use calhive_regf::registry::{HiveKind, Role};

use crate::catalog::{Base, Code, Meaning, Subject};
use crate::fact::explain::explain;
use crate::fact::{Fact, Facts, Origin, State};
use crate::interpret::copy_place::CopyPlace;
use crate::meaning::system::build_number;
use crate::meaning::{Explanation, text};
use crate::report::{
    ControlSetReport, Difference, HiveCopy, HostLogs, Pairing, PairingBasis, SetContent, Text,
};

/// A fact with its ID in the report and its explanation.
#[derive(Debug)]
pub(crate) struct Exhibit<'f> {
    pub(crate) id: String,
    pub(crate) fact: &'f Fact,
    pub(crate) explanation: Option<Explanation>,
}

impl<'f> Exhibit<'f> {
    pub(super) fn new(id: String, fact: &'f Fact) -> Self {
        Self { id, fact, explanation: explain(fact) }
    }

    /// Returns the data in readable form.
    pub(super) fn shown(&self) -> Option<&str> {
        self.explanation.as_ref()?.shown.as_deref()
    }

    /// Returns the data in readable form, or the meaning of the data if there is no readable form.
    pub(super) fn shown_or_label(&self) -> Option<&str> {
        self.shown().or(self.explanation.as_ref()?.label.as_deref())
    }

    pub(super) fn code(&self) -> Code {
        self.fact.location.code
    }

    /// Returns the last-written time of the key.
    pub(super) fn written(&self) -> Option<FileTime> {
        self.fact.provenance.key_last_written()
    }

    /// Returns the type of the value, or `REG_SZ` for the name of a key.
    pub(super) fn value_type(&self) -> ValueType {
        self.fact.provenance.value_type().unwrap_or(ValueType::SZ)
    }

    /// Returns the name of the value, which is empty for a key.
    pub(super) fn value_name(&self) -> &'f str {
        self.fact.provenance.value.as_deref().unwrap_or_default()
    }

    /// Returns the number of the control set.
    pub(super) fn control_set(&self) -> Option<u32> {
        self.fact.provenance.control_set.as_ref().map(|(number, _)| *number)
    }

    /// Returns the number in four bytes of data. Four bytes of text are not a number.
    pub(super) fn number(&self) -> Option<u32> {
        let number = self.fact.data.as_slice().try_into().ok().map(u32::from_le_bytes);
        let value_type = self.fact.provenance.value_type();
        number.filter(|_| !value_type.is_some_and(text::is_text))
    }

    /// Returns the number in a value of a type for numbers of four bytes.
    pub(super) fn number_of_type(&self) -> Option<u32> {
        let data = self.fact.data.as_slice().try_into().ok();
        let value_type =
            self.fact.provenance.value_type().filter(|_| self.fact.state == State::Set)?;
        match value_type {
            ValueType::DWORD => data.map(u32::from_le_bytes),
            ValueType::DWORD_BIG_ENDIAN => data.map(u32::from_be_bytes),
            _ => None,
        }
    }

    /// Returns the time in the data of a value. The number 0 is no time.
    pub(super) fn time(&self) -> Option<FileTime> {
        let data = self.fact.data.as_slice();
        let time = match self.fact.location.meaning {
            _ if !self.fact.state.is_value() => return None,
            Meaning::FileTime => FileTime::from_raw(u64::from_le_bytes(data.try_into().ok()?)),
            Meaning::UnixTime => {
                FileTime::from_unix_seconds(i64::from(u32::from_le_bytes(data.try_into().ok()?)))?
            }
            _ => return None,
        };
        (time.raw() != 0).then_some(time)
    }

    /// Whether the fact is in the current control set, or in no control set.
    fn is_current(&self) -> bool {
        let set = self.fact.provenance.control_set.as_ref();
        set.is_none_or(|(_, roles)| roles.contains(&Role::Current))
    }
}

/// The facts of one host.
pub(crate) struct View<'f> {
    pub(crate) sources: Vec<(String, &'f Facts)>,
    /// Facts in the tree. Conclusions rest only on these facts.
    pub(crate) facts: Vec<&'f Exhibit<'f>>,
    /// Facts that the tree does not show.
    pub(crate) hidden: Vec<&'f Exhibit<'f>>,
    /// Recovered facts.
    pub(crate) recovered: Vec<&'f Exhibit<'f>>,
    pub(crate) pairing: Pairing,
    pub(crate) basis: PairingBasis,
    /// Complete facts in the tree by place. In SYSTEM, only facts of the current control set.
    complete: BTreeMap<Code, Vec<&'f Exhibit<'f>>>,
    current_set: Option<u32>,
    /// All facts of each source. Their IDs have consecutive numbers.
    exhibits: Vec<&'f [Exhibit<'f>]>,
}

impl<'f> View<'f> {
    /// Returns the view of these sources and their facts.
    pub(super) fn new(
        sources: Vec<(String, &'f Facts)>,
        exhibits: Vec<&'f [Exhibit<'f>]>,
        pairing: Pairing,
    ) -> Self {
        let (mut facts, mut hidden, mut recovered) = (Vec::new(), Vec::new(), Vec::new());
        let mut complete: BTreeMap<Code, Vec<&'f Exhibit<'f>>> = BTreeMap::new();
        let mut current_set = None;
        for exhibit in exhibits.iter().copied().flatten() {
            let provenance = &exhibit.fact.provenance;
            if provenance.is_in_tree() {
                facts.push(exhibit);
                let set = provenance.control_set.as_ref();
                let current = set.filter(|(_, roles)| roles.contains(&Role::Current));
                current_set = current_set.or(current.map(|(number, _)| *number));
                let state = exhibit.fact.state;
                if state.is_found() && state != State::Incomplete && exhibit.is_current() {
                    complete.entry(exhibit.code()).or_default().push(exhibit);
                }
            }
            if provenance.hidden.is_some() {
                hidden.push(exhibit);
            }
            if provenance.recovered.is_some() {
                recovered.push(exhibit);
            }
        }
        let basis = PairingBasis::default();
        Self { sources, facts, hidden, recovered, pairing, basis, complete, current_set, exhibits }
    }

    /// Returns the fact with this ID.
    pub(super) fn exhibit(&self, id: &str) -> Option<&'f Exhibit<'f>> {
        let number = |id: &str| id.strip_prefix("fact-")?.parse::<usize>().ok();
        let wanted = number(id)?;
        self.exhibits.iter().find_map(|all| {
            let first = number(&all.first()?.id)?;
            all.get(wanted.checked_sub(first)?).filter(|it| it.id == id)
        })
    }

    /// Whether the host has a hive of this kind, or a hive of another kind with content of this kind.
    pub(super) fn has(&self, kind: HiveKind) -> bool {
        let is_of_kind = |it: &&Exhibit<'_>| {
            let place = &it.fact.provenance;
            it.fact.location.hive() == kind
                && it.fact.state.is_found()
                && place.origin != Origin::LicenseFile
        };
        self.sources.iter().any(|(_, source)| source.kind == kind)
            || self.facts.iter().any(is_of_kind)
    }

    /// Returns the facts in the tree, then the hidden and recovered facts.
    #[cfg(feature = "token")]
    pub(super) fn everything(&self) -> impl Iterator<Item = &'f Exhibit<'f>> {
        self.facts.iter().chain(&self.hidden).chain(&self.recovered).copied()
    }

    /// Returns the complete facts at a place. In SYSTEM, returns only facts of the current control set.
    pub(super) fn all(&self, code: Code) -> impl Iterator<Item = &'f Exhibit<'f>> {
        self.complete.get(&code).into_iter().flatten().copied()
    }

    /// Returns the first complete fact at a place.
    pub(super) fn one(&self, code: Code) -> Option<&'f Exhibit<'f>> {
        self.all(code).next()
    }

    /// Returns the first fact at a place as text, with its ID.
    pub(super) fn text(&self, code: Code) -> Option<(String, String)> {
        let found = self.one(code)?;
        Some((String::from(found.shown()?), found.id.clone()))
    }

    /// Returns the first fact at a place as text, with its ID, if the text is not empty.
    pub(super) fn filled(&self, code: Code) -> Option<(String, String)> {
        self.text(code).filter(|(text, _)| !text.is_empty())
    }

    /// Returns the number in the first fact at a place, with the ID of the fact.
    pub(super) fn number(&self, code: Code) -> Option<(u32, String)> {
        let found = self.one(code)?;
        Some((found.number()?, found.id.clone()))
    }

    /// Returns the opening words of a sentence about settings in effect. The words say whether the
    /// hives are a copy.
    pub(super) fn per(&self) -> &'static str {
        let is_hive = |(_, source): &(String, &Facts)| source.form.is_hive();
        if !self.sources.iter().any(is_hive) {
            let is_live = |(_, source): &(String, &Facts)| source.form.live().is_some();
            let is_live = self.sources.iter().any(is_live);
            return if is_live { "Per the collected rows" } else { "Per the export at hand" };
        }
        if self.copy().is_some() { "Per this copy of the hives" } else { "Per the hives at hand" }
    }

    /// Returns the kind of copy that the place of the hives indicates, or `None` for hives in use.
    pub(super) fn copy(&self) -> Option<HiveCopy> {
        self.place()?.copy()
    }

    /// Whether the host is no more than tokens in unallocated clusters, to which no key leads.
    pub(super) fn is_unallocated(&self) -> bool {
        self.sources.first().is_some_and(|(_, source)| source.form.is_unallocated())
    }

    /// Returns the place of the hives.
    pub(super) fn place(&self) -> Option<CopyPlace> {
        let (_, source) = self.sources.first()?;
        Some(CopyPlace::of(&source.file()))
    }

    /// Describes the searched hives, with the control set. A `kind` limits the list to hives of that kind.
    pub(super) fn searched(&self, kind: Option<HiveKind>) -> String {
        // No setting is in SECURITY.
        let is_one = |own| kind.map_or(own != HiveKind::Security, |kind| kind == own);
        let of_kind =
            self.sources.iter().filter(|(_, it)| is_one(it.kind) || it.form.is_whole_host());
        let hives: Vec<String> = of_kind
            .map(|(id, source)| match (source.kind, self.current_set()) {
                _ if source.form.live().is_some() => format!("{id} (rows of a live registry)"),
                _ if !source.form.is_hive() => format!("{id} (an export)"),
                (HiveKind::System, Some(set)) => format!("{id} (SYSTEM, control set {set} in use)"),
                (HiveKind::System, None) => {
                    format!("{id} (SYSTEM, control set in use unknown)")
                }
                (kind, _) => format!("{id} ({kind})"),
            })
            .collect();
        hives.join(" and ")
    }

    /// Returns the build number of Windows.
    pub(super) fn build(&self) -> Option<u32> {
        let text = |code| self.text(code).map(|(text, _)| text);
        build_number(text(Code::SystemBuild).as_deref(), text(Code::SystemBuildCurrent).as_deref())
    }

    /// Returns the number of the current control set, or `None` if `Select` does not name a control set.
    pub(super) const fn current_set(&self) -> Option<u32> {
        self.current_set
    }

    /// Describes the replay of each hive that has logs. Also describes each dirty hive without
    /// logs.
    pub(super) fn logs(&self) -> Vec<HostLogs> {
        const NOT_LOOKED_FOR: &str = "by its base block the file is dirty, and logs were not searched \
            for; changes that exist only in logs, if any, are not shown";
        let of = |(id, source): &(String, &'f Facts)| {
            let is_dirty = source.is_dirty();
            let statement = match &source.replay {
                Some(replay) if is_dirty || !replay.logs.is_empty() => replay.statement.clone(),
                None if is_dirty => String::from(NOT_LOOKED_FOR),
                _ => return None,
            };
            let is_incomplete = source.lacks_changes();
            let is_replayed = |it: &&&Exhibit<'f>| {
                it.fact.provenance.origin == Origin::Replayed && source.holds(it.fact)
            };
            let facts = self.facts.iter().filter(is_replayed).map(|it| it.id.clone()).collect();
            Some(HostLogs { source: id.clone(), statement: statement.into(), is_incomplete, facts })
        };
        self.sources.iter().filter_map(of).collect()
    }

    /// Returns the control sets by number.
    pub(super) fn control_sets(&self) -> Vec<ControlSetReport> {
        let sets = self.facts.iter().filter_map(|it| it.fact.provenance.control_set.clone());
        let sets: BTreeMap<u32, Vec<Role>> = sets.collect();
        sets.into_iter().map(|(number, roles)| ControlSetReport { number, roles }).collect()
    }

    /// Returns the licensing places whose content differs between control sets.
    pub(super) fn differences(&self) -> Vec<Difference> {
        // Group by place, key and value, to compare each value separately.
        let mut places: BTreeMap<(Code, String), Vec<&Exhibit<'f>>> = BTreeMap::new();
        for exhibit in &self.facts {
            let location = exhibit.fact.location;
            if location.base == Base::ControlSet && location.subject() != Subject::System {
                let place = (location.code, below_set(exhibit.fact));
                places.entry(place).or_default().push(exhibit);
            }
        }
        let sets: Vec<u32> = self.control_sets().iter().map(|set| set.number).collect();
        let found =
            places.into_values().filter(|facts| facts.iter().any(|it| it.fact.state.is_found()));
        // A part of an export shows no absence.
        let is_whole = self.sources.iter().all(|(_, source)| source.form.is_hive());
        found.filter_map(|facts| difference(&sets, &facts, is_whole)).collect()
    }
}

/// Returns the key and value of a fact, without the control set.
fn below_set(fact: &Fact) -> String {
    let key = fact.provenance.key.split_once('\\').map_or("", |(_, below)| below);
    let value = fact.provenance.value.as_deref().unwrap_or_default();
    format!("{key}\\{value}").to_lowercase()
}

fn difference(sets: &[u32], facts: &[&Exhibit<'_>], is_whole: bool) -> Option<Difference> {
    let location = facts.first()?.fact.location;
    let of = |number: u32| {
        let mut facts = facts.iter().copied();
        facts.find(|it| it.fact.state.is_found() && it.control_set() == Some(number))
    };
    let values: Vec<Option<&Exhibit<'_>>> = sets.iter().map(|number| of(*number)).collect();
    // Bytes after the terminator are not part of a text.
    let text = |it: &Exhibit<'_>| {
        let length = text::terminated(&it.fact.data, it.value_type());
        it.fact.data.get(..length.unwrap_or(usize::MAX).min(it.fact.data.len())).map(<[u8]>::to_vec)
    };
    let content = |of: Option<&Exhibit<'_>>| of.map(|it| (it.fact.state, text(it)));
    let compared: Vec<Option<&Exhibit<'_>>> =
        values.iter().copied().filter(|of| is_whole || of.is_some()).collect();
    let (head, rest) = compared.split_first()?;
    if rest.iter().all(|of| content(*of) == content(*head)) {
        return None;
    }
    let shown = |it: &Exhibit<'_>| Text::from(it.shown_or_label().unwrap_or_default());
    Some(Difference {
        code: location.code,
        title: Text::from(location.title),
        values: (sets.iter().zip(values))
            .map(|(set, of)| SetContent { control_set: *set, content: of.map(shown) })
            .collect(),
        facts: facts.iter().map(|it| it.id.clone()).collect(),
    })
}
