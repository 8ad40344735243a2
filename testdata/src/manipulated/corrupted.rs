// SPDX-License-Identifier: MIT OR Apache-2.0

//! CR: parts of a hive are destroyed, or only parts are left.
//!
//! A part is destroyed in place, which keeps the length of the file, or cut out, which does not.

use std::iter::once;
use std::ops::Range;
use std::slice::from_ref;

use super::case::{Case, Class};
use super::subject::Subject;
use super::trees::Laboratory;
use crate::rng::Rng;
use crate::space::BASE_BLOCK;

/// All of them, for one tree.
pub(super) fn cases(laboratory: &Laboratory) -> Vec<Case> {
    let subject = &laboratory.subject();
    let mut cases = Vec::new();
    for part in parts(subject) {
        for fill in [Fill::Zeros, Fill::Ones, Fill::Random] {
            let name = format!("{}: destroyed by {}", part.name, fill.about());
            cases.push(destroyed(subject, &name, from_ref(&part.range), fill));
        }
        let name = format!("{}: all but it destroyed", part.name);
        cases.push(left(subject, &name, from_ref(&part.range)));
        if part.range.start < BASE_BLOCK {
            let name = format!("{}: all else cut off", part.name);
            cases.push(cut_out(subject, &name, part.range));
        } else {
            let with_base = [0..BASE_BLOCK, part.range.clone()];
            let name = format!("{}: all but it and the base block destroyed", part.name);
            cases.push(left(subject, &name, &with_base));
            cases.push(cut_out(subject, &format!("{}: cut out", part.name), part.range));
        }
    }
    cases.extend(fragments(subject));
    cases
}

/// A part that is destroyed or kept.
struct Part {
    name: &'static str,
    range: Range<usize>,
}

fn parts(subject: &Subject) -> Vec<Part> {
    let len = subject.hive.bytes.len();
    let bins = bins(subject);
    let root = subject.hive.field("key ", "signature").start;
    let root_bin = bins.iter().find(|bin| bin.contains(&root)).expect("the root is in a bin");
    // No bin that holds only a part of some data.
    let has_key =
        |bin: &Range<usize>| subject.records(from_ref(bin), 0).iter().any(|record| record.is_key());
    let others: Vec<&Range<usize>> =
        bins.iter().filter(|bin| *bin != root_bin && has_key(bin)).collect();
    let random_bin = others[Rng::new(len as u64).below(others.len())];
    [
        ("base block", 0..BASE_BLOCK),
        ("bin of the root key", root_bin.clone()),
        ("random bin", random_bin.clone()),
        ("first half", 0..len / 2),
        ("last half", len / 2..len),
        ("first quarter", 0..len / 4),
        ("last quarter", len - len / 4..len),
    ]
    .map(|(name, range)| Part { name, range })
    .into()
}

/// Returns files that begin with the header of a bin in the middle of the hive.
fn fragments(subject: &Subject) -> Vec<Case> {
    let len = subject.hive.bytes.len();
    let bins = bins(subject);
    let middle = bins[bins.len() / 2].start;
    let third = bins[bins.len() / 3].start;
    vec![
        cut_out(subject, "fragment: all bins, no base block", BASE_BLOCK..len),
        cut_out(subject, "fragment: from the middle bin to the end", middle..len),
        cut_out(subject, "fragment: from a third to the middle bin", third..middle),
        // The last bin is truncated, in the middle of a cell or not.
        cut_out(subject, "fragment: a few bins and 1,000 bytes of one", third..middle + 1000),
        cut_out(subject, "fragment: 512 bytes", middle..middle + 512),
    ]
}

/// Returns the bins, as ranges of the file.
fn bins(subject: &Subject) -> Vec<Range<usize>> {
    let names = subject.hive.records().filter(|record| record.starts_with("bin "));
    names
        .map(|bin| {
            let start = subject.hive.field(bin, "signature").start;
            start..start + subject.hive.get(bin, "size") as usize
        })
        .collect()
}

/// Filling of a destroyed part.
#[derive(Clone, Copy)]
enum Fill {
    Zeros,
    Ones,
    Random,
}

impl Fill {
    fn about(self) -> &'static str {
        match self {
            Self::Zeros => "zeros",
            Self::Ones => "0xFF",
            Self::Random => "random bytes",
        }
    }

    fn write(self, place: &mut [u8]) {
        match self {
            Self::Zeros => place.fill(0),
            Self::Ones => place.fill(0xFF),
            Self::Random => place.copy_from_slice(&Rng::new(1).bytes(place.len())),
        }
    }
}

/// Returns the hive with these parts destroyed in place.
fn destroyed(subject: &Subject, name: &str, parts: &[Range<usize>], fill: Fill) -> Case {
    let kept = others(parts, subject.hive.bytes.len());
    let mut case = subject.case(Class::Corrupted, name);
    parts.iter().for_each(|part| fill.write(&mut case.bytes[part.clone()]));
    Case { records: subject.records(&kept, 0), ..case }
}

/// Returns the hive with only these parts in place, and zeros elsewhere.
fn left(subject: &Subject, name: &str, parts: &[Range<usize>]) -> Case {
    let lost = others(parts, subject.hive.bytes.len());
    destroyed(subject, name, &lost, Fill::Zeros)
}

/// Returns a file of only this part.
fn cut_out(subject: &Subject, name: &str, part: Range<usize>) -> Case {
    Case {
        bytes: subject.hive.bytes[part.clone()].to_vec(),
        start: part.start,
        records: subject.records(from_ref(&part), part.start),
        ..subject.case(Class::Corrupted, name)
    }
}

/// Ranges between `parts`, which are sorted.
fn others(parts: &[Range<usize>], len: usize) -> Vec<Range<usize>> {
    let mut others = Vec::new();
    let mut at = 0;
    for part in parts.iter().cloned().chain(once(len..len)) {
        if at < part.start {
            others.push(at..part.start);
        }
        at = part.end;
    }
    others
}
