// SPDX-License-Identifier: MIT OR Apache-2.0
//! The boot key: 16 bytes in the class names of four keys of SYSTEM.

use alloc::vec::Vec;

use calhive_regf::hive::look_up::LookUp;
use calhive_regf::hive::name::Name;
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

/// Control sets of a hive.
pub(super) struct ControlSets<'d> {
    /// The one in use first.
    pub(super) sets: Vec<ControlSet<'d>>,
    /// Whether there may be another one: a part of the list is not readable, a control set is a symbolic link, or there
    /// are too many.
    pub(super) has_unread: bool,
}

impl<'d> ControlSets<'d> {
    pub(super) fn of(system: Hive<'d>) -> Self {
        let mut has_unread = false;
        let mut sets = ControlSet::all(system, LookUp::Thorough, |_| has_unread = true);
        let listed = sets.len();
        sets.retain(|set| set.key.unless_link().is_ok());
        sets.sort_by_key(|set| !set.is_current());
        sets.truncate(SETS);
        has_unread |= sets.len() < listed || system.root().is_err();
        Self { sets, has_unread }
    }
}

/// Returns each boot key once, that of the control set in use first.
///
/// # Errors
/// If no control set has four well-formed class names, or if one that may have them is not readable.
pub(super) fn boot_keys(sets: &ControlSets<'_>) -> Result<Vec<BootKey>, NotOpened> {
    let mut found: Vec<BootKey> = Vec::new();
    let mut has_unread = sets.has_unread;
    for set in &sets.sets {
        match boot_key(set.key) {
            Ok(Some(key)) if !found.iter().any(|known| known.key.bytes() == key.bytes()) => {
                found.push(BootKey { control_set: set.number, key });
            }
            Ok(_) => {}
            Err(_) => has_unread = true,
        }
    }
    match found.is_empty() {
        true if has_unread => Err(NotOpened::Unreadable),
        true => Err(NotOpened::NoBootKey),
        false => Ok(found),
    }
}

/// Returns the number in `SecureBoot` of the first control set that has one.
pub(super) fn secure_boot(sets: &ControlSets<'_>) -> Option<u32> {
    sets.sets.iter().find_map(|set| {
        let lsa = key_below(set.key, LSA).ok()??;
        value_of(lsa, "SecureBoot").ok()??.data().ok()?.to_dword()
    })
}

/// Returns the boot key of a control set; `None` without four well-formed class names.
fn boot_key(set: Key<'_>) -> Result<Option<KeyBytes>, NotOpened> {
    let Some(lsa) = key_below(set, LSA)? else { return Ok(None) };
    let mut parts = Vec::with_capacity(KEYS.len());
    for name in KEYS {
        let Some(key) = key_below(lsa, name)? else { return Ok(None) };
        let class = key.class_name().map_err(|_| NotOpened::Unreadable)?;
        let Some(number) = class.and_then(class_number) else { return Ok(None) };
        parts.push(number);
    }
    let parts: Vec<&[u8]> = parts.iter().map(KeyBytes::bytes).collect();
    let joined = KeyBytes::join(&parts);
    let mut key = KeyBytes::zeros(ORDER.len());
    for (to, from) in key.bytes_mut().iter_mut().zip(ORDER) {
        *to = joined.bytes().get(from).copied().unwrap_or_default();
    }
    Ok(Some(key))
}

/// Parses a class name of 8 hexadecimal digits.
fn class_number(name: Name<'_>) -> Option<KeyBytes> {
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
