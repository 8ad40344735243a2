// SPDX-License-Identifier: MIT OR Apache-2.0
//! Writes volumes with random shadow copies.

use crate::ntfs::tests::mutations::Random;

/// Size of a block.
pub(crate) const BLOCK: usize = 0x4000;
/// Number of blocks of a forged volume.
pub(crate) const BLOCKS: u64 = 512;
/// Blocks before this one have content. The stores take the others.
pub(crate) const FIRST_OF_STORES: u64 = 300;

const GUID: [u8; 16] = *b"\x6b\x87\x08\x38\x76\xc1\x48\x4e\xb7\xae\x04\x04\x6e\x6c\xc7\x52";

/// A descriptor of a block list.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Descriptor {
    pub(crate) original: u64,
    pub(crate) relative: u64,
    pub(crate) stored: u64,
    pub(crate) flags: u32,
    pub(crate) sectors: u32,
}

/// A volume that is being forged.
pub(crate) struct Forge {
    pub(crate) bytes: Vec<u8>,
    next: u64,
    entries: Vec<u8>,
    stores: u8,
}

impl Forge {
    /// Fills the volume with random bytes, and writes the headers.
    pub(crate) fn new(random: &mut Random) -> Self {
        let size = usize::try_from(BLOCKS).unwrap() * BLOCK;
        let mut bytes: Vec<u8> = core::iter::repeat_with(|| random.next().to_le_bytes())
            .take(size / 8)
            .flatten()
            .collect();
        bytes[..512].fill(0);
        bytes[3..11].copy_from_slice(b"NTFS    ");
        bytes[11..13].copy_from_slice(&512_u16.to_le_bytes());
        bytes[13] = 8;
        bytes[40..48].copy_from_slice(&(size as u64 / 512 - 1).to_le_bytes());
        bytes[510..512].copy_from_slice(&[0x55, 0xAA]);
        let mut forge = Self { bytes, next: FIRST_OF_STORES, entries: Vec::new(), stores: 0 };
        let catalog = forge.take();
        let header = [
            &GUID[..],
            &1_u32.to_le_bytes(),
            &1_u32.to_le_bytes(),
            &0x1E00_u64.to_le_bytes(),
            &[0; 16],
            &catalog.to_le_bytes(),
            &[0; 8],
            &[7; 32],
        ];
        forge.put(0x1E00, &header.concat(), 512);
        forge
    }

    /// Returns the offset of the next free block.
    pub(crate) fn take(&mut self) -> u64 {
        let block = self.next;
        assert!(block < BLOCKS, "the volume is full");
        self.next += 1;
        block * BLOCK as u64
    }

    /// Adds a store. `unused` has a bit for each block.
    pub(crate) fn add_store(
        &mut self,
        descriptors: &[Descriptor],
        unused: &[u8],
        previous: Option<&[u8]>,
    ) {
        let head = self.take();
        let relative = |offset: u64| offset - head;
        let lists: Vec<_> = descriptors.chunks(508).map(|part| (self.take(), part)).collect();
        let (ranges, bitmap) = (self.take(), self.take());
        let previous_bitmap = previous.map(|bits| (self.take(), bits));
        for (at, (offset, part)) in lists.iter().enumerate() {
            let next = lists.get(at + 1).map_or(0, |(next, _)| *next);
            let entry = |it: &Descriptor| {
                let fields = [it.original, it.relative, it.stored].map(u64::to_le_bytes).concat();
                [fields, it.flags.to_le_bytes().to_vec(), it.sectors.to_le_bytes().to_vec()]
                    .concat()
            };
            let entries: Vec<u8> = part.iter().flat_map(entry).collect();
            self.put_block(3, relative(*offset), *offset, next, &entries);
        }
        let all = [head, 0, BLOCKS * BLOCK as u64 - head].map(u64::to_le_bytes).concat();
        self.put_block(5, relative(ranges), ranges, 0, &all);
        self.put_block(6, relative(bitmap), bitmap, 0, unused);
        if let Some((offset, bits)) = previous_bitmap {
            self.put_block(6, relative(offset), offset, 0, bits);
        }
        self.stores += 1;
        let id = [self.stores; 16];
        let information = [
            &[0; 16][..],
            &[self.stores + 64; 16],
            &[self.stores + 128; 16],
            &[13, 0, 0, 0, 1, 0, 0, 0, 9, 0, 0x42, 0, 0, 0, 0, 0],
            &[2, 0, b'A', 0, 2, 0, b'A', 0],
        ];
        self.put_block(4, 0, head, 0, &information.concat());
        let start = usize::try_from(head).unwrap();
        self.bytes[start + 48..start + 56].copy_from_slice(&104_u64.to_le_bytes());
        let created = 130_000_000_000_000_000 + u64::from(self.stores) * 864_000_000_000;
        let numbers = [u64::from(self.stores), 0x40, created].map(u64::to_le_bytes).concat();
        let size = (self.bytes.len() as u64).to_le_bytes();
        self.entry(&[&2_u64.to_le_bytes()[..], &size, &id, &numbers].concat());
        let list = lists.first().map_or(0, |(offset, _)| *offset);
        let previous = previous_bitmap.map_or(0, |(offset, _)| offset);
        let places = [head, ranges, bitmap, 40, 0, previous].map(u64::to_le_bytes).concat();
        self.entry(&[&3_u64.to_le_bytes()[..], &list.to_le_bytes(), &id, &places].concat());
    }

