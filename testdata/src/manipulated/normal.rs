// SPDX-License-Identifier: MIT OR Apache-2.0

//! NR: valid hives at the limits of the format and of Windows, and beyond.

use super::case::{Case, Class};
use super::trees::Laboratory;
use crate::SEGMENT;
use crate::rng::Rng;
use crate::tree::{Key, Name, Value, utf16_nul, value_type};

/// All of them, for one tree with an additional key below the root.
pub(super) fn cases(laboratory: &Laboratory) -> Vec<Case> {
    let shapes = [
        ("value types: all known and some unknown", value_types()),
        ("value types: without data", without_data()),
        ("tree shapes: 600 subkeys", wide()),
        ("tree shapes: 100 levels with four keys each", deep()),
        ("tree shapes: empty keys", empty()),
        ("tree shapes: 2,000 values", many_values()),
        ("levels: 511 below the root", levels(511)),
        ("levels: 512 below the root", levels(512)),
        ("levels: 513 below the root", levels(513)),
        ("levels: 520 below the root", levels(520)),
        ("key names: up to 255 characters", key_names(&[1, 254, 255])),
        ("key names: beyond 255 characters", key_names(&[256, 300, 512])),
        ("value names: up to 16,383 characters", value_names(&[0, 1, 255, 256, 16_382, 16_383])),
        ("value names: beyond 16,383 characters", value_names(&[16_384, 20_000, 32_767])),
        ("big data: around 16,344 bytes", big_data(&[SEGMENT - 1, SEGMENT, SEGMENT + 1])),
        (
            "big data: around two segments",
            big_data(&[2 * SEGMENT - 1, 2 * SEGMENT, 2 * SEGMENT + 1]),
        ),
        ("big data: many segments", big_data(&[5 * SEGMENT, 7 * SEGMENT + 1000])),
        ("non-ASCII names: Latin-1", names(&latin1())),
        ("non-ASCII names: UTF-16 without surrogates", names(&basic_plane())),
        ("non-ASCII names: surrogate pairs", names(&surrogate_pairs())),
    ];
    shapes.into_iter().map(|(name, key)| with(laboratory, name, key)).collect()
}

fn with(laboratory: &Laboratory, name: &str, key: Key) -> Case {
    let subject = laboratory.with(|tree| tree.root.subkeys.push(key));
    let case = subject.case(Class::Normal, name);
    Case { holds: Some(subject.tree), ..case }
}

/// Key of the case.
fn planted() -> Key {
    Key::new("Planted")
}

fn value_types() -> Key {
    let text = "two words";
    let mut key = planted()
        .value(Value::new("0", value_type::NONE, b"nothing in particular"))
        .value(Value::sz("1", text))
        .value(Value::expand_sz("2", r"%SystemRoot%\system32"))
        .value(Value::binary("3", &Rng::new(3).bytes(40)))
        .value(Value::dword("4", 0x0102_0304))
        .value(Value::new("5", 5, &[1, 2, 3, 4]))
        .value(Value::new("6", value_type::LINK, &utf16_nul(r"\Registry\Machine")))
        .value(Value::multi_sz("7", &[text, "", "after an empty one"]))
        .value(Value::multi_sz("7 empty", &[]))
        .value(Value::qword("11", 0x0102_0304_0506_0708));
    for (value_type, len) in [(8, 60), (9, 70), (10, 80)] {
        let data = Rng::new(u64::from(value_type)).bytes(len);
        key.push(Value::new(value_type.to_string().as_str(), value_type, &data));
    }
    for value_type in [12, 0x10, 0x100, 0xFFFF_0011, u32::MAX] {
        let data = value_type.to_le_bytes().repeat(3);
        key.push(Value::new(format!("unknown {value_type:#x}").as_str(), value_type, &data));
    }
    key
}

/// Values of each type without data, and with too few data.
fn without_data() -> Key {
    let mut key = planted();
    for value_type in 0..=12 {
        for len in 0..=3 {
            let name = format!("{value_type} of {len} bytes");
            key.push(Value::new(name.as_str(), value_type, &[0x41; 3][..len]));
        }
    }
    key
}

