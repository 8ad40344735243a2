// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`ScanError`]: why a scan has no report.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use std::path::PathBuf;

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
        "logs can be named for one hive only, but {hives} hives were found; give only the hive that the logs belong to"
    )]
    LogsOfSeveralHives {
        /// Number of hives.
        hives: usize,
    },
    /// The examiner named two files as a pair, and they cannot be paired.
    #[error("{} and {} cannot be paired: {why}", calhive_evidence::escape::path(.system), calhive_evidence::escape::path(.software))]
    Pair {
        /// File that was named as the SYSTEM hive.
        system: PathBuf,
        /// File that was named as the SOFTWARE hive.
        software: PathBuf,
        /// Why the two files cannot be paired.
        why: PairFault,
    },
}

/// Why two files cannot be paired.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PairFault {
    /// One of the files was not read as a hive.
    #[error("one of them was not read as a hive")]
    NotRead,
    /// The files are not one SYSTEM and one SOFTWARE hive.
    #[error("one must be a SYSTEM hive and the other a SOFTWARE hive")]
    Kinds,
    /// One of the files is in another pair.
    #[error("one of them is in another pair")]
    Twice,
}

fn reasons(not_read: &[NotRead]) -> String {
    match not_read {
        [] => String::new(),
        [one] => format!(" ({one})"),
        [first, rest @ ..] => format!(" ({first}; and {} more)", rest.len()),
    }
}
