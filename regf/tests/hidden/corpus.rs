// SPDX-License-Identifier: MIT OR Apache-2.0
//! Hidden items of real hives.

use std::collections::BTreeMap;

use calhive_regf::Hive;
use calhive_regf::hive::hidden::{HiddenBy, Weight};
use hive_forge::corpus::hives;

/// Contradictions by hive: the hives are damaged. All other hives have none, also dirty ones.
const KNOWN: [(&str, HiddenBy, usize); 7] = [
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
fn contradictions_in_real_hives_equal_the_known_ones() {
    let Some(files) = hives("contradictions_in_real_hives_equal_the_known_ones") else {
        return;
    };
    let (mut contradictions, mut seen) = (BTreeMap::new(), 0);
    for file in files {
        let hidden = Hive::parse(&file.bytes).unwrap().hidden();
        seen += 1;
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
    let known: BTreeMap<(String, HiddenBy), usize> =
        KNOWN.into_iter().map(|(name, by, count)| ((name.to_owned(), by), count)).collect();
    assert_eq!(contradictions, known);
    assert_eq!(seen, 85);
}

/// Hidden items as text, to compare two readings.
fn listed(bytes: &[u8]) -> Vec<String> {
    let hidden = Hive::parse(bytes).unwrap().hidden();
    let item = |item: &calhive_regf::hive::hidden::Hidden<'_>| {
        format!("{:?} {} {item}", item.weight, item.item.structure())
    };
    hidden.iter().map(item).collect()
}

/// A wrong checksum says nothing about the content.
#[test]
fn destroyed_checksum_of_real_hive_adds_no_hidden_item() {
    let Some(files) = hives("destroyed_checksum_of_real_hive_adds_no_hidden_item") else { return };
    let mut seen = 0;
    for file in files {
        let hive = Hive::parse(&file.bytes).unwrap();
        if !hive.base_block().checksum_is_valid() {
            continue;
        }
        let mut bytes = file.bytes.clone();
        bytes[508] ^= 0xFF;
        let (before, after) = (listed(&file.bytes), listed(&bytes));
        println!("{}: {} items before, {} after", file.name, before.len(), after.len());
        assert!(before == after, "{}", file.name);
        seen += 1;
    }
    assert!(seen > 70, "{seen}");
}

/// A change to the bytes of a hive, and the field that hides something afterwards.
struct Change {
    by: HiddenBy,
    place: usize,
    bytes: Vec<u8>,
}

/// Changes that hide something, for each field of each key and value.
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

/// Real hives with one changed field. The field is reported at its offset with its former value.
#[test]
fn changed_field_in_real_hive_is_reported() {
    const FILES: [&str; 5] =
        ["win7/SAM", "nt4/SECURITY", "win7/SECURITY", "corrupt/SAM", "deleted/BCD"];
    let test = "changed_field_in_real_hive_is_reported";
    let Some(files) = hive_forge::corpus::files(test, |name| FILES.contains(&name)) else { return };
    let mut reported: BTreeMap<HiddenBy, (u32, u32, u32)> = BTreeMap::new();
    let mut seen = 0;
    for (number, file) in files.enumerate() {
        seen += 1;
        let all = changes(Hive::parse(&file.bytes).unwrap());
        let step = (all.len() / hive_forge::cases::cases(150) as usize).max(1);
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
            let is_reported = item.is_some();
            let is_right = item.is_some_and(|it| it.suggested == Some(u64::from_le_bytes(before)));
            let (count, right, of) = reported.entry(change.by).or_default();
            *count += u32::from(is_reported);
            *right += u32::from(is_right);
            *of += 1;
            if !is_reported {
                println!("{}: {:?} at {:#x}", file.name, change.by, change.place);
            }
        }
    }
    println!("{reported:?}");
    assert_eq!((seen, reported.len()), (FILES.len(), 11), "every file, every field of `changes`");
    for (by, (count, right, of)) in reported {
        assert!(count * 100 >= of * 95, "{by:?}: {count} of {of}");
        // The size of data without an end mark is a guess. The length of a value name is a guess,
        // too: the cell may hold up to seven older bytes after the name.
        let is_guess =
            matches!(by, HiddenBy::DataSize | HiddenBy::DataInline | HiddenBy::NameLength);
        assert!(is_guess || right * 100 >= of * 90, "{by:?}: {right} of {of}");
    }
}
