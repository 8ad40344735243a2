// SPDX-License-Identifier: GPL-3.0-or-later
//! The schema of the report: made from the types, kept in the documentation, and true of every report.

use alloc::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use calhive::report::schema;
use hive_forge::scenario as scenarios;
use serde_json::Value;

use super::{calhive, calhive_in, scenario};

fn kept() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../src/report/report.schema.json")
}

pub(super) fn validator() -> jsonschema::Validator {
    let schema: Value = serde_json::from_slice(&std::fs::read(kept()).unwrap()).unwrap();
    jsonschema::validator_for(&schema).unwrap()
}

#[test]
fn the_schema_is_that_of_the_types() {
    let mut text = serde_json::to_string_pretty(&schema()).unwrap();
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
    fields("", &schema(), &mut all, &mut bare);
    assert!(all.len() > 250, "{}", all.len());
    assert_eq!(bare, [""; 0]);
    let mut changed = schema();
    changed["$defs"]["Report"]["properties"]["hosts"]
        .as_object_mut()
        .unwrap()
        .remove("description");
    fields("", &changed, &mut Vec::new(), &mut bare);
    assert_eq!(bare, ["/$defs/Report/hosts"], "a missing one is seen");
}

/// The schema has one form for each kind of line, so an error in a line has to be asked of its form.
#[track_caller]
pub(super) fn assert_valid(validator: &jsonschema::Validator, document: &Value, name: &str) {
    let errors: Vec<String> = validator.iter_errors(document).map(|it| it.to_string()).collect();
    let start = document.to_string().chars().take(300).collect::<String>();
    assert_eq!(
        errors.len(),
        0,
        "{name}: {start}: {}",
        errors.join("; ").chars().take(3000).collect::<String>()
    );
    assert_eq!(document["schema"], "urn:calhive:report:1", "{name}: {start}");
}

/// Arguments of a scan, with their name.
fn scans() -> Vec<(String, Vec<String>)> {
    let mut scans = Vec::new();
    for scenario in scenarios::every() {
        let folder = self::scenario(scenario.name).to_str().unwrap().to_owned();
        for more in [&[][..], &["--live-only"], &["--no-second-reader"]] {
            let more = more.iter().map(|it| (*it).to_owned());
            let args: Vec<String> = core::iter::once(folder.clone()).chain(more).collect();
            scans.push((scenario.name.to_owned(), args));
        }
    }
    scans
}

/// Returns the document and the lines of a scan.
fn forms(args: &[String]) -> (Value, Vec<Value>) {
    let scan = |format: &str| {
        let first = ["scan", "-q", "--format", format].map(String::from);
        let run = calhive(first.iter().chain(args));
        assert!(matches!(run.code, 0 | 3), "{run:?}");
        run
    };
    (scan("json").json(), scan("jsonl").lines())
}

#[test]
fn document_and_lines_of_every_scenario_match_the_schema() {
    let validator = validator();
    let mut kinds: BTreeMap<String, u64> = BTreeMap::new();
    for (name, args) in scans() {
        let (mut report, lines) = forms(&args);
        assert_valid(&validator, &report, &name);
        for line in &lines {
            assert_valid(&validator, line, &name);
            *kinds.entry(line["record"].as_str().unwrap().to_owned()).or_default() += 1;
        }
        report["hosts"][0]["more"] = "invented".into();
        assert!(!validator.is_valid(&report), "an unknown field is seen");
        let mut line = lines.last().unwrap().clone();
        line["more"] = "invented".into();
        assert!(!validator.is_valid(&line), "an unknown field is seen");
        line.as_object_mut().unwrap().remove("more");
        line["record"] = "invented".into();
        assert!(!validator.is_valid(&line), "an unknown record is seen");
    }
    println!("{kinds:?}");
    let kinds: Vec<&str> = kinds.keys().map(String::as_str).collect();
    let first = ["answer", "copies", "edge", "event", "fact", "finding", "host"];
    let last = ["node", "not_read", "report", "skipped", "source", "token"];
    assert_eq!(kinds, [&first[..], &last[..]].concat());
}

#[test]
fn document_and_lines_of_every_trial_match_the_schema() {
    let Some(trials) = std::env::var_os("CALHIVE_TRIALS") else { return };
    let (report, lines) = forms(&[trials.into_string().unwrap()]);
    let validator = validator();
    assert_valid(&validator, &report, "trials");
    lines.iter().for_each(|line| assert_valid(&validator, line, "trials"));
    assert!(lines.len() > 2000, "{}", lines.len());
}

/// Passes each value in JSON to `visit`, with the name of the field that it belongs to.
fn visit(field: &str, value: &Value, found: &mut impl FnMut(&str, &Value)) {
    found(field, value);
    match value {
        Value::Object(fields) => fields.iter().for_each(|(name, value)| visit(name, value, found)),
        Value::Array(items) => items.iter().for_each(|item| visit(field, item, found)),
        _ => {}
    }
}

