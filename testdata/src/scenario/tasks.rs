// SPDX-License-Identifier: MIT OR Apache-2.0

//! The cache of scheduled tasks.

use crate::tree::{Tree, Value};

const TASKS: &str = r"Microsoft\Windows NT\CurrentVersion\Schedule\TaskCache\Tasks";

/// Adds a task with one command.
pub(crate) fn add(software: &mut Tree, id: &str, path: &str, command: [&str; 2], written: u64) {
    let key = software.root.made(&format!(r"{TASKS}\{id}"), written);
    key.push(Value::sz("Path", path)).push(Value::binary("Actions", &actions(command)));
}

/// Returns actions with one command and its arguments, as Windows 10 writes them.
fn actions([command, arguments]: [&str; 2]) -> Vec<u8> {
    /// Mark of an action that runs a command.
    const EXECUTES: u16 = 0x6666;
    let mut bytes = 3_u16.to_le_bytes().to_vec();
    bytes.extend(text("Author"));
    bytes.extend(EXECUTES.to_le_bytes());
    for part in ["", command, arguments, ""] {
        bytes.extend(text(part));
    }
    bytes
}

/// Returns a text after its size in bytes.
fn text(text: &str) -> Vec<u8> {
    let units: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    [&(units.len() as u32).to_le_bytes()[..], &units].concat()
}
