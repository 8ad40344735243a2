// SPDX-License-Identifier: GPL-3.0-or-later
//! calhive: a walk with all data, and the check.

use core::hint::black_box;

use calhive_regf::Hive;

pub fn read(bytes: &[u8]) {
    let Ok(hive) = Hive::parse(bytes) else { return };
    for entry in hive.walk().with_values(true).flatten() {
        black_box(entry.key.name().to_string());
        for value in entry.values.into_iter().flatten() {
            black_box((value.name().to_string(), value.available().0.to_bytes().into_owned()));
        }
    }
    let left_out = hive.check(|violation| {
        black_box(violation);
    });
    black_box(left_out);
}
