// SPDX-License-Identifier: MIT OR Apache-2.0
//! Every changed field of the manipulated hives is named with its offset, and the page
//! `docs/manipulated.md` lists the fields.

use std::collections::BTreeSet;

use calhive_regf::hive::hidden::Weight;
use calhive_regf::hive::violation::Violation;
use calhive_regf::{ErrorKind, Hive};
use hive_forge::manipulated::{self, Case, Change, Class};

/// Names of a changed field, as `hidden` and `check` print them.
fn names(case: &Case, change: &Change) -> BTreeSet<String> {
    let hive = Hive::parse(&case.bytes).unwrap();
    let mut names = BTreeSet::new();
    for item in hive.hidden().iter().filter(|item| item.place.get() == change.offset as u64) {
        names.insert(item.by.to_string());
    }
    if names.is_empty() {
        // The field hides nothing, so only the check names the field.
        hive.check(|Violation { error, .. }| {
            if error.offset().get() == change.offset as u64 {
                names.insert(match error.kind() {
                    ErrorKind::Mismatch { structure, field, .. } => {
                        format!("{field} of the {structure}")
                    }
                    kind => kind.to_string(),
                });
            }
        });
    }
    names
}

/// Lines of the table: problem, change, changed fields, and named fields, with the trees.
fn lines() -> Vec<([String; 4], Vec<&'static str>)> {
    let mut lines: Vec<([String; 4], Vec<&'static str>)> = Vec::new();
    for case in manipulated::cases() {
        if case.class != Class::Manipulated {
            continue;
        }
        let (problem, change) = case.headings();
        let (mut fields, mut named) = (Vec::new(), BTreeSet::new());
        for change in &case.changes {
            named.extend(names(&case, change));
            if !fields.contains(&change.field) {
                fields.push(change.field);
            }
        }
        let named: Vec<String> = named.into_iter().collect();
        let line = [problem.to_owned(), change.to_owned(), fields.join(", "), named.join("; ")];
        match lines.iter_mut().find(|(known, _)| *known == line) {
            Some((_, trees)) => trees.push(case.tree),
            None => lines.push((line, vec![case.tree])),
        }
    }
    lines
}

const HEAD: &str = "# Manipulated hives

hive-forge writes these hives for the class \"manipulated registry\" of NIST's test plan for registry
tools. Each hive has one or several changed fields that hide content or contradict other fields.
`info --check` names a changed field of each hive, with its offset. If the field hides content, `walk
--hidden` names the same field and shows the content with its path.

A test of the reader writes this page.

| Problem | Change | Field changed | Field named | Trees |
|---|---|---|---|---|
";

#[test]
fn every_changed_field_of_manipulated_hives_is_named() {
    let lines = lines();
    let mut page = HEAD.to_owned();
    for ([problem, change, fields, named], trees) in &lines {
        let trees = trees.join(", ");
        page += &format!("| {problem} | {change} | {fields} | {named} | {trees} |\n");
    }
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/manipulated.md");
    if std::env::var_os("CALHIVE_BLESS").is_some() {
        std::fs::write(path, &page).unwrap();
    }
    // The encodings are mixed, not manipulated: nothing changed.
    let is_unnamed = |([.., fields, named], _): &&([String; 4], Vec<&str>)| {
        named.is_empty() && !fields.is_empty()
    };
    let unnamed: Vec<_> = lines.iter().filter(is_unnamed).collect();
    assert!(unnamed.is_empty(), "{unnamed:#?}");
    // A checkout can change the ends of lines.
    let kept = std::fs::read_to_string(path).unwrap_or_default().replace('\r', "");
    assert_eq!(kept, page, "run the test with CALHIVE_BLESS=1");
}

/// `info --check` and `walk --hidden` name the same fields.
#[test]
fn check_and_hidden_name_the_same_fields() {
    for case in manipulated::cases() {
        let hive = Hive::parse(&case.bytes);
        let Ok(hive) = hive else { continue };
        let mut checked = BTreeSet::new();
        hive.check(|Violation { error, .. }| {
            if let ErrorKind::Hidden { by, .. } = error.kind() {
                checked.insert((error.offset(), by));
            }
        });
        let hidden = hive.hidden();
        let hidden = hidden.iter().filter(|item| item.weight == Weight::Contradiction);
        let hidden: BTreeSet<_> = hidden.map(|item| (item.place, item.by)).collect();
        assert_eq!(checked, hidden, "{} of {}", case.name, case.tree);
    }
}
