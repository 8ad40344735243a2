// SPDX-License-Identifier: MIT OR Apache-2.0
//! Every citation in a comment resolves to a heading of a page of the project.

use std::collections::BTreeSet;

use crate::house::project;
use crate::house::sources;

/// A page, and the names by which links cite it.
const PAGES: [(&str, &[&str]); 2] = [
    ("regf/docs/regf.md", &["regf.md#", "format#"]),
    ("docs/licensing.md", &["licensing.md#", "licensing#"]),
];

/// Returns the anchor that rustdoc makes of a heading.
fn anchor(heading: &str) -> String {
    let kept = heading.trim().to_lowercase();
    let kept = kept.chars().filter_map(|c| match c {
        ' ' => Some('-'),
        c if c.is_alphanumeric() || c == '-' || c == '_' => Some(c),
        _ => None,
    });
    kept.collect()
}

fn anchors(page: &str) -> BTreeSet<String> {
    let text = std::fs::read_to_string(project().join(page)).unwrap();
    let headings = text.lines().filter(|line| line.starts_with('#'));
    headings.map(|line| anchor(line.trim_start_matches('#'))).collect()
}

#[test]
fn every_citation_resolves() {
    let mut files = Vec::new();
    for folder in
        ["regf", "evidence/src", "src", "cli", "testdata/src", "testdata/tests", "tests", "benches"]
    {
        files.extend(sources::files(&project().join(folder)));
    }
    for (page, names) in PAGES {
        let anchors = anchors(page);
        let mut citations = 0;
        for path in files.iter().filter(|path| !path.ends_with("house/citations.rs")) {
            let text = std::fs::read_to_string(path).unwrap();
            for name in names {
                for after in text.split(name).skip(1) {
                    let end = after.find(|c: char| !(c.is_alphanumeric() || c == '-' || c == '_'));
                    let cited = &after[..end.unwrap_or(after.len())];
                    assert!(anchors.contains(cited), "{}: {name}{cited}", path.display());
                    citations += 1;
                }
            }
        }
        assert!(citations > 10, "{page}: {citations}");
    }
}

#[test]
fn no_comment_cites_a_page_outside_the_project() {
    for folder in [
        "regf",
        "evidence/src",
        "src",
        "cli",
        "testdata/src",
        "tests",
        "benches",
        "fuzz/fuzz_targets",
        "fuzz/src",
    ] {
        for path in sources::files(&project().join(folder)) {
            let text = std::fs::read_to_string(&path).unwrap();
            for line in text.lines() {
                for page in ["REGF", "LICENSING", "DESIGN"] {
                    let cites = |after: &str| after.starts_with(|c: char| c.is_ascii_digit());
                    let citation = format!("{page} ");
                    let mut parts = line.split(&citation).skip(1);
                    assert!(!parts.any(cites), "{}: {line}", path.display());
                }
            }
        }
    }
}
