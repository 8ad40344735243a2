// SPDX-License-Identifier: MIT OR Apache-2.0

//! Random trees with everything that the format can express, random edits of trees, and random
//! damage to bytes.

mod deletion;
mod edit;
mod mutation;

use std::collections::HashSet;

use crate::rng::Rng;
use crate::security::{ALLOWED, AUDIT, Ace, DENIED, Descriptor, FULL_CONTROL, READ, Sid};
use crate::time::filetime;
use crate::tree::{Key, Name, SYM_LINK, Security, Tree, Value, value_type};
use crate::upcase::upcase;

pub use deletion::{Deletions, deletions, edits};
pub use edit::{edit, plain_edit};
pub use mutation::{mutate, mutate_text};

/// Returns a tree of `size` keys, including the root, that a hive of version 1.`minor` can hold.
///
/// The tree has all value types, known and unknown; data of up to five segments for any type;
/// Latin-1 and UTF-16 names with NULs and lone surrogates, but no backslash; class names, symbolic
/// links, several security descriptors, and timestamps from 0 to `u64::MAX`. The upper-case names
/// of siblings differ.
pub fn tree(seed: u64, size: usize, minor: u32) -> Tree {
    Generator { rng: Rng::new(seed), minor, plain: false }.tree(size)
}

/// A tree of `size` keys that any reader can read: printable names without Latin-1 beyond ASCII,
/// known value types with matching data, plausible timestamps.
pub fn plain_tree(seed: u64, size: usize) -> Tree {
    Generator { rng: Rng::new(seed), minor: 5, plain: true }.tree(size)
}

struct Generator {
    rng: Rng,
    minor: u32,
    plain: bool,
}

impl Generator {
    fn tree(&mut self, size: usize) -> Tree {
        let mut keys = vec![self.key(&mut HashSet::new())];
        let mut parents = vec![0];
        let mut names = vec![HashSet::new()];
        for number in 1..size {
            // Half of the keys are below recent ones, which makes the tree deep.
            let parent = if self.rng.one_in(2) {
                number - 1 - self.rng.below(number.min(4))
            } else {
                self.rng.below(number)
            };
            parents.push(parent);
            let key = self.key(&mut names[parent]);
            keys.push(key);
            names.push(HashSet::new());
        }
        while keys.len() > 1 {
            let key = keys.pop().expect("more than one key");
            let parent = parents[keys.len()];
            keys[parent].subkeys.push(key);
        }
        Tree { root: keys.remove(0) }
    }

    fn key(&mut self, siblings: &mut HashSet<Vec<u16>>) -> Key {
        let mut key = Key::new(self.new_name(siblings, 1, 255));
        key.last_written = self.time();
        key.security = self.security();
        if self.rng.one_in(8) {
            key.class = Some(self.class());
        }
        if !self.plain {
            self.mark(&mut key);
        }
        let mut names = HashSet::new();
        if key.flags & SYM_LINK != 0 {
            key = key.value(Value::link(r"\Registry\Machine\Target"));
            names.insert(upcased(&Name::from("SymbolicLinkValue")));
        }
        let values = match self.rng.below(20) {
            0..=5 => 0,
            19 => self.rng.range(20, 60),
            _ => self.rng.range(1, 6),
        };
        for _ in 0..values {
            let name = self.new_name(&mut names, 0, 1000);
            let value = if self.plain { self.plain_value(name) } else { self.value(name) };
            key.values.push(value);
        }
        key
    }

    /// Sets flags and bytes that only some versions have.
    fn mark(&mut self, key: &mut Key) {
        if self.rng.one_in(12) {
            key.flags = self.rng.pick(&[SYM_LINK, SYM_LINK, 0x80, 0x100, 0x1000]);
        }
        if self.minor >= 5 && self.rng.one_in(4) {
            key.access_bits = self.rng.pick(&[1, 2, 3]);
            key.user_flags = self.rng.pick(&[0, 1, 2, 0x10]);
        }
    }

    fn value(&mut self, name: Name) -> Value {
        let value_type = match self.rng.below(14) {
            12 => 0x10,
            13 => 0xFFFF_0011,
            known => known as u32,
        };
        let len = match self.rng.below(100) {
            0..=7 => 0,
            8..=17 => 1,
            18..=24 => 3,
            25..=44 => 4,
            45..=52 => 5,
            53..=94 => self.rng.range(6, 700),
            95 => 16344,
            96 => 16345,
            97 => 40_000,
            98 => 70_000,
            _ => self.rng.range(4000, 4200),
        };
        Value::new(name, value_type, &self.rng.bytes(len))
    }

    fn plain_value(&mut self, name: Name) -> Value {
        let text = |rng: &mut Rng| word(rng, 1, 60);
        let value_type = self.rng.below(12) as u32;
        let mut value = match value_type {
            value_type::SZ => Value::sz("", &text(&mut self.rng)),
            value_type::EXPAND_SZ => Value::expand_sz("", &text(&mut self.rng)),
            value_type::LINK => Value::sz("", &text(&mut self.rng)),
            value_type::MULTI_SZ => {
                Value::multi_sz("", &[&text(&mut self.rng), &text(&mut self.rng)])
            }
            value_type::DWORD | 5 => Value::dword("", self.rng.next_u64() as u32),
            value_type::QWORD => Value::qword("", self.rng.next_u64()),
            _ => {
                let len = match self.rng.below(40) {
                    0 => 16_344,
                    1 => 16_400,
                    2 => 40_000,
                    _ => self.rng.range(5, 400),
                };
                Value::binary("", &self.rng.bytes(len))
            }
        };
        value.name = name;
        value.value_type = value_type;
        value
    }

