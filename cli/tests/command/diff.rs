// SPDX-License-Identifier: GPL-3.0-or-later
//! `calhive diff`.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::{Folder, Run, assert_harmless, calhive, scenario};

/// Compares two scenarios or folders, as JSON.
fn diff(a: &Path, b: &Path, code: i32) -> Value {
    compare(a, b, &["--format", "json"]).code(code).json()
}

fn compare(a: &Path, b: &Path, more: &[&str]) -> Run {
    let paths = [a.to_str().unwrap(), b.to_str().unwrap()];
    calhive(["diff"].into_iter().chain(paths).chain(more.iter().copied()))
}

/// The differences of the only pair of hosts.
fn items(comparison: &Value) -> &Vec<Value> {
    assert_eq!(comparison["hosts"].as_array().unwrap().len(), 1);
    comparison["hosts"][0]["items"].as_array().unwrap()
}

/// The only difference of this subject and code.
#[track_caller]
fn item<'v>(comparison: &'v Value, subject: &str, code: &str) -> &'v Value {
    let found: Vec<&Value> = items(comparison)
        .iter()
        .filter(|it| it["subject"] == subject && it["code"] == code)
        .collect();
    assert_eq!(found.len(), 1, "{subject} {code}: {comparison:#}");
    found[0]
}

/// Copies the hives of a scenario into a folder.
fn copied(name: &str, folder: &Folder) {
    for entry in fs::read_dir(scenario(name)).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), folder.0.join(entry.file_name())).unwrap();
    }
}

#[test]
fn removed_and_added_things_have_their_value_time_and_place() {
    let (a, b) = (scenario("windows-10-client-plain"), scenario("windows-10-client-with-token"));
    let forth = diff(&a, &b, 0);
    let tokens = items(&forth).iter().filter(|it| it["subject"] == "token");
    let results: Vec<&Value> = tokens.map(|it| &it["result"]).collect();
    // The 64-bit view and the 32-bit view.
    assert_eq!(results, ["added", "added"]);
    let back = diff(&b, &a, 0);
    let tokens: Vec<&Value> = items(&back).iter().filter(|it| it["subject"] == "token").collect();
    assert!(!tokens.is_empty(), "{back:#}");
    for token in tokens {
        assert_eq!(token["result"], "removed");
        assert!(token.get("b").is_none() && token.get("doubts").is_none());
        let text = token["a"]["text"].as_str().unwrap();
        assert!(text.contains("license server RODENT; scope WORKGROUP"), "{text}");
        assert!(text.contains("valid 2007-06-20 14:51:35 to 2007-09-18 14:51:35 UTC"), "{text}");
        let place = &token["a"]["places"][0];
        assert!(place["key_path"].as_str().unwrap().ends_with(r"MSLicensing\Store\LICENSE000"));
        assert_eq!(place["value_name"], "ClientLicense");
        assert!(place["path"].as_str().unwrap().ends_with("SOFTWARE"));
        assert!(place["offset"].as_u64().unwrap() > 4096);
        assert!(token["a"]["key_last_written"]["utc"].as_str().unwrap().starts_with("2023-"));
    }
}

#[test]
fn removed_licenses_are_removed_tokens_keys_and_an_added_finding() {
    let a = scenario("windows-10-client-with-token");
    let run = diff(&a, &scenario("client-licenses-removed"), 0);
    for code in ["client.mslicensing", "client.hardware_id", "client.store.license"] {
        let of_code: Vec<&Value> = items(&run).iter().filter(|it| it["code"] == code).collect();
        // The 64-bit view and the 32-bit view.
        assert_eq!(of_code.len(), 2, "{code}");
        assert!(of_code.iter().all(|it| it["result"] == "removed"), "{of_code:#?}");
    }
    let finding = item(&run, "finding", "client.token.removed");
    assert_eq!(finding["result"], "added");
    let recovered = item(&run, "recovered_token", "token");
    assert_eq!(recovered["result"], "not_determinable", "{recovered:#}");
    let name = item(&run, "identity", "computer_name");
    assert_eq!((&name["a"]["text"], &name["b"]["text"]), (&"RODENT".into(), &"RODENT5".into()));
    assert_eq!(name["result"], "changed");
}

#[test]
fn settings_in_effect_have_both_values() {
    let (a, b) = (scenario("windows-server-2019-session-host"), scenario("workgroup-host"));
    let run = diff(&a, &b, 0);
    let setting = item(&run, "in_effect", "license_servers");
    assert_eq!(setting["result"], "changed", "{setting:#}");
    assert_ne!(setting["a"]["text"], setting["b"]["text"]);
    assert!(setting["a"]["places"][0]["key_path"].as_str().unwrap().starts_with("Policies"));
}

