// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Hive::hidden`]: content that the hive holds but the live tree does not show.
//!
//! One pass marks each cell that the live tree uses. For each unreferenced allocated cell, calhive
//! then looks for a field that would lead to the cell if the field held another number. Such a
//! field is a low count, a wrong offset or a wrong element. Live cells can also hide names and
//! data. Free cells hold deleted records and belong to [`Hive::recover`].

mod candidates;
mod data;
mod keys;
mod lists;
mod marks;
mod names;
mod orphans;
mod resize;
mod same_names;
mod segments;
mod sizes;
mod stored_name;
mod text;
mod values;

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;
use core::fmt;
use core::ops::Deref;

use crate::bytes::Bytes;
pub use crate::error::HiddenBy;
use crate::error::{Error, ErrorKind, Limit, Result, Structure};
use crate::hive::Hive;
use crate::hive::key::Key;
use crate::hive::name::Name;
use crate::hive::path::KeyPath;
use crate::hive::value::Value;
use crate::hive::value_type::ValueType;
use crate::hive::walk::Walk;
use crate::limits::Limits;
use crate::offset::{CellOffset, FileOffset};
use marks::Live;
use orphans::Orphans;

/// Something that the hive holds but the live tree does not show.
#[derive(Clone, Debug)]
pub struct Hidden<'d> {
    /// The hidden item.
    pub item: Item<'d>,
    /// The field that hides the item.
    pub by: HiddenBy,
    /// Place of the field, or of the record if no field is known.
    pub place: FileOffset,
    /// Stored number in the field.
    pub found: u64,
    /// Number that other bytes suggest for the field.
    pub suggested: Option<u64>,
    /// Significance of the item.
    pub weight: Weight,
    /// Cell of the hidden key, or of the key with the item. `None` if the key is not known.
    pub key: Option<CellOffset>,
    /// Cell of the hidden parent key, if the item is hidden together with its parent.
    pub below: Option<CellOffset>,
}

impl Hidden<'_> {
    /// Returns the type that the bytes suggest, if the stored type hides the data.
    pub fn suggested_type(&self) -> Option<ValueType> {
        let number = self.suggested.filter(|_| self.by == HiddenBy::DataType)?;
        u32::try_from(number).ok().map(ValueType)
    }
}

/// Hidden item.
#[derive(Clone, Debug)]
pub enum Item<'d> {
    /// Key.
    Key(Key<'d>),
    /// Value.
    Value(Value<'d>),
    /// Name of a key that the tree shows under another name.
    KeyName {
        /// The key.
        key: Key<'d>,
        /// Name that the bytes suggest.
        name: Name<'d>,
    },
    /// Name of a value that the tree shows under another name.
    ValueName {
        /// The value.
        value: Value<'d>,
        /// Name that the bytes suggest.
        name: Name<'d>,
    },
    /// Data of a value that the tree shows with other data, fewer data, or another type.
    Data {
        /// The value.
        value: Value<'d>,
        /// Pieces of the data that the bytes suggest.
        data: Vec<Bytes<'d>>,
    },
}

impl fmt::Display for Hidden<'_> {
    /// Writes the [`statement`] about the field.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        statement(f, self.by, self.place.get(), self.found, self.suggested)
    }
}

