// SPDX-License-Identifier: MIT OR Apache-2.0
//! calhive: decoding of tokens, with their signatures. Each token follows its length.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    clippy::cast_possible_truncation,
    missing_docs,
    unreachable_pub,
    reason = "a benchmark may fail"
)]

#[path = "../support/reader.rs"]
mod reader;
use calhive::token::Token;
use reader::Seen;

fn main() {
    reader::serve(|mut bytes| {
        let mut seen = Seen::default();
        while let Some((length, rest)) = bytes.split_first_chunk::<4>() {
            let (token, rest) = rest.split_at(u32::from_le_bytes(*length) as usize);
            bytes = rest;
            seen.keys += 1;
            seen.data_length += token.len() as u64;
            let Ok(token) = Token::parse(token) else { continue };
            seen.values += token.chain.certificates.len() as u64;
            seen.data += token.chain.signatures.len() as u64;
        }
        seen
    });
}
