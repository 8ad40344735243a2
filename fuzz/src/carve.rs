// SPDX-License-Identifier: MIT OR Apache-2.0
//! Carves any bytes with the signatures of tokens, and unpacks them as LZNT1: what is found lies in
//! the bytes and can be extracted again.

use std::io::Cursor;

use calhive::token::{CarvedToken, TokenSignatures};
use calhive_regf::recover::carve::{Kind, carve_bytes, extract, lznt1};

/// Carves `bytes`, extracts the first items again, and unpacks `bytes`.
pub fn carve(bytes: &[u8]) {
    let mut places = Vec::new();
    carve_bytes(bytes, Some(&TokenSignatures::new()), |carved| {
        let place = carved.place;
        let end = place.offset.get().saturating_add(place.length);
        assert!(place.unpacked.is_some() || end <= bytes.len() as u64, "{place:?}");
        if let Kind::Signature { bytes, tag } = carved.kind {
            assert_eq!(bytes.len() as u64, place.length);
            assert!(CarvedToken::from_tag(tag).is_some(), "{tag}");
        }
        places.push(place);
    });
    for place in places.into_iter().take(20) {
        let again = extract(&mut Cursor::new(bytes), place).unwrap_or_default();
        assert!(again.len() as u64 <= place.length);
        assert!(place.unpacked.is_some() || again.len() as u64 == place.length);
    }
    let mut unpacked = Vec::new();
    let taken = lznt1::unpack(bytes, &mut unpacked);
    assert!(taken <= bytes.len());
}