/// Writes a statement about the field that hides an item.
///
/// # Errors
/// If `f` fails.
pub fn statement(
    f: &mut impl fmt::Write,
    by: HiddenBy,
    place: u64,
    found: u64,
    suggested: Option<u64>,
) -> fmt::Result {
    if by == HiddenBy::Terminator {
        return write!(
            f,
            "not part of the text: the terminator at {place:#x} ends it, and {found} bytes follow"
        );
    }
    f.write_str(match by {
        HiddenBy::NameLength | HiddenBy::NameFlag => "shown under another name: ",
        HiddenBy::DataSize
        | HiddenBy::DataInline
        | HiddenBy::DataOffset
        | HiddenBy::DataType
        | HiddenBy::BigDataCount
        | HiddenBy::BigDataList
        | HiddenBy::BigDataElement
        | HiddenBy::Version => "shown with other data: ",
        HiddenBy::SameName => "not found by its name: ",
        _ => "outside the tree: ",
    })?;
    if by == HiddenBy::Unreferenced {
        return f.write_str("no readable list leads to this record");
    }
    if by == HiddenBy::SameName {
        return write!(
            f,
            "an earlier element of the list, at {place:#x}, leads to {found:#x}, which has the same name"
        );
    }
    write!(f, "the {by} at {place:#x} is {}", shown(by, found))?;
    match suggested {
        Some(suggested) => {
            write!(f, "; other parts of the hive suggest {} (inferred)", shown(by, suggested))
        }
        None => Ok(()),
    }
}

/// Formats a number of the field for people: sizes in decimal, offsets in hexadecimal.
fn shown(by: HiddenBy, number: u64) -> String {
    const INLINE: u64 = 0x8000_0000;
    match by {
        HiddenBy::DataSize | HiddenBy::DataInline if number & INLINE != 0 => {
            format!("{} (inline)", number & !INLINE)
        }
        HiddenBy::SubkeyCount
        | HiddenBy::ListCount
        | HiddenBy::ValueCount
        | HiddenBy::NameLength
        | HiddenBy::DataSize
        | HiddenBy::DataInline
        | HiddenBy::BigDataCount => number.to_string(),
        _ if number == u64::from(u32::MAX) => String::from("none (0xffffffff)"),
        HiddenBy::CellSize => cell_size(number),
        HiddenBy::Version => format!("1.{number}"),
        HiddenBy::DataType => ValueType(u32::try_from(number).unwrap_or(u32::MAX)).to_string(),
        _ => format!("{number:#x}"),
    }
}

/// Formats the size of a cell, which is negative for an allocated cell.
fn cell_size(number: u64) -> String {
    let size = u32::try_from(number).map_or(0, u32::cast_signed);
    let state = if size < 0 { "allocated" } else { "free" };
    format!("{:#x} ({state})", size.unsigned_abs())
}

/// Significance of a hidden item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Weight {
    /// Windows itself leaves such items: lost cells, and data that were shortened in place.
    LeftOver,
    /// Structures contradict each other in a way that Windows does not write.
    Contradiction,
}

impl Weight {
    /// Returns a caveat, worded to be appended to a statement. Empty for a contradiction.
    pub const fn caveat(self) -> &'static str {
        match self {
            Self::LeftOver => "; hives without known manipulation contain such items too",
            Self::Contradiction => "",
        }
    }
}

impl fmt::Display for Weight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::LeftOver => "left over",
            Self::Contradiction => "contradiction",
        })
    }
}

/// Field that hides an item.
#[derive(Clone, Copy, Debug)]
struct Cause {
    by: HiddenBy,
    place: FileOffset,
    found: u64,
    suggested: Option<u64>,
    weight: Weight,
}

impl Cause {
    /// Creates a cause from a field, its number, and the suggested number.
    fn new(by: HiddenBy, place: FileOffset, found: u64, suggested: impl Into<Option<u64>>) -> Self {
        let weight = Weight::Contradiction;
        Self { by, place, found, suggested: suggested.into(), weight }
    }

    /// Creates the cause of a record that nothing refers to.
    const fn unreferenced(place: FileOffset, at: CellOffset) -> Self {
        let (by, weight) = (HiddenBy::Unreferenced, Weight::LeftOver);
        Self { by, place, found: at.get() as u64, suggested: None, weight }
    }

    const fn left_over(self) -> Self {
        Self { weight: Weight::LeftOver, ..self }
    }

    const fn hides<'d>(self, item: Item<'d>, key: Option<CellOffset>) -> Hidden<'d> {
        let Self { by, place, found, suggested, weight } = self;
        Hidden { item, by, place, found, suggested, weight, key, below: None }
    }
}

