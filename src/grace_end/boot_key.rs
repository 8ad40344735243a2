// SPDX-License-Identifier: MIT OR Apache-2.0
//! The boot key: 16 bytes in the class names of four keys of SYSTEM.

use alloc::vec::Vec;

use calhive_regf::hive::look_up::LookUp;
use calhive_regf::registry::ControlSet;
use calhive_regf::{Hive, Key};

use super::key_bytes::KeyBytes;
use super::place::{key_below, value_of};
use super::reason::NotOpened;

/// Key of a control set with the keys of the boot key.
const LSA: &str = r"Control\Lsa";
/// Keys below it, in the order of their class names in the boot key.
const KEYS: [&str; 4] = ["JD", "Skew1", "GBG", "Data"];
/// Order of the 16 bytes.
const ORDER: [usize; 16] = [8, 5, 4, 2, 11, 9, 13, 3, 0, 6, 1, 12, 14, 10, 15, 7];
/// Number of hexadecimal digits of a class name.
const DIGITS: usize = 8;
/// Maximum number of control sets that are read. Windows keeps two to four.
const SETS: usize = 16;

/// Boot key of a control set.
pub(super) struct BootKey {
    /// Number of the control set.
    pub(super) control_set: u32,
    pub(super) key: KeyBytes,
}

/// Returns the control sets, the one in use first.
pub(super) fn control_sets(system: Hive<'_>) -> Vec<ControlSet<'_>> {
    let mut sets = ControlSet::all(system, LookUp::Thorough, |_| {});
    sets.sort_by_key(|set| !set.is_current());
    sets.truncate(SETS);
    sets
}

/// Returns each boot key once, that of the control set in use first.
///
/// # Errors
/// If no control set has four well-formed class names.
pub(super) fn boot_keys(sets: &[ControlSet<'_>]) -> Result<Vec<BootKey>, NotOpened> {
    let mut found: Vec<BootKey> = Vec::new();
    for set in sets {
        let Some(key) = boot_key(set.key) else { continue };
        if !found.iter().any(|known| known.key.bytes() == key.bytes()) {
            found.push(BootKey { control_set: set.number, key });
        }
    }
    if found.is_empty() { Err(NotOpened::NoBootKey) } else { Ok(found) }
}

/// Returns the number in `SecureBoot` of the first control set that has one.
pub(super) fn secure_boot(sets: &[ControlSet<'_>]) -> Option<u32> {
    sets.iter().find_map(|set| {
        let lsa = key_below(set.key, LSA).ok()??;
        value_of(lsa, "SecureBoot").ok()??.data().ok()?.to_dword()
    })
}

fn boot_key(set: Key<'_>) -> Option<KeyBytes> {
    let lsa = key_below(set, LSA).ok()??;
    let parts = KEYS.map(|name| class_number(key_below(lsa, name).ok()??));
    let [Some(a), Some(b), Some(c), Some(d)] = parts else { return None };
    let joined = KeyBytes::join(&[a.bytes(), b.bytes(), c.bytes(), d.bytes()]);
    let mut key = KeyBytes::zeros(ORDER.len());
    for (to, from) in key.bytes_mut().iter_mut().zip(ORDER) {
        *to = *joined.bytes().get(from)?;
    }
    Some(key)
}

/// Parses a class name of 8 hexadecimal digits.
fn class_number(key: Key<'_>) -> Option<KeyBytes> {
    let name = key.class_name().ok()??;
    let mut digits = KeyBytes::zeros(DIGITS);
    let mut units = name.units();
    for digit in digits.bytes_mut() {
        let letter = char::from_u32(u32::from(units.next()?))?;
        *digit = u8::try_from(letter.to_digit(16)?).ok()?;
    }
    if units.next().is_some() {
        return None;
    }
    let mut number = KeyBytes::zeros(DIGITS / 2);
    for (byte, pair) in number.bytes_mut().iter_mut().zip(digits.bytes().chunks_exact(2)) {
        let [high, low] = pair else { return None };
        *byte = high.wrapping_shl(4) | low;
    }
    Some(number)
}
