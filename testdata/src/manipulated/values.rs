// SPDX-License-Identifier: MIT OR Apache-2.0

//! MR: values and their names are hidden.

use super::case::Case;
use super::manipulation::{Manipulation, NO_CELL};
use super::subject::{Subject, value_record};
use super::trees::Laboratory;
use crate::record::COMP_NAME_VALUE;

/// The flipped bit.
const COMP_NAME: u64 = COMP_NAME_VALUE as u64;

/// All of them, for one tree.
pub(super) fn cases(laboratory: &Laboratory) -> Vec<Case> {
    let subject = laboratory.subject();
    let mut cases = counts(laboratory, &subject);
    cases.extend(lists(laboratory, &subject));
    cases.extend(elements(laboratory, &subject));
    cases.extend(names(laboratory, &subject));
    cases
}

fn counts(laboratory: &Laboratory, subject: &Subject) -> Vec<Case> {
    let path = laboratory.targets.values;
    let key = format!("key {path}");
    let names = value_names(subject, path);
    let last = names.len() - 1;
    let lowered =
        |count| Manipulation::new(subject).change("value count", &key, "value_count", count);
    vec![
        lowered(0).hides_values(path, &names).case("values hidden: key's count 0"),
        lowered(last as u64)
            .hides_value((path, &names[last]))
            .case("values hidden: key's count lowered by one"),
    ]
}

fn lists(laboratory: &Laboratory, subject: &Subject) -> Vec<Case> {
    let path = laboratory.targets.values;
    let key = format!("key {path}");
    let other = format!("key {}", laboratory.targets.other_values);
    let names = value_names(subject, path);
    let hidden = |done: Manipulation<'_>, name| done.hides_values(path, &names).case(name);
    let manipulation = || Manipulation::new(subject);
    vec![
        hidden(
            manipulation().change("value count", &key, "value_count", 0).change(
                "value list",
                &key,
                "values",
                NO_CELL,
            ),
            "values hidden: list offset NIL, key's count 0",
        ),
        hidden(
            manipulation().change("value list", &key, "values", NO_CELL),
            "values hidden: list offset NIL",
        ),
        hidden(
            manipulation().copy("value list", (&key, "values"), (&other, "values")),
            "values hidden: list offset of another key",
        ),
        hidden(
            manipulation()
                .copy("value count", (&key, "value_count"), (&other, "value_count"))
                .copy("value list", (&key, "values"), (&other, "values")),
            "values hidden: list offset and count of another key",
        ),
    ]
}

fn elements(laboratory: &Laboratory, subject: &Subject) -> Vec<Case> {
    let path = laboratory.targets.values;
    let list = format!("values {path}");
    let names = value_names(subject, path);
    let last = names.len() - 1;
    let element = format!("element {last}");
    let neighbor = format!("element {}", last - 1);
    let hidden = |done: Manipulation<'_>, name| done.hides_value((path, &names[last])).case(name);
    let manipulation = || Manipulation::new(subject);
    vec![
        hidden(
            manipulation().copy("value element", (&list, &element), (&list, &neighbor)),
            "values hidden: list element of its neighbor",
        ),
        hidden(
            manipulation().change("value element", &list, &element, NO_CELL),
            "values hidden: list element NIL",
        ),
    ]
}

fn names(laboratory: &Laboratory, subject: &Subject) -> Vec<Case> {
    let place = laboratory.targets.text;
    let value = value_record(place);
    let manipulation = || Manipulation::new(subject);
    vec![
        manipulation()
            .change("value name length", &value, "name_length", 0)
            .hides_value_name(place)
            .case("value name hidden: length 0"),
        manipulation()
            .flip("value name flag", &value, "flags", COMP_NAME)
            .hides_value_name(place)
            .case("value name hidden: COMP_NAME flipped"),
        flags_flipped(laboratory, subject),
    ]
}

/// Returns the case of swapped name flags in one key: Latin-1 names as UTF-16, and UTF-16 names as
/// Latin-1.
fn flags_flipped(laboratory: &Laboratory, subject: &Subject) -> Case {
    let path = laboratory.targets.values;
    let flipped =
        value_names(subject, path).iter().fold(Manipulation::new(subject), |done, name| {
            let value = value_record((path, name));
            done.flip("value name flag", &value, "flags", COMP_NAME).hides_value_name((path, name))
        });
    flipped.case("value name flags flipped: each value of a key")
}

fn value_names(subject: &Subject, path: &str) -> Vec<String> {
    subject.key(path).values.iter().map(|value| value.name.to_string()).collect()
}
