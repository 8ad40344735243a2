// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`carve`]: finds hives and the caller's signatures in the unallocated clusters of a volume.

use alloc::collections::BTreeSet;
use core::ops::ControlFlow;
use std::io;
use std::path::PathBuf;

use calhive_regf::offset::FileOffset;
use calhive_regf::recover::carve::{self, Carved, Kind, Place, Unpacked, extract};

use crate::carving::{CarveSignatures, CarvedMatch};
use crate::disk::{Cursor, Disk, Window};
use crate::free_space::{FreeSpace, Loss, places};
use crate::locator::Unallocated;
use crate::ntfs::{NtfsFile, Volume};
use crate::structure::{bytes_at, damaged};

/// Largest number of hives and parts of hives, and largest number of matches, on one volume.
const MOST: usize = 10_000;
/// Size of the base block. The bins of a hive follow it.
const BASE_BLOCK: u64 = 4096;

/// An item in unallocated clusters.
#[derive(Clone, Debug)]
pub(crate) struct CarvedFile {
    /// Offset on the volume.
    pub(crate) offset: u64,
    /// Number of bytes, after decompression.
    pub(crate) length: u64,
    /// Number of bytes up to the end of the adjacent unallocated clusters.
    room: u64,
    unpacked: Option<Unpacked>,
    kind: CarvedKind,
    is_whole: bool,
}

/// Kind of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum CarvedKind {
    /// A base block with bins.
    Hive,
    /// Bins without a base block. The number is the offset of the first bin in the file of its hive.
    Bins(u64),
    /// A match of the caller's signatures.
    Match { tag: u32, name: &'static str },
}

/// What was found in the unallocated clusters of a volume.
#[derive(Debug, Default)]
pub(crate) struct Unused {
    /// The items, by their offsets on the volume.
    pub(crate) items: Vec<CarvedFile>,
    /// What was left out, as the end of a sentence that starts with the path of the clusters.
    pub(crate) left_out: Vec<String>,
    /// Whether the caller ended the search.
    pub(crate) is_interrupted: bool,
}

/// Finds hives, parts of hives and matches of the caller's signatures in the unallocated clusters of a volume. Leaves
/// out the hives of these deleted files, and matches inside hives.
pub(crate) fn carve(
    (ntfs, bytes): (&Volume, &dyn Disk),
    deleted: &[&NtfsFile],
    signatures: CarveSignatures,
    goes_on: &mut dyn FnMut() -> ControlFlow<()>,
) -> Unused {
    let mut found = Finds::default();
    let mut space = FreeSpace::new(ntfs.unallocated(), bytes, goes_on);
    let scanner = (signatures.scanner)();
    // The space keeps its own errors.
    let _ = carve::carve(
        &mut space,
        Some(&*scanner),
        |_| (),
        |carved| {
            found.add(&carved, signatures);
            Ok(())
        },
    );
    let Loss { bytes: unread, error, is_interrupted } = space.loss;
    let mut unused = Unused { is_interrupted, ..Unused::default() };
    if let Some(error) = error {
        let what = match unread {
            0 => String::from("not all clusters were searched"),
            bytes => format!("{bytes} bytes were not searched"),
        };
        unused.left_out.push(format!("{what}: {error}"));
    }
    if found.more > 0 {
        unused.left_out.push(format!(
            "{} further carved items were not read, because calhive reads the first {MOST} hives and the first {MOST} \
             tokens of a volume; carve the rest with `calhive carve`",
            found.more
        ));
    }
    unused.items = found.on_volume(ntfs);
    leave_out_known(&mut unused.items, ntfs, deleted);
    unused
}

/// The items found so far, with their offsets in the stream of free clusters.
#[derive(Debug, Default)]
struct Finds {
    items: Vec<CarvedFile>,
    hives: usize,
    matches: usize,
    more: u64,
}

impl Finds {
    fn add(&mut self, carved: &Carved<'_>, signatures: CarveSignatures) {
        let kind = match carved.kind {
            Kind::Hive { number, .. } if number > 0 => CarvedKind::Hive,
            Kind::Bins { first, .. } => {
                CarvedKind::Bins(u64::from(first.get()).saturating_add(BASE_BLOCK))
            }
            Kind::Signature { tag, .. } => match (signatures.name)(tag) {
                Some(name) => CarvedKind::Match { tag, name },
                None => return,
            },
            _ => return,
        };
        let number = match kind {
            CarvedKind::Match { .. } => &mut self.matches,
            CarvedKind::Hive | CarvedKind::Bins(_) => &mut self.hives,
        };
        if *number >= MOST {
            self.more = self.more.saturating_add(1);
            return;
        }
        *number = number.saturating_add(1);
        let Place { offset, length, unpacked } = carved.place;
        let (offset, is_whole) = (offset.get(), carved.is_whole);
        self.items.push(CarvedFile { offset, length, room: 0, unpacked, kind, is_whole });
    }

    /// Returns the items with their offsets on the volume. An item ends with its unallocated clusters.
    fn on_volume(self, ntfs: &Volume) -> Vec<CarvedFile> {
        let mut items = outside_hives(self.items);
        let places = places(ntfs.unallocated(), items.iter().map(|item| item.offset));
        let mut places = places.into_iter();
        items.retain_mut(|item| {
            let Some((offset, room)) = places.next().flatten() else { return false };
            (item.offset, item.room) = (offset, room);
            if item.unpacked.is_none() && item.length > room {
                (item.length, item.is_whole) = (room, false);
            }
            true
        });
        items
    }
}

