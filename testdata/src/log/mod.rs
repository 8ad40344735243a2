// SPDX-License-Identifier: MIT OR Apache-2.0

//! Transaction logs: what stands beside a hive that was in use, in both formats.
//!
//! An [`Update`] is what one flush changes; [`Hvle`] and [`dirt`] write logs of updates, whose
//! fields can be found and broken by name as those of hives can. [`NewCrash`] and [`OldCrash`] put
//! a hive and its logs together as a machine that stopped leaves them, and say what a reader has to
//! make of them; [`states`] lists what there is by name, [`hostile_logs`] what breaks readers; [`new_crash`]
//! and [`old_crash`] make up any number.

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

pub use dirt::dirt;
pub use dirty::{Base, Dirty};
pub use file::LogFile;
pub use history::History;
pub use hostile::hostile_logs;
pub use hvle::Hvle;
pub use marvin32::marvin32;
pub use new_crash::NewCrash;
pub use old_crash::OldCrash;
pub use random::{new_crash, old_crash};
pub use seeds::seeds;
pub use states::states;
pub use update::{PAGE, Run, SECTOR, Update};
