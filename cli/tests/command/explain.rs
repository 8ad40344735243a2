// SPDX-License-Identifier: GPL-3.0-or-later
//! `calhive explain`.

use super::{assert_harmless, calhive};
use calhive::findings;

/// A text without its line ends.
fn in_one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
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
        // Words that are longer than a line stay whole.
        let is_short = |line: &str| line.chars().count() <= 100 || !line.trim().contains(' ');
        assert!(text.lines().all(is_short), "{text}");
    }
}

#[test]
fn codes_are_understood_in_any_case() {
    let run = calhive(["explain", "Client.TOKEN.Temporary"]).code(0);
    assert_eq!(run.out, calhive(["explain", "client.token.temporary"]).code(0).out);
}

#[test]
fn without_a_code_all_are_listed() {
    let run = calhive(["explain"]).code(0);
    let lines: Vec<&str> = run.text().lines().collect();
    assert_eq!(lines.len(), findings::pages().count());
    for (line, page) in lines.iter().zip(findings::pages()) {
        let (code, title) = line.split_once(' ').unwrap();
        assert_eq!((code, title.trim_start()), (page.code, page.title));
    }
}

#[test]
fn an_unknown_code_is_answered_with_similar_ones_and_the_list() {
    let run = calhive(["explain", "client.token.temporal"]).code(1);
    assert_eq!(
        run.err,
        "calhive: no finding has the code client.token.temporal; similar: client.token.temporary; \
         `calhive explain` lists all codes\n"
    );
    assert!(run.out.is_empty());
    let run = calhive(["explain", "\u{1b}[31m\u{202e}"]).code(1);
    assert_harmless(&run.err);
    assert!(run.err.ends_with("}; `calhive explain` lists all codes\n"), "{}", run.err);
}
