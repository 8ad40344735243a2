// SPDX-License-Identifier: MIT OR Apache-2.0

//! Hives with deletions. Live keys and values are read as expected, and deleted ones lie where the
//! list of deletions states.

use hive_forge::deletion::{Deleted, DeletedKind, Edited, Edits, Fill, Overwritten, Place, cases};
use hive_forge::random::{self, Deletions, deletions};
use hive_forge::rng::Rng;
use hive_forge::scenario::with_deletions;
use hive_forge::tree::{Key, Security};
use hive_forge::{Options, time};

mod reading;

use reading::{State, normal, read_in, u16_at, u32_at};

const REUSE: [usize; 4] = [0, 10, 30, 60];

fn each(mut see: impl FnMut(Deletions, &Edited)) {
    for seed in 0..48 {
        let made = Deletions {
            seed,
            size: 40,
            minor: 1 + seed as u32 % 6,
            plain: seed % 2 == 0,
            count: 50,
            reuse: REUSE[seed as usize / 6 % 4],
        };
        see(made, &deletions(made));
    }
}

#[test]
fn live_tree_of_edited_hive_is_read_as_expected() {
    each(|made, Edited { hive, live, .. }| {
        let found = read_in(&hive.bytes, made.minor, State::Edited);
        assert!(found == normal(&live.root, made.minor), "{made:?}");
    });
}

#[test]
fn deleted_records_lie_where_listed() {
    let (mut whole, mut lost, mut referenced) = (0, 0, 0);
    each(|made, Edited { hive, truth, .. }| {
        let bytes = &hive.bytes;
        for deleted in truth {
            let Deleted { kind, name, data, overwritten, .. } = deleted;
            let at = deleted.file_offset() + if made.minor == 1 { 8 } else { 4 };
            let lens = overwritten.parents.len() + usize::from(*kind == DeletedKind::Key);
            assert_eq!(deleted.path.len(), lens, "{made:?}: {deleted:?}");
            whole += usize::from(deleted.is_whole());
            lost += usize::from(!deleted.is_whole());
            referenced += usize::from(deleted.referenced);
            let (signature, fixed, name_len) = match kind {
                DeletedKind::Key => (b"nk", 76, at + 72),
                DeletedKind::Value => (b"vk", 20, at + 2),
                DeletedKind::Data | DeletedKind::Tail => continue,
            };
            if overwritten.record {
                continue;
            }
            assert_eq!(bytes[at..at + 2], signature[..], "{made:?}: {deleted:?}");
            let encoded = name.encode(made.minor).0;
            assert_eq!(usize::from(u16_at(bytes, name_len)), encoded.len());
            if !overwritten.name {
                assert_eq!(bytes[at + fixed..at + fixed + encoded.len()], encoded);
            }
            if *kind == DeletedKind::Key {
                let written = u64::from_le_bytes(bytes[at + 4..at + 12].try_into().unwrap());
                assert_eq!(written, deleted.last_written);
                assert_eq!((u32_at(bytes, at + 20), u32_at(bytes, at + 28)), (0, u32::MAX));
                continue;
            }
            assert_eq!(u32_at(bytes, at + 12), deleted.value_type);
            let size = u32_at(bytes, at + 4);
            assert_eq!((size & 0x7FFF_FFFF) as usize, data.len());
            let big = made.minor >= 4 && data.len() > hive_forge::SEGMENT;
            let place = if size >> 31 == 1 {
                at + 8
            } else if data.is_empty() || big || overwritten.data {
                continue;
            } else {
                4096 + u32_at(bytes, at + 8) as usize + if made.minor == 1 { 8 } else { 4 }
            };
            assert!(bytes[place..place + data.len()] == data[..], "{made:?}: {deleted:?}");
        }
    });
    assert!(whole > 500 && lost > 100 && referenced > 20, "{whole}, {lost}, {referenced}");
}

/// The last tenth of the requested share consists of small pieces.
#[test]
fn reuse_overwrites_the_requested_share() {
    for percent in [10, 30, 60] {
        for seed in 0..12 {
            let minor = 1 + seed as u32 % 6;
            let made = Deletions { seed, size: 40, minor, plain: true, count: 50, reuse: 0 };
            let mut edits = random::edits(made);
            let (before, _) = edits.overwritten();
            edits.reuse(percent, seed, time::filetime(2024, 7, 1, 0, 0, 0));
            let (overwritten, of) = edits.overwritten();
            let share = 100 * overwritten / of;
            assert!(share >= percent, "{made:?}: {share}");
            assert!(before * 100 / of > percent || share < percent + 10, "{made:?}: {share}");
        }
    }
}

