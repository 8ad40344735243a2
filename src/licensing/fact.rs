// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Fact`]: one thing read from the evidence, with [`Provenance`]; and [`Source`], where from.

use alloc::collections::BTreeSet;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::error::Error;
use crate::hive::Hive;
use crate::hive::hidden::{Hidden, HiddenBy, Weight};
use crate::hive::look_up::LookUp;
use crate::hive::name::Name;
use crate::hive::span::Span;
use crate::hive::value::{Value, ValueType};
use crate::licensing::history::History;
use crate::licensing::locations::Location;
use crate::licensing::reference_time::KeyTimes;
use crate::licensing::report::Corroboration;
use crate::log::patches::Patches;
use crate::log::replay::Written;
use crate::log::report::ReplayReport;
use crate::recover;
use crate::registry::{HiveKind, Role};
use crate::time::FileTime;

/// A hive that facts are collected from, and how a report names it.
#[derive(Clone, Debug)]
pub struct Source<'d> {
    pub(crate) hive: Hive<'d>,
    pub(crate) path: String,
    pub(crate) sha256: Option<String>,
    pub(crate) replayed: Option<Replayed<'d>>,
    /// The logs, where what each of their entries changed is asked for.
    pub(crate) logs: Vec<&'d [u8]>,
    /// How much further on bytes stand than in the file, and how long that is: of a fragment.
    pub(crate) fragment: Option<(i64, u64)>,
    pub(crate) corroboration: Vec<Corroboration>,
}

/// What stands behind a hive to which logs were applied, or could have been.
#[derive(Clone, Debug)]
pub(crate) struct Replayed<'d> {
    /// The file as it lies.
    pub(crate) base: &'d [u8],
    pub(crate) report: ReplayReport,
    /// Where bytes come from; `None` where no log was applied.
    pub(crate) patches: Option<Patches<'d>>,
}

impl<'d> Source<'d> {
    /// A hive under the name by which its user knows it: its path.
    pub fn new(hive: Hive<'d>, path: impl Into<String>) -> Self {
        Self {
            hive,
            path: path.into(),
            sha256: None,
            replayed: None,
            logs: Vec::new(),
            fragment: None,
            corroboration: Vec::new(),
        }
    }

    /// The number of bytes of the file as it lies.
    pub(crate) fn size(&self) -> u64 {
        let of_base = self.replayed.as_ref().map(|it| it.base.len() as u64);
        let of_fragment = self.fragment.map(|(_, size)| size);
        of_base.or(of_fragment).unwrap_or(self.hive.file_length())
    }

    /// Says that the hive was made of a file without a base block, a
    /// [fragment](crate::hive::fragment): how much further on bytes stand in it, and how long the file is.
    #[must_use]
    pub const fn fragment(mut self, shift: i64, size: u64) -> Self {
        self.fragment = Some((shift, size));
        self
    }

    /// Says what was done with the logs of the hive: `base` is the file as it lies, `patches` tell where
    /// the bytes come from, if logs were applied.
    #[must_use]
    pub fn replayed(
        mut self,
        base: &'d [u8],
        report: ReplayReport,
        patches: Option<Patches<'d>>,
    ) -> Self {
        self.replayed = Some(Replayed { base, report, patches });
        self
    }

    /// Asks for what each update of these logs changed: all bytes of those that were given to the replay, in
    /// the same order. It takes a copy of the hive, and tells nothing where no log was applied.
    #[must_use]
    pub fn history(mut self, logs: impl IntoIterator<Item = &'d [u8]>) -> Self {
        self.logs = logs.into_iter().collect();
        self
    }

    /// Says which other evidence lies beside the hive, or was looked for there.
    #[must_use]
    pub fn corroboration(mut self, beside: Vec<Corroboration>) -> Self {
        self.corroboration = beside;
        self
    }

    /// The hash of the whole file as it lies, in hex.
    #[must_use]
    pub fn sha256(mut self, hash: impl Into<String>) -> Self {
        self.sha256 = Some(hash.into());
        self
    }
}

/// How facts are collected.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// How keys are looked for. Where the lists are trusted, the hive is not gone through as a whole
    /// either: few of its pages are touched, and nothing is known of what is wrong elsewhere.
    pub look_up: LookUp,
}

