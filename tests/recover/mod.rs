// SPDX-License-Identifier: MIT OR Apache-2.0
//! What was deleted, recovered.

mod corpus;
mod forged;
#[cfg(feature = "token")]
mod laboratory;
mod logs;
mod token;
mod truth;
