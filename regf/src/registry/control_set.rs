// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`ControlSet`]: copies of the system configuration, and their roles.

use alloc::collections::BTreeSet;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use crate::error::{Error, Result};
use crate::hive::Hive;
use crate::hive::key::Key;
use crate::hive::look_up::LookUp;
use crate::hive::name::Name;

/// Role of a control set, from `SYSTEM\Select`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Role {
    /// In use when Windows last loaded the hive.
    Current,
    /// Selected for the next start.
    Default,
    /// Start failed.
    Failed,
    /// Last successful start.
    LastKnownGood,
}

const ROLES: [(&str, Role); 4] = [
    ("Current", Role::Current),
    ("Default", Role::Default),
    ("Failed", Role::Failed),
    ("LastKnownGood", Role::LastKnownGood),
];

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = ROLES.iter().find(|(_, role)| role == self).map_or("", |(name, _)| *name);
        f.write_str(name)
    }
}

/// A control set of a SYSTEM hive. Offline hives have no `CurrentControlSet`, because Windows creates
/// that link at start.
#[derive(Clone, Debug)]
pub struct ControlSet<'d> {
    /// Number of the control set: 1 for `ControlSet001`.
    pub number: u32,
    /// Roles from `Select`; empty if no value of `Select` names the control set.
    pub roles: Vec<Role>,
    /// Key of the control set.
    pub key: Key<'d>,
}

impl<'d> ControlSet<'d> {
    /// Returns all control sets of a hive, sorted by number, and passes faults to `fault`. With
    /// [`LookUp::Trusting`], the search reads only keys with a matching hash.
    ///
    /// ```
    /// # let mut tree = hive_forge::tree::Tree::new("ROOT");
    /// # tree.root.at("ControlSet001").values.clear();
    /// # tree.root.at("Select").values.push(hive_forge::tree::Value::dword("Current", 1));
    /// # let forged = hive_forge::write(&tree, &Default::default());
    /// use calhive_regf::hive::look_up::LookUp;
    /// use calhive_regf::registry::{ControlSet, Role};
    /// let hive = calhive_regf::Hive::parse(&forged.bytes)?;
    /// let sets = ControlSet::all(hive, LookUp::Thorough, |_| {});
    /// assert_eq!((sets[0].number, sets[0].roles.as_slice()), (1, [Role::Current].as_slice()));
    /// # Ok::<(), calhive_regf::Error>(())
    /// ```
    pub fn all(hive: Hive<'d>, look_up: LookUp, mut fault: impl FnMut(Error)) -> Vec<Self> {
        let Ok(root) = hive.root() else { return Vec::new() };
        let chosen = chosen(root, look_up, &mut fault);
        // A list can name the same key several times.
        let mut seen = BTreeSet::new();
        let mut sets = Vec::new();
        each_control_set(root, look_up, |set| match set {
            Ok((number, key)) if seen.insert(key.cell_offset()) => {
                let roles =
                    chosen.iter().filter(|(of, _)| *of == number).map(|(_, role)| *role).collect();
                sets.push(Self { number, roles, key });
            }
            Ok(_) => {}
            Err(error) => fault(error),
        });
        sets.sort_by_key(|set| set.number);
        sets
    }

    /// Returns the roles of the control set with this number. `root` is the root key of SYSTEM.
    pub fn roles(root: Key<'d>, number: u32) -> Vec<Role> {
        let chosen = chosen(root, LookUp::Thorough, &mut |_| {});
        chosen.into_iter().filter(|(of, _)| *of == number).map(|(_, role)| role).collect()
    }

    /// Returns whether the control set was in use when Windows last loaded the hive.
    pub fn is_current(&self) -> bool {
        self.roles.contains(&Role::Current)
    }
}

/// Returns the numbers in `Select` with their roles.
fn chosen(root: Key<'_>, look_up: LookUp, fault: &mut impl FnMut(Error)) -> Vec<(u32, Role)> {
    let select = root.subkey_by("Select", look_up, fault);
    let chosen = select.into_iter().flat_map(|select| {
        ROLES.iter().filter_map(move |(name, role)| {
            let number = select.value(*name).ok()??.data().ok()?.to_dword()?;
            Some((number, *role))
        })
    });
    chosen.collect()
}

/// Passes each control set below a root to `see`, with its number.
fn each_control_set<'d>(
    root: Key<'d>,
    look_up: LookUp,
    mut see: impl FnMut(Result<(u32, Key<'d>)>),
) {
    let mut key = |key: Result<Key<'d>>| match key {
        Ok(key) => {
            if let Some(number) = control_set_number(key.name()) {
                see(Ok((number, key)));
            }
        }
        Err(error) => see(Err(error)),
    };
    match look_up {
        LookUp::Thorough => root.subkeys().for_each(key),
        LookUp::Trusting => {
            root.each_hinted("ControlSet".into(), is_hash_of_control_set, &mut key);
        }
    }
}

/// Whether the hash is the hash of `ControlSet` and three digits.
fn is_hash_of_control_set(hash: u32) -> bool {
    let first = hash.wrapping_sub(Name::from("ControlSet000").lh_hash());
    // The hash multiplies by 37, so no two numbers have the same hash.
    let (hundreds, rest) = (first / (37 * 37), first % (37 * 37));
    hundreds <= 9 && rest / 37 <= 9 && rest % 37 <= 9
}

/// Returns the number of the control set with this key name: 1 for `ControlSet001`. Returns `None` for
/// any other name.
pub fn control_set_number(name: Name<'_>) -> Option<u32> {
    const LENGTH: usize = "ControlSet001".len();
    if name.units().take(LENGTH.saturating_add(1)).count() != LENGTH {
        return None;
    }
    let name: String = name.to_string_lossy();
    let (tag, digits) = name.split_at_checked("ControlSet".len())?;
    let is_number = digits.len() == 3 && digits.bytes().all(|digit| digit.is_ascii_digit());
    (tag.eq_ignore_ascii_case("ControlSet") && is_number).then(|| digits.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hash_of_control_set_is_known() {
        for number in 0..1000_u32 {
            let hash = Name::from(alloc::format!("ControlSet{number:03}").as_str()).lh_hash();
            assert!(is_hash_of_control_set(hash), "{number}");
        }
        for other in ["ControlSet", "ControlSet1", "ControlSet00A", "ControlSet0000", "Control", ""]
        {
            assert!(!is_hash_of_control_set(Name::from(other).lh_hash()), "{other}");
        }
        let first = Name::from("ControlSet000").lh_hash();
        let known = (0..20_000).filter(|more| is_hash_of_control_set(first.wrapping_add(*more)));
        assert_eq!(known.count(), 1000);
    }

    #[test]
    fn control_set_number_needs_three_digits_after_the_prefix() {
        assert_eq!(control_set_number(Name::from("ControlSet001")), Some(1));
        assert_eq!(control_set_number(Name::from("controlset012")), Some(12));
        assert_eq!(control_set_number(Name::from("CurrentControlSet")), None);
        assert_eq!(control_set_number(Name::from("ControlSet1")), None);
    }
}
