// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Image::replay`]: applies logs to a copy of a dirty hive. See [regf.md](crate::format#replay-order).
//!
//! The content of the logs decides which logs apply: format, checksum, sequence numbers and times.
//! File names and the order of the logs do not matter, with one exception. If two logs of the old
//! format have the same time, replay applies the first log.

use alloc::vec::Vec;
use core::borrow::Borrow;

use crate::error::FileError;
use crate::image::Image;
use crate::log::outcome::Replay;
use crate::log::plan::Plan;

/// A dirty hive after the replay of its logs.
#[derive(Debug)]
pub struct Replayed {
    /// Private copy of the hive, clean and with the newest changes.
    pub image: Image,
    /// Outcome of the replay.
    pub replay: Replay,
}

impl Image {
    /// Applies the logs to a private copy of this hive. The file and this image do not change. The
    /// copy of a mapped image shares unchanged pages with the file, unless the hive grows beyond
    /// the file.
    ///
    /// The safety conditions of [`Image::map`] also hold for the copy of a mapped image.
    ///
    /// # Errors
    /// If the file cannot be mapped again. [`Replay::logs`] reports faults of logs.
    pub fn replay(&self, logs: &[impl Borrow<Self>]) -> Result<Replayed, FileError> {
        self.replay_after(logs, |_| ())
    }

    /// Applies the logs like [`replay`](Self::replay). `before` receives the bytes of the copy
    /// before the first write. A program that handles `SIGBUS` after truncation of the file needs
    /// the address range of these bytes.
    ///
    /// # Errors
    /// The errors of [`replay`](Self::replay).
    pub fn replay_after(
        &self,
        logs: &[impl Borrow<Self>],
        before: impl FnOnce(&[u8]),
    ) -> Result<Replayed, FileError> {
        let logs: Vec<&[u8]> = logs.iter().map(|log| log.borrow().bytes()).collect();
        let plan = Plan::new(self.bytes(), &logs);
        let image = self.replay_by(&plan, before)?;
        Ok(Replayed { image, replay: plan.replay })
    }

    /// Applies the writes of a plan for this hive, like [`replay_after`](Self::replay_after).
    ///
    /// # Errors
    /// The errors of [`replay`](Self::replay).
    pub fn replay_by(
        &self,
        plan: &Plan<'_>,
        before: impl FnOnce(&[u8]),
    ) -> Result<Self, FileError> {
        let mut image = self.private_copy(plan.length())?;
        before(image.bytes());
        if let Some(bytes) = image.bytes_mut() {
            plan.carry_out(bytes);
        }
        Ok(image)
    }
}

/// Applies logs to a copy of a hive in memory, like [`Image::replay`].
///
/// ```
/// # let forged = hive_forge::write(&hive_forge::tree::Tree::new("ROOT"), &Default::default());
/// # let hive = &forged.bytes[..];
/// use calhive_regf::log::outcome::Untouched;
/// use calhive_regf::log::replay::replay;
/// // A clean hive does not change, whatever its logs hold.
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
