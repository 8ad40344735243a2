// SPDX-License-Identifier: MIT OR Apache-2.0
//! Records in logs that are not applied belong to some state of the hive. Records that logs
//! overwrite are recovered from the file.

use std::collections::BTreeSet;

use calhive_regf::recover::{
    Counterpart, Recovered, SpaceKind, recover_from_logs, recover_overwritten,
};
use calhive_regf::{Hive, log::Plan, log::replay::replay};
use hive_forge::Options;
use hive_forge::cases::cases;
use hive_forge::deletion::{DeletedKind, Edits};
use hive_forge::log::{History, Hvle, NewCrash, Run, Update, number_base};
use hive_forge::tree::{Key, Tree, Value};

/// Keys by name and timestamp, and values by name, type and data, of all states of a hive.
#[derive(Default)]
struct Known {
    keys: BTreeSet<(Vec<u16>, u64)>,
    values: BTreeSet<(Vec<u16>, u32, Vec<u8>)>,
}

impl Known {
    fn of(history: &History) -> Self {
        let mut known = Self::default();
        (0..=history.updates()).for_each(|state| known.add(&history.tree(state).root));
        known
    }

    fn add(&mut self, key: &Key) {
        self.keys.insert((key.name.units(), key.last_written));
        for value in &key.values {
            self.values.insert((value.name.units(), value.value_type, value.data.clone()));
        }
        key.subkeys.iter().for_each(|subkey| self.add(subkey));
    }

    fn has(&self, found: Recovered<'_, '_>) -> bool {
        let name: Vec<u16> = found.name().units().collect();
        match (found.key(), found.value()) {
            (Some(key), _) => self.keys.contains(&(name, key.last_written().raw())),
            (_, Some(value)) => {
                self.values.contains(&(name, value.value_type().0, found.data().to_bytes()))
            }
            _ => false,
        }
    }
}

#[test]
fn records_in_logs_belong_to_some_state() {
    let mut in_logs = 0;
    for seed in 0..u64::from(cases(20)) {
        let options = Options::default();
        let history = History::random(seed, 40, 5, &options, 1);
        let crash = NewCrash::new(&history).log("LOG1", 5).left_over(2);
        let dirty = crash.build("two entries are left over");
        let log = &dirty.logs[0].1.bytes;
        let (bytes, _) = replay(&dirty.primary, &[log]);
        let current = Hive::parse(&bytes).unwrap();
        let known = Known::of(&history);
        recover_from_logs(&Plan::new(&dirty.primary, &[log]), current, |from, found| {
            let is_applied = from.entry.is_applied;
            let space = if is_applied { SpaceKind::OverwrittenLogPage } else { SpaceKind::LogPage };
            assert_eq!(found.space(), space);
            let at = from.log_offset(found.offset()).unwrap().get() as usize;
            let signature = if found.key().is_some() { b"nk" } else { b"vk" };
            assert_eq!(&log[at..at + 2], signature, "{seed}: {found:?}");
            // Offsets may refer to another state. The confidence is then lower.
            if found.loss().is_empty() && known.has(found) {
                in_logs += 1;
            }
            let level = found.confidence().level;
            assert_ne!(level, calhive_regf::recover::Level::High, "{seed}: {found:?}");
            assert!(known.has(found) || found.value().is_some(), "{seed}: {found:?}");
        });
    }
    println!("{in_logs} records in entries that were left over");
    assert!(in_logs > 20, "{in_logs}");
}

#[test]
fn overwritten_record_is_recovered_from_the_file() {
    let mut tree = Tree::new("ROOT");
    tree.root = tree.root.key(Key::new("Kept")).key(Key::new("Lost").dword("number", 7));
    let mut edits = Edits::new(&tree, &Options::default());
    edits.delete_key(edits.key("Lost"), hive_forge::time::DEFAULT + 1);
    let edited = edits.finish();
    let file = &edited.hive.bytes;
    let recovered = |now: &[u8]| {
        let mut recovered = Vec::new();
        let current = Hive::parse(now).unwrap();
        recover_overwritten(file, current, |found| recovered.push(found.name().to_string()))
            .unwrap();
        recovered
    };
    // Records that are still there are not recovered again.
    assert_eq!(recovered(file), [""; 0]);
    let key = edited.truth.iter().find(|it| it.kind == DeletedKind::Key).unwrap();
    let mut now = file.clone();
    now[key.file_offset() + 4..][..80].fill(0);
    assert_eq!(recovered(&now), ["Lost"]);
}

