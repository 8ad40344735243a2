// SPDX-License-Identifier: MIT OR Apache-2.0

//! A strict reader: it panics at everything that hive-forge would not write.
#![allow(dead_code, reason = "each test uses a part of it")]

use std::collections::{HashMap, HashSet};

use hive_forge::tree::{Key, Name, Security, Value};
use hive_forge::{NIL, SEGMENT, checksum, upcase};

pub fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap())
}

pub fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes(bytes[at..at + 2].try_into().unwrap())
}

/// Cells of a hive: offset relative to the bins data, and content of each allocated cell.
pub type Cells<'a> = HashMap<u32, &'a [u8]>;

/// Checks the base block, bins and cells of a new hive. Returns its cells.
pub fn cells(bytes: &[u8], minor: u32) -> Cells<'_> {
    cells_of(bytes, minor, State::Written)
}

/// History of a hive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// New: no free space beyond the minimum, and exact numbers.
    Written,
    /// Edited: keys and values were deleted.
    Edited,
}

fn cells_of(bytes: &[u8], minor: u32, state: State) -> Cells<'_> {
    assert_eq!(&bytes[..4], b"regf");
    assert_eq!(u32_at(bytes, 508), checksum(bytes));
    assert_eq!(u32_at(bytes, 24), minor);
    assert_eq!(u32_at(bytes, 40) as usize, bytes.len() - 4096);
    let (alignment, header) = if minor == 1 { (16, 8) } else { (8, 4) };
    let data = &bytes[4096..];
    let mut cells = HashMap::new();
    let mut bin = 0;
    while bin < data.len() {
        assert_eq!(&data[bin..bin + 4], b"hbin");
        assert_eq!(u32_at(data, bin + 4) as usize, bin);
        let size = u32_at(data, bin + 8) as usize;
        assert_eq!(size % 4096, 0);
        let (mut at, mut previous, mut free, mut was_free) = (bin + 32, NIL, 0, false);
        while at < bin + size {
            let cell = u32_at(data, at) as i32;
            let len = cell.unsigned_abs() as usize;
            assert!(len >= alignment && len.is_multiple_of(alignment), "cell of {len} at {at}");
            assert!(at + len <= bin + size, "cell crosses its bin at {at}");
            if minor == 1 {
                assert_eq!(u32_at(data, at + 4), previous);
                previous = (at - bin) as u32;
            }
            if cell < 0 {
                cells.insert(at as u32, &data[at + header..at + len]);
            } else {
                free += 1;
            }
            assert!(!(was_free && cell > 0), "free neighbors at {at}");
            was_free = cell > 0;
            at += len;
        }
        assert!(free <= 1 || state == State::Edited, "free space in one piece");
        assert_eq!(at, bin + size, "cells fill their bin");
        bin += size;
    }
    assert_eq!(bin, data.len(), "bins fill the hive");
    cells
}

/// State of a reading. Every cell has to be used exactly once.
struct Reading<'a> {
    state: State,
    cells: Cells<'a>,
    seen: HashSet<u32>,
    securities: HashMap<u32, u32>,
    minor: u32,
}

