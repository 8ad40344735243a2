// SPDX-License-Identifier: GPL-3.0-or-later
//! `scan --format html`: every part of each scenario, well-formed, inert, and in proportion.

use alloc::collections::{BTreeMap, BTreeSet};

use data_encoding::{BASE64, HEXLOWER};
use hive_forge::scenario::{self as scenarios, HOSTILE_NAME};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::html_page::Page;
use super::{Folder, Run, calhive, scenario};

fn html(folder: &str, more: &[&str]) -> Run {
    calhive(["scan", "-q", "--format", "html", folder].iter().chain(more))
}

fn page(folder: &str, more: &[&str]) -> Page {
    Page::parse(html(folder, more).text())
}

/// The pages of all scenarios, by name.
fn pages() -> Vec<(&'static str, Page)> {
    let all = scenarios::every().into_iter().map(|it| it.name);
    all.map(|name| (name, page(scenario(name).to_str().unwrap(), &[]))).collect()
}

/// A folder with the hives of this many clients.
fn fleet(machines: usize) -> Folder {
    let folder = Folder::new();
    for (path, bytes) in scenarios::fleet(machines) {
        folder.file(&path, &bytes);
    }
    folder
}

fn items<'v>(report: &'v Value, part: &str) -> &'v [Value] {
    report[part].as_array().unwrap()
}

/// Returns the items of a list that a record leaves out if empty.
fn few<'v>(record: &'v Value, part: &str) -> &'v [Value] {
    record.get(part).map_or(&[], |list| list.as_array().unwrap())
}

fn text(value: &Value) -> &str {
    value.as_str().or_else(|| value["text"].as_str()).unwrap_or_default()
}

#[test]
fn every_part_of_a_report_has_its_place_in_the_page() {
    for (name, page) in pages() {
        let report = page.json();
        let mut ids = BTreeMap::<&str, u32>::new();
        let with_id = page.elements.iter().filter(|element| !element.id().is_empty());
        with_id.for_each(|element| *ids.entry(element.id()).or_default() += 1);
        assert!(ids.values().all(|count| *count == 1), "{name}: an id is there twice");
        assert!(items(&report, "facts").len() > 20, "{name}");
        for part in ["sources", "hosts", "facts", "tokens", "findings", "events"] {
            for item in items(&report, part) {
                assert!(ids.contains_key(text(&item["id"])), "{name}: {}", item["id"]);
            }
        }
        let keys = items(&report, "searched").iter().flat_map(|source| items(source, "keys"));
        let places: Vec<_> = keys.flat_map(|key| items(key, "places")).collect();
        assert!(places.len() > 50, "{name}");
        for place in places {
            assert!(ids.contains_key(text(&place["id"])), "{name}: {}", place["id"]);
        }
        let all = page.all("a").map(|link| &link.attributes["href"]);
        let dead: BTreeSet<_> = all.filter(|to| !ids.contains_key(&to[1..])).collect();
        assert_eq!(dead, BTreeSet::new(), "{name}");
    }
}

#[test]
fn fact_is_shown_with_path_offset_hash_and_origin() {
    let mut recovered = 0;
    for (name, page) in pages() {
        let report = page.json();
        for fact in items(&report, "facts") {
            let element = page.with_id(text(&fact["id"]));
            let place = &fact["provenance"];
            let path = text(&place["key_path"]);
            assert!(element.text.contains(path), "{name}: {path} in {}", element.text);
            if element.name == "li" {
                assert!(["not_set", "not_in_key", "not_readable"].contains(&text(&fact["state"])));
                continue;
            }
            let offset = place["value_offset"].as_u64().or(place["key_offset"].as_u64()).unwrap();
            let written = text(&place["key_last_written"]["utc"]);
            let source = format!("#{}", text(&fact["source"]));
            for shown in [
                format!("{offset:#x}").as_str(),
                text(&fact["data"]["sha256"]),
                text(&place["origin"]),
                written,
            ] {
                assert!(element.text.contains(shown), "{name}: {shown} in {}", element.text);
            }
            assert!(element.links.contains(&source), "{name}: {source}");
            recovered += u32::from(text(&place["origin"]) == "recovered");
        }
    }
    assert!(recovered > 10, "{recovered}");
}

