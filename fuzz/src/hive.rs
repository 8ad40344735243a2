// SPDX-License-Identifier: MIT OR Apache-2.0
//! The whole reader and licensing on any bytes: the same function as in the tests of damaged hives.

#[path = "../../tests/hostile/everything.rs"]
mod everything;

use crate::base_block::sealed;

/// Reads everything in `bytes`, then everything in the same bytes with a correct checksum. With a
/// wrong checksum, calhive does not trust the fields of the base block.
pub fn hive(bytes: &[u8]) {
    everything::everything(bytes, &mut |_| ());
    if let Some(sealed) = sealed(bytes) {
        everything::everything(&sealed, &mut |_| ());
    }
}
