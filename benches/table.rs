// SPDX-License-Identifier: MIT OR Apache-2.0
//! The whole table of figures: calhive beside the sum of all bytes and other readers. See README.md.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::indexing_slicing,
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    missing_docs,
    unreachable_pub,
    reason = "a benchmark may fail"
)]

#[path = "support/command.rs"]
mod command;
#[path = "support/driver.rs"]
mod driver;
#[cfg(target_os = "linux")]
#[path = "support/evidence.rs"]
mod evidence;
#[path = "support/hives.rs"]
mod hives;
#[cfg(target_os = "linux")]
#[path = "support/many.rs"]
mod many;
#[cfg(target_os = "linux")]
#[path = "support/page_cache.rs"]
mod page_cache;
#[path = "support/peers.rs"]
mod peers;
#[path = "support/rows.rs"]
mod rows;
#[cfg(target_os = "linux")]
#[path = "support/scan.rs"]
mod scan;
#[cfg(target_os = "linux")]
#[path = "support/session_host.rs"]
mod session_host;
#[path = "support/table.rs"]
mod table;

use peers::Peers;
use rows::ROWS;
use table::Options;

fn main() {
    let options = Options::from_arguments();
    options.check(|wanted| ROWS.iter().any(|row| row.letter == wanted || row.name == wanted));
    let peers = if options.has_peers { Peers::build() } else { Peers::none() };
    for row in ROWS.iter().filter(|row| options.wants(row.letter, row.name)) {
        println!("\n=== {} {}: {}", row.letter, row.name, row.about);
        (row.print)(&options, &peers);
    }
}