fn wide() -> Key {
    let subkeys = (0..600).map(|number| Key::new(format!("{number:03}").as_str()));
    Key { subkeys: subkeys.collect(), ..planted() }
}

fn deep() -> Key {
    let level = |below: Key| {
        let sides = ["left", "middle", "right"].map(Key::new);
        Key { subkeys: sides.into(), ..Key::new("down") }.key(below).dword("level", 1)
    };
    let end = (0..98).fold(Key::new("down"), |below, _| level(below));
    planted().key(end)
}

fn empty() -> Key {
    let names = ["a", "b", "c"].map(Key::new);
    Key { subkeys: names.into(), ..planted() }.key(Key::new("d").key(Key::new("e")))
}

fn many_values() -> Key {
    let values = (0..2000).map(|number| Value::dword(&format!("{number:04}"), number));
    Key { values: values.collect(), ..planted() }
}

/// Returns a chain of keys down to `levels` below the root.
fn levels(levels: usize) -> Key {
    let end = Key::new("end").dword("level", levels as u32);
    let inner = (2..levels).fold(end, |below, _| Key::new("level").key(below));
    planted().key(inner)
}

/// Returns a key with subkeys whose names have these lengths, in Latin-1 and in UTF-16.
fn key_names(lengths: &[usize]) -> Key {
    let names = lengths.iter().flat_map(|&len| both_encodings(len));
    Key { subkeys: names.map(Key::new).collect(), ..planted() }
}

/// Returns a key with values whose names have these lengths, in Latin-1 and in UTF-16.
fn value_names(lengths: &[usize]) -> Key {
    let mut key = planted();
    for &len in lengths {
        for name in both_encodings(len) {
            key.push(Value::new(name, value_type::DWORD, &(len as u32).to_le_bytes()));
        }
    }
    key
}

/// Names that differ at their beginning. Only one name is empty.
fn both_encodings(len: usize) -> Vec<Name> {
    let latin1 = Name::Latin1((0..len).map(|at| b'a' + (at % 26) as u8).collect());
    let utf16 = Name::Utf16((0..len).map(|at| 0x0430 + (at % 32) as u16).collect());
    if len == 0 { vec![latin1] } else { vec![latin1, utf16] }
}

fn big_data(lengths: &[usize]) -> Key {
    let mut key = planted();
    for &len in lengths {
        let data = Rng::new(len as u64).bytes(len);
        key.push(Value::binary(&format!("{len} bytes"), &data));
    }
    let text = Value::sz("text", &"text ".repeat(lengths[0] / 10));
    key.value(text)
}

/// Subkeys and values of these names.
fn names(names: &[&str]) -> Key {
    let mut key = planted();
    for name in names {
        key.push(Value::sz(name, name));
        key.subkeys.push(Key::new(*name).sz(name, "below"));
    }
    key
}

/// Letters with and without an upper case, and two that differ between Windows-1252 and Latin-1.
fn latin1() -> [&'static str; 6] {
    ["\u{e4}\u{f6}\u{fc}", "Stra\u{df}e", "\u{c5}ngstr\u{f6}m", "\u{ff}", "\u{80}\u{99}", "\u{b5}m"]
}

fn basic_plane() -> [&'static str; 6] {
    [
        "\u{41b}\u{438}\u{446}\u{435}\u{43d}\u{437}\u{438}\u{44f}",
        "\u{e9} \u{20ac}",
        "\u{30e9}\u{30a4}\u{30bb}\u{30f3}\u{30b9}",
        "\u{5e8}\u{5d9}\u{5e9}\u{5d9}\u{5d5}\u{5df}",
        "e\u{301}",
        "\u{fffd}\u{ffff}",
    ]
}

fn surrogate_pairs() -> [&'static str; 4] {
    ["\u{1f511}", "\u{10ffff}", "a\u{1d11e}b", "\u{10400}\u{10428}"]
}
