// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`CarveSignatures`]: what a search carves from unallocated clusters beside hives. [`CarvedMatch`]: such a match.

use core::fmt;

use calhive_regf::recover::carve::Signatures;

/// Signatures of the caller, which a search carves from unallocated clusters beside hives.
#[derive(Clone, Copy)]
pub struct CarveSignatures {
    /// Returns a new scanner.
    pub scanner: fn() -> Box<dyn Signatures>,
    /// Returns the file name of a match by its tag; `None` if the search leaves such matches out.
    pub name: fn(u32) -> Option<&'static str>,
}

impl fmt::Debug for CarveSignatures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CarveSignatures").finish_non_exhaustive()
    }
}

/// A match of the caller's signatures in unallocated clusters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CarvedMatch {
    /// Tag from the scanner.
    pub tag: u32,
    /// Whether the match is complete.
    pub is_whole: bool,
}
