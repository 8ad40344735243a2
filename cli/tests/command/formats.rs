// SPDX-License-Identifier: GPL-3.0-or-later
//! The formats of `scan` for other tools: csv, timesketch, bodyfile, tln.

use std::io::Read as _;
use std::path::Path;
use std::process::{Command, Stdio};

use hive_forge::scenario as scenarios;
use hive_forge::tree::{Key, Tree, Value as RegistryValue};
use serde_json::Value;

use super::{Folder, calhive, scenario};

/// The JSON report of a scenario, and the same report in another format.
fn both(name: &str, format: &str) -> (Value, String, String) {
    let folder = scenario(name);
    let scan = |format| calhive(["scan", "--format", format, folder.to_str().unwrap()]);
    let run = scan(format);
    assert!([0, 3].contains(&run.code), "{run:?}");
    (scan("json").json(), run.text().to_owned(), run.err)
}

fn every() -> impl Iterator<Item = &'static str> {
    scenarios::every().into_iter().map(|it| it.name)
}

/// Seconds of an event since 1970, or `None` if it has no time.
fn seconds(event: &Value) -> Option<i64> {
    let filetime: i64 = event["time"]["filetime"].as_str()?.parse().unwrap();
    Some((filetime - 116_444_736_000_000_000).div_euclid(10_000_000))
}

/// Events with seconds in a range.
fn dated(report: &Value, range: core::ops::RangeInclusive<i64>) -> Vec<&Value> {
    let events = report["events"].as_array().unwrap().iter();
    events.filter(|event| seconds(event).is_some_and(|it| range.contains(&it))).collect()
}

/// Checks that standard error has the number of events that the format leaves out.
#[track_caller]
fn assert_counted(err: &str, report: &Value, written: usize) {
    let left_out = report["events"].as_array().unwrap().len() - written;
    let line = err.lines().find_map(|line| line.split_once("left out in this format: "));
    let numbers = line.map_or("", |(_, rest)| rest).split(';').next().unwrap().split(", ");
    let told = numbers.filter(|part| part.contains(" event"));
    let told = told.map(|part| part.split(' ').next().unwrap().parse::<usize>().unwrap());
    assert_eq!(told.sum::<usize>(), left_out, "{err}");
}

#[test]
fn timesketch_lines_follow_the_rules_of_its_importer() {
    let mut all = 0;
    for name in every() {
        let (report, text, err) = both(name, "timesketch");
        let events = dated(&report, 0..=9_223_286_399);
        assert_eq!(text.lines().count(), events.len(), "{name}");
        for (line, event) in text.lines().zip(&events) {
            let line: Value = serde_json::from_str(line).unwrap();
            let fields = line.as_object().unwrap();
            for required in ["message", "datetime", "timestamp_desc"] {
                assert!(fields[required].as_str().is_some_and(|it| !it.is_empty()), "{line}");
            }
            let utc = event["time"]["utc"].as_str().unwrap();
            assert_eq!(fields["datetime"], format!("{}+00:00", &utc[..26]));
            assert_eq!(fields["filetime"], event["time"]["filetime"]);
            let microseconds = fields["timestamp"].as_i64().unwrap();
            assert_eq!(microseconds.div_euclid(1_000_000), seconds(event).unwrap());
            for (field, value) in fields {
                assert!(value.to_string().len() < 32_766 && !value.is_object(), "{field}");
                assert!(!field.contains("hex"), "{field}");
            }
            all += 1;
        }
        assert_counted(&err, &report, events.len());
    }
    assert!(all > 300, "{all}");
}

#[test]
fn tln_lines_have_five_fields_and_the_seconds_of_their_events() {
    let mut all = 0;
    for name in every() {
        let (report, text, err) = both(name, "tln");
        let events = dated(&report, 0..=i64::from(u32::MAX));
        assert_eq!(text.lines().count(), events.len(), "{name}");
        for (line, event) in text.lines().zip(&events) {
            let fields: Vec<&str> = line.split('|').collect();
            assert_eq!(fields.len(), 5, "{line}");
            assert_eq!(fields[0], seconds(event).unwrap().to_string());
            assert_eq!((fields[1], fields[3]), ("REG", ""));
            assert!(!fields[2].is_empty());
            assert!(fields[4].starts_with(event["meaning"]["text"].as_str().unwrap()), "{line}");
            all += 1;
        }
        assert_counted(&err, &report, events.len());
    }
    assert!(all > 300, "{all}");
}