/// What was collected from one source.
#[derive(Clone, Debug)]
pub struct Facts {
    /// The path of the source.
    pub path: String,
    /// The hash of the whole file, if it was given.
    pub sha256: Option<String>,
    /// The number of bytes of the file.
    pub size: u64,
    /// How much further on bytes stand in the hive than in the file.
    pub shift: i64,
    /// Which hive it is.
    pub kind: HiveKind,
    /// Version of the format.
    pub version: (u32, u32),
    /// Primary and secondary sequence number of the file as it lies.
    pub sequence: (u32, u32),
    /// Whether the checksum of the base block is right, in the file as it lies.
    pub checksum_is_valid: bool,
    /// Whether the file has no base block: then what is told of it was made up.
    pub is_fragment: bool,
    /// The key that was taken for the root, in bytes from the start of the file, where the base block leads
    /// to none.
    pub searched_root: Option<u64>,
    /// How much the hive holds outside the tree; `None` where that was not searched.
    pub outside: Option<Outside>,
    /// How much was recovered that the tree does not lead to; `None` where that was not searched.
    pub recovered: Option<RecoveredCounts>,
    /// What was done with the logs of the hive; `None` where nothing was to be done with them.
    pub replay: Option<ReplayReport>,
    /// What each update of its logs changed; `None` where that was not asked for, or none was applied.
    pub history: Option<History>,
    /// The numbers of keys and values that could be read; `None` where only the catalogue's places
    /// were looked at.
    pub counts: Option<Counts>,
    /// What the hive names and could not be read.
    pub unread: Faults,
    /// What is wrong with things that could be read.
    pub faults: Faults,
    /// Whether a second reader went through the facts.
    pub second_reader: SecondReader,
    /// The facts, in the order of the catalogue.
    pub facts: Vec<Fact>,
    /// When its keys were last written; of the catalogue's places alone where lists were trusted.
    pub(crate) key_times: KeyTimes,
    /// Evidence beside the hive that would bear on what it says.
    pub corroboration: Vec<Corroboration>,
}

impl Facts {
    /// Whether this is one of them.
    pub(crate) fn holds(&self, fact: &Fact) -> bool {
        self.facts.as_ptr_range().contains(&core::ptr::from_ref(fact))
    }
}

/// What a second reader did with a source.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub enum SecondReader {
    /// It was not asked.
    #[default]
    NotAsked,
    /// It opened the hive; each fact carries what came of it.
    Asked,
    /// It does not open the hive: its error.
    Refused(String),
}

/// What a second reader says of a fact.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SecondReading {
    /// The same: name, type and data of a value, or that there is none.
    Agreed,
    /// Something else.
    Differs {
        /// What.
        why: String,
        /// Its own reading of the value, where it has one: type and data.
        value: Option<(ValueType, Vec<u8>)>,
    },
    /// It could not read the place: its error.
    NotReadable(String),
}

/// How much of a hive could be read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Counts {
    /// Keys that could be read.
    pub keys: u64,
    /// Values that could be read, with all of their data.
    pub values: u64,
}

/// How much a hive holds outside the tree that its lists lead to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Outside {
    /// Keys, values, names and data whose fields contradict other parts of the hive.
    pub contradictions: u64,
    /// Others, of which the like stands in hives that nobody is known to have altered.
    pub left_over: u64,
    /// Those of both whose path is not known: no place of the catalogue could be told for them.
    pub without_path: u64,
}

/// How much was recovered of what the tree does not lead to: deleted, left over, or cut off from it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RecoveredCounts {
    /// Keys, of licensing or not.
    pub keys: u64,
    /// Values, of licensing or not.
    pub values: u64,
    /// Those of both whose path does not lead to the root, or whose key is not known.
    pub without_path: u64,
}

/// Faults: how many, and the first of them.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    /// How many there are.
    pub total: u64,
    /// The first [`Faults::KEPT`] of them.
    pub first: Vec<Error>,
    /// Those that were counted: several look-ups may meet the same.
    counted: BTreeSet<Error>,
}

impl Faults {
    /// How many are kept: damage can make as many as a hive has cells.
    pub const KEPT: usize = 100;
    /// How many are told apart.
    const COUNTED: usize = 100_000;

