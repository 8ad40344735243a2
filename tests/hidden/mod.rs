// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the live tree leaves out while the bytes still hold it.

mod corpus;
mod laboratory;
