// SPDX-License-Identifier: GPL-3.0-or-later
//! Bytes as hexadecimal digits, and as a dump with offsets.

use core::fmt::Write as _;
use std::io::{self, Write};

use calhive::Name;

/// Bytes in a line of a dump.
const LINE: usize = 16;

/// Two digits a byte.
pub(crate) fn digits(bytes: &[u8]) -> String {
    let mut shown = String::with_capacity(bytes.len().saturating_mul(2));
    for byte in bytes {
        // Writing to a string does not fail.
        let _ = write!(shown, "{byte:02x}");
    }
    shown
}

/// The UTF-16LE bytes of a name, however it is stored.
pub(crate) fn name(name: Name<'_>) -> String {
    let mut shown = String::new();
    for unit in name.units() {
        let [low, high] = unit.to_le_bytes();
        let _ = write!(shown, "{low:02x}{high:02x}");
    }
    shown
}

/// Sixteen bytes a line: offset within the data, digits, and what of it is ASCII.
pub(crate) fn dump(out: &mut dyn Write, bytes: &[u8]) -> io::Result<()> {
    for (index, line) in bytes.chunks(LINE).enumerate() {
        write!(out, "{:08x} ", index.saturating_mul(LINE))?;
        for place in 0..LINE {
            let gap = if place == LINE / 2 { " " } else { "" };
            match line.get(place) {
                Some(byte) => write!(out, "{gap} {byte:02x}")?,
                None => write!(out, "{gap}   ")?,
            }
        }
        let shown = |byte: &u8| if matches!(byte, b' '..=b'~') { char::from(*byte) } else { '.' };
        writeln!(out, "  {}", line.iter().map(shown).collect::<String>())?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dump_has_offsets_digits_and_text() {
        let mut out = Vec::new();
        dump(&mut out, b"0123456789abcdef\x1b[").unwrap();
        let text = String::from_utf8(out).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(
            lines[0],
            "00000000  30 31 32 33 34 35 36 37  38 39 61 62 63 64 65 66  0123456789abcdef"
        );
        assert!(lines[1].starts_with("00000010  1b 5b  ") && lines[1].ends_with("  .["), "{text}");
    }

    #[test]
    fn names_are_utf16_in_hexadecimal_however_stored() {
        assert_eq!(name(Name::latin1(b"A\xE4")), "4100e400");
        assert_eq!(name(Name::utf16(&[0x00, 0xD8])), "00d8");
    }
}