/// Result of [`Hive::hidden`], a slice of items with keys first.
#[derive(Debug)]
pub struct HiddenItems<'d> {
    hive: Hive<'d>,
    items: Vec<Hidden<'d>>,
    /// Suggested names of keys.
    names: BTreeMap<CellOffset, Name<'d>>,
    /// Real parents of live keys whose parent offset leads elsewhere.
    parents: BTreeMap<CellOffset, CellOffset>,
    /// Keys in cells with a wrong size.
    repaired: BTreeMap<CellOffset, Key<'d>>,
    faults: Vec<Error>,
    tree_faults: Vec<Error>,
}

/// Key or value that the live tree shows. See [`Hive::hidden_beside`].
#[derive(Clone, Copy, Debug)]
pub enum Shown<'d> {
    /// Key. Its values follow.
    Key(Key<'d>),
    /// Value of the last key.
    Value(Value<'d>),
}

impl<'d> HiddenItems<'d> {
    /// Returns the full path of the key of an item, with suggested names. `None` if the key is not
    /// known or its parents lead to no root.
    pub fn path(&self, item: &Hidden<'d>) -> Option<KeyPath> {
        let mut key = self.key(item.key?)?;
        let live_root = self.hive.root().ok();
        let mut names = Vec::new();
        for _ in 0..Limits::default().depth.saturating_add(2) {
            if key.is_root() {
                return Some(names.into_iter().rev().collect());
            }
            let above = self.parents.get(&key.cell_offset()).copied();
            let above = above.unwrap_or(CellOffset::new(key.raw().parent.get()));
            let Some(parent) = self.key(above) else {
                let is_live_root = live_root.map(Key::cell_offset) == Some(key.cell_offset());
                return is_live_root.then(|| names.into_iter().rev().collect());
            };
            let suggested = self.names.get(&key.cell_offset()).copied();
            names.push(suggested.unwrap_or(key.name()));
            key = parent;
        }
        None
    }

    fn key(&self, at: CellOffset) -> Option<Key<'d>> {
        Key::parse(self.hive, at).or_else(|| self.repaired.get(&at).copied())
    }

    /// Returns the sensible limit for the data of all items together, four times the bins. Many
    /// items can share the same bytes.
    pub fn data_limit(&self) -> usize {
        self.hive.bin_bytes().len().saturating_mul(4)
    }

    /// Returns the limits that were reached. Beyond a limit, hidden items can be missing.
    pub fn faults(&self) -> &[Error] {
        &self.faults
    }

    /// Returns the faults of the keys that the live tree shows, as [`Walk::faults`].
    pub fn tree_faults(&self) -> &[Error] {
        &self.tree_faults
    }
}

impl<'d> Deref for HiddenItems<'d> {
    type Target = [Hidden<'d>];

    fn deref(&self) -> &Self::Target {
        &self.items
    }
}

impl<'d> IntoIterator for HiddenItems<'d> {
    type Item = Hidden<'d>;
    type IntoIter = alloc::vec::IntoIter<Hidden<'d>>;