/// Without later allocations, nothing of the deleted keys is overwritten.
#[test]
fn deletions_without_reuse_overwrite_nothing() {
    for minor in 1..=6 {
        let tree = random::tree(u64::from(minor), 40, minor);
        let mut edits =
            Edits::new(&tree, &Options { minor, leaf_elements: 3, ..Options::default() });
        let subkeys = edits.subkeys(edits.root());
        for (number, key) in subkeys.into_iter().enumerate() {
            edits.delete_key(key, time::DEFAULT + number as u64);
        }
        let Edited { hive, truth, live } = edits.finish();
        assert!(live.root.subkeys.is_empty());
        assert!(truth.iter().filter(|deleted| deleted.kind == DeletedKind::Key).count() == 39);
        for deleted in &truth {
            let Overwritten { record, name, value_list, data, parents } = &deleted.overwritten;
            let parts = [*record, *name, *value_list, *data];
            assert!(!parts.contains(&true) && !parents.contains(&true), "1.{minor}: {deleted:?}");
        }
        let found = read_in(&hive.bytes, minor, State::Edited);
        assert!(found == normal(&live.root, minor), "1.{minor}");
    }
}

/// New keys and values reuse the cells of deleted ones, whatever lists move.
#[test]
fn edited_hive_can_grow_again() {
    for minor in 1..=6 {
        let options = Options { minor, leaf_elements: 4, ..Options::default() };
        let tree = random::plain_tree(u64::from(minor), 30);
        let mut edits = Edits::new(&tree, &options);
        let mut rng = Rng::new(u64::from(minor));
        edits.spare(if minor % 2 == 0 { 40 } else { 0 });
        for number in 0..400 {
            let keys = edits.keys();
            let key = rng.pick(&keys);
            match rng.below(3) {
                0 if key != edits.root() && edits.keys().len() > 20 => {
                    edits.delete_key(key, number);
                }
                _ => {
                    let text = format!("{:04x}", rng.below(0x10000));
                    let security = Security(vec![rng.below(3) as u8; 20]);
                    let made = Key::new(text.as_str()).class(&text).security(security);
                    if edits.subkeys(key).iter().all(|subkey| *edits.name(*subkey) != made.name) {
                        let len = rng.below(40_000);
                        let made = made.dword("n", 1).binary("d", &rng.bytes(len));
                        edits.add_key(key, made.key(Key::new("below")), number);
                    }
                }
            }
        }
        let Edited { hive, live, .. } = edits.finish();
        let found = read_in(&hive.bytes, minor, State::Edited);
        assert!(found == normal(&live.root, minor), "1.{minor}");
        for record in hive.records() {
            hive.field(record, if record.starts_with("b") { "signature" } else { "cell_size" });
        }
    }
}

/// Fillings change neither the live tree nor the list of deletions.
#[test]
fn fillings_change_no_record() {
    for (seed, fill) in (0..).zip(Fill::ALL) {
        let made = Deletions { seed, size: 40, minor: 5, plain: true, count: 30, reuse: 0 };
        let plain = deletions(made);
        let mut edits = random::edits(made);
        for place in [
            Place::Data,
            Place::ValueLists,
            Place::SubkeyLists,
            Place::FreeCells,
            Place::Remnant(3000),
        ] {
            edits.fill(place, fill, seed);
        }
        let filled = edits.finish();
        assert_eq!(plain.truth, filled.truth);
        let (bins, remnant) = filled.hive.bytes.split_at(plain.hive.bytes.len());
        assert_eq!(remnant.len(), 3000);
        assert!(bins != plain.hive.bytes || fill == Fill::Zeros, "{fill:?}");
        let found = read_in(bins, 5, State::Edited);
        assert!(found == normal(&filled.live.root, 5), "{fill:?}");
    }
}

