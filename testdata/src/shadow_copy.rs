// SPDX-License-Identifier: MIT OR Apache-2.0

//! Volumes with shadow copies: earlier states of a volume, in the space of one of its files.
//!
//! The layout is that of the published description of the format by the libvshadow project.

use std::collections::BTreeSet;

use crate::canonical::sha256;
use crate::room;

/// Bytes of a block. Shadow copies keep whole blocks.
const BLOCK: usize = 16384;
/// Bytes at the start of a block that identify its content.
const HEADER: usize = 128;
/// Bytes of a sector. Overlays replace whole sectors.
const SECTOR: usize = 512;
/// Offset of the volume header of shadow copies.
const VOLUME_HEADER: usize = 0x1E00;
/// 3808876b-c176-4e48-b7ae-04046e6cc752.
const IDENTIFIER: [u8; 16] = [
    0x6B, 0x87, 0x08, 0x38, 0x76, 0xC1, 0x48, 0x4E, 0xB7, 0xAE, 0x04, 0x04, 0x6E, 0x6C, 0xC7, 0x52,
];
/// The block is at another offset in the next state.
const FORWARDER: u32 = 1;
/// The data replaces some sectors of the block.
const OVERLAY: u32 = 2;
/// The descriptor is void.
const NOT_USED: u32 = 4;
/// Most sectors that an overlay alone replaces.
const FEW_SECTORS: u32 = 4;

/// An earlier state of a volume.
#[derive(Clone, Copy, Debug)]
pub struct State<'a> {
    /// Bytes of the volume.
    pub volume: &'a [u8],
    /// Time of the shadow copy: 100-nanosecond intervals since 1601, UTC.
    pub created: u64,
}

/// A volume with shadow copies.
#[derive(Clone, Debug)]
pub struct Shadowed {
    /// Bytes of the volume.
    pub volume: Vec<u8>,
    /// The shadow copies, oldest first.
    pub stores: Vec<Store>,
}

/// The descriptors of a shadow copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Store {
    /// Identifier, in the byte order of the disk.
    pub id: [u8; 16],
    /// Time of creation: 100-nanosecond intervals since 1601, UTC.
    pub created: u64,
    /// Number of blocks that the store holds whole.
    pub plain: usize,
    /// Number of blocks that are elsewhere in the next state.
    pub forwarders: usize,
    /// Number of blocks with replaced sectors, including those that the store also holds whole.
    pub overlays: usize,
    /// Number of blocks that were not allocated: they read as zeros.
    pub unallocated: usize,
}

