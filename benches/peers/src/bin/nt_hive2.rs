// SPDX-License-Identifier: GPL-3.0-or-later
//! nt_hive2: a walk depth first with data or names, and look-ups. The crate gives decoded values, not their bytes.

#[path = "../../../support/reader.rs"]
mod reader;
use reader::{Seen, Task};

/// Three keys that a SYSTEM hive has, with a value of each.
const PATHS: [(&str, &str); 3] = [
    (r"ControlSet001\Control\Terminal Server", "fDenyTSConnections"),
    (r"ControlSet001\Services\TermService\Parameters", "ServiceDll"),
    (r"ControlSet001\Control\ComputerName\ComputerName", "ComputerName"),
];

use std::cell::RefCell;
use std::io::Cursor;
use std::rc::Rc;

use nt_hive2::{CleanHive, Hive, HiveParseMode, KeyNode, KeyValue, RegistryValue, SubPath};

type Open<'b> = Hive<Cursor<&'b [u8]>, CleanHive>;

fn main() {
    let Some(mut task) = Task::from_arguments() else { return };
    let image = task.image();
    let open = || {
        let mode = HiveParseMode::NormalWithBaseBlock;
        Hive::new(Cursor::new(image.bytes()), mode).unwrap().treat_hive_as_clean()
    };
    match task.part.as_str() {
        "data" => task.run(|| (), |()| walk(&mut open(), true)),
        "names" => task.run(|| (), |()| walk(&mut open(), false)),
        "lookup" => {
            task.scale = 1000;
            task.run(|| (), |()| look_up(&mut open()));
        }
        _ => {}
    }
}

fn walk(hive: &mut Open<'_>, has_data: bool) -> Seen {
    let mut seen = Seen::default();
    let mut rest = vec![Rc::new(RefCell::new(hive.root_key_node().unwrap()))];
    while let Some(key) = rest.pop() {
        let key: std::cell::Ref<'_, KeyNode> = key.borrow();
        seen.keys += 1;
        seen.name(key.name().encode_utf16());
        for value in key.values() {
            seen.values += 1;
            seen.name(value.name().encode_utf16());
            if has_data {
                data(value, &mut seen);
            }
        }
        rest.extend(key.subkeys(hive).unwrap().iter().cloned());
    }
    seen
}

fn look_up(hive: &mut Open<'_>) -> Seen {
    let mut seen = Seen::default();
    let root = hive.root_key_node().unwrap();
    for (path, name) in PATHS {
        let Some(key) = root.subpath(path, hive).unwrap() else { continue };
        seen.keys += 1;
        if let Some(value) = key.borrow().values().iter().find(|value| value.name() == name) {
            seen.values += 1;
            data(value, &mut seen);
        }
    }
    seen
}

fn data(value: &KeyValue, seen: &mut Seen) {
    if let RegistryValue::RegBinary(bytes) = value.value() {
        seen.data(bytes);
    }
}
