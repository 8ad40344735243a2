// SPDX-License-Identifier: MIT OR Apache-2.0
//! Tests with volumes that mkntfs and ntfs-3g wrote.

mod damaged_volumes;
pub(crate) mod forge;
mod hidden;
mod layouts;
mod lost_files;
pub(crate) mod mutations;
mod rate;

use super::files::Files;
use super::{NtfsFile, Volume, Wanted};
