// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`ScanError`]: why a scan has no report.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use calhive_evidence::NotRead;

/// Why a scan has no report.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ScanError {
    /// No hive could be read.
    #[error("no hive was read{}; give SYSTEM and SOFTWARE hives, or folders that hold them", reasons(.not_read))]
    NothingRead {
        /// The inputs, each with its reason.
        not_read: Vec<NotRead>,
    },
    /// The user named logs, but several hives can own these logs.
    #[error(
        "logs can be named for one hive only, and {hives} hives were found; give the hive of the logs alone"
    )]
    LogsOfSeveralHives {
        /// Number of hives.
        hives: usize,
    },
}

fn reasons(not_read: &[NotRead]) -> String {
    match not_read {
        [] => String::new(),
        [one] => format!(" ({one})"),
        [first, rest @ ..] => format!(" ({first}; and {} more)", rest.len()),
    }
}
