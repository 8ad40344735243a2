// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Fragment`], [`Assembled`]: what is left of a hive without its base block (REGF 9).
//!
//! Every bin says where it belongs. With a base block made for them and zeros for what is missing
//! before them, the bins are a hive that the reader takes: damaged, with whatever keys are there.

use alloc::vec;
use alloc::vec::Vec;

use zerocopy::{FromZeros as _, IntoBytes as _};

use crate::bytes::{BASE_BLOCK_LENGTH, Bytes, CellOffset, FileOffset};
use crate::error::{FileError, Structure};
use crate::hive::Hive;
use crate::hive::base_block::seal;
use crate::image::Image;
use crate::raw;

/// What copies of disks are aligned to.
const SECTOR: usize = 512;
const BIN_ALIGNMENT: u32 = 4096;
/// Bins that are said to begin further on are taken for garbage: the zeros before them, of which none
/// takes memory, would still have to be gone through.
pub(crate) const FURTHEST: u32 = 512 << 20;

/// The bins of a hive whose base block is lost, as a hive.
#[derive(Debug)]
pub struct Fragment {
    /// A hive with the bins in their places. Its base block is made up but for what the bins tell: their
    /// time, and a root where a key says that it is one.
    pub image: Image,
    /// How many bytes further on the bins stand in the image than in the file: 0 where the file is
    /// a hive of which only the beginning is lost.
    pub shift: i64,
    /// Where the first bin begins in the file.
    pub start: FileOffset,
}

impl Fragment {
    /// The place in the file of a place in the image; `None` for what was made and not read.
    pub fn file_offset(&self, place: FileOffset) -> Option<FileOffset> {
        let at = i64::try_from(place.get()).ok()?.checked_sub(self.shift)?;
        let is_made = place.get() < u64::from(BASE_BLOCK_LENGTH);
        u64::try_from(at).ok().filter(|_| !is_made).map(FileOffset::new)
    }
}

/// Where the first bin of a file is, and where it belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Place {
    at: usize,
    offset: u32,
    /// Its time, as it is stored.
    time: u64,
}

impl Image {
    /// The bins of this file as a hive, for a file without a base block: a fragment that begins with a
    /// bin, or a hive whose beginning is lost. The file and this image stay as they are.
    ///
    /// ```
    /// # let forged = hive_forge::write(&hive_forge::tree::Tree::new("ROOT"), &Default::default());
    /// # let path = std::env::temp_dir().join(format!("calhive-fragment-{}", std::process::id()));
    /// # std::fs::write(&path, &forged.bytes[4096..])?;
    /// let image = calhive::Image::read(&path)?;
    /// let fragment = image.fragment()?.expect("it has a bin");
    /// let hive = calhive::Hive::parse(fragment.image.bytes())?;
    /// assert_eq!(hive.root()?.name(), "ROOT".into());
    /// assert_eq!(fragment.file_offset(hive.root()?.offset()).unwrap().get(), 0x20);
    /// # std::fs::remove_file(&path)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Where there is no room for the image. `None` where the file has no bin, at a multiple of 512, that
    /// can be one.
    pub fn fragment(&self) -> Result<Option<Fragment>, FileError> {
        let Some(layout) = Layout::of(self.bytes()) else { return Ok(None) };
        let is_copy = layout.target == layout.place.at;
        let mut image =
            if is_copy { self.private_copy(layout.length)? } else { self.zeros(layout.length)? };
        let Some(bytes) = image.bytes_mut() else { return Ok(None) };
        layout.fill(bytes, self.bytes(), is_copy);
        let start = FileOffset::new(layout.place.at as u64);
        Ok(Some(Fragment { image, shift: layout.shift(), start }))
    }
}

/// The same as a [`Fragment`], of bytes that are no file: what was carved, or read out of an image.
#[derive(Clone, Debug)]
pub struct Assembled {
    /// A hive with the bins in their places, as [`Fragment::image`] is.
    pub bytes: Vec<u8>,
    /// How many bytes further on the bins stand in the hive than in the bytes that were given.
    pub shift: i64,
    /// Where the first bin begins in those.
    pub start: FileOffset,
}

impl Assembled {
    /// The bins in `bytes` as a hive; `None` where there is no bin, at a multiple of 512, that can be one,
    /// or no room.
    ///
    /// ```
    /// # let forged = hive_forge::write(&hive_forge::tree::Tree::new("ROOT"), &Default::default());
    /// let bins = &forged.bytes[4096..];
    /// let assembled = calhive::hive::fragment::Assembled::of(bins).expect("it has a bin");
    /// assert_eq!(calhive::Hive::parse(&assembled.bytes)?.root()?.name(), "ROOT".into());
    /// # Ok::<(), calhive::Error>(())
    /// ```
    pub fn of(bytes: &[u8]) -> Option<Self> {
        let layout = Layout::of(bytes)?;
        let mut made = zeros(layout.length)?;
        layout.fill(&mut made, bytes, false);
        let start = FileOffset::new(layout.place.at as u64);
        Some(Self { bytes: made, shift: layout.shift(), start })
    }
}

/// So many zeros; `None` where there is no room for them.
pub(crate) fn zeros(length: usize) -> Option<Vec<u8>> {
    Vec::<u8>::new().try_reserve_exact(length).ok()?;
    // Memory that is never written to is never taken, where the system hands it out as zeros.
    Some(vec![0; length])
}

