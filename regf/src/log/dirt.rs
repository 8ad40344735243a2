// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Dirt`]: the body of a log of the old format (up to Windows 8). See
//! [regf.md](crate::format#logs-of-the-old-format).

use crate::bytes::Bytes;
use crate::error::{Error, ErrorKind, Field, Result, Structure};
use crate::log::{Page, SECTOR};
use crate::meter::count;
use crate::offset::CellOffset;

/// Offset of the bitmap: after the base block and the tag `DIRT`.
const MAP: usize = 512 + 4;

/// `DIRT`: the bitmap of dirty sectors, and the sectors after the bitmap.
#[derive(Clone, Copy, Debug)]
pub struct Dirt<'d> {
    map: Bytes<'d>,
    sectors: Bytes<'d>,
}

impl<'d> Dirt<'d> {
    /// Parses the part of a log after the base block. `bins_size` is the size of all bins of the hive, in
    /// bytes.
    ///
    /// # Errors
    /// If the bitmap is missing, or if the log has fewer sectors than the bitmap marks. Such a log is
    /// unusable as a whole.
    pub fn parse(log: Bytes<'d>, bins_size: u32) -> Result<Self> {
        let tag = log.slice(512, 4, Structure::DirtyVector)?;
        if tag.as_slice() != b"DIRT" {
            let mut found = [0; 4];
            found.iter_mut().zip(tag.as_slice()).for_each(|(to, from)| *to = *from);
            let kind = ErrorKind::Signature { structure: Structure::DirtyVector, found };
            return Err(Error::new(kind, tag.offset()));
        }
        // The bitmap has one bit for each sector of the bins. The size of the bins therefore
        // decides where the bitmap ends and the sectors begin.
        let length = (bins_size / SECTOR).div_ceil(8) as usize;
        let map = log.slice(MAP, length, Structure::DirtyVector)?;
        let start = MAP.saturating_add(length).next_multiple_of(SECTOR as usize);
        let sectors = log.clip(start, log.len());
        let dirt = Self { map, sectors };
        count(map.len());
        let named = map.as_slice().iter().map(|byte| u64::from(byte.count_ones())).sum::<u64>();
        let there = (sectors.len() as u64).checked_div(u64::from(SECTOR)).unwrap_or(0);
        if named > there {
            let (structure, field) = (Structure::DirtyVector, Field::Count);
            let kind = ErrorKind::Mismatch { structure, field, expected: there, found: named };
            return Err(Error::new(kind, map.offset()));
        }
        Ok(dirt)
    }

    /// Returns the bytes after the last dirty sector: remnants of earlier updates.
    pub fn rest(self) -> Bytes<'d> {
        count(self.map.len());
        let named = self.map.as_slice().iter().map(|byte| byte.count_ones() as usize);
        let end = named.fold(0_usize, usize::saturating_add).saturating_mul(SECTOR as usize);
        self.sectors.clip(end, self.sectors.len())
    }

    /// Iterates over the dirty sectors, in order.
    pub fn pages(self) -> impl Iterator<Item = Page<'d>> {
        count(self.map.len());
        let bits = self.map.as_slice().iter().enumerate().flat_map(|(index, byte)| {
            let bit = move |bit: usize| (byte >> bit & 1 == 1).then_some((index, bit));
            (0..8).filter_map(bit)
        });
        bits.enumerate().map(move |(number, (index, bit))| {
            count(1);
            let sector =
                index.saturating_mul(8).saturating_add(bit).saturating_mul(SECTOR as usize);
            let at = number.saturating_mul(SECTOR as usize);
            Page {
                target: u32::try_from(sector).map_or(CellOffset::NIL, CellOffset::new),
                data: self.sectors.clip(at, SECTOR as usize),
            }
        })
    }
}
