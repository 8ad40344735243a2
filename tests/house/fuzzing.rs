// SPDX-License-Identifier: MIT OR Apache-2.0
//! The table of fuzz targets names every target, and everything that the table names exists.

use std::collections::BTreeSet;
use std::fs::read_to_string;

use crate::house::project;

/// Row of `fuzz/targets`.
struct Row {
    name: String,
    kind: String,
    dictionary: String,
    seeds: String,
}

fn rows() -> Vec<Row> {
    let text = read_to_string(project().join("fuzz/targets")).unwrap();
    let row = |line: &str| {
        let [name, kind, dictionary, seeds] = line.split_whitespace().collect::<Vec<_>>()[..]
        else {
            panic!("{line}")
        };
        let [name, kind, dictionary, seeds] =
            [name, kind, dictionary, seeds].map(ToOwned::to_owned);
        Row { name, kind, dictionary, seeds }
    };
    text.lines().filter(|line| !line.starts_with('#')).map(row).collect()
}

#[test]
fn every_fuzz_target_is_in_the_table_with_what_it_needs() {
    let fuzz = project().join("fuzz");
    let rows = rows();
    let named: BTreeSet<String> = rows.iter().map(|row| row.name.clone()).collect();
    assert_eq!(named.len(), rows.len(), "a target stands twice in the table");
    let stem = |path: std::path::PathBuf| path.file_stem().unwrap().to_str().unwrap().to_owned();
    let files = std::fs::read_dir(fuzz.join("fuzz_targets")).unwrap();
    let files: BTreeSet<String> = files.map(|entry| stem(entry.unwrap().path())).collect();
    assert_eq!(named, files);
    let manifest = read_to_string(fuzz.join("Cargo.toml")).unwrap();
    let page = read_to_string(fuzz.join("README.md")).unwrap();
    for Row { name, kind, dictionary, seeds } in rows {
        assert!(["core", "other"].contains(&kind.as_str()), "{name}: {kind}");
        assert!(manifest.contains(&format!("path = \"fuzz_targets/{name}.rs\"")), "{name}");
        assert!(page.contains(&format!("\n| `{name}` |")), "{name} is not in fuzz/README.md");
        let target = read_to_string(fuzz.join(format!("fuzz_targets/{name}.rs"))).unwrap();
        assert!(target.contains(&format!("calhive_fuzz::{name}(bytes)")), "{name}: {target}");
        if dictionary != "-" {
            let file = fuzz.join(format!("dictionaries/{dictionary}.dict"));
            assert!(file.is_file(), "{name}: {dictionary}");
        }
        for folder in seeds.split(',').filter(|folder| *folder != "-") {
            assert!(fuzz.join("seeds").join(folder).is_dir(), "{name}: {folder}");
        }
    }
}
