// SPDX-License-Identifier: MIT OR Apache-2.0
//! Carving finds what lies in raw bytes where it was put, and no bytes do harm.

mod cells;
mod corpus;
mod forged;
mod found;
mod signatures;

use found::Found;

/// Everything in `raw`, by offset.
fn carved(raw: &[u8]) -> Vec<Found> {
    found::carved(raw, None, |_| "signature")
}

/// Everything in `raw`, in short.
fn short(raw: &[u8]) -> Vec<(u64, u64, &'static str, bool)> {
    carved(raw).iter().map(Found::short).collect()
}