    /// Writes the catalog, and returns the volume.
    pub(crate) fn finish(mut self) -> Vec<u8> {
        let catalog = FIRST_OF_STORES * BLOCK as u64;
        let entries = core::mem::take(&mut self.entries);
        self.put_block(2, 0, catalog, 0, &entries);
        self.bytes
    }

    fn entry(&mut self, fields: &[u8]) {
        self.entries.extend(fields);
        self.entries.resize(self.entries.len().next_multiple_of(128), 0);
    }

    fn put_block(&mut self, kind: u32, relative: u64, offset: u64, next: u64, content: &[u8]) {
        let fields = [relative, offset, next].map(u64::to_le_bytes).concat();
        let header = [&GUID[..], &1_u32.to_le_bytes(), &kind.to_le_bytes(), &fields].concat();
        self.put(offset, &header, 128);
        self.put(offset + 128, content, BLOCK - 128);
    }

    fn put(&mut self, offset: u64, content: &[u8], room: usize) {
        let start = usize::try_from(offset).unwrap();
        self.bytes[start..start + room].fill(0);
        self.bytes[start..start + content.len()].copy_from_slice(content);
    }
}

/// Forges a volume with up to four random stores: plain blocks, forwarders, overlays, unused descriptors.
pub(crate) fn random_volume(random: &mut Random) -> Vec<u8> {
    let mut forge = Forge::new(random);
    let bits = |random: &mut Random| -> Vec<u8> {
        core::iter::repeat_with(|| (random.next() & random.next() & 0xFF).to_le_bytes()[0])
            .take(64)
            .collect()
    };
    for _ in 0..=random.below(4) {
        let count = random.below(25);
        let descriptors: Vec<_> = (0..count).map(|_| descriptor(&mut forge, random)).collect();
        let (unused, previous) = (bits(random), bits(random));
        let previous = (random.below(2) == 0).then_some(&previous[..]);
        forge.add_store(&descriptors, &unused, previous);
    }
    forge.finish()
}

fn descriptor(forge: &mut Forge, random: &mut Random) -> Descriptor {
    let mut original = || random.below(40) * BLOCK as u64;
    let (from, to) = (original(), original());
    let plain = Descriptor { original: from, relative: 1, stored: 0, flags: 0, sectors: 0 };
    match random.below(8) {
        0 => Descriptor { flags: 4, stored: forge.take(), ..plain },
        1 | 2 => Descriptor { flags: 1, relative: to, ..plain },
        3 | 4 => {
            let sectors = u32::from_le_bytes(random.next().to_le_bytes()[..4].try_into().unwrap());
            Descriptor { flags: 2, stored: forge.take(), sectors, ..plain }
        }
        _ => Descriptor { stored: forge.take(), ..plain },
    }
}
