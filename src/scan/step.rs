// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`ScanStep`]: a step of a scan, as it happens.

use std::path::Path;

use calhive_evidence::{NotRead, Notice};

use crate::fact::Facts;

/// A step of a scan, as it happens.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum ScanStep<'a> {
    /// The scan begins to read this hive.
    Reading(&'a Path),
    /// A notice about the hive, its logs, or the way of reading.
    Notice(&'a Notice),
    /// The facts of this hive were collected.
    Collected {
        /// The hive.
        path: &'a Path,
        /// The facts, with the faults of the hive.
        facts: &'a Facts,
    },
    /// Nothing in this input could be read.
    NotRead(&'a NotRead),
}