impl<'a> Reading<'a> {
    fn cell(&mut self, offset: u32) -> &'a [u8] {
        assert!(self.seen.insert(offset), "cell {offset:#x} is used twice");
        self.cells[&offset]
    }

    fn name(&self, bytes: &[u8], compressed: bool) -> Name {
        if compressed {
            assert!(self.minor >= 2);
            return Name::Latin1(bytes.to_vec());
        }
        Name::Utf16(bytes.chunks(2).map(|pair| u16_at(pair, 0)).collect())
    }

    fn key(&mut self, offset: u32, parent: u32) -> Key {
        let nk = self.cell(offset);
        assert_eq!(&nk[..2], b"nk");
        assert_eq!(u32_at(nk, 16), parent);
        let flags = u16_at(nk, 2);
        assert_eq!(flags & 0x0C != 0, parent == NIL);
        let name = &nk[76..76 + u16_at(nk, 72) as usize];
        let mut key = Key::new(self.name(name, flags & 0x20 != 0));
        key.flags = flags & !0x2C;
        key.last_written = u64::from_le_bytes(nk[4..12].try_into().unwrap());
        (key.access_bits, key.layered, key.user_flags) = (nk[12], nk[13], nk[54]);
        let class = u32_at(nk, 48);
        key.class = (class != NIL).then(|| {
            let bytes = &self.cell(class)[..u16_at(nk, 74) as usize];
            bytes.chunks(2).map(|pair| u16_at(pair, 0)).collect()
        });
        let security = u32_at(nk, 44);
        *self.securities.entry(security).or_default() += 1;
        let sk = self.cells[&security];
        key.security = Security(sk[20..20 + u32_at(sk, 16) as usize].to_vec());

        let (count, list) = (u32_at(nk, 36) as usize, u32_at(nk, 40));
        assert_eq!(list == NIL, count == 0);
        let list = if count == 0 { &[] } else { self.cell(list) };
        key.values = (0..count).map(|number| self.value(u32_at(list, 4 * number))).collect();

        let (count, list) = (u32_at(nk, 20) as usize, u32_at(nk, 28));
        assert_eq!(list == NIL, count == 0);
        let subkeys = if count == 0 { Vec::new() } else { self.list(list) };
        assert_eq!(subkeys.len(), count);
        let hashes: Vec<Option<[u8; 4]>> = subkeys.iter().map(|subkey| subkey.1).collect();
        key.subkeys = subkeys.iter().map(|subkey| self.key(subkey.0, offset)).collect();
        for (hash, subkey) in hashes.iter().zip(&key.subkeys) {
            let name = &subkey.name;
            if let Some(hash) = hash {
                let wanted = upcase::lh_hash(&name.units()).to_le_bytes();
                assert!(*hash == wanted || *hash == name.hint(), "{name}");
            }
        }
        for pair in key.subkeys.windows(2) {
            assert!(upcase::compare(&pair[0].name.units(), &pair[1].name.units()).is_lt());
        }
        let longest = |lengths: Vec<usize>, said: usize| {
            let longest = lengths.iter().copied().max().unwrap_or(0);
            let may_be_more = self.state == State::Edited && !lengths.is_empty();
            assert!(longest == said || (may_be_more && longest < said), "{longest}, {said}");
        };
        let names = key.subkeys.iter().map(|subkey| 2 * subkey.name.len()).collect();
        longest(names, usize::from(u16_at(nk, 52)));
        let names = key.values.iter().map(|value| 2 * value.name.len()).collect();
        longest(names, u32_at(nk, 60) as usize);
        let data = key.values.iter().map(|value| value.data.len()).collect();
        longest(data, u32_at(nk, 64) as usize);
        key
    }

    fn list(&mut self, offset: u32) -> Vec<(u32, Option<[u8; 4]>)> {
        let list = self.cell(offset);
        let count = usize::from(u16_at(list, 2));
        let narrow = |number: usize| u32_at(list, 4 + 4 * number);
        match &list[..2] {
            b"ri" => (0..count).flat_map(|number| self.list(narrow(number))).collect(),
            b"li" => (0..count).map(|number| (narrow(number), None)).collect(),
            b"lf" | b"lh" => list[4..4 + 8 * count]
                .chunks(8)
                .map(|element| (u32_at(element, 0), Some(element[4..].try_into().unwrap())))
                .collect(),
            other => panic!("a list called {other:?}"),
        }
    }

    fn value(&mut self, offset: u32) -> Value {
        let vk = self.cell(offset);
        assert_eq!(&vk[..2], b"vk");
        let flags = if self.minor == 1 { 0 } else { u16_at(vk, 16) };
        let name = &vk[20..20 + usize::from(u16_at(vk, 2))];
        let (size, place) = (u32_at(vk, 4), u32_at(vk, 8));
        let len = (size & 0x7FFF_FFFF) as usize;
        let data = if size & 0x8000_0000 != 0 {
            vk[8..8 + len].to_vec()
        } else if size == 0 {
            assert_eq!(place, NIL);
            Vec::new()
        } else if self.minor >= 4 && len > SEGMENT {
            self.big_data(place, len)
        } else {
            self.cell(place)[..len].to_vec()
        };
        let name = if name.is_empty() { Name::default() } else { self.name(name, flags & 1 != 0) };
        Value { flags: flags & !1, ..Value::new(name, u32_at(vk, 12), &data) }
    }

    fn big_data(&mut self, place: u32, len: usize) -> Vec<u8> {
        let db = self.cell(place);
        assert_eq!(&db[..2], b"db");
        assert_eq!(usize::from(u16_at(db, 2)), len.div_ceil(SEGMENT));
        let list = self.cell(u32_at(db, 4));
        let mut data = Vec::new();
        for number in 0..len.div_ceil(SEGMENT) {
            let segment = self.cell(u32_at(list, 4 * number));
            data.extend_from_slice(&segment[..SEGMENT.min(len - data.len())]);
        }
        data
    }
}

/// Reads a new hive. Every cell has to be used.
pub fn read(bytes: &[u8], minor: u32) -> Key {
    read_in(bytes, minor, State::Written)
}

/// Reads a hive. Every allocated cell has to be used.
pub fn read_in(bytes: &[u8], minor: u32, state: State) -> Key {
    let cells = cells_of(bytes, minor, state);
    let (seen, securities) = (HashSet::new(), HashMap::new());
    let mut reading = Reading { state, cells, seen, securities, minor };
    let root = reading.key(u32_at(bytes, 36), NIL);
    for (&security, &uses) in &reading.securities {
        let sk = reading.cells[&security];
        assert_eq!(&sk[..2], b"sk");
        assert_eq!(u32_at(sk, 12), uses);
        assert_eq!(u32_at(reading.cells[&u32_at(sk, 4)], 8), security, "flink's blink");
        assert!(reading.securities.contains_key(&u32_at(sk, 8)));
    }
    assert_eq!(reading.seen.len() + reading.securities.len(), reading.cells.len());
    root
}

/// The tree as a reader sees it: subkeys sorted, names as the version stores them.
pub fn normal(key: &Key, minor: u32) -> Key {
    let mut key = key.clone();
    let stored = |name: &Name| match name {
        Name::Utf16(units) if units.is_empty() => Name::default(),
        Name::Latin1(bytes) if minor == 1 && !bytes.is_empty() => Name::Utf16(name.units()),
        name => name.clone(),
    };
    key.name = stored(&key.name);
    key.values.iter_mut().for_each(|value| value.name = stored(&value.name));
    key.subkeys = key.subkeys.iter().map(|subkey| normal(subkey, minor)).collect();
    key.subkeys.sort_by(|left, right| upcase::compare(&left.name.units(), &right.name.units()));
    key
}
