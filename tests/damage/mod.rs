// SPDX-License-Identifier: MIT OR Apache-2.0
//! One field broken at a time: what is wrong is told with its kind and its exact place, and the rest
//! of the hive is read.

mod file;
#[cfg(feature = "mmap")]
mod fragment;
mod gaps;
mod keys;
mod lists;
mod values;

use calhive::{Error, ErrorKind, FileOffset, Hive};
use hive_forge::tree::{Key, Name, Tree, Value};
use hive_forge::{Forged, Options, SEGMENT, write};

/// The bytes of `A:big`, in two segments.
const BIG: usize = SEGMENT + 100;

/// A small hive with one of everything. Each list fills its cell, so that one element more is one
/// too many.
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

/// All keys of that hive.
const ALL: [&str; 7] = ["", "A", r"A\below", "B", "C", r"C\D", "\u{394}\u{3b4}"];

/// What a walk with values and a check tell.
#[derive(Debug, Default)]
struct Reading {
    keys: Vec<String>,
    /// Values whose data are all there, as `key:name`.
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
        // What is hidden by the damage has tests of its own.
        hive.check(|finding| match finding.error.kind() {
            ErrorKind::Hidden { .. } => {}
            _ => reading.check.push(finding.error),
        });
        reading
    }

    /// All keys but these were read.
    #[track_caller]
    fn lacks(&self, lost: &[&str]) -> &Self {
        let kept: Vec<&str> = ALL.into_iter().filter(|key| !lost.contains(key)).collect();
        assert_eq!(self.keys, kept);
        self
    }

    /// The walk and the check tell this one error, and the walk tells no other.
    #[track_caller]
    fn tells(&self, kind: ErrorKind, offset: usize) -> &Self {
        assert_eq!(self.errors, [error(kind, offset)]);
        self.check_tells(kind, offset)
    }

    /// The walk shows all, with this one fault.
    #[track_caller]
    fn faults(&self, kind: ErrorKind, offset: usize) -> &Self {
        assert_eq!(self.errors, []);
        assert_eq!(self.faults, [error(kind, offset)]);
        self.check_tells(kind, offset)
    }

    /// The check tells this error, once.
    #[track_caller]
    fn check_tells(&self, kind: ErrorKind, offset: usize) -> &Self {
        let wanted = error(kind, offset);
        let told = self.check.iter().filter(|error| **error == wanted).count();
        assert_eq!(told, 1, "{wanted:?} in {:#?}", self.check);
        self
    }

    /// The check tells as many faults as this, each of them looked for.
    #[track_caller]
    fn in_all(&self, count: usize) {
        assert_eq!(self.check.len(), count, "{:#?}", self.check);
    }
}

fn error(kind: ErrorKind, offset: usize) -> Error {
    Error::new(kind, FileOffset::new(offset as u64))
}

/// Where a field begins in the file.
fn place(hive: &Forged, record: &str, field: &str) -> usize {
    hive.field(record, field).start
}

/// The bytes of a cell after its header.
fn room(hive: &Forged, record: &str) -> u64 {
    u64::from((hive.get(record, "cell_size") as u32 as i32).unsigned_abs()) - 4
}

#[test]
fn the_sound_hive_is_sound() {
    let reading = Reading::of(&forged().bytes);
    assert_eq!(reading.keys, ALL);
    assert_eq!(reading.values.len(), 6);
    assert_eq!((reading.errors, reading.faults, reading.check), (vec![], vec![], vec![]));
}
