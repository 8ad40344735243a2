// SPDX-License-Identifier: MIT OR Apache-2.0

//! Transaction logs: what stands beside a hive that was in use, in both formats.

mod dirt;
mod file;
mod hvle;
mod marvin32;
mod update;

pub use dirt::dirt;
pub use file::LogFile;
pub use hvle::Hvle;
pub use marvin32::marvin32;
pub use update::{PAGE, Run, SECTOR, Update};
