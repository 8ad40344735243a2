// SPDX-License-Identifier: MIT OR Apache-2.0
//! Real hives: what Windows leaves, and what it does not.

use std::collections::BTreeMap;

use calhive::Hive;
use calhive::hive::hidden::{HiddenBy, Weight};

use crate::corpus::hives;

/// Contradictions by hive; all others have none, dirty ones included. Those of `corrupt/` are damaged.
/// In `ntuser_software_partial` an address without a NUL is followed by the end of a longer one, as
/// when text is made shorter in place by a program that stores no NUL.
const KNOWN: [(&str, HiddenBy, usize); 8] = [
    ("win10/ntuser_software_partial", HiddenBy::DataSize, 1),
    ("corrupt/corrupted_system_hive", HiddenBy::ValueCount, 1),
    ("corrupt/corrupted_system_hive", HiddenBy::ValueElement, 6),
    ("corrupt/corrupted_system_hive", HiddenBy::ValueList, 231),
    ("corrupt/corrupted_system_hive", HiddenBy::DataOffset, 106),
    // A key and its value.
    ("corrupt/corrupt_sub_key_list.hiv", HiddenBy::SubkeyElement, 2),
    ("corrupt/BadListHive", HiddenBy::SubkeyList, 1),
    ("corrupt/regfio_corrupt_hbin1.dat", HiddenBy::Root, 1),
];

#[test]
fn contradictions_in_real_hives_are_those_that_are_known() {
    let Some(files) = hives("contradictions_in_real_hives_are_those_that_are_known") else {
        return;
    };
    let (mut contradictions, mut wrong) = (BTreeMap::new(), Vec::new());
    for file in files {
        let Ok(hive) = Hive::parse(&file.bytes) else { continue };
        let hidden = hive.hidden();
        let mut kinds = BTreeMap::new();
        for item in hidden.iter() {
            let name = format!("{:?} {} {:?}", item.weight, item.item.structure(), item.by);
            *kinds.entry(name).or_insert(0_usize) += 1;
            if item.weight == Weight::Contradiction {
                *contradictions.entry((file.name.clone(), item.by)).or_insert(0_usize) += 1;
            }
        }
        if !kinds.is_empty() {
            println!("{}: {kinds:?}", file.name);
        }
    }
    for ((name, by), count) in contradictions {
        if !KNOWN.contains(&(&name, by, count)) {
            wrong.push(format!("{name}: {count} by {by:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A field of a record, as offset after the header of its cell, and what is written over it.
struct Change {
    by: HiddenBy,
    place: usize,
    bytes: Vec<u8>,
}

/// What could be done to hide things in a hive: each field of each key and value once.
fn changes(hive: Hive<'_>) -> Vec<Change> {
    let mut changes = Vec::new();
    for entry in hive.walk().with_values(true).filter_map(Result::ok) {
        let (key, start) = (entry.key, entry.key.offset().get() as usize + 4);
        let mut add = |by, at: usize, bytes: &[u8]| {
            changes.push(Change { by, place: at, bytes: bytes.to_vec() });
        };
        if key.subkey_count() > 0 {
            let fewer = (key.subkey_count() - 1).to_le_bytes();
            add(HiddenBy::SubkeyCount, start + 20, &fewer);
            add(HiddenBy::SubkeyList, start + 28, &[0xFF; 4]);
            let list = key.raw().subkeys.get() as usize + 4096 + 4;
            add(HiddenBy::ListCount, list + 2, &[0, 0]);
            add(HiddenBy::SubkeyElement, list + 4, &[0xFF; 4]);
        }
        if key.value_count() > 0 {
            add(HiddenBy::ValueCount, start + 36, &(key.value_count() - 1).to_le_bytes());
            add(HiddenBy::ValueList, start + 40, &[0xFF; 4]);
            add(HiddenBy::ValueElement, key.raw().values.get() as usize + 4096 + 4, &[0xFF; 4]);
        }
        if entry.depth > 0 {
            add(HiddenBy::NameLength, start + 72, &[0, 0]);
        }
        for value in entry.values.filter_map(Result::ok) {
            let start = value.offset().get() as usize + 4;
            if !value.name().is_empty() {
                add(HiddenBy::NameLength, start + 2, &[0, 0]);
            }
            if !value.is_inline() && value.data_size() > 4 {
                add(HiddenBy::DataSize, start + 4, &[0; 4]);
                add(HiddenBy::DataInline, start + 4, &[4, 0, 0, 0x80]);
                add(HiddenBy::DataOffset, start + 8, &[0xFF; 4]);
            }
        }
    }
    changes
}

/// Real hives, changed by hand in one place: the field is told, at its place, and what it was.
#[test]
fn what_is_changed_in_real_hives_is_told() {
    const FILES: [&str; 5] =
        ["win7/SAM", "nt4/SECURITY", "win7/SECURITY", "corrupt/SAM", "deleted/BCD"];
    let test = "what_is_changed_in_real_hives_is_told";
    let Some(files) = crate::corpus::files(test, |name| FILES.contains(&name)) else { return };
    let mut told: BTreeMap<HiddenBy, (u32, u32, u32)> = BTreeMap::new();
    for (number, file) in files.enumerate() {
        let all = changes(Hive::parse(&file.bytes).unwrap());
        let step = (all.len() / crate::cases::cases(150) as usize).max(1);
        for change in all.iter().skip(number).step_by(step) {
            let mut bytes = file.bytes.clone();
            bytes[change.place..change.place + change.bytes.len()].copy_from_slice(&change.bytes);
            let mut before = [0; 8];
            let field = &file.bytes[change.place..change.place + change.bytes.len()];
            before[..field.len()].copy_from_slice(field);
            let hidden = Hive::parse(&bytes).unwrap().hidden();
            let item = hidden.iter().find(|item| {
                item.weight == Weight::Contradiction
                    && item.by == change.by
                    && item.place.get() == change.place as u64
            });
            let is_told = item.is_some();
            let is_right = item.is_some_and(|it| it.suggested == Some(u64::from_le_bytes(before)));
            let (count, right, of) = told.entry(change.by).or_default();
            *count += u32::from(is_told);
            *right += u32::from(is_right);
            *of += 1;
            if !is_told {
                println!("{}: {:?} at {:#x}", file.name, change.by, change.place);
            }
        }
    }
    println!("{told:?}");
    for (by, (count, right, of)) in told {
        assert!(count * 100 >= of * 95, "{by:?}: {count} of {of}");
        // How long data are that have no end of their own is a guess, and so is the length of a
        // value's name, behind which the cell may hold up to seven bytes of something older.
        let is_guess =
            matches!(by, HiddenBy::DataSize | HiddenBy::DataInline | HiddenBy::NameLength);
        assert!(is_guess || right * 100 >= of * 90, "{by:?}: {right} of {of}");
    }
}