#[test]
fn bodyfile_lines_have_one_time_in_eleven_fields() {
    let mut all = 0;
    for name in every() {
        let (report, text, err) = both(name, "bodyfile");
        let events = dated(&report, 1..=9_999_999_999);
        assert_eq!(text.lines().count(), events.len(), "{name}");
        for (line, event) in text.lines().zip(&events) {
            let fields: Vec<&str> = line.split('|').collect();
            assert_eq!(fields.len(), 11, "{line}");
            let name = format!("{} ", event["id"].as_str().unwrap());
            assert!(fields[1].starts_with(&name), "{line}");
            let seconds = seconds(event).unwrap().to_string();
            assert_eq!(fields[7..], ["-1", &seconds, "-1", "-1"]);
            all += 1;
        }
        assert_counted(&err, &report, events.len());
    }
    assert!(all > 300, "{all}");
}

#[test]
fn csv_has_a_row_for_each_found_fact_with_its_place() {
    let mut all = 0;
    for name in every() {
        let (report, text, err) = both(name, "csv");
        let text = text.strip_prefix('\u{FEFF}').unwrap();
        assert!(!text.replace("\r\n", "").contains(['\r', '\n']), "{name}");
        let mut rows = csv::Reader::from_reader(text.as_bytes());
        let columns = rows.headers().unwrap().clone();
        let recmd = "HivePath,HiveType,Description,Category,KeyPath,ValueName,ValueType,ValueData,\
             ValueData2,ValueData3,Comment,Recursive,Deleted,LastWriteTimestamp,PluginDetailFile";
        assert_eq!(columns.iter().take(15).collect::<Vec<_>>().join(","), recmd);
        let facts = report["facts"].as_array().unwrap();
        let is_row =
            |fact: &&Value| !["not_in_key", "not_set"].contains(&fact["state"].as_str().unwrap());
        let found: Vec<&Value> = facts.iter().filter(is_row).collect();
        let rows: Vec<csv::StringRecord> = rows.records().map(Result::unwrap).collect();
        assert_eq!(rows.len(), found.len(), "{name}");
        for (row, fact) in rows.iter().zip(found) {
            let cell = |name: &str| &row[columns.iter().position(|column| column == name).unwrap()];
            let unguarded = |name| cell(name).strip_prefix('\'').unwrap_or(cell(name));
            let place = &fact["provenance"];
            assert_eq!(unguarded("KeyPath"), place["key_path"]);
            let shown = &fact["shown"]["text"];
            assert_eq!(unguarded("ValueData"), shown.as_str().unwrap_or_default());
            assert_eq!(cell("EvidenceId"), fact["evidence_id"].as_str().unwrap());
            assert_eq!(cell("Deleted") == "True", place["origin"] == "recovered");
            let raw = serde_json::from_str(cell("RawText")).unwrap_or(Value::Null);
            assert_eq!(&raw, shown);
            let filetime = place["key_last_written"]["filetime"].as_str().unwrap_or_default();
            assert_eq!(unguarded("LastWriteFiletime"), filetime);
            all += 1;
        }
        let searched = report["searched"].as_array().unwrap().iter();
        let keys = searched.flat_map(|it| it["keys"].as_array().unwrap());
        let searched = keys.map(|it| it["places"].as_array().unwrap().len()).sum::<usize>();
        let absent = facts.len() - rows.len() + searched;
        assert!(err.contains(&format!("left out in this format: {absent} place")), "{err}");
    }
    assert!(all > 1000, "{all}");
}

/// A client whose names and data are formulas and separators.
fn hostile() -> Folder {
    let mut tree = Tree::new("ROOT");
    let store = tree.root.at(r"Microsoft\MSLicensing\Store");
    let mut license = Key::new("LICENSE000");
    license.values.push(RegistryValue::sz("ProductID", "=cmd|' /C calc'!A0"));
    license.values.push(RegistryValue::sz("CompanyName", "a|b%7C%0A\n\u{202E}\"x\",\r"));
    store.subkeys.push(license);
    let mut named = Key::new("LICENSE|%41,\"001");
    named.values.push(RegistryValue::sz("Scope", "'quoted"));
    store.subkeys.push(named);
    let folder = Folder::new();
    folder.file("SOFTWARE", &hive_forge::write(&tree, &hive_forge::Options::default()).bytes);
    folder
}

