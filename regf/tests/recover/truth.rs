// SPDX-License-Identifier: MIT OR Apache-2.0
//! Compares recovered items with the items that hive-forge deleted.

use std::collections::BTreeMap;

use calhive_regf::Name;
use calhive_regf::recover::{Recovered, Recovery};
use hive_forge::deletion::{Deleted, DeletedKind, Edited};

/// Recovered items by their cell offset.
pub(super) fn by_cell<'r, 'd>(recovery: &'r Recovery<'d>) -> BTreeMap<u32, Recovered<'r, 'd>> {
    recovery.iter().map(|found| (found.cell_offset().get(), found)).collect()
}

fn units(name: &hive_forge::tree::Name) -> Vec<u16> {
    name.units()
}

fn same(name: Name<'_>, of: &hive_forge::tree::Name) -> bool {
    name.units().eq(units(of))
}

/// Compares name, timestamp, type and data of a recovered item with the deleted one.
pub(super) fn is_itself(found: Recovered<'_, '_>, deleted: &Deleted) -> Result<(), String> {
    let is_key = found.key().is_some();
    if is_key != (deleted.kind == DeletedKind::Key) {
        return Err(String::from("kind"));
    }
    if !same(found.name(), &deleted.name) {
        return Err(format!("name {} of {:?}", found.name(), deleted.name));
    }
    if let Some(key) = found.key()
        && key.last_written().raw() != deleted.last_written
    {
        return Err(String::from("time"));
    }
    if let Some(value) = found.value() {
        if value.value_type().0 != deleted.value_type {
            return Err(String::from("type"));
        }
        if found.data().to_bytes() != deleted.data {
            return Err(format!("data of {} bytes", deleted.data.len()));
        }
    }
    Ok(())
}

/// Whether the recovered path equals the former path.
pub(super) fn has_path(found: Recovered<'_, '_>, deleted: &Deleted) -> bool {
    let Some(path) = found.key_path() else { return false };
    let names: Vec<Vec<u16>> = path.names.names().map(|name| name.units().collect()).collect();
    path.is_whole && names == deleted.path.iter().map(units).collect::<Vec<_>>()
}

/// Deleted keys and values. Data of remaining values have no record.
pub(super) fn records(edited: &Edited) -> impl Iterator<Item = &Deleted> {
    edited.truth.iter().filter(|it| matches!(it.kind, DeletedKind::Key | DeletedKind::Value))
}

/// Whether the timestamp is plausible: random trees have implausible ones, too.
pub(super) fn is_plausible(deleted: &Deleted) -> bool {
    deleted.kind != DeletedKind::Key
        || calhive_regf::FileTime::from_raw(deleted.last_written).is_plausible()
}
