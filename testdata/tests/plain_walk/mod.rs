// SPDX-License-Identifier: MIT OR Apache-2.0

//! A plain walk: it trusts every field, and stops at invalid offsets.

use std::collections::HashSet;

/// A key or value that the walk shows.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Shown {
    /// Names of the path below the root.
    pub path: Vec<String>,
    /// Name of the value, or `None` for the key itself.
    pub value: Option<String>,
}

/// Number at `at`.
pub fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap())
}

/// Everything below the root. A key is not entered again on its own path.
pub fn walk(hive: &[u8]) -> HashSet<Shown> {
    let mut shown = HashSet::new();
    let mut rest = vec![(vec![u32_at(hive, 36)], Vec::<String>::new())];
    while let Some((keys, path)) = rest.pop() {
        let key = *keys.last().unwrap();
        let Some(node) = cell(hive, key).filter(|cell| is_record(cell, b"nk", 76)) else {
            continue;
        };
        for value in elements(hive, u32_at(node, 40), u32_at(node, 36)) {
            let Some(value) = cell(hive, value).filter(|cell| is_record(cell, b"vk", 20)) else {
                continue;
            };
            let name = name(&value[20..], u16_at(value, 2), value[16] & 1 != 0);
            shown.insert(Shown { path: path.clone(), value: Some(name) });
        }
        for subkey in subkeys(hive, u32_at(node, 28), u32_at(node, 20)) {
            let is_key = |cell: &&[u8]| cell.len() >= 76 && !keys.contains(&subkey);
            let Some(below) = cell(hive, subkey).filter(is_key) else {
                continue;
            };
            let name = name(&below[76..], u16_at(below, 72), below[2] & 0x20 != 0);
            let keys = keys.iter().copied().chain([subkey]).collect();
            rest.push((keys, path.iter().cloned().chain([name]).collect()));
        }
        shown.insert(Shown { path, value: None });
    }
    shown
}

/// Content of the cell at `offset`, relative to the bins data.
fn cell(hive: &[u8], offset: u32) -> Option<&[u8]> {
    let at = 4096 + offset as usize;
    let size = (u32_at(hive.get(at..at + 4)?, 0) as i32).wrapping_neg();
    hive.get(at + 4..at + usize::try_from(size).ok()?)
}

fn is_record(cell: &[u8], signature: &[u8], length: usize) -> bool {
    cell.starts_with(signature) && cell.len() >= length
}

/// Subkeys that a list names, at most `count`.
fn subkeys(hive: &[u8], list: u32, count: u32) -> Vec<u32> {
    let Some(content) = cell(hive, list).filter(|_| count > 0) else { return Vec::new() };
    let elements = |step: usize| {
        let elements = content[4..].chunks_exact(step).take(usize::from(u16_at(content, 2)));
        elements.map(|element| u32_at(element, 0))
    };
    let mut subkeys: Vec<u32> = match &content[..2] {
        b"ri" => elements(4).flat_map(|leaf| self::subkeys(hive, leaf, u32::MAX)).collect(),
        b"li" => elements(4).collect(),
        b"lf" | b"lh" => elements(8).collect(),
        _ => Vec::new(),
    };
    subkeys.truncate(count as usize);
    subkeys
}

fn elements(hive: &[u8], list: u32, count: u32) -> Vec<u32> {
    let Some(content) = cell(hive, list).filter(|_| count > 0) else { return Vec::new() };
    content.chunks_exact(4).take(count as usize).map(|element| u32_at(element, 0)).collect()
}

fn name(bytes: &[u8], len: u16, compressed: bool) -> String {
    let bytes = &bytes[..usize::from(len).min(bytes.len())];
    if compressed {
        return bytes.iter().map(|&byte| char::from(byte)).collect();
    }
    let units = bytes.chunks_exact(2).map(|unit| u16::from_le_bytes([unit[0], unit[1]]));
    char::decode_utf16(units).map(|c| c.unwrap_or('\u{FFFD}')).collect()
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes(bytes[at..at + 2].try_into().unwrap())
}
