// SPDX-License-Identifier: MIT OR Apache-2.0
//! Each test that a page names exists, and each attempt against a promise names one of the promises.

use std::collections::BTreeSet;

use crate::house::project;
use crate::house::sources;

/// A page with tables whose last column has the title `Tests`, and the smallest number of their rows.
const PAGES: [(&str, usize); 3] =
    [("SECURITY.md", 18), ("docs/dependencies.md", 10), ("docs/readers.md", 30)];

/// A row of a table: its line and the tests that its last cell names.
#[derive(Debug, PartialEq, Eq)]
struct Row<'t> {
    line: &'t str,
    tests: Vec<&'t str>,
}

/// Returns the cells of a row of a table.
fn cells(line: &str) -> Option<Vec<&str>> {
    let row = line.trim().strip_prefix('|')?.strip_suffix('|')?;
    Some(row.split(" | ").map(str::trim).collect())
}

/// Returns the rows of all tables of a page whose last column has the title `Tests`.
fn rows(page: &str) -> Vec<Row<'_>> {
    let (mut rows, mut has_tests) = (Vec::new(), false);
    for line in page.lines() {
        let Some(cells) = cells(line) else {
            has_tests = false;
            continue;
        };
        let last = *cells.last().unwrap();
        if last == "Tests" {
            has_tests = true;
        } else if has_tests && !last.starts_with("---") {
            let tests = last.split(", ").map(|name| name.trim_matches('`')).collect();
            rows.push(Row { line, tests });
        }
    }
    rows
}

/// Returns the name of every test in the sources.
fn tests() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for folder in ["regf", "evidence", "src", "cli", "tests", "testdata"] {
        for path in sources::files(&project().join(folder)) {
            let text = std::fs::read_to_string(path).unwrap();
            for after in text.split("#[test]").skip(1) {
                let name = after.split_once("fn ").map_or("", |(_, name)| name);
                let end = name.find(|c: char| !c.is_alphanumeric() && c != '_');
                found.insert(name[..end.unwrap_or(name.len())].to_owned());
            }
        }
    }
    found
}

/// Returns the rows that name no test, or a test that does not exist.
fn without_test<'t>(page: &'t str, tests: &BTreeSet<String>) -> Vec<&'t str> {
    let lacks = |row: &Row<'_>| !row.tests.iter().all(|name| tests.contains(*name));
    rows(page).into_iter().filter(lacks).map(|row| row.line).collect()
}

#[test]
fn every_test_that_a_page_names_exists() {
    let tests = tests();
    assert!(tests.len() > 1000, "{}", tests.len());
    for (name, fewest) in PAGES {
        let page = std::fs::read_to_string(project().join(name)).unwrap();
        assert_eq!(without_test(&page, &tests), [""; 0], "{name}");
        assert!(rows(&page).len() >= fewest, "{name}: {} rows", rows(&page).len());
    }
}

#[test]
fn row_without_an_existing_test_is_reported() {
    let tests = BTreeSet::from(["walk_ends".to_owned()]);
    let page = "| Promise | Tests |\n|---|---|\n| ends | `walk_ends` |\n| pays | `walk_pays` |\n| empty |  |\n\n\
                | Limit | Value |\n|---|---|\n| depth | 512 |\n";
    assert_eq!(without_test(page, &tests), ["| pays | `walk_pays` |", "| empty |  |"]);
}

/// A promise has a number in the first cell of its row: `P1`. An attempt names the number that it attacks.
#[test]
fn attempt_names_a_promise_and_each_promise_was_attacked() {
    let page = std::fs::read_to_string(project().join("SECURITY.md")).unwrap();
    let numbered = |line: &str| {
        let cells = cells(line)?;
        let number = cells.first()?.strip_prefix('P')?.parse::<u32>().ok()?;
        Some((number, cells.len()))
    };
    let (promises, attempts) = page.split_once("\n## Attempts").unwrap();
    let promises: Vec<u32> =
        promises.lines().filter_map(numbered).map(|(number, _)| number).collect();
    let expected: Vec<u32> = (1..).take(promises.len()).collect();
    assert_eq!(promises, expected, "the promises are not numbered from 1 on");
    let attacked: BTreeSet<u32> =
        attempts.lines().filter_map(numbered).map(|(number, _)| number).collect();
    assert_eq!(attacked, promises.into_iter().collect());
}

/// Opening a pipe waits for its writer, and a link can be put in the place of a file. One function opens all evidence.
#[test]
fn files_are_opened_without_waiting() {
    let mut read = 0;
    for folder in ["regf/src", "evidence/src", "src", "cli/src"] {
        for path in sources::files(&project().join(folder)) {
            let is_of_tests = path.components().any(|part| part.as_os_str() == "tests")
                || ["tests.rs", "scratch.rs", "trial.rs"].iter().any(|name| path.ends_with(name));
            let text = std::fs::read_to_string(&path).unwrap();
            for line in sources::code(&text).filter(|_| !is_of_tests) {
                // These two open files by that function.
                let line = line.replace("RawFile::open(", "").replace("ReopenedFile::open(", "");
                for call in ["File::open(", "fs::read(", "fs::read_to_string("] {
                    assert!(!line.contains(call), "{}: {line}", path.display());
                }
            }
            read += 1;
        }
    }
    assert!(read > 300, "{read}");
}
