// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Options`]: how a scan reads its evidence.
#![cfg_attr(
    feature = "mmap",
    allow(unsafe_code, reason = "mapping files, under a contract that the caller accepts")
)]

use alloc::vec::Vec;
use core::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use calhive_evidence::{LogChoice, SearchOptions};
use calhive_regf::hive::look_up::LookUp;
use calhive_regf::{AccessPattern, FileError, FileTime, Image};

/// How a [`scan`](fn@crate::scan) reads its evidence. By default, a scan reads each hive whole,
/// with its logs.
///
/// ```
/// use calhive::{FileTime, Options};
/// let options = Options::default().no_replay().reference_time(FileTime::from_unix_seconds(0));
/// ```
#[derive(Clone, Debug)]
pub struct Options {
    pub(super) look_up: LookUp,
    pub(super) is_hashed: bool,
    pub(super) logs: LogChoice,
    pub(super) reference_time: Option<FileTime>,
    pub(super) pairs: Vec<(PathBuf, PathBuf)>,
    pub(super) search: SearchOptions,
    pub(super) threads: NonZeroUsize,
    #[cfg(feature = "nt-hive")]
    pub(super) has_second_reader: bool,
    #[cfg(feature = "grace-end")]
    pub(super) opens_grace_end: bool,
    pub(super) open: fn(&Path, AccessPattern) -> Result<Image, FileError>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            look_up: LookUp::Thorough,
            is_hashed: false,
            logs: LogChoice::Beside,
            reference_time: None,
            pairs: Vec::new(),
            search: SearchOptions::default(),
            threads: NonZeroUsize::MIN,
            #[cfg(feature = "nt-hive")]
            has_second_reader: false,
            #[cfg(feature = "grace-end")]
            opens_grace_end: false,
            open: |path, _| Image::read(path),
        }
    }
}

impl Options {
    /// Trusts the subkey lists of the hive, and reads only the places of the catalog.
    ///
    /// The report then lacks hidden and deleted data, faults elsewhere, hashes, what each log entry changed,
    /// and the second reader. The scan touches few pages of a [mapped](Self::mapped) hive.
    #[must_use]
    pub const fn live_only(mut self) -> Self {
        self.look_up = LookUp::Trusting;
        self
    }

    /// Also computes the SHA-256 of each hive and log in a scan with
    /// [`live_only`](Self::live_only).
    #[must_use]
    pub const fn hashed(mut self) -> Self {
        self.is_hashed = true;
        self
    }

    /// Reads hives as stored. The report then lacks changes that only transaction logs contain.
    #[must_use]
    pub fn no_replay(self) -> Self {
        self.logs(LogChoice::NotApplied)
    }

    /// Chooses the transaction logs to apply. Named logs require a scan of a single hive.
    #[must_use]
    pub fn logs(mut self, logs: LogChoice) -> Self {
        self.logs = logs;
        self
    }

    /// Checks the validity of tokens at this time. Without this time, calhive uses the newest
    /// plausible timestamp of each host, never the present time.
    #[must_use]
    pub fn reference_time(mut self, time: impl Into<Option<FileTime>>) -> Self {
        self.reference_time = time.into();
        self
    }

    /// Treats a SYSTEM and a SOFTWARE hive as one host, wherever the files are, and even if their content
    /// contradicts this. The report marks the pair as made by the examiner. Both files also count as inputs.
    /// Call this function once for each pair.
    #[must_use]
    pub fn pair(mut self, system: impl Into<PathBuf>, software: impl Into<PathBuf>) -> Self {
        self.pairs.push((system.into(), software.into()));
        self
    }

    /// Chooses how [`scan`](fn@crate::scan) opens archives and disk images.
    #[must_use]
    pub fn search(mut self, search: SearchOptions) -> Self {
        self.search = search;
        self
    }

    /// Reads this number of hives at a time, 1 by default. An idle thread hashes the files of a hive that another thread
    /// reads. The report does not depend on the number.
    #[must_use]
    pub const fn threads(mut self, threads: NonZeroUsize) -> Self {
        self.threads = threads;
        self
    }

    /// Lets nt-hive, an independent reader, read every fact again.
    #[cfg(feature = "nt-hive")]
    #[must_use]
    pub const fn second_reader(mut self) -> Self {
        self.has_second_reader = true;
        self
    }

    /// Decrypts the end of the grace period of each SYSTEM hive, with the SECURITY hive and the master key file of its
    /// machine. The keys stay in memory and are overwritten after use. Nothing else is decrypted.
    #[cfg(feature = "grace-end")]
    #[must_use]
    pub const fn grace_end(mut self) -> Self {
        self.opens_grace_end = true;
        self
    }

    /// Maps files instead of reading them into memory.
    ///
    /// # Safety
    /// The contract of [`Image::map`] holds for every hive and log of the scan. Until the scan has
    /// returned, no code in this or another process may write to the files or truncate them. If a
    /// file is truncated anyway, an access to a lost page raises SIGBUS on Unix.
    #[cfg(feature = "mmap")]
    #[must_use]
    pub const unsafe fn mapped(mut self) -> Self {
        // SAFETY: the caller of `mapped` fulfills the contract of `map`.
        self.open = |path, access| unsafe { Image::map(path, access) };
        self
    }

    /// Whether the scan hashes hives and logs.
    pub(super) fn is_hashed(&self) -> bool {
        self.look_up == LookUp::Thorough || self.is_hashed
    }

    /// Returns the access pattern of the scan, normal or random.
    pub(super) const fn access(&self) -> AccessPattern {
        match self.look_up {
            LookUp::Thorough => AccessPattern::Normal,
            LookUp::Trusting => AccessPattern::Random,
        }
    }
}
