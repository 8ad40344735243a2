// SPDX-License-Identifier: MIT OR Apache-2.0

//! The statements of the cases are true, checked byte by byte.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use hive_forge::manipulated::{self, Case, Change, Class, Record, RecordKind, What};
use hive_forge::{NIL, checksum};

mod plain_walk;

use plain_walk::{Shown, u32_at, walk};

static CASES: LazyLock<Vec<Case>> = LazyLock::new(manipulated::cases);

/// Field names that readers report.
const FIELDS: [&str; 23] = [
    "cell size",
    "version",
    "root",
    "subkey count",
    "list count",
    "subkey list",
    "subkey element",
    "subkey hash",
    "value count",
    "value list",
    "value element",
    "key name length",
    "key name flag",
    "value name length",
    "value name flag",
    "data size",
    "inline bit",
    "data offset",
    "data type",
    "big data size",
    "segment count",
    "segment list",
    "segment element",
];

/// The classes of the plan, each with its minimum number of variants.
const PLAN: [(Class, &str, usize); 35] = [
    (Class::Manipulated, "cell size lowered", 9),
    (Class::Manipulated, "cell marked free", 5),
    (Class::Normal, "value types", 1),
    (Class::Normal, "tree shapes", 4),
    (Class::Normal, "levels", 2),
    (Class::Normal, "key names", 2),
    (Class::Normal, "value names", 2),
    (Class::Normal, "big data", 3),
    (Class::Normal, "non-ASCII names", 3),
    (Class::Corrupted, "base block", 5),
    (Class::Corrupted, "bin of the root key", 6),
    (Class::Corrupted, "random bin", 6),
    (Class::Corrupted, "first half", 5),
    (Class::Corrupted, "last half", 6),
    (Class::Corrupted, "first quarter", 5),
    (Class::Corrupted, "last quarter", 6),
    (Class::Corrupted, "fragment", 5),
    (Class::Manipulated, "root key hidden", 2),
    (Class::Manipulated, "key name hidden", 2),
    (Class::Manipulated, "subkeys hidden", 8),
    (Class::Manipulated, "values hidden", 6),
    (Class::Manipulated, "value name hidden", 2),
    (Class::Manipulated, "data hidden: size", 3),
    (Class::Manipulated, "data hidden: inline bit", 2),
    (Class::Manipulated, "data hidden: offset", 1),
    (Class::Manipulated, "data hidden: type", 2),
    (Class::Manipulated, "big data hidden: size", 1),
    (Class::Manipulated, "big data hidden: segment count", 1),
    (Class::Manipulated, "big data hidden: segment list", 1),
    (Class::Manipulated, "key loop", 1),
    (Class::Manipulated, "size too large", 6),
    (Class::Manipulated, "segments contradict", 3),
    (Class::Manipulated, "key name flags flipped", 1),
    (Class::Manipulated, "value name flags flipped", 1),
    (Class::Manipulated, "encodings mixed", 1),
];

#[test]
fn case_names_are_distinct() {
    let names: HashSet<_> = CASES.iter().map(|case| (case.tree, &case.name)).collect();
    assert_eq!(names.len(), CASES.len());
    let files = manipulated::files();
    let paths: HashSet<_> = files.iter().map(|file| &file.path).collect();
    assert_eq!(paths.len(), files.len());
}

#[test]
fn planned_classes_exist_for_three_trees() {
    for (class, matter, ways) in PLAN {
        let mut trees: HashMap<&str, usize> = HashMap::new();
        let of_matter = |case: &&Case| case.class == class && case.name.starts_with(matter);
        CASES.iter().filter(of_matter).for_each(|case| *trees.entry(case.tree).or_default() += 1);
        assert_eq!(trees.len(), 3, "{class} {matter}");
        assert!(trees.values().all(|&count| count >= ways), "{class} {matter}: {trees:?}");
    }
}

