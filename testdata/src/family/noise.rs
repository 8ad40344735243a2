// SPDX-License-Identifier: MIT OR Apache-2.0

//! Raw bytes for carving and for fragments: headers that each claim the rest.

use super::{Case, Family};
use crate::NIL;
use crate::overlapping::Bin;
use crate::rng::Rng;

pub(super) fn families() -> Vec<Family> {
    vec![
        Family { name: "a base block in each sector", make: |n| each_sector(n, base_block) },
        Family { name: "a bin in each sector", make: |n| each_sector(n, |rest, _| bin(0, rest)) },
        Family {
            name: "a bin of another place in each sector",
            make: |n| each_sector(n, |rest, at| bin(at as u32 * 4096, rest)),
        },
        Family { name: "a log entry in each sector", make: |n| each_sector(n, entry) },
        Family { name: "a log in each sector", make: |n| each_sector(n, log) },
        Family { name: "base blocks and bins in turn", make: blocks_and_bins },
        Family { name: "keys without cells", make: keys },
        Family { name: "values without cells", make: values },
        Family { name: "compressed chunks of zeros", make: |n| compressed(n, false) },
        Family { name: "compressed chunks of bins", make: |n| compressed(n, true) },
        Family { name: "a bin far from the start", make: |n| far(n, 0x0FFF_F000) },
        Family { name: "a bin as far as possible", make: |n| far(n, 0x1FFF_0000) },
        Family { name: "random bytes", make: |n| Rng::new(n as u64).bytes(n).into() },
    ]
}

fn each_sector(size: usize, of: impl Fn(usize, usize) -> Vec<u8>) -> Case {
    let mut bytes = Vec::new();
    for at in 0..size / 512 {
        let mut sector = of(size - at * 512, at);
        sector.resize(512, 0);
        bytes.extend(sector);
    }
    bytes.into()
}

fn words(tag: [u8; 4], words: &[u32]) -> Vec<u8> {
    let words = words.iter().flat_map(|word| word.to_le_bytes());
    tag.into_iter().chain(words).collect()
}

fn base_block(rest: usize, _: usize) -> Vec<u8> {
    let bins = (rest as u32 & !4095).max(4096);
    sealed(words(*b"regf", &[1, 1, 0, 0x01D0_0000, 1, 5, 0, 1, 32, bins, 1]))
}

fn sealed(mut block: Vec<u8>) -> Vec<u8> {
    block.resize(512, 0);
    crate::base_block::seal(&mut block);
    block
}

fn bin(offset: u32, rest: usize) -> Vec<u8> {
    words(*b"hbin", &[offset, (rest as u32 & !4095).max(4096), 0, 0, 0, 0x01D0_0000, 0])
}

fn entry(rest: usize, at: usize) -> Vec<u8> {
    let mut entry = words(*b"HvLE", &[rest as u32 & !511, 0, at as u32, 4096, 1, 0, 0]);
    let hash = crate::log::marvin32(&entry[..32]);
    entry.extend(hash.to_le_bytes());
    entry
}

fn log(rest: usize, _: usize) -> Vec<u8> {
    sealed(words(*b"regf", &[1, 1, 0, 0x01D0_0000, 1, 5, 6, 1, 32, rest as u32 & !4095, 1]))
}

fn blocks_and_bins(size: usize) -> Case {
    let mut bytes = Vec::new();
    for at in 0..(size / 8192).max(1) {
        let rest = size - at * 8192;
        bytes.extend(base_block(rest, 0));
        bytes.resize(at * 8192 + 4096, 0);
        bytes.extend(bin(0, rest));
        bytes.extend(4064_u32.to_le_bytes());
        bytes.resize((at + 1) * 8192, 0);
    }
    bytes.into()
}

fn repeated(size: usize, cell: &[u8]) -> Case {
    cell.iter().copied().cycle().take(size).collect::<Vec<u8>>().into()
}

fn keys(size: usize) -> Case {
    let mut bin = Bin::default();
    let key = bin.key("abcdefgh", 0x20, 0x20) as usize;
    repeated(size, &bin.0[key..])
}

/// Values whose cells claim 64 KiB each.
fn values(size: usize) -> Case {
    let mut bin = Bin::default();
    let value = bin.value("abcdefgh", 0x8000_0004, 7, None) as usize;
    let mut cell = bin.0[value..].to_vec();
    cell[..4].copy_from_slice(&(-0x1_0000_i32).to_le_bytes());
    repeated(size, &cell)
}

/// A chunk that unpacks to 4,096 bytes, again and again. The first one of 61 can hold a bin header.
fn compressed(size: usize, with_bins: bool) -> Case {
    let zeros = [0x03, 0xB0, 0x02, 0, 0xFC, 0x0F];
    if !with_bins {
        return repeated(size, &zeros);
    }
    let mut header = bin(0, 0x1_0000);
    header.extend([0; 8]);
    let mut body: Vec<u8> = header.chunks(8).flat_map(|eight| [&[0], eight].concat()).collect();
    body.extend([0x01, 0xFF, 0x03]);
    let mut block = (0xB000 | (body.len() as u16 - 1)).to_le_bytes().to_vec();
    block.extend(body);
    (0..60).for_each(|_| block.extend(zeros));
    block.resize(block.len().next_multiple_of(512), 0);
    repeated(size, &block)
}

/// Remains of a hive. The first bin states an offset far from the start of the hive.
fn far(size: usize, offset: u32) -> Case {
    let mut remains = Bin::default();
    let root = remains.key("ROOT", 0x2C, NIL);
    for at in 0..size.saturating_sub(400) / 100 {
        let key = remains.key(&format!("{at:08}"), 0x20, root + offset);
        if at % 2 == 0 {
            remains.free(key);
        }
    }
    let mut bytes = remains.finish(&[]).split_off(4096);
    bytes[4..8].copy_from_slice(&offset.to_le_bytes());
    bytes.into()
}
