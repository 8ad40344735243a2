// SPDX-License-Identifier: MIT OR Apache-2.0

//! Bytes of each record, without the cell header.

use crate::options::ListKind;
use crate::space::NIL;
use crate::tree::{Key, Name, Value};
use crate::upcase;

/// Length of an nk without its name.
pub(crate) const KEY: u32 = 76;
/// Length of a vk without its name.
pub(crate) const VALUE: u32 = 20;
/// Length of an sk without its descriptor.
pub(crate) const SECURITY: u32 = 20;
/// Length of a db.
pub(crate) const BIG_DATA: u32 = 8;
/// Size of the data in one segment of a db. From version 1.4, longer data need a db.
pub const SEGMENT: usize = 16344;
/// Largest inline data, which lie in the vk.
pub(crate) const INLINE: usize = 4;

/// HIVE_ENTRY and NO_DELETE, the flags of a root key.
const ROOT: u16 = 0x0C;
/// Flag of a key: its name is Latin-1.
pub(crate) const COMP_NAME_KEY: u16 = 0x20;
/// Flag of a value: its name is Latin-1.
pub(crate) const COMP_NAME_VALUE: u16 = 1;

/// Offsets and counts in a key node.
#[derive(Clone, Copy, Debug)]
pub(crate) struct KeyLinks {
    pub(crate) parent: u32,
    pub(crate) subkeys: u32,
    pub(crate) subkey_count: u32,
    pub(crate) values: u32,
    pub(crate) security: u32,
    pub(crate) class: u32,
    /// Length in bytes, as UTF-16.
    pub(crate) largest_subkey_name: u32,
    pub(crate) largest_subkey_class: u32,
}

/// nk. The parent of the root is NIL.
pub(crate) fn key(key: &Key, minor: u32, links: &KeyLinks) -> Vec<u8> {
    let (name, compressed) = key.name.encode(minor);
    let mut flags = key.flags;
    if links.parent == NIL {
        flags |= ROOT;
    }
    if compressed {
        flags |= COMP_NAME_KEY;
    }
    let largest = |of: fn(&Value) -> usize| key.values.iter().map(of).max().unwrap_or(0) as u32;
    let class_length = key.class.as_ref().map_or(0, |class| 2 * class.len());
    let mut out = Vec::with_capacity(KEY as usize + name.len());
    out.extend_from_slice(b"nk");
    out.extend_from_slice(&flags.to_le_bytes());
    out.extend_from_slice(&key.last_written.to_le_bytes());
    // Version 1.1 has a title index here.
    out.extend_from_slice(&if minor == 1 { [0; 4] } else { [key.access_bits, key.layered, 0, 0] });
    for word in [
        links.parent,
        links.subkey_count,
        0,
        links.subkeys,
        NIL,
        key.values.len() as u32,
        links.values,
        links.security,
        links.class,
    ] {
        out.extend_from_slice(&word.to_le_bytes());
    }
    out.extend_from_slice(&(links.largest_subkey_name as u16).to_le_bytes());
    out.extend_from_slice(&[key.user_flags, 0]);
    for word in [
        links.largest_subkey_class,
        largest(|value| 2 * value.name.len()),
        largest(|value| value.data.len()),
        0,
    ] {
        out.extend_from_slice(&word.to_le_bytes());
    }
    out.extend_from_slice(&length(name.len()).to_le_bytes());
    out.extend_from_slice(&length(class_length).to_le_bytes());
    out.extend(name);
    out
}

/// vk. `data` is the offset of the data cell, unless the data are inline.
pub(crate) fn value(value: &Value, minor: u32, data: u32) -> Vec<u8> {
    let (name, compressed) = value.name.encode(minor);
    let mut size = value.data.len() as u32;
    let mut place = data.to_le_bytes();
    if (1..=INLINE).contains(&value.data.len()) {
        size |= 0x8000_0000;
        place = [0; 4];
        place[..value.data.len()].copy_from_slice(&value.data);
    }
    // The empty name of a default value is not compressed.
    let compressed = compressed && !name.is_empty();
    let flags = value.flags | if compressed { COMP_NAME_VALUE } else { 0 };
    let mut out = Vec::with_capacity(VALUE as usize + name.len());
    out.extend_from_slice(b"vk");
    out.extend_from_slice(&length(name.len()).to_le_bytes());
    out.extend_from_slice(&size.to_le_bytes());
    out.extend_from_slice(&place);
    out.extend_from_slice(&value.value_type.to_le_bytes());
    // Version 1.1 has a title index here.
    let flags = if minor == 1 { 0 } else { u32::from(flags) };
    out.extend_from_slice(&flags.to_le_bytes());
    out.extend(name);
    out
}

/// Element of a subkey list.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Element {
    pub(crate) offset: u32,
    hash: u32,
    hint: [u8; 4],
}

impl Element {
    pub(crate) fn new(offset: u32, name: &Name) -> Self {
        Self { offset, hash: upcase::lh_hash(&name.units()), hint: name.hint() }
    }
}

/// Returns the size of one element of a list.
pub(crate) fn element_size(kind: ListKind) -> u32 {
    if kind == ListKind::Li { 4 } else { 8 }
}

/// li, lf or lh.
pub(crate) fn leaf(kind: ListKind, elements: &[Element]) -> Vec<u8> {
    let signature = match kind {
        ListKind::Li => b"li",
        ListKind::Lf => b"lf",
        ListKind::Lh | ListKind::Auto => b"lh",
    };
    let mut out = signature.to_vec();
    out.extend_from_slice(&length(elements.len()).to_le_bytes());
    for element in elements {
        out.extend_from_slice(&element.offset.to_le_bytes());
        match kind {
            ListKind::Li => {}
            ListKind::Lf => out.extend_from_slice(&element.hint),
            ListKind::Lh | ListKind::Auto => out.extend_from_slice(&element.hash.to_le_bytes()),
        }
    }
    out
}

/// ri.
pub(crate) fn index_root(leaves: &[u32]) -> Vec<u8> {
    let mut out = b"ri".to_vec();
    out.extend_from_slice(&length(leaves.len()).to_le_bytes());
    out.extend(offsets(leaves));
    out
}

/// A value list or the segment list of a db.
pub(crate) fn offsets(offsets: &[u32]) -> Vec<u8> {
    offsets.iter().flat_map(|offset| offset.to_le_bytes()).collect()
}

/// db.
pub(crate) fn big_data(segments: usize, list: u32) -> Vec<u8> {
    let mut out = b"db".to_vec();
    out.extend_from_slice(&length(segments).to_le_bytes());
    out.extend_from_slice(&list.to_le_bytes());
    out
}

/// sk.
pub(crate) fn security(flink: u32, blink: u32, references: u32, descriptor: &[u8]) -> Vec<u8> {
    let mut out = b"sk\0\0".to_vec();
    for word in [flink, blink, references, descriptor.len() as u32] {
        out.extend_from_slice(&word.to_le_bytes());
    }
    out.extend_from_slice(descriptor);
    out
}

fn length(len: usize) -> u16 {
    u16::try_from(len).expect("a length or count of the format has 16 bits")
}
