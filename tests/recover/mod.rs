// SPDX-License-Identifier: MIT OR Apache-2.0
//! Deleted tokens and chains.

pub(crate) mod chain;
mod token;
