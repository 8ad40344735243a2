// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Counterpart`]: what a recovered thing is to a live one of the same path.

use alloc::vec::Vec;
use core::fmt;

use crate::bytes::FileOffset;
use crate::hive::key::Key;
use crate::hive::value::Value;
use crate::limits::Limits;
use crate::recover::path::Node;
use crate::recover::recovered::listed;
use crate::recover::{Owner, Recovered};

/// Values beyond these are not compared.
const COMPARED: usize = 256;

bitflags::bitflags! {
    /// What differs between a recovered thing and the live one of the same path.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
    pub struct Change: u8 {
        /// When the key was last written.
        const LAST_WRITTEN = 1;
        /// The values of the key.
        const VALUES = 2;
        /// The type of the value.
        const TYPE = 4;
        /// The data of the value.
        const DATA = 8;
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = [
            (Self::LAST_WRITTEN, "time"),
            (Self::VALUES, "values"),
            (Self::TYPE, "type"),
            (Self::DATA, "data"),
        ];
        listed(f, names.iter().filter(|(change, _)| self.contains(*change)).map(|(_, name)| *name))
    }
}

/// The live key or value of the same path and name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counterpart {
    /// The same in all that can be compared: a copy.
    Duplicate {
        /// Where the live one begins in the file.
        of: FileOffset,
    },
    /// Another state of it: what is recovered is a previous version, or a thing that had its name before.
    PreviousVersion {
        /// Where the live one begins in the file.
        of: FileOffset,
        /// What differs.
        changed: Change,
    },
}

impl<'d> Recovered<'_, 'd> {
    /// The live key or value of the same path and name, and what differs; `None` where there is none,
    /// or where the path is not known.
    pub fn counterpart(self) -> Option<Counterpart> {
        let (of, changed) = if self.found().is_key {
            let live = self.live_key()?;
            (live.offset(), self.key_changes(live))
        } else {
            let live = self.live_value()?;
            (live.offset(), self.value_changes(live))
        };
        Some(if changed.is_empty() {
            Counterpart::Duplicate { of }
        } else {
            Counterpart::PreviousVersion { of, changed }
        })
    }

    /// The live key of the path of this recovered key.
    pub(super) fn live_key(self) -> Option<Key<'d>> {
        let mut names = Vec::new();
        let mut key = self.key().filter(|_| self.leads_to_root())?;
        for _ in 0..Limits::default().depth {
            names.push(key.name());
            match self.recovery.node(key.parent())? {
                Node::Recovered(above) => key = above,
                Node::Live(above) => {
                    let way = names.iter().rev();
                    let mut live = above;
                    for name in way {
                        live = live.subkey(*name).ok()??;
                    }
                    return Some(live);
                }
            }
        }
        None
    }

    fn live_value(self) -> Option<Value<'d>> {
        let key = match self.found().owner {
            Owner::Recovered(_) => self.owner()?.live_key()?,
            Owner::Slack(_) => self.live_owner()?,
            Owner::Unknown => return None,
        };
        key.value(self.name()).ok().flatten()
    }

    fn key_changes(self, live: Key<'d>) -> Change {
        let mut changed = Change::empty();
        let Some(key) = self.key() else { return changed };
        changed.set(Change::LAST_WRITTEN, key.last_written() != live.last_written());
        let differ = key.value_count() != live.value_count()
            || self.values().take(COMPARED).any(|value| {
                let same = live.value(value.name()).ok().flatten();
                same.is_none_or(|same| !value.value_changes(same).is_empty())
            });
        changed.set(Change::VALUES, differ);
        changed
    }

    fn value_changes(self, live: Value<'d>) -> Change {
        let mut changed = Change::empty();
        let Some(value) = self.value() else { return changed };
        changed.set(Change::TYPE, value.value_type() != live.value_type());
        let same_size = value.data_size() == live.data_size();
        let same = || live.data().is_ok_and(|data| *data.to_bytes() == self.data().to_bytes());
        changed.set(Change::DATA, !(same_size && same()));
        changed
    }
}
