// SPDX-License-Identifier: MIT OR Apache-2.0

//! `RtlUpcaseUnicodeChar` of Windows 10, the order of subkeys, and the hash of an lh element.

use std::cmp::Ordering;
use std::sync::LazyLock;

/// Runs of "first, last (hexadecimal), step, delta (decimal)".
const RUNS: &str = include_str!("../vectors/rtl_upcase_win10.tsv");

static TABLE: LazyLock<Vec<u16>> = LazyLock::new(|| {
    let mut table: Vec<u16> = (0..=u16::MAX).collect();
    for line in RUNS.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let mut columns = line.split('\t');
        let mut column = || columns.next().expect("four columns");
        let first = usize::from_str_radix(column(), 16).expect("first unit");
        let last = usize::from_str_radix(column(), 16).expect("last unit");
        let step = column().parse().expect("step");
        let delta: i32 = column().trim().parse().expect("delta");
        for unit in (first..=last).step_by(step) {
            table[unit] = u16::try_from(unit as i32 + delta).expect("a code unit");
        }
    }
    table
});

/// Returns the upper-case form of one UTF-16 code unit. Surrogates map to themselves.
pub fn upcase(unit: u16) -> u16 {
    TABLE[usize::from(unit)]
}

/// Compares names in the order of subkeys: ascending by upcased code units.
pub fn compare(left: &[u16], right: &[u16]) -> Ordering {
    left.iter().map(|&unit| upcase(unit)).cmp(right.iter().map(|&unit| upcase(unit)))
}

/// Returns the hash of an lh element: `h * 37 + unit` over the upcased code units, modulo 2^32.
pub fn lh_hash(units: &[u16]) -> u32 {
    units
        .iter()
        .fold(0u32, |hash, &unit| hash.wrapping_mul(37).wrapping_add(u32::from(upcase(unit))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn upcase_maps_the_973_units_of_windows_10() {
        assert_eq!((0..=u16::MAX).filter(|&unit| upcase(unit) != unit).count(), 973);
        assert_eq!(upcase(u16::from(b'a')), u16::from(b'A'));
        assert_eq!(upcase(0xFF), 0x178);
        // Unicode maps these, Windows does not.
        for unit in [0xB5, 0x131, 0x17F, 0x1C5, 0x3C2, 0xD800, 0xDFFF] {
            assert_eq!(upcase(unit), unit);
        }
    }

    #[test]
    fn lh_hash_ignores_case() {
        let units = |text: &str| text.encode_utf16().collect::<Vec<_>>();
        assert_eq!(lh_hash(&units("ab")), 65 * 37 + 66);
        assert_eq!(lh_hash(&units("MSLicensing")), lh_hash(&units("mslicensing")));
        assert_eq!(compare(&units("a_"), &units("AB")), Ordering::Greater);
    }
}