/// Returns the newest state with its earlier states as shadow copies, oldest first. Every state holds a
/// file of [`room::content`] in the same clusters. Its blocks do not keep their content.
///
/// # Panics
/// If the states differ in size, or if the file is too small.
pub fn write(earlier: &[State<'_>], live: &[u8]) -> Shadowed {
    let mut room: Vec<usize> = room::blocks(live, BLOCK);
    for state in earlier {
        assert_eq!(state.volume.len(), live.len(), "states of one volume have one size");
        let also = room::blocks(state.volume, BLOCK);
        room.retain(|offset| also.contains(offset));
    }
    let mut writer = Writer { volume: live.to_vec(), area: room.clone(), room };
    let catalog = writer.take();
    let mut newer = Newer { view: live.to_vec(), stored: BTreeSet::new() };
    let mut entries = Vec::new();
    let mut stores = Vec::new();
    for (number, state) in earlier.iter().enumerate().rev() {
        let (store, places) = writer.store(number, state, &mut newer);
        entries.push(catalog_entries(number, live.len(), &store, &places).concat());
        stores.push(store);
    }
    stores.reverse();
    // Readers must sort the stores by time: the newest store is first in the catalog.
    writer.put(catalog, &[&header(2, 0, catalog, 0, 0), &entries.concat()]);
    writer.volume[VOLUME_HEADER..VOLUME_HEADER + SECTOR].copy_from_slice(&volume_header(catalog));
    Shadowed { volume: writer.volume, stores }
}

/// How a store keeps a block.
enum Kept {
    Plain,
    Forwarder(usize),
    /// Sectors that differ from the next state.
    Overlay(u32),
    /// Plain data without these sectors, which an overlay adds.
    PlainAndOverlay(u32),
    Unallocated,
}

/// What the newer stores and the live volume give to an older shadow copy.
struct Newer {
    /// The volume as they show it. Overlays belong to the shadow copy of their own store alone.
    view: Vec<u8>,
    /// Offsets of the blocks that the newer stores hold.
    stored: BTreeSet<usize>,
}

/// Offsets of the structures of a store.
struct Places {
    header: usize,
    list: usize,
    ranges: usize,
    bitmap: usize,
    previous_bitmap: usize,
    data_size: usize,
}

/// A descriptor of a block.
struct Descriptor {
    original: usize,
    relative: usize,
    data: usize,
    flags: u32,
    sectors: u32,
}

/// The volume under construction.
struct Writer {
    volume: Vec<u8>,
    /// Offsets of all blocks of the room.
    area: Vec<usize>,
    /// Offsets of its free blocks, in order.
    room: Vec<usize>,
}

impl Writer {
    fn take(&mut self) -> usize {
        assert!(!self.room.is_empty(), "the room for shadow copies is too small");
        self.room.remove(0)
    }

    /// Takes two adjacent blocks: a store header and its block list.
    fn take_two(&mut self) -> (usize, usize) {
        while self.room.get(1) != Some(&(self.room[0] + BLOCK)) {
            self.take();
        }
        (self.take(), self.take())
    }

    /// Writes a block: the parts, then zeros.
    fn put(&mut self, offset: usize, parts: &[&[u8]]) {
        let mut block = parts.concat();
        assert!(block.len() <= BLOCK, "{} bytes at {offset:#x} exceed a block", block.len());
        block.resize(BLOCK, 0);
        self.volume[offset..offset + BLOCK].copy_from_slice(&block);
    }

    fn store(&mut self, number: usize, state: &State<'_>, newer: &mut Newer) -> (Store, Places) {
        let (header_block, list) = self.take_two();
        let blocks = (0..state.volume.len()).step_by(BLOCK);
        let blocks: Vec<usize> = blocks.filter(|offset| !self.area.contains(offset)).collect();
        let differ =
            |offset: &&usize| block(state.volume, **offset) != block(&newer.view, **offset);
        let kept: Vec<(usize, Kept)> = blocks
            .iter()
            .filter(differ)
            .enumerate()
            .map(|(count, offset)| (*offset, newer.keep(state.volume, *offset, count)))
            .collect();
        let mut bitmap = vec![0; BLOCK - HEADER];
        for free in blocks.iter().filter(|offset| is_zero(block(state.volume, **offset))) {
            bitmap[free / BLOCK / 8] |= 1 << (free / BLOCK % 8);
        }
        let mut store = Store::new(number, state.created);
        let mut descriptors = Vec::new();
        for (offset, how) in kept {
            store.count(&how);
            let all = self.descriptors(block(state.volume, offset), offset, &how, list);
            // An older shadow copy reads whole blocks and forwarders, but no overlays.
            for kept in all.iter().filter(|kept| matches!(kept.flags, 0 | FORWARDER)) {
                let data = match kept.flags {
                    0 => block(&self.volume, kept.data),
                    _ => block(state.volume, offset),
                };
                newer.view[offset..offset + data.len()].copy_from_slice(data);
                newer.stored.insert(offset);
            }
            descriptors.extend(all);
        }
        let places = self.structures(&descriptors, &bitmap, header_block, list);
        self.put(header_block, &[&store_header(number, header_block)]);
        (store, places)
    }

    /// Writes the data of a block. Offsets in the store are relative to `base`.
    fn descriptors(
        &mut self,
        data: &[u8],
        original: usize,
        how: &Kept,
        base: usize,
    ) -> Vec<Descriptor> {
        let mut at = |bytes: &[u8], flags, sectors| {
            let data = self.take();
            self.put(data, &[bytes]);
            Descriptor { original, relative: data - base, data, flags, sectors }
        };
        let without = |sectors: u32| {
            let mut rest = data.to_vec();
            for (index, sector) in rest.chunks_exact_mut(SECTOR).enumerate() {
                if sectors & 1 << index != 0 {
                    sector.fill(0xEE);
                }
            }
            rest
        };
        match *how {
            Kept::Plain => vec![at(data, 0, 0)],
            Kept::Forwarder(to) => {
                vec![Descriptor { original, relative: to, data: 0, flags: FORWARDER, sectors: 0 }]
            }
            Kept::Overlay(sectors) => vec![at(&without(!sectors), OVERLAY, sectors)],
            Kept::PlainAndOverlay(sectors) => {
                vec![at(&without(sectors), 0, 0), at(&without(!sectors), OVERLAY, sectors)]
            }
            Kept::Unallocated => {
                // A void descriptor must not affect the block.
                vec![Descriptor { original, relative: 0, data: base, flags: NOT_USED, sectors: 0 }]
            }
        }
    }

    /// Writes block list, ranges and bitmaps.
    fn structures(
        &mut self,
        descriptors: &[Descriptor],
        bitmap: &[u8],
        header_block: usize,
        list: usize,
    ) -> Places {
        let most = (BLOCK - HEADER) / 32;
        let pages: Vec<&[Descriptor]> = descriptors.chunks(most).collect();
        let mut offsets = vec![list];
        for _ in 1..pages.len() {
            offsets.push(self.take());
        }
        for (index, offset) in offsets.iter().enumerate() {
            let next = offsets.get(index + 1).copied().unwrap_or(0);
            let page = pages.get(index).into_iter().copied().flatten();
            let bytes: Vec<u8> = page.flat_map(Descriptor::bytes).collect();
            self.put(*offset, &[&header(3, offset - list, *offset, next, 0), &bytes]);
        }
        let (ranges, current, previous) = (self.take(), self.take(), self.take());
        let size = self.room.first().map_or(self.volume.len(), |next| *next) - list;
        let range = [number(list), number(0), number(size)].concat();
        self.put(ranges, &[&header(5, ranges - list, ranges, 0, 0), &range]);
        for bits in [current, previous] {
            self.put(bits, &[&header(6, bits - list, bits, 0, 0), bitmap]);
        }
        Places {
            header: header_block,
            list,
            ranges,
            bitmap: current,
            previous_bitmap: previous,
            data_size: descriptors.len() * BLOCK,
        }
    }
}

impl Descriptor {
    fn bytes(&self) -> Vec<u8> {
        let offsets = [number(self.original), number(self.relative), number(self.data)].concat();
        [&offsets[..], &self.flags.to_le_bytes(), &self.sectors.to_le_bytes()].concat()
    }
}

impl Newer {
    /// Decides how a store keeps a block that the newer stores show differently. All kinds occur: `count` is
    /// the number of blocks before this one.
    fn keep(&self, state: &[u8], offset: usize, count: usize) -> Kept {
        let data = block(state, offset);
        if is_zero(data) && !self.stored.contains(&offset) {
            return Kept::Unallocated;
        }
        let moved = (0..state.len()).step_by(BLOCK).find(|to| {
            *to != offset && block(&self.view, *to) == data && !self.stored.contains(to) && {
                is_zero(block(state, *to)) || block(state, *to) == data
            }
        });
        if let Some(to) = moved.filter(|_| !is_zero(data)) {
            return Kept::Forwarder(to);
        }
        let pairs = data.chunks(SECTOR).zip(block(&self.view, offset).chunks(SECTOR)).enumerate();
        let changed = pairs.filter(|(_, (old, new))| old != new);
        let sectors: u32 = changed.fold(0, |bits, (index, _)| bits | 1 << index);
        match sectors {
            few if few.count_ones() <= FEW_SECTORS => Kept::Overlay(few),
            some if count % 3 == 1 => Kept::PlainAndOverlay(some & 0x5555_5555 | 1 << 31),
            _ => Kept::Plain,
        }
    }
}

impl Store {
    fn new(number: usize, created: u64) -> Self {
        let id = identifier(&format!("store {number}"));
        Self { id, created, plain: 0, forwarders: 0, overlays: 0, unallocated: 0 }
    }

    fn count(&mut self, how: &Kept) {
        match how {
            Kept::Plain => self.plain += 1,
            Kept::Forwarder(_) => self.forwarders += 1,
            Kept::Overlay(_) => self.overlays += 1,
            Kept::PlainAndOverlay(_) => {
                self.plain += 1;
                self.overlays += 1;
            }
            Kept::Unallocated => self.unallocated += 1,
        }
    }
}

/// Bytes of a block. The last block of a volume can be shorter.
fn block(volume: &[u8], offset: usize) -> &[u8] {
    &volume[offset..volume.len().min(offset + BLOCK)]
}

fn is_zero(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| *byte == 0)
}