    fn into_iter(self) -> Self::IntoIter {
        self.items.into_iter()
    }
}

impl<'d> Hive<'d> {
    /// Finds content that the hive holds but the live tree does not show, such as keys and values
    /// without a list, and names and data behind a changed field. Each item names the field that
    /// hides it. [`walk`](Self::walk) shows none of these items.
    ///
    /// Work and memory are linear in the size of the hive.
    ///
    /// ```
    /// # let mut tree = hive_forge::tree::Tree::new("ROOT");
    /// # tree.root.at("A").values.clear();
    /// # tree.root.at("B").values.clear();
    /// # let mut forged = hive_forge::write(&tree, &Default::default());
    /// # forged.set("key ", "subkey_count", 1);
    /// use calhive_regf::hive::hidden::{HiddenBy, Item, Weight};
    /// // The root of this hive counts one subkey of two.
    /// let hive = calhive_regf::Hive::parse(&forged.bytes)?;
    /// let hidden = hive.hidden();
    /// assert!(matches!(hidden[0].item, Item::Key(key) if key.name() == "B".into()));
    /// assert_eq!((hidden[0].by, hidden[0].suggested), (HiddenBy::SubkeyCount, Some(2)));
    /// assert_eq!(hidden[0].weight, Weight::Contradiction);
    /// assert_eq!(hidden.path(&hidden[0]).unwrap().to_string(), "B");
    /// # Ok::<(), calhive_regf::Error>(())
    /// ```
    pub fn hidden(self) -> HiddenItems<'d> {
        self.hidden_beside(|_, _| {})
    }

    /// Finds hidden content like [`hidden`](Self::hidden), and passes the live tree to `see`. A caller
    /// that needs both reads the tree only once. `see` also receives the walk, to read data within its
    /// budget. An error stands for something that the walk cannot show.
    ///
    /// ```
    /// # let mut tree = hive_forge::tree::Tree::new("ROOT");
    /// # tree.root.at("A").values.push(hive_forge::tree::Value::dword("v", 1));
    /// # let forged = hive_forge::write(&tree, &Default::default());
    /// use calhive_regf::hive::hidden::Shown;
    /// let hive = calhive_regf::Hive::parse(&forged.bytes)?;
    /// let (mut keys, mut bytes) = (0, 0);
    /// let hidden = hive.hidden_beside(|walk, shown| match shown {
    ///     Ok(Shown::Key(_)) => keys += 1,
    ///     Ok(Shown::Value(value)) => bytes += walk.data(value).map_or(0, |it| it.to_bytes().len()),
    ///     Err(fault) => println!("{fault}"),
    /// });
    /// assert_eq!((keys, bytes), (2, 4));
    /// assert!(hidden.is_empty() && hidden.tree_faults().is_empty());
    /// # Ok::<(), calhive_regf::Error>(())
    /// ```
    pub fn hidden_beside(
        self,
        see: impl FnMut(&mut Walk<'d>, Result<Shown<'d>>),
    ) -> HiddenItems<'d> {
        let mut live = Live::of(self, see);
        resize::resize(&mut live);
        let orphans = Orphans::of(self, &live);
        let mut items = Vec::new();
        keys::hidden_keys(&mut live, &orphans, &mut items);
        values::hidden_values(&mut live, &orphans, &mut items);
        let mut names = BTreeMap::new();
        names::hidden_names(&mut live, &mut items, &mut names);
        data::hidden_data(&mut live, &orphans, &mut items);
        same_names::hidden_by_same_name(&mut live, &mut items);
        let mut faults = Vec::new();
        let most = self.bin_bytes().len() as u64;
        let place = FileOffset::new(u64::from(crate::offset::BASE_BLOCK_LENGTH));
        let mut reached = |limit, most| {
            faults.push(Error::new(ErrorKind::LimitReached { limit, most }, place));
        };
        if orphans.is_cut {
            reached(Limit::Keys, most / 80);
        }
        if live.left == 0 {
            reached(Limit::Elements, most);
        }
        let (parents, repaired) = (live.parents, live.repaired.keys);
        let tree_faults = live.tree_faults;
        HiddenItems { hive: self, items, names, parents, repaired, faults, tree_faults }
    }
}

impl Item<'_> {
    /// Returns the structure of the item, as errors name it.
    pub const fn structure(&self) -> Structure {
        match self {
            Self::Key(_) => Structure::KeyNode,
            Self::Value(_) => Structure::KeyValue,
            Self::KeyName { .. } => Structure::KeyName,
            Self::ValueName { .. } => Structure::ValueName,
            Self::Data { .. } => Structure::ValueData,
        }
    }
}
