// SPDX-License-Identifier: MIT OR Apache-2.0

//! MR: keys are hidden: the root, names of keys, subkeys.

use super::case::Case;
use super::manipulation::{Manipulation, NO_CELL};
use super::subject::Subject;
use super::trees::Laboratory;
use crate::options::ListKind;
use crate::record::COMP_NAME_KEY;

/// The flipped bit.
pub(super) const COMP_NAME: u64 = COMP_NAME_KEY as u64;

/// All of them, for one tree.
pub(super) fn cases(laboratory: &Laboratory) -> Vec<Case> {
    let subject = laboratory.subject();
    let mut cases = root(laboratory, &subject);
    cases.extend(names(laboratory, &subject));
    cases.extend(counts(laboratory, &subject));
    cases.extend(lists(laboratory, &subject));
    cases.extend(elements(laboratory, &subject));
    if subject.has_index_root(laboratory.targets.parent) {
        cases.extend(index_root(laboratory, &subject));
    }
    cases
}

fn root(laboratory: &Laboratory, subject: &Subject) -> Vec<Case> {
    let parent = laboratory.targets.parent;
    let new = u64::from(subject.hive.offset(&format!("key {parent}")));
    let moved = |offset| Manipulation::new(subject).change("root", "base", "root", offset);
    vec![
        moved(new).hides_key_but("", Some(parent)).case("root key hidden: offset of another key"),
        moved(NO_CELL).hides_key("").case("root key hidden: offset NIL"),
        moved(0x7FFF_FFF0).hides_key("").case("root key hidden: offset past the end"),
    ]
}

fn names(laboratory: &Laboratory, subject: &Subject) -> Vec<Case> {
    let path = last_subkey(laboratory, subject);
    let key = format!("key {path}");
    let manipulation = || Manipulation::new(subject);
    vec![
        manipulation()
            .change("key name length", &key, "name_length", 0)
            .hides_key_name(&path)
            .case("key name hidden: length 0"),
        manipulation()
            .flip("key name flag", &key, "flags", COMP_NAME)
            .hides_key_name(&path)
            .case("key name hidden: COMP_NAME flipped"),
        flags_flipped(laboratory, subject),
    ]
}

/// Returns the case of swapped name flags in one list: Latin-1 names as UTF-16, and UTF-16 names as
/// Latin-1.
fn flags_flipped(laboratory: &Laboratory, subject: &Subject) -> Case {
    let subkeys = subject.subkeys(laboratory.targets.parent);
    let flipped = subkeys.iter().fold(Manipulation::new(subject), |done, path| {
        let key = format!("key {path}");
        done.flip("key name flag", &key, "flags", COMP_NAME).hides_key_name(path)
    });
    flipped.case("key name flags flipped: each key of a list")
}

/// The count of the key, then the counts of lists.
fn counts(laboratory: &Laboratory, subject: &Subject) -> Vec<Case> {
    let parent = laboratory.targets.parent;
    let key = format!("key {parent}");
    let subkeys = subject.subkeys(parent);
    let last = subkeys.len() - 1;
    let (list, element) = subject.element(parent, last);
    let in_list = &subkeys[last - element..];
    let manipulation = || Manipulation::new(subject);
    vec![
        manipulation()
            .change("subkey count", &key, "subkey_count", 0)
            .hides_keys(&subkeys)
            .case("subkeys hidden: key's count 0"),
        manipulation()
            .change("subkey count", &key, "subkey_count", last as u64)
            .hides_key(&subkeys[last])
            .case("subkeys hidden: key's count lowered by one"),
        manipulation()
            .change("list count", &list, "count", 0)
            .hides_keys(in_list)
            .case("subkeys hidden: list's count 0"),
        manipulation()
            .change("list count", &list, "count", element as u64)
            .hides_key(&subkeys[last])
            .case("subkeys hidden: list's count lowered by one"),
        manipulation()
            .change("subkey count", &key, "subkey_count", last as u64)
            .change("list count", &list, "count", element as u64)
            .hides_key(&subkeys[last])
            .case("subkeys hidden: both counts lowered by one"),
    ]
}

