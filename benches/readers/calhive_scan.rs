// SPDX-License-Identifier: MIT OR Apache-2.0
//! calhive: facts of one hive and the report, without hashes.
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
use calhive::fact::Source;
use calhive::regf::hive::look_up::LookUp;
use reader::Seen;

fn main() {
    reader::serve(|bytes| {
        let source = Source::new(calhive::Hive::parse(bytes).unwrap(), "SYSTEM");
        let facts = calhive::collect(&source, LookUp::Thorough);
        let report = calhive::interpret(std::slice::from_ref(&facts), None);
        Seen {
            keys: report.hosts.len() as u64,
            values: facts.facts.len() as u64,
            data: report.findings.len() as u64,
            ..Seen::default()
        }
    });
}