fn number(value: usize) -> [u8; 8] {
    (value as u64).to_le_bytes()
}

/// Returns a random GUID that depends on `name` alone.
fn identifier(name: &str) -> [u8; 16] {
    let mut bytes: [u8; 16] = std::array::from_fn(|index| {
        let digits = &sha256(name.as_bytes())[2 * index..2 * index + 2];
        u8::from_str_radix(digits, 16).expect("hexadecimal digits")
    });
    bytes[7] = bytes[7] & 0x0F | 0x40;
    bytes[8] = bytes[8] & 0x3F | 0x80;
    bytes
}

/// Header of a block. `size` is that of the information after a store header.
fn header(kind: u32, relative: usize, offset: usize, next: usize, size: usize) -> Vec<u8> {
    let numbers = [number(relative), number(offset), number(next), number(size)].concat();
    let mut bytes = [&IDENTIFIER[..], &1_u32.to_le_bytes(), &kind.to_le_bytes(), &numbers].concat();
    bytes.resize(HEADER, 0);
    bytes
}

fn volume_header(catalog: usize) -> Vec<u8> {
    let kinds = [1_u32.to_le_bytes(), 1_u32.to_le_bytes()].concat();
    let offsets = [VOLUME_HEADER, 0, 0, catalog, 0].map(number).concat();
    let volume = identifier("volume");
    let mut bytes = [&IDENTIFIER[..], &kinds, &offsets, &volume, &volume].concat();
    bytes.resize(SECTOR, 0);
    bytes
}

