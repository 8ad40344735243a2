// SPDX-License-Identifier: GPL-3.0-or-later
//! The crate regf: a walk depth first with data or names, and look-ups.

#[path = "../../../support/reader.rs"]
mod reader;
use reader::{Seen, Task};

/// Three keys that a SYSTEM hive has, with a value of each.
const PATHS: [(&str, &str); 3] = [
    (r"ControlSet001\Control\Terminal Server", "fDenyTSConnections"),
    (r"ControlSet001\Services\TermService\Parameters", "ServiceDll"),
    (r"ControlSet001\Control\ComputerName\ComputerName", "ComputerName"),
];

use regf::RegistryHive;

fn main() {
    let Some(mut task) = Task::from_arguments() else { return };
    let image = task.image();
    let bytes = || image.bytes().to_vec();
    let open = |bytes: &mut Vec<u8>| RegistryHive::from_bytes(std::mem::take(bytes)).unwrap();
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

fn walk(hive: &RegistryHive, has_data: bool) -> Seen {
    let mut seen = Seen::default();
    let mut rest = vec![hive.root_key().unwrap()];
    while let Some(key) = rest.pop() {
        seen.keys += 1;
        seen.name(key.name().encode_utf16());
        for value in key.values().into_iter().flatten() {
            seen.values += 1;
            seen.name(value.name().encode_utf16());
            if has_data {
                seen.data(&value.raw_data().unwrap_or_default());
            }
        }
        rest.extend(key.subkeys().into_iter().flatten());
    }
    seen
}

fn look_up(hive: &RegistryHive) -> Seen {
    let mut seen = Seen::default();
    for (path, value) in PATHS {
        let Ok(key) = hive.open_key(path) else { continue };
        seen.keys += 1;
        if let Ok(value) = key.value(value) {
            seen.values += 1;
            seen.data(&value.raw_data().unwrap());
        }
    }
    seen
}
