// SPDX-License-Identifier: MIT OR Apache-2.0
//! LZNT1, the compression of NTFS files (MS-XCA 2.5).
//!
//! NTFS compresses a file in units: 64 KiB with clusters of 4 KiB. A unit is a sequence of chunks, and
//! each chunk holds 4,096 bytes of the file. A chunk has a header of 16 bits, then groups of eight
//! elements. Each group starts with a byte of flags. An element is a literal byte or a reference to
//! earlier bytes of the chunk.

use alloc::vec::Vec;

use crate::meter::count;

/// Decompressed size of a chunk in bytes.
pub const CHUNK: usize = 4096;
/// Number of chunks in the largest unit.
const MOST_CHUNKS: usize = 16;
/// Bit 15 of a header: the chunk is compressed.
const IS_COMPRESSED: u16 = 0x8000;

/// Decompresses the chunks at the start of `packed`, and appends at most 64 KiB to `unpacked`. Returns
/// the compressed length. Decompression stops before an invalid chunk and after a chunk of fewer than
/// 4,096 bytes.
///
/// ```
/// use calhive_regf::recover::carve::lznt1;
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

/// Returns whether a chunk can start with this header.
pub(crate) const fn is_header(header: u16) -> bool {
    // A compressed chunk has signature 3 in bits 12 to 14. An uncompressed chunk has the same
    // signature and all 4,096 bytes.
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

    /// Decompresses the chunk. Returns `None` if a reference leads out of the chunk, or if the
    /// chunk is truncated or yields too many bytes.
    fn unpack(&self, unpacked: &mut Vec<u8>) -> Option<()> {
        let start = unpacked.len();
        if !self.is_compressed {
            count(self.body.len() / 16);
            unpacked.extend_from_slice(self.body);
            return Some(());
        }
        let mut rest = self.body.iter();
        while let Some(flags) = rest.next() {
            count(1);
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
                count(length);
                // A reference can overlap its own output, so the loop copies byte by byte.
                for _ in 0..length {
                    let from = unpacked.len().saturating_sub(back);
                    unpacked.push(*unpacked.get(from)?);
                }
            }
        }
        Some(())
    }
}

/// Splits a reference into distance and length. The more bytes of the chunk are decompressed, the
/// more bits the distance has.
fn split(reference: u16, done: usize) -> (usize, usize) {
    let bits = length_bits(done);
    let length = reference & !u16::MAX.checked_shl(bits).unwrap_or(0);
    let back = reference.checked_shr(bits).unwrap_or(0);
    (usize::from(back).saturating_add(1), usize::from(length).saturating_add(3))
}

/// Returns the number of length bits in a reference after `done` bytes of the chunk.
fn length_bits(done: usize) -> u32 {
    let distance = usize::BITS.saturating_sub(done.saturating_sub(1).leading_zeros()).max(4);
    16_u32.saturating_sub(distance.min(12))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use proptest::prelude::*;

    fn all(packed: &[u8]) -> (usize, Vec<u8>) {
        let mut unpacked = Vec::new();
        let taken = unpack(packed, &mut unpacked);
        (taken, unpacked)
    }

    /// Compresses a unit. Each reference is the longest match among the 64 shortest distances.
    pub(crate) fn pack(plain: &[u8]) -> Vec<u8> {
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
    fn length_bits_shrink_with_the_bytes_done() {
        for (done, bits) in
            [(1, 12), (16, 12), (17, 11), (32, 11), (33, 10), (2048, 5), (2049, 4), (4095, 4)]
        {
            assert_eq!(length_bits(done), bits, "{done}");
        }
    }

    /// The example in MS-XCA 3.3, with its end mark.
    #[test]
    fn example_of_the_specification_is_decompressed() {
        let packed = b"\x38\xb0\x88\x46\x23\x20\x00\x20\x47\x20\x41\x00\x10\xa2\x47\x01\xa0\x45\x20\x44\
            \x00\x08\x45\x01\x50\x79\x00\xc0\x45\x20\x05\x24\x13\x88\x05\xb4\x02\x4a\x44\xef\x03\x58\x02\x8c\
            \x09\x16\x01\x48\x45\x00\xbe\x00\x9e\x00\x04\x01\x18\x90\x00";
        let (taken, unpacked) = all(packed);
        let expected = b"F# F# G A A G F# E D D E F# F# E E F# F# G A A G F# E D D E F# E D D E E F# D E F# G \
            F# D E F# G F# E D E A F# F# G A A G F# E D D E F# E D D\0";
        assert_eq!((taken, &unpacked[..]), (packed.len(), &expected[..]));
    }

    #[test]
    fn invalid_chunk_is_not_decompressed() {
        for bad in [
            &b""[..],
            b"\x00",
            b"\x00\x00",
            b"\x01\x30ab",                // not compressed, too short
            b"\x05\xA0\x00abcde",         // another signature
            b"\x05\xB0\x00abcd",          // truncated
            b"\x02\xB0\x01\x00\x00",      // distance before its start
            b"\x03\xB0\x02a\x00\x10",     // distance 2 after one byte
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
        fn compressed_unit_decompresses_to_the_same_bytes(
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
            // If the last chunk is random and almost full, its compressed size does not fit the
            // header.
            let last = plain.len() % CHUNK;
            plain.truncate(plain.len() - last + last.min(3600));
            let packed = pack(&plain);
            prop_assert_eq!(all(&packed), (packed.len(), plain));
        }

        #[test]
        fn random_bytes_decompress_to_at_most_one_unit(bytes in proptest::collection::vec(any::<u8>(), 0..6000)) {
            let (taken, unpacked) = all(&bytes);
            prop_assert!(taken <= bytes.len() && unpacked.len() <= 16 * CHUNK);
        }
    }
}