    /// Returns a name that differs from all `others` in upper case.
    fn new_name(&mut self, others: &mut HashSet<Vec<u16>>, low: usize, high: usize) -> Name {
        loop {
            let name = self.name(low, high);
            if others.insert(upcased(&name)) {
                return name;
            }
        }
    }

    fn name(&mut self, low: usize, high: usize) -> Name {
        if low == 0 && self.rng.one_in(8) {
            return Name::default();
        }
        let high = if self.rng.one_in(20) { high } else { 24 };
        let len = self.rng.range(1, high);
        let rng = &mut self.rng;
        match rng.below(10) {
            0..=4 => Name::from(word(rng, len, len).as_str()),
            5..=6 if self.plain => {
                Name::Utf16((0..len).map(|_| rng.range(0x0410, 0x044F) as u16).collect())
            }
            _ if self.plain => Name::from(word(rng, len.min(8), len).as_str()),
            5..=6 => Name::Latin1((0..len).map(|_| rng.range(0x80, 0xFF) as u8).collect()),
            7 => Name::Latin1(rng.bytes(len).into_iter().map(no_backslash).collect()),
            8 => Name::Utf16((0..len).map(|_| rng.range(0xC0, 0x24F) as u16).collect()),
            _ => Name::Utf16((0..len).map(|_| any_unit(rng)).collect()),
        }
    }

    fn class(&mut self) -> Vec<u16> {
        let len = self.rng.range(1, 40);
        if self.plain {
            return word(&mut self.rng, len, len).encode_utf16().collect();
        }
        (0..len).map(|_| any_unit(&mut self.rng)).collect()
    }

    fn time(&mut self) -> u64 {
        let first = filetime(1996, 8, 24, 0, 0, 0);
        let span = filetime(2024, 6, 1, 0, 0, 0) - first;
        match self.rng.below(20) {
            0 if !self.plain => 0,
            1 if !self.plain => u64::MAX,
            2 if !self.plain => self.rng.next_u64(),
            _ => first + self.rng.next_u64() % span,
        }
    }

    fn security(&mut self) -> Security {
        match self.rng.below(8) {
            0..=4 => Security::system_default(),
            5 => Security::administrators_full(),
            6 => Descriptor {
                owner: Some(Sid::system()),
                group: Some(Sid::system()),
                dacl: Some(vec![
                    Ace { kind: DENIED, flags: 0, mask: FULL_CONTROL, sid: Sid::everyone() },
                    Ace { kind: ALLOWED, flags: 0, mask: READ, sid: Sid::network_service() },
                ]),
                sacl: Some(vec![Ace {
                    kind: AUDIT,
                    flags: 0xC0,
                    mask: READ,
                    sid: Sid::everyone(),
                }]),
            }
            .build(),
            _ => {
                let relative = self.rng.range(1000, 1009) as u32;
                let owner = Sid::new(5, &[21, 1_004_336_348, 1_177_238_915, 682_003_330, relative]);
                let dacl = Some(vec![Ace::allow(FULL_CONTROL, owner.clone())]);
                Descriptor { owner: Some(owner.clone()), group: Some(owner), dacl, sacl: None }
                    .build()
            }
        }
    }
}

fn upcased(name: &Name) -> Vec<u16> {
    name.units().into_iter().map(upcase).collect()
}

/// Letters, digits and other characters of names, from `low` to `high` characters.
fn word(rng: &mut Rng, low: usize, high: usize) -> String {
    const LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 ._-{}#";
    let len = rng.range(low, high);
    // Neither end is a blank, since some readers trim blanks.
    let mut letters: Vec<u8> = (0..len).map(|_| rng.pick(LETTERS)).collect();
    for end in [0, len - 1] {
        if letters[end] == b' ' {
            letters[end] = b'x';
        }
    }
    String::from_utf8(letters).expect("ASCII")
}

/// Any code unit but a backslash. NULs and surrogates are more frequent than by chance.
fn any_unit(rng: &mut Rng) -> u16 {
    match rng.below(6) {
        0 => 0,
        1 => rng.range(0xD800, 0xDFFF) as u16,
        2 => rng.range(0x61, 0x7A) as u16,
        _ => match rng.next_u64() as u16 {
            0x5C => 0x5D,
            unit => unit,
        },
    }
}

fn no_backslash(byte: u8) -> u8 {
    if byte == b'\\' { b'/' } else { byte }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sibling_names_differ_in_upper_case() {
        for seed in 0..20 {
            let tree = tree(seed, 100, 5);
            let mut rest = vec![&tree.root];
            let mut keys = 0;
            while let Some(key) = rest.pop() {
                keys += 1;
                let distinct: HashSet<_> =
                    key.subkeys.iter().map(|subkey| upcased(&subkey.name)).collect();
                assert_eq!(distinct.len(), key.subkeys.len());
                assert!(!key.name.units().contains(&0x5C));
                rest.extend(&key.subkeys);
            }
            assert_eq!(keys, 100);
        }
    }

    #[test]
    fn equal_seeds_give_equal_trees() {
        assert_eq!(tree(7, 50, 3), tree(7, 50, 3));
        assert_ne!(tree(7, 50, 3), tree(8, 50, 3));
    }
}
