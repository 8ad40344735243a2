// SPDX-License-Identifier: MIT OR Apache-2.0
//! calhive: look-up of three keys, 1,000 times.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    missing_docs,
    unreachable_pub,
    reason = "a benchmark may fail"
)]

#[path = "../support/reader.rs"]
mod reader;
use reader::Seen;

/// Three keys that a SYSTEM hive has, with a value of each.
const PATHS: [(&str, &str); 3] = [
    (r"ControlSet001\Control\Terminal Server", "fDenyTSConnections"),
    (r"ControlSet001\Services\TermService\Parameters", "ServiceDll"),
    (r"ControlSet001\Control\ComputerName\ComputerName", "ComputerName"),
];

fn main() {
    reader::serve(|bytes| {
        let mut seen = Seen::default();
        for _ in 0..1000 {
            let hive = calhive_regf::Hive::parse(std::hint::black_box(bytes)).unwrap();
            for (path, value) in PATHS {
                let Some(key) = hive.key(path).unwrap() else { continue };
                seen.keys += 1;
                if let Some(value) = key.value(value).unwrap() {
                    seen.values += 1;
                    seen.data(&value.data().unwrap().to_bytes());
                }
            }
        }
        seen
    });
}
