// SPDX-License-Identifier: GPL-3.0-or-later
//! The schema of the report: made from the types, kept in the documentation, and true of every report.

use std::path::{Path, PathBuf};

use hive_forge::scenario as scenarios;
use serde_json::Value;

use super::{calhive, scenario};

fn kept() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../src/report/report.schema.json")
}

fn made() -> Value {
    let mut schema = schemars::schema_for!(calhive::Report).to_value();
    close(&mut schema);
    schema
}

/// A report has no other fields than those that are described.
fn close(schema: &mut Value) {
    match schema {
        Value::Object(object) => {
            if object.contains_key("properties") {
                object.insert("additionalProperties".into(), false.into());
            }
            object.values_mut().for_each(close);
        }
        Value::Array(items) => items.iter_mut().for_each(close),
        _ => {}
    }
}

#[test]
fn the_schema_is_that_of_the_types() {
    let mut text = serde_json::to_string_pretty(&made()).unwrap();
    text.push('\n');
    if std::env::var_os("CALHIVE_BLESS").is_some() {
        std::fs::write(kept(), &text).unwrap();
    }
    // A checkout may have changed the ends of lines.
    let kept = std::fs::read_to_string(kept()).unwrap().replace('\r', "");
    assert_eq!(kept, text, "run the test with CALHIVE_BLESS=1");
}

/// The paths of all fields, and of those without a description.
fn fields(at: &str, schema: &Value, all: &mut Vec<String>, bare: &mut Vec<String>) {
    let Value::Object(object) = schema else { return };
    if let Some(Value::Object(properties)) = object.get("properties") {
        for (name, property) in properties {
            let path = format!("{at}/{name}");
            let described = property["description"].as_str().is_some_and(|text| text.len() > 5);
            if !described {
                bare.push(path.clone());
            }
            all.push(path);
        }
    }
    for (name, part) in object {
        match part {
            Value::Object(_) => fields(&format!("{at}/{name}"), part, all, bare),
            Value::Array(parts) => {
                parts.iter().for_each(|part| fields(&format!("{at}/{name}"), part, all, bare));
            }
            _ => {}
        }
    }
}

#[test]
fn every_field_is_described() {
    let (mut all, mut bare) = (Vec::new(), Vec::new());
    fields("", &made(), &mut all, &mut bare);
    assert!(all.len() > 80, "{}", all.len());
    assert_eq!(bare, [""; 0]);
    let mut changed = made();
    changed["properties"]["hosts"].as_object_mut().unwrap().remove("description");
    fields("", &changed, &mut Vec::new(), &mut bare);
    assert_eq!(bare, ["/hosts"], "a missing one is seen");
}

#[test]
fn the_reports_of_all_scenarios_are_valid() {
    let schema: Value = serde_json::from_slice(&std::fs::read(kept()).unwrap()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for scenario in scenarios::all().into_iter().chain(scenarios::with_logs()) {
        let folder = self::scenario(scenario.name);
        for more in [&[][..], &["--live-only"], &["--no-second-reader"]] {
            let args = ["scan", "-q", "--format", "json", folder.to_str().unwrap()];
            let mut report = calhive(args.iter().chain(more)).json();
            let errors: Vec<String> =
                validator.iter_errors(&report).map(|error| error.to_string()).collect();
            assert_eq!(errors, [""; 0], "{}", scenario.name);
            report["hosts"][0]["more"] = "invented".into();
            assert!(!validator.is_valid(&report), "an unknown field is seen");
        }
    }
}
