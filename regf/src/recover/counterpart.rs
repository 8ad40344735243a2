// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Counterpart`]: the live key or value with the same path as a recovered key or value.

use alloc::vec::Vec;
use core::fmt;

use crate::budget::Budget;
use crate::hive::key::Key;
use crate::hive::name::Name;
use crate::hive::value::Value;
use crate::limits::Limits;
use crate::offset::FileOffset;
use crate::recover::loss::listed;
use crate::recover::path::Node;
use crate::recover::{Owner, Recovered};

/// Limit of values of a key to compare.
const COMPARED: usize = 256;

bitflags::bitflags! {
    /// Differences between a recovered key or value and its live counterpart.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
    pub struct Differences: u8 {
        /// Last-written time of the key.
        const LAST_WRITTEN = 1;
        /// Values of the key.
        const VALUES = 2;
        /// Type of the value.
        const TYPE = 4;
        /// Data of the value.
        const DATA = 8;
    }
}

impl fmt::Display for Differences {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = [
            (Self::LAST_WRITTEN, "timestamp"),
            (Self::VALUES, "values"),
            (Self::TYPE, "type"),
            (Self::DATA, "data"),
        ];
        listed(
            f,
            names
                .iter()
                .filter(|(difference, _)| self.contains(*difference))
                .map(|(_, name)| *name),
        )
    }
}

/// Relation of a recovered key or value to the live key or value with the same path and name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counterpart {
    /// A copy. Everything that can be compared is equal.
    Duplicate {
        /// Offset of the live key or value, from the start of the file.
        of: FileOffset,
    },
    /// Another state: a previous version, or an earlier key or value with the same name.
    PreviousVersion {
        /// Offset of the live key or value, from the start of the file.
        of: FileOffset,
        /// Differences between the recovered and the live state.
        differences: Differences,
    },
}

impl<'d> Recovered<'_, 'd> {
    /// Compares the record with the live key or value of the same path and name. Returns `None` if
    /// no such key or value exists, or if the path is unknown.
    pub fn counterpart(self) -> Option<Counterpart> {
        self.recovery.allowance.within_look_ups(|look_ups| self.counterpart_within(look_ups))
    }

    /// Returns the [counterpart](Self::counterpart) within a budget for many records. Many records can
    /// have the same long path or the same key with many values. If the budget refuses the
    /// comparison, the result is `None`.
    pub fn counterpart_within(self, look_ups: &mut Budget) -> Option<Counterpart> {
        let (of, differences) = if self.found().is_key {
            let live = self.live_key(look_ups)?;
            (live.offset(), self.key_differences(live, look_ups)?)
        } else {
            let live = self.live_value(look_ups)?;
            (live.offset(), self.value_differences(live, look_ups)?)
        };
        Some(if differences.is_empty() {
            Counterpart::Duplicate { of }
        } else {
            Counterpart::PreviousVersion { of, differences }
        })
    }

    /// Returns the live key with the path of this recovered key.
    fn live_key(self, look_ups: &mut Budget) -> Option<Key<'d>> {
        let mut names = Vec::new();
        let mut key = self.key().filter(|_| self.leads_to_root())?;
        for _ in 0..Limits::default().depth {
            names.push(key.name());
            if !look_ups.spend(1, self.offset()) {
                return None;
            }
            match self.recovery.node(key.parent())? {
                Node::Recovered(above) => key = above,
                Node::Live(above) => {
                    let mut live = self.in_current(above, &mut names, look_ups)?;
                    let way = names.iter().rev();
                    for name in way {
                        live = live.subkey_paid(*name, look_ups).ok()??;
                    }
                    return Some(live);
                }
            }
        }
        None
    }

    /// Returns the nearest key of the current tree at or above a key of an older state. Adds the names of the keys
    /// in between to `names`.
    fn in_current(
        self,
        above: Key<'d>,
        names: &mut Vec<Name<'d>>,
        look_ups: &mut Budget,
    ) -> Option<Key<'d>> {
        let Some(current) = &self.recovery.current else { return Some(above) };
        let mut key = above;
        for _ in 0..Limits::default().depth {
            if !look_ups.spend(1, self.offset()) {
                return None;
            }
            let same = current.key_at(key.cell_offset()).filter(|same| same.name() == key.name());
            if same.is_some() {
                return same;
            }
            if key.is_root() {
                return current.hive.root().ok();
            }
            names.push(key.name());
            key = key.parent().ok()??;
        }
        None
    }

    fn live_value(self, look_ups: &mut Budget) -> Option<Value<'d>> {
        let key = match self.found().owner {
            Owner::Recovered(_) => self.owner()?.live_key(look_ups)?,
            Owner::Slack(_) => self.live_owner()?,
            Owner::Unknown => return None,
        };
        self.value_of(key, look_ups)?
    }

    /// Returns the value of this name of a live key, if any. Returns `None` if the budget refuses the
    /// look-up.
    fn value_of(self, key: Key<'d>, look_ups: &mut Budget) -> Option<Option<Value<'d>>> {
        let cost = self.name().comparison_cost();
        let values = (key.values().remaining() as u64).saturating_mul(cost);
        look_ups.spend(values, self.offset()).then(|| key.value(self.name()).ok().flatten())
    }

    fn key_differences(self, live: Key<'d>, look_ups: &mut Budget) -> Option<Differences> {
        let mut differences = Differences::empty();
        let key = self.key()?;
        differences.set(Differences::LAST_WRITTEN, key.last_written() != live.last_written());
        let listed = self.recovery.listed(self.found()).len() as u64;
        if !look_ups.spend(listed, self.offset()) {
            return None;
        }
        let mut differ = key.value_count() != live.value_count();
        for value in self.values().take(COMPARED) {
            if differ {
                break;
            }
            differ = match value.value_of(live, look_ups)? {
                Some(same) => !value.value_differences(same, look_ups)?.is_empty(),
                None => true,
            };
        }
        differences.set(Differences::VALUES, differ);
        Some(differences)
    }

    fn value_differences(self, live: Value<'d>, look_ups: &mut Budget) -> Option<Differences> {
        let mut differences = Differences::empty();
        let value = self.value()?;
        differences.set(Differences::TYPE, value.value_type() != live.value_type());
        let mut differ = value.data_size() != live.data_size();
        if !differ {
            // Comparing 16 bytes takes about as long as comparing a name.
            let cost = u64::from(value.data_size() / 16).saturating_add(1);
            if !look_ups.spend(cost, self.offset()) {
                return None;
            }
            let is_same = live.data().is_ok_and(|data| *data.to_bytes() == self.data().to_bytes());
            differ = !is_same;
        }
        differences.set(Differences::DATA, differ);
        Some(differences)
    }
}
