// SPDX-License-Identifier: MIT OR Apache-2.0
//! Classes of hives that a laboratory tests registry tools with. Normal hives are read whole. Every
//! whole record of a corrupted hive is read. Every hidden item of a manipulated hive is shown with
//! the field that hides it.

use std::collections::{BTreeMap, HashMap};

use calhive_regf::hive::hidden::{Hidden, HiddenBy, HiddenItems, Item};
use calhive_regf::{Hive, Key, Name, Value};
use hive_forge::canonical;
use hive_forge::manipulated::{self, Case, Class, Record, RecordKind, What};

use crate::corpus::canonical::canonical;
use crate::image::image;

/// Name of a field in hive-forge.
fn field(by: HiddenBy) -> &'static str {
    match by {
        HiddenBy::Root => "root",
        HiddenBy::SubkeyCount => "subkey count",
        HiddenBy::ListCount => "list count",
        HiddenBy::SubkeyList => "subkey list",
        HiddenBy::SubkeyElement => "subkey element",
        HiddenBy::ValueCount => "value count",
        HiddenBy::ValueList => "value list",
        HiddenBy::ValueElement => "value element",
        HiddenBy::NameLength => "name length",
        HiddenBy::NameFlag => "name flag",
        HiddenBy::DataSize => "data size",
        HiddenBy::DataInline => "inline bit",
        HiddenBy::DataOffset => "data offset",
        HiddenBy::DataType => "data type",
        HiddenBy::BigDataCount => "segment count",
        HiddenBy::BigDataList => "segment list",
        HiddenBy::CellSize => "cell size",
        HiddenBy::Version => "version",
        _ => "none",
    }
}

fn cases(class: Class) -> impl Iterator<Item = Case> {
    manipulated::cases().into_iter().filter(move |case| case.class == class)
}

#[test]
fn normal_hives_are_read_whole_and_hide_nothing() {
    let mut read = 0;
    for case in cases(Class::Normal) {
        let name = format!("{} of {}", case.name, case.tree);
        let hive = Hive::parse(&case.bytes).unwrap();
        let expected = canonical::canonical(case.holds.as_ref().unwrap());
        let (matter, done) = case.headings();
        let levels = done.split(' ').next().and_then(|number| number.parse().ok());
        let (found, deep) = (canonical(hive), matter == "levels" && levels > Some(512));
        // Windows allows 512 levels. Deeper keys are reported, not lost.
        assert_eq!(found.text == expected, !deep, "{name}");
        assert_eq!(found.errors > 0, deep, "{name}");
        let hidden = hive.hidden();
        assert!(hidden.is_empty() || deep, "{name}: {:?}", &hidden[..1]);
        read += 1;
    }
    println!("{read} normal hives");
    assert!(read > 50);
}

/// Keys and values that are shown or hidden, by offset.
#[derive(Default)]
struct Shown<'d> {
    keys: HashMap<u64, Key<'d>>,
    values: HashMap<u64, Value<'d>>,
}

impl<'d> Shown<'d> {
    /// Keys and values of the walk, and the hidden ones.
    fn of(hive: Hive<'d>) -> Self {
        let mut shown = Self::default();
        for entry in hive.walk().with_values(true).filter_map(Result::ok) {
            shown.key(entry.key);
        }
        for item in hive.hidden() {
            match item.item {
                Item::Key(key) => shown.key(key),
                Item::Value(value) => drop(shown.values.insert(value.offset().get(), value)),
                _ => {}
            }
        }
        shown
    }

    fn key(&mut self, key: Key<'d>) {
        self.keys.insert(key.offset().get(), key);
        for value in key.values().filter_map(Result::ok) {
            self.values.insert(value.offset().get(), value);
        }
    }

    /// Whether all records with the name of an item are among them.
    fn shows(&self, case: &Case, item: &manipulated::Hidden) -> bool {
        let key = item.path.last().map_or("", String::as_str);
        let name = item.what.value().unwrap_or(key);
        let is_named = |record: &&Record| record.name.to_string() == name;
        case.records.iter().filter(is_named).all(|record| self.holds(record, record.offset as u64))
    }

    /// Whether a record is among them, with everything that is left of the record.
    fn holds(&self, record: &Record, at: u64) -> bool {
        let same = |name: Name<'_>| name.units().eq(record.name.units());
        match &record.kind {
            RecordKind::Key { last_written } => self
                .keys
                .get(&at)
                .is_some_and(|key| same(key.name()) && key.last_written().raw() == *last_written),
            RecordKind::Value { value_type, data } => self.values.get(&at).is_some_and(|value| {
                let is_whole = data
                    .as_ref()
                    .is_none_or(|data| value.data().is_ok_and(|found| *found.to_bytes() == **data));
                same(value.name()) && value.value_type().0 == *value_type && is_whole
            }),
        }
    }
}

