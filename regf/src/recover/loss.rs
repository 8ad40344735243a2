// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Loss`]: lost or unreliable parts of a recovered key or value.

use core::fmt;

bitflags::bitflags! {
    /// Lost or unreliable parts of a recovered key or value.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
    pub struct Loss: u16 {
        /// The number before the record is not the size of a cell that can hold the record. The cell was
        /// merged with others, its start was overwritten, or the bytes never were a record.
        const CELL = 0x0001;
        /// The end of the name is lost.
        const NAME = 0x0002;
        /// The timestamp of the key is implausible.
        const TIME = 0x0004;
        /// Some or all data are lost: other content is or was in their place.
        const DATA = 0x0008;
        /// The value list of the key is lost: other content is or was in its place.
        const VALUE_LIST = 0x0010;
        /// Some values in the list are lost.
        const VALUES = 0x0020;
        /// Another recovered record claims the same bytes. One of the two is newer.
        const RECORD_CONTESTED = 0x0040;
        /// Another recovered record claims bytes of the data or the value list. One of the two is newer.
        const CONTENT_CONTESTED = 0x0080;
        /// The record belongs to another hive, or to another position in this hive. The offsets in
        /// the record have no meaning here. [Carving](crate::recover::carve) finds the surrounding
        /// content.
        const FOREIGN = 0x0100;
    }
}

impl fmt::Display for Loss {
    /// Writes the losses in words, separated by commas.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = [
            (Self::CELL, "inside another cell"),
            (Self::NAME, "name truncated"),
            (Self::TIME, "implausible timestamp"),
            (Self::DATA, "data lost or overwritten"),
            (Self::VALUE_LIST, "value list overwritten"),
            (Self::VALUES, "some values lost"),
            (Self::RECORD_CONTESTED, "another recovered record claims the same bytes"),
            (Self::CONTENT_CONTESTED, "another recovered record claims bytes of the content"),
            (Self::FOREIGN, "from another hive or another position"),
        ];
        listed(f, names.iter().filter(|(loss, _)| self.contains(*loss)).map(|(_, name)| *name))
    }
}

impl Loss {
    /// Returns whether a part of the record itself is lost or in doubt. A record inside another cell can
    /// still be intact, because Windows merges free cells.
    pub const fn is_incomplete(self) -> bool {
        !self.difference(Self::CELL).is_empty()
    }
}

/// Writes words, separated by commas.
pub(crate) fn listed<'w>(
    f: &mut fmt::Formatter<'_>,
    words: impl Iterator<Item = &'w str>,
) -> fmt::Result {
    words.enumerate().try_for_each(|(index, word)| {
        f.write_str(if index > 0 { ", " } else { "" })?;
        f.write_str(word)
    })
}
