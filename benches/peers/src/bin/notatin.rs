// SPDX-License-Identifier: GPL-3.0-or-later
//! notatin: a walk with data or names, look-ups, and recovery.

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

use notatin::parser::{Parser, ParserIterator};
use notatin::parser_builder::ParserBuilder;

fn main() {
    let Some(mut task) = Task::from_arguments() else { return };
    let image = task.image();
    let bytes = || image.bytes().to_vec();
    match task.part.as_str() {
        "data" => task.run(bytes, |bytes| walk(&open(bytes, false), true)),
        "names" => task.run(bytes, |bytes| walk(&open(bytes, false), false)),
        "recovery" => task.run(bytes, |bytes| recovered(&open(bytes, true))),
        "lookup" => {
            task.scale = 1000;
            task.run(bytes, |bytes| look_up(&mut open(bytes, false)));
        }
        _ => {}
    }
}

fn open(bytes: &mut Vec<u8>, is_recovering: bool) -> Parser {
    let mut builder = ParserBuilder::from_file(Cursor::new(std::mem::take(bytes)));
    builder.recover_deleted(is_recovering);
    builder.build().unwrap()
}

fn walk(parser: &Parser, has_data: bool) -> Seen {
    let mut seen = Seen::default();
    for key in ParserIterator::new(parser).iter() {
        seen.keys += 1;
        seen.name(key.key_name.encode_utf16());
        for value in key.value_iter() {
            seen.values += 1;
            seen.name(value.detail.value_name().encode_utf16());
            if has_data && let Some(data) = value.detail.value_bytes() {
                seen.data(&data);
            }
        }
    }
    seen
}

/// Counts the keys and values in a state other than allocated.
fn recovered(parser: &Parser) -> Seen {
    let mut seen = Seen::default();
    for key in ParserIterator::new(parser).iter() {
        seen.keys += u64::from(key.cell_state.is_deleted());
        seen.values +=
            key.value_iter().filter(|value| value.cell_state.is_deleted()).count() as u64;
    }
    seen
}

fn look_up(parser: &mut Parser) -> Seen {
    let mut seen = Seen::default();
    for (path, value) in PATHS {
        let Some(key) = parser.get_key(path, false).unwrap() else { continue };
        seen.keys += 1;
        if let Some(value) = key.get_value(value) {
            seen.values += 1;
            seen.data(&value.detail.value_bytes().unwrap_or_default());
        }
    }
    seen
}
