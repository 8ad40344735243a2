// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Fragment`] and [`Assembled`]: the remains of a hive without its base block
//! ([regf.md](crate::format#fragments-and-carving)).
//!
//! Each bin stores its own offset. With a new base block, and zeros in place of missing bins, the
//! bins form a hive that the reader can parse.

use alloc::vec;
use alloc::vec::Vec;

use zerocopy::{FromZeros as _, IntoBytes as _};

use crate::bytes::Bytes;
use crate::error::{Error, FileError, Structure};
use crate::hive::Hive;
use crate::hive::base_block::seal;
use crate::image::Image;
use crate::meter::count;
use crate::offset::{BASE_BLOCK_LENGTH, CellOffset, FileOffset};
use crate::raw;

/// Sector size of disk images, in bytes. Bins start at multiples of this size.
const SECTOR: usize = 512;
const BIN_ALIGNMENT: u32 = 4096;
/// Largest accepted offset of a bin. Larger offsets are garbage, and the zeros before such a bin
/// would cost too much work.
pub(crate) const FURTHEST: u32 = 512 << 20;

/// Bins of a hive that lost its base block, as a hive.
#[derive(Debug)]
pub struct Fragment {
    /// Hive with the bins at their stored offsets. The base block is new. Its time comes from the
    /// bins, and its root offset leads to a key with the root flag, if such a key exists.
    pub image: Image,
    /// Distance from an offset in the file to the same byte in the image. If only the beginning of
    /// the hive is lost, the distance is 0.
    pub shift: i64,
    /// Place of the first bin in the file.
    pub start: FileOffset,
}

impl Fragment {
    /// Parses the hive. The work of reading it is in proportion to the bins at hand.
    ///
    /// # Errors
    /// As [`Hive::parse`].
    pub fn hive(&self) -> Result<Hive<'_>, Error> {
        Hive::parse_assembled(self.image.bytes())
    }

    /// Converts an offset in the image into an offset in the file. `None` for the new base block.
    pub fn file_offset(&self, place: FileOffset) -> Option<FileOffset> {
        let at = i64::try_from(place.get()).ok()?.checked_sub(self.shift)?;
        let is_made = place.get() < u64::from(BASE_BLOCK_LENGTH);
        u64::try_from(at).ok().filter(|_| !is_made).map(FileOffset::new)
    }
}

/// First bin of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Place {
    at: usize,
    offset: u32,
    /// Stored time of the bin.
    time: u64,
}

impl Image {
    /// Assembles a hive from the bins of a file that begins with a bin or lost its beginning. The
    /// file and this image do not change.
    ///
    /// The result is `None` if no multiple of 512 has a plausible bin.
    ///
    /// ```
    /// # let forged = hive_forge::write(&hive_forge::tree::Tree::new("ROOT"), &Default::default());
    /// # let path = std::env::temp_dir().join(format!("calhive-fragment-{}", std::process::id()));
    /// # std::fs::write(&path, &forged.bytes[4096..])?;
    /// let image = calhive_regf::Image::read(&path)?;
    /// let fragment = image.fragment()?.expect("it has a bin");
    /// let hive = fragment.hive()?;
    /// assert_eq!(hive.root()?.name(), "ROOT".into());
    /// assert_eq!(fragment.file_offset(hive.root()?.offset()).unwrap().get(), 0x20);
    /// # std::fs::remove_file(&path)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// If the memory for the image is not available.
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

/// Like [`Fragment`], for bytes that are not a file, such as carved bytes.
#[derive(Clone, Debug)]
pub struct Assembled {
    /// Hive with the bins at their stored offsets, like [`Fragment::image`].
    pub bytes: Vec<u8>,
    /// Distance from an offset in the given bytes to the same byte in the hive.
    pub shift: i64,
    /// Place of the first bin in the given bytes.
    pub start: FileOffset,
}

impl Assembled {
    /// Assembles a hive from the bins in `bytes`. `None` if no multiple of 512 has a plausible bin,
    /// or if the memory is not available.
    ///
    /// ```
    /// # let forged = hive_forge::write(&hive_forge::tree::Tree::new("ROOT"), &Default::default());
    /// let bins = &forged.bytes[4096..];
    /// let assembled = calhive_regf::hive::fragment::Assembled::of(bins).expect("it has a bin");
    /// assert_eq!(calhive_regf::Hive::parse_assembled(&assembled.bytes)?.root()?.name(), "ROOT".into());
    /// # Ok::<(), calhive_regf::Error>(())
    /// ```
    pub fn of(bytes: &[u8]) -> Option<Self> {
        let layout = Layout::of(bytes)?;
        let mut made = zeros(layout.length)?;
        layout.fill(&mut made, bytes, false);
        let start = FileOffset::new(layout.place.at as u64);
        Some(Self { bytes: made, shift: layout.shift(), start })
    }
}

/// Allocates zeros, or returns `None` if the memory is not available.
pub(crate) fn zeros(length: usize) -> Option<Vec<u8>> {
    Vec::<u8>::new().try_reserve_exact(length).ok()?;
    // This form lets the operating system provide each zeroed page on first use.
    Some(vec![0; length])
}

/// Plan for a hive from bins.
#[derive(Clone, Copy, Debug)]
struct Layout {
    place: Place,
    /// Place of the first bin in the hive.
    target: usize,
    /// Length of the hive.
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

