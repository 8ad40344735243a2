// SPDX-License-Identifier: MIT OR Apache-2.0

//! Number of cases of a randomized test.

/// Returns the number that `CALHIVE_CASES` sets, or `default` if it is not set.
///
/// # Panics
///
/// If `CALHIVE_CASES` is set to something other than a number.
pub fn cases(default: u32) -> u32 {
    match std::env::var("CALHIVE_CASES") {
        Ok(cases) => cases.parse().expect("CALHIVE_CASES is a number"),
        Err(_) => default,
    }
}
