// SPDX-License-Identifier: MIT OR Apache-2.0
//! Every location of the catalog, with a scenario that sets it and the expected fact.
//!
//! `places.txt` lists the expected facts. They come from the recipes of the scenarios, not from the
//! output of calhive.

use calhive::regf::hive::look_up::LookUp;
use std::collections::BTreeMap;

use calhive::catalog::LOCATIONS;
use calhive::fact::{Source, State};
use calhive::report::FactReport;

const PLACES: &str = include_str!("places.txt");

/// Facts of each scenario.
fn facts() -> BTreeMap<&'static str, Vec<FactReport>> {
    let of = |scenario: &hive_forge::scenario::Scenario| {
        let facts = scenario.files().into_iter().map(|(file, bytes)| {
            let hive = calhive::Hive::parse(&bytes).unwrap();
            calhive::collect(&Source::new(hive, file), LookUp::Thorough)
        });
        calhive::interpret(&facts.collect::<Vec<_>>(), None).facts
    };
    hive_forge::scenario::all().iter().map(|scenario| (scenario.name, of(scenario))).collect()
}

/// Whether a text matches a pattern. `*` matches any part.
fn is_like(text: &str, wanted: &str) -> bool {
    let mut parts = wanted.split('*');
    let Some(mut rest) = text.strip_prefix(parts.next().unwrap()) else { return false };
    let mut last = "";
    for part in parts {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
        last = part;
    }
    rest.is_empty() || (wanted.contains('*') && last.is_empty())
}

/// Place of a fact, without the control set.
fn place(fact: &FactReport) -> String {
    let place = &fact.provenance;
    let key = match &place.control_set {
        Some(_) => place.key_path.split_once('\\').unwrap().1,
        None => &place.key_path,
    };
    match &place.value_name {
        Some(value) => format!("{key}, {value}"),
        None => key.to_owned(),
    }
}

#[test]
fn catalog_locations_are_set_in_a_scenario_and_read() {
    let facts = facts();
    let mut seen: BTreeMap<&str, u32> = BTreeMap::new();
    let is_row = |line: &&str| !line.is_empty() && !line.starts_with(['#', '[']);
    for line in PLACES.lines().filter(is_row) {
        let row: Vec<&str> = line.split('|').map(str::trim).collect();
        let [code, scenario, wanted, shown] = row[..] else { panic!("four fields: {line}") };
        *seen.entry(code).or_default() += 1;
        let of_place: Vec<&FactReport> = facts[scenario]
            .iter()
            .filter(|fact| {
                fact.code.as_str() == code && fact.state.is_found() && is_like(&place(fact), wanted)
            })
            .collect();
        assert!(!of_place.is_empty(), "{line}");
        let fits = |fact: &&FactReport| {
            assert_ne!(fact.state, State::Incomplete, "{line}");
            is_like(fact.shown.as_deref().unwrap_or_default(), shown)
        };
        assert!(of_place.iter().any(fits), "{line}: {:?}", of_place[0].shown);
    }
    let missing: Vec<&str> = LOCATIONS
        .iter()
        .map(|location| location.code.as_str())
        .filter(|it| !seen.contains_key(it))
        .collect();
    assert_eq!(missing, [""; 0], "without a row");
    println!("{} rows for {} places", seen.values().sum::<u32>(), LOCATIONS.len());
    assert!(LOCATIONS.len() > 50, "{}", LOCATIONS.len());
}

#[test]
fn different_text_does_not_match() {
    assert!(is_like("blob of 3 bytes, master key x", "blob of * bytes, master key *"));
    assert!(is_like("", "") && is_like("any", "*"));
    assert!(!is_like("1945 bytes", "1945") && !is_like("1945", "1945 bytes"));
    assert!(!is_like("blob of 3", "blob of * bytes"));
}