/// Returns the items in the order of their offsets, without matches inside hives and bins: the facts of the hive
/// hold these.
fn outside_hives(mut items: Vec<CarvedFile>) -> Vec<CarvedFile> {
    let is_match = |item: &CarvedFile| matches!(item.kind, CarvedKind::Match { .. });
    let at = |item: &CarvedFile| item.unpacked.map(|unpacked| unpacked.at);
    items.sort_by_key(|item| (item.offset, is_match(item), at(item)));
    let packed: BTreeSet<u64> = items
        .iter()
        .filter(|item| !is_match(item) && item.unpacked.is_some())
        .map(|item| item.offset)
        .collect();
    let mut end = 0_u64;
    items.retain(|item| match (is_match(item), item.unpacked) {
        (true, Some(_)) => !packed.contains(&item.offset),
        (true, None) => item.offset >= end,
        (false, Some(_)) => true,
        (false, None) => {
            end = end.max(item.offset.saturating_add(item.length));
            true
        }
    });
    items
}

/// Removes hives that a deleted file holds, because they are read with the file.
fn leave_out_known(items: &mut Vec<CarvedFile>, ntfs: &Volume, deleted: &[&NtfsFile]) {
    for file in deleted {
        let mut in_file = 0_u64;
        for (place, length) in ntfs.extents(file).unwrap_or_default() {
            if let Some(place) = place {
                items.retain(|item| {
                    let of_file = match item.kind {
                        CarvedKind::Hive => 0,
                        CarvedKind::Bins(at) => at,
                        CarvedKind::Match { .. } => return true,
                    };
                    let below = item.offset.checked_sub(place).filter(|below| *below < length);
                    let is_here = below.is_some_and(|it| it.saturating_add(in_file) == of_file);
                    !is_here || item.unpacked.is_some()
                });
            }
            in_file = in_file.saturating_add(length);
        }
    }
}

impl CarvedFile {
    /// Returns the path below the volume.
    pub(crate) fn path(&self) -> PathBuf {
        let name = match self.kind {
            CarvedKind::Hive => "hive",
            CarvedKind::Bins(_) => "bins",
            CarvedKind::Match { name, .. } => name,
        };
        let mut place = format!("{:#x}", self.offset);
        if let Some(Unpacked { at }) = self.unpacked {
            place.push_str(&format!("+{at:#x}"));
        }
        ["unallocated", &place, name].into_iter().collect()
    }

    /// Returns the place of the bytes on the volume.
    pub(crate) fn place(&self) -> Unallocated {
        let Self { offset, length, .. } = *self;
        Unallocated { offset, length, is_compressed: self.unpacked.is_some() }
    }

    /// Returns the match of the caller's signatures; `None` for a hive.
    pub(crate) const fn matched(&self) -> Option<CarvedMatch> {
        match self.kind {
            CarvedKind::Match { tag, .. } => Some(CarvedMatch { tag, is_whole: self.is_whole }),
            CarvedKind::Hive | CarvedKind::Bins(_) => None,
        }
    }

    /// Returns the first bytes, at most `most`.
    ///
    /// # Errors
    /// If the bytes cannot be read.
    pub(crate) fn head(&self, volume: &dyn Disk, most: u64) -> io::Result<Vec<u8>> {
        let length = self.length.min(most);
        if self.unpacked.is_none() {
            let length = usize::try_from(length).map_err(|_| damaged("the item is too large"))?;
            return bytes_at(volume, self.offset, length);
        }
        let place = Place { offset: FileOffset::new(0), length, unpacked: self.unpacked };
        extract(&mut Cursor::new(Window::new(Borrowed(volume), self.offset, self.room)), place)
    }
}

/// A disk of someone else.
struct Borrowed<'d>(&'d dyn Disk);

impl Disk for Borrowed<'_> {
    fn size(&self) -> u64 {
        self.0.size()
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        self.0.read_at(offset, buffer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(offset: u64, length: u64, kind: CarvedKind, unpacked: Option<u64>) -> CarvedFile {
        let unpacked = unpacked.map(|at| Unpacked { at });
        CarvedFile { offset, length, room: length, unpacked, kind, is_whole: true }
    }

    #[test]
    fn matches_inside_hives_are_left_out() {
        let token = CarvedKind::Match { tag: 0, name: "token" };
        let items = vec![
            item(9000, 100, token, None),
            item(4096, 8192, CarvedKind::Hive, None),
            item(12288, 100, token, None),
            item(4000, 200, token, None),
            item(20480, 100, token, Some(5000)),
            item(20480, 8192, CarvedKind::Bins(4096), Some(0)),
            item(24576, 100, token, None),
        ];
        let left: Vec<(u64, Option<u64>)> = outside_hives(items)
            .iter()
            .map(|item| (item.offset, item.unpacked.map(|unpacked| unpacked.at)))
            .collect();
        let expected = [(4000, None), (4096, None), (12288, None), (20480, Some(0)), (24576, None)];
        assert_eq!(left, expected);
    }

    #[test]
    fn path_names_the_offset_on_the_volume() {
        let path = |item: CarvedFile| item.path().to_str().unwrap().replace('\\', "/");
        let hive = item(0x1A000, 9, CarvedKind::Hive, None);
        assert_eq!(path(hive), "unallocated/0x1a000/hive");
        let bins = item(0x200, 9, CarvedKind::Bins(0), Some(0x1000));
        assert_eq!(path(bins), "unallocated/0x200+0x1000/bins");
    }
}