/// Each class of the laboratory deletes what its name states, and all deleted bytes are left.
#[test]
fn classes_delete_what_their_names_state() {
    use DeletedKind::{Data, Key, Tail, Value};
    let cases = cases();
    assert_eq!(cases.len(), 3 * 16);
    for case in &cases {
        let Edited { hive, truth, live } = &case.edited;
        let place = format!("{}, {}", case.name, case.tree);
        let found = read_in(&hive.bytes, 5, State::Edited);
        assert!(found == normal(&live.root, 5), "{place}");
        let count = |kind| truth.iter().filter(|deleted| deleted.kind == kind).count();
        let counts = [Key, Value, Data, Tail].map(count);
        let wanted = match case.name {
            "key deleted: values, no subkeys" => [1, 6, 0, 0],
            "key deleted: values and subkeys" => [4, 8, 0, 0],
            "key deleted: neither" => [1, 0, 0, 0],
            "key deleted: many subkeys" => {
                assert!(counts[0] > 3 && counts[1] > 3, "{place}: {counts:?}");
                continue;
            }
            name if name.starts_with("value deleted") => [0, 1, 0, 0],
            "several values deleted: all" => [0, 6, 0, 0],
            name if name.starts_with("several") => [0, 3, 0, 0],
            "data changed in place: same size" => [0; 4],
            "data changed in place: smaller" | "big data made smaller: fewer segments" => {
                [0, 0, 0, 1]
            }
            _ => [0, 0, 1, 0],
        };
        assert_eq!(counts, wanted, "{place}");
        assert!(truth.iter().all(Deleted::is_whole), "{place}");
        let referenced = truth.iter().filter(|deleted| deleted.referenced).count();
        let expected = match case.name {
            // The element after the list belongs to a value that moved down.
            "several values deleted: the first ones" => 0,
            "several values deleted: the last ones" => 3,
            // The freed list names the value that was deleted last, followed by copies of other
            // elements.
            "several values deleted: all" => referenced.max(1),
            "value deleted: the only one" => 1,
            _ => referenced,
        };
        assert_eq!(referenced, expected, "{place}");
    }
}

/// Deleted items of each scenario: whole, or with the parts that are lost.
#[test]
fn scenarios_delete_what_is_listed() {
    let mut seen = Vec::new();
    for scenario in with_deletions() {
        for (file, Edited { hive, truth, live }) in &scenario.edited {
            let found = read_in(&hive.bytes, 5, State::Edited);
            assert!(found == normal(&live.root, 5), "{}/{file}", scenario.name);
            let listed = scenario.hives.iter().find(|hive| hive.0 == *file);
            assert!(listed.is_some_and(|hive| hive.1 == *live), "{}/{file}", scenario.name);
            for deleted in truth {
                let Overwritten { record, name, value_list, data, parents } = &deleted.overwritten;
                let parts =
                    [("record", record), ("name", name), ("list", value_list), ("data", data)];
                let mut lost: Vec<String> =
                    parts.iter().filter(|part| *part.1).map(|part| part.0.to_owned()).collect();
                let above = parents.iter().filter(|&&parent| parent).count();
                lost.extend((above > 0).then(|| format!("{above} above")));
                let lost = if lost.is_empty() { "whole".to_owned() } else { lost.join(", ") };
                let (kind, name) = (deleted.kind.word(), &deleted.name);
                let len = deleted.data.len();
                seen.push(format!("{}: {kind} {name}, {len}: {lost}", scenario.name));
            }
        }
    }
    assert_eq!(seen, WANTED);
}

const WANTED: [&str; 26] = [
    "client-licenses-removed: value ClientLicense, 1945: whole",
    "client-licenses-removed: value CompanyName, 44: whole",
    "client-licenses-removed: value LicenseScope, 14: whole",
    "client-licenses-removed: value ProductID, 8: whole",
    "client-licenses-removed: value ProductVersion, 4: whole",
    "client-licenses-removed: key LICENSE000, 0: whole",
    "client-licenses-removed: key Store, 0: whole",
    "client-licenses-removed: value ClientHWID, 20: whole",
    "client-licenses-removed: key HardwareID, 0: whole",
    "client-licenses-removed: key MSLicensing, 0: whole",
    "client-licenses-renewed: value ClientLicense, 1945: 3 above",
    "client-licenses-renewed: value CompanyName, 44: 3 above",
    "client-licenses-renewed: value LicenseScope, 14: 3 above",
    "client-licenses-renewed: value ProductID, 8: 3 above",
    "client-licenses-renewed: value ProductVersion, 4: 3 above",
    "client-licenses-renewed: key LICENSE000, 0: record, 2 above",
    "client-licenses-renewed: key Store, 0: record, name, 1 above",
    "client-licenses-renewed: value ClientHWID, 20: record, name, list, data, 2 above",
    "client-licenses-renewed: key HardwareID, 0: record, name, list, 1 above",
    "client-licenses-renewed: key MSLicensing, 0: record",
    "session-host-servers-changed: value LicensingMode, 4: whole",
    "session-host-servers-changed: data SpecifiedLicenseServers, 48: whole",
    "session-host-grace-value-deleted: value L$RTMTIMEBOMB_1320153D-8DA3-4e8e-B27B-0D888223A588, 246: whole",
    "session-host-grace-key-renewed: data ProductPolicy, 1216: whole",
    "session-host-grace-key-renewed: value L$RTMTIMEBOMB_1320153D-8DA3-4e8e-B27B-0D888223A588, 246: whole",
    "session-host-grace-key-renewed: key GracePeriod, 0: whole",
];
