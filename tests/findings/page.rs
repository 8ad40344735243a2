// SPDX-License-Identifier: MIT OR Apache-2.0
//! The documentation page of the findings is generated from them.

use std::fmt::Write as _;
use std::path::Path;

use calhive::findings;
use calhive::findings::FindingPage as Page;

const GROUPS: [(&str, &str); 8] = [
    ("client", "Client"),
    ("host", "Session host"),
    ("license_server", "License server"),
    ("system", "System"),
    ("hive", "Hive"),
    ("second_reader", "Second reader"),
    ("across", "Across hosts"),
    ("copies", "Copies of hives"),
];

fn page() -> String {
    let mut text = String::from(
        "These pages are generated from the table of findings, and a test keeps them up to date. The severity says \
         how\nmuch a finding deserves a look, never guilt. If the role of a host is unknown, the severity is info.\n",
    );
    for (prefix, title) in GROUPS {
        writeln!(text, "\n# {title}").unwrap();
        for page in findings::pages().filter(|page| page.code.split('.').next() == Some(prefix)) {
            write_page(&mut text, page);
        }
    }
    text
}

fn write_page(text: &mut String, page: &Page) {
    // Brackets would become links.
    let plain = |text: &str| text.replace('[', "\\[").replace('_', "\\_").replace('*', "\\*");
    let Page { code, title, severity, certainty, .. } = page;
    writeln!(text, "\n## `{code}`\n\n{}; {severity}, {certainty}.\n", plain(title)).unwrap();
    for (label, part) in [
        ("Raised when", page.rule),
        ("It shows", page.shows),
        ("It does not show", page.does_not_show),
        ("Innocent explanations", &page.innocent.join("; ")),
        ("Validated on", page.validated_on),
        ("Source", page.source),
    ] {
        writeln!(text, "- *{label}:* {}", plain(part)).unwrap();
    }
    // Commands are already in backticks.
    writeln!(text, "- *To reproduce:* {}", page.reproduce.replace('[', "\\[")).unwrap();
}

#[test]
fn page_of_findings_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/interpret/findings/findings.md");
    let page = page();
    if std::env::var_os("CALHIVE_BLESS").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap().replace('\r', "");
    assert_eq!(kept, page, "run the test with CALHIVE_BLESS=1");
}

#[test]
fn finding_pages_have_a_group_and_are_found_by_code() {
    for page in findings::pages() {
        let prefix = page.code.split('.').next().unwrap();
        assert!(GROUPS.iter().any(|(group, _)| *group == prefix), "{}", page.code);
        assert_eq!(findings::page(&page.code.to_uppercase()), Some(page));
        for part in [page.title, page.rule, page.shows, page.does_not_show, page.reproduce] {
            assert!(part.len() > 10, "{}: {part}", page.code);
        }
    }
    assert_eq!(findings::page("client.token"), None);
}