#[test]
fn place_without_a_result_is_shown_with_its_path() {
    let mut redirected = 0;
    for (name, page) in pages() {
        let report = page.json();
        for key in items(&report, "searched").iter().flat_map(|source| items(source, "keys")) {
            redirected += u32::from(key["redirected"] == true);
            for place in items(key, "places") {
                let element = page.with_id(text(&place["id"]));
                let path = text(&key["key_path"]);
                assert!(
                    !path.is_empty() && element.text.contains(path),
                    "{name}: {path} in {}",
                    element.text
                );
                let value = place.get("value_name").map(text).filter(|value| !value.is_empty());
                if let Some(value) = value {
                    assert!(
                        element.text.contains(&format!("value {value}")),
                        "{name}: {}",
                        element.text
                    );
                }
                assert_eq!(
                    key["state"] == "not_in_key",
                    element.text.contains("key exists"),
                    "{name}"
                );
            }
        }
    }
    assert!(redirected > 10, "{redirected}");
}

#[test]
fn finding_is_a_sentence_with_links_to_its_facts() {
    let (mut seen, mut links) = (BTreeSet::new(), 0);
    for (name, page) in pages() {
        let report = page.json();
        for finding in items(&report, "findings") {
            let element = page.with_id(text(&finding["id"]));
            let explained = &report["finding_pages"][text(&finding["code"])];
            let of_finding =
                ["title", "statement", "severity", "certainty", "code"].map(|it| &finding[it]);
            let of_page = ["shows", "does_not_show", "validated_on", "reproduce", "reference"];
            let single = of_finding.into_iter().chain(of_page.map(|it| &explained[it]));
            let listed =
                few(finding, "observed").iter().chain(items(explained, "innocent_explanations"));
            for part in single.chain(listed) {
                assert!(!text(part).is_empty(), "{name}: {finding:#} {explained:#}");
                assert!(element.text.contains(text(part)), "{name}: {part} in {}", element.text);
            }
            for id in ["facts", "tokens"].into_iter().flat_map(|part| few(finding, part)) {
                assert!(element.links.contains(&format!("#{}", text(id))), "{name}: {id}");
                links += 1;
            }
            seen.insert(text(&finding["code"]).to_owned());
        }
    }
    assert!(seen.len() > 10 && links > 50, "{links} links, {seen:?}");
}

#[test]
fn page_has_no_error_for_a_parser() {
    for (name, page) in pages() {
        assert_eq!(page.errors, [""; 0], "{name}");
        for landmark in ["head", "header", "nav", "main", "h1"] {
            assert_eq!(page.all(landmark).count(), 1, "{name}: {landmark}");
        }
    }
    assert_ne!(Page::parse("<p><b></p>").errors, [""; 0], "an error is seen");
}

#[test]
fn json_inside_is_the_report_and_the_report_id_its_hash() {
    for name in ["office-network", "client-licenses-removed"] {
        let folder = scenario(name);
        let page = page(folder.to_str().unwrap(), &[]);
        let without_run = |mut report: Value| {
            report.as_object_mut().unwrap().remove("run");
            report
        };
        let json = calhive(["scan", "-q", "--format", "json", folder.to_str().unwrap()]).json();
        assert_eq!(without_run(page.json()), without_run(json), "{name}");
        let id = HEXLOWER.encode(&Sha256::digest(page.json_text()));
        let header = page.all("header").next().unwrap();
        assert!(header.text.contains(&id), "{name}");
        let margins = page.all("style").nth(1).unwrap();
        assert!(margins.text.contains(&id[..16]), "{name}");
    }
}

#[test]
fn policy_allows_only_the_styles_and_the_script_of_the_page() {
    let page = page(scenario("office-network").to_str().unwrap(), &["--case", "</style>"]);
    let is_policy = |element: &&super::html_page::Element| {
        element.attributes.get("http-equiv").is_some_and(|it| it == "Content-Security-Policy")
    };
    let policy = &page.all("meta").find(is_policy).unwrap().attributes["content"];
    let hash = |text: &str| format!("'sha256-{}'", BASE64.encode(&Sha256::digest(text)));
    let styles: Vec<String> = page.all("style").map(|style| hash(&style.text)).collect();
    let scripts: Vec<String> = page
        .all("script")
        .filter(|script| !script.attributes.contains_key("type"))
        .map(|script| hash(&script.text))
        .collect();
    assert_eq!((styles.len(), scripts.len()), (2, 1));
    assert_eq!(
        *policy,
        format!(
            "default-src 'none'; style-src {}; script-src {}; base-uri 'none'; form-action 'none'",
            styles.join(" "),
            scripts[0]
        )
    );
    for element in &page.elements {
        for (name, value) in &element.attributes {
            let is_inline = name.starts_with("on") || name == "style" || name == "src";
            let leads_away = name == "href" && !value.starts_with('#');
            assert!(!is_inline && !leads_away, "{}: {name}={value}", element.name);
        }
    }
}

