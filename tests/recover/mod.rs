// SPDX-License-Identifier: MIT OR Apache-2.0
//! What was deleted, recovered.

mod corpus;
mod counterpart;
mod forged;
mod laboratory;
mod logs;
#[cfg(feature = "token")]
mod token;
mod truth;
