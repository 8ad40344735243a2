// SPDX-License-Identifier: GPL-3.0-or-later
//! The readers. Each reads all keys, values and data of a hive. Errors are skipped: only a panic, a hang or an abort
//! counts. A walk that this program drives ends after [`MOST`] keys, because the reader cannot see a loop.

mod calhive;
mod notatin;
mod nt_hive;
mod nt_hive2;
mod regf;
mod winreg_core;

/// Largest number of keys of a walk.
const MOST: u64 = 100_000;

/// A reader: the name of its crate, and the function that reads a hive.
type Reader = (&'static str, fn(&[u8]));

/// All readers.
pub const ALL: [Reader; 6] = [
    ("calhive-regf", calhive::read),
    ("nt-hive", nt_hive::read),
    ("nt_hive2", nt_hive2::read),
    ("notatin", notatin::read),
    ("regf", regf::read),
    ("winreg-core", winreg_core::read),
];

/// Returns the version of a crate, from the lock of this workspace.
pub fn version(name: &str) -> &'static str {
    let lock = include_str!("../Cargo.lock");
    let start = format!("name = \"{name}\"\nversion = \"");
    let (_, after) = lock.split_once(&start).unwrap();
    after.split('"').next().unwrap()
}
