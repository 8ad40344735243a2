// SPDX-License-Identifier: MIT OR Apache-2.0
//! Recovery from any hive: what is recovered lies in the file and is not live.

use std::collections::BTreeSet;

use calhive::token::{CarvedToken, TokenSignatures};
use calhive_regf::recover::{Recovery, SpaceKind};
use calhive_regf::{CellOffset, Hive, Structure};

use crate::forms::as_given_and_sealed;

/// Number of items whose path, data and counterpart are read. Many can share the same bytes.
const IN_DETAIL: usize = 300;

/// Recovers deleted content of the hive in `bytes`.
pub fn recover(bytes: &[u8]) {
    as_given_and_sealed(bytes, check);
}

fn check(bytes: &[u8], hive: Hive<'_>) {
    let recovery = hive.recover();
    let live = Live::of(hive);
    let mut before = None;
    for (number, found) in recovery.iter().enumerate() {
        assert!(before < Some(found.offset()), "items are in the order of their offsets");
        before = Some(found.offset());
        assert!(found.offset().get() < bytes.len() as u64, "{found:?}");
        let is_key = found.structure() == Structure::KeyNode;
        assert_eq!(found.key().is_some(), is_key);
        assert_eq!(found.value().is_some(), !is_key);
        let live = if is_key { &live.keys } else { &live.values };
        assert!(!live.contains(&found.cell_offset()), "live, and recovered too: {found:?}");
        if number < IN_DETAIL {
            data(
                bytes,
                found.data().pieces().iter().map(|it| (it.bytes, it.at)),
                found.data().size(),
            );
            std::hint::black_box((
                found.path().to_string(),
                found.confidence(),
                found.counterpart(),
            ));
        }
    }
    claims(bytes, &recovery);
    for fault in recovery.faults() {
        assert!(fault.offset().get() <= bytes.len() as u64, "{fault}");
    }
}

/// Cells of the keys and values that the tree shows.
struct Live {
    keys: BTreeSet<CellOffset>,
    values: BTreeSet<CellOffset>,
}

impl Live {
    fn of(hive: Hive<'_>) -> Self {
        let mut live = Self { keys: BTreeSet::new(), values: BTreeSet::new() };
        for entry in hive.walk().with_values(true).filter_map(Result::ok) {
            live.keys.insert(entry.key.cell_offset());
            live.values.extend(entry.values.filter_map(Result::ok).map(|it| it.cell_offset()));
        }
        live
    }
}

/// Asserts that pieces of data are bytes of the file and do not overlap.
fn data<'d>(bytes: &[u8], pieces: impl Iterator<Item = (calhive_regf::Bytes<'d>, u64)>, size: u64) {
    let mut end = 0;
    for (piece, at) in pieces {
        let start = usize::try_from(piece.offset().get()).unwrap_or(usize::MAX);
        let there = bytes.get(start..).and_then(|rest| rest.get(..piece.len()));
        assert!(there == Some(piece.as_slice()), "a piece is not in the file");
        assert!(at >= end && at + piece.len() as u64 <= size, "{at} of {size}, after {end}");
        end = at + piece.len() as u64;
    }
}

/// Asserts that tokens without a value are bytes of the file.
fn claims(bytes: &[u8], recovery: &Recovery<'_>) {
    recovery.unclaimed(&TokenSignatures::new(), |token| {
        assert!(CarvedToken::from_tag(token.tag).is_some());
        let start = usize::try_from(token.bytes.offset().get()).unwrap_or(usize::MAX);
        let there = bytes.get(start..).and_then(|rest| rest.get(..token.bytes.len()));
        assert!(there == Some(token.bytes.as_slice()), "a token is not in the file");
        assert!(token.bytes.len() as u64 <= token.size, "{} bytes", token.bytes.len());
        std::hint::black_box::<SpaceKind>(token.space);
    });
}
