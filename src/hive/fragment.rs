// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Fragment`]: what is left of a hive whose base block is gone (REGF 9).

use zerocopy::little_endian::U32;
use zerocopy::{FromBytes as _, FromZeros as _, IntoBytes as _};

use crate::bytes::{BASE_BLOCK_LENGTH, Bytes, CellOffset, FileOffset};
use crate::error::{Error, ErrorKind, Limit, Result, Structure};
use crate::hive::Hive;
use crate::hive::base_block::BaseBlock;
use crate::image::Image;
use crate::raw;

/// Bins may lie at any sector of what is left.
const SECTOR: usize = 512;
const PAGE: u32 = 4096;
/// Cells of so many bytes are enough to tell the version.
const SAMPLE: usize = 1 << 20;

/// The bins of a hive without its base block, in an image that [`Hive::parse`] takes: a base block
/// that was made for them, zeros where bins are missing, and each bin at its own place.
///
/// ```
/// # let mut tree = hive_forge::tree::Tree::new("ROOT");
/// # tree.root.at("Store").values.clear();
/// # let forged = hive_forge::write(&tree, &Default::default());
/// # let path = std::env::temp_dir().join(format!("calhive-fragment-{}", std::process::id()));
/// # std::fs::write(&path, &forged.bytes[4096..])?;
/// // This file begins with `hbin`.
/// let image = calhive::Image::read(&path)?;
/// let fragment = image.fragment()?;
/// let hive = calhive::Hive::parse(fragment.image.bytes())?;
/// assert!(hive.key("Store")?.is_some());
/// assert_eq!(fragment.file_offset(hive.root()?.offset()).unwrap().get(), 0x20);
/// # std::fs::remove_file(&path)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Fragment {
    /// The image that was made.
    pub image: Image,
    /// Where the first bin that is left begins in the file.
    pub start: FileOffset,
    /// How much further on than in the file the bins lie in the image, in bytes; 0 where they are at
    /// their own place.
    pub shift: i64,
}

impl Fragment {
    /// The place in the file of a place in the image; `None` for what was made and not read.
    pub fn file_offset(&self, place: FileOffset) -> Option<FileOffset> {
        let at = i64::try_from(place.get()).ok()?.checked_sub(self.shift)?;
        let at = u64::try_from(at).ok()?;
        let made = self.start.get().checked_add_signed(self.shift)?;
        (place.get() >= made).then_some(FileOffset::new(at))
    }
}

impl Image {
    /// What is left of a hive whose base block is missing or destroyed: the bins from the first one
    /// on that has a header. Where [`Hive::parse`] takes the file, that is the better way.
    ///
    /// Keys are found by [`Hive::walk`] where a root is left, and otherwise by [`Hive::hidden`]. The
    /// zeros before the first bin take no memory where images can be mapped; reading the image takes
    /// time for them.
    ///
    /// # Errors
    /// Where there is no header of a bin, or one that lies too far on for an image below 4 GiB.
    pub fn fragment(&self) -> Result<Fragment> {
        let file = Bytes::new(self.bytes(), FileOffset::default());
        let (start, header) = first_bin(file).ok_or_else(|| no_bin(file))?;
        let rest = file.clip(start, file.len());
        let offset = header.offset.get();
        let bins = (rest.len() as u64).saturating_add(u64::from(offset));
        let bins_size = bins.checked_next_multiple_of(u64::from(PAGE));
        let bins_size = bins_size.and_then(|size| u32::try_from(size).ok());
        let length = usize::try_from(bins.saturating_add(u64::from(BASE_BLOCK_LENGTH))).ok();
        let (Some(bins_size), Some(length)) = (bins_size, length) else {
            let (structure, end) = (Structure::Bin, u32::MAX);
            let kind = ErrorKind::OutOfBounds { structure, target: offset, end };
            return Err(Error::new(kind, rest.offset()));
        };
        let too_large = |_| {
            let (limit, most) = (Limit::Data, file.len() as u64);
            Error::new(ErrorKind::LimitReached { limit, most }, rest.offset())
        };
        let mut image = self.zeros(length).map_err(too_large)?;
        let own = (offset as usize).saturating_add(BASE_BLOCK_LENGTH as usize);
        let bytes = image.bytes_mut().unwrap_or_default();
        let bins = bytes.get_mut(own..).unwrap_or_default();
        bins.iter_mut().zip(rest.as_slice()).for_each(|(to, from)| *to = *from);
        let minor = if is_version_1_1(rest) { 1 } else { 5 };
        let mut head = made(header, minor, bins_size);
        put(&mut image, &mut head);
        // A key that says that it is the root is one; any other is a guess, and stays one.
        let root = Hive::parse(image.bytes()).and_then(Hive::root);
        if let Some(root) = root.ok().filter(|root| root.is_root()).map(|root| root.cell_offset()) {
            head.root = U32::new(root.get());
            put(&mut image, &mut head);
        }
        let to_signed = |at: usize| i64::try_from(at).unwrap_or(i64::MAX);
        let shift = to_signed(own).saturating_sub(to_signed(start));
        Ok(Fragment { image, start: rest.offset(), shift })
    }
}

