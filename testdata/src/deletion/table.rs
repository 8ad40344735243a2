// SPDX-License-Identifier: MIT OR Apache-2.0

//! Table of the classes of deletions in the README.

use super::classes::{Case, cases};
use super::truth::DeletedKind;
use crate::readme;

const BEGIN: &str = "<!-- deletions: written by `hive-forge scenarios` -->\n";
const END: &str = "<!-- end of deletions -->";

/// Returns `readme` with the table of the cases between its markers, or `None` without the markers.
pub fn insert_table(readme: &str) -> Option<String> {
    readme::insert(readme, BEGIN, END, &table(&cases()))
}

/// One line for the cases of a class, which follow each other.
fn table(cases: &[Case]) -> String {
    let mut table =
        "| Class | Deletion | Details | Trees: deleted items |\n|---|---|---|---|\n".to_owned();
    for class in cases.chunk_by(|case, next| case.name == next.name) {
        let (done, how) = class[0].headings();
        let of_trees = class.chunk_by(|case, next| counts(case) == counts(next));
        let of_trees: Vec<String> = of_trees
            .map(|alike| {
                let trees: Vec<&str> = alike.iter().map(|case| case.tree).collect();
                format!("{}: {}", trees.join(", "), counts(&alike[0]))
            })
            .collect();
        table += &format!("| NRD | {done} | {how} | {} |\n", of_trees.join("; "));
    }
    table
}

/// Numbers of deletions by kind.
fn counts(case: &Case) -> String {
    let kinds = [
        (DeletedKind::Key, ["key", "keys"]),
        (DeletedKind::Value, ["value", "values"]),
        (DeletedKind::Data, ["data", "data"]),
        (DeletedKind::Tail, ["tail", "tails"]),
    ];
    let counted = kinds.iter().filter_map(|(kind, words)| {
        let count = case.edited.truth.iter().filter(|deleted| deleted.kind == *kind).count();
        (count > 0).then(|| format!("{count} {}", words[usize::from(count > 1)]))
    });
    let counted: Vec<String> = counted.collect();
    if counted.is_empty() { "nothing is left".to_owned() } else { counted.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_table_is_up_to_date() {
        let package = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
        // A checkout can change the ends of lines.
        let readme = std::fs::read_to_string(package.join("README.md")).unwrap().replace('\r', "");
        assert!(insert_table(&readme) == Some(readme), "run `hive-forge scenarios`");
    }
}