/// Fields beside `text` whose strings can have several words: names, paths and quotations from the evidence.
const WITH_WORDS: [&str; 21] = [
    "absolute_path",
    "arguments",
    "certificate_text",
    "certificate_type",
    "company",
    "dated_by",
    "evidence_roots",
    "issuer",
    "key_path",
    "list",
    "log",
    "name",
    "organization",
    "other_names",
    "path",
    "paths",
    "product",
    "reference",
    "source_path",
    "subject",
    "value_name",
];

#[test]
fn words_are_in_fields_named_text_alone() {
    let (mut texts, mut others) = (0, BTreeSet::new());
    for (_, args) in scans() {
        let (report, lines) = forms(&args);
        for form in lines.iter().chain([&report]) {
            visit("", form, &mut |field, value| {
                let words = value.as_str().map_or(0, |it| it.split_whitespace().count());
                if field == "text" {
                    texts += 1;
                } else if words > 2 && !WITH_WORDS.contains(&field) {
                    others.insert((field.to_owned(), value.to_string()));
                }
            });
        }
    }
    assert!(texts > 10_000, "{texts}");
    assert_eq!(others, BTreeSet::new());
}

/// Readers of JSON keep whole numbers up to 2^53.
#[test]
fn numbers_and_times_survive_readers_with_floating_point() {
    let (mut times, mut numbers) = (0, 0);
    for (name, args) in scans() {
        let (report, lines) = forms(&args);
        for form in lines.iter().chain([&report]) {
            visit("", form, &mut |field, value| match (field, value) {
                ("filetime", Value::String(digits)) => {
                    let ticks: u64 = digits.parse().unwrap();
                    assert_eq!(ticks.to_string(), *digits, "{name}");
                    times += 1;
                }
                ("utc", Value::String(utc)) => {
                    let fraction = utc.strip_suffix('Z').unwrap().rsplit('.').next().unwrap();
                    assert_eq!(fraction.len(), 7, "{name}: {utc}");
                }
                ("filetime" | "utc", other) => panic!("{name}: {other}"),
                (_, Value::Number(number)) => {
                    let number = number.as_i64().unwrap();
                    assert!(number.unsigned_abs() <= 1 << 53, "{name}: {field} {number}");
                    numbers += 1;
                }
                (_, Value::Null) => panic!("{name}: {field} is null"),
                _ => {}
            });
        }
    }
    assert!(times > 5_000 && numbers > 50_000, "{times} times, {numbers} numbers");
}

#[test]
fn report_of_a_plain_host_is_small_and_has_each_found_fact() {
    let folder = scenario("windows-10-client-plain");
    let args = |format| ["scan", "-q", "--format", format, folder.to_str().unwrap()];
    let run = calhive(args("json")).code(0);
    assert!(run.out.len() <= 80_000, "{} bytes", run.out.len());
    let report = run.json();
    let ids = |facts: &[Value]| -> BTreeSet<String> {
        facts.iter().map(|fact| fact["evidence_id"].as_str().unwrap().to_owned()).collect()
    };
    let lines = calhive(args("jsonl")).code(0).lines();
    let found = |line: &&Value| {
        line["record"] == "fact"
            && !matches!(line["state"].as_str(), Some("not_set" | "not_in_key"))
    };
    let found: Vec<Value> = lines.iter().filter(found).cloned().collect();
    assert_eq!(found.len(), 53);
    assert_eq!(ids(&found), ids(report["facts"].as_array().unwrap()));
}

#[test]
fn run_names_command_and_evidence() {
    let folder = scenario("windows-10-client-plain");
    let (folder, name) = (folder.parent().unwrap(), "windows-10-client-plain");
    let args = ["scan", "-q", "--format", "json", name];
    let report = calhive_in(folder, args).code(0).json();
    let run = &report["run"];
    assert_eq!(run["arguments"], serde_json::json!(args));
    let absolute = folder.canonicalize().unwrap().join(name);
    let root = &run["evidence_roots"][0];
    assert_eq!(
        (&root["path"], &root["absolute_path"]),
        (&name.into(), &absolute.to_str().unwrap().into())
    );
    let source = &report["sources"][0];
    assert_eq!(source["path"], format!("{name}/SOFTWARE"));
    assert_eq!(source["absolute_path"], absolute.join("SOFTWARE").to_str().unwrap());
    assert_eq!(run["version"], env!("CARGO_PKG_VERSION"));
    let version = calhive(["--version"]).code(0);
    let features: Vec<&str> = (report["tool"]["features"].as_array().unwrap().iter())
        .map(|it| it.as_str().unwrap())
        .collect();
    assert!(features.contains(&"nt-hive"), "{features:?}");
    let [number, commit] = ["version", "commit"].map(|field| run[field].as_str().unwrap());
    assert!(commit == "unknown" || commit.len() >= 40, "{commit}");
    let features = features.join(", ");
    let expected = format!("calhive {number}\ncommit {commit}\nfeatures {features}\n");
    assert_eq!(version.text(), expected);
    assert_eq!(
        calhive_in(folder, args).code(0).json(),
        report,
        "a second run makes the same report"
    );
}
