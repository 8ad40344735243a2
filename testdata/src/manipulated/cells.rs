// SPDX-License-Identifier: MIT OR Apache-2.0

//! MR: sizes of cells, and the version in the base block, that hide keys, values, names and data.

use super::case::Case;
use super::manipulation::Manipulation;
use super::subject::{Place, Subject, value_record};
use super::trees::Laboratory;

/// All of them, for one tree.
pub(super) fn cases(laboratory: &Laboratory) -> Vec<Case> {
    let subject = laboratory.subject();
    let mut cases = keys(laboratory, &subject);
    cases.extend(values(laboratory, &subject));
    cases.extend(data(laboratory, &subject));
    cases.extend(big_data(laboratory));
    cases
}

/// Size of the cell of a record, as stored.
fn size(subject: &Subject, record: &str) -> u32 {
    (subject.hive.get(record, "cell_size") as u32).wrapping_neg()
}

/// Stores another size in the cell of a record.
fn resized<'s>(subject: &'s Subject, record: &str, size: u32) -> Manipulation<'s> {
    let stored = u64::from(size.wrapping_neg());
    Manipulation::new(subject).change("cell size", record, "cell_size", stored)
}

/// Marks the cell of a record as free.
fn freed<'s>(subject: &'s Subject, record: &str) -> Manipulation<'s> {
    let size = u64::from(size(subject, record));
    Manipulation::new(subject).change("cell size", record, "cell_size", size)
}

fn keys(laboratory: &Laboratory, subject: &Subject) -> Vec<Case> {
    let parent = laboratory.targets.parent;
    let subkeys = subject.subkeys(parent);
    let last = &subkeys[subkeys.len() - 1];
    let record = format!("key {last}");
    let has_root = subject.has_index_root(parent);
    let (list, element) = subject.element(parent, subkeys.len() - 1);
    let stride = (subject.hive.field(&list, "element 1").start
        - subject.hive.field(&list, "element 0").start) as u32;
    // Room for the first element only.
    let short = (4 + 4 + stride).next_multiple_of(8);
    let (shown, in_list) = ((short - 8) / stride, &subkeys[subkeys.len() - 1 - element..]);
    let mut cases = vec![
        resized(subject, &record, 4 + 76)
            .hides_key_name(last)
            .case("cell size lowered: key, to its name"),
        resized(subject, &record, 4 + 44)
            .hides_key(last)
            .case("cell size lowered: key, before the name"),
        freed(subject, &record).hides_key(last).case("cell marked free: key"),
        freed(subject, &list).hides_keys(in_list).case("cell marked free: subkey list"),
    ];
    if in_list.len() > shown as usize {
        cases.push(
            resized(subject, &list, short)
                .hides_keys(&in_list[shown as usize..])
                .case("cell size lowered: subkey list"),
        );
    }
    if has_root {
        let root = format!("list {parent}");
        let leaf = laboratory.options.leaf_elements;
        cases.push(
            resized(subject, &root, 16)
                .hides_keys(&subkeys[leaf * 2..])
                .case("cell size lowered: index root"),
        );
    }
    cases
}

fn values(laboratory: &Laboratory, subject: &Subject) -> Vec<Case> {
    let (path, place) = (laboratory.targets.values, laboratory.targets.text);
    let record = value_record(place);
    let list = format!("values {path}");
    let names: Vec<String> =
        subject.key(path).values.iter().map(|value| value.name.to_string()).collect();
    let mut cases = vec![
        resized(subject, &record, 4 + 12)
            .hides_value(place)
            .case("cell size lowered: value, before the name"),
        freed(subject, &record).hides_value(place).case("cell marked free: value"),
        freed(subject, &list).hides_values(path, &names).case("cell marked free: value list"),
    ];
    if size(subject, &record) > 24 {
        cases.push(
            resized(subject, &record, 4 + 20)
                .hides_value_name(place)
                .case("cell size lowered: value, to its name"),
        );
    }
    if names.len() > 1 {
        cases.push(
            resized(subject, &list, 8)
                .hides_values(path, &names[1..])
                .case("cell size lowered: value list"),
        );
    }
    cases
}

fn data(laboratory: &Laboratory, subject: &Subject) -> Vec<Case> {
    let targets = laboratory.targets;
    let cell = |(path, name): Place| format!("data {path}:{name}");
    let dword = value_record(targets.dword);
    vec![
        resized(subject, &cell(targets.text), 16)
            .hides_data(targets.text)
            .case("cell size lowered: data of text"),
        resized(subject, &cell(targets.binary), 4)
            .hides_data(targets.binary)
            .case("cell size lowered: data, to 4"),
        resized(subject, &cell(targets.binary), 32)
            .hides_data(targets.binary)
            .case("cell size lowered: binary data"),
        freed(subject, &cell(targets.text)).hides_data(targets.text).case("cell marked free: data"),
        Manipulation::new(subject)
            .change("data size", &dword, "data_size", 8)
            .hides_data(targets.dword)
            .case("data hidden: size of a DWORD 8, not inline"),
    ]
}

fn big_data(laboratory: &Laboratory) -> Vec<Case> {
    let subject = &laboratory.subject_with_big_data();
    let big = laboratory.targets.big;
    let (path, name) = big;
    let [header, list] = ["data", "segments"].map(|kind| format!("{kind} {path}:{name}"));
    let segment = format!("segment {path}:{name}:1");
    let other = laboratory.targets.other_big;
    let without = Manipulation::new(subject).change("version", "base", "minor", 3);
    vec![
        resized(subject, &header, 8).hides_data(big).case("cell size lowered: big data header"),
        resized(subject, &list, 8).hides_data(big).case("cell size lowered: segment list"),
        resized(subject, &segment, 4096).hides_data(big).case("cell size lowered: segment"),
        without.hides_data(big).hides_data(other).case("big data hidden: version 1.3"),
    ]
}
