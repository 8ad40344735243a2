// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`upcase`]: the upper case of Windows (`RtlUpcaseUnicodeChar`), which decides the order and the
//! hashes of subkey lists ([regf.md](crate::format#upcase-table)). The table maps 973 units and
//! differs from Unicode.

/// First and last unit of a run, step between units, and difference to the upper-case unit.
struct Run(u16, u16, u16, i32);

/// Returns the upper-case form of a UTF-16 unit, as on Windows 10.
///
/// ```
/// use calhive_regf::hive::upcase;
/// assert_eq!(upcase(u16::from(b'a')), u16::from(b'A'));
/// assert_eq!(upcase(0x00FF), 0x0178);
/// // Unicode maps the micro sign to a Greek letter; Windows leaves it alone.
/// assert_eq!(upcase(0x00B5), 0x00B5);
/// ```
#[inline]
pub fn upcase(unit: u16) -> u16 {
    match unit {
        0..=0x60 => unit,
        0x61..=0x7A => unit & !0x20,
        0x7B..=0xDF => unit,
        _ => upcase_by_table(unit),
    }
}

fn upcase_by_table(unit: u16) -> u16 {
    let after = RUNS.partition_point(|run| run.0 <= unit);
    let Some(Run(first, last, step, delta)) = after.checked_sub(1).and_then(|at| RUNS.get(at))
    else {
        return unit;
    };
    let within = unit.wrapping_sub(*first);
    if unit > *last || within.checked_rem(*step) != Some(0) {
        return unit;
    }
    u16::try_from(i32::from(unit).wrapping_add(*delta)).unwrap_or(unit)
}

#[rustfmt::skip]
static RUNS: [Run; 134] = [
    Run(0x0061, 0x007A, 1, -32), Run(0x00E0, 0x00F6, 1, -32), Run(0x00F8, 0x00FE, 1, -32),
    Run(0x00FF, 0x00FF, 1, 121), Run(0x0101, 0x012F, 2, -1), Run(0x0133, 0x0137, 2, -1),
    Run(0x013A, 0x0148, 2, -1), Run(0x014B, 0x0177, 2, -1), Run(0x017A, 0x017E, 2, -1),
    Run(0x0180, 0x0180, 1, 195), Run(0x0183, 0x0185, 2, -1), Run(0x0188, 0x0188, 1, -1),
    Run(0x018C, 0x018C, 1, -1), Run(0x0192, 0x0192, 1, -1), Run(0x0195, 0x0195, 1, 97),
    Run(0x0199, 0x0199, 1, -1), Run(0x019A, 0x019A, 1, 163), Run(0x019E, 0x019E, 1, 130),
    Run(0x01A1, 0x01A5, 2, -1), Run(0x01A8, 0x01A8, 1, -1), Run(0x01AD, 0x01AD, 1, -1),
    Run(0x01B0, 0x01B0, 1, -1), Run(0x01B4, 0x01B6, 2, -1), Run(0x01B9, 0x01B9, 1, -1),
    Run(0x01BD, 0x01BD, 1, -1), Run(0x01BF, 0x01BF, 1, 56), Run(0x01C6, 0x01C6, 1, -2),
    Run(0x01C9, 0x01C9, 1, -2), Run(0x01CC, 0x01CC, 1, -2), Run(0x01CE, 0x01DC, 2, -1),
    Run(0x01DD, 0x01DD, 1, -79), Run(0x01DF, 0x01EF, 2, -1), Run(0x01F3, 0x01F3, 1, -2),
    Run(0x01F5, 0x01F5, 1, -1), Run(0x01F9, 0x021F, 2, -1), Run(0x0223, 0x0233, 2, -1),
    Run(0x023C, 0x023C, 1, -1), Run(0x0242, 0x0242, 1, -1), Run(0x0247, 0x024F, 2, -1),
    Run(0x0250, 0x0250, 1, 10783), Run(0x0251, 0x0251, 1, 10780), Run(0x0253, 0x0253, 1, -210),
    Run(0x0254, 0x0254, 1, -206), Run(0x0256, 0x0257, 1, -205), Run(0x0259, 0x0259, 1, -202),
    Run(0x025B, 0x025B, 1, -203), Run(0x0260, 0x0260, 1, -205), Run(0x0263, 0x0263, 1, -207),
    Run(0x0268, 0x0268, 1, -209), Run(0x0269, 0x0269, 1, -211), Run(0x026B, 0x026B, 1, 10743),
    Run(0x026F, 0x026F, 1, -211), Run(0x0271, 0x0271, 1, 10749), Run(0x0272, 0x0272, 1, -213),
    Run(0x0275, 0x0275, 1, -214), Run(0x027D, 0x027D, 1, 10727), Run(0x0280, 0x0280, 1, -218),
    Run(0x0283, 0x0283, 1, -218), Run(0x0288, 0x0288, 1, -218), Run(0x0289, 0x0289, 1, -69),
    Run(0x028A, 0x028B, 1, -217), Run(0x028C, 0x028C, 1, -71), Run(0x0292, 0x0292, 1, -219),
    Run(0x0371, 0x0373, 2, -1), Run(0x0377, 0x0377, 1, -1), Run(0x037B, 0x037D, 1, 130),
    Run(0x03AC, 0x03AC, 1, -38), Run(0x03AD, 0x03AF, 1, -37), Run(0x03B1, 0x03C1, 1, -32),
    Run(0x03C3, 0x03CB, 1, -32), Run(0x03CC, 0x03CC, 1, -64), Run(0x03CD, 0x03CE, 1, -63),
    Run(0x03D7, 0x03D7, 1, -8), Run(0x03D9, 0x03EF, 2, -1), Run(0x03F2, 0x03F2, 1, 7),
    Run(0x03F8, 0x03F8, 1, -1), Run(0x03FB, 0x03FB, 1, -1), Run(0x0430, 0x044F, 1, -32),
    Run(0x0450, 0x045F, 1, -80), Run(0x0461, 0x0481, 2, -1), Run(0x048B, 0x04BF, 2, -1),
    Run(0x04C2, 0x04CE, 2, -1), Run(0x04CF, 0x04CF, 1, -15), Run(0x04D1, 0x0523, 2, -1),
    Run(0x0561, 0x0586, 1, -48), Run(0x1D79, 0x1D79, 1, 35332), Run(0x1D7D, 0x1D7D, 1, 3814),
    Run(0x1E01, 0x1E95, 2, -1), Run(0x1EA1, 0x1EFF, 2, -1), Run(0x1F00, 0x1F07, 1, 8),
    Run(0x1F10, 0x1F15, 1, 8), Run(0x1F20, 0x1F27, 1, 8), Run(0x1F30, 0x1F37, 1, 8),
    Run(0x1F40, 0x1F45, 1, 8), Run(0x1F51, 0x1F57, 2, 8), Run(0x1F60, 0x1F67, 1, 8),
    Run(0x1F70, 0x1F71, 1, 74), Run(0x1F72, 0x1F75, 1, 86), Run(0x1F76, 0x1F77, 1, 100),
    Run(0x1F78, 0x1F79, 1, 128), Run(0x1F7A, 0x1F7B, 1, 112), Run(0x1F7C, 0x1F7D, 1, 126),
    Run(0x1F80, 0x1F87, 1, 8), Run(0x1F90, 0x1F97, 1, 8), Run(0x1FA0, 0x1FA7, 1, 8),
    Run(0x1FB0, 0x1FB1, 1, 8), Run(0x1FB3, 0x1FB3, 1, 9), Run(0x1FC3, 0x1FC3, 1, 9),
    Run(0x1FD0, 0x1FD1, 1, 8), Run(0x1FE0, 0x1FE1, 1, 8), Run(0x1FE5, 0x1FE5, 1, 7),
    Run(0x1FF3, 0x1FF3, 1, 9), Run(0x214E, 0x214E, 1, -28), Run(0x2170, 0x217F, 1, -16),
    Run(0x2184, 0x2184, 1, -1), Run(0x24D0, 0x24E9, 1, -26), Run(0x2C30, 0x2C5E, 1, -48),
    Run(0x2C61, 0x2C61, 1, -1), Run(0x2C65, 0x2C65, 1, -10795), Run(0x2C66, 0x2C66, 1, -10792),
    Run(0x2C68, 0x2C6C, 2, -1), Run(0x2C73, 0x2C73, 1, -1), Run(0x2C76, 0x2C76, 1, -1),
    Run(0x2C81, 0x2CE3, 2, -1), Run(0x2D00, 0x2D25, 1, -7264), Run(0xA641, 0xA65F, 2, -1),
    Run(0xA663, 0xA66D, 2, -1), Run(0xA681, 0xA697, 2, -1), Run(0xA723, 0xA72F, 2, -1),
    Run(0xA733, 0xA76F, 2, -1), Run(0xA77A, 0xA77C, 2, -1), Run(0xA77F, 0xA787, 2, -1),
    Run(0xA78C, 0xA78C, 1, -1), Run(0xFF41, 0xFF5A, 1, -32),
];