#[test]
fn every_whole_record_of_corrupted_hives_is_read() {
    let (mut whole, mut found, mut hives) = (0, 0, 0);
    let mut lost: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for case in cases(Class::Corrupted) {
        let base = image(&case.bytes);
        let fragment =
            if Hive::parse(base.bytes()).is_ok() { None } else { base.fragment().unwrap() };
        let (bytes, shift) =
            fragment.as_ref().map_or((base.bytes(), 0), |it| (it.image.bytes(), it.shift));
        let shown = Hive::parse(bytes).map(Shown::of).unwrap_or_default();
        for record in &case.records {
            whole += 1;
            if shown.holds(record, (record.offset as u64).checked_add_signed(shift).unwrap()) {
                found += 1;
            } else {
                let name = format!("{} of {}", case.name, case.tree);
                lost.entry(name)
                    .or_default()
                    .push(format!("{:#x} {:?}", record.offset, record.name));
            }
        }
        hives += 1;
    }
    for (case, records) in &lost {
        println!("{case}: {} lost, first {}", records.len(), records[0]);
    }
    println!("{found} of {whole} whole records in {hives} corrupted hives");
    assert!(lost.is_empty() && whole > 10_000);
}

/// The hidden item that hive-forge lists.
fn shown<'h, 'd>(
    hidden: &'h HiddenItems<'d>,
    expected: &manipulated::Hidden,
) -> Option<&'h Hidden<'d>> {
    let value_is = |value: Value<'d>, name: &str| value.name().same(name.into());
    hidden.iter().find(|item| {
        let path = hidden.path(item);
        let same_path = path.is_some_and(|path| {
            path.names().map(|name| name.to_string_lossy()).eq(expected.path.iter().cloned())
        });
        same_path
            && match (&item.item, &expected.what) {
                (Item::Key(_), What::Key) | (Item::KeyName { .. }, What::KeyName) => true,
                (Item::Value(value), What::Value(name)) => value_is(*value, name),
                (Item::ValueName { name, .. }, What::ValueName(expected)) => {
                    name.same(expected.as_str().into())
                }
                (Item::Data { value, .. }, What::Data(name)) => value_is(*value, name),
                _ => false,
            }
    })
}

/// What is wrong with the field that an item is shown with.
fn fault(item: &Hidden<'_>, expected: &manipulated::Hidden) -> Option<String> {
    let named = field(item.by);
    let by = expected.by.field;
    if !(named == by || by.ends_with(named) || (by == "big data size" && named == "data size")) {
        return Some(format!("hidden by {by}, shown by {named}"));
    }
    if item.place.get() != expected.by.offset as u64 {
        return Some(format!("{by} at {:#x}, shown at {}", expected.by.offset, item.place));
    }
    if item.found != expected.by.found {
        return Some(format!("{by} holds {:#x}, shown {:#x}", expected.by.found, item.found));
    }
    if let (Item::Data { data, .. }, Some(expected)) = (&item.item, &expected.data) {
        let found: Vec<u8> = data.iter().flat_map(|it| it.as_slice()).copied().collect();
        if !found.starts_with(expected) {
            return Some(format!("{} bytes of data, shown {}", expected.len(), found.len()));
        }
    }
    (item.suggested != Some(expected.by.original))
        .then(|| format!("{by} was {:#x}, suggested {:x?}", expected.by.original, item.suggested))
}

/// Value names have no hash: one letter of UTF-16 may also be two letters of Latin-1.
fn is_undecidable(what: &What) -> bool {
    matches!(what, What::ValueName(name) if name.encode_utf16().count() == 1)
}

#[test]
fn hidden_items_of_manipulated_hives_are_shown_with_their_field() {
    let (mut items, mut hives, mut survived, mut undecidable) = (0, 0, 0, 0);
    let mut wrong = Vec::new();
    for case in cases(Class::Manipulated) {
        let name = format!("{} of {}", case.name, case.tree);
        let hive = Hive::parse(&case.bytes).unwrap();
        let hidden = hive.hidden();
        let live = Shown::of(hive);
        for expected in &case.hidden {
            // If the root offset leads to no key, calhive searches for the root and shows the tree.
            let is_searched = hive.root_fault().is_some_and(|fault| {
                fault.offset().get() == expected.by.offset as u64 && expected.by.field == "root"
            });
            if is_searched && live.shows(&case, expected) {
                items += 1;
                continue;
            }
            let what = (&expected.path, &expected.what);
            match shown(&hidden, expected) {
                Some(item) => match fault(item, expected) {
                    Some(why) => wrong.push(format!("{name}: {what:?}: {why}")),
                    None => items += 1,
                },
                None if is_undecidable(&expected.what) => undecidable += 1,
                None => wrong.push(format!("{name}: {what:?}: not shown")),
            }
        }
        if let Some(tree) = &case.holds {
            assert!(canonical(hive).text == canonical::canonical(tree), "{name}");
        }
        hive.check(drop);
        survived += usize::from(case.survives_only());
        hives += 1;
    }
    wrong.iter().for_each(|why| println!("{why}"));
    println!(
        "{items} hidden items shown in {hives} hives, {} wrong; {undecidable} names of one letter that may \
         be two; {survived} hives that hide nothing survived",
        wrong.len()
    );
    assert!(wrong.is_empty() && undecidable == 1);
    assert!(items > 200 && survived > 10, "{items} {survived}");
}
