// SPDX-License-Identifier: MIT OR Apache-2.0

//! Deleted tokens that are still in the hive, with intact or overwritten records.

use super::edits::Edits;
use super::finish::Edited;
use super::node::DataCells;
use crate::rng::Rng;
use crate::scenario::machine::Machine;
use crate::scenario::release::WINDOWS_10;
use crate::scenario::{hex, store};
use crate::time::filetime;
use crate::tree::{Key, Value};

const STORED: u64 = filetime(2023, 9, 18, 13, 7, 55) + 7_654_321;
const DELETED: u64 = filetime(2023, 11, 13, 9, 30, 12) + 1_414_213;
const LATER: u64 = filetime(2023, 11, 13, 9, 48, 51) + 1_732_050;

const LICENSE: &str = r"Microsoft\MSLicensing\Store\LICENSE000";
const ELSEWHERE: &str = r"Microsoft\Windows NT\CurrentVersion";

/// Parts that later cells overwrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lost {
    /// None: the key of the license, the vk and the token are intact.
    Neither,
    /// The vk of the token.
    Value,
    /// The nk of the license.
    Key,
    /// Both, and the value list between them.
    Both,
}

/// A SOFTWARE hive with a deleted license.
#[derive(Clone, Debug)]
pub struct DeletedToken {
    /// The hive, the truth, and the live tree.
    pub edited: Edited,
    /// The token of [MS-RDPELE] 4.6.
    pub token: Vec<u8>,
    /// File offset of the token, which is whole.
    pub offset: usize,
}

/// Returns the SOFTWARE hive of a client with its LICENSE000 deleted. The store stays.
pub fn deleted_token(lost: Lost) -> DeletedToken {
    let machine = Machine {
        installed: filetime(2022, 11, 3, 9, 22, 41),
        booted: filetime(2023, 11, 13, 7, 58, 3),
        shut_down: filetime(2023, 11, 14, 17, 32, 9),
        ..Machine::client("RODENT9", WINDOWS_10)
    };
    let mut software = machine.software();
    let path = r"Microsoft\MSLicensing";
    let key = store::licensing(&mut software, path, STORED, &hex::hardware_id());
    store::token(store::add(key, "LICENSE000", STORED));

    let mut edits = Edits::new(&software, &machine.options("SOFTWARE"));
    let license = edits.key(LICENSE);
    let node = edits.nodes[license.0].clone();
    let value = node.values[0].clone();
    let DataCells::One(data) = value.data else { panic!("a token is one cell") };
    let value_size = edits.heap.size(value.cell);
    let elsewhere = edits.key(ELSEWHERE);
    edits.keep_deleted(true);
    match lost {
        Lost::Neither => {
            edits.delete_key(license, DELETED);
        }
        Lost::Value => {
            // The vk is deleted alone, a value of another key takes its cell, then the rest is
            // deleted.
            edits.delete_value(license, "ClientLicense", DELETED);
            edits.heap.wanted = Some((value.cell, value_size));
            edits.set_value(elsewhere, Value::dword("RegisteredFor", 1), LATER);
            edits.delete_key(license, LATER);
        }
        Lost::Key => {
            edits.delete_key(license, DELETED);
            let free = edits.heap.free_around(node.cell);
            edits.heap.wanted = Some((free, 96));
            edits.add_key(elsewhere, Key::new("Registrations"), LATER);
        }
        Lost::Both => {
            edits.delete_key(license, DELETED);
            let free = edits.heap.free_around(node.cell);
            // From before the nk to the end of the vk.
            let size = value.cell + value_size - free;
            edits.heap.wanted = Some((free, size));
            let content = Rng::new(9).bytes(size as usize - 4);
            edits.set_value(elsewhere, Value::binary("Registration", &content), LATER);
        }
    }
    assert!(edits.heap.wanted.is_none(), "the cell was taken");
    let offset = edits.heap.content(data);
    let token = hex::token();
    assert!(edits.heap.bytes[offset..].starts_with(&token), "the token is still there");
    DeletedToken { edited: edits.finish(), token, offset }
}

/// Returns a file of noise, like unallocated clusters, with the token of [MS-RDPELE] 4.6 at an odd
/// offset; also the offset and the token.
pub fn token_in_raw_file(seed: u64) -> (Vec<u8>, usize, Vec<u8>) {
    let mut rng = Rng::new(seed);
    let mut bytes = rng.bytes(16_384);
    let token = hex::token();
    let offset = rng.below(12_000) | 1;
    bytes[offset..offset + token.len()].copy_from_slice(&token);
    (bytes, offset, token)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deletion::{Deleted, DeletedKind};

    #[test]
    fn lost_parts_match_the_request() {
        for (lost, key, value) in [
            (Lost::Neither, false, false),
            (Lost::Value, false, true),
            (Lost::Key, true, false),
            (Lost::Both, true, true),
        ] {
            let DeletedToken { edited, token, offset } = deleted_token(lost);
            let find = |kind, name: &str| -> &Deleted {
                let wanted =
                    |deleted: &&Deleted| deleted.kind == kind && deleted.name == name.into();
                edited.truth.iter().find(wanted).unwrap()
            };
            let of_value = find(DeletedKind::Value, "ClientLicense");
            assert_eq!(of_value.overwritten.record, value, "{lost:?}");
            assert_eq!(of_value.overwritten.parents, [false, false, false, key], "{lost:?}");
            assert_eq!(find(DeletedKind::Key, "LICENSE000").overwritten.record, key, "{lost:?}");
            assert!(of_value.data == token && !of_value.overwritten.data, "{lost:?}");
            assert_eq!(edited.hive.bytes[offset..][..token.len()], token);
            assert_eq!(edited.live.root.clone().at(r"Microsoft\MSLicensing\Store").subkeys, []);
        }
    }

    #[test]
    fn token_in_raw_file_is_at_an_odd_offset() {
        for seed in 0..20 {
            let (bytes, offset, token) = token_in_raw_file(seed);
            assert!(offset % 2 == 1 && bytes[offset..].starts_with(&token));
        }
    }
}