    /// Adds a fault that was not added before.
    pub(crate) fn add(&mut self, fault: Error) {
        let is_known = if self.counted.len() < Self::COUNTED {
            !self.counted.insert(fault)
        } else {
            self.counted.contains(&fault)
        };
        if is_known {
            return;
        }
        self.total = self.total.saturating_add(1);
        if self.first.len() < Self::KEPT {
            self.first.push(fault);
        }
    }
}

/// One thing read from the evidence, or looked for and not found.
#[derive(Clone, Debug)]
pub struct Fact {
    /// The entry of the catalogue that it belongs to.
    pub location: &'static Location,
    /// What was found.
    pub state: State,
    /// Where.
    pub provenance: Provenance,
    /// The data; nothing unless a value was found.
    pub data: Vec<u8>,
    /// The number of bytes that the value claims.
    pub size: u64,
    /// Who may do what with the key, where the fact is a key.
    pub permissions: Option<Permissions>,
    /// What a second reader says of it; `None` where none was asked, or it cannot tell.
    pub second_reading: Option<SecondReading>,
}

/// Owner and access control list of a key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Permissions {
    /// The owner, as a security identifier; `None` where none could be read.
    pub owner: Option<String>,
    /// The entries of the discretionary access control list, in order; no more than the first 64.
    pub entries: Vec<Access>,
}

/// An entry of an access control list.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Access {
    /// Type of the entry as a number: 0 allows, 1 denies.
    pub r#type: u8,
    /// Flags of the entry as a number: how it is inherited.
    pub flags: u8,
    /// The rights as an access mask; `None` where the entry has none.
    pub mask: Option<u32>,
    /// Whom it is about, as a security identifier; `None` where the entry names nobody.
    pub sid: Option<String>,
}

/// What was found at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub enum State {
    /// The value, all of its data.
    Set,
    /// The value, but fewer data than it claims.
    Incomplete,
    /// The key itself, which is what was looked for.
    Key,
    /// A key whose name is the fact.
    KeyName,
    /// The key, without the value.
    NotInKey,
    /// Not the key either.
    NotSet,
    /// Not found, and the way there could not be read whole.
    NotReadable,
}

impl State {
    /// Whether something was found.
    pub const fn is_found(self) -> bool {
        matches!(self, Self::Set | Self::Incomplete | Self::Key | Self::KeyName)
    }

    /// Whether something that may be there could not be read.
    pub const fn is_lost(self) -> bool {
        matches!(self, Self::Incomplete | Self::NotReadable)
    }

    /// Whether a value was found.
    pub const fn is_value(self) -> bool {
        matches!(self, Self::Set | Self::Incomplete)
    }
}

/// The place in the evidence that a fact comes from.
#[derive(Clone, Debug, Default)]
pub struct Provenance {
    /// Number and roles of the control set, in SYSTEM.
    pub control_set: Option<(u32, Vec<Role>)>,
    /// Whether it is the view of 32-bit programs on 64-bit Windows (`Wow6432Node`).
    pub redirected: bool,
    /// The key, from the root of the hive on; as it is spelled there, if it was found.
    pub key: String,
    /// Where the key begins in the file, and when it was last written; `None` where there is none.
    pub key_place: Option<(u64, FileTime)>,
    /// The name of the value, as it is spelled in the hive if it was found.
    pub value: Option<String>,
    /// Where the value begins in the file, and its type; `None` where there is none.
    pub value_place: Option<(u64, ValueType)>,
    /// Where it was found.
    pub origin: Origin,
    /// Which field hides it; `None` unless it is hidden.
    pub hidden: Option<Hiding>,
    /// What is known of the thing itself; `None` unless it was recovered.
    pub recovered: Option<Remains>,
    /// Which entries of which logs it comes from, in part or as a whole; nothing unless it is replayed.
    pub from_logs: Vec<FromLog>,
}

/// Something that was recovered, and how far it can be trusted: see [`Recovered`](crate::recover::Recovered).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remains {
    /// What kind of place it was in.
    pub place: recover::Origin,
    /// How far it can be trusted.
    pub level: recover::Level,
    /// Why.
    pub why: String,
    /// Whether the way to its key leads to the root; else the path is its end.
    pub path_is_whole: bool,
    /// Whether its key is known at all.
    pub key_is_known: bool,
    /// Where the first of its data begins that survives; `None` where it has none.
    pub data_offset: Option<u64>,
    /// Whether it is in the file as it lies, where the logs that were applied write over it.
    pub is_before_replay: bool,
    /// Whether the key is not in the tree either.
    pub key_is_recovered: bool,
    /// Where the live key or value of the same path begins, and what differs; `None` where there is none.
    pub previous_version_of: Option<(u64, String)>,
}

