// SPDX-License-Identifier: MIT OR Apache-2.0
//! The list of public functions: each names the entry point that covers it, or states that its work does
//! not depend on the input. A new function fails the test until it is listed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::entries;

/// Entry of the list for a function whose work does not depend on the input.
const CONSTANT: &str = "constant";

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else {
            found.push(path);
        }
    }
}

/// Returns the type of an `impl` line.
fn subject(line: &str) -> String {
    let after = line.split(" for ").last().unwrap_or(line);
    let after = after.strip_prefix("impl").unwrap_or(after).trim_start();
    // Without the generics of the `impl` itself.
    let after = match after.strip_prefix('<') {
        Some(rest) => rest.split_once("> ").map_or(rest, |(_, rest)| rest),
        None => after,
    };
    after.chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect()
}

/// Returns the public functions, as `file Type::function`.
fn functions() -> Vec<String> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let (mut paths, mut found) = (Vec::new(), Vec::new());
    files(&src, &mut paths);
    for path in paths {
        let text = std::fs::read_to_string(&path).unwrap();
        let file = path.strip_prefix(&src).unwrap().to_str().unwrap().replace('\\', "/");
        let mut of = String::new();
        for line in text.lines().take_while(|line| *line != "#[cfg(test)]") {
            if line.starts_with("impl") {
                of = subject(line) + "::";
            } else if line.starts_with('}') {
                of.clear();
            }
            let line = line.trim_start();
            let start = ["pub fn ", "pub const fn ", "pub unsafe fn "]
                .iter()
                .find_map(|start| line.strip_prefix(start));
            if let Some(rest) = start {
                let name: String =
                    rest.chars().take_while(|it| it.is_alphanumeric() || *it == '_').collect();
                found.push(format!("{file} {of}{name}"));
            }
        }
    }
    found.sort();
    found.dedup();
    found
}

#[test]
fn each_public_function_is_listed_with_the_entry_point_that_covers_it() {
    let list = include_str!("interface.txt");
    let listed: BTreeMap<&str, &str> =
        list.lines().filter_map(|line| line.split_once(": ")).collect();
    assert_eq!(listed.len(), list.lines().count(), "each line is a function and what covers it");
    let functions = functions();
    let missing: Vec<_> = functions.iter().filter(|it| !listed.contains_key(it.as_str())).collect();
    assert!(missing.is_empty(), "not in interface.txt: {missing:#?}");
    let gone: Vec<_> = listed.keys().filter(|it| !functions.iter().any(|of| of == *it)).collect();
    assert!(gone.is_empty(), "no longer public: {gone:#?}");
    let table = entries::all();
    for (function, covered) in listed {
        let is_known = covered == CONSTANT || table.iter().any(|entry| entry.name == covered);
        assert!(is_known, "{function}: no entry point {covered:?}");
    }
}
