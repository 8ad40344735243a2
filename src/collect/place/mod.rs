// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Place`]: a place of the catalog that a recovered item belongs to.

use alloc::vec::Vec;

use calhive_regf::hive::name::Name;
use calhive_regf::recover::{Recovered, RecoveredPath};
use calhive_regf::registry::HiveKind;

use crate::catalog::LOCATIONS;
use crate::catalog::{Base, Code, KeyTree, Location, Read};
use crate::collect::collector::{REDIRECTED, begins};
use crate::collect::place::item_names::{LICENSE, by_name, is_of_machine};
use calhive_regf::registry::control_set_number;

pub(super) mod item_names;

/// Names of keys that identify a place without the keys above.
const OWN: [&str; 2] = ["MSLicensing", "Licensing Core"];

/// A place of the catalog that an item was recovered from.
pub(super) struct Place {
    pub(super) location: &'static Location,
    pub(super) control_set: Option<u32>,
    pub(super) redirected: bool,
}

/// Returns the places of the catalog that an item belonged to.
pub(super) fn places(
    kind: HiveKind,
    found: Recovered<'_, '_>,
    path: Option<&RecoveredPath>,
) -> Vec<Place> {
    let value = found.value().map(|value| value.name());
    let locations = LOCATIONS.iter().filter(|it| {
        // A hive of unknown kind can be a damaged hive of any kind with licensing data.
        let fits = kind == HiveKind::Other || it.hive() == kind;
        is_of_machine(it) && fits
    });
    let Some(path) = path else {
        let Some(code) = value.and_then(by_name) else { return Vec::new() };
        return locations
            .filter(|it| it.code == code)
            .map(|location| Place { location, control_set: None, redirected: false })
            .collect();
    };
    let names: Vec<Name<'_>> = path.names.names().collect();
    let matched: Vec<Place> =
        locations.filter_map(|location| place(location, &names, path.is_whole, value)).collect();
    let is_one =
        |place: &Place| Some(place.location.key) == matched.first().map(|it| it.location.key);
    // If several keys of the catalog end with the partial path, the path identifies none of these
    // keys.
    if path.is_whole || matched.iter().all(is_one) { matched } else { Vec::new() }
}

/// Returns the place, if an item with this path belonged to this location.
pub(super) fn place(
    location: &'static Location,
    names: &[Name<'_>],
    is_whole: bool,
    value: Option<Name<'_>>,
) -> Option<Place> {
    let (names, below) = match (location.read, value) {
        (Read::Key, None) | (Read::Values, Some(_)) => (names, None),
        (Read::Value(wanted), Some(name)) if name.same(wanted.into()) => (names, None),
        (Read::SubkeyNames { except }, None) => {
            let (last, above) = names.split_last()?;
            (!last.same(except.into())).then_some((above, Some(*last)))?
        }
        (Read::SubkeyValues, Some(_)) => {
            let (last, above) = names.split_last()?;
            (above, Some(*last))
        }
        (Read::SubkeyValue { prefix, value: wanted }, Some(name)) => {
            let (last, above) = names.split_last()?;
            let is_ours = name.same(wanted.into()) && begins(*last, prefix);
            is_ours.then_some((above, Some(*last)))?
        }
        _ => return None,
    };
    let wanted = KeyTree::of_catalog().names_of(location);
    let same = |names: &[Name<'_>], wanted: &[&str]| {
        names.len() == wanted.len()
            && names.iter().zip(wanted).all(|(name, wanted)| name.same((*wanted).into()))
    };
    if let Some(start) = names.len().checked_sub(wanted.len())
        && let Some((base, rest)) = names.split_at_checked(start)
        && same(rest, wanted)
    {
        return at_base(location, base, is_whole);
    }
    // The known part of the path must be the end of this place, or the name of a stored license.
    let end = wanted.get(wanted.len().saturating_sub(names.len())..)?;
    let is_license =
        || below.is_some_and(|name| begins(name, LICENSE) && location.code == Code::ClientStore);
    let says = match (names.len(), location.read) {
        (0, _) => is_license(),
        // The value name and the key name together identify the place.
        (1, Read::Value(_)) => true,
        (1, Read::Values) => value.and_then(by_name) == Some(location.code),
        (1, _) => OWN.iter().any(|own| same(names, &[own])) || is_license(),
        _ => true,
    };
    (!is_whole && same(names, end) && says).then_some(Place {
        location,
        control_set: None,
        redirected: false,
    })
}

/// Returns the place, if the rest of the path is the base of the location.
pub(super) fn at_base(
    location: &'static Location,
    base: &[Name<'_>],
    is_whole: bool,
) -> Option<Place> {
    let last = base.last();
    let number = last.and_then(|name| control_set_number(*name));
    let is_view = last.is_some_and(|name| name.same(REDIRECTED.into()));
    let place = |control_set, redirected| Some(Place { location, control_set, redirected });
    match location.base {
        Base::ControlSet => match (number, base.len()) {
            (Some(number), 1) => place(Some(number), false),
            (None, 0) if !is_whole => place(None, false),
            _ => None,
        },
        Base::SoftwareViews if is_view && base.len() == 1 => place(None, true),
        Base::System | Base::Software | Base::SoftwareViews | Base::Security => {
            base.is_empty().then(|| place(None, false)).flatten()
        }
        // Recovered items of profiles are not reported.
        Base::User | Base::VirtualStore => None,
    }
}
