// SPDX-License-Identifier: MIT OR Apache-2.0

//! Transaction logs of both formats, which lie beside a hive in use.
//!
//! An [`Update`] holds the pages that one flush changes. [`Hvle`] and [`dirt`] write logs of
//! updates, whose fields can be found and damaged by name like those of hives. [`NewCrash`] and
//! [`OldCrash`] build a hive and its logs as a stopped machine leaves them, and state what a reader
//! has to recover. [`states`] lists named states, [`hostile_logs`] logs that break readers.
//! [`new_crash`] and [`old_crash`] make random states.

mod crash;
mod dirt;
mod dirty;
mod file;
mod history;
mod hostile;
mod hvle;
mod marvin32;
mod new_crash;
mod old_crash;
mod random;
mod seeds;
mod states;
mod update;

pub use crash::Crash;
pub use dirt::dirt;
pub use dirty::{Base, Dirty, number_base};
pub use file::LogFile;
pub use history::History;
pub use hostile::hostile_logs;
pub use hvle::Hvle;
pub use marvin32::marvin32;
pub use new_crash::{NewCrash, NewLogs};
pub use old_crash::{OldCrash, OldLogs};
pub use random::{new_crash, old_crash};
pub use seeds::{packed, seeds};
pub use states::states;
pub use update::{PAGE, Run, SECTOR, Update};