#[test]
fn formulas_and_separators_in_evidence_stay_text_in_every_format() {
    let folder = hostile();
    let run = |format| calhive(["scan", "--format", format, folder.path()]).code(0);
    let csv = run("csv");
    assert!(
        csv.text().contains(r#","'=cmd|' /C calc'!A0""#)
            || csv.text().contains(",'=cmd|' /C calc'!A0,"),
        "{}",
        csv.text()
    );
    for format in ["csv", "timesketch", "bodyfile", "tln"] {
        let run = run(format);
        let line_ends = if format == "csv" { "\r\n" } else { "\n" };
        let text = run.text().trim_start_matches('\u{FEFF}').replace(line_ends, "");
        let bad = text.chars().find(|c| c.is_control() || ('\u{202A}'..='\u{202E}').contains(c));
        assert_eq!(bad, None, "{format}: {text:?}");
    }
    for (format, fields) in [("bodyfile", 11), ("tln", 5)] {
        let run = run(format);
        assert!(run.text().contains("LICENSE%7C"), "{}", run.text());
        assert!(run.text().lines().all(|line| line.split('|').count() == fields), "{format}");
    }
    assert!(
        run("bodyfile").text().contains(r#"LICENSE%7C%2541,"001"#),
        "{}",
        run("bodyfile").text()
    );
}

/// Whether a character can deceive a terminal or a reader.
pub(crate) fn is_deceptive(letter: char) -> bool {
    let text = regex_of_deceptive();
    letter != ' ' && text.is_match(letter.encode_utf8(&mut [0; 4]))
}

fn regex_of_deceptive() -> &'static regex::Regex {
    static DECEPTIVE: std::sync::LazyLock<regex::Regex> = std::sync::LazyLock::new(|| {
        let properties = ["Cc", "Cf", "Zl", "Zp", "Zs", "Bidi_Control", "Noncharacter_Code_Point"];
        let properties = properties.map(|it| format!(r"\p{{{it}}}")).concat();
        let form = format!(r"^[{properties}\p{{Default_Ignorable_Code_Point}}\x{{2800}}]$");
        regex::Regex::new(&form).unwrap()
    });
    &DECEPTIVE
}

#[test]
fn every_deceptive_character_is_escaped_in_every_format() {
    let letters: Vec<char> = ('\0'..=char::MAX).filter(|it| is_deceptive(*it)).collect();
    assert!(letters.len() > 4300);
    let mut tree = Tree::new("ROOT");
    let store = tree.root.at(r"Microsoft\MSLicensing\Store");
    for letters in letters.chunks(60) {
        let text: String = letters.iter().collect();
        let mut license = Key::new(text.as_str());
        license.values.push(RegistryValue::sz("CompanyName", &format!("<{text}>")));
        store.subkeys.push(license);
    }
    let folder = Folder::new();
    folder.file("SOFTWARE", &hive_forge::write(&tree, &hive_forge::Options::default()).bytes);
    let all =
        ["table", "json", "jsonl", "html", "markdown", "csv", "timesketch", "bodyfile", "tln"];
    for format in all {
        let run = calhive(["scan", "-q", "--format", format, folder.path()]);
        let text = run.text().trim_start_matches('\u{FEFF}');
        let text = text.replace(if format == "csv" { "\r\n" } else { "\n" }, "");
        let bad = text.chars().find(|letter| is_deceptive(*letter));
        assert_eq!(bad, None, "{format}");
        if !["table", "markdown"].contains(&format) {
            for code in ["u{0}", "u{1B}", "u{A0}", "u{202E}", "u{3164}", "u{E0001}", "u{10FFFF}"] {
                assert!(text.contains(code), "{format}: {code}");
            }
        }
    }
}

#[test]
fn csv_is_read_without_loss_by_python() {
    let program = r#"
import csv, json, sys
rows = list(csv.DictReader(open(sys.argv[1], encoding="utf-8-sig", newline=""), strict=True))
print(json.dumps([{k: v[1:] if v.startswith("'") else v for k, v in row.items()} for row in rows]))
"#;
    let hostile = hostile();
    let folders = every().map(scenario).chain([hostile.0.clone()]);
    let (out, mut rows) = (Folder::new(), 0);
    for folder in folders {
        let csv = calhive(["scan", "-q", "--format", "csv", folder.to_str().unwrap()]);
        let file = out.file("facts.csv", &csv.out);
        let python = Command::new("python3").args(["-c", program, &file]).output();
        let Ok(python) = python else {
            assert!(std::env::var_os("CI").is_none(), "python3 is missing");
            return;
        };
        assert!(python.status.success(), "{python:?}");
        let read: Vec<Value> = serde_json::from_slice(&python.stdout).unwrap();
        let report = calhive(["scan", "-q", "--format", "json", folder.to_str().unwrap()]).json();
        for row in &read {
            let id = &row["FactId"];
            let facts = report["facts"].as_array().unwrap();
            let fact = facts.iter().find(|fact| fact["id"] == *id).unwrap();
            assert_eq!(row["ValueData"], fact["shown"]["text"].as_str().unwrap_or_default());
            assert_eq!(row["KeyPath"], fact["provenance"]["key_path"]);
            assert_eq!(
                row["ValueName"],
                fact["provenance"]["value_name"].as_str().unwrap_or_default()
            );
            rows += 1;
        }
    }
    assert!(rows > 1000, "{rows}");
}

#[test]
fn bodyfile_through_mactime_has_every_event_once() {
    let hostile = hostile();
    for folder in every().map(scenario).chain([hostile.0.clone()]) {
        let body = calhive(["scan", "-q", "--format", "bodyfile", folder.to_str().unwrap()]);
        let out = Folder::new();
        let file = out.file("body", &body.out);
        let mactime = Command::new("mactime").args(["-d", "-y", "-z", "UTC", "-b", &file]).output();
        let Ok(mactime) = mactime else {
            assert!(std::env::var_os("CI").is_none(), "mactime of sleuthkit is missing");
            return;
        };
        let text = String::from_utf8(mactime.stdout).unwrap();
        if body.text().is_empty() {
            continue;
        }
        let rows: Vec<&str> = text.lines().skip(1).collect();
        assert_eq!(rows.len(), body.text().lines().count(), "{text}");
        for row in &rows {
            assert!(!row.contains("0000-00-00") && row.contains(",m...,"), "{row}");
        }
        if folder == hostile.0 {
            assert!(text.contains(r"LICENSE|%41"), "mactime prints the original name: {text}");
        }
    }
}

#[test]
fn broken_pipe_is_no_error_in_any_format_of_scan() {
    let folder = scenario("office-network");
    for format in ["table", "json", "jsonl", "csv", "timesketch", "bodyfile", "tln"] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_calhive"))
            .args(["scan", "-q", "--format", format])
            .arg(Path::new(&folder))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut first = [0; 16];
        child.stdout.take().unwrap().read_exact(&mut first).unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{format}");
        assert_eq!(String::from_utf8(output.stderr).unwrap(), "", "{format}");
    }
}

