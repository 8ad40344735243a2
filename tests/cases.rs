// SPDX-License-Identifier: MIT OR Apache-2.0
//! How often a randomised test runs.

/// The number of cases: what `CALHIVE_CASES` says, or else `default`.
pub(crate) fn cases(default: u32) -> u32 {
    match std::env::var("CALHIVE_CASES") {
        Ok(cases) => cases.parse().expect("CALHIVE_CASES is a number"),
        Err(_) => default,
    }
}