#[cfg(test)]
mod tests {
    use super::*;

    /// Results of `RtlUpcaseUnicodeChar` on Windows 10.
    const FACTS: &str = include_str!("../../../testdata/vectors/rtl_upcase_win10.tsv");

    #[test]
    fn every_unit_maps_as_on_windows_10() {
        let mut facts: Vec<u16> = (0..=u16::MAX).collect();
        for line in FACTS.lines().filter(|line| !line.starts_with('#')) {
            let fields: Vec<&str> = line.split('\t').collect();
            let unit = |at: usize| u16::from_str_radix(fields[at], 16).unwrap();
            let (step, delta) = (fields[2].parse().unwrap(), fields[3].parse::<i32>().unwrap());
            for unit in (unit(0)..=unit(1)).step_by(step) {
                facts[usize::from(unit)] = u16::try_from(i32::from(unit) + delta).unwrap();
            }
        }
        let mapped = (0..=u16::MAX).filter(|unit| facts[usize::from(*unit)] != *unit).count();
        assert_eq!(mapped, 973);
        for unit in 0..=u16::MAX {
            assert_eq!(upcase(unit), facts[usize::from(unit)], "{unit:#06x}");
        }
    }

    /// Second source: if Windows maps a unit, Unicode maps it to the same letter.
    #[test]
    fn mapped_unit_has_the_same_upper_case_in_unicode() {
        let mut checked = 0;
        for unit in 0..=u16::MAX {
            let Some(letter) = char::from_u32(u32::from(unit)) else { continue };
            let upper: Vec<char> = letter.to_uppercase().collect();
            if upcase(unit) != unit && upper.len() == 1 && upper[0] != letter {
                assert_eq!(u32::from(upcase(unit)), u32::from(upper[0]), "{unit:#06x}");
                checked += 1;
            }
        }
        assert!(checked > 900, "{checked}");
    }
}