#[test]
fn exit_code_follows_named_findings_and_emptiness() {
    let (found, empty) =
        (scenario("windows-10-client-with-token"), scenario("windows-10-client-plain"));
    let scan = |folder: &Path, args: &[&str]| {
        calhive(["scan", folder.to_str().unwrap()].iter().chain(args))
    };
    for (args, code) in [
        (&["--fail-on", "info"][..], 4),
        (&["--fail-on", "notice"], 0),
        (&["--fail-on", "attention"], 0),
        (&["--fail-on", "CLIENT.token.temporary"], 4),
        (&["--fail-on", "attention", "--fail-on", "client.token.temporary"], 4),
        (&["--fail-on", "host.broker"], 0),
        (&["--fail-on", "no.such.code"], 2),
        (&["--exit-code-if-empty", "9"], 0),
        (&["--exit-code-if-empty", "256"], 2),
    ] {
        let run = scan(&found, args).code(code);
        let is_named = run.err.contains("calhive: info client.token.temporary (host-1): ");
        assert_eq!(is_named, code == 4, "{run:?}");
    }
    scan(&empty, &["--exit-code-if-empty", "9"]).code(9);
    scan(&empty, &["--exit-code-if-empty", "9", "--fail-on", "info"]).code(9);
    let damaged = scenario("windows-server-2016-damaged-log");
    scan(&damaged, &["--exit-code-if-empty", "9"]).code(3);
}
