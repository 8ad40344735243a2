// SPDX-License-Identifier: GPL-3.0-or-later
//! Reports of the scenarios, compared with kept ones. Before a changed report is kept, it is read against
//! the rules for claims: run with `INSTA_UPDATE=always` and read the difference.

use core::fmt::Write as _;
use std::collections::HashSet;

use hive_forge::scenario;
use serde_json::Value;

use super::width::width;
use super::{calhive_in, workspace};

fn report(scenario: &str, format: &str) -> String {
    let folder = format!("testdata/hives/{scenario}");
    let run = calhive_in(workspace(), ["scan", "-q", "--format", format, &folder]);
    // A damaged log makes a report incomplete.
    let code = if scenario.ends_with("damaged-log") { 3 } else { 0 };
    let text = run.code(code).text().to_owned();
    // The folder of the workspace and the commit differ between two builds.
    let folder = workspace().canonicalize().unwrap();
    let text = text.replace(folder.to_str().unwrap(), "[workspace]");
    match serde_json::from_str::<Value>(&text) {
        Ok(report) => text.replace(report["run"]["commit"].as_str().unwrap(), "[commit]"),
        Err(_) => text,
    }
}

fn kept<'n>(
    extension: &str,
    scenarios: impl Iterator<Item = &'n str>,
    show: impl Fn(&str) -> String,
) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| {
        let mut seen = 0;
        for scenario in scenarios {
            insta::assert_snapshot!(format!("{scenario}.{extension}"), show(scenario));
            seen += 1;
        }
        assert!(seen > 0, "no scenario");
    });
}

/// The one screen of every scenario: at most 30 lines of at most 100 columns.
#[test]
fn screens_are_as_kept_and_fit() {
    let every = scenario::every();
    kept("screen", every.iter().map(|it| it.name), |scenario| {
        let screen = report(scenario, "table");
        assert!((5..=30).contains(&screen.lines().count()), "{scenario}: {screen}");
        for line in screen.lines() {
            assert!(width(line) <= 100, "{scenario}: {line}");
        }
        screen
    });
}

#[test]
fn details_of_four_scenarios_are_as_kept() {
    kept("details", WHOLE.into_iter(), |scenario| details(scenario, "--details"));
}

/// The one screen names every finding and the end of every stored token, and uses no id that it does not
/// explain.
#[test]
fn screens_name_every_finding_and_the_end_of_every_stored_token() {
    let (mut codes, mut ends) = (0, 0);
    for scenario in scenario::every() {
        let (screen, json) = (report(scenario.name, "table"), json(scenario.name));
        let screen = screen.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(!screen.contains("source-"), "{}: {screen}", scenario.name);
        for finding in json["findings"].as_array().unwrap() {
            let code = finding["code"].as_str().unwrap();
            assert!(screen.contains(code), "{}: {code}: {screen}", scenario.name);
            codes += 1;
        }
        for token in json["tokens"].as_array().unwrap() {
            let end = token["license"]["expires"]["utc"].as_str().map(|end| end.replace('T', " "));
            if let Some(end) = end.filter(|_| token["kind"] == "stored_license") {
                let end = end.split('.').next().unwrap();
                assert!(screen.contains(end), "{}: {end}: {screen}", scenario.name);
                ends += 1;
            }
        }
    }
    assert!(codes > 50 && ends > 8, "{codes} codes, {ends} ends");
}

/// Returns the whole report, or parts of it, as text.
fn details(scenario: &str, option: &str) -> String {
    let folder = format!("testdata/hives/{scenario}");
    let run = calhive_in(workspace(), ["scan", "-q", option, &folder]);
    String::from_utf8(run.out).unwrap()
}

/// The whole report as text has every id of a found fact, a token and a finding.
#[test]
fn details_show_every_id() {
    let mut ids = 0;
    for scenario in scenario::every() {
        let (json, text) = (json(scenario.name), details(scenario.name, "--details"));
        let words: HashSet<&str> = text.split(|c: char| !c.is_alphanumeric() && c != '-').collect();
        for part in ["facts", "tokens", "findings", "hosts", "sources"] {
            for item in json[part].as_array().unwrap() {
                let is_found = ["set", "incomplete", "key", "key_name"];
                if part == "facts" && !is_found.contains(&item["state"].as_str().unwrap()) {
                    continue;
                }
                let id = item["id"].as_str().unwrap();
                assert!(words.contains(id), "{}: {id} {item}", scenario.name);
                ids += 1;
            }
        }
    }
    assert!(ids > 2000, "{ids}");
}

/// Scenarios whose JSON is kept whole: a client, a session host with logs, a license server, two hosts.
const WHOLE: [&str; 4] = [
    "windows-10-client-with-token",
    "windows-server-2019-settings-in-logs",
    "license-server",
    "flat-folder-of-two-hosts",
];

fn json(scenario: &str) -> Value {
    serde_json::from_str(&report(scenario, "json")).unwrap()
}

#[test]
fn json_of_four_scenarios_is_as_kept() {
    kept("json", WHOLE.into_iter(), |scenario| report(scenario, "json"));
}

/// Keeps the facts, findings and answers of the other scenarios.
#[test]
fn what_the_other_scenarios_show_is_as_kept() {
    let others = scenario::every().into_iter().map(|it| it.name);
    kept("found", others.filter(|name| !WHOLE.contains(name)), |scenario| {
        let (report, lines) = (json(scenario), report(scenario, "jsonl"));
        let lines = lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        let mut text = String::new();
        for fact in lines.filter(|line| line["record"] == "fact") {
            let field = |name: &str| fact[name].as_str().unwrap_or("-");
            let place = |name: &str| fact["provenance"][name].as_str().unwrap_or("-");
            let (key, value) = (place("key_path"), place("value_name"));
            let (code, state) = (field("code"), field("state"));
            let shown = fact["shown"]["text"].as_str().unwrap_or("-");
            writeln!(text, "{code} {state}: {shown} ({key}, {value})").unwrap();
        }
        for finding in report["findings"].as_array().unwrap() {
            let mut finding = finding.clone();
            finding["page"] = report["finding_pages"][finding["code"].as_str().unwrap()].clone();
            writeln!(text, "{}", serde_json::to_string_pretty(&finding).unwrap()).unwrap();
        }
        for host in report["hosts"].as_array().unwrap() {
            writeln!(text, "{}", serde_json::to_string_pretty(&host["answers"]).unwrap()).unwrap();
        }
        text
    });
}

/// Every place of the catalog that a scenario lacks is reported as absent, once for each control set and
/// view.
#[test]
fn the_absent_facts_of_a_scenario_are_as_kept() {
    kept("absent", ["windows-10-client-with-token"].into_iter(), |scenario| {
        let report = json(scenario);
        let mut text = String::new();
        let keys =
            report["searched"].as_array().unwrap().iter().flat_map(|it| it["keys"].as_array());
        for key in keys.flatten() {
            for place in key["places"].as_array().unwrap() {
                let [code, value] =
                    ["code", "value_name"].map(|name| place[name].as_str().unwrap_or("-"));
                let [path, state] = ["key_path", "state"].map(|name| key[name].as_str().unwrap());
                writeln!(text, "{code} {state}: {path}, {value}").unwrap();
            }
        }
        assert!(text.lines().count() > 20, "{text}");
        text
    });
}
