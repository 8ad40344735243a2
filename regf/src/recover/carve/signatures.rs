// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Signatures`]: trait for the caller's scanners, which find items other than hives.

use alloc::boxed::Box;
use core::fmt;

use crate::recover::carve::window::Window;

/// Scanner for the caller's own signatures. The scanner sees the same windows as the scanners of
/// the carver.
///
/// The carver calls [`scan`](Self::scan) for consecutive ranges of the source, each range once. A scanner
/// can keep state between the calls.
///
/// ```
/// use calhive_regf::recover::carve::{Kind, Match, Signatures, Window, carve_bytes};
///
/// /// Finds PNG images by their first eight bytes.
/// #[derive(Debug)]
/// struct Png;
///
/// impl Signatures for Png {
///     fn scan(&mut self, window: Window<'_>, from: u64, to: u64, report: &mut dyn FnMut(Match)) {
///         for offset in from..to {
///             if window.from(offset).starts_with(b"\x89PNG\r\n\x1A\n") {
///                 report(Match { offset, length: 8, is_whole: false, tag: 1 });
///             }
///         }
///     }
///
///     fn fresh(&self) -> Box<dyn Signatures> {
///         Box::new(Self)
///     }
/// }
///
/// let source = [&[0; 700][..], b"\x89PNG\r\n\x1A\n", &[0; 700]].concat();
/// let mut offsets = Vec::new();
/// carve_bytes(&source, Some(&Png), |carved| {
///     if let Kind::Signature { tag: 1, .. } = carved.kind {
///         offsets.push(carved.place.offset.get());
///     }
/// });
/// assert_eq!(offsets, [700]);
/// ```
pub trait Signatures: fmt::Debug {
    /// Reports each match whose signature begins at an offset in `from..to`.
    ///
    /// A match can start up to [`Window::BEHIND`] bytes before the signature, and end up to
    /// [`Window::AHEAD`] bytes after the signature.
    fn scan(&mut self, window: Window<'_>, from: u64, to: u64, report: &mut dyn FnMut(Match));

    /// Returns a new scanner for the same signatures, without the state of this scanner. The carver
    /// uses fresh scanners for each source, and for the content of each compressed hive.
    fn fresh(&self) -> Box<dyn Signatures>;
}

/// A match of a [`Signatures`] scanner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Match {
    /// Offset of the first byte in the source.
    pub offset: u64,
    /// Number of bytes in the window.
    pub length: u64,
    /// Whether the match is complete.
    pub is_whole: bool,
    /// Tag chosen by the scanner. The carver copies the tag to
    /// [`Kind::Signature`](super::Kind::Signature).
    pub tag: u32,
}

#[cfg(test)]
pub(crate) mod tests {
    use alloc::boxed::Box;
    use alloc::vec::Vec;
    use std::io::{self, Cursor, Read};

    use hive_forge::tree::{Tree, Value};

    use super::*;
    use crate::recover::carve::lznt1::tests::pack;
    use crate::recover::carve::{Carved, Kind, Unpacked, carve, carve_bytes, extract};

    /// Text whose first bytes [`Notes`] looks for. Each match claims the whole length of the text.
    pub(crate) const NOTE: &[u8] = b"NOTE of 32 bytes, and no repeats";
    const SIGNATURE: usize = 8;

    /// Finds notes, and gives them the tags 0, 1, 2 and so on.
    #[derive(Debug, Default)]
    pub(crate) struct Notes {
        found: u32,
    }

    impl Signatures for Notes {
        fn scan(&mut self, window: Window<'_>, from: u64, to: u64, report: &mut dyn FnMut(Match)) {
            let bytes = window.slice(from, to.saturating_add(SIGNATURE as u64 - 1));
            for at in memchr::memmem::find_iter(bytes, &NOTE[..SIGNATURE]) {
                let offset = from + at as u64;
                let length = window.from(offset).len().min(NOTE.len());
                let (is_whole, tag) = (length == NOTE.len(), self.found);
                report(Match { offset, length: length as u64, is_whole, tag });
                self.found += 1;
            }
        }

        fn fresh(&self) -> Box<dyn Signatures> {
            Box::new(Self::default())
        }
    }

    /// A match as (offset in the source, offset in unpacked bytes, whole, bytes, tag).
    type Found = (u64, Option<u64>, bool, Vec<u8>, u32);

