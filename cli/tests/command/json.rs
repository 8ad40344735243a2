// SPDX-License-Identifier: GPL-3.0-or-later
//! JSON of `scan` as other programs read it.

use alloc::collections::BTreeSet;
use std::io::Write as _;
use std::process::{Command, Stdio};

use hive_forge::scenario as scenarios;
use serde_json::{Value, json};

use super::{calhive, scenario};

/// Returns what a scan of a scenario writes.
fn scan(name: &str, format: &str) -> String {
    let run = calhive(["scan", "-q", "--format", format, scenario(name).to_str().unwrap()]);
    assert!(matches!(run.code, 0 | 3), "{run:?}");
    run.text().to_owned()
}

fn document(name: &str) -> Value {
    serde_json::from_str(&scan(name, "json")).unwrap()
}

/// Passes JSON through `jq`, one line for each value. `None` if the machine has no `jq`.
fn jq(filter: &str, input: &str) -> Option<String> {
    let mut command = Command::new("jq");
    command.args(["-c", filter]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let Ok(mut jq) = command.spawn() else {
        assert!(std::env::var_os("CI").is_none(), "jq is missing");
        return None;
    };
    let mut stdin = jq.stdin.take().unwrap();
    let output = std::thread::scope(|scope| {
        scope.spawn(move || stdin.write_all(input.as_bytes()).unwrap());
        jq.wait_with_output().unwrap()
    });
    assert!(output.status.success(), "{output:?}");
    Some(String::from_utf8(output.stdout).unwrap())
}

/// Adds all FILETIMEs of a value to `found`.
fn filetimes<'v>(value: &'v Value, found: &mut Vec<&'v str>) {
    match value {
        Value::Object(fields) => {
            if let Some(filetime) = fields.get("filetime") {
                found.push(filetime.as_str().unwrap());
            }
            fields.values().for_each(|field| filetimes(field, found));
        }
        Value::Array(items) => items.iter().for_each(|item| filetimes(item, found)),
        _ => {}
    }
}

/// `jq` calculates with floating-point numbers, so a FILETIME as a number loses its last digits.
#[test]
fn jq_keeps_every_filetime_and_every_number() {
    let mut times = 0;
    for scenario in scenarios::every() {
        let text = scan(scenario.name, "json") + &scan(scenario.name, "jsonl");
        let values: Vec<Value> =
            serde_json::Deserializer::from_str(&text).into_iter().map(Result::unwrap).collect();
        let Some(through) = jq(".", &text) else { return };
        let through: Vec<Value> =
            through.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert!(through == values, "{}: jq changes the report", scenario.name);
        let written = jq(".. | objects | select(has(\"filetime\")) | .filetime", &text).unwrap();
        let mut written: Vec<&str> = written.lines().map(|line| line.trim_matches('"')).collect();
        let mut expected = Vec::new();
        values.iter().for_each(|value| filetimes(value, &mut expected));
        written.sort_unstable();
        expected.sort_unstable();
        assert_eq!(written, expected, "{}", scenario.name);
        times += expected.len();
    }
    assert!(times > 5_000, "{times}");
    let number = jq(".+0", "133500000000000001").unwrap();
    assert_ne!(number.trim(), "133500000000000001", "jq changes a FILETIME that is a number");
}

/// Facts of a report with this code and the state `set`.
fn facts<'r>(report: &'r Value, code: &str) -> Vec<&'r Value> {
    let facts = report["facts"].as_array().unwrap().iter();
    let facts: Vec<_> = facts.filter(|it| it["code"] == code && it["state"] == "set").collect();
    assert!(!facts.is_empty(), "{code}");
    facts
}

#[test]
fn numbers_are_numbers_and_lists_are_arrays() {
    let report = document("windows-server-2019-settings-in-logs");
    let host = &report["hosts"][0];
    assert_eq!(host["licensing_mode"]["value"], 4);
    assert_eq!(host["licensing_mode"]["label"]["text"], "Per User");
    let servers = json!(["rdlic01.corp.example", "rdlic03.corp.example"]);
    assert_eq!(host["license_servers"]["value"], servers);
    assert_eq!(facts(&report, "host.rcm.licensing_mode")[0]["number"], 4);
    assert_eq!(facts(&report, "host.policy.license_servers")[0]["list"], servers);
    let needed = json!(["CertPropSvc", "SessionEnv"]);
    assert_eq!(facts(&report, "host.dependent_services")[0]["list"], needed);
    assert_eq!(facts(&report, "host.service.start")[0]["number"], 3);

    let report = document("windows-10-client-with-token");
    let license = &report["tokens"][0]["license"];
    let id = license["hardware_id_hex"].as_str().unwrap();
    assert_eq!(id.len(), 40);
    assert!(id.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f')), "{id}");
    assert!(license["language_id"].is_u64() && license["flags"].is_u64(), "{license}");
    assert!(license["client_platform_id"].is_u64(), "{license}");
}

/// One line has what a reader needs: the kind, the host, and the file with its hash.
#[test]
fn each_line_is_complete() {
    let mut kinds = BTreeSet::new();
    for line in scan("office-network", "jsonl").lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        assert_eq!(line["schema"], "urn:calhive:report:1");
        let kind = line["record"].as_str().unwrap();
        let needed: &[&str] = match kind {
            "report" => &["schema_version", "tool", "run"],
            "source" => &["id", "path", "absolute_path", "sha256"],
            "host" => &["id", "sources", "licensing_mode"],
            "fact" => &["id", "evidence_id", "host", "source_path", "source_sha256", "reference"],
            "token" => &["id", "host", "sha256"],
            "finding" => &["id", "code", "severity", "page"],
            "answer" => &["host", "code", "question", "shown"],
            "event" => &["id", "host", "time", "clock"],
            "node" => &["id", "kind", "name"],
            "edge" => &["from", "from_name", "to", "to_name", "kind"],
            _ => panic!("{kind}"),
        };
        needed.iter().for_each(|field| assert!(!line[field].is_null(), "{kind} lacks {field}"));
        kinds.insert(kind.to_owned());
    }
    assert_eq!(kinds.len(), 10, "{kinds:?}");
}
