// SPDX-License-Identifier: GPL-3.0-or-later
//! What differs between the reports of one host in two forms, and may differ.

use serde_json::Value;

/// A part of the report that depends on the form. `*` is any index or name.
pub(crate) struct Removed {
    pub(crate) pointer: &'static str,
    /// Why the part depends on the form.
    pub(crate) reason: &'static str,
}

const fn removed(pointer: &'static str, reason: &'static str) -> Removed {
    Removed { pointer, reason }
}

/// Everything that is not compared.
pub(crate) const REMOVED: &[Removed] = &[
    removed("/run", "arguments and inputs of the command"),
    removed("/inputs", "disk images and archives, and the bytes read from them"),
    removed("/skipped", "other files beside the hives"),
    removed("/sources/*/path", "place of the hive"),
    removed("/sources/*/absolute_path", "place of the hive"),
    removed("/sources/*/locator", "place of the hive inside an input"),
    removed("/sources/*/replay/logs/*/path", "place of a log"),
    removed("/facts/*/provenance/from_logs/*/log", "place of a log"),
    removed("/events/*/change/from_log/log", "place of a log"),
    removed("/hosts/*/pairing", "rule that pairs hives, by their places"),
    removed("/hosts/*/pairing_statement", "rule that pairs hives, by their places"),
    removed("/hosts/*/corroboration", "other files beside the hives"),
];

/// End of statements about hives that only their folder pairs.
const ASSUMED: &str = "; SYSTEM and SOFTWARE are assumed to belong to one machine";

/// Returns a report without what depends on the form, and the pointers that removed something.
pub(crate) fn normal(report: &Value) -> (Value, Vec<&'static str>) {
    let mut report = report.clone();
    let mut used = Vec::new();
    for Removed { pointer, .. } in REMOVED {
        let steps: Vec<&str> = pointer.split('/').skip(1).collect();
        if remove(&mut report, &steps) {
            used.push(*pointer);
        }
    }
    without_assumption(&mut report);
    (report, used)
}

/// Returns the parts of a report that a text export carries: facts without places, times and permissions.
pub(crate) fn carried(report: &Value) -> Value {
    let names = ["code", "state", "shown", "number", "list", "label", "data"];
    let places = ["control_set", "redirected", "key_path", "value_name", "value_type"];
    let facts = report["facts"].as_array().into_iter().flatten();
    let mut facts: Vec<Value> = facts
        .map(|fact| {
            let of = names.iter().map(|name| (*name, fact[*name].clone()));
            let at = places.iter().map(|name| (*name, fact["provenance"][*name].clone()));
            of.chain(at).map(|(name, value)| (name.to_owned(), value)).collect()
        })
        .map(Value::Object)
        .collect();
    facts.sort_by_key(Value::to_string);
    let hosts = report["hosts"].as_array().into_iter().flatten();
    let modes: Vec<&Value> = hosts.map(|host| &host["licensing_mode"]["value"]).collect();
    let tokens = report["tokens"].as_array().into_iter().flatten();
    let tokens: Vec<&Value> = tokens.map(|token| &token["license"]).collect();
    serde_json::json!({ "facts": facts, "modes": modes, "tokens": tokens })
}

/// Removes what the steps lead to. Returns whether anything was there.
fn remove(value: &mut Value, steps: &[&str]) -> bool {
    let [step, rest @ ..] = steps else { return false };
    match value {
        Value::Object(object) if rest.is_empty() => object.remove(*step).is_some(),
        Value::Object(object) if *step == "*" => {
            object.values_mut().fold(false, |any, below| remove(below, rest) | any)
        }
        Value::Object(object) => object.get_mut(*step).is_some_and(|below| remove(below, rest)),
        Value::Array(array) if *step == "*" => {
            array.iter_mut().fold(false, |any, below| remove(below, rest) | any)
        }
        _ => false,
    }
}

fn without_assumption(value: &mut Value) {
    match value {
        Value::String(text) => *text = text.replace(ASSUMED, ""),
        Value::Array(array) => array.iter_mut().for_each(without_assumption),
        Value::Object(object) => object.values_mut().for_each(without_assumption),
        _ => {}
    }
}

/// Lists the differences, each with its pointer.
pub(crate) fn differences(one: &Value, other: &Value) -> Vec<String> {
    let mut found = Vec::new();
    compare(String::new(), one, other, &mut found);
    found
}

fn compare(at: String, one: &Value, other: &Value, found: &mut Vec<String>) {
    match (one, other) {
        (Value::Object(one), Value::Object(other)) => {
            let names: alloc::collections::BTreeSet<&String> =
                one.keys().chain(other.keys()).collect();
            for name in names {
                let [one, other] = [one, other].map(|it| it.get(name).unwrap_or(&Value::Null));
                compare(format!("{at}/{name}"), one, other, found);
            }
        }
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
            for (index, (one, other)) in one.iter().zip(other).enumerate() {
                compare(format!("{at}/{index}"), one, other, found);
            }
        }
        _ if one == other => {}
        _ => {
            let [one, other] = [one, other].map(|it| {
                let text = it.to_string();
                text.chars().take(300).collect::<String>()
            });
            found.push(format!("{at}: {one} | {other}"));
        }
    }
}

#[test]
fn parts_are_removed_by_their_pointers_alone() {
    let report = serde_json::json!({
        "run": 1,
        "sources": [{ "path": "a", "size": 2 }, { "path": "b", "size": 3 }],
        "hosts": [{ "licensing_mode": { "text": format!("per user{ASSUMED}.") }, "path": "kept" }],
    });
    let (normal, used) = normal(&report);
    let expected = serde_json::json!({
        "sources": [{ "size": 2 }, { "size": 3 }],
        "hosts": [{ "licensing_mode": { "text": "per user." }, "path": "kept" }],
    });
    assert_eq!(normal, expected);
    assert_eq!(used, ["/run", "/sources/*/path"]);
    let mut other = normal.clone();
    other["sources"][1]["size"] = 4.into();
    assert_eq!(differences(&normal, &other), ["/sources/1/size: 3 | 4"]);
    other["sources"][0]["more"] = true.into();
    assert_eq!(differences(&normal, &other).len(), 2);
}
