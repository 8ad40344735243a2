// SPDX-License-Identifier: MIT OR Apache-2.0
//! What stands in logs and is not applied, and what logs write over: all of it is of some state that the
//! hive has had.

use std::collections::BTreeSet;

use calhive::recover::{Origin, Recovered, recover_left_over, recover_overwritten};
use calhive::{Hive, log::replay::replay};
use hive_forge::Options;
use hive_forge::log::{History, NewCrash};
use hive_forge::tree::Key;

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
    let (mut in_logs, mut overwritten) = (0, 0);
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
        recover_overwritten(&dirty.primary, current, |found| {
            overwritten += 1;
            let is_same = found.spans().iter().all(|span| {
                let range = span.start as usize..span.end as usize;
                bytes.get(range.clone()) == dirty.primary.get(range)
            });
            assert!(!is_same, "{seed}: {found:?} is in the state that the logs lead to");
        })
        .unwrap();
    }
    println!("{in_logs} records in entries that were left over, {overwritten} written over");
    assert!(in_logs > 20, "{in_logs}");
}
