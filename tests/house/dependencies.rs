// SPDX-License-Identifier: MIT OR Apache-2.0
//! The page of the dependencies has a row for each direct one, and gives the versions and numbers of the lock.

use std::collections::{BTreeMap, BTreeSet};

use crate::house::project;

const PAGE: &str = "docs/dependencies.md";
/// The manifests, each with the heading of its table.
const MANIFESTS: [(&str, &str); 6] = [
    ("regf/Cargo.toml", "calhive-regf"),
    ("evidence/Cargo.toml", "calhive-evidence"),
    ("Cargo.toml", "calhive"),
    ("cli/Cargo.toml", "calhive-cli"),
    ("testdata/Cargo.toml", "hive-forge"),
    ("python/Cargo.toml", "calhive-python"),
];

fn text(path: &str) -> String {
    std::fs::read_to_string(project().join(path)).unwrap()
}

/// Returns the direct dependencies of a manifest.
fn dependencies(manifest: &str) -> BTreeSet<String> {
    let (mut found, mut is_inside) = (BTreeSet::new(), false);
    for line in manifest.lines() {
        if let Some(section) = line.strip_prefix('[') {
            is_inside = section.trim_end_matches(']').ends_with("dependencies");
        } else if let Some((name, _)) = line.split_once(" = ").filter(|_| is_inside)
            && name.chars().all(|it| it.is_ascii_alphanumeric() || "-_".contains(it))
        {
            found.insert(name.to_owned());
        }
    }
    found
}

/// Returns the rows below a heading: the name in the first cell, and the other cells.
fn rows<'p>(page: &'p str, heading: &str) -> BTreeMap<&'p str, Vec<&'p str>> {
    let (_, after) = page.split_once(&format!("\n## {heading}\n")).unwrap();
    let part = after.split("\n## ").next().unwrap();
    let rows = part.lines().filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |"));
    let cells = rows.map(|row| row.split(" | ").map(str::trim).collect::<Vec<_>>());
    let with_head = cells.map(|cells| (cells[0].trim_matches('`'), cells[1..].to_vec()));
    with_head.filter(|(name, _)| !["Dependency", "Package", "Crate"].contains(name)).collect()
}

#[test]
fn each_direct_dependency_has_a_reason() {
    let page = text(PAGE);
    let mut number = 0;
    for (manifest, heading) in MANIFESTS {
        let rows = rows(&page, heading);
        let named: BTreeSet<String> = rows.keys().map(|name| (*name).to_owned()).collect();
        assert_eq!(named, dependencies(&text(manifest)), "{heading}");
        for (name, cells) in rows {
            assert!(cells.len() == 2 && cells[1].len() > 3, "{heading}: {name} has no reason");
            number += 1;
        }
    }
    assert!(number > 80, "{number}");
}

#[test]
fn version_of_each_parser_is_that_of_the_lock() {
    let (page, lock) = (text(PAGE), text("Cargo.lock"));
    let rows = rows(&page, "Parsers of hostile bytes by other projects");
    assert!(rows.len() >= 10, "{rows:?}");
    for (name, cells) in rows {
        let entry = format!("name = \"{name}\"\nversion = \"{}\"\n", cells[0]);
        assert!(lock.contains(&entry), "{name} {}", cells[0]);
    }
}

/// A second version would be a second set of faults.
#[test]
fn python_package_has_the_versions_of_the_lock() {
    let (lock, python) = (text("Cargo.lock"), text("python/Cargo.lock"));
    let version = |entry: &str| entry.lines().take(2).collect::<Vec<_>>().join("\n");
    let entries = |lock: &str| lock.split("[[package]]\n").skip(1).map(version).collect::<Vec<_>>();
    let (versions, mut same) = (entries(&lock), 0);
    for entry in entries(&python) {
        let name = format!("{}\n", entry.lines().next().unwrap());
        if versions.iter().any(|it| it.starts_with(&name)) {
            assert!(versions.contains(&entry), "{entry}");
            same += 1;
        }
    }
    assert!(same > 80, "{same}");
}

/// Nothing that decrypts is in the library or in the command, unless somebody asks for the feature.
#[test]
fn no_cipher_is_in_a_default_build_of_the_library() {
    for (package, features, is_there) in
        [("calhive", &[][..], false), ("calhive", &["--features", "grace-end"][..], true)]
    {
        let fixed = ["tree", "--offline", "--locked", "-e", "normal", "--prefix", "none", "-p"];
        let mut cargo = std::process::Command::new(env!("CARGO"));
        let output =
            cargo.current_dir(project()).args(fixed).arg(package).args(features).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        for name in ["aes v", "des v", "rc4 v", "hmac v", "zeroize v"] {
            let found = text.lines().any(|line| line.starts_with(name));
            assert_eq!(found, is_there, "{package} {features:?}: {name}");
        }
    }
}

/// The numbers depend on the platform.
#[cfg(target_os = "linux")]
#[test]
fn numbers_of_crates_are_those_of_cargo_tree() {
    let page = text(PAGE);
    let count = |package: &str, all_features: &[&str]| {
        let fixed = ["tree", "--offline", "--locked", "-e", "normal", "--prefix", "none", "-p"];
        let mut cargo = std::process::Command::new(env!("CARGO"));
        let output = cargo
            .current_dir(project())
            .args(fixed)
            .arg(package)
            .args(all_features)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8(output.stdout).unwrap();
        let crates: BTreeSet<&str> =
            text.lines().map(|line| line.trim_end_matches(" (*)")).collect();
        crates.len().to_string()
    };
    let grace_end = count("calhive", &["--features", "grace-end"]).parse::<usize>().unwrap();
    let without = count("calhive", &[]).parse::<usize>().unwrap();
    let added = format!("`grace-end` of calhive adds {} crates", grace_end - without);
    assert!(grace_end - without <= 10 && page.contains(&added), "{added}");
    let rows = rows(&page, "Number of crates");
    assert_eq!(rows.len(), 4);
    for (package, cells) in rows {
        let counted = [count(package, &[]), count(package, &["--all-features"])];
        assert_eq!(cells, counted, "{package}");
    }
}
