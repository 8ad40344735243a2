// SPDX-License-Identifier: MIT OR Apache-2.0

//! Names, values and permissions of a synthetic hive.

use crate::rng::Rng;
use crate::security::{Ace, Descriptor, FULL_CONTROL, READ, Sid};
use crate::tree::{Security, Value, utf16_nul, value_type};

/// Parts of names.
pub(super) const WORDS: [&str; 16] = [
    "Class",
    "Device",
    "Driver",
    "Enum",
    "Filter",
    "Group",
    "Instance",
    "Linkage",
    "Monitor",
    "Network",
    "Parameters",
    "Policy",
    "Provider",
    "Security",
    "Service",
    "Setup",
];

/// Returns the value at `place` in its key.
pub(super) fn value(rng: &mut Rng, place: usize) -> Value {
    let name = if place == 0 && rng.one_in(4) {
        String::new()
    } else {
        format!("{}{place}", rng.pick(&WORDS))
    };
    let len = match rng.below(1000) {
        0..=399 => return Value::dword(&name, rng.next_u64() as u32),
        400..=749 => {
            let len = rng.range(4, 60);
            let text: String = (0..len).map(|_| rng.range(0x20, 0x7E) as u8 as char).collect();
            return Value::new(name.as_str(), value_type::SZ, &utf16_nul(&text));
        }
        750..=939 => rng.range(8, 500),
        940..=996 => rng.range(500, 2000),
        997..=998 => rng.range(2000, 12_000),
        _ => rng.range(12_000, 20_000),
    };
    Value::binary(&name, &rng.bytes(len))
}

/// Returns the descriptors that the keys share. Most keys have the first one.
pub(super) fn securities() -> Vec<Security> {
    let service = Descriptor {
        owner: Some(Sid::system()),
        group: Some(Sid::system()),
        dacl: Some(vec![
            Ace::allow(FULL_CONTROL, Sid::system()),
            Ace::allow(READ, Sid::network_service()),
        ]),
        sacl: None,
    };
    vec![Security::system_default(), Security::administrators_full(), service.build()]
}
