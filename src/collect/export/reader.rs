// SPDX-License-Identifier: MIT OR Apache-2.0
//! Reads the places of the catalog below a root of an export.

use alloc::vec::Vec;

use calhive_regf::ValueType;
use calhive_regf::hive::path::KeyPath;
use calhive_regf::registry::{HiveKind, Role, control_set_number};

use crate::catalog::{Base, LOCATIONS, Location, Read};
use crate::collect::collector::{REDIRECTED, begins};
use crate::collect::export::place::{Place, Sink, Start};
use crate::collect::export::tree::{Held, Root, Tree, UpperPath};
use crate::meaning::task_actions::names_any;

/// Values of `Select` with the role that each gives to a control set.
const ROLES: [(&str, Role); 4] = [
    ("Current", Role::Current),
    ("Default", Role::Default),
    ("Failed", Role::Failed),
    ("LastKnownGood", Role::LastKnownGood),
];

/// Name of the link to the control set in use.
const CURRENT_SET: &str = "CurrentControlSet";

impl<'e> Tree<'e> {
    /// Reads the places of the catalog below a root.
    pub(super) fn facts_of(&self, root: &Root) -> Sink {
        let mut facts = Sink::new(self.length);
        let start = Start {
            path: root.path.clone(),
            shown: KeyPath::default(),
            control_set: None,
            redirected: false,
        };
        let sets = if root.kind == HiveKind::System { self.sets(root) } else { Vec::new() };
        let view = self.step(&start.path, REDIRECTED).map(|(path, held)| Start {
            path,
            shown: [held.name].into_iter().collect(),
            control_set: None,
            redirected: true,
        });
        for location in LOCATIONS.iter().copied().filter(|it| it.hive() == root.kind) {
            match location.base {
                Base::ControlSet => {
                    sets.iter().for_each(|set| self.read(location, set, &mut facts));
                }
                Base::System | Base::Software | Base::Security => {
                    self.read(location, &start, &mut facts);
                }
                Base::SoftwareViews => {
                    self.read(location, &start, &mut facts);
                    view.iter().for_each(|view| self.read(location, view, &mut facts));
                }
                // An export does not show the folder of the profile.
                Base::User | Base::VirtualStore => {}
            }
        }
        facts
    }

    /// Returns the control sets. In an export of a running Windows, `CurrentControlSet` is the one in use. It has the
    /// number 0.
    fn sets(&self, root: &Root) -> Vec<Start> {
        let select = self.step(&root.path, "Select").map(|(_, held)| held);
        let role = |(name, role): &(&str, Role)| {
            let value = select?.values.iter().rev().find(|it| it.name().same((*name).into()))?;
            let number = value.data.as_slice().try_into().ok().map(u32::from_le_bytes)?;
            (value.value_type == ValueType::DWORD).then_some((number, *role))
        };
        let chosen: Vec<(u32, Role)> = ROLES.iter().filter_map(role).collect();
        let set = |(path, held): (&UpperPath, &Held<'e>)| {
            let is_link = held.name.same(CURRENT_SET.into());
            let number = control_set_number(held.name).or(is_link.then_some(0))?;
            let of_set = chosen.iter().filter(|(of, _)| *of == number);
            let roles: Vec<Role> = match is_link {
                true => root.is_live.then_some(Role::Current).into_iter().collect(),
                false => of_set.map(|(_, role)| *role).collect(),
            };
            Some(Start {
                path: path.clone(),
                shown: [held.name].into_iter().collect(),
                control_set: Some((number, roles)),
                redirected: false,
            })
        };
        let mut sets: Vec<Start> = self.subkeys(&root.path).filter_map(set).collect();
        // Like in a hive, a key `CurrentControlSet` follows the numbered sets.
        sets.sort_by_key(|set| set.control_set.as_ref().map(|(number, _)| number.wrapping_sub(1)));
        sets
    }

    fn read(&self, location: &'static Location, start: &Start, facts: &mut Sink) {
        let (mut path, mut shown) = (start.path.clone(), start.shown.clone());
        let mut held = None;
        for name in location.key.split('\\') {
            let Some((below, found)) = self.step(&path, name) else { return };
            shown.push(found.name);
            (path, held) = (below, Some(found));
        }
        let Some(held) = held else { return };
        let place = Place { location, start, shown };
        match location.read {
            Read::Key => facts.push(place.key(held)),
            Read::Value(name) => place.values(held, facts, |it| it.same(name.into())),
            Read::Values => place.values(held, facts, |_| true),
            Read::SubkeyValue { prefix, value } => {
                for (_, held) in self.subkeys(&path).filter(|(_, it)| begins(it.name, prefix)) {
                    place.below(held).values(held, facts, |it| it.same(value.into()));
                }
            }
            Read::SubkeyValueNaming { value, texts } => {
                let is_ours = |held: &Held<'_>| {
                    let mut values = held.values.iter().filter(|it| it.name().same(value.into()));
                    values.any(|it| names_any(&it.data, texts))
                };
                for (_, held) in self.subkeys(&path).filter(|(_, it)| is_ours(it)) {
                    place.below(held).values(held, facts, |it| it.same(value.into()));
                }
            }
            Read::SubkeyValues => {
                for (_, held) in self.subkeys(&path) {
                    place.below(held).values(held, facts, |_| true);
                }
            }
            Read::SubkeyNames { except } => {
                for (_, held) in self.subkeys(&path).filter(|(_, it)| !it.name.same(except.into()))
                {
                    facts.push(place.below(held).key_name(held));
                }
            }
        }
    }
}
