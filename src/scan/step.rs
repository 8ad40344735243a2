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
    /// A notice about the hive, its logs, or how calhive reads the hive.
    Notice(&'a Notice),
    /// The facts of this hive were collected.
    Collected {
        /// The hive.
        path: &'a Path,
        /// The facts, with the faults of the hive.
        facts: &'a Facts,
    },
    /// calhive could not read anything in this input.
    NotRead(&'a NotRead),
}
