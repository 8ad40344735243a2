// SPDX-License-Identifier: MIT OR Apache-2.0
//! The forms in which a check reads a hive.

use calhive_regf::Hive;

use crate::base_block::sealed;

/// Passes the hive in `bytes` to `check`, then the hive in the same bytes with a correct checksum.
/// With a wrong checksum, calhive does not trust the fields of the base block.
pub(crate) fn as_given_and_sealed(bytes: &[u8], mut check: impl FnMut(&[u8], Hive<'_>)) {
    if let Ok(hive) = Hive::parse(bytes) {
        check(bytes, hive);
    }
    if let Some(sealed) = sealed(bytes)
        && let Ok(hive) = Hive::parse(&sealed)
    {
        check(&sealed, hive);
    }
}
