// SPDX-License-Identifier: MIT OR Apache-2.0
//! Look-ups of the keys of the catalog, each one once for a base.

use calhive_regf::error::{Error, ErrorKind, Field};
use calhive_regf::hive::key::Key;
use calhive_regf::hive::look_up::LookUp;
use calhive_regf::hive::name::Name;

use crate::catalog::{KeyTree, Location};
use crate::collect::collector::start::{FoundKey, Start, Step, path_below};
use crate::collect::collector::{Collector, limit_reached};
use crate::fact::Hiding;

impl<'s> Collector<'s> {
    /// Returns the result of the look-up of a location's key.
    pub(super) fn look_up<'a>(
        &mut self,
        start: &'a mut Start<'s>,
        location: &Location,
    ) -> Option<&'a Step<'s>> {
        let index = KeyTree::of_catalog().index_of(location);
        self.look_up_at(start, index);
        start.step(index)
    }

    fn look_up_at(&mut self, start: &mut Start<'s>, index: usize) {
        if start.step(index).is_some() {
            return;
        }
        let Some(wanted) = KeyTree::of_catalog().key(index) else { return };
        let name = wanted.names.last().copied().unwrap_or_default();
        let above = wanted.above.map(|above| {
            self.look_up_at(start, above);
            start.step(above)
        });
        let step = match above {
            None => self.below(&start.at, name, Some(index)),
            Some(Some(Step::Found(above))) => self.below(above, name, Some(index)),
            Some(missing) => Step::Missing(missing.and_then(Step::lost)),
        };
        start.keep(index, step);
    }

    /// Returns the key at a path below the root.
    pub(super) fn find(&mut self, root: Key<'s>, path: &str) -> Step<'s> {
        let root = Step::Found(FoundKey::root(root, self.hides_all()));
        path.split('\\').fold(root, |step, name| match step {
            Step::Found(above) => self.below(&above, name, None),
            missing @ Step::Missing(_) => missing,
        })
    }

    /// Returns the subkey with this name. `index` is the index of a key of the catalog. A symbolic link counts as not
    /// read.
    pub(super) fn below(
        &mut self,
        above: &FoundKey<'s>,
        name: &str,
        index: Option<usize>,
    ) -> Step<'s> {
        match self.stored_below(above, name, index) {
            Step::Found(below) => match self.unless_link(below.key) {
                Ok(_) => Step::Found(below),
                Err(lost) => Step::Missing(Some(lost)),
            },
            missing @ Step::Missing(_) => missing,
        }
    }

    /// Returns a key that is no symbolic link. Adds a link to the items that could not be read.
    pub(super) fn unless_link(&mut self, key: Key<'s>) -> Result<Key<'s>, Error> {
        key.unless_link().inspect_err(|link| self.unread.add(*link))
    }

    /// Returns the subkey with this name, like [`below`](Self::below). A symbolic link counts as any key.
    fn stored_below(&mut self, above: &FoundKey<'s>, name: &str, index: Option<usize>) -> Step<'s> {
        let key = above.key;
        let is_named = |(of, ..): &(Name<'s>, Key<'s>, Hiding)| of.same(name.into());
        if let Some((name, below, hiding)) = self.hidden_subkeys(key).into_iter().find(is_named) {
            let path = path_below(&above.path, name);
            return Step::Found(FoundKey { key: below, path, hidden: Some(hiding) });
        }
        let exhausted = limit_reached(key);
        let mut lost = (self.budget.work == 0).then_some(exhausted);
        self.read_list(key, index);
        let (faults, unread) = (&mut self.faults, &mut self.unread);
        let fault = |fault: Error| match fault.kind() {
            // A wrong order or hash causes no loss of data.
            ErrorKind::Order { .. } | ErrorKind::Duplicate { .. } => faults.add(fault),
            ErrorKind::Mismatch { field: Field::Hash, .. } => faults.add(fault),
            _ => {
                lost = lost.or(Some(fault));
                unread.add(fault);
            }
        };
        let wanted = index.and_then(|index| KeyTree::of_catalog().key(index));
        let list = wanted.and_then(|wanted| {
            let list = self.lists.get(&(key.cell_offset(), wanted.above))?.as_ref()?;
            Some((list, wanted.position))
        });
        let below = match list {
            Some((list, position)) => list.subkey(position, fault),
            None => key.subkey_within(name.into(), self.look_up, &mut self.budget.work, fault),
        };
        match below {
            Some(below) => {
                let path = path_below(&above.path, below.name());
                Step::Found(FoundKey { key: below, path, hidden: above.hidden })
            }
            None => Step::Missing(lost.or((self.budget.work == 0).then_some(exhausted))),
        }
    }

    /// Finds all subkeys of the catalog in one pass over the lists of `key`. Both passes of a thorough
    /// collector use the result.
    fn read_list(&mut self, key: Key<'s>, index: Option<usize>) {
        let tree = KeyTree::of_catalog();
        let wanted = index.and_then(|index| tree.key(index));
        let Some(wanted) = wanted.filter(|_| self.look_up == LookUp::Thorough) else { return };
        let place = (key.cell_offset(), wanted.above);
        if !self.lists.contains_key(&place) {
            let names = tree.names_below(wanted.above);
            let list = key.named_subkeys(names, &mut self.budget.work);
            if self.budget.work > 0 {
                self.lists.insert(place, list);
            }
        }
    }
}