#[test]
fn equal_inputs_have_no_difference_in_what_was_read() {
    for name in
        ["windows-10-client-with-token", "windows-server-2019-session-host", "license-server"]
    {
        let path = scenario(name);
        let run = diff(&path, &path, 0);
        assert_eq!(items(&run), &[] as &[Value], "{name}");
        assert!(run["hosts"][0]["equal"].as_u64().unwrap() > 20, "{name}: {run:#}");
        let table = compare(&path, &path, &[]).code(0);
        assert!(table.text().contains("\n\nNo difference in what was read ("), "{}", table.text());
    }
}

#[test]
fn damaged_side_never_lets_things_be_removed_or_added() {
    let whole = scenario("windows-10-client-with-token");
    let size = fs::metadata(whole.join("SOFTWARE")).unwrap().len();
    let mut lost = 0;
    for pages in [2, 3, 5, 8, 10] {
        let folder = Folder::new();
        copied("windows-10-client-with-token", &folder);
        let hive = folder.0.join("SOFTWARE");
        assert!(pages * 4096 < size);
        fs::File::options().write(true).open(&hive).unwrap().set_len(pages * 4096).unwrap();
        for (a, b) in [(&whole, &folder.0), (&folder.0, &whole)] {
            let run = diff(a, b, 3);
            for item in items(&run) {
                let places = ["a", "b"].map(|side| &item[side]["places"][0]["path"]);
                let of_software = places
                    .iter()
                    .any(|path| path.as_str().is_some_and(|it| it.ends_with("SOFTWARE")));
                let one_sided = item.get("a").is_none() || item.get("b").is_none();
                if of_software && one_sided {
                    assert_eq!(item["result"], "not_determinable", "{pages}: {item:#}");
                    assert!(!item["doubts"].as_array().unwrap().is_empty());
                    lost += 1;
                }
            }
        }
    }
    assert!(lost > 50, "{lost}");
}

#[test]
fn side_without_a_hive_is_not_determinable() {
    let whole = scenario("windows-10-client-with-token");
    let folder = Folder::new();
    fs::copy(whole.join("SYSTEM"), folder.0.join("SYSTEM")).unwrap();
    let run = diff(&whole, &folder.0, 0);
    let tokens: Vec<&Value> = items(&run).iter().filter(|it| it["subject"] == "token").collect();
    assert!(!tokens.is_empty());
    for token in tokens {
        assert_eq!(token["result"], "not_determinable");
        assert_eq!(token["doubts"][0]["text"], "the host has no SOFTWARE hive");
    }
    assert!(items(&run).iter().all(|item| item["result"] != "removed"), "{run:#}");
    let table = compare(&whole, &folder.0, &[]).code(0);
    let text = "     Not determinable: the host has no SOFTWARE hive.\n";
    assert!(table.text().contains(text), "{}", table.text());
}

#[test]
fn hosts_are_paired_by_name_or_chosen() {
    let office = scenario("office-network");
    let run = diff(&office, &office, 0);
    let hosts = run["hosts"].as_array().unwrap();
    assert!(hosts.len() > 3, "{}", hosts.len());
    for pair in hosts {
        assert_eq!(pair["a"]["computer_name"], pair["b"]["computer_name"]);
        assert_eq!(pair["items"], Value::Array(Vec::new()), "{pair:#}");
    }
    let [one, other] = [&hosts[0]["a"], &hosts[1]["a"]];
    let names = [one, other].map(|host| host["computer_name"].as_str().unwrap().to_owned());
    let [a, b] = names.each_ref().map(|name| format!("{}#{name}", office.display()));
    let chosen = calhive(["diff", &a, &b, "--format", "json"]).code(0).json();
    assert_eq!(chosen["hosts"].as_array().unwrap().len(), 1);
    assert_eq!(chosen["hosts"][0]["a"]["computer_name"], names[0].as_str());
    assert_eq!(chosen["hosts"][0]["b"]["computer_name"], names[1].as_str());
    let path = office.to_str().unwrap();
    let options = ["diff", path, path, "--host-a", &names[0], "--host-b", &names[1]];
    let by_option = calhive(options.into_iter().chain(["--format", "json"])).code(0);
    assert_eq!(by_option.json(), chosen);
}

