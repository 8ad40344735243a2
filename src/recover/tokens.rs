// SPDX-License-Identifier: MIT OR Apache-2.0
//! Tokens that lie where nothing live stands and that no recovered value leads to.

use alloc::collections::BTreeSet;

use crate::bytes::{BASE_BLOCK_LENGTH, Bytes, FileOffset};
use crate::recover::carve::{Kind, carve_bytes};
use crate::recover::{Origin, Recovery};

/// A token, by its signature.
#[derive(Clone, Copy, Debug)]
pub struct StrayToken<'d> {
    /// Its bytes, as far as nothing live stands in them.
    pub bytes: Bytes<'d>,
    /// How many it says that it has.
    pub size: u64,
    /// What kind of place it is in.
    pub origin: Origin,
}

impl<'d> Recovery<'d> {
    /// Hands out what looks like a licence token (PKCS #7 with Microsoft's extensions for licences) in bytes that
    /// nothing live stands in, where neither a live nor a recovered value leads to it.
    pub fn stray_tokens(&self, mut see: impl FnMut(StrayToken<'d>)) {
        let bytes = self.hive.after_base_block();
        let mut led_to = None;
        carve_bytes(bytes.as_slice(), |carved| {
            let Kind::Token { has_extension: true, .. } = carved.kind else { return };
            let Ok(at) = u32::try_from(carved.place.offset.get()) else { return };
            let Some(end) = self.space.end_at(at) else { return };
            let led_to = led_to.get_or_insert_with(|| self.data_places());
            if led_to.contains(&bytes.offset_of(at as usize)) {
                return;
            }
            let size = carved.place.length;
            let length = usize::try_from(size).unwrap_or(usize::MAX);
            let there = end.saturating_sub(at) as usize;
            let token = StrayToken {
                bytes: bytes.clip(at as usize, length.min(there)),
                size,
                origin: self.space.origin_at(at).unwrap_or(Origin::FreeCell),
            };
            see(token);
        });
    }

    /// Where the data of recovered values begin.
    fn data_places(&self) -> BTreeSet<FileOffset> {
        let values = self.iter().filter_map(|found| found.value());
        let header = self.terms.layout.header() as u64;
        let cells = values.map(|value| value.data_cell()).filter(|cell| !cell.is_nil());
        cells
            .map(|cell| {
                let start = u64::from(cell.get()).saturating_add(header);
                FileOffset::new(start).plus(u64::from(BASE_BLOCK_LENGTH))
            })
            .collect()
    }
}
