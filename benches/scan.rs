// SPDX-License-Identifier: MIT OR Apache-2.0
//! Pages and time that `calhive scan --live-only` needs for a large hive that is not in memory. See
//! README.md.
#![allow(
    clippy::unwrap_used,
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

#[cfg(target_os = "linux")]
#[path = "support/cargo.rs"]
mod cargo;
#[cfg(target_os = "linux")]
#[path = "support/page_cache.rs"]
mod page_cache;
#[cfg(target_os = "linux")]
#[path = "support/scan.rs"]
mod scan;
#[cfg(target_os = "linux")]
#[path = "support/session_host.rs"]
mod session_host;

fn main() {
    #[cfg(target_os = "linux")]
    scan::run();
    #[cfg(not(target_os = "linux"))]
    println!("pages in memory are counted on Linux only");
}
