// SPDX-License-Identifier: MIT OR Apache-2.0
//! The documentation page of the findings is made from them.

use std::fmt::Write as _;
use std::path::Path;

use calhive::licensing::findings::{self, Page};

const GROUPS: [(&str, &str); 4] = [
    ("client", "Client"),
    ("host", "Session host"),
    ("license_server", "Licence server"),
    ("across", "Across hosts"),
];

fn page() -> String {
    let mut text = String::from(
        "The pages are made from the table of findings; a test holds that they are up to date. Severity is how \
         much\nit matters to look, never guilt; where the role of a host is unknown it is info.\n",
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
    // Brackets would be taken for links.
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
    // Commands stand between backticks already.
    writeln!(text, "- *To reproduce:* {}", page.reproduce.replace('[', "\\[")).unwrap();
}

#[test]
fn the_page_of_the_findings_is_made_from_them() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/licensing/findings.md");
    let page = page();
    if std::env::var_os("CALHIVE_BLESS").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap().replace('\r', "");
    assert_eq!(kept, page, "run the test with CALHIVE_BLESS=1");
}

#[test]
fn every_page_belongs_to_a_group_and_is_found_by_its_code() {
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
