// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Stored`]: the stored fields of a name, and the name that the bytes around it suggest.

use crate::hive::key::Key;
use crate::hive::name::Name;
use crate::hive::subkeys::Hint;
use crate::hive::upcase::upcase;
use crate::hive::value::Value;

/// Length limit of the search for a name, above the limit of Windows for keys.
const LONGEST: usize = 1024;
/// Length from which a UTF-16LE name of ASCII bytes only is unlikely to be a real name in another
/// script.
const LONG_ENOUGH: usize = 10;

/// Stored fields of a name, and the room for the name in its cell.
#[derive(Clone, Copy)]
pub(super) struct Stored<'d> {
    /// All bytes of the cell from the start of the name.
    pub(super) room: &'d [u8],
    pub(super) length: usize,
    pub(super) is_latin1: bool,
    /// Whether the version has a flag for the encoding.
    has_flag: bool,
}

impl<'d> Stored<'d> {
    pub(super) fn of_key(key: Key<'d>) -> Self {
        let room = key.name_room();
        Self {
            room: room.get(..LONGEST).unwrap_or(room),
            length: usize::from(key.raw().name_length.get()),
            is_latin1: key.has_latin1_name(),
            has_flag: key.hive().has_compressed_names(),
        }
    }

    pub(super) fn of_value(value: Value<'d>) -> Self {
        let room = value.name_room();
        Self {
            room: room.get(..LONGEST).unwrap_or(room),
            length: usize::from(value.raw().name_length.get()),
            is_latin1: value.has_latin1_name(),
            has_flag: value.hive().has_compressed_names(),
        }
    }
}

/// Name that the bytes suggest.
#[derive(Clone, Copy)]
pub(super) struct Better<'d> {
    pub(super) name: Name<'d>,
    pub(super) length: usize,
}

impl<'d> Better<'d> {
    fn new(stored: Stored<'d>, length: usize, is_latin1: bool) -> Option<Self> {
        let bytes = stored.room.get(..length)?;
        let name = if is_latin1 { Name::latin1(bytes) } else { Name::utf16(bytes) };
        Some(Self { name, length })
    }
}

/// Whether the hint identifies a name.
pub(super) fn decides(hint: Hint) -> bool {
    matches!(hint, Hint::Hash(_))
}

/// Whether a name clearly contradicts its flag: NULs in every second byte, an odd number of bytes
/// in UTF-16LE, or a long name whose bytes are all ASCII.
pub(super) fn looks_sure(stored: Stored<'_>) -> bool {
    let shown = stored.room.get(..stored.length).unwrap_or_default();
    if stored.is_latin1 {
        return is_wide(shown);
    }
    shown.len() & 1 == 1 || shown.len() >= LONG_ENOUGH && shown.iter().all(|byte| is_word(*byte))
}

/// Returns the name that the bytes suggest, if the suggestion differs from the shown name.
pub(super) fn better<'d>(stored: Stored<'d>, hint: Hint) -> Option<Better<'d>> {
    let shown = Better::new(stored, stored.length, stored.is_latin1);
    match hint {
        Hint::Hash(hash) => {
            if shown.is_some_and(|shown| stored.length > 0 && shown.name.lh_hash() == hash) {
                return None;
            }
            by_hash(stored, hash)
        }
        hint => {
            let found = by_look(stored)?;
            hint.allows(found.name).then_some(found)
        }
    }
}

