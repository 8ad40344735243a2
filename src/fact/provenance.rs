// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Provenance`]: place in the evidence that a fact comes from.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use calhive_regf::hive::hidden::{Hidden, HiddenBy, Weight};
use calhive_regf::hive::name::Name;
use calhive_regf::hive::span::Span;
use calhive_regf::log::outcome::Written;
use calhive_regf::log::patches::Patches;
use calhive_regf::recover;
use calhive_regf::registry::Role;
use calhive_regf::time::FileTime;
use calhive_regf::{Key, KeyPath};
use calhive_regf::{Value, ValueType};

/// Place in the evidence that a fact comes from.
#[derive(Clone, Debug, Default)]
pub struct Provenance {
    /// Number and roles of the control set, in SYSTEM. The number is 0 for a stored key `CurrentControlSet`.
    pub control_set: Option<(u32, Vec<Role>)>,
    /// Whether the place is in the registry view of 32-bit programs on 64-bit Windows (`Wow6432Node`).
    pub redirected: bool,
    /// Path of the key, from the root of the hive. If the key was found, the path is spelled as in the hive.
    pub key: String,
    /// Offset of the key in the file, and its last-written time; `None` without a key.
    pub key_place: Option<(u64, FileTime)>,
    /// Name of the value. If the value was found, the name is spelled as in the hive.
    pub value: Option<String>,
    /// Offset of the value in the file, and its type; `None` without a value.
    pub value_place: Option<(u64, ValueType)>,
    /// State of the hive that holds the fact.
    pub origin: Origin,
    /// The field that hides the fact; `None` unless the fact is hidden.
    pub hidden: Option<Hiding>,
    /// Details of the recovered item; `None` unless the fact was recovered.
    pub recovered: Option<Remains>,
    /// Log entries that the fact comes from, in whole or in part. Empty if no log contributes to the fact.
    pub from_logs: Vec<FromLog>,
    /// Line of the key or value, from 1, in a text export or in rows of a live registry; `None` in any other source.
    pub line: Option<u64>,
    /// Type of a value in a text export or a row, which have no offset; `None` in any other source.
    pub exported_type: Option<ValueType>,
    /// Last-written time of the key in a row of a live registry; `None` in any other source.
    pub row_written: Option<FileTime>,
}

/// A recovered item, and how far it can be trusted: see [`Recovered`](calhive_regf::recover::Recovered).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remains {
    /// Kind of space that held the item.
    pub place: recover::SpaceKind,
    /// How far the item can be trusted.
    pub level: recover::Level,
    /// Reasons for the level, in words.
    pub why: String,
    /// Whether the key path leads to the root. If not, only the last part of the path is known.
    pub path_is_whole: bool,
    /// Whether the key is known at all.
    pub key_is_known: bool,
    /// Offset of the first surviving data; `None` without data.
    pub data_offset: Option<u64>,
    /// Whether the item is in the file as stored, where replay overwrites it.
    pub is_before_replay: bool,
    /// Whether the key is outside the tree too.
    pub key_is_recovered: bool,
    /// Number of subkeys that a recovered key states; `None` for a value.
    pub subkeys: Option<u32>,
    /// Offset of the live key or value with the same path, and what differs; `None` without such a key or
    /// value.
    pub previous_version_of: Option<(u64, String)>,
}

/// A field that hides something: see [`Hidden`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hiding {
    /// Kind of the field.
    pub by: HiddenBy,
    /// Offset of the field, in bytes from the start of the file.
    pub offset: u64,
    /// Number in the field.
    pub found: u64,
    /// Number that other bytes suggest for the field.
    pub suggested: Option<u64>,
    /// Whether the field contradicts other structures, or is a trace that Windows itself leaves.
    pub weight: Weight,
}

impl Hiding {
    pub(crate) fn of(item: &Hidden<'_>) -> Self {
        let Hidden { by, place, found, suggested, weight, .. } = *item;
        Self { by, offset: place.get(), found, suggested, weight }
    }
}

