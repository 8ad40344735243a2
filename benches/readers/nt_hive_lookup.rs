// SPDX-License-Identifier: MIT OR Apache-2.0
//! nt-hive: look-up of three keys, 1,000 times.
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
            let hive = nt_hive::Hive::without_validation(std::hint::black_box(bytes)).unwrap();
            let root = hive.root_key_node().unwrap();
            for (path, value) in PATHS {
                let Some(key) = root.subpath(path).map(Result::unwrap) else { continue };
                seen.keys += 1;
                if let Some(value) = key.value(value).map(Result::unwrap) {
                    seen.values += 1;
                    seen.data(&value.data().unwrap().into_vec().unwrap());
                }
            }
        }
        seen
    });
}