    fn found(carved: Carved<'_>) -> Option<Found> {
        let Kind::Signature { bytes, tag } = carved.kind else { return None };
        let at = carved.place.unpacked.map(|unpacked| unpacked.at);
        assert_eq!(carved.place.length, bytes.len() as u64);
        Some((carved.place.offset.get(), at, carved.is_whole, bytes.to_vec(), tag))
    }

    fn from_bytes(source: &[u8]) -> Vec<Found> {
        let mut all = Vec::new();
        carve_bytes(source, Some(&Notes::default()), |carved| all.extend(found(carved)));
        all
    }

    /// Reads at most 70,001 bytes at a time.
    struct Slow<'s>(&'s [u8]);

    impl Read for Slow<'_> {
        fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
            let most = room.len().min(70_001);
            self.0.read(&mut room[..most])
        }
    }

    fn from_stream(source: &[u8]) -> Vec<Found> {
        let mut all = Vec::new();
        let see = |carved: Carved<'_>| {
            all.extend(found(carved));
            Ok(())
        };
        let length = carve(Slow(source), Some(&Notes::default()), |_| {}, see).unwrap();
        assert_eq!(length, source.len() as u64);
        all
    }

    #[test]
    fn match_across_the_end_of_a_block_or_window_is_reported_once() {
        // These offsets are the end of a block, the end of the first and second scan, and the end
        // of the first window.
        for border in [0x1_0000_usize, 0x11_0000, 0x21_0000, 0x15_0000] {
            for before in [0, 1, SIGNATURE - 1, SIGNATURE, NOTE.len() - 1, NOTE.len()] {
                let mut source = vec![0; 0x26_0000];
                let at = border - before;
                source[at..][..NOTE.len()].copy_from_slice(NOTE);
                let expected = [(at as u64, None, true, NOTE.to_vec(), 0)];
                assert_eq!(from_bytes(&source), expected, "{at:#x}");
                assert_eq!(from_stream(&source), expected, "{at:#x}");
            }
        }
    }

    #[test]
    fn match_cut_by_the_end_of_the_source_is_reported_as_incomplete() {
        for length in [SIGNATURE, NOTE.len() - 1] {
            let source = [&[0; 1000][..], &NOTE[..length]].concat();
            let expected = [(1000, None, false, NOTE[..length].to_vec(), 0)];
            assert_eq!(from_bytes(&source), expected);
            assert_eq!(from_stream(&source), expected);
        }
        let source = [&[0; 1000][..], &NOTE[..SIGNATURE - 1]].concat();
        assert!(from_bytes(&source).is_empty() && from_stream(&source).is_empty());
    }

    #[test]
    fn match_in_a_compressed_hive_comes_from_a_fresh_scanner() {
        let mut tree = Tree::new("ROOT");
        tree.root.at("Key").values.push(Value::binary("Note", NOTE));
        let hive = hive_forge::write(&tree, &Default::default()).bytes;
        let in_hive = memchr::memmem::find(&hive, NOTE).unwrap();
        let mut packed = pack(&hive);
        // LZNT1 puts flag bytes between the letters, so the compressed bytes contain no match.
        assert_eq!(memchr::memmem::find(&packed, &NOTE[..SIGNATURE]), None);
        packed.resize(packed.len().next_multiple_of(512), 0);
        let source = [NOTE, &[0; 480], &packed, NOTE].concat();
        let last = (512 + packed.len()) as u64;
        let mut expected = [
            (0, None, true, NOTE.to_vec(), 0),
            (512, Some(in_hive as u64), true, NOTE.to_vec(), 0),
            (last, None, true, NOTE.to_vec(), 1),
        ];
        for mut all in [from_bytes(&source), from_stream(&source)] {
            all.sort_unstable();
            expected.sort_unstable();
            assert_eq!(all, expected);
        }
        let mut extracted = Vec::new();
        carve_bytes(&source, Some(&Notes::default()), |carved| {
            if let (Kind::Signature { .. }, Some(Unpacked { .. })) =
                (carved.kind, carved.place.unpacked)
            {
                extracted.push(extract(&mut Cursor::new(&source), carved.place).unwrap());
            }
        });
        assert_eq!(extracted, [NOTE]);
    }

    #[test]
    fn source_without_a_scanner_has_no_matches() {
        let mut all = Vec::new();
        carve_bytes(&[NOTE, NOTE].concat(), None, |carved| all.extend(found(carved)));
        assert!(all.is_empty());
    }
}