/// Entries of a log write a deleted key, and then overwrite it or cut it off.
#[test]
fn record_of_an_applied_entry_that_a_later_entry_overwrites_is_recovered() {
    let mut tree = Tree::new("ROOT");
    tree.root = tree.root.key(Key::new("Kept")).key(Key::new("Lost").dword("number", 7));
    let mut edits = Edits::new(&tree, &Options::default());
    edits.delete_key(edits.key("Lost"), hive_forge::time::DEFAULT + 1);
    let edited = edits.finish();
    let key = edited.truth.iter().find(|it| it.kind == DeletedKind::Key).unwrap();
    let mut hive = edited.hive.bytes;
    let cell = hive[key.file_offset()..][..84].to_vec();
    let old = hive[4096..].to_vec();
    hive[key.file_offset() + 4..][..80].fill(0);
    number_base(&mut hive, 2, 1);
    let bins = hive[4096..].to_vec();
    let size = bins.len() as u32;
    let mut more = b"hbin".to_vec();
    more.extend([size, 4096].map(u32::to_le_bytes).concat());
    more.resize(32, 0);
    more.extend([&4064_u32.to_le_bytes(), &cell[4..]].concat());
    more.resize(4096, 0);
    let update = |bins_size, offset, bytes: &[u8]| {
        let runs = vec![Run { offset, bytes: bytes.to_vec() }];
        Update { bins_size, flags: 0, runs }
    };
    let updates =
        [("overwritten", update(size, 0, &old)), ("cut off", update(size + 4096, size, &more))];
    for (case, first) in updates {
        let log = Hvle::new(&hive, 2).entry(&first).entry(&update(size, 0, &bins)).finish().bytes;
        let plan = Plan::new(&hive, &[&log]);
        assert_eq!(plan.outcome().logs[0].applied, 2, "{case}");
        assert_eq!(plan.left_over_entries().count(), 0, "{case}");
        let (now, _) = replay(&hive, &[&log]);
        let mut found = Vec::new();
        recover_from_logs(&plan, Hive::parse(&now).unwrap(), |from, record| {
            let at = from.log_offset(record.offset()).unwrap().get() as usize;
            assert_eq!(log[at..][..80], cell[4..], "{case}");
            let name = record.name().to_string();
            found.push((name, record.space(), from.entry.sequence, from.entry.is_applied));
        });
        let expected = ("Lost".to_owned(), SpaceKind::OverwrittenLogPage, Some(2), true);
        assert_eq!(found, [expected], "{case}");
    }
}

/// An entry that is not applied holds an older state, with the lists that lead to its keys.
#[test]
fn item_of_an_older_state_is_compared_with_the_current_tree() {
    let tree = |has_license: bool, is_newer: bool| {
        let mut tree = Tree::new("ROOT");
        tree.root.at(r"Store\KEPT").values.push(Value::dword("n", 7 + u32::from(is_newer)));
        if has_license {
            tree.root.at(r"Store\LICENSE000").values.push(Value::binary("token", &[9; 40]));
        }
        hive_forge::write(&tree, &Options::default()).bytes
    };
    for is_newer in [false, true] {
        let (old, new) = (tree(true, false), tree(false, is_newer));
        let bins_size = u32::try_from(old.len() - 4096).unwrap();
        let runs = vec![Run { offset: 0, bytes: old[4096..].to_vec() }];
        let update = Update { bins_size, flags: 0, runs };
        let log = Hvle::new(&new, 90).entry_numbered(7, &update).finish().bytes;
        let mut found = Vec::new();
        recover_from_logs(&Plan::new(&new, &[&log]), Hive::parse(&new).unwrap(), |_, record| {
            let path = record.key_path().unwrap().to_string();
            let name = record.name().to_string();
            found.push((path, name, record.counterpart()));
        });
        for (path, name) in [(r"Store\LICENSE000", "LICENSE000"), (r"Store\LICENSE000", "token")] {
            let one = found.iter().find(|it| (it.0.as_str(), it.1.as_str()) == (path, name));
            assert_eq!(one.expect(name).2, None, "{name}: {found:?}");
        }
        let kept = found.iter().find(|it| it.1 == "n").expect("the value of KEPT").2.unwrap();
        let is_previous = matches!(kept, Counterpart::PreviousVersion { .. });
        assert_eq!(is_previous, is_newer, "{kept:?}");
    }
}
