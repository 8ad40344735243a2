// SPDX-License-Identifier: GPL-3.0-or-later
//! nt_hive2: a walk depth first. The crate decodes the data of a value when it reads the key.

use core::hint::black_box;
use std::io::Cursor;

use nt_hive2::{Hive, HiveParseMode};

use super::MOST;

pub fn read(bytes: &[u8]) {
    let opened = Hive::new(Cursor::new(bytes), HiveParseMode::NormalWithBaseBlock);
    let Ok(opened) = opened else { return };
    let mut hive = opened.treat_hive_as_clean();
    let Ok(root) = hive.root_key_node() else { return };
    let mut rest = vec![std::rc::Rc::new(std::cell::RefCell::new(root))];
    let mut keys = 0;
    while let Some(key) = rest.pop() {
        keys += 1;
        if keys > MOST {
            return;
        }
        let key = key.borrow();
        black_box(key.name());
        for value in key.values() {
            black_box((value.name(), value.value()));
        }
        if let Ok(subkeys) = key.subkeys(&mut hive) {
            rest.extend(subkeys.iter().cloned());
        }
    }
}
