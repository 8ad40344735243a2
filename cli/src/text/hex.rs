// SPDX-License-Identifier: GPL-3.0-or-later
//! Bytes as hexadecimal digits, and as a dump with offsets.

use std::io::{self, Write};

use calhive::Name;
use data_encoding::HEXLOWER;

/// Bytes in a line of a dump.
const LINE: usize = 16;

/// Returns two lowercase digits for each byte.
pub(crate) fn digits(bytes: &[u8]) -> String {
    HEXLOWER.encode(bytes)
}

/// Returns the name as UTF-16LE in hex, for every encoding on disk.
pub(crate) fn name(name: Name<'_>) -> String {
    let utf16: Vec<u8> = name.units().flat_map(u16::to_le_bytes).collect();
    digits(&utf16)
}

/// Writes sixteen bytes a line: offset within the data, digits, and printable ASCII.
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
    fn dump_shows_offsets_digits_and_text() {
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
    fn latin1_and_utf16_names_become_utf16_digits() {
        assert_eq!(name(Name::latin1(b"A\xE4")), "4100e400");
        assert_eq!(name(Name::utf16(&[0x00, 0xD8])), "00d8");
    }
}
