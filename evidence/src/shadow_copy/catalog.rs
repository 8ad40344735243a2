// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Store`]: an entry of the catalog, which lists the stores of a volume.

use alloc::collections::BTreeMap;
use std::io;

use crate::disk::Disk;
use crate::field::{bytes_at, invalid, u64_at};
use crate::shadow_copy::block_header::{BlockKind, Chain, SIGNATURE};

/// Offset of the header of shadow copies on a volume.
const VOLUME_HEADER: u64 = 0x1E00;
/// Length of an entry.
const ENTRY: usize = 128;
/// Largest number of stores. Windows keeps 512 at most.
const MOST_STORES: usize = 4096;

/// A store: what Windows keeps for a shadow copy.
#[derive(Clone, Debug, Default)]
pub(super) struct Store {
    /// Identifier.
    pub(super) id: [u8; 16],
    /// Size of the volume in bytes.
    pub(super) volume_size: u64,
    /// Number that grows with each shadow copy.
    pub(super) sequence: u64,
    /// Time of creation.
    pub(super) created: u64,
    /// Offset of the first block list on the volume.
    pub(super) block_list: u64,
    /// Offset of the bitmap of blocks that were not in use, or 0.
    pub(super) bitmap: u64,
    /// Offset of the bitmap of blocks that were not in use for the shadow copy before, or 0.
    pub(super) previous_bitmap: u64,
}

/// Reads the catalog. Returns the stores in the order of creation. A volume without a catalog has none.
///
/// # Errors
/// If a block of the catalog is damaged, or an entry of a store is missing. Each shadow copy needs the stores of all
/// later ones.
pub(super) fn read(disk: &dyn Disk) -> io::Result<Vec<Store>> {
    let mut header = [0; 128];
    if disk.size() < VOLUME_HEADER.saturating_add(header.len() as u64) {
        return Ok(Vec::new());
    }
    disk.read_at(VOLUME_HEADER, &mut header)?;
    if bytes_at(&header, 0) != Some(SIGNATURE) {
        return Ok(Vec::new());
    }
    let first = u64_at(&header, 48).unwrap_or(0);
    let mut chain = Chain::new(disk, BlockKind::Catalog, first);
    let mut entries = BTreeMap::new();
    while let Some(block) = chain.read_next()? {
        block.chunks_exact(ENTRY).for_each(|entry| add(entry, &mut entries));
        if entries.len() > MOST_STORES {
            return Err(invalid(format!("the shadow copies are more than {MOST_STORES}")));
        }
    }
    let mut stores = Vec::new();
    for (id, entry) in entries {
        let (Some(copy), Some(place)) = (entry.copy, entry.place) else {
            let id = guid(&id);
            return Err(invalid(format!(
                "the catalog of shadow copies has only one of two entries of store {id}"
            )));
        };
        let ShadowCopy { volume_size, sequence, created } = copy;
        let Place { block_list, bitmap, previous_bitmap } = place;
        stores.push(Store {
            id,
            volume_size,
            sequence,
            created,
            block_list,
            bitmap,
            previous_bitmap,
        });
    }
    stores.sort_by_key(|store| (store.created, store.sequence));
    Ok(stores)
}

/// Returns a GUID as text.
pub(super) fn guid(bytes: &[u8; 16]) -> String {
    let [a, b, c, d, e, f, g, h, rest @ ..] = bytes;
    let mut text = format!("{d:02x}{c:02x}{b:02x}{a:02x}-{f:02x}{e:02x}-{h:02x}{g:02x}-");
    for (at, byte) in rest.iter().enumerate() {
        if at == 2 {
            text.push('-');
        }
        text.push_str(&format!("{byte:02x}"));
    }
    text
}

/// Both entries of a store.
#[derive(Default)]
struct Entry {
    copy: Option<ShadowCopy>,
    place: Option<Place>,
}

/// Entry of type 2.
struct ShadowCopy {
    volume_size: u64,
    sequence: u64,
    created: u64,
}

/// Entry of type 3.
struct Place {
    block_list: u64,
    bitmap: u64,
    previous_bitmap: u64,
}

fn add(bytes: &[u8], entries: &mut BTreeMap<[u8; 16], Entry>) {
    let field = |at| u64_at(bytes, at).unwrap_or(0);
    let id = bytes_at(bytes, 16).unwrap_or_default();
    match field(0) {
        2 => {
            let (volume_size, sequence, created) = (field(8), field(32), field(48));
            let copy = ShadowCopy { volume_size, sequence, created };
            entries.entry(id).or_default().copy = Some(copy);
        }
        3 => {
            let (block_list, bitmap, previous_bitmap) = (field(8), field(48), field(72));
            let place = Place { block_list, bitmap, previous_bitmap };
            entries.entry(id).or_default().place = Some(place);
        }
        // Free entries.
        _ => {}
    }
}
