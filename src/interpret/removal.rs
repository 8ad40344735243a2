// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Bounds`]: between which times a recovered key or value was removed, by the clock of the machine.

use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use calhive_regf::FileTime;

use crate::interpret::view::{Exhibit, View};

/// Times between which an item was removed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Bounds {
    /// Last-written time of the removed key: the key still existed then.
    not_before: Option<FileTime>,
    /// Last-written time of the nearest key above that no longer holds the item, with the path of that key.
    not_after: Option<(FileTime, String)>,
}

impl Bounds {
    /// Returns the bounds of the removal of a recovered item.
    ///
    /// A removal writes the last-written time of the key above. A later write to that key makes the bound
    /// loose, and it stays true. A recovered key above that still counts subkeys gives no bound.
    pub(super) fn of(view: &View<'_>, exhibit: &Exhibit<'_>) -> Self {
        let place = &exhibit.fact.provenance;
        let Some(remains) = place.recovered.as_ref().filter(|it| it.is_sound() && it.key_is_known)
        else {
            return Self::default();
        };
        let plausible = |time: &FileTime| time.is_plausible();
        let not_before = exhibit.written().filter(|_| remains.key_is_recovered).filter(plausible);
        let start = match remains.key_is_recovered {
            true => above(&place.key),
            false => Some(place.key.as_str()),
        };
        let mut path = start;
        while let Some(key) = path {
            if let Some(time) = Self::no_longer_holds(view, key) {
                // A time before the lower bound contradicts it. Then the order is not known.
                let is_ordered = not_before.is_none_or(|before| before <= time);
                let not_after =
                    (time.is_plausible() && is_ordered).then(|| (time, key.to_string()));
                return Self { not_before, not_after };
            }
            path = above(key);
        }
        Self { not_before, not_after: None }
    }

    /// Returns the last-written time of the key at this path, if the key is in the tree, or if a recovered
    /// record of the key counts no subkey.
    fn no_longer_holds(view: &View<'_>, key: &str) -> Option<FileTime> {
        let is_it = |it: &&&Exhibit<'_>| it.fact.provenance.key.eq_ignore_ascii_case(key);
        let live = view.facts.iter().filter(is_it).find_map(|it| it.written());
        let is_empty = |it: &&Exhibit<'_>| {
            let remains = it.fact.provenance.recovered.as_ref();
            remains.is_some_and(|it| it.is_sound() && it.subkeys == Some(0))
        };
        let mut gone = view.recovered.iter().filter(is_it).copied().filter(is_empty);
        live.or_else(|| gone.find_map(|it| it.written()))
    }

    /// Returns the bounds as a clause, such as "not before A (its own last write)". Empty without bounds.
    pub(super) fn in_words(&self) -> String {
        if let (Some(before), Some((after, key))) = (self.not_before, &self.not_after)
            && before == *after
        {
            return format!(
                "the removed key and {key} have the same last write {before}, so these times do not date the removal"
            );
        }
        let before = self
            .not_before
            .map(|time| format!("not before {time} (last write of the removed key)"));
        let after = self.not_after.as_ref();
        let after = after.map(|(time, key)| format!("not after {time} (last write of {key})"));
        let parts: Vec<String> = before.into_iter().chain(after).collect();
        if parts.is_empty() {
            String::new()
        } else {
            format!("{}, by the machine's clock", parts.join(", "))
        }
    }
}

/// Returns the path of the key above.
fn above(key: &str) -> Option<&str> {
    key.rsplit_once('\\').map(|(above, _)| above)
}
