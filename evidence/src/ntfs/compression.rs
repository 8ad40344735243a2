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
