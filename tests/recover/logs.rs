// SPDX-License-Identifier: MIT OR Apache-2.0
//! What stands in logs and is not applied is of some state that the hive has had; what logs write over is
//! recovered from the file as it lies.

use std::collections::BTreeSet;

use calhive::recover::{Origin, Recovered, recover_left_over, recover_overwritten};
use calhive::{Hive, log::replay::replay};
use hive_forge::Options;
use hive_forge::deletion::{DeletedKind, Edits};
use hive_forge::log::{History, NewCrash};
use hive_forge::tree::{Key, Tree};

use crate::cases::cases;

/// Keys by name and time, values by name, type and data, of all states of a hive.
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
fn records_in_logs_are_those_of_some_state() {
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
        recover_left_over(&dirty.primary, current, &[log], |from, found| {
            assert_eq!(found.origin(), Origin::LogPage);
            let at = from.log_offset(found.offset()).unwrap().get() as usize;
            let signature = if found.key().is_some() { b"nk" } else { b"vk" };
            assert_eq!(&log[at..at + 2], signature, "{seed}: {found:?}");
            // What refers to bytes of another state may be told wrong, and is told as less certain.
            if found.loss().is_empty() && known.has(found) {
                in_logs += 1;
            }
            let level = found.confidence().level;
            assert_ne!(level, calhive::recover::Level::High, "{seed}: {found:?}");
            assert!(known.has(found) || found.value().is_some(), "{seed}: {found:?}");
        });
    }
    println!("{in_logs} records in entries that were left over");
    assert!(in_logs > 20, "{in_logs}");
}

#[test]
fn what_is_written_over_is_recovered_from_the_file() {
    let mut tree = Tree::new("ROOT");
    tree.root = tree.root.key(Key::new("Kept")).key(Key::new("Lost").dword("number", 7));
    let mut edits = Edits::new(&tree, &Options::default());
    edits.delete_key(edits.key("Lost"), hive_forge::time::DEFAULT + 1);
    let edited = edits.finish();
    let file = &edited.hive.bytes;
    let told = |now: &[u8]| {
        let mut told = Vec::new();
        let current = Hive::parse(now).unwrap();
        recover_overwritten(file, current, |found| told.push(found.name().to_string())).unwrap();
        told
    };
    // What is still there is told by the hive itself.
    assert_eq!(told(file), [""; 0]);
    let key = edited.truth.iter().find(|it| it.kind == DeletedKind::Key).unwrap();
    let mut now = file.clone();
    now[key.file_offset() + 4..][..80].fill(0);
    assert_eq!(told(&now), ["Lost"]);
}