    /// Writes the hive into `bytes`. If `is_copy`, `bytes` is a copy of the file with the bins in
    /// place. Otherwise it is all zeros.
    fn fill(self, bytes: &mut [u8], file: &[u8], is_copy: bool) {
        let Self { place, target, .. } = self;
        let base = BASE_BLOCK_LENGTH as usize;
        let mut gap = 0;
        if !is_copy {
            // The bytes before the first whole bin can belong to the previous bin.
            let before = place.at.min(target.saturating_sub(base));
            let from = place.at.saturating_sub(before);
            let start = target.saturating_sub(before);
            put(bytes, start, file.get(from..).unwrap_or_default());
            gap = start.saturating_sub(base) & !(BIN_ALIGNMENT as usize).saturating_sub(1);
        }
        let bins = file.get(place.at..).unwrap_or_default();
        put_base_block(bytes, head(bytes.len(), minor([bins]), place.time), gap);
    }
}

/// Writes a base block before the bins. The first `gap` bytes of bins are missing. The root offset is set
/// only if a key has the root flag.
pub(crate) fn put_base_block(bytes: &mut [u8], head: raw::BaseBlockHead, gap: usize) {
    let mut block = raw::BaseBlock::new_zeroed();
    block.head = head;
    let gap = u32::try_from(gap).unwrap_or(0);
    if let Some(stored) = block.reserved2.last_chunk_mut::<4>() {
        *stored = gap.to_le_bytes();
    }
    put(bytes, 0, block.as_bytes());
    let root = Hive::parse_assembled(bytes).and_then(Hive::root).ok().filter(|key| key.is_root());
    if let Some(root) = root.map(|root| root.cell_offset()) {
        block.head.root.set(root.get());
        seal(&mut block.head);
        put(bytes, 0, block.as_bytes());
    }
}

/// Writes `data` at `at`, if all of the data fit.
pub(crate) fn put(bytes: &mut [u8], at: usize, data: &[u8]) {
    let place = bytes.get_mut(at..).unwrap_or_default();
    if let Some(place) = place.get_mut(..data.len()) {
        count(data.len() / 16);
        place.copy_from_slice(data);
    }
}

/// Returns the first bin that is directly followed by another bin, or that reaches the end of the
/// file. If no such bin
/// exists, returns the first plausible bin.
fn first_bin(file: &[u8]) -> Option<Place> {
    let bin = |at: usize| {
        count(1);
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

/// Returns a base block for a file of this length.
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

/// Infers the minor version from allocated cells in parts of bins: long cell headers in version 1.1, `lh` lists
/// since 1.5, big data since 1.4.
pub(crate) fn minor<'d>(parts: impl IntoIterator<Item = &'d [u8]>) -> u32 {
    let [mut early, mut late, mut hashed, mut hinted, mut segments] = [0_u32; 5];
    for cell in parts.into_iter().flat_map(|part| part.windows(12).step_by(8)) {
        count(1);
        // The size of an allocated cell is a small negative number.
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
