// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Image::replay`]: a dirty hive brought up to its logs, in a copy (REGF 5, 6).
//!
//! Which logs count is told by what they hold: format, checksum, sequence numbers and times. Names and
//! the order in which they are given mean nothing, but that of two logs of the old format with one
//! time the first is taken.

use alloc::vec::Vec;
use core::borrow::Borrow;
use core::fmt;

use crate::error::{Error, FileError};
use crate::image::Image;
use crate::log::Format;
use crate::log::plan::Plan;

/// A dirty hive brought up to its logs.
#[derive(Debug)]
pub struct Replayed {
    /// The hive as it would be after recovery: clean, with the newest changes. A private copy.
    pub image: Image,
    /// What was done.
    pub replay: Replay,
}

/// What a replay did, and what it did not.
#[derive(Clone, Debug)]
pub struct Replay {
    /// Every log that was given, in that order.
    pub logs: Vec<LogUse>,
    /// Why the hive needed no log, or had none; `None` where logs were applied.
    pub untouched: Option<Untouched>,
    /// Whether the base block was made anew from that of a log, since its checksum was wrong.
    pub base_block_rebuilt: bool,
    /// Bytes of all bins before.
    pub bins_before: u32,
    /// Bytes of all bins after.
    pub bins_after: u32,
    /// Sequence number of the last change that was applied; the hive's own where none was.
    pub sequence: u32,
    /// Where bytes came from, in the order in which they were applied.
    pub written: Vec<Written>,
}

/// Why a hive is as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Untouched {
    /// It is clean: logs beside it are left over.
    Clean,
    /// It is dirty, and no log could be applied.
    NoLog,
}

/// A log, and what became of it.
#[derive(Clone, Debug)]
pub struct LogUse {
    /// Its format; `None` where it is no log.
    pub format: Option<Format>,
    /// Primary and secondary sequence number of its base block; `None` where it is no log.
    pub sequence: Option<(u32, u32)>,
    /// Why it was not applied; `None` where it was.
    pub refused: Option<Refusal>,
    /// Updates that were applied: entries, or one for a log of the old format.
    pub applied: u32,
    /// Why the entries ended before the end of the log, if they did: mostly the remains of older ones.
    pub ended: Option<Error>,
    /// The number of the entry that ends them, where that is the one that should follow: it is damaged.
    pub damaged: Option<u32>,
    /// Entries with right hashes that were not applied: older states, or newer ones that do not follow.
    pub left_over: u32,
    /// Those of them that are newer than the last update that was applied.
    pub newer: u32,
}

/// Why a log was not applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// It is no log, empty, or a stub.
    NotALog(Error),
    /// Its base block is not whole: the checksum is wrong, or it was being written.
    Torn(Error),
    /// It is taken for a log of another hive: both name different resource managers, or files.
    AnotherHive,
    /// The hive is clean.
    HiveIsClean,
    /// It is older than the hive.
    Older,
    /// Logs of the new format are there, which come first.
    OldFormat,
    /// Another log of its kind is newer.
    Superseded,
    /// It does not follow the last update that was applied.
    Gap,
    /// Its first entry, or its map of dirty sectors, is not right.
    NothingToApply(Error),
}

impl fmt::Display for Refusal {
    /// Why, as it follows "not applied:".
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotALog(error) => return write!(f, "it is no transaction log: {error}"),
            Self::Torn(error) => return write!(f, "its base block is not whole: {error}"),
            Self::NothingToApply(error) => {
                return write!(f, "nothing in it can be applied: {error}");
            }
            Self::AnotherHive => {
                "its resource manager or the name of its file is not that of the hive, so it is taken for a \
                 log of another one (inferred)"
            }
            Self::HiveIsClean => "by its base block the hive is clean",
            Self::Older => "it is older than the hive",
            Self::OldFormat => "it is of the old format, and logs of the new format are there",
            Self::Superseded => "another log is newer",
            Self::Gap => "it does not follow the last update that was applied",
        })
    }
}

/// Bytes of a hive that came from a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Written {
    /// Where they stand in the hive, in bytes from the start of the file.
    pub offset: u64,
    /// How many they are.
    pub length: u64,
    /// Which of the logs, by its place among those that were given.
    pub log: usize,
    /// The sequence number of the entry; of the base block for a log of the old format.
    pub sequence: u32,
    /// Where they stand in the log.
    pub log_offset: u64,
}

impl Replay {
    /// Whether a log was applied.
    pub const fn is_applied(&self) -> bool {
        self.untouched.is_none()
    }
}

impl Image {
    /// Applies the logs to a private copy of this hive. The file and this image stay as they are; the
    /// copy shares the pages that do not change with the file, unless the hive grows beyond it.
    ///
    /// The contract of [`Image::map`] holds for the copy of a mapped image too.
    ///
    /// # Errors
    /// Where the file cannot be mapped again. What is wrong with logs is in the report.
    pub fn replay(&self, logs: &[impl Borrow<Self>]) -> Result<Replayed, FileError> {
        self.replay_after(logs, |_| ())
    }

    /// The same. `before` gets the bytes of the copy before anything is written to it: a program that
    /// contains what a file does that is cut short under its mapping must know where it is mapped.
    ///
    /// # Errors
    /// As [`replay`](Self::replay).
    pub fn replay_after(
        &self,
        logs: &[impl Borrow<Self>],
        before: impl FnOnce(&[u8]),
    ) -> Result<Replayed, FileError> {
        let logs: Vec<&[u8]> = logs.iter().map(|log| log.borrow().bytes()).collect();
        let plan = Plan::new(self.bytes(), &logs);
        let mut image = self.private_copy(plan.length())?;
        before(image.bytes());
        if let Some(bytes) = image.bytes_mut() {
            plan.carry_out(bytes);
        }
        Ok(Replayed { image, replay: plan.replay })
    }
}

/// Applies logs to a copy of a hive that is in memory: the same as [`Image::replay`].
///
/// ```
/// # let forged = hive_forge::write(&hive_forge::tree::Tree::new("ROOT"), &Default::default());
/// # let hive = &forged.bytes[..];
/// use calhive::log::replay::{Untouched, replay};
/// // A clean hive stays as it is, whatever logs lie beside it.
/// let (recovered, report) = replay(hive, &[b""]);
/// assert_eq!(report.untouched, Some(Untouched::Clean));
/// assert_eq!(recovered, hive);
/// ```
pub fn replay(hive: &[u8], logs: &[&[u8]]) -> (Vec<u8>, Replay) {
    let plan = Plan::new(hive, logs);
    let mut bytes = hive.to_vec();
    bytes.resize(bytes.len().max(plan.length()), 0);
    plan.carry_out(&mut bytes);
    (bytes, plan.replay)
}

/// What a replay would do. Nothing is copied.
pub fn plan(hive: &[u8], logs: &[&[u8]]) -> Replay {
    Plan::new(hive, logs).replay
}
