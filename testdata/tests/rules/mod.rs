// SPDX-License-Identifier: MIT OR Apache-2.0

//! Replay by the rules of the format alone.

use hive_forge::checksum;
use hive_forge::log::{Dirty, marvin32};

pub fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap())
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(bytes[at..at + 8].try_into().unwrap())
}

/// Whether `first` is not after `second`. Numbers wrap around after their maximum.
fn not_after(first: u32, second: u32) -> bool {
    second.wrapping_sub(first) <= 0x7FFF_FFFF
}

/// Whether the base block has a correct checksum.
pub fn sound(bytes: &[u8]) -> bool {
    bytes.get(..4) == Some(b"regf") && u32_at(bytes, 508) == checksum(bytes)
}

/// Replays a hive. Returns its bins data, and the log and number of each applied update.
pub fn replay(dirty: &Dirty) -> (Vec<u8>, Vec<(&'static str, u32)>) {
    let primary = &dirty.primary;
    let mut bins = primary[4096..].to_vec();
    let mut applied = Vec::new();
    let trusted = sound(primary);
    if trusted {
        bins.truncate(u32_at(primary, 40) as usize);
        if u32_at(primary, 4) == u32_at(primary, 8) {
            return (bins, applied);
        }
    }
    let logs: Vec<(&'static str, &[u8])> = dirty
        .logs
        .iter()
        .map(|(name, log)| (*name, log.bytes.as_slice()))
        .filter(|(_, log)| sound(log) && u32_at(log, 4) == u32_at(log, 8))
        .collect();
    if logs.iter().any(|(_, log)| u32_at(log, 28) == 6) {
        replay_new(primary, trusted, logs, &mut bins, &mut applied);
    } else {
        // If the base block is not sound, the timestamp of the first bin counts.
        let time = if trusted { u64_at(primary, 12) } else { u64_at(primary, 4096 + 20) };
        for (name, log) in logs {
            if u64_at(log, 12) == time && replay_old(log, &mut bins).is_some() {
                applied.push((name, u32_at(log, 4)));
                break;
            }
        }
    }
    (bins, applied)
}

fn replay_new(
    primary: &[u8],
    trusted: bool,
    mut logs: Vec<(&'static str, &[u8])>,
    bins: &mut Vec<u8>,
    applied: &mut Vec<(&'static str, u32)>,
) {
    logs.sort_by(|(_, first), (_, second)| {
        not_after(u32_at(second, 4), u32_at(first, 4))
            .cmp(&not_after(u32_at(first, 4), u32_at(second, 4)))
    });
    if trusted {
        logs.retain(|(_, log)| not_after(u32_at(primary, 8), u32_at(log, 4)));
    } else {
        logs = logs.split_off(logs.len().saturating_sub(1));
    }
    let mut expected = logs.first().map(|(_, log)| u32_at(log, 4));
    for (name, log) in logs {
        if Some(u32_at(log, 4)) != expected {
            break;
        }
        let (mut at, mut number) = (512, u32_at(log, 4));
        while let Some(size) = entry(&log[at..], number, bins) {
            applied.push((name, number));
            (at, number) = (at + size, number.wrapping_add(1));
        }
        expected = Some(number);
    }
}

/// Applies the entry at the start of `log` if the entry is valid. Returns its size.
fn entry(log: &[u8], number: u32, bins: &mut Vec<u8>) -> Option<usize> {
    let word = |at: usize| Some(u32::from_le_bytes(log.get(at..at + 4)?.try_into().unwrap()));
    if log.get(..4)? != b"HvLE" || word(12)? != number {
        return None;
    }
    let (size, bins_size, count) = (word(4)? as usize, word(16)? as usize, word(20)? as usize);
    let good = size >= 512 && size.is_multiple_of(512) && size <= log.len();
    let good = good && bins_size >= 4096 && bins_size.is_multiple_of(4096) && count > 0;
    if !good
        || marvin32(&log[..32]) != u64_at(log, 32)
        || marvin32(&log[40..size]) != u64_at(log, 24)
    {
        return None;
    }
    let mut from = 40usize.checked_add(count.checked_mul(8)?)?;
    let mut runs = Vec::new();
    for number in 0..count {
        let reference = log[..size].get(40 + 8 * number..48 + 8 * number)?;
        let (offset, len) = (u32_at(reference, 0) as usize, u32_at(reference, 4) as usize);
        runs.push((offset, log[..size].get(from..from.checked_add(len)?)?));
        from += len;
        if offset + len > bins_size {
            return None;
        }
    }
    bins.resize(bins_size, 0);
    for (offset, bytes) in runs {
        bins[offset..offset + bytes.len()].copy_from_slice(bytes);
    }
    Some(size)
}

/// Applies an old-format log if the log is whole.
fn replay_old(log: &[u8], bins: &mut Vec<u8>) -> Option<()> {
    let bins_size = u32_at(log, 40) as usize;
    if log.get(512..516)? != b"DIRT" || bins_size == 0 {
        return None;
    }
    let bitmap = log.get(516..516 + bins_size / 4096)?;
    let mut from = (516 + bitmap.len()).next_multiple_of(512);
    let mut sectors = Vec::new();
    for sector in (0..8 * bitmap.len()).filter(|bit| bitmap[bit / 8] >> (bit % 8) & 1 == 1) {
        sectors.push((512 * sector, log.get(from..from + 512)?));
        from += 512;
    }
    bins.resize(bins_size, 0);
    for (offset, bytes) in sectors {
        bins[offset..offset + 512].copy_from_slice(bytes);
    }
    Some(())
}
