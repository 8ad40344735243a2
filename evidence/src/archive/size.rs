// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Size`]: a number of bytes for people.

use core::fmt;

/// A number of bytes, displayed with commas, or in MiB or GiB if it is a multiple of them.
pub(crate) struct Size(pub(crate) u64);

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (unit, name) in [(1_u64 << 30, "GiB"), (1 << 20, "MiB")] {
            if self.0 >= unit && self.0.is_multiple_of(unit) {
                return write!(f, "{} {name}", self.0.checked_div(unit).unwrap_or_default());
            }
        }
        let digits = self.0.to_string();
        let mut text = String::new();
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && digits.len().saturating_sub(at).is_multiple_of(3) {
                text.push(',');
            }
            text.push(digit);
        }
        write!(f, "{text} byte{}", if self.0 == 1 { "" } else { "s" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn size_is_shown_with_commas_or_in_the_largest_whole_unit() {
        for (size, expected) in [
            (0, "0 bytes"),
            (1, "1 byte"),
            (999, "999 bytes"),
            (1_000, "1,000 bytes"),
            (1_234_567, "1,234,567 bytes"),
            (4 << 30, "4 GiB"),
            (64 << 20, "64 MiB"),
        ] {
            assert_eq!(Size(size).to_string(), expected);
        }
    }
}
