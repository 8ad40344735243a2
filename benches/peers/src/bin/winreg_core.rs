// SPDX-License-Identifier: GPL-3.0-or-later
//! winreg-core: a walk depth first with data or names, and look-ups.

#[path = "../../../support/reader.rs"]
mod reader;
use reader::{Seen, Task};

/// Three keys that a SYSTEM hive has, with a value of each.
const PATHS: [(&str, &str); 3] = [
    (r"ControlSet001\Control\Terminal Server", "fDenyTSConnections"),
    (r"ControlSet001\Services\TermService\Parameters", "ServiceDll"),
    (r"ControlSet001\Control\ComputerName\ComputerName", "ComputerName"),
];

use std::io::Cursor;

use winreg_core::hive::Hive;
use winreg_core::key::Key;

type Owned = Hive<Cursor<Vec<u8>>>;

fn main() {
    let Some(mut task) = Task::from_arguments() else { return };
    let image = task.image();
    let bytes = || image.bytes().to_vec();
    let open = |bytes: &mut Vec<u8>| Hive::from_bytes(std::mem::take(bytes)).unwrap();
    match task.part.as_str() {
        "data" => task.run(bytes, |bytes| walk(&open(bytes), true)),
        "names" => task.run(bytes, |bytes| walk(&open(bytes), false)),
        "lookup" => {
            task.scale = 1000;
            task.run(bytes, |bytes| look_up(&open(bytes)));
        }
        _ => {}
    }
}

fn walk(hive: &Owned, has_data: bool) -> Seen {
    let mut seen = Seen::default();
    let mut rest: Vec<Key<'_, _>> = vec![hive.root_key().unwrap()];
    while let Some(key) = rest.pop() {
        seen.keys += 1;
        seen.name(key.name().encode_utf16());
        for value in key.values().unwrap() {
            seen.values += 1;
            seen.name(value.name().encode_utf16());
            if has_data {
                seen.data(&value.raw_data().unwrap());
            }
        }
        rest.extend(key.subkeys().unwrap());
    }
    seen
}

fn look_up(hive: &Owned) -> Seen {
    let mut seen = Seen::default();
    for (path, value) in PATHS {
        let Some(key) = hive.open_key(path).unwrap() else { continue };
        seen.keys += 1;
        if let Some(value) = key.value(value).unwrap() {
            seen.values += 1;
            seen.data(&value.raw_data().unwrap());
        }
    }
    seen
}
