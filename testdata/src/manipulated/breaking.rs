// SPDX-License-Identifier: MIT OR Apache-2.0

//! MR: damage that a reader must survive: loops, sizes that are too large, contradictory segments,
//! mixed encodings.

use super::case::{Case, Class};
use super::manipulation::Manipulation;
use super::subject::{Place, Subject, parent, value_record};
use super::trees::Laboratory;
use crate::SEGMENT;
use crate::tree::Name;

/// All of them, for one tree.
pub(super) fn cases(laboratory: &Laboratory) -> Vec<Case> {
    let subject = laboratory.subject();
    let mut cases = loops(laboratory, &subject);
    cases.extend(sizes(laboratory, &subject));
    cases.extend(segments(laboratory));
    cases.push(mixed_encodings(laboratory));
    cases
}

fn loops(laboratory: &Laboratory, subject: &Subject) -> Vec<Case> {
    let (ancestor, deep) = (laboratory.targets.parent, laboratory.targets.deep);
    let (above, _) = parent(deep);
    let number = subject.subkeys(above).iter().position(|path| path == deep);
    let (list, number) = subject.element(above, number.expect("a subkey of its parent"));
    let element = format!("element {number}");
    let to = |path: &str| {
        let target = u64::from(subject.hive.offset(&format!("key {path}")));
        let done = Manipulation::new(subject).change("subkey element", &list, &element, target);
        done.hides_key(deep)
    };
    let (key, ancestor_key) = (format!("key {deep}"), format!("key {ancestor}"));
    let list_of_ancestor = Manipulation::new(subject)
        .copy("subkey count", (&key, "subkey_count"), (&ancestor_key, "subkey_count"))
        .copy("subkey list", (&key, "subkeys"), (&ancestor_key, "subkeys"));
    vec![
        to(ancestor).case("key loop: list element of an ancestor"),
        to(above).case("key loop: list element of the key that lists it"),
        to("").case("key loop: list element of the root"),
        list_of_ancestor.case("key loop: list of an ancestor for a key without subkeys"),
    ]
}

/// Sizes beyond the cell, beyond any cell, and beyond the four bytes of an inline number.
fn sizes(laboratory: &Laboratory, subject: &Subject) -> Vec<Case> {
    const LARGEST: u64 = 0x7FFF_FFFF;
    let targets = laboratory.targets;
    let raised = |place: Place, size: u64, name| {
        let value = value_record(place);
        let done = Manipulation::new(subject).change("data size", &value, "data_size", size);
        done.case(name)
    };
    let more = |place| subject.value(place).data.len() as u64 + 100;
    vec![
        raised(targets.text, more(targets.text), "size too large: text beyond its cell"),
        raised(targets.text, LARGEST, "size too large: text of 0x7FFFFFFF bytes"),
        raised(targets.binary, more(targets.binary), "size too large: binary data beyond the cell"),
        raised(targets.binary, LARGEST, "size too large: binary data of 0x7FFFFFFF bytes"),
        raised(targets.dword, 0x8000_0008, "size too large: inline integer of 8 bytes"),
        raised(targets.dword, LARGEST, "size too large: integer of 0x7FFFFFFF bytes"),
        raised(targets.dword, u64::from(u32::MAX), "size too large: inline, 0x7FFFFFFF bytes"),
    ]
}

fn segments(laboratory: &Laboratory) -> Vec<Case> {
    let subject = &laboratory.subject_with_big_data();
    let (path, name) = laboratory.targets.big;
    let value = value_record(laboratory.targets.big);
    let data = format!("data {path}:{name}");
    let list = format!("segments {path}:{name}");
    let other = value_record(laboratory.targets.binary);
    let manipulation = || Manipulation::new(subject);
    vec![
        manipulation()
            .change("segment count", &data, "segments", 40)
            .case("segments contradict: count beyond the list"),
        manipulation()
            .change("big data size", &value, "data_size", 10 * SEGMENT as u64)
            .case("segments contradict: size beyond the segments"),
        manipulation()
            .copy("segment element", (&list, "element 0"), (&other, "data"))
            .case("segments contradict: first one too short"),
        manipulation()
            .copy("segment element", (&list, "element 1"), (&list, "element 0"))
            .case("segments contradict: the same one twice"),
        manipulation()
            .copy("segment element", (&list, "element 0"), (&value, "data"))
            .case("segments contradict: the db is its own segment"),
    ]
}

/// Every second name of a list in UTF-16, though Latin-1 would do.
fn mixed_encodings(laboratory: &Laboratory) -> Case {
    let widen = |name: &mut Name| *name = Name::Utf16(name.units());
    let subject = laboratory.with(|tree| {
        let subkeys = &mut tree.root.at(laboratory.targets.parent).subkeys;
        subkeys.iter_mut().step_by(2).for_each(|subkey| widen(&mut subkey.name));
        let values = &mut tree.root.at(laboratory.targets.values).values;
        values.iter_mut().step_by(2).for_each(|value| widen(&mut value.name));
    });
    let case = subject.case(Class::Manipulated, "encodings mixed: every second name in UTF-16");
    Case { holds: Some(subject.tree), ..case }
}
