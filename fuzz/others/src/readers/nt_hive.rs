// SPDX-License-Identifier: GPL-3.0-or-later
//! nt-hive: a walk with a stack of lists, and all data.

use core::hint::black_box;

use nt_hive::{Hive, KeyNode, KeyValueData};

use super::MOST;

pub fn read(bytes: &[u8]) {
    let Ok(hive) = Hive::new(bytes) else { return };
    let Ok(root) = hive.root_key_node() else { return };
    let mut keys = 1;
    values(&root);
    let mut above: Vec<_> = root.subkeys().into_iter().filter_map(Result::ok).collect();
    while let Some(subkeys) = above.last_mut() {
        let Some(key) = subkeys.next() else {
            above.pop();
            continue;
        };
        keys += 1;
        if keys > MOST {
            return;
        }
        let Ok(key) = key else { continue };
        values(&key);
        above.extend(key.subkeys().and_then(Result::ok));
    }
}

fn values(key: &KeyNode<'_, &[u8]>) {
    black_box(key.name().map(|name| name.to_string_lossy()).ok());
    for value in key.values().and_then(Result::ok).into_iter().flatten().flatten() {
        black_box(value.name().map(|name| name.to_string_lossy()).ok());
        match value.data() {
            Ok(KeyValueData::Small(bytes)) => drop(black_box(bytes.to_vec())),
            Ok(KeyValueData::Big(segments)) => {
                segments.for_each(|segment| drop(black_box(segment.map(<[u8]>::to_vec))));
            }
            Err(_) => {}
        }
    }
}
