// SPDX-License-Identifier: MIT OR Apache-2.0

//! MR: hidden data, in one cell or big.

use super::case::Case;
use super::manipulation::{Manipulation, NO_CELL};
use super::subject::{Place, Subject, value_record};
use super::trees::Laboratory;
use crate::SEGMENT;
use crate::tree::value_type;

/// Bit of a data size: the data are inline.
const INLINE: u64 = 0x8000_0000;

/// All of them, for one tree.
pub(super) fn cases(laboratory: &Laboratory) -> Vec<Case> {
    let subject = laboratory.subject();
    let mut cases = sizes(laboratory, &subject);
    cases.extend(places(laboratory, &subject));
    cases.extend(types(laboratory, &subject));
    cases.extend(big_data(laboratory));
    cases
}

fn sizes(laboratory: &Laboratory, subject: &Subject) -> Vec<Case> {
    let targets = laboratory.targets;
    let lowered = |place: Place, size: u64, name| {
        let value = value_record(place);
        let done = Manipulation::new(subject).change("data size", &value, "data_size", size);
        done.hides_data(place).case(name)
    };
    // Whole characters, so that the rest is a text.
    let half = |place| subject.value(place).data.len() as u64 / 4 * 2;
    vec![
        lowered(targets.text, half(targets.text), "data hidden: size of text lowered"),
        lowered(targets.dword, INLINE | 1, "data hidden: size of a DWORD lowered"),
        lowered(targets.binary, half(targets.binary), "data hidden: size of binary data lowered"),
        lowered(targets.binary, 0, "data hidden: size of binary data 0"),
    ]
}

/// The inline bit, and the data offset.
fn places(laboratory: &Laboratory, subject: &Subject) -> Vec<Case> {
    let targets = laboratory.targets;
    let flipped = |place: Place, name| {
        let value = value_record(place);
        let done = Manipulation::new(subject).flip("inline bit", &value, "data_size", INLINE);
        done.hides_data(place).case(name)
    };
    let shortened = {
        let value = value_record(targets.text);
        let done = Manipulation::new(subject);
        done.change("inline bit", &value, "data_size", INLINE | 4).hides_data(targets.text)
    };
    let moved = {
        let (value, other) = (value_record(targets.text), value_record(targets.binary));
        let done = Manipulation::new(subject);
        done.copy("data offset", (&value, "data"), (&other, "data")).hides_data(targets.text)
    };
    vec![
        flipped(targets.text, "data hidden: inline bit of text set"),
        flipped(targets.binary, "data hidden: inline bit of binary data set"),
        flipped(targets.dword, "data hidden: inline bit of a DWORD cleared"),
        shortened.case("data hidden: inline bit of text set, size 4"),
        moved.case("data hidden: offset of another value's data"),
    ]
}

fn types(laboratory: &Laboratory, subject: &Subject) -> Vec<Case> {
    let targets = laboratory.targets;
    let changed = |place: Place, value_type: u32, name| {
        let value = value_record(place);
        let done = Manipulation::new(subject);
        let done = done.change("data type", &value, "value_type", u64::from(value_type));
        done.hides_data(place).case(name)
    };
    vec![
        changed(targets.text, value_type::DWORD, "data hidden: type of text changed to DWORD"),
        changed(targets.dword, value_type::SZ, "data hidden: type of a DWORD changed to text"),
    ]
}

fn big_data(laboratory: &Laboratory) -> Vec<Case> {
    let subject = &laboratory.subject_with_big_data();
    let (big, other) = (laboratory.targets.big, laboratory.targets.other_big);
    let value = value_record(big);
    let [data, other_data] = [big, other].map(|(path, name)| format!("data {path}:{name}"));
    let hidden = |done: Manipulation<'_>, name| done.hides_data(big).case(name);
    let manipulation = || Manipulation::new(subject);
    let size =
        |size: usize| manipulation().change("big data size", &value, "data_size", size as u64);
    let count = |count| manipulation().change("segment count", &data, "segments", count);
    vec![
        hidden(size(SEGMENT), "big data hidden: size lowered to 16,344"),
        hidden(size(8), "big data hidden: size lowered to 8"),
        hidden(size(SEGMENT + 1), "big data hidden: size lowered to 16,345"),
        hidden(count(2), "big data hidden: segment count lowered by one"),
        hidden(count(0), "big data hidden: segment count 0"),
        hidden(
            manipulation().copy("segment list", (&data, "list"), (&other_data, "list")),
            "big data hidden: segment list of another value",
        ),
        hidden(
            manipulation().change("segment list", &data, "list", NO_CELL),
            "big data hidden: segment list NIL",
        ),
    ]
}
