// SPDX-License-Identifier: MIT OR Apache-2.0
//! Canonical form of a hive, as `hive_forge::canonical` defines it, from a walk.

use calhive_regf::{Hive, Name};
use hive_forge::canonical::sha256;

/// Canonical form of a hive, with counts.
pub(crate) struct Canonical {
    pub(crate) text: Vec<u8>,
    pub(crate) keys: u64,
    pub(crate) values: u64,
    /// Number of keys and values that could not be read.
    pub(crate) errors: u64,
    /// Number of faults in keys and values that were read.
    pub(crate) faults: usize,
}

/// Returns the canonical form as hive-forge writes it.
pub(crate) fn canonical(hive: Hive<'_>) -> Canonical {
    with_names(hive, |name| hive_forge::canonical::wtf8(&name.units().collect::<Vec<_>>()))
}

/// Returns the form of other readers, which escape no characters of names.
pub(crate) fn unescaped(hive: Hive<'_>) -> Canonical {
    with_names(hive, wtf8)
}

fn with_names(hive: Hive<'_>, written_name: impl Fn(Name<'_>) -> Vec<u8>) -> Canonical {
    let (mut lines, mut keys, mut values, mut errors) = (Vec::new(), 0, 0, 0);
    let mut walk = hive.walk().with_values(true);
    while let Some(entry) = walk.next() {
        let Ok(entry) = entry else {
            errors += 1;
            continue;
        };
        let mut path = Vec::new();
        for name in walk.path().names() {
            if !path.is_empty() {
                path.push(0x1F);
            }
            path.extend(written_name(name));
        }
        let written = format!("|{}\n", entry.key.last_written().raw());
        lines.push([b"K|", path.as_slice(), written.as_bytes()].concat());
        keys += 1;
        for value in entry.values {
            let data = value.and_then(|value| Ok((value, walk.data(value)?)));
            let Ok((value, data)) = data else {
                errors += 1;
                continue;
            };
            let data = data.to_bytes();
            let (kind, length, hash) = (value.value_type().0, data.len(), sha256(&data));
            let rest = format!("|{kind}|{length}|{hash}\n");
            let name = written_name(value.name());
            lines.push([b"V|", path.as_slice(), b"|", &name, rest.as_bytes()].concat());
            values += 1;
        }
    }
    lines.sort_unstable();
    Canonical { text: lines.concat(), keys, values, errors, faults: walk.faults().len() }
}

/// UTF-8 that encodes lone surrogates as if they were characters.
fn wtf8(name: Name<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    for unit in char::decode_utf16(name.units()) {
        match unit {
            Ok(letter) => out.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes()),
            Err(lone) => {
                let unit = lone.unpaired_surrogate();
                let tail = |bits: u16| 0x80 | (bits & 0x3F) as u8;
                out.extend_from_slice(&[0xE0 | (unit >> 12) as u8, tail(unit >> 6), tail(unit)]);
            }
        }
    }
    out
}

/// hive-forge writes the form from the tree, calhive from the bytes.
#[test]
fn canonical_form_equals_that_of_hive_forge() {
    for minor in 1..=6 {
        let tree = hive_forge::random::tree(u64::from(minor), 60, minor);
        let options = hive_forge::Options { minor, ..Default::default() };
        let forged = hive_forge::write(&tree, &options);
        let read = canonical(Hive::parse(&forged.bytes).unwrap());
        assert!(read.text == hive_forge::canonical::canonical(&tree), "version 1.{minor}");
        assert_eq!((read.errors, read.faults), (0, 0));
    }
}
