// SPDX-License-Identifier: MIT OR Apache-2.0

//! Random tokens with any content.

use super::{KEYS, TokenSpec};
use crate::rng::Rng;
use crate::time::filetime;

impl TokenSpec {
    /// A token with random fields: names of 1 to 40 characters of the basic plane, times from 1950
    /// on, some of which need GeneralizedTime, and up to six authorities.
    pub fn random(rng: &mut Rng) -> Self {
        let (one, other) = (time(rng), time(rng));
        // Sometimes the token ends before it begins.
        let ordered = !rng.one_in(16);
        let (not_before, not_after) =
            if ordered { (one.min(other), one.max(other)) } else { (one, other) };
        Self {
            server: name(rng),
            server_domain: name(rng),
            scope: name(rng),
            server_id: name(rng),
            server_created: filetime(1970, 1, 1, 0, 0, 0) + ticks(rng, 365 * 86_400 * 10_000_000),
            machine: name(rng),
            user: name(rng),
            hardware_id: rng.bytes(20).try_into().expect("20 bytes"),
            serial: number(rng),
            not_before,
            not_after,
            requested_product: name(rng),
            product: name(rng),
            version: (number(rng) as u16, number(rng) as u16),
            flags: number(rng),
            license_count: number(rng),
            platform_id: number(rng),
            language_id: number(rng),
            manufacturer: name(rng),
            cert_version: number(rng),
            index_version: number(rng),
            index_scope: ascii(rng, 1, 40),
            index_company: name(rng),
            index_product: name(rng),
            activation_name: None,
            clearinghouse_text: None,
            server_spk: rng.one_in(2).then(|| ascii(rng, 35, 35)),
            unnamed_9: rng.one_in(2).then(|| number(rng)),
            above: if rng.one_in(3) { rng.range(1, 6) } else { 0 },
            key: rng.below(KEYS),
        }
    }
}

/// Returns a number of 32 bits. Small numbers and the largest are more frequent than by chance.
fn number(rng: &mut Rng) -> u32 {
    match rng.below(4) {
        0 => rng.below(0x100) as u32,
        1 => u32::MAX - rng.below(2) as u32,
        _ => rng.next_u64() as u32,
    }
}

/// Returns 1 to 40 characters, without NUL and surrogates.
fn name(rng: &mut Rng) -> String {
    if rng.one_in(3) {
        return ascii(rng, 1, 40);
    }
    let character = |rng: &mut Rng| match rng.below(4) {
        0 => char::from(rng.range(0x20, 0x7E) as u8),
        1 => char::from_u32(rng.range(0xA0, 0x24F) as u32).expect("below the surrogates"),
        2 => char::from_u32(rng.range(1, 0xD7FF) as u32).expect("below the surrogates"),
        _ => char::from_u32(rng.range(0xE000, 0xFFFF) as u32).expect("above the surrogates"),
    };
    (0..rng.range(1, 40)).map(|_| character(rng)).collect()
}

fn ascii(rng: &mut Rng, low: usize, high: usize) -> String {
    (0..rng.range(low, high)).map(|_| char::from(rng.range(0x20, 0x7E) as u8)).collect()
}

/// Returns a whole second from 1950 to 2049, or in a quarter of the cases up to 2999.
fn time(rng: &mut Rng) -> u64 {
    const SECOND: u64 = 10_000_000;
    let start = filetime(1950, 1, 1, 0, 0, 0);
    let end = filetime(if rng.one_in(4) { 3000 } else { 2050 }, 1, 1, 0, 0, 0);
    start + ticks(rng, end - start) / SECOND * SECOND
}

/// Returns a number of ticks below `end`.
fn ticks(rng: &mut Rng, end: u64) -> u64 {
    rng.below(end as usize) as u64
}
