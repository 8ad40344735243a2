// SPDX-License-Identifier: MIT OR Apache-2.0

//! Table of the cases in the README.

use super::case::Case;
use super::cases;
use crate::readme;

const BEGIN: &str = "<!-- cases: written by `hive-forge scenarios` -->\n";
const END: &str = "<!-- end of cases -->";

/// Returns `readme` with the table of the cases between its markers, or `None` without the markers.
pub fn insert_table(readme: &str) -> Option<String> {
    readme::insert(readme, BEGIN, END, &table(&cases()))
}

/// Returns one line for equal cases of several trees.
fn table(cases: &[Case]) -> String {
    let mut table =
        "| Class | Problem | Change | Field | Trees |\n|---|---|---|---|---|\n".to_owned();
    let mut rest: Vec<&Case> = cases.iter().collect();
    while let Some(&case) = rest.first() {
        let (same, others) = rest.into_iter().partition(|other: &&Case| other.name == case.name);
        rest = others;
        let (matter, done) = case.headings();
        let trees: Vec<&str> = same.iter().map(|case| case.tree).collect();
        let (fields, trees) = (fields(case).join(", "), trees.join(", "));
        table += &format!("| {} | {matter} | {done} | {fields} | {trees} |\n", case.class);
    }
    table
}

/// Returns the changed fields, each once.
fn fields(case: &Case) -> Vec<&'static str> {
    let mut fields: Vec<&str> = case.changes.iter().map(|change| change.field).collect();
    fields.dedup();
    fields
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
