// SPDX-License-Identifier: MIT OR Apache-2.0
//! What carving finds in raw bytes, in memory and in windows.

use calhive_regf::recover::carve::{Carved, Kind, Place, Signatures, carve, carve_bytes};

/// What was found: its place, its kind in a word, and whether it is whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) place: Place,
    pub(crate) kind: &'static str,
    pub(crate) is_whole: bool,
}

impl Found {
    /// `word` names the tag of a signature.
    pub(crate) fn of(carved: &Carved<'_>, word: fn(u32) -> &'static str) -> Self {
        let kind = match carved.kind {
            Kind::Hive { .. } => "hive",
            Kind::Bins { .. } => "bins",
            Kind::Log { .. } => "log",
            Kind::LogEntry { .. } => "entry",
            Kind::Signature { tag, .. } => word(tag),
            Kind::Key { .. } => "key",
            Kind::Value { .. } => "value",
            _ => "other",
        };
        Self { place: carved.place, kind, is_whole: carved.is_whole }
    }

    /// Offset, length, kind, and whether it is whole.
    pub(crate) fn short(&self) -> (u64, u64, &'static str, bool) {
        (self.place.offset.get(), self.place.length, self.kind, self.is_whole)
    }
}

/// A source that returns a few bytes per read.
struct Slowly<'d>(&'d [u8]);

impl std::io::Read for Slowly<'_> {
    fn read(&mut self, to: &mut [u8]) -> std::io::Result<usize> {
        let length = to.len().min(self.0.len()).min(100_003);
        let (now, later) = self.0.split_at(length);
        to[..length].copy_from_slice(now);
        self.0 = later;
        Ok(length)
    }
}

/// Everything in `raw`, by offset. Carving in memory and carving in windows find the same.
pub(crate) fn carved(
    raw: &[u8],
    signatures: Option<&dyn Signatures>,
    word: fn(u32) -> &'static str,
) -> Vec<Found> {
    let mut found = Vec::new();
    carve_bytes(raw, signatures, |carved| found.push(Found::of(&carved, word)));
    let mut streamed = Vec::new();
    let see = |carved: Carved<'_>| {
        streamed.push(Found::of(&carved, word));
        Ok(())
    };
    let length = carve(Slowly(raw), signatures, |_| {}, see);
    assert_eq!(length.unwrap(), raw.len() as u64);
    let key = |found: &Found| {
        (found.place.offset, found.place.unpacked.map(|it| it.at), found.place.length)
    };
    found.sort_by_key(key);
    streamed.sort_by_key(key);
    assert_eq!(found, streamed, "in memory, and in windows");
    found
}
