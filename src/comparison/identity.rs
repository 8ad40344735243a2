// SPDX-License-Identifier: MIT OR Apache-2.0
//! Comparison of what the hives say about the installation of Windows.

use alloc::collections::BTreeSet;
use alloc::vec::Vec;

use crate::catalog::Code;
use crate::comparison::item::{Items, Thing};
use crate::comparison::side::Side;
use crate::report::{Attributed, ItemSubject, System};

/// A property of an installation: name of its field, title, and access.
type Property = (&'static str, &'static str, fn(&System) -> Option<&Attributed>);

const PROPERTIES: [Property; 12] = [
    ("computer_name", "Computer name", |system| system.computer_name.as_ref()),
    ("product", "Product", |system| system.product.as_ref()),
    ("edition", "Edition", |system| system.edition.as_ref()),
    ("build", "Version and build", |system| system.build.as_ref()),
    ("product_type", "Product type", |system| system.product_type.as_ref()),
    ("installed", "Installation time", |system| system.installed.as_ref()),
    ("clone_tag", "Sysprep clone tag", |system| system.clone_tag.as_ref()),
    ("domain", "Domain membership", |system| system.domain.as_ref()),
    ("entra", "Microsoft Entra join", |system| system.entra.as_ref()),
    ("time_zone", "Time zone", |system| system.time_zone.as_ref()),
    ("shut_down", "Last shutdown", |system| system.shut_down.as_ref()),
    ("farm", "Farm", |system| system.farm.as_ref()),
];

/// Compares the properties of the installations.
pub(super) fn compare(a: &Side<'_>, b: &Side<'_>, items: &mut Items) {
    for (code, title, of) in PROPERTIES {
        let thing = Thing { subject: ItemSubject::Identity, code, title };
        let value =
            |side: &Side<'_>, it: &Attributed| side.value(it.text.clone(), &side.facts(&it.facts));
        match (of(&a.host.system), of(&b.host.system)) {
            (None, None) => {}
            (Some(one), Some(other)) if one.text == other.text => items.equal(),
            (Some(one), Some(other)) => items.changed(thing, value(a, one), value(b, other)),
            (Some(one), None) => {
                items.only_a(thing, value(a, one), b.doubts(&codes_of(a, one)));
            }
            (None, Some(other)) => {
                items.only_b(thing, value(b, other), a.doubts(&codes_of(b, other)));
            }
        }
    }
}

/// Returns the codes of the facts behind the properties of both sides.
pub(super) fn codes(a: &Side<'_>, b: &Side<'_>) -> BTreeSet<Code> {
    let of = |side: &Side<'_>| -> Vec<Code> {
        let properties = PROPERTIES.iter().filter_map(|(_, _, of)| of(&side.host.system));
        properties.flat_map(|it| codes_of(side, it)).collect()
    };
    of(a).into_iter().chain(of(b)).collect()
}

fn codes_of(side: &Side<'_>, property: &Attributed) -> Vec<Code> {
    side.facts(&property.facts).iter().map(|fact| fact.code).collect()
}