/// A field that hides something: see [`Hidden`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hiding {
    /// Which field.
    pub by: HiddenBy,
    /// Where it stands, in bytes from the start of the file.
    pub offset: u64,
    /// What it says.
    pub found: u64,
    /// What the bytes suggest that it said.
    pub suggested: Option<u64>,
    /// How much that says.
    pub weight: Weight,
}

impl Hiding {
    pub(crate) fn of(item: &Hidden<'_>) -> Self {
        let Hidden { by, place, found, suggested, weight, .. } = *item;
        Self { by, offset: place.get(), found, suggested, weight }
    }
}

/// An entry of a log that a fact comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FromLog {
    /// Which of the logs, by its place among those of the source.
    pub log: usize,
    /// The sequence number of the entry; of the log for one of the old format.
    pub sequence: u32,
    /// Where the first of the bytes stands in the log, in bytes from its start.
    pub log_offset: u64,
    /// Where that byte stands in the replayed hive.
    pub offset: u64,
}

/// In which state of the hive a fact stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub enum Origin {
    /// In the tree, and its own bytes are in the file as it lies. That it is reached, and the time of its
    /// key, may come from a log.
    #[default]
    Live,
    /// In the bytes of the hive, and outside the tree, or in the tree in another form.
    Hidden,
    /// In the tree after the logs were applied: a byte of the record or its data comes from a log, and
    /// differs from the file as it lies.
    Replayed,
    /// In bytes that nothing of the tree stands in: deleted and not written over since, or not all of it; left
    /// over; or cut off from the tree by damage. Which of them, the kind of place tells.
    Recovered,
    /// In such bytes too, found by its signature: no value leads to it any more.
    Carved,
}

impl Remains {
    /// Whether it lies where deleting leaves things. An allocated cell that nothing leads to, or a broken bin,
    /// may be cut off by damage; a page of a log may be of a state that never was; and bytes behind the last
    /// bin may be of another hive.
    pub(crate) const fn is_deleted(&self) -> bool {
        matches!(self.place, recover::Origin::FreeCell | recover::Origin::Slack)
    }

    /// Whether it can be relied on that it was in this hive at this place.
    pub(crate) fn is_sound(&self) -> bool {
        self.is_deleted() && self.path_is_whole && self.level > recover::Level::Low
    }
}

impl Provenance {
    /// Whether it stands in the tree.
    pub(crate) const fn is_in_tree(&self) -> bool {
        self.hidden.is_none() && self.recovered.is_none()
    }

    /// Notes which of these cells come from a log.
    pub(crate) fn trace(&mut self, patches: Option<&Patches<'_>>, spans: &[Span]) {
        let entries = patches.map(|it| it.entries(spans.iter().map(|span| span.range())));
        // What is not in the tree stays so, whichever bytes it is made of.
        let origin = match self.origin {
            _ if self.hidden.is_some() => Origin::Hidden,
            outside @ (Origin::Recovered | Origin::Carved) => outside,
            _ => Origin::Replayed,
        };
        for Written { log, sequence, log_offset, offset, .. } in entries.unwrap_or_default() {
            self.origin = origin;
            self.from_logs.push(FromLog { log, sequence, log_offset, offset });
        }
    }

    /// Spells the value as it is found, and says where it stands.
    pub(crate) fn stand_in(&mut self, value: Value<'_>, name: Name<'_>, value_type: ValueType) {
        self.value = Some(name.as_text().to_string());
        self.value_place = Some((value.offset().get(), value_type));
    }

    /// Spells the key as it is spelled in the hive, and says where it stands.
    pub(crate) fn stand(&mut self, key: crate::Key<'_>, path: &crate::KeyPath) {
        self.key = path.to_string();
        self.key_place = Some((key.offset().get(), key.last_written()));
    }
}

impl Fact {
    pub(crate) const fn new(
        location: &'static Location,
        state: State,
        provenance: Provenance,
    ) -> Self {
        let data = Vec::new();
        Self { location, state, provenance, data, size: 0, permissions: None, second_reading: None }
    }
}
