// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Hive::hidden`]: what the live tree leaves out while the bytes still hold it.
//!
//! One pass marks each cell that the live tree refers to. Allocated cells that nothing refers to are
//! then asked which field would lead to them, had it another value: a count that is too low, an
//! offset or an element that leads elsewhere. Names and data that are there but not shown
//! are looked for in live cells as well. Free cells are deleted data and no part of this.

mod data;
mod keys;
mod lists;
mod marks;
mod names;
mod orphans;
mod segments;
mod text;
mod values;

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;
use core::fmt;
use core::ops::Deref;

use crate::bytes::{Bytes, CellOffset, FileOffset};
pub use crate::error::HiddenBy;
use crate::error::{Error, ErrorKind, Limit, Structure};
use crate::hive::Hive;
use crate::hive::key::Key;
use crate::hive::name::Name;
use crate::hive::path::KeyPath;
use crate::hive::value::{Value, ValueType};
use crate::limits::Limits;
use marks::Live;
use orphans::Orphans;

/// Something that a hive holds and the live tree leaves out.
#[derive(Clone, Debug)]
pub struct Hidden<'d> {
    /// What it is.
    pub item: Item<'d>,
    /// Which field hides it.
    pub by: HiddenBy,
    /// Where that field stands; the place of the record itself where no field is known.
    pub place: FileOffset,
    /// What the field says.
    pub found: u64,
    /// What the bytes suggest that it said.
    pub suggested: Option<u64>,
    /// How much that says.
    pub weight: Weight,
    /// The key that it is, or that it belongs to; `None` where that is not known.
    pub key: Option<CellOffset>,
    /// The hidden key that it hangs below, where it is hidden with that key.
    pub below: Option<CellOffset>,
}

impl Hidden<'_> {
    /// The type that the bytes suggest, where the type is what hides the data.
    pub fn suggested_type(&self) -> Option<ValueType> {
        let number = self.suggested.filter(|_| self.by == HiddenBy::DataType)?;
        u32::try_from(number).ok().map(ValueType)
    }
}

/// What is hidden.
#[derive(Clone, Debug)]
pub enum Item<'d> {
    /// A key.
    Key(Key<'d>),
    /// A value.
    Value(Value<'d>),
    /// The name of a key that is shown by another one.
    KeyName {
        /// The key.
        key: Key<'d>,
        /// The name that the bytes suggest.
        name: Name<'d>,
    },
    /// The name of a value that is shown by another one.
    ValueName {
        /// The value.
        value: Value<'d>,
        /// The name that the bytes suggest.
        name: Name<'d>,
    },
    /// Data of a value that is shown with others, with fewer, or with another type.
    Data {
        /// The value.
        value: Value<'d>,
        /// The data that the bytes suggest, in pieces.
        data: Vec<Bytes<'d>>,
    },
}

impl fmt::Display for Hidden<'_> {
    /// Which field hides it, in words.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        statement(f, self.by, self.place.get(), self.found, self.suggested)
    }
}

/// Which field is in question, and what follows from it, in words.
pub(crate) fn statement(
    f: &mut impl fmt::Write,
    by: HiddenBy,
    place: u64,
    found: u64,
    suggested: Option<u64>,
) -> fmt::Result {
    f.write_str(match by {
        HiddenBy::NameLength | HiddenBy::NameFlag => "in the tree under another name: ",
        HiddenBy::DataSize
        | HiddenBy::DataInline
        | HiddenBy::DataOffset
        | HiddenBy::DataType
        | HiddenBy::BigDataCount
        | HiddenBy::BigDataList
        | HiddenBy::BigDataElement => "in the tree with other data: ",
        _ => "outside the tree: ",
    })?;
    if by == HiddenBy::Unreferenced {
        return f.write_str("no list that could be read leads to it");
    }
    write!(f, "the {by} at {place:#x} is {}", shown(by, found))?;
    match suggested {
        Some(suggested) => {
            write!(
                f,
                "; by other parts of the hive it would be {} (inferred)",
                shown(by, suggested)
            )
        }
        None => Ok(()),
    }
}

/// A number of this field as people read it: offsets and bits in hexadecimal.
fn shown(by: HiddenBy, number: u64) -> String {
    const INLINE: u64 = 0x8000_0000;
    match by {
        HiddenBy::DataSize | HiddenBy::DataInline if number & INLINE != 0 => {
            format!("{} in the value itself", number & !INLINE)
        }
        HiddenBy::SubkeyCount
        | HiddenBy::ListCount
        | HiddenBy::ValueCount
        | HiddenBy::NameLength
        | HiddenBy::DataSize
        | HiddenBy::DataInline
        | HiddenBy::BigDataCount => number.to_string(),
        _ if number == u64::from(u32::MAX) => String::from("none (0xffffffff)"),
        HiddenBy::DataType => ValueType(u32::try_from(number).unwrap_or(u32::MAX)).to_string(),
        _ => format!("{number:#x}"),
    }
}

/// How much it says that something is hidden.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Weight {
    /// Windows itself leaves this as well: cells that were lost, data that were made smaller in
    /// place.
    LeftOver,
    /// Structures contradict each other in a way that Windows does not write.
    Contradiction,
}