fn lists(laboratory: &Laboratory, subject: &Subject) -> Vec<Case> {
    let parent = laboratory.targets.parent;
    let other = format!("key {}", laboratory.targets.other_parent);
    let key = format!("key {parent}");
    let subkeys = subject.subkeys(parent);
    let manipulation = || Manipulation::new(subject);
    vec![
        manipulation()
            .change("subkey count", &key, "subkey_count", 0)
            .change("subkey list", &key, "subkeys", NO_CELL)
            .hides_keys(&subkeys)
            .case("subkeys hidden: list offset NIL, key's count 0"),
        manipulation()
            .change("subkey list", &key, "subkeys", NO_CELL)
            .hides_keys(&subkeys)
            .case("subkeys hidden: list offset NIL"),
        manipulation()
            .copy("subkey list", (&key, "subkeys"), (&other, "subkeys"))
            .hides_keys(&subkeys)
            .case("subkeys hidden: list offset of another key"),
        manipulation()
            .copy("subkey count", (&key, "subkey_count"), (&other, "subkey_count"))
            .copy("subkey list", (&key, "subkeys"), (&other, "subkeys"))
            .hides_keys(&subkeys)
            .case("subkeys hidden: list offset and count of another key"),
    ]
}

fn elements<'s>(laboratory: &Laboratory, subject: &'s Subject) -> Vec<Case> {
    let parent = laboratory.targets.parent;
    let subkeys = subject.subkeys(parent);
    let last = subkeys.len() - 1;
    let (list, number) = subject.element(parent, last);
    let element = format!("element {number}");
    let neighbor = format!("element {}", number - 1);
    let hidden = |done: Manipulation<'_>, name| done.hides_key(&subkeys[last]).case(name);
    let manipulation = || Manipulation::new(subject);
    let doubled =
        |done: Manipulation<'s>| done.copy("subkey element", (&list, &element), (&list, &neighbor));
    let mut cases = vec![
        hidden(doubled(manipulation()), "subkeys hidden: list element of its neighbor"),
        hidden(
            manipulation().change("subkey element", &list, &element, NO_CELL),
            "subkeys hidden: list element NIL",
        ),
    ];
    if subject.options.list != ListKind::Li {
        let hashes = [number, number - 1].map(|number| format!("hash {number}"));
        let [hash, neighbor] = hashes.each_ref().map(|hash| (list.as_str(), hash.as_str()));
        cases.push(hidden(
            doubled(manipulation().copy("subkey hash", hash, neighbor)),
            "subkeys hidden: list element and hash of its neighbor",
        ));
    }
    cases
}

/// Manipulations of an ri.
fn index_root(laboratory: &Laboratory, subject: &Subject) -> Vec<Case> {
    let parent = laboratory.targets.parent;
    let list = format!("list {parent}");
    let subkeys = subject.subkeys(parent);
    let leaves = subkeys.len().div_ceil(subject.options.leaf_elements);
    let in_last_leaf = &subkeys[(leaves - 1) * subject.options.leaf_elements..];
    let element = format!("element {}", leaves - 1);
    let neighbor = format!("element {}", leaves - 2);
    let hidden = |done: Manipulation<'_>, name| done.hides_keys(in_last_leaf).case(name);
    let manipulation = || Manipulation::new(subject);
    vec![
        hidden(
            manipulation().change("list count", &list, "count", leaves as u64 - 1),
            "subkeys hidden: ri's count lowered by one",
        ),
        hidden(
            manipulation().copy("subkey element", (&list, &element), (&list, &neighbor)),
            "subkeys hidden: ri element of its neighbor",
        ),
        hidden(
            manipulation().change("subkey element", &list, &element, NO_CELL),
            "subkeys hidden: ri element NIL",
        ),
    ]
}

/// The hidden subkey: the last one, which has subkeys.
fn last_subkey(laboratory: &Laboratory, subject: &Subject) -> String {
    subject.subkeys(laboratory.targets.parent).pop().expect("a subkey")
}
