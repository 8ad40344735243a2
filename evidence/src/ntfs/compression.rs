// SPDX-License-Identifier: MIT OR Apache-2.0
//! Decompresses units of a compressed content, and keeps the last ones.

use alloc::collections::VecDeque;
use alloc::sync::Arc;
use std::io;
use std::sync::{Mutex, PoisonError};

use calhive_regf::recover::carve::lznt1;

use crate::field::{invalid, u16_at};

/// Number of units kept.
const KEPT: usize = 8;

/// Decompresses a unit of `size` bytes. Zeros replace what the compressed form leaves out.
///
/// # Errors
/// If a chunk is invalid.
pub(super) fn unpack(packed: &[u8], size: usize) -> io::Result<Vec<u8>> {
    let mut unit = Vec::with_capacity(size);
    let mut rest = packed;
    while unit.len() < size && u16_at(rest, 0).is_some_and(|header| header != 0) {
        let taken = lznt1::unpack(rest, &mut unit);
        if taken == 0 {
            let at = packed.len().saturating_sub(rest.len());
            return Err(invalid(format!("LZNT1 chunk at offset {at:#x} is invalid")));
        }
        // Each chunk holds 4,096 bytes. Zeros follow a shorter one.
        unit.resize(unit.len().next_multiple_of(lznt1::CHUNK), 0);
        rest = rest.get(taken..).unwrap_or_default();
    }
    unit.resize(size, 0);
    Ok(unit)
}

/// The units that were read last.
#[derive(Default)]
pub(super) struct UnitCache {
    units: Mutex<VecDeque<(u64, Arc<[u8]>)>>,
}

impl UnitCache {
    /// Returns the unit of this number. If it is not kept, `read` reads it.
    ///
    /// # Errors
    /// The error of `read`.
    pub(super) fn find_or_read(
        &self,
        number: u64,
        read: impl FnOnce() -> io::Result<Vec<u8>>,
    ) -> io::Result<Arc<[u8]>> {
        let kept = || self.units.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, unit)) = kept().iter().find(|(kept, _)| *kept == number) {
            return Ok(Arc::clone(unit));
        }
        let unit: Arc<[u8]> = read()?.into();
        let mut units = kept();
        if units.len() >= KEPT {
            units.pop_front();
        }
        units.push_back((number, Arc::clone(&unit)));
        Ok(unit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_chunk_and_early_end_give_zeros() {
        // A chunk of seven bytes, a chunk of one byte, and the end mark.
        let packed = [0x03, 0xB0, 0b10, b'a', 0x03, 0x00, 0x01, 0xB0, 0, b'b', 0, 0, 9];
        let unit = unpack(&packed, 16_384).unwrap();
        assert_eq!(unit.len(), 16_384);
        assert_eq!((&unit[..8], unit[4096]), (&b"aaaaaaa\0"[..], b'b'));
        assert!(unit[4097..].iter().all(|byte| *byte == 0));
    }

    #[test]
    fn invalid_chunk_is_reported_with_its_offset() {
        let packed = [0x03, 0xB0, 0b10, b'a', 0x03, 0x00, 0x02, 0xB0, 2, b'b', 0, 0];
        let error = unpack(&packed, 8192).unwrap_err();
        assert_eq!(error.to_string(), "LZNT1 chunk at offset 0x6 is invalid");
    }

    #[test]
    fn cache_keeps_the_last_units() {
        let cache = UnitCache::default();
        let unit = |number: u64| cache.find_or_read(number, || Ok(number.to_le_bytes().to_vec()));
        (0..20).for_each(|number| assert_eq!(unit(number).unwrap()[..], number.to_le_bytes()));
        let failing = |number| cache.find_or_read(number, || Err(invalid("not kept")));
        assert!(failing(0).is_err());
        assert_eq!(failing(19).unwrap()[..], 19_u64.to_le_bytes());
    }
}