impl Weight {
    /// What is to be said beside it, as it follows a statement; nothing of a contradiction.
    pub const fn caveat(self) -> &'static str {
        match self {
            Self::LeftOver => "; the like stands in hives that nobody is known to have altered",
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

/// A field, and what it says about something hidden.
#[derive(Clone, Copy, Debug)]
struct Cause {
    by: HiddenBy,
    place: FileOffset,
    found: u64,
    suggested: Option<u64>,
    weight: Weight,
}

impl Cause {
    /// A field that says one thing where the bytes say another.
    fn new(by: HiddenBy, place: FileOffset, found: u64, suggested: impl Into<Option<u64>>) -> Self {
        let weight = Weight::Contradiction;
        Self { by, place, found, suggested: suggested.into(), weight }
    }

    /// Nothing refers to the record at this place.
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

/// What [`Hive::hidden`] found, keys first. Read it as a slice.
#[derive(Debug)]
pub struct HiddenItems<'d> {
    hive: Hive<'d>,
    items: Vec<Hidden<'d>>,
    /// Suggested names of keys.
    names: BTreeMap<CellOffset, Name<'d>>,
    /// The parents of live keys that name another one.
    parents: BTreeMap<CellOffset, CellOffset>,
    faults: Vec<Error>,
}

impl<'d> HiddenItems<'d> {
    /// The full path of the key that an item is or belongs to, with suggested names. `None` where
    /// that key is not known, or where its parents lead to no root.
    pub fn path(&self, item: &Hidden<'d>) -> Option<KeyPath> {
        let mut key = Key::parse(self.hive, item.key?)?;
        let live_root = self.hive.root().ok();
        let mut names = Vec::new();
        for _ in 0..Limits::default().depth.saturating_add(2) {
            if key.is_root() {
                return Some(names.into_iter().rev().collect());
            }
            let above = self.parents.get(&key.cell_offset()).copied();
            let above = above.unwrap_or(CellOffset::new(key.raw().parent.get()));
            let Some(parent) = Key::parse(self.hive, above) else {
                let is_live_root = live_root.map(Key::cell_offset) == Some(key.cell_offset());
                return is_live_root.then(|| names.into_iter().rev().collect());
            };
            let suggested = self.names.get(&key.cell_offset()).copied();
            names.push(suggested.unwrap_or(key.name()));
            key = parent;
        }
        None
    }

    /// How many bytes of data of all items are worth looking at: four times those of the bins. Many items
    /// may be made of the same bytes.
    pub fn data_limit(&self) -> usize {
        self.hive.bin_bytes().len().saturating_mul(4)
    }

    /// Limits that were reached: where there are any, there may be more than is told.
    pub fn faults(&self) -> &[Error] {
        &self.faults
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
    /// What the live tree leaves out while the bytes still hold it: keys and values that no list
    /// leads to, names and data that a changed field keeps from being shown. Each comes with the
    /// field that hides it. [`walk`](Self::walk) shows none of this: it shows what Windows would.
    ///
    /// Its work is linear in the size of the hive, and so is the memory that it takes.
    ///
    /// ```
    /// # let mut tree = hive_forge::tree::Tree::new("ROOT");
    /// # tree.root.at("A").values.clear();
    /// # tree.root.at("B").values.clear();
    /// # let mut forged = hive_forge::write(&tree, &Default::default());
    /// # forged.set("key ", "subkey_count", 1);
    /// use calhive::hive::hidden::{HiddenBy, Item, Weight};
    /// // The root of this hive counts one subkey of two.
    /// let hive = calhive::Hive::parse(&forged.bytes)?;
    /// let hidden = hive.hidden();
    /// assert!(matches!(hidden[0].item, Item::Key(key) if key.name() == "B".into()));
    /// assert_eq!((hidden[0].by, hidden[0].suggested), (HiddenBy::SubkeyCount, Some(2)));
    /// assert_eq!(hidden[0].weight, Weight::Contradiction);
    /// assert_eq!(hidden.path(&hidden[0]).unwrap().to_string(), "B");
    /// # Ok::<(), calhive::Error>(())
    /// ```
    pub fn hidden(self) -> HiddenItems<'d> {
        let mut live = Live::of(self);
        let orphans = Orphans::of(self, &live);
        let mut items = Vec::new();
        keys::hidden_keys(&mut live, &orphans, &mut items);
        values::hidden_values(&mut live, &orphans, &mut items);
        let mut names = BTreeMap::new();
        names::hidden_names(&mut live, &mut items, &mut names);
        data::hidden_data(&mut live, &orphans, &mut items);
        let mut faults = Vec::new();
        let most = self.bin_bytes().len() as u64;
        let place = FileOffset::new(u64::from(crate::bytes::BASE_BLOCK_LENGTH));
        let mut reached = |limit, most| {
            faults.push(Error::new(ErrorKind::LimitReached { limit, most }, place));
        };
        if orphans.is_cut {
            reached(Limit::Keys, most / 80);
        }
        if live.left == 0 {
            reached(Limit::Elements, most);
        }
        HiddenItems { hive: self, items, names, parents: live.parents, faults }
    }
}

impl Item<'_> {
    /// The structure that is hidden, as errors name it.
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