/// A log entry that a fact comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FromLog {
    /// Index of the log among the logs of the source.
    pub log: usize,
    /// Sequence number of the entry. For the old format, sequence number of the log.
    pub sequence: u32,
    /// Offset of the first byte of the fact, in bytes from the start of the log.
    pub log_offset: u64,
    /// Offset of the same byte in the replayed hive.
    pub offset: u64,
}

/// State of the hive that holds a fact.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub enum Origin {
    /// In the tree. The bytes of the fact are in the file as stored. The path and the time of the key can
    /// come from a log.
    #[default]
    Live,
    /// In the bytes of the hive: outside the tree, or in the tree but shown in another form.
    Hidden,
    /// In the tree after replay. A byte of the record or its data comes from a log, and differs from the file
    /// as stored.
    Replayed,
    /// In bytes that the tree does not use. Such items are deleted and not fully overwritten, left over, or
    /// cut off from the tree by damage. The kind of space shows which.
    Recovered,
    /// In bytes that the tree does not use. calhive found the item by its signature; no value leads to
    /// the item.
    Carved,
    /// In a text export of the registry editor (`.reg`).
    RegExport,
    /// In a row of a live registry. The row has no offset.
    LiveRow,
    /// In a license file of a Remote Desktop client on another system, not in the registry.
    LicenseFile,
}

impl Origin {
    /// Returns the stable name that reports show.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Hidden => "hidden",
            Self::Replayed => "replayed",
            Self::Recovered => "recovered",
            Self::Carved => "carved",
            Self::RegExport => "reg_export",
            Self::LiveRow => "live_row",
            Self::LicenseFile => "license_file",
        }
    }

    /// Whether the evidence shows the fact as it is stored: in the tree, in an export, in a row or in a license file.
    /// Conclusions rest only on such facts.
    pub const fn is_shown(self) -> bool {
        matches!(
            self,
            Self::Live | Self::Replayed | Self::RegExport | Self::LiveRow | Self::LicenseFile
        )
    }
}

impl Remains {
    /// Whether the item is in space that deletion leaves behind: a free cell or slack. All other space can
    /// hold items that were not deleted. Damage can cut off unreferenced cells and broken bins. A page of a
    /// log can belong to a state that never existed. Bytes after the last bin can belong to another hive.
    pub(crate) const fn is_deleted(&self) -> bool {
        matches!(self.place, recover::SpaceKind::FreeCell | recover::SpaceKind::Slack)
    }

    /// Whether there is reliable evidence that the item was in this hive at this place.
    pub(crate) fn is_sound(&self) -> bool {
        self.is_deleted() && self.path_is_whole && self.level > recover::Level::Low
    }
}

impl Provenance {
    /// Whether the fact is in the tree.
    pub(crate) const fn is_in_tree(&self) -> bool {
        self.hidden.is_none() && self.recovered.is_none()
    }

    /// Returns the type of the value; `None` without a value.
    pub fn value_type(&self) -> Option<ValueType> {
        self.value_place.map(|(_, value_type)| value_type).or(self.exported_type)
    }

    /// Returns the last-written time of the key; `None` if the source states none.
    pub fn key_last_written(&self) -> Option<FileTime> {
        self.key_place.map(|(_, written)| written).or(self.row_written)
    }

    /// Records which of these cells come from a log.
    pub(crate) fn trace(&mut self, patches: Option<&Patches<'_>>, spans: &[Span]) {
        let entries = patches.map(|it| it.entries(spans.iter().map(|span| span.range())));
        // Bytes from a log do not move an item into the tree.
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

    /// Records the name, offset and type of the value, as found in the hive.
    pub(crate) fn stand_in(&mut self, value: Value<'_>, name: Name<'_>, value_type: ValueType) {
        self.value = Some(name.as_text().to_string());
        self.value_place = Some((value.offset().get(), value_type));
    }

    /// Records the path, offset and last-written time of the key, as found in the hive.
    pub(crate) fn stand(&mut self, key: Key<'_>, path: &KeyPath) {
        self.key = path.to_string();
        self.key_place = Some((key.offset().get(), key.last_written()));
    }
}
