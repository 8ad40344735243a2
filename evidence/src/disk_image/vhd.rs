// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`VhdDisk`]: a virtual hard disk (VHD), fixed or dynamic.

use alloc::sync::Arc;
use std::io;

use crate::disk::{Disk, read_pieces};
use crate::structure::{Fields as _, block_of, bytes_at, damaged, unsupported};

const SECTOR: u64 = 512;
/// Entry of a block that is not stored. The block reads as zeros.
const NOT_STORED: u32 = u32::MAX;

/// The disk in a VHD.
pub(crate) struct VhdDisk {
    file: Arc<dyn Disk>,
    size: u64,
    blocks: Option<Blocks>,
    faults: Vec<String>,
}

/// Blocks of a dynamic disk.
#[derive(Clone, Copy, Debug)]
struct Blocks {
    /// Offset of the table of blocks.
    table: u64,
    count: u64,
    /// Size of a block, without its bitmap.
    size: u64,
    /// Size of the bitmap before each block.
    bitmap: u64,
}

impl VhdDisk {
    /// Opens a virtual hard disk.
    ///
    /// # Errors
    /// If the footer or the header is damaged, or if the disk is a differencing disk.
    pub(crate) fn open(file: Arc<dyn Disk>) -> io::Result<Self> {
        let end = file.size().checked_sub(SECTOR).ok_or_else(|| damaged("no VHD footer"))?;
        let mut faults = Vec::new();
        let footer = match footer(&*file, end) {
            Ok(footer) => footer,
            Err(error) => {
                let copy = footer(&*file, 0).map_err(|_| error)?;
                faults.push("the footer at the end is missing: the file is cut short".to_owned());
                copy
            }
        };
        let (size, kind) = (footer.be64(48), footer.be32(60));
        let blocks = match kind {
            2 => None,
            3 => Some(Blocks::read(&*file, footer.be64(16))?),
            4 => {
                return Err(unsupported(
                    "differencing VHD: its other data are in a parent disk; merge it into its \
                     parent (Merge-VHD, or qemu-img convert) and give the merged disk",
                ));
            }
            kind => return Err(damaged(format!("VHD of unknown type {kind}; expected 2, 3 or 4"))),
        };
        let held = blocks.map_or(end, |blocks| blocks.count.saturating_mul(blocks.size));
        if held < size {
            faults.push(format!("the file holds {held} of the {size} bytes of the disk"));
        }
        Ok(Self { file, size, blocks, faults })
    }

    /// Returns the faults that leave a part of the disk unreadable.
    pub(crate) fn faults(&self) -> &[String] {
        &self.faults
    }

    /// Fills a buffer from one block. Sectors that the bitmap does not mark read as zeros.
    fn read_block(&self, blocks: Blocks, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        let (number, inside) = block_of(offset, blocks.size);
        if number >= blocks.count {
            return Err(damaged(format!("the table of blocks has no block {number}")));
        }
        let at = blocks.table.saturating_add(number.saturating_mul(4));
        let start = bytes_at(&*self.file, at, 4)?.be32(0);
        if start == NOT_STORED {
            buffer.fill(0);
            return Ok(());
        }
        let start = u64::from(start).saturating_mul(SECTOR);
        let data = start.saturating_add(blocks.bitmap).saturating_add(inside);
        self.file.read_at(data, buffer)?;
        let bitmap = bytes_at(&*self.file, start, usize::try_from(blocks.bitmap).unwrap_or(0))?;
        if bitmap.iter().all(|byte| *byte == 0xFF) {
            return Ok(());
        }
        for (at, byte) in (inside..).zip(buffer.iter_mut()) {
            let sector = at / SECTOR;
            let bits = usize::try_from(sector / 8).ok().and_then(|at| bitmap.get(at)).copied();
            if bits.unwrap_or(0) & (0x80_u8 >> (sector % 8)) == 0 {
                *byte = 0;
            }
        }
        Ok(())
    }
}

impl Blocks {
    fn read(file: &dyn Disk, at: u64) -> io::Result<Self> {
        const SIZES: core::ops::RangeInclusive<u64> = 512..=256 << 20;
        let header = bytes_at(file, at, 1024)?;
        if !header.has(0, b"cxsparse") || !is_valid(&header, 36) {
            return Err(damaged(format!("no valid header of a dynamic VHD at offset {at:#x}")));
        }
        let (table, count) = (header.be64(16), u64::from(header.be32(28)));
        let size = u64::from(header.be32(32));
        if !size.is_power_of_two() || !SIZES.contains(&size) {
            let message = format!("VHD blocks of {size} bytes; expected a power of 2, 512 or more");
            return Err(damaged(message));
        }
        let end = count.checked_mul(4).and_then(|length| length.checked_add(table));
        if end.is_none_or(|end| end > file.size()) {
            return Err(damaged(format!(
                "the table of blocks at offset {table:#x} ends after the file"
            )));
        }
        let bitmap = size.div_ceil(SECTOR).div_ceil(8).next_multiple_of(SECTOR);
        Ok(Self { table, count, size, bitmap })
    }
}

/// Reads the footer at an offset.
fn footer(file: &dyn Disk, at: u64) -> io::Result<Vec<u8>> {
    let footer = bytes_at(file, at, 512)?;
    if footer.has(0, b"conectix") && is_valid(&footer, 64) {
        return Ok(footer);
    }
    Err(damaged(format!("no valid VHD footer at offset {at:#x}")))
}

/// Whether the checksum at an offset is right: the inverted sum of all other bytes.
fn is_valid(bytes: &[u8], checksum: usize) -> bool {
    let is_other = |at: usize| !(checksum..checksum.saturating_add(4)).contains(&at);
    let others = bytes.iter().enumerate().filter(|(at, _)| is_other(*at));
    let sum = others.fold(0_u32, |sum, (_, byte)| sum.wrapping_add(u32::from(*byte)));
    bytes.be32(checksum) == !sum
}

impl Disk for VhdDisk {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        read_pieces(self.size, offset, buffer, |at, rest| {
            let Some(blocks) = self.blocks else {
                return self.file.read_at(at, rest).map(|()| rest.len());
            };
            let in_block = blocks.size.saturating_sub(block_of(at, blocks.size).1).max(1);
            let length = usize::try_from(in_block).unwrap_or(usize::MAX).min(rest.len());
            self.read_block(blocks, at, rest.get_mut(..length).unwrap_or_default())?;
            Ok(length)
        })
    }
}