/// How bins become a hive.
#[derive(Clone, Copy, Debug)]
struct Layout {
    place: Place,
    /// Where the first bin goes.
    target: usize,
    /// Bytes of the hive.
    length: usize,
}

impl Layout {
    fn of(file: &[u8]) -> Option<Self> {
        let place = first_bin(file)?;
        let bins = file.len().saturating_sub(place.at);
        let target = (BASE_BLOCK_LENGTH as usize).saturating_add(place.offset as usize);
        Some(Self { place, target, length: target.saturating_add(bins) })
    }

    fn shift(self) -> i64 {
        i64::try_from(self.target).unwrap_or(0).saturating_sub_unsigned(self.place.at as u64)
    }

    /// Makes a hive of zeros; or of a copy of the file, where its bins are in their places already.
    fn fill(self, bytes: &mut [u8], file: &[u8], is_copy: bool) {
        let Self { place, target, .. } = self;
        if !is_copy {
            // What stands before the first whole bin may be the rest of the one before it.
            let before = place.at.min(target.saturating_sub(BASE_BLOCK_LENGTH as usize));
            let from = place.at.saturating_sub(before);
            put(bytes, target.saturating_sub(before), file.get(from..).unwrap_or_default());
        }
        let bins = file.get(place.at..).unwrap_or_default();
        put_base_block(bytes, head(bytes.len(), minor(bins), place.time));
    }
}

/// Puts a base block before bins, with a root where a key says that it is one: any other would be a guess,
/// and stays one.
pub(crate) fn put_base_block(bytes: &mut [u8], head: raw::BaseBlockHead) {
    let mut block = raw::BaseBlock::new_zeroed();
    block.head = head;
    put(bytes, 0, block.as_bytes());
    let root = Hive::parse(bytes).and_then(Hive::root).ok().filter(|key| key.is_root());
    if let Some(root) = root.map(|root| root.cell_offset()) {
        block.head.root.set(root.get());
        seal(&mut block.head);
        put(bytes, 0, block.as_bytes());
    }
}

/// Writes all of these bytes at a place that has room for them.
pub(crate) fn put(bytes: &mut [u8], at: usize, data: &[u8]) {
    let place = bytes.get_mut(at..).unwrap_or_default();
    if let Some(place) = place.get_mut(..data.len()) {
        place.copy_from_slice(data);
    }
}

/// The first bin that another one or the end of the file follows; else the first that can be one.
fn first_bin(file: &[u8]) -> Option<Place> {
    let bin = |at: usize| {
        let header: &raw::BinHeader =
            Bytes::new(file, FileOffset::default()).clip(at, SECTOR).record(Structure::Bin).ok()?;
        let (offset, size) = (header.offset.get(), header.size.get());
        let is_aligned = offset % BIN_ALIGNMENT == 0 && size % BIN_ALIGNMENT == 0 && size > 0;
        let is_one = header.signature == *b"hbin" && is_aligned && offset <= FURTHEST;
        is_one.then_some((Place { at, offset, time: header.timestamp.get() }, size))
    };
    let is_followed = |(place, size): &(Place, u32)| {
        let end = place.at.saturating_add(*size as usize);
        let next = place.offset.saturating_add(*size);
        end >= file.len() || bin(end).is_some_and(|(following, _)| following.offset == next)
    };
    let bins = || (0..file.len()).step_by(SECTOR).filter_map(bin);
    bins().find(is_followed).or_else(|| bins().next()).map(|(place, _)| place)
}

/// A base block for bins that make a file of this length.
pub(crate) fn head(length: usize, minor: u32, time: u64) -> raw::BaseBlockHead {
    let mut head = raw::BaseBlockHead::new_zeroed();
    head.signature = *b"regf";
    head.primary_sequence.set(1);
    head.secondary_sequence.set(1);
    head.last_written.set(time);
    head.major.set(1);
    head.minor.set(minor);
    head.file_format.set(1);
    head.clustering.set(1);
    head.root.set(CellOffset::NIL.get());
    let bins = length.saturating_sub(BASE_BLOCK_LENGTH as usize);
    let bins = u32::try_from(bins.next_multiple_of(BIN_ALIGNMENT as usize));
    head.bins_size.set(bins.unwrap_or(!(BIN_ALIGNMENT - 1)));
    seal(&mut head);
    head
}

/// The minor version of the format, by what stands in allocated cells: records stand after a longer
/// header in version 1.1, hashed lists are there since 1.5, and data in segments since 1.4.
pub(crate) fn minor(bins: &[u8]) -> u32 {
    let [mut early, mut late, mut hashed, mut hinted, mut segments] = [0_u32; 5];
    for cell in bins.windows(12).step_by(8) {
        // The size of an allocated cell is negative, and small.
        let counter = match cell {
            [_, _, 0xFF, 0xFF, b'n' | b'v' | b's', b'k', ..] => &mut late,
            [_, _, 0xFF, 0xFF, b'l', b'h', ..] => &mut hashed,
            [_, _, 0xFF, 0xFF, b'l', b'f', ..] => &mut hinted,
            [_, _, 0xFF, 0xFF, b'd', b'b', ..] => &mut segments,
            [_, _, 0xFF, 0xFF, _, _, _, _, b'n' | b'v' | b's', b'k', ..] => &mut early,
            _ => continue,
        };
        *counter = counter.saturating_add(1);
    }
    match (early > late, hinted > hashed, segments > 0) {
        (true, _, _) => 1,
        (_, true, false) => 3,
        (_, true, true) => 4,
        _ => 5,
    }
}