#[test]
fn hostile_text_stays_text() {
    let folder = fleet(1);
    let case = "<img src=x onerror=alert(1)>\u{202E}\u{1B}";
    let page = page(folder.path(), &["--case", case]);
    assert_eq!(page.all("img").count(), 0);
    assert_eq!(page.errors, [""; 0]);
    assert!(page.with_id("host-1").text.contains(HOSTILE_NAME));
    assert!(!page.json_text().contains(['<', '>']) && page.json_text().contains(r"\u003cimg src"));
    let escaped = r"<img src=x onerror=alert(1)>\u{202E}\u{1B}";
    assert!(page.all("header").next().unwrap().text.contains(escaped));
    let run = html(folder.path(), &["--case", case]);
    let bad = run
        .text()
        .chars()
        .find(|letter| (letter.is_control() && *letter != '\n') || *letter == '\u{202E}');
    assert_eq!(bad, None);
}

#[test]
fn local_time_is_beside_utc() {
    let folder = scenario("client-licenses-removed");
    let folder = folder.to_str().unwrap();
    let written = "2023-09-18T13:07:55.7654321Z";
    let local = format!("{written} (2023-09-18 15:07:55 +02:00)");
    let (utc, both) = (html(folder, &[]), html(folder, &["--time-zone", "Europe/Berlin"]));
    let shown = |run: &Run| {
        let page = Page::parse(run.text());
        page.all("main").next().unwrap().text.clone()
    };
    let (utc, both) = (shown(&utc), shown(&both));
    assert!(utc.contains(written) && !utc.contains("+02:00"));
    let times = utc.matches(written).count();
    assert!(times > 3 && both.matches(written).count() == times);
    assert_eq!(both.matches(&local).count(), times, "a time lacks its local time");
    let unknown = html(folder, &["--time-zone", "Europe/Atlantis"]).code(2);
    assert!(unknown.err.contains("Europe/Atlantis"), "{}", unknown.err);
}

#[test]
fn lanes_are_hosts_and_above_two_hundred_license_servers() {
    let lanes = |page: &Page, attribute: &str| -> Vec<String> {
        let lanes = page.elements.iter().filter(|element| element.has_class("lane"));
        lanes.filter_map(|lane| lane.attributes.get(attribute).cloned()).collect()
    };
    let few = page(fleet(3).path(), &[]);
    assert_eq!(lanes(&few, "data-host"), ["host-1", "host-2", "host-3"]);
    let many = page(fleet(201).path(), &["--no-second-reader"]);
    assert_eq!(lanes(&many, "data-host"), [""; 0]);
    assert_eq!(lanes(&many, "data-server"), ["RDLIC01", "RDLIC02"]);
    let columns = many.elements.iter().filter_map(|it| it.attributes.get("data-licenses"));
    assert_eq!(columns.map(|number| number.parse::<u32>().unwrap()).sum::<u32>(), 201);
    // The table of facts stays whole.
    let report = many.json();
    let is_found =
        |fact: &&Value| ["set", "incomplete", "key", "key_name"].contains(&text(&fact["state"]));
    let found = items(&report, "facts").iter().filter(is_found).count();
    let rows = many.all("tr").filter(|row| row.id().starts_with("fact-")).count();
    assert!(rows > 201 * 20 && rows == found, "{rows} rows, {found} facts");
}

#[test]
fn size_is_in_proportion_to_the_number_of_hosts() {
    let size = |machines: usize| html(fleet(machines).path(), &[]).out.len();
    let [one, ten, twenty] = [1, 10, 20].map(size);
    let host = (twenty - ten) / 10;
    assert!(host < 250_000, "{host} bytes a host");
    assert!(one < 2 * host && ten - one < 10 * host, "{one}, {ten}, {twenty}");
}