/// Returns the name with this hash. The function first tries a change of the encoding alone, then
/// other lengths.
fn by_hash(stored: Stored<'_>, hash: u32) -> Option<Better<'_>> {
    let encodings: &[bool] =
        if stored.has_flag { &[stored.is_latin1, !stored.is_latin1] } else { &[false] };
    let other = Better::new(stored, stored.length, !stored.is_latin1);
    if let Some(other) = other.filter(|it| stored.has_flag && it.name.lh_hash() == hash) {
        return Some(other);
    }
    encodings.iter().find_map(|is_latin1| {
        let stride = if *is_latin1 { 1 } else { 2 };
        let all = Better::new(stored, stored.room.len(), *is_latin1)?;
        let mut sum = 0_u32;
        let length = all.name.units().position(|unit| {
            sum = sum.wrapping_mul(37).wrapping_add(u32::from(upcase(unit)));
            sum == hash
        })?;
        Better::new(stored, length.saturating_add(1).saturating_mul(stride), *is_latin1)
    })
}

/// Whether [`by_look`] suggests no other name, by few bytes of the name.
pub(super) fn is_plain(stored: Stored<'_>) -> bool {
    let Some(shown) = stored.room.get(..stored.length) else { return true };
    match shown {
        [] => stored.room.is_empty(),
        _ if !stored.has_flag || shown.len() < 4 => true,
        [first, second, ..] if stored.is_latin1 => {
            !matches!(second, 0..=0x1F | 0xD8..=0xDB) && is_letter(u16::from(*first))
        }
        _ => false,
    }
}

/// Returns a plausible name without a hash. The function covers only empty names and wrong encoding
/// flags.
fn by_look(stored: Stored<'_>) -> Option<Better<'_>> {
    let shown = stored.room.get(..stored.length)?;
    if shown.is_empty() {
        let is_latin1 = stored.has_flag && !is_wide(stored.room);
        let stride = if is_latin1 { 1 } else { 2 };
        let all = Better::new(stored, stored.room.len(), is_latin1)?;
        let count = all.name.units().take_while(|unit| is_letter(*unit)).count();
        let found = Better::new(stored, count.saturating_mul(stride), is_latin1)?;
        // Windows allocates a cell that just fits the name, so fewer than 8 bytes remain.
        let is_exact = stored.room.len().saturating_sub(found.length) < 8;
        // Repeated filler is not a name.
        let mut units = found.name.units();
        let is_filler = units.next().is_some_and(|first| count > 2 && units.all(|it| it == first));
        return (count > 0 && is_exact && !is_filler).then_some(found);
    }
    if !stored.has_flag {
        return None;
    }
    let other = Better::new(stored, stored.length, !stored.is_latin1)?;
    let is_even = shown.len() & 1 == 0;
    let is_other = if stored.is_latin1 {
        let is_pictures = || has_control(shown) && is_pairs(shown);
        shown.len() >= 4 && is_even && (is_wide(shown) || is_of_one_block(shown) || is_pictures())
    } else {
        // UTF-16LE has an even number of bytes and no unassigned characters.
        let as_shown = Better::new(stored, stored.length, false);
        let is_odd = !is_even || as_shown.is_some_and(|it| has_strange(it.name));
        let is_word = |byte: &u8| is_word(*byte) || is_odd && *byte >= 0xC0;
        shown.len() >= 4 && shown.iter().all(is_word)
    };
    (is_other && other.name.units().all(is_letter)).then_some(other)
}

/// Whether the bytes look like Latin letters in UTF-16LE.
fn is_wide(bytes: &[u8]) -> bool {
    let mut pairs = bytes.chunks_exact(2).take_while(|pair| **pair != [0, 0]).peekable();
    pairs.peek().is_some() && pairs.all(|pair| matches!(pair, [low, 0] if *low != 0))
}

fn has_control(bytes: &[u8]) -> bool {
    bytes.iter().any(|byte| !is_letter(u16::from(*byte)))
}

/// Whether the bytes are surrogate pairs only.
fn is_pairs(bytes: &[u8]) -> bool {
    let is_pair = |four: &[u8]| matches!(four, [_, 0xD8..=0xDB, _, 0xDC..=0xDF]);
    bytes.len() & 3 == 0 && bytes.chunks_exact(4).all(is_pair)
}

/// Whether a name has private-use characters or unpaired surrogates.
fn has_strange(name: Name<'_>) -> bool {
    let is_private = |unit: u16| matches!(unit, 0xE000..=0xF8FF);
    name.units().any(is_private) || char::decode_utf16(name.units()).any(|it| it.is_err())
}

/// Whether every second byte is the same control character, as in UTF-16LE text of one script.
fn is_of_one_block(bytes: &[u8]) -> bool {
    let mut high = bytes.iter().skip(1).step_by(2);
    let first = high.next().copied().unwrap_or_default();
    (1..0x20).contains(&first) && high.all(|byte| *byte == first)
}

const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b' ' | b'-' | b'_' | b'.')
}

/// Whether a unit is not a control character.
const fn is_letter(unit: u16) -> bool {
    unit >= 0x20 && !matches!(unit, 0x7F..=0x9F | 0xFFFE | 0xFFFF)
}
