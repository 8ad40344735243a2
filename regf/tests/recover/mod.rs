// SPDX-License-Identifier: MIT OR Apache-2.0
//! Recovery of deleted keys and values.

mod corpus;
mod counterpart;
mod forged;
mod laboratory;
mod live_records;
mod logs;
mod truth;
