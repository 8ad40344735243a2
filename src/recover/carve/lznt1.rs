// SPDX-License-Identifier: MIT OR Apache-2.0
//! LZNT1, by which NTFS compresses files ([MS-XCA] 2.5).
//!
//! A compression unit, 64 KiB of a file where clusters have 4 KiB, is stored as chunks. Each stands for
//! 4,096 bytes: a header of 16 bits, and literal bytes mixed with references to bytes before, eight of
//! which a byte of flags goes before.

use alloc::vec::Vec;

/// Bytes that a chunk stands for.
pub const CHUNK: usize = 4096;
/// Chunks of the largest unit.
const MOST_CHUNKS: usize = 16;
/// Bit 15 of a header: the chunk is compressed.
const IS_COMPRESSED: u16 = 0x8000;

/// Unpacks the chunks at the start of `packed` and appends what they stand for, at most 64 KiB. Gives
/// the number of bytes that they take. It ends before the first chunk that is none, and after one that
/// stands for fewer than 4,096 bytes.
///
/// ```
/// use calhive::recover::carve::lznt1;
/// let mut unpacked = Vec::new();
/// // A literal 'a', and a reference to it: one byte back, six bytes long.
/// let taken = lznt1::unpack(&[0x03, 0xB0, 0b10, b'a', 0x03, 0x00], &mut unpacked);
/// assert_eq!((taken, &unpacked[..]), (6, &b"aaaaaaa"[..]));
/// ```
pub fn unpack(packed: &[u8], unpacked: &mut Vec<u8>) -> usize {
    let mut rest = packed;
    for _ in 0..MOST_CHUNKS {
        let Some(chunk) = Chunk::first(rest) else { break };
        let start = unpacked.len();
        if chunk.unpack(unpacked).is_none() {
            unpacked.truncate(start);
            break;
        }
        rest = rest.get(chunk.body.len().saturating_add(2)..).unwrap_or_default();
        if unpacked.len().saturating_sub(start) < CHUNK {
            break;
        }
    }
    packed.len().saturating_sub(rest.len())
}

/// Whether a chunk may begin so.
pub(crate) const fn is_header(header: u16) -> bool {
    // The signature; and one that is not compressed has all its bytes.
    header & 0xF000 == 0xB000 || header == 0x3FFF
}

struct Chunk<'p> {
    is_compressed: bool,
    body: &'p [u8],
}

impl<'p> Chunk<'p> {
    fn first(packed: &'p [u8]) -> Option<Self> {
        let (header, rest) = packed.split_first_chunk::<2>()?;
        let header = u16::from_le_bytes(*header);
        if !is_header(header) {
            return None;
        }
        let body = rest.get(..usize::from(header & 0x0FFF).saturating_add(1))?;
        Some(Self { is_compressed: header & IS_COMPRESSED != 0, body })
    }

    /// `None` for what is no chunk: it refers to bytes before it, is cut, or stands for too many.
    fn unpack(&self, unpacked: &mut Vec<u8>) -> Option<()> {
        let start = unpacked.len();
        if !self.is_compressed {
            unpacked.extend_from_slice(self.body);
            return Some(());
        }
        let mut rest = self.body.iter();
        while let Some(flags) = rest.next() {
            for bit in 0..8 {
                let Some(byte) = rest.next() else { break };
                let done = unpacked.len().saturating_sub(start);
                if flags >> bit & 1 == 0 {
                    if done >= CHUNK {
                        return None;
                    }
                    unpacked.push(*byte);
                    continue;
                }
                let reference = u16::from_le_bytes([*byte, *rest.next()?]);
                let (back, length) = split(reference, done);
                if back > done || done.saturating_add(length) > CHUNK {
                    return None;
                }
                // The bytes may be among those that it makes, so one after the other.
                for _ in 0..length {
                    let from = unpacked.len().saturating_sub(back);
                    unpacked.push(*unpacked.get(from)?);
                }
            }
        }
        Some(())
    }
}

/// How far back and how long: the further the chunk has come, the more bits of the reference are the
/// distance.
fn split(reference: u16, done: usize) -> (usize, usize) {
    let bits = length_bits(done);
    let length = reference & !u16::MAX.checked_shl(bits).unwrap_or(0);
    let back = reference.checked_shr(bits).unwrap_or(0);
    (usize::from(back).saturating_add(1), usize::from(length).saturating_add(3))
}