#[test]
fn wrong_hosts_are_an_error_that_names_the_others() {
    let office = scenario("office-network");
    let run = calhive(["diff", &format!("{}#NOBODY", office.display()), office.to_str().unwrap()]);
    let run = run.code(1);
    assert!(
        run.err.contains("no host has the name or id NOBODY; the evidence has: "),
        "{}",
        run.err
    );
    let run = compare(&office, &scenario("flat-folder-of-two-hosts"), &[]).code(1);
    assert!(run.err.contains("no host of A has the name of a host of B; "), "{}", run.err);
    assert!(run.out.is_empty());
    calhive(["diff", "one"]).code(2);
    calhive(["diff", "no/such/a", "no/such/b"]).code(1);
}

#[test]
fn table_fits_and_never_names_a_cause() {
    for (a, b) in [
        ("windows-10-client-with-token", "client-licenses-removed"),
        ("client-licenses-removed", "client-licenses-renewed"),
        ("windows-server-2019-session-host", "workgroup-host"),
        ("windows-server-2003-terminal-server", "windows-xp-client"),
        ("license-server", "windows-server-2022-session-host"),
    ] {
        let run = compare(&scenario(a), &scenario(b), &[]).code(0);
        let text = run.text();
        assert_harmless(text);
        assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
        assert!(text.contains("The hives do not show who or what made a difference, or why."));
        assert!(text.lines().count() > 20, "{text}");
    }
}

#[test]
fn json_is_as_its_schema_describes() {
    let settings = schemars::generate::SchemaSettings::draft2020_12().for_serialize();
    let schema =
        settings.into_generator().into_root_schema_for::<calhive::comparison::Comparison>();
    let schema = schema.to_value();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let a = scenario("windows-10-client-with-token");
    let run = diff(&a, &scenario("client-licenses-removed"), 0);
    assert_eq!(run["schema"], "urn:calhive:comparison:1");
    let errors: Vec<String> = validator.iter_errors(&run).map(|error| error.to_string()).collect();
    assert_eq!(errors, [""; 0]);
    let mut wrong = run;
    wrong["hosts"][0]["items"][0]["result"] = "moved".into();
    assert!(!validator.is_valid(&wrong));
}

#[test]
fn html_has_each_difference_with_its_places_and_no_script() {
    let (a, b) = (scenario("windows-10-client-with-token"), scenario("windows-10-client-plain"));
    let comparison = diff(&a, &b, 0);
    let run = compare(&a, &b, &["--format", "html"]).code(0);
    let page = run.text();
    assert_harmless(page);
    let rows = page.matches("<tr><td>").count();
    assert_eq!(rows, items(&comparison).len());
    let values = items(&comparison).iter().flat_map(|it| [&it["a"], &it["b"]]);
    let places = values.flat_map(|it| it["places"].as_array().into_iter().flatten());
    let places = places.count();
    assert_eq!(page.matches("<li class=\"path\">").count(), places);
    assert!(places > 20, "{places}");
    assert!(page.contains("default-src 'none'; style-src 'sha256-"));
    assert!(!page.contains("<script") && !page.contains("script-src"));
}

#[test]
fn text_of_the_evidence_stays_text_in_html() {
    let folder = Folder::new();
    copied("windows-10-client-plain", &folder);
    let before = fs::read(folder.0.join("SYSTEM")).unwrap();
    // The same name of 14 characters, in UTF-16 and in another copy.
    let name: Vec<u8> = "DESKTOP-4C81T2".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let hostile: Vec<u8> =
        "</td><script>\u{202E}".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(hostile.len(), name.len());
    let mut after = before;
    let mut replaced = 0;
    while let Some(at) = after.windows(name.len()).position(|bytes| bytes == name) {
        after[at..at + name.len()].copy_from_slice(&hostile);
        replaced += 1;
    }
    assert!(replaced > 0);
    fs::write(folder.0.join("SYSTEM"), after).unwrap();
    let run =
        compare(&scenario("windows-10-client-plain"), &folder.0, &["--format", "html"]).code(0);
    assert_harmless(run.text());
    assert!(run.text().contains("&lt;/td&gt;&lt;script&gt;\\u{202E}"), "{}", run.text());
    assert!(!run.text().contains("<script"));
}

#[test]
fn finding_across_hosts_is_no_difference_of_one_host() {
    let one = scenario("office-network/CLIENT01");
    let comparison = diff(&one, &scenario("office-network"), 0);
    assert_eq!(comparison["hosts"][0]["items"], serde_json::json!([]), "{comparison:#}");
}