/// Store header with its information: identifiers, attributes and names of machines.
fn store_header(store: usize, offset: usize) -> Vec<u8> {
    let name: Vec<u8> = "FORGED".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let length = u16::try_from(name.len()).expect("a short name").to_le_bytes();
    let mut information = vec![0; 16];
    information.extend(identifier(&format!("copy {store}")));
    information.extend(identifier(&format!("set {store}")));
    // Client accessible; persistent, no automatic release, differential.
    information.extend([0x0D, 1, 0x0042_0009, 0].map(u32::to_le_bytes).concat());
    information.extend([&length[..], &name, &length, &name].concat());
    [header(4, 0, offset, 0, information.len()), information].concat()
}

/// The two entries of a store in the catalog: its times, and its places.
fn catalog_entries(index: usize, size: usize, store: &Store, places: &Places) -> [Vec<u8>; 2] {
    let numbers = |values: &[usize]| values.iter().copied().flat_map(number).collect::<Vec<u8>>();
    let mut times = [&numbers(&[2, size])[..], &store.id].concat();
    times.extend(numbers(&[index + 1, 0x440]));
    times.extend(store.created.to_le_bytes());
    let mut offsets = [&numbers(&[3, places.list])[..], &store.id].concat();
    offsets.extend(numbers(&[places.header, places.ranges, places.bitmap]));
    // MFT record 40, used for the first time.
    offsets.extend((40 | 1_u64 << 48).to_le_bytes());
    offsets.extend(numbers(&[places.data_size, places.previous_bitmap]));
    [times, offsets].map(|mut entry| {
        entry.resize(HEADER, 0);
        entry
    })
}
