// SPDX-License-Identifier: MIT OR Apache-2.0
//! Carving: what lies in raw bytes is found where it was put, and nothing does harm.

mod cells;
mod corpus;
mod forged;

use calhive::recover::carve::{Carved, Kind, Place, carve, carve_bytes};

/// What was found: its place, its kind in a word, and whether it is whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) place: Place,
    pub(crate) kind: &'static str,
    pub(crate) is_whole: bool,
}

impl Found {
    fn of(carved: &Carved<'_>) -> Self {
        let kind = match carved.kind {
            Kind::Hive { .. } => "hive",
            Kind::Bins { .. } => "bins",
            Kind::Log { .. } => "log",
            Kind::LogEntry { .. } => "entry",
            Kind::Token { .. } => "token",
            Kind::TokenFragment { .. } => "token fragment",
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

/// Gives a few bytes at a time.
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

/// Everything in `raw`, by offset; the same by both ways.
pub(crate) fn carved(raw: &[u8]) -> Vec<Found> {
    let mut found = Vec::new();
    carve_bytes(raw, |carved| found.push(Found::of(&carved)));
    let mut streamed = Vec::new();
    let length = carve(
        Slowly(raw),
        |_| {},
        |carved| {
            streamed.push(Found::of(&carved));
            Ok(())
        },
    );
    assert_eq!(length.unwrap(), raw.len() as u64);
    let key = |found: &Found| {
        (found.place.offset, found.place.unpacked.map(|it| it.at), found.place.length)
    };
    found.sort_by_key(key);
    streamed.sort_by_key(key);
    assert_eq!(found, streamed, "in memory, and in windows");
    found
}

/// The same, in short.
pub(crate) fn short(raw: &[u8]) -> Vec<(u64, u64, &'static str, bool)> {
    carved(raw).iter().map(Found::short).collect()
}
