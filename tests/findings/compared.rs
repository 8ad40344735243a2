// SPDX-License-Identifier: MIT OR Apache-2.0
//! The page that compares Microsoft's tools with calhive names existing tests.

use std::path::Path;

#[test]
fn comparison_rows_name_existing_tests() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = std::fs::read_to_string(root.join("docs/compared.md")).unwrap();
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
            // A field that hives cannot show has no test, and its row says so.
            if test == "-" {
                assert!(line.contains("| no: "), "{line}");
                continue;
            }
            let name = test.trim_matches('`');
            assert!(tests.contains(&format!("fn {name}()")), "{line}");
        }
    }
    assert_eq!((fields, checks), (15, 12));
}
