// SPDX-License-Identifier: MIT OR Apache-2.0
//! No bytes make the reader panic, take long, or take much memory.

mod everything;
mod mutations;
mod named;
mod overlapping;
mod recovery;
mod worst;

use worst::Worst;

pub(crate) use worst::worked;
