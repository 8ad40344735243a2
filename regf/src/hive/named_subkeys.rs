// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`NamedSubkeys`]: the subkeys of several names, from one pass over the lists of a key.

use alloc::vec;
use alloc::vec::Vec;

use crate::error::Error;
use crate::hive::key::Key;
use crate::hive::look_up::{hint_fault, order_fault};
use crate::hive::name::Name;
use crate::hive::upcase;

/// Limit of kept faults. Damaged lists can have a fault for each element, and many keys can share a list.
const FAULTS: usize = 8;

/// Subkeys of several names, found in one pass over the lists of a key.
#[derive(Debug)]
pub struct NamedSubkeys<'d> {
    /// The first subkey of each name.
    subkeys: Vec<Option<Key<'d>>>,
    /// Faults in the order of the pass. An index limits a fault to the look-up of one name.
    faults: Vec<(Error, Option<usize>)>,
    /// The key, if its lists hold fewer subkeys than the key counts.
    short: Option<Key<'d>>,
}

impl<'d> Key<'d> {
    /// Finds the subkeys of these names in one pass, which reads at most `left` list elements. The
    /// method subtracts the elements read from `left`. The result is `None` if the lists have many
    /// faults, as damaged lists do.
    ///
    /// ```
    /// # let mut tree = hive_forge::tree::Tree::new("ROOT");
    /// # tree.root.at("Control").values.clear();
    /// # tree.root.at("Services").values.clear();
    /// # let forged = hive_forge::write(&tree, &Default::default());
    /// # let hive = calhive_regf::Hive::parse(&forged.bytes)?;
    /// use calhive_regf::Name;
    /// let names = ["control", "Enum"].map(Name::from);
    /// let found = hive.root()?.named_subkeys(&names, &mut 100).expect("the list has no fault");
    /// assert_eq!(found.subkey(0, |_| {}).expect("it is there").name(), "Control".into());
    /// assert!(found.subkey(1, |_| {}).is_none());
    /// # Ok::<(), calhive_regf::Error>(())
    /// ```
    pub fn named_subkeys(self, names: &[Name<'_>], left: &mut usize) -> Option<NamedSubkeys<'d>> {
        let subkeys = vec![None; names.len()];
        let mut found = NamedSubkeys { subkeys, faults: Vec::new(), short: None };
        let (mut seen, mut is_full) = (0_u32, false);
        // The first character of a name excludes most subkeys.
        let bit =
            |name: Name<'_>| 1_u64.wrapping_shl(u32::from(name.units().next().map_or(0, upcase)));
        let firsts = names.iter().fold(0, |all, name| all | bit(*name));
        self.each_element(left, |index, place, hint, key, before| {
            seen = index.saturating_add(1);
            if found.faults.len() >= FAULTS {
                is_full = true;
                return;
            }
            let key = match key {
                Ok(key) => key,
                Err(error) => return found.faults.push((error, None)),
            };
            found.faults.extend(order_fault(index, place, before, key).map(|it| (it, None)));
            if firsts & bit(key.name()) == 0 {
                return;
            }
            let same = names.iter().zip(&mut found.subkeys).enumerate();
            for (wanted, (_, subkey)) in same.filter(|(_, (name, _))| key.name().same(**name)) {
                found.faults.extend(hint_fault(place, hint, key).map(|it| (it, Some(wanted))));
                *subkey = subkey.or(Some(key));
            }
        });
        found.short = (seen < self.subkey_count()).then_some(self);
        (!is_full).then_some(found)
    }
}

impl<'d> NamedSubkeys<'d> {
    /// Returns the subkey of the name with this index. `fault` receives the same faults as in
    /// [`Key::subkey_thorough`].
    pub fn subkey(&self, index: usize, mut fault: impl FnMut(Error)) -> Option<Key<'d>> {
        for (error, of) in &self.faults {
            if of.is_none_or(|of| of == index) {
                fault(*error);
            }
        }
        let subkey = self.subkeys.get(index).copied().flatten();
        if let (None, Some(short)) = (subkey, self.short) {
            // A name may be in elements that the list counts and does not hold.
            short.count_faults().for_each(fault);
        }
        subkey
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;
    use hive_forge::tree::Tree;

    #[test]
    fn pass_finds_the_same_subkeys_as_single_look_ups() {
        let mut tree = Tree::new("ROOT");
        for name in ["Control", "Enum", "Services", "services", "Zeta"] {
            tree.root.at(name).values.clear();
        }
        let forged = hive_forge::write(&tree, &Default::default());
        let root = crate::Hive::parse(&forged.bytes).unwrap().root().unwrap();
        let names = ["SERVICES", "Policies", "control"].map(Name::from);
        let found = root.named_subkeys(&names, &mut 100).unwrap();
        for (index, name) in names.into_iter().enumerate() {
            let (mut single, mut of_pass) = (Vec::new(), Vec::new());
            let expected = root.subkey_thorough(name, |fault| single.push(fault));
            let key = found.subkey(index, |fault| of_pass.push(fault));
            assert_eq!(key.map(Key::offset), expected.map(Key::offset), "{name}");
            assert_eq!(of_pass, single, "{name}");
        }
    }
}
