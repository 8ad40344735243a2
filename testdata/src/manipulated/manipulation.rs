// SPDX-License-Identifier: MIT OR Apache-2.0

//! [`Manipulation`]: changes fields of a hive and records the hidden items.

use super::case::{Case, Change, Class, Hidden, What};
use super::subject::{Place, Subject, components};
use crate::tree::Key;
use crate::{Forged, NIL};

/// Content of a field that names no cell.
pub(super) const NO_CELL: u64 = NIL as u64;

/// A hive that is being manipulated. Hidden items belong to the last change before them.
#[derive(Clone, Debug)]
pub(super) struct Manipulation<'s> {
    subject: &'s Subject,
    hive: Forged,
    changes: Vec<Change>,
    hidden: Vec<Hidden>,
}

impl<'s> Manipulation<'s> {
    pub(super) fn new(subject: &'s Subject) -> Self {
        let hive = subject.hive.clone();
        Self { subject, hive, changes: Vec::new(), hidden: Vec::new() }
    }

    /// Writes `found` into the field `part` of `record`. Cases call it `field`.
    pub(super) fn change(
        mut self,
        field: &'static str,
        record: &str,
        part: &str,
        found: u64,
    ) -> Self {
        let range = self.hive.field(record, part);
        let original = self.hive.get(record, part);
        assert_ne!(found, original, "{field}: {part:?} of {record:?} is changed to what it was");
        self.hive.set(record, part, found);
        let (offset, width) = (range.start, range.len());
        self.changes.push(Change { field, offset, width, found, original });
        self
    }

    /// Copies the content of another field.
    pub(super) fn copy(
        self,
        field: &'static str,
        (record, part): (&str, &str),
        (from_record, from_part): (&str, &str),
    ) -> Self {
        let found = self.hive.get(from_record, from_part);
        self.change(field, record, part, found)
    }

    /// Flips bits of a field.
    pub(super) fn flip(self, field: &'static str, record: &str, part: &str, bits: u64) -> Self {
        let found = self.hive.get(record, part) ^ bits;
        self.change(field, record, part, found)
    }

    /// Records that the key at `path` is hidden, with everything below it.
    pub(super) fn hides_key(self, path: &str) -> Self {
        self.hides_key_but(path, None)
    }

    /// Records that the key at `path` is hidden, with everything below it except the key at
    /// `shown`.
    pub(super) fn hides_key_but(mut self, path: &str, shown: Option<&str>) -> Self {
        let shown = shown.map(|path| self.subject.key(path));
        let mut rest = vec![(components(path), self.subject.key(path))];
        let mut below = false;
        while let Some((path, key)) = rest.pop() {
            if shown.is_some_and(|shown| std::ptr::eq(shown, key)) {
                continue;
            }
            self.add(path.clone(), What::Key, below, None);
            below = true;
            for value in &key.values {
                let what = What::Value(value.name.to_string());
                self.add(path.clone(), what, below, Some(value.data.clone()));
            }
            let of = |subkey: &'s Key| {
                let mut path = path.clone();
                path.push(subkey.name.to_string());
                (path, subkey)
            };
            rest.extend(key.subkeys.iter().rev().map(of));
        }
        self
    }

    /// Records that the keys at these paths are hidden.
    pub(super) fn hides_keys(self, paths: &[String]) -> Self {
        paths.iter().fold(self, |done, path| done.hides_key(path))
    }

    /// Records that the name of the key at `path` is hidden.
    pub(super) fn hides_key_name(mut self, path: &str) -> Self {
        self.add(components(path), What::KeyName, false, None);
        self
    }

    /// Records that the value is hidden.
    pub(super) fn hides_value(self, place: (&str, &str)) -> Self {
        self.hides(place, What::Value)
    }

    /// Lists the values of these names of the key at `path` as hidden.
    pub(super) fn hides_values(self, path: &str, names: &[String]) -> Self {
        names.iter().fold(self, |done, name| done.hides_value((path, name)))
    }

    /// Records that the name of the value is hidden.
    pub(super) fn hides_value_name(self, place: (&str, &str)) -> Self {
        self.hides(place, What::ValueName)
    }

    /// Records that data of the value are hidden.
    pub(super) fn hides_data(self, place: Place) -> Self {
        self.hides(place, What::Data)
    }

    fn hides(mut self, (path, name): (&str, &str), what: fn(String) -> What) -> Self {
        let key = self.subject.key(path);
        let value = key.values.iter().find(|value| value.name.to_string() == name);
        let data = value.expect("a value of the tree").data.clone();
        self.add(components(path), what(name.to_owned()), false, Some(data));
        self
    }

    fn add(&mut self, path: Vec<String>, what: What, below: bool, data: Option<Vec<u8>>) {
        let by = *self.changes.last().expect("a change hides it");
        self.hidden.push(Hidden { path, what, below, by, data });
    }

    /// The case, with a correct checksum.
    pub(super) fn case(mut self, name: &str) -> Case {
        self.hive.seal();
        Case {
            bytes: self.hive.bytes,
            changes: self.changes,
            hidden: self.hidden,
            ..self.subject.case(Class::Manipulated, name)
        }
    }
}
