// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Head`]: base block of a hive or log in raw bytes.

use zerocopy::FromBytes as _;

use crate::error::ErrorKind;
use crate::hive::base_block::BaseBlock;
use crate::raw;

/// Base block of a hive or of a log.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Head {
    Hive(raw::BaseBlockHead),
    Log(raw::BaseBlockHead),
}

/// Parses the base block at the start of these bytes, if its fields are plausible.
pub(crate) fn read_head(bytes: &[u8]) -> Option<Head> {
    let (head, _) = raw::BaseBlockHead::read_from_prefix(bytes).ok()?;
    let block = BaseBlock::of(&head);
    let (major, minor) = block.version();
    let is_sane = block.checksum_is_valid()
        || head.file_format.get() == 1
            && block.root().get().is_multiple_of(8)
            && block.bins_size().is_multiple_of(4096)
            && block.bins_size() > 0;
    if head.signature != *b"regf" || major != 1 || !(1..=6).contains(&minor) || !is_sane {
        return None;
    }
    match BaseBlock::parse(bytes).map_err(|error| error.kind()) {
        Err(ErrorKind::TransactionLog { .. }) => Some(Head::Log(head)),
        _ => Some(Head::Hive(head)),
    }
}
