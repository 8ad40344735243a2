// SPDX-License-Identifier: GPL-3.0-or-later
//! Security descriptors for JSON.

use calhive::{Error, Key};
use calhive_regf::hive::security::{Ace, Acl, SecurityDescriptor};
use serde::Serialize;

use crate::text::hex;

/// A security descriptor: its bytes, and its readable parts.
#[derive(Debug, Serialize)]
pub(crate) struct Descriptor {
    descriptor_hex: String,
    pub(crate) owner: Option<String>,
    pub(crate) group: Option<String>,
    dacl: Option<Vec<Entry>>,
    sacl: Option<Vec<Entry>>,
}

/// An entry of an access control list.
#[derive(Debug, Serialize)]
struct Entry {
    r#type: u8,
    flags: u8,
    mask: Option<u32>,
    sid: Option<String>,
}

impl Descriptor {
    /// Returns the descriptor of a key; `None` if the descriptor is missing or unreadable. Passes
    /// faults to `fault`.
    pub(crate) fn of(key: Key<'_>, mut fault: impl FnMut(Error)) -> Option<Self> {
        let security = key.security().map_err(&mut fault).ok()??;
        let descriptor = security.descriptor().map_err(&mut fault).ok()?;
        Some(Self::new(descriptor, &mut fault))
    }

    fn new(descriptor: SecurityDescriptor<'_>, fault: &mut impl FnMut(Error)) -> Self {
        let owner = descriptor.owner().unwrap_or_else(|error| none(error, fault));
        let group = descriptor.group().unwrap_or_else(|error| none(error, fault));
        let dacl = descriptor.dacl().unwrap_or_else(|error| none(error, fault));
        let sacl = descriptor.sacl().unwrap_or_else(|error| none(error, fault));
        Self {
            descriptor_hex: hex::digits(descriptor.bytes().as_slice()),
            owner: owner.map(|sid| sid.to_string()),
            group: group.map(|sid| sid.to_string()),
            dacl: dacl.map(|acl| entries(acl, fault)),
            sacl: sacl.map(|acl| entries(acl, fault)),
        }
    }
}

fn none<T>(error: Error, fault: &mut impl FnMut(Error)) -> Option<T> {
    fault(error);
    None
}

fn entries(acl: Acl<'_>, fault: &mut impl FnMut(Error)) -> Vec<Entry> {
    let entry = |ace: Ace<'_>| Entry {
        r#type: ace.ace_type(),
        flags: ace.flags(),
        mask: ace.mask(),
        sid: ace.sid().map(|sid| sid.to_string()),
    };
    acl.entries().filter_map(|ace| ace.map_err(&mut *fault).ok()).map(entry).collect()
}
