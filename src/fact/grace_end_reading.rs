// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`GraceEndReading`]: what came of decrypting the end of the grace period.

use alloc::string::String;
use alloc::vec::Vec;

use calhive_regf::FileTime;

/// What came of decrypting the end of the grace period of a SYSTEM hive, because the examiner asked for that. It holds
/// no key and no plaintext but the time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GraceEndReading {
    /// The time, or the reason why it is not known.
    pub outcome: Result<OpenedEnd, ClosedEnd>,
    /// Escaped path of the SECURITY hive that was read for this purpose; `None` without one.
    pub security: Option<String>,
    /// Master key files that were read for this purpose.
    pub files: Vec<MasterKeyRead>,
}

/// The end of the grace period, with the way to it in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenedEnd {
    /// The time in the value.
    pub end: FileTime,
    /// Time at which the value was set, if a plain time beside the value states it.
    pub set_at: Option<FileTime>,
    /// Whether a message authentication code of the value verifies.
    pub is_authenticated: bool,
    /// Where the value is.
    pub place: PlaceOfEnd,
    /// Place and protection of the value, in words.
    pub value: String,
    /// Number of the control set whose boot key opened SECURITY.
    pub boot_key_set: u32,
    /// Position of the master key file in the files; `None` for a secret.
    pub master_key: Option<usize>,
}

/// Where a value of the grace period is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlaceOfEnd {
    /// In a control set of SYSTEM.
    ControlSet {
        /// Number of the control set.
        number: u32,
        /// Whether the control set was in use when Windows last loaded the hive.
        is_current: bool,
    },
    /// In a secret of SECURITY.
    Secret,
}

/// Why the end of the grace period is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClosedEnd {
    /// Name of the reason for machines.
    pub code: &'static str,
    /// The reason in words.
    pub reason: String,
}

/// A master key file that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MasterKeyRead {
    /// Path of the file, with special characters escaped.
    pub path: String,
    /// Size in bytes.
    pub size: u64,
    /// SHA-256 of the file, in hex.
    pub sha256: String,
}
