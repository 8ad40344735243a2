// SPDX-License-Identifier: MIT OR Apache-2.0
//! One damaged field at a time. The fault is reported with its kind and its exact offset, and the
//! rest of the hive is read.

mod file;
#[cfg(feature = "mmap")]
mod fragment;
mod gaps;
mod keys;
mod lists;
mod values;

use calhive_regf::{Error, ErrorKind, FileOffset, Hive};
use hive_forge::tree::{Key, Name, Tree, Value};
use hive_forge::{Forged, Options, SEGMENT, write};

/// Size of `A:big`, in two segments.
const BIG: usize = SEGMENT + 100;

/// A small hive with one of everything. Each list fills its cell, so that one more element does not
/// fit.
fn forged() -> Forged {
    write(&tree(), &Options::default())
}

fn tree() -> Tree {
    let a = Key::new("A")
        .class("class")
        .binary("binary", &[7; 44])
        .dword("number", 1)
        .sz("text", "some text")
        .binary("big", &[9; BIG])
        .value(Value::binary("last", &[1, 2]))
        .key(Key::new("below").dword("number", 2));
    let mut tree = Tree::new("ROOT");
    tree.root.subkeys = vec![a, Key::new("B"), Key::new("C").key(Key::new("D"))];
    tree.root.subkeys.push(Key::new(Name::from("\u{394}\u{3b4}")));
    tree
}

/// All keys of the hive.
const ALL: [&str; 7] = ["", "A", r"A\below", "B", "C", r"C\D", "\u{394}\u{3b4}"];

/// Keys, values and faults that a walk with values and a check report.
#[derive(Debug, Default)]
struct Reading {
    keys: Vec<String>,
    /// Values whose data are whole, as `key:name`.
    values: Vec<String>,
    errors: Vec<Error>,
    faults: Vec<Error>,
    check: Vec<Error>,
}

impl Reading {
    fn of(bytes: &[u8]) -> Self {
        let hive = Hive::parse(bytes).unwrap();
        let mut reading = Self::default();
        let mut walk = hive.walk().with_values(true);
        while let Some(entry) = walk.next() {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    reading.errors.push(error);
                    continue;
                }
            };
            let path = walk.path().to_string();
            for value in entry.values {
                match value.and_then(|value| walk.data(value).map(|_| value)) {
                    Ok(value) => reading.values.push(format!("{path}:{}", value.name())),
                    Err(error) => reading.errors.push(error),
                }
            }
            reading.keys.push(path);
        }
        reading.faults = walk.faults().to_vec();
        // Other tests cover what the damage hides.
        hive.check(|finding| match finding.error.kind() {
            ErrorKind::Hidden { .. } => {}
            _ => reading.check.push(finding.error),
        });
        reading
    }

    /// Asserts that all keys but these were read.
    #[track_caller]
    fn lacks(&self, lost: &[&str]) -> &Self {
        let kept: Vec<&str> = ALL.into_iter().filter(|key| !lost.contains(key)).collect();
        assert_eq!(self.keys, kept);
        self
    }

    /// Asserts that the walk reports only this error, and that the check reports it, too.
    #[track_caller]
    fn reports(&self, kind: ErrorKind, offset: usize) -> &Self {
        assert_eq!(self.errors, [error(kind, offset)]);
        self.check_reports(kind, offset)
    }

    /// Asserts that the walk shows everything, with only this fault.
    #[track_caller]
    fn faults(&self, kind: ErrorKind, offset: usize) -> &Self {
        assert_eq!(self.errors, []);
        assert_eq!(self.faults, [error(kind, offset)]);
        self.check_reports(kind, offset)
    }

    /// Asserts that the check reports this error once.
    #[track_caller]
    fn check_reports(&self, kind: ErrorKind, offset: usize) -> &Self {
        let wanted = error(kind, offset);
        let count = self.check.iter().filter(|error| **error == wanted).count();
        assert_eq!(count, 1, "{wanted:?} in {:#?}", self.check);
        self
    }

    /// Asserts the number of faults that the check reports.
    #[track_caller]
    fn in_all(&self, count: usize) {
        assert_eq!(self.check.len(), count, "{:#?}", self.check);
    }
}

fn error(kind: ErrorKind, offset: usize) -> Error {
    Error::new(kind, FileOffset::new(offset as u64))
}

/// Offset of a field in the file.
fn place(hive: &Forged, record: &str, field: &str) -> usize {
    hive.field(record, field).start
}

/// Number of bytes of a cell after its header.
fn room(hive: &Forged, record: &str) -> u64 {
    u64::from((hive.get(record, "cell_size") as u32 as i32).unsigned_abs()) - 4
}

#[test]
fn sound_hive_has_no_faults() {
    let reading = Reading::of(&forged().bytes);
    assert_eq!(reading.keys, ALL);
    assert_eq!(reading.values.len(), 6);
    assert_eq!((reading.errors, reading.faults, reading.check), (vec![], vec![], vec![]));
}