#[test]
fn changed_fields_are_exactly_those_stated() {
    for case in CASES.iter().filter(|case| case.class == Class::Manipulated) {
        let about = about(case);
        let mut undone = case.bytes.clone();
        for change in case.changes.iter().rev() {
            assert!(FIELDS.contains(&change.field), "{about}: {}", change.field);
            let place = change.offset..change.offset + change.width;
            assert_eq!(number(&case.bytes[place.clone()]), change.found, "{about}: {change:?}");
            assert_eq!(number(&case.sound[place.clone()]), change.original, "{about}: {change:?}");
            assert_ne!(change.found, change.original, "{about}");
            undone[place.clone()].copy_from_slice(&case.sound[place]);
        }
        assert_eq!(u32_at(&case.bytes, 508), checksum(&case.bytes), "{about}");
        undone[508..512].copy_from_slice(&case.sound[508..512]);
        assert!(undone == *case.sound, "{about}: something else was changed");
    }
}

#[test]
fn hidden_items_are_hidden_by_one_of_the_changes() {
    for case in CASES.iter() {
        for hidden in &case.hidden {
            assert!(case.changes.contains(&hidden.by), "{}", about(case));
            assert!(case.class == Class::Manipulated, "{}", about(case));
        }
        let topmost = case.hidden.iter().any(|hidden| !hidden.below);
        assert_eq!(topmost, !case.hidden.is_empty(), "{}", about(case));
        assert_eq!(
            case.survives_only(),
            case.class == Class::Manipulated && case.hidden.is_empty()
        );
    }
    let only: HashSet<&str> =
        CASES.iter().filter(|case| case.survives_only()).map(|case| case.headings().0).collect();
    let wanted = ["key loop", "size too large", "segments contradict", "encodings mixed"];
    assert_eq!(only, HashSet::from(wanted));
}

#[test]
fn plain_walk_shows_no_hidden_item() {
    let mut compared = 0;
    for case in CASES.iter().filter(|case| case.class == Class::Manipulated) {
        let (before, after, hidden) = (walk(&case.sound), walk(&case.bytes), hidden(case));
        assert!(hidden.is_subset(&before), "{}: was never there", about(case));
        // The path of the root is always empty.
        let root = Shown { path: Vec::new(), value: None };
        let shown: Vec<_> = hidden.intersection(&after).filter(|item| **item != root).collect();
        assert!(shown.is_empty(), "{}: {shown:?}", about(case));
        if case.changes.iter().all(only_takes_away) {
            let wanted: HashSet<Shown> = before.difference(&hidden).cloned().collect();
            assert!(after == wanted, "{}: hides something else than stated", about(case));
            compared += 1;
        }
    }
    assert!(compared > 50, "{compared}");
}

/// Whether a change hides items without showing others in their place.
fn only_takes_away(change: &Change) -> bool {
    match change.field {
        "subkey count" | "list count" | "value count" => change.found < change.original,
        "subkey list" | "subkey element" | "value list" | "value element" => {
            change.found == u64::from(NIL)
        }
        _ => {
            ["data", "inline", "big data", "segment"].iter().any(|of| change.field.starts_with(of))
        }
    }
}

/// Hidden keys and values.
fn hidden(case: &Case) -> HashSet<Shown> {
    let shown = |path: &[String], value: Option<&str>| Shown {
        path: path.to_vec(),
        value: value.map(str::to_owned),
    };
    let hidden =
        case.hidden.iter().filter(|hidden| matches!(hidden.what, What::Key | What::Value(_)));
    hidden.map(|hidden| shown(&hidden.path, hidden.what.value())).collect()
}

#[test]
fn sound_hives_hold_their_trees() {
    for case in CASES.iter() {
        let Some(tree) = &case.holds else { continue };
        let mut wanted = HashSet::new();
        let mut rest = vec![(Vec::new(), &tree.root)];
        while let Some((path, key)) = rest.pop() {
            for value in &key.values {
                let value = Some(value.name.to_string());
                wanted.insert(Shown { path: path.clone(), value });
            }
            for subkey in &key.subkeys {
                let mut path = path.clone();
                path.push(subkey.name.to_string());
                rest.push((path, subkey));
            }
            wanted.insert(Shown { path, value: None });
        }
        assert!(walk(&case.bytes) == wanted, "{}", about(case));
    }
    let sound = CASES.iter().filter(|case| case.class == Class::Normal);
    assert!(sound.clone().count() > 50 && sound.clone().all(|case| case.holds.is_some()));
}

