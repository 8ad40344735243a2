// SPDX-License-Identifier: GPL-3.0-or-later
//! `calhive explain`.

use super::{assert_harmless, calhive};
use calhive::catalog::{LOCATIONS, terms};
use calhive::findings;

/// A text without its line ends.
fn in_one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[track_caller]
fn assert_fits(text: &str) {
    // Words that are longer than a line stay whole.
    let is_short = |line: &str| line.chars().count() <= 100 || !line.trim().contains(' ');
    assert!(text.lines().all(is_short), "{text}");
}

#[test]
fn every_finding_has_its_page() {
    for page in findings::pages() {
        let run = calhive(["explain", page.code]).code(0);
        let text = run.text();
        assert_eq!(run.err, "");
        assert!(text.starts_with(&format!("{}\n{}\n\n", page.title, page.code)), "{text}");
        let whole = in_one_line(text);
        for (heading, said) in [
            ("Severity", page.severity.to_string().as_str()),
            ("Certainty", page.certainty.to_string().as_str()),
            ("When it is raised", page.rule),
            ("What it shows", page.shows),
            ("What it does not show", page.does_not_show),
            ("Validated on", page.validated_on),
            ("How to see the same with another tool", page.reproduce),
            ("Source", page.source),
        ] {
            assert!(whole.contains(&in_one_line(&format!("{heading} {said}"))), "{said}: {text}");
        }
        for explanation in page.innocent {
            assert!(whole.contains(&in_one_line(&format!("- {explanation}"))), "{text}");
        }
        assert_fits(text);
    }
}

#[test]
fn codes_are_understood_in_any_case() {
    let run = calhive(["explain", "Client.TOKEN.Temporary"]).code(0);
    assert_eq!(run.out, calhive(["explain", "client.token.temporary"]).code(0).out);
}

#[test]
fn every_place_has_its_page() {
    for place in LOCATIONS {
        let run = calhive(["explain", place.code.as_str()]).code(0);
        let text = run.text();
        assert!(text.starts_with(&format!("{}\n{}\n\n", place.title, place.code)), "{text}");
        let whole = in_one_line(text);
        for part in [
            place.key,
            &format!("Windows {}", place.windows),
            &format!("Source {}", place.reference()),
        ] {
            assert!(whole.contains(&in_one_line(part)), "{part}: {text}");
        }
        assert_fits(text);
    }
}

#[test]
fn every_term_has_its_page_by_each_name() {
    for term in terms() {
        for name in term.names() {
            let run = calhive(["explain", name]).code(0);
            let text = run.text();
            let title = format!("{}\n{}\n", term.name, term.kind);
            assert!(text.contains(&title), "{name}: {text}");
            let whole = in_one_line(text);
            for part in [term.meaning, term.does_not_show, term.source, &term.see.join(", ")] {
                assert!(whole.contains(&in_one_line(part)), "{part}: {text}");
            }
            assert_fits(text);
        }
    }
}

#[test]
fn every_name_that_a_term_cites_is_a_topic() {
    let mut cited: Vec<&str> = terms().flat_map(|term| term.see.iter().copied()).collect();
    cited.sort_unstable();
    cited.dedup();
    assert!(cited.len() > 50, "{}", cited.len());
    for name in cited {
        assert_eq!(calhive(["explain", name]).code(0).err, "", "{name}");
    }
}

#[test]
fn registry_value_leads_to_each_place_with_it() {
    let text = calhive(["explain", "licensingmode"]).code(0);
    let codes = ["host.policy.licensing_mode", "host.rcm.licensing_mode"];
    for code in codes.into_iter().chain(["host.licensing_core.licensing_mode"]) {
        assert_eq!(text.text().matches(&format!("\n{code}\n")).count(), 1, "{}", text.text());
    }
    let key = calhive(["explain", "MSLicensing"]).code(0);
    assert!(key.text().contains("\nclient.mslicensing\n"), "{}", key.text());
    assert!(key.text().contains("license store\nword\n"), "{}", key.text());
}

#[test]
fn several_arguments_are_one_topic() {
    let joined = calhive(["explain", "grace period"]).code(0);
    assert_eq!(calhive(["explain", "Grace", "period"]).code(0).out, joined.out);
    assert!(joined.text().starts_with("grace period\nword\nalso: "), "{}", joined.text());
}

#[test]
fn field_of_the_report_is_explained_by_its_description() {
    let run = calhive(["explain", "client_reported_user"]).code(0);
    assert!(run.text().starts_with("client_reported_user\nfield of a token\n"), "{}", run.text());
    let field = "\n\n\nclient_reported_user\nfield of the JSON report\n\nLicenseReport.client_reported_user: ";
    assert!(run.text().contains(field), "{}", run.text());
    let run = calhive(["explain", "Host.registered_with"]).code(0);
    assert!(
        run.text().starts_with("registered_with\nfield of the JSON report\n\nHost."),
        "{}",
        run.text()
    );
}

#[test]
fn events_and_client_errors_name_their_sources() {
    for (number, sources) in [
        ("1004", &["[MS] cc775148", "KB 274805, 329896"][..]),
        ("1008", &["[MS] KB 329896"]),
        ("1010", &["[MS] KB 329896"]),
        ("event 1130", &["[MS] management pack", "[REAL] one event 50282"]),
        ("0x808", &["[MS] IMsTscAxEvents::OnDisconnected; KB 187614"]),
    ] {
        let run = calhive(["explain", number]).code(0);
        for source in sources {
            assert!(in_one_line(run.text()).contains(source), "{number}: {}", run.text());
        }
    }
}

#[test]
fn without_a_topic_all_are_listed_in_groups() {
    let run = calhive(["explain"]).code(0);
    assert_fits(run.text());
    let titles: Vec<&str> =
        run.text().lines().filter(|line| !line.starts_with(' ') && !line.is_empty()).collect();
    assert_eq!(
        titles,
        [
            "Findings",
            "Places in the registry",
            "Words",
            "Fields of a token",
            "Events, and errors of clients",
            "Fields of the JSON report",
        ]
    );
    let rows: Vec<String> = run.text().lines().map(in_one_line).collect();
    let findings = findings::pages().map(|page| format!("{} {}", page.code, page.title));
    let places = LOCATIONS.iter().map(|place| format!("{} {}", place.code, place.title));
    for row in findings.chain(places) {
        // A long title continues in the next line.
        let is_row = |line: &&String| row.starts_with(line.as_str()) && line.contains(' ');
        assert_eq!(rows.iter().filter(is_row).count(), 1, "{row}");
    }
    for term in terms() {
        let start = format!("{} ", term.name);
        assert!(rows.iter().any(|row| row.starts_with(&start)), "{}", term.name);
    }
    let (_, fields) = run.text().split_once("\nFields of the JSON report\n").unwrap();
    for name in ["client_reported_user", "filetime", "licensing_mode"] {
        assert!(fields.split_whitespace().any(|field| field == name), "{name}");
    }
}

#[test]
fn unknown_topic_is_answered_with_similar_names_and_the_list() {
    let run = calhive(["explain", "client.token.temporal"]).code(1);
    assert_eq!(
        run.err,
        "calhive: no topic has the name client.token.temporal; similar: client.token.temporary; \
         `calhive explain` lists all topics\n"
    );
    assert!(run.out.is_empty());
    let run = calhive(["explain", "\u{1b}[31m\u{202e}"]).code(1);
    assert_harmless(&run.err);
    assert!(run.err.ends_with("}; `calhive explain` lists all topics\n"), "{}", run.err);
}
