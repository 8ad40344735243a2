// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`extract()`]: reads the bytes of an item found by carving.

use std::io::{self, Read, Seek, SeekFrom};

use alloc::vec::Vec;

use crate::recover::carve::SECTOR;
use crate::recover::carve::place::Place;
use crate::recover::carve::place::Unpacked;
use crate::recover::carve::units::{Unit, Walk};
use crate::recover::carve::window::Window;

/// Largest possible hive in bytes. No log is longer.
const MOST: u64 = (u32::MAX as u64) + 4096;

/// Reads the bytes at `place`, decompressed if necessary.
///
/// [`Hive::parse`](crate::Hive::parse) accepts the bytes of a [`Hive`](super::Kind::Hive).
/// [`Assembled::of`](crate::hive::fragment::Assembled::of) accepts the bytes of
/// [`Bins`](super::Kind::Bins). Memory use grows with the bytes present in the source, even if
/// `place` claims a larger length.
///
/// # Errors
/// The errors of the source.
pub fn extract(source: &mut (impl Read + Seek), place: Place) -> io::Result<Vec<u8>> {
    let length = place.length.min(MOST);
    let mut bytes = Vec::new();
    match place.unpacked {
        None => {
            source.seek(SeekFrom::Start(place.offset.get()))?;
            source.take(length).read_to_end(&mut bytes)?;
        }
        Some(Unpacked { at }) => {
            unpack(source, place.offset.get(), at.saturating_add(length).min(MOST), &mut bytes)?;
            bytes.drain(..usize::try_from(at).unwrap_or(usize::MAX).min(bytes.len()));
        }
    }
    bytes.truncate(usize::try_from(length).unwrap_or(usize::MAX));
    Ok(bytes)
}

/// Decompresses the units of the hive at `start`, up to `length` bytes.
fn unpack(
    source: &mut (impl Read + Seek),
    start: u64,
    length: u64,
    bytes: &mut Vec<u8>,
) -> io::Result<()> {
    let mut window = Vec::new();
    let mut read = |at: u64, window: &mut Vec<u8>| {
        window.clear();
        source.seek(SeekFrom::Start(at))?;
        source.take(Window::AHEAD).read_to_end(window).map(drop)
    };
    read(start, &mut window)?;
    let Some((mut walk, first)) = Walk::begin(Window::new(&window, start), start) else {
        return Ok(());
    };
    bytes.extend(first.bytes);
    let mut at = start;
    while (bytes.len() as u64) < length {
        read(at, &mut window)?;
        let view = Window::new(&window, at);
        let later = (at..=at.saturating_add(Window::AHEAD / 4)).step_by(512).skip(1);
        let mut next: Option<(u64, Unit)> = None;
        for at in later.take_while(|at| *at < view.end()) {
            if walk.is_over(at) {
                break;
            }
            next = walk.go_on(view, at).map(|unit| (at, unit));
            if next.is_some() {
                break;
            }
        }
        let Some((found, unit)) = next else { break };
        at = found;
        bytes.extend(unit.bytes);
    }
    Ok(())
}

const _: () = assert!(SECTOR == 512);
