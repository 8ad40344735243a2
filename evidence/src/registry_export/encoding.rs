// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`ExportEncoding`]: the encoding of an export.

/// Encoding of an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportEncoding {
    /// UTF-16, little-endian.
    Utf16Le,
    /// UTF-16, big-endian.
    Utf16Be,
    /// UTF-8. Plain ASCII counts as UTF-8.
    Utf8,
    /// An unknown code page with one or two bytes for each character.
    CodePage,
}

impl ExportEncoding {
    /// Returns the encoding, and the length of the mark at the start.
    pub(super) fn of(bytes: &[u8]) -> (Self, usize) {
        match bytes {
            [0xFF, 0xFE, ..] => (Self::Utf16Le, 2),
            [0xFE, 0xFF, ..] => (Self::Utf16Be, 2),
            [0xEF, 0xBB, 0xBF, ..] => (Self::Utf8, 3),
            [1..=0x7F, 0, ..] => (Self::Utf16Le, 0),
            [0, 1..=0x7F, ..] => (Self::Utf16Be, 0),
            _ if core::str::from_utf8(bytes).is_ok() => (Self::Utf8, 0),
            _ => (Self::CodePage, 0),
        }
    }

    /// Number of bytes in a unit.
    pub(super) const fn width(self) -> usize {
        match self {
            Self::Utf16Le | Self::Utf16Be => 2,
            Self::Utf8 | Self::CodePage => 1,
        }
    }

    /// Decodes bytes. Returns the UTF-16 units, and whether all bytes belong to this encoding.
    pub(super) fn decode(self, bytes: &[u8]) -> (Vec<u16>, bool) {
        let pairs = || bytes.as_chunks::<2>().0.iter().copied();
        match self {
            Self::Utf16Le => {
                (pairs().map(u16::from_le_bytes).collect(), bytes.len().is_multiple_of(2))
            }
            Self::Utf16Be => {
                (pairs().map(u16::from_be_bytes).collect(), bytes.len().is_multiple_of(2))
            }
            Self::Utf8 => {
                let text = String::from_utf8_lossy(bytes);
                (text.encode_utf16().collect(), core::str::from_utf8(bytes).is_ok())
            }
            Self::CodePage => (bytes.iter().copied().map(windows_1252).collect(), true),
        }
    }
}

/// Characters of Windows-1252 from 0x80 to 0x9F. Undefined bytes map to the control character of their number.
const FROM_80: [u16; 32] = [
    0x20AC, 0x81, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039,
    0x0152, 0x8D, 0x017D, 0x8F, 0x90, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
    0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D, 0x017E, 0x0178,
];

/// Decodes a byte of Windows-1252.
pub(super) fn windows_1252(byte: u8) -> u16 {
    let from_80 = byte.checked_sub(0x80).and_then(|at| FROM_80.get(usize::from(at)));
    from_80.copied().unwrap_or(u16::from(byte))
}
