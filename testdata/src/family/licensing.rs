// SPDX-License-Identifier: MIT OR Apache-2.0

//! Licensing keys and values that share their content.

use super::{Case, Family};
use crate::NIL;
use crate::overlapping::{Bin, elements};

pub(super) fn families() -> Vec<Family> {
    vec![
        Family { name: "licenses that share a list of values", make: shared_values },
        Family { name: "licenses that share their data", make: |n| shared_data(n, false) },
        Family { name: "deleted licenses that share their data", make: |n| shared_data(n, true) },
        Family { name: "deleted licenses below a long path", make: below_a_path },
        Family { name: "licenses of one name", make: same_names },
    ]
}

/// A bin with the license store of a client. Returns the offset of the store.
fn store() -> (Bin, u32) {
    let mut bin = Bin::default();
    let mut key = bin.key("ROOT", 0x2C, NIL);
    for name in ["Microsoft", "MSLicensing", "Store"] {
        let below = bin.key(name, 0x20, key);
        bin.list_subkeys(key, &[below]);
        key = below;
    }
    (bin, key)
}

fn shared_values(size: usize) -> Case {
    let (mut bin, store) = store();
    let keys: Vec<u32> =
        (0..size / 2 / 96).map(|at| bin.key(&format!("LICENSE{at:03}"), 0x20, store)).collect();
    bin.list_subkeys(store, &keys);
    let value = bin.value("ClientLicense", 0x8000_0004, 1, None);
    let many = size / 8;
    let list = bin.cell(&elements(&vec![value; many]), None);
    for key in keys {
        bin.put(key, 36, many as u32);
        bin.put(key, 40, list);
    }
    bin.finish(&[]).into()
}

/// Licenses with a value each. All values have the data of one cell.
fn shared_data(size: usize, is_deleted: bool) -> Case {
    let (mut bin, store) = store();
    let length = (size / 3).min(16_000);
    let data = bin.cell(&vec![0x30; length], None);
    if is_deleted {
        bin.free(data);
    }
    let mut keys = Vec::new();
    for at in 0..size * 2 / 3 / 152 {
        let deleted = is_deleted.then_some(0);
        let value = bin.value("ClientLicense", length as u32, data, deleted);
        bin.put(value, 12, 3);
        let list = bin.cell(&elements(&[value]), None);
        if is_deleted {
            bin.free(list);
        }
        let key = bin.key(&format!("LICENSE{at:03}"), 0x20, store);
        bin.put(key, 36, 1);
        bin.put(key, 40, list);
        if is_deleted {
            bin.free(key);
        }
        keys.push(key);
    }
    if !is_deleted {
        bin.list_subkeys(store, &keys);
    }
    bin.finish(&[]).into()
}

/// Deleted keys with names of licenses, below a chain of deleted keys with long names.
fn below_a_path(size: usize) -> Case {
    let (mut bin, mut parent) = store();
    for at in 0..(size / 3 / 330).min(500) {
        parent = bin.key(&format!("{at:03}{}", "x".repeat(247)), 0x20, parent);
        bin.free(parent);
    }
    for at in 0..size * 2 / 3 / 96 {
        let key = bin.key(&format!("LICENSE{at:03}"), 0x20, parent);
        bin.free(key);
    }
    bin.finish(&[]).into()
}

fn same_names(size: usize) -> Case {
    let (mut bin, store) = store();
    let keys: Vec<u32> = (0..size / 100).map(|_| bin.key("LICENSE000", 0x20, store)).collect();
    bin.list_subkeys(store, &keys);
    bin.finish(&[]).into()
}
