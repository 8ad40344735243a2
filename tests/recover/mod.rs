// SPDX-License-Identifier: MIT OR Apache-2.0
//! Deleted tokens.

mod token;