#[test]
fn listed_records_are_those_with_whole_cells() {
    let (mut whole, mut lost) = (0, 0);
    for case in CASES.iter().filter(|case| case.class == Class::Corrupted) {
        let of_same_hive =
            |other: &&Case| other.class == Class::Manipulated && other.sound == case.sound;
        let all = CASES.iter().find(of_same_hive).expect("a manipulated hive of the same tree");
        let listed: HashSet<usize> = case.records.iter().map(|record| record.offset).collect();
        for record in &all.records {
            let sound = &case.sound[record.offset..record.offset + record.len];
            let offset = record.offset.wrapping_sub(case.start);
            let cell = offset.checked_add(record.len).and_then(|end| case.bytes.get(offset..end));
            assert_eq!(cell == Some(sound), listed.contains(&offset), "{}", about(case));
            if listed.contains(&offset) { whole += 1 } else { lost += 1 }
        }
    }
    assert!(whole > 10_000 && lost > 10_000, "{whole} {lost}");
}

#[test]
fn listed_records_match_their_bytes() {
    for case in CASES.iter().filter(|case| case.class != Class::Manipulated) {
        for record in &case.records {
            let cell = &case.bytes[record.offset..record.offset + record.len];
            let sound = case.start + record.offset;
            assert_eq!(cell, &case.sound[sound..sound + record.len], "{}", about(case));
            assert_eq!((u32_at(cell, 0) as i32).unsigned_abs() as usize, record.len);
            assert_eq!(&cell[4..6], if record.is_key() { b"nk" } else { b"vk" });
            match &record.kind {
                RecordKind::Key { last_written } => {
                    assert_eq!(cell[8..16], last_written.to_le_bytes());
                }
                RecordKind::Value { value_type, data } => {
                    assert_eq!(u32_at(cell, 16), *value_type);
                    if let Some(data) = data {
                        assert!(data_is_there(case, record, data), "{}", about(case));
                    }
                }
            }
        }
    }
}

/// Whether the data of a value are in the file. For big data, only the db cell is checked.
fn data_is_there(case: &Case, record: &Record, data: &[u8]) -> bool {
    let size = u32_at(&case.bytes, record.offset + 8);
    if size & 0x8000_0000 != 0 {
        return case.bytes[record.offset + 12..].starts_with(data);
    }
    let place = u32_at(&case.bytes, record.offset + 12);
    if place == u32::MAX {
        return data.is_empty();
    }
    let content = &case.bytes[4096 + place as usize - case.start + 4..];
    content.starts_with(data) || content.starts_with(b"db")
}

/// The manipulated lists are of all kinds: li, lf, lh and ri.
#[test]
fn list_kinds_are_all_manipulated() {
    let mut signatures = HashSet::new();
    for case in CASES.iter() {
        let counts = case.changes.iter().filter(|change| change.field == "list count");
        signatures
            .extend(counts.map(|change: &Change| case.bytes[change.offset - 2..][..2].to_vec()));
    }
    for wanted in [b"li", b"lf", b"lh", b"ri"] {
        assert!(signatures.contains(wanted.as_slice()), "{wanted:?}");
    }
}

#[test]
fn trees_are_larger_than_a_few_bins() {
    for case in CASES.iter().filter(|case| case.class == Class::Corrupted) {
        assert!(case.sound.len() > 60_000 && case.sound.len() < 400_000, "{}", case.sound.len());
    }
}

#[test]
fn cases_are_reproducible() {
    let again = manipulated::cases();
    assert_eq!(again.len(), CASES.len());
    assert!(again.iter().zip(CASES.iter()).all(|(one, other)| one.bytes == other.bytes));
}

fn about(case: &Case) -> String {
    format!("{} {} ({})", case.class, case.name, case.tree)
}

fn number(bytes: &[u8]) -> u64 {
    let mut wide = [0; 8];
    wide[..bytes.len()].copy_from_slice(bytes);
    u64::from_le_bytes(wide)
}
