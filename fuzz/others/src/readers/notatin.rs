// SPDX-License-Identifier: GPL-3.0-or-later
//! notatin: its own walk, with all data.

use core::hint::black_box;
use std::io::Cursor;

use notatin::parser::ParserIterator;
use notatin::parser_builder::ParserBuilder;

pub fn read(bytes: &[u8]) {
    let mut builder = ParserBuilder::from_file(Cursor::new(bytes.to_vec()));
    builder.recover_deleted(false);
    let Ok(parser) = builder.build() else { return };
    for key in ParserIterator::new(&parser).iter() {
        black_box(&key.key_name);
        for value in key.value_iter() {
            black_box((value.detail.value_name(), value.detail.value_bytes()));
        }
    }
}
