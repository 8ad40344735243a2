// SPDX-License-Identifier: GPL-3.0-or-later
//! The crate regf: a walk depth first with all data.

use core::hint::black_box;

use regf::RegistryHive;

use super::MOST;

pub fn read(bytes: &[u8]) {
    let Ok(hive) = RegistryHive::from_bytes(bytes.to_vec()) else { return };
    let Ok(root) = hive.root_key() else { return };
    let (mut rest, mut keys) = (vec![root], 0);
    while let Some(key) = rest.pop() {
        keys += 1;
        if keys > MOST {
            return;
        }
        black_box(key.name());
        for value in key.values().into_iter().flatten() {
            black_box((value.name(), value.raw_data().ok()));
        }
        rest.extend(key.subkeys().into_iter().flatten());
    }
}
