// SPDX-License-Identifier: MIT OR Apache-2.0
//! Reports on hostile text: names and data from the fuzzer stand at every place that calhive reads.
//! The JSON parses again, and no string has a character that deceives a terminal or a reader.

use calhive::catalog::{LOCATIONS, Read};
use calhive::fact::Source;
use calhive::{Hive, Report};
use hive_forge::tree::{Key, Name, Tree, Value, value_type};
use hive_forge::{Options, upcase, write};
use serde_json::Value as Json;

use crate::nt_hive::silence;
use crate::script::Script;

/// Most operations of a script.
const OPERATIONS: usize = 60;

/// Forges a SYSTEM and a SOFTWARE with text from `bytes`, and reports on both.
pub fn report(bytes: &[u8]) {
    silence();
    let mut script = Script::new(bytes);
    let mut trees = [Tree::new("ROOT"), Tree::new("ROOT")];
    trees[1].root.at("Select").push(Value::dword("Current", 1));
    for _ in 0..OPERATIONS {
        if script.is_empty() {
            break;
        }
        let which = usize::from(script.byte() & 1);
        operation(&mut script, &mut trees[which].root, which == 1);
    }
    let paths = ["Windows/System32/config/SOFTWARE", "Windows/System32/config/SYSTEM"];
    let hives = trees.map(|tree| write(&tree, &Options::default()).bytes);
    let facts: Vec<_> = paths
        .iter()
        .zip(&hives)
        .map(|(path, bytes)| {
            let hive = Hive::parse(bytes).expect("a forged hive is readable");
            let mut facts = calhive::collect(&Source::new(hive, *path), Default::default());
            calhive::second_reader::confirm(&mut facts, bytes);
            facts
        })
        .collect();
    is_written(&calhive::interpret(&facts, None));
}

/// Writes text to a place of the catalog, or adds a key with a name from the script there.
fn operation(script: &mut Script<'_>, root: &mut Key, is_system: bool) {
    let number = (script.below(256) << 8 | script.below(256)) % LOCATIONS.len();
    let location = &LOCATIONS[number];
    let path = if is_system {
        format!(r"ControlSet001\{}", location.key)
    } else {
        location.key.to_owned()
    };
    let key = root.at(&path);
    if script.byte() & 3 == 0 {
        let name = script.name(40);
        let is_new = |other: &Key| !upcase::compare(&other.name.units(), &name.units()).is_eq();
        if !name.is_empty() && key.subkeys.iter().all(is_new) {
            key.subkeys.push(Key::new(name));
        }
        return;
    }
    let name = match location.read {
        Read::Value(value) if script.byte() & 3 != 0 => Name::from(value),
        _ => script.name(40),
    };
    let kinds = [value_type::SZ, value_type::MULTI_SZ, value_type::BINARY, value_type::DWORD];
    let kind = kinds[script.below(kinds.len())];
    let text = script.bytes(120);
    let data: Vec<u8> = match script.byte() & 1 {
        0 => text.to_vec(),
        _ => text.iter().flat_map(|byte| [*byte, 0]).chain([0, 0]).collect(),
    };
    let value = Value::new(name, kind, &data);
    let units = value.name.units();
    let same = |old: &&mut Value| upcase::compare(&old.name.units(), &units).is_eq();
    match key.values.iter_mut().find(same) {
        Some(old) => *old = value,
        None => key.values.push(value),
    }
}

/// Asserts that the JSON of a report parses again, and that no string deceives a reader.
pub(crate) fn is_written(report: &Report) {
    let text = serde_json::to_string(report).expect("a report is JSON");
    let json: Json = serde_json::from_str(&text).expect("the JSON of a report parses");
    is_plain(&json);
    for record in report.records() {
        let line = serde_json::to_string(&record).expect("a record is JSON");
        assert!(!line.contains('\n'));
        serde_json::from_str::<Json>(&line).expect("the JSON of a record parses");
    }
}

fn is_plain(json: &Json) {
    match json {
        Json::String(text) => {
            let escaped = calhive_evidence::escape::text(text);
            assert!(*text == escaped, "{text:?}");
        }
        Json::Array(items) => items.iter().for_each(is_plain),
        Json::Object(fields) => fields.values().for_each(is_plain),
        _ => {}
    }
}