/// The first bin with a plausible header, at a sector of the file.
fn first_bin(file: Bytes<'_>) -> Option<(usize, &raw::BinHeader)> {
    (0..file.len()).step_by(SECTOR).find_map(|at| {
        let rest = file.clip(at, file.len());
        let header: &raw::BinHeader = rest.record(Structure::Bin).ok()?;
        let (offset, size) = (header.offset.get(), header.size.get());
        let is_aligned = (offset | size).is_multiple_of(PAGE) && size > 0;
        // The first cell fits the bin.
        let cell: &zerocopy::little_endian::I32 =
            rest.array(size_of::<raw::BinHeader>(), 1).first()?;
        let cell = cell.get().unsigned_abs();
        let fits = cell >= 8 && cell.is_multiple_of(8) && cell < size;
        (header.signature == *b"hbin" && is_aligned && fits).then_some((at, header))
    })
}

#[cold]
fn no_bin(file: Bytes<'_>) -> Error {
    let mut found = [0; 4];
    found.iter_mut().zip(file.as_slice()).for_each(|(to, from)| *to = *from);
    Error::new(ErrorKind::Signature { structure: Structure::Bin, found }, file.offset())
}

/// Whether cells have the longer header of version 1.1: the signatures of keys, values and security
/// cells tell.
fn is_version_1_1(bins: Bytes<'_>) -> bool {
    let sample = bins.clip(0, SAMPLE).as_slice();
    let (mut short, mut long) = (0_usize, 0_usize);
    for cell in sample.windows(12).step_by(8) {
        let [size @ .., _, _, _, _] = cell else { continue };
        let is_record = |at: usize| matches!(cell.get(at..), Some([b'n' | b'v' | b's', b'k', ..]));
        // The size of an allocated cell is negative and small.
        if matches!(size, [_, _, 0xFF, 0xFF, ..]) {
            short = short.saturating_add(usize::from(is_record(4)));
            long = long.saturating_add(usize::from(is_record(8)));
        }
    }
    long > short
}

/// A base block for bins that have lost theirs, without a root.
fn made(first: &raw::BinHeader, minor: u32, bins_size: u32) -> raw::BaseBlockHead {
    let mut head = raw::BaseBlockHead::new_zeroed();
    head.signature = *b"regf";
    head.primary_sequence = U32::new(1);
    head.secondary_sequence = U32::new(1);
    head.last_written = first.timestamp;
    head.major = U32::new(1);
    head.minor = U32::new(minor);
    head.file_format = U32::new(1);
    head.root = U32::new(CellOffset::NIL.get());
    head.bins_size = U32::new(bins_size);
    head.clustering = U32::new(1);
    head
}

/// Writes the base block with its checksum.
fn put(image: &mut Image, head: &mut raw::BaseBlockHead) {
    head.checksum = U32::new(BaseBlock::of(head).computed_checksum());
    let bytes = image.bytes_mut().unwrap_or_default();
    if let Ok((to, _)) = raw::BaseBlockHead::mut_from_prefix(bytes) {
        to.as_mut_bytes().copy_from_slice(head.as_bytes());
    }
}
