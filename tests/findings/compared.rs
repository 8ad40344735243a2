// SPDX-License-Identifier: MIT OR Apache-2.0
//! The page that sets Microsoft's tools beside calhive names tests that exist.

use std::path::Path;

#[test]
fn every_row_of_the_comparison_names_a_test_that_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = std::fs::read_to_string(root.join("src/licensing/compared.md")).unwrap();
    let mut tests = String::new();
    for folder in ["tests/token", "tests/findings", "tests/licensing"] {
        for entry in std::fs::read_dir(root.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "rs") {
                tests += &std::fs::read_to_string(path).unwrap();
            }
        }
    }
    let (mut fields, mut checks) = (0, 0);
    let (of_tsctst, of_diagnoser) = page.split_once("## What the licensing diagnoser").unwrap();
    for (part, count) in [(of_tsctst, &mut fields), (of_diagnoser, &mut checks)] {
        for line in part.lines().filter(|line| line.starts_with("| ") && line.ends_with(" |")) {
            let test = line.trim_end_matches(" |").rsplit("| ").next().unwrap();
            if test == "Test" {
                continue;
            }
            *count += 1;
            // What cannot be told from hives says so, and has no test.
            if test == "-" {
                assert!(line.contains("| no: "), "{line}");
                continue;
            }
            let name = test.trim_matches('`');
            assert!(tests.contains(&format!("fn {name}()")), "{line}");
        }
    }
    assert_eq!((fields, checks), (15, 11));
}