/// Bits of the length in a reference, when so many bytes of the chunk are unpacked.
fn length_bits(done: usize) -> u32 {
    let distance = usize::BITS.saturating_sub(done.saturating_sub(1).leading_zeros()).max(4);
    16_u32.saturating_sub(distance.min(12))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn all(packed: &[u8]) -> (usize, Vec<u8>) {
        let mut unpacked = Vec::new();
        let taken = unpack(packed, &mut unpacked);
        (taken, unpacked)
    }

    /// Packs a unit, with the longest reference that a search by trial finds.
    fn pack(plain: &[u8]) -> Vec<u8> {
        let mut packed = Vec::new();
        for chunk in plain.chunks(CHUNK) {
            let mut body = Vec::new();
            let mut done = 0;
            while done < chunk.len() {
                let flags_at = body.len();
                body.push(0_u8);
                for bit in 0..8 {
                    if done == chunk.len() {
                        break;
                    }
                    let bits = length_bits(done);
                    let longest = ((1 << bits) + 2).min(chunk.len() - done);
                    let furthest = (1 << (16 - bits)).min(done);
                    let same = |back: usize| {
                        (0..longest)
                            .take_while(|i| chunk[done + i] == chunk[done + i - back])
                            .count()
                    };
                    let best = (1..=furthest.min(64)).map(|back| (same(back), back)).max();
                    match best {
                        Some((length, back)) if length >= 3 => {
                            body[flags_at] |= 1 << bit;
                            let reference = (back - 1) << bits | (length - 3);
                            body.extend(u16::try_from(reference).unwrap().to_le_bytes());
                            done += length;
                        }
                        _ => {
                            body.push(chunk[done]);
                            done += 1;
                        }
                    }
                }
            }
            let (header, body) = if body.len() >= CHUNK && chunk.len() == CHUNK {
                (0x3FFF, chunk.to_vec())
            } else {
                (0xB000 | u16::try_from(body.len() - 1).unwrap(), body)
            };
            packed.extend(header.to_le_bytes());
            packed.extend(body);
        }
        packed
    }

    #[test]
    fn the_split_moves_with_the_place() {
        for (done, bits) in
            [(1, 12), (16, 12), (17, 11), (32, 11), (33, 10), (2048, 5), (2049, 4), (4095, 4)]
        {
            assert_eq!(length_bits(done), bits, "{done}");
        }
    }

    /// The example of [MS-XCA] 3.3: its text, and the end mark behind it.
    #[test]
    fn what_the_specification_gives_is_unpacked() {
        let packed = b"\x38\xb0\x88\x46\x23\x20\x00\x20\x47\x20\x41\x00\x10\xa2\x47\x01\xa0\x45\x20\x44\
            \x00\x08\x45\x01\x50\x79\x00\xc0\x45\x20\x05\x24\x13\x88\x05\xb4\x02\x4a\x44\xef\x03\x58\x02\x8c\
            \x09\x16\x01\x48\x45\x00\xbe\x00\x9e\x00\x04\x01\x18\x90\x00";
        let (taken, unpacked) = all(packed);
        let expected = b"F# F# G A A G F# E D D E F# F# E E F# F# G A A G F# E D D E F# E D D E E F# D E F# G \
            F# D E F# G F# E D E A F# F# G A A G F# E D D E F# E D D\0";
        assert_eq!((taken, &unpacked[..]), (packed.len(), &expected[..]));
    }

    #[test]
    fn chunks_that_are_none_are_left() {
        for bad in [
            &b""[..],
            b"\x00",
            b"\x00\x00",
            b"\x01\x30ab",                // not compressed, and short
            b"\x05\xA0\x00abcde",         // another signature
            b"\x05\xB0\x00abcd",          // cut
            b"\x02\xB0\x01\x00\x00",      // refers to before its start
            b"\x03\xB0\x02a\x00\x10",     // two bytes back where there is one
            b"\x02\xB0\x02a\x00",         // a reference of one byte
            b"\x03\xB0\x02a\xFF\x0F\x00", // longer than a chunk
        ] {
            assert_eq!(all(bad), (0, Vec::new()), "{bad:x?}");
        }
        let whole = [&b"\xFF\x3F"[..], &[7; CHUNK]].concat();
        let two = [&whole[..], &whole[..100]].concat();
        assert_eq!(all(&two), (whole.len(), vec![7; CHUNK]));
        let many = whole.repeat(17);
        assert_eq!(all(&many).1.len(), 16 * CHUNK);
    }

    proptest! {
        #[test]
        fn what_is_packed_comes_back(
            pieces in proptest::collection::vec((any::<u8>(), 1..900_usize, any::<bool>()), 1..60),
        ) {
            let mut plain = Vec::new();
            for (byte, length, is_run) in pieces {
                plain.extend((0..length).map(|at| if is_run {
                    byte
                } else {
                    byte.wrapping_mul(31).wrapping_add(u8::try_from(at % 251).unwrap()) ^ u8::try_from(at / 251).unwrap()
                }));
            }
            plain.truncate(16 * CHUNK);
            // A last chunk of noise, nearly as long as others, would not fit a header.
            let last = plain.len() % CHUNK;
            plain.truncate(plain.len() - last + last.min(3600));
            let packed = pack(&plain);
            prop_assert_eq!(all(&packed), (packed.len(), plain));
        }

        #[test]
        fn nothing_panics_and_nothing_grows(bytes in proptest::collection::vec(any::<u8>(), 0..6000)) {
            let (taken, unpacked) = all(&bytes);
            prop_assert!(taken <= bytes.len() && unpacked.len() <= 16 * CHUNK);
        }
    }
}
