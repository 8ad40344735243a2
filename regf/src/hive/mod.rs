// SPDX-License-Identifier: MIT OR Apache-2.0
//! The reader: [`Hive`], and views of its keys, values and other structures.
//!
//! Each structure of the format has one file:
//! - [`base_block`] (`regf`), [`hbin`] and [`cell`];
//! - [`key`] (`nk`), [`subkeys`] (`li`, `lf`, `lh`, `ri`) and [`security`] (`sk`);
//! - [`value`] (`vk`), [`value_type`] and [`values`]. Big data (`db`) belong to [`value`];
//! - [`name`] and [`path`].
//!
//! Each task has one file:
//! - [`look_up`] finds a subkey by its name. [`walk`] traverses the whole tree in linear time.
//! - [`check`] reports every fault, and [`violation`] grades the faults.
//! - [`hidden`] reports content that the tree does not show.
//! - [`fragment`] reads bins without a base block.
//! - [`span`] lists the cells of a key or a value.
//!
//! All views are `Copy` and borrow only the evidence. Reading a key, a name, or data in one piece
//! neither copies nor allocates.

pub mod base_block;
pub(crate) mod big_data;
pub mod cell;
pub mod check;
mod escape_table;
pub mod fragment;
pub mod hbin;
pub mod hidden;
pub mod key;
pub mod look_up;
pub mod name;
pub mod named_subkeys;
pub mod path;
mod scan;
pub mod security;
pub mod span;
pub mod subkeys;
mod upcase;
pub mod value;
pub mod value_type;
pub mod values;
pub mod violation;
pub mod walk;

pub use upcase::upcase;

use core::fmt;
use core::ops::Range;

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use crate::bytes::Bytes;
use crate::error::{Error, ErrorKind, Result, Structure};
use crate::offset::{BASE_BLOCK_LENGTH, CellOffset, FileOffset};
use crate::raw;
use base_block::BaseBlock;
use cell::Layout;
use key::Key;
use path::ToNames;
use walk::Walk;

/// Registry hive over borrowed bytes. `Copy`.
///
/// ```no_run
/// let image = calhive_regf::Image::read("SOFTWARE")?;
/// let hive = calhive_regf::Hive::parse(image.bytes())?;
/// if let Some(store) = hive.key(r"Microsoft\MSLicensing\Store")? {
///     for license in store.subkeys() {
///         println!("{}", license?.name());
///     }
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy)]
pub struct Hive<'d> {
    file: &'d HiveFile,
    /// Length of the bins. 0 in version 1.1, so that each access to its longer cells leaves the
    /// short path, which then needs no test of the version.
    short_length: u32,
    /// Cell offset of the root key, with the version in the low bits. A single word for both keeps
    /// each key and value small.
    root: u32,
}

/// Low bits of `Hive::root`, which are zero in every cell offset.
const VERSION: u32 = 7;
/// Bit for version 1.1, which has longer cell headers and UTF-16LE names only.
const IS_1_1: u32 = 1;
/// Bit for versions with big data: 1.4 and later.
const HAS_BIG_DATA: u32 = 2;

/// Bit for a hive that calhive assembled from bins. The base block states the number of missing bytes
/// before the first bin at hand.
const HAS_GAP: u32 = 4;

/// File that is at least as long as a base block. A single reference to both parts keeps the views
/// small.
#[derive(FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
struct HiveFile {
    base_block: raw::BaseBlock,
    /// Bytes after the base block: the bins, then the bytes after the last bin.
    rest: [u8],
}

impl<'d> Hive<'d> {
    /// Opens a hive, clean or dirty, intact or damaged. The method reads only the base block and
    /// the root key. If the base block leads to no key, the method searches the cells once for a
    /// root key.
    ///
    /// If the checksum is right, the length of the bins is the stored size, limited by the file. If
    /// the checksum is wrong, the sizes in the base block are not reliable. In this case, also all
    /// other complete pages of the file count as bins, and the cell of the root key decides the length of
    /// cell headers.
    ///
    /// # Errors
    /// As [`BaseBlock::parse`]: a file that is not a hive, a transaction log, or an unsupported
    /// version.
    pub fn parse(file: &'d [u8]) -> Result<Self> {
        Self::parse_with(file, 0)
    }

    /// Opens a hive that calhive itself [assembled](fragment) from bins. The work is in proportion to
    /// the bins at hand, not to the offset that the first bin claims. Never pass bytes of evidence,
    /// because their base block could then hide bins.
    ///
    /// # Errors
    /// As [`parse`](Self::parse).
    pub fn parse_assembled(file: &'d [u8]) -> Result<Self> {
        Self::parse_with(file, HAS_GAP)
    }

    /// Parses another state of the hive `other`. If the state has no root key, the method takes the root
    /// of `other` instead of searching for one.
    pub(crate) fn parse_beside(file: &'d [u8], other: Hive<'_>) -> Result<Self> {
        let mut hive = Self::parse_head(file, 0)?;
        if hive.base_root().is_err() {
            hive.root = (other.root & !VERSION) | (hive.root & VERSION);
        }
        Ok(hive)
    }

    fn parse_with(file: &'d [u8], flag: u32) -> Result<Self> {
        let mut hive = Self::parse_head(file, flag)?;
        if hive.base_root().is_err() {
            let found = hive.root_candidate().map_or(CellOffset::NIL, |key| key.cell_offset());
            hive.root = (found.get() & !VERSION) | (hive.root & VERSION);
        }
        Ok(hive)
    }

    /// Reads the base block. The root is the one that the base block names.
    fn parse_head(file: &'d [u8], flag: u32) -> Result<Self> {
        let base_block = BaseBlock::parse(file)?;
        let Ok(file) = HiveFile::ref_from_bytes(file) else {
            let (needed, available) = (u64::from(BASE_BLOCK_LENGTH), file.len() as u64);
            let structure = Structure::BaseBlock;
            let kind = ErrorKind::Truncated { structure, needed, available };
            return Err(Error::new(kind, FileOffset::default()));
        };
        let rest = &file.rest;
        let (_, mut minor) = base_block.version();
        let bins_length = bins_length(rest, base_block);
        if !base_block.checksum_is_valid() {
            minor = trusted_minor(rest, base_block, minor);
        }
        let version = match minor {
            1 => IS_1_1,
            2 | 3 => 0,
            _ => HAS_BIG_DATA,
        };
        let root = base_block.root().get() & !VERSION;
        let short_length = if minor == 1 { 0 } else { bins_length };
        Ok(Self { file, short_length, root: root | version | flag })
    }

    /// Returns the base block.
    #[inline]
    pub const fn base_block(self) -> BaseBlock<'d> {
        BaseBlock::of(&self.file.base_block.head)
    }

    /// Returns the length of the file in bytes.
    pub const fn file_length(self) -> u64 {
        (self.file.rest.len() as u64).saturating_add(BASE_BLOCK_LENGTH as u64)
    }

    /// Returns the part of the file that is missing: from the end of the file to the end of the bins.
    /// `None` if the file is whole.
    ///
    /// The stored size of all bins decides. If the checksum is wrong, this size is not reliable, so
    /// the size of the last bin decides.
    ///
    /// ```
    /// # let forged = hive_forge::write(&hive_forge::tree::Tree::new("ROOT"), &Default::default());
    /// let whole = forged.bytes.len();
    /// let hive = calhive_regf::Hive::parse(&forged.bytes[..5000])?;
    /// assert_eq!(hive.missing(), Some(5000..whole as u64));
    /// assert_eq!(calhive_regf::Hive::parse(&forged.bytes)?.missing(), None);
    /// # Ok::<(), calhive_regf::Error>(())
    /// ```
    pub fn missing(self) -> Option<Range<u64>> {
        let there = self.file_length();
        let stored = u64::from(self.base_block().bins_size());
        let end = if self.base_block().checksum_is_valid() {
            stored.saturating_add(u64::from(BASE_BLOCK_LENGTH))
        } else {
            let last = self.bins().filter_map(Result::ok).last()?;
            last.offset().plus(u64::from(last.size())).get()
        };
        (end > there).then_some(there..end)
    }

    /// Returns the bytes of all bins.
    #[inline]
    pub fn bin_bytes(self) -> Bytes<'d> {
        let bins = if self.root & IS_1_1 == 0 { self.short_bins() } else { self.early_bins() };
        Bytes::new(bins, FileOffset::new(u64::from(BASE_BLOCK_LENGTH)))
    }

    /// Returns the bytes of all bins, or nothing in version 1.1.
    #[inline]
    pub(crate) fn short_bins(self) -> &'d [u8] {
        self.file.rest.get(..self.short_length as usize).unwrap_or(&self.file.rest)
    }

    /// Returns the bytes of all bins in version 1.1.
    #[cold]
    fn early_bins(self) -> &'d [u8] {
        let length = bins_length(&self.file.rest, self.base_block());
        self.file.rest.get(..length as usize).unwrap_or(&self.file.rest)
    }

    /// Returns the number of missing bytes between the base block and the first bin at hand. These bytes
    /// are zeros, and no search reads them.
    pub(crate) fn gap(self) -> usize {
        if self.root & HAS_GAP == 0 {
            return 0;
        }
        let stored = self.file.base_block.reserved2.last_chunk::<4>();
        stored.map_or(0, |gap| u32::from_le_bytes(*gap) as usize).min(self.bin_bytes().len())
    }

    /// Returns the number of bytes of bins at hand, without [missing](Self::gap) bytes.
    pub(crate) fn bins_at_hand(self) -> usize {
        self.bin_bytes().len().saturating_sub(self.gap())
    }

    /// Returns the number of bytes at hand after the base block.
    pub(crate) fn bytes_at_hand(self) -> usize {
        self.file.rest.len().saturating_sub(self.gap())
    }

    /// Returns the bytes after the last bin.
    pub fn remnant(self) -> Bytes<'d> {
        self.after_base_block().clip(self.bin_bytes().len(), self.file.rest.len())
    }

    /// Returns all bytes of the file.
    pub(crate) fn whole_file(self) -> &'d [u8] {
        self.file.as_bytes()
    }

    /// Returns all bytes after the base block.
    pub(crate) fn after_base_block(self) -> Bytes<'d> {
        Bytes::new(&self.file.rest, FileOffset::new(u64::from(BASE_BLOCK_LENGTH)))
    }

    /// Returns whether the file can lack the newest changes, which the transaction logs then hold.
    /// See [`BaseBlock::is_dirty`].
    pub fn is_dirty(self) -> bool {
        self.base_block().is_dirty()
    }

    /// Returns the root key. If the base block leads to no key, the result is the most likely root
    /// key, and [`root_fault`](Self::root_fault) returns the fault.
    ///
    /// # Errors
    /// If the base block leads to no key and no key looks like a root key.
    pub fn root(self) -> Result<Key<'d>> {
        Key::parse(self, CellOffset::new(self.root & !VERSION)).map_or_else(|| self.base_root(), Ok)
    }

    /// Returns the same hive with `root` as the root key, regardless of the base block.
    #[must_use]
    pub const fn rooted(self, root: Key<'d>) -> Self {
        Self { root: (root.cell_offset().get() & !VERSION) | (self.root & VERSION), ..self }
    }

    /// Returns the fault of the root offset, if the base block leads to no key.
    /// [`root`](Self::root) then returns a key with the root flag. If no key has the flag, the
    /// result is a key without a readable parent.
    ///
    /// ```
    /// # let mut tree = hive_forge::tree::Tree::new("ROOT");
    /// # tree.root.at("Store").values.clear();
    /// # let mut forged = hive_forge::write(&tree, &Default::default());
    /// # forged.set("base", "root", 0xFFFF_FFFF).seal();
    /// // The root offset of this hive is NIL.
    /// let hive = calhive_regf::Hive::parse(&forged.bytes)?;
    /// assert_eq!(hive.root_fault().unwrap().offset().get(), 36);
    /// assert!(hive.key("Store")?.is_some());
    /// # Ok::<(), calhive_regf::Error>(())
    /// ```
    pub fn root_fault(self) -> Option<Error> {
        self.base_root().err()
    }

    /// Reads the key at the root offset of the base block.
    fn base_root(self) -> Result<Key<'d>> {
        Key::pointed(self, self.base_block().root(), FileOffset::new(36))
    }

    /// Returns the key at `path` below the root, or `None` if no such key exists. The method trusts
    /// the hashes in the subkey lists and touches few pages.
    ///
    /// ```
    /// # let mut tree = hive_forge::tree::Tree::new("ROOT");
    /// # tree.root.at(r"Microsoft\MSLicensing\Store").values.clear();
    /// # let forged = hive_forge::write(&tree, &Default::default());
    /// let hive = calhive_regf::Hive::parse(&forged.bytes)?;
    /// assert!(hive.key(r"microsoft\mslicensing\store")?.is_some());
    /// assert!(hive.key(r"Microsoft\Other")?.is_none());
    /// # Ok::<(), calhive_regf::Error>(())
    /// ```
    ///
    /// # Errors
    /// If a key or a list on the path is unreadable, and the path cannot be found without that key
    /// or list.
    pub fn key(self, path: impl ToNames) -> Result<Option<Key<'d>>> {
        let mut key = self.root()?;
        for name in path.to_names() {
            match key.subkey(name)? {
                Some(below) => key = below,
                None => return Ok(None),
            }
        }
        Ok(Some(key))
    }

    /// Returns the key at `path` without trusting hashes or the order of names. The method reads
    /// every list on the path and passes the faults to `fault`.
    ///
    /// ```
    /// # let mut tree = hive_forge::tree::Tree::new("ROOT");
    /// # tree.root.at("Store").values.clear();
    /// # let mut forged = hive_forge::write(&tree, &Default::default());
    /// # forged.set("list ", "hash 0", 0);
    /// // The list of this hive has a wrong hash.
    /// let hive = calhive_regf::Hive::parse(&forged.bytes)?;
    /// assert!(hive.key("Store")?.is_none());
    /// let mut faults = Vec::new();
    /// assert!(hive.key_thorough("Store", |fault| faults.push(fault))?.is_some());
    /// assert_eq!(faults.len(), 1);
    /// # Ok::<(), calhive_regf::Error>(())
    /// ```
    ///
    /// # Errors
    /// If the root key cannot be read.
    pub fn key_thorough(
        self,
        path: impl ToNames,
        mut fault: impl FnMut(Error),
    ) -> Result<Option<Key<'d>>> {
        let mut key = self.root()?;
        for name in path.to_names() {
            match key.subkey_thorough(name, &mut fault) {
                Some(below) => key = below,
                None => return Ok(None),
            }
        }
        Ok(Some(key))
    }

    /// Returns the key in the cell at `at`.
    ///
    /// ```
    /// # let mut tree = hive_forge::tree::Tree::new("ROOT");
    /// # tree.root.at("Store").values.clear();
    /// # let forged = hive_forge::write(&tree, &Default::default());
    /// # let hive = calhive_regf::Hive::parse(&forged.bytes)?;
    /// let store = hive.key("Store")?.expect("the hive has this key");
    /// assert_eq!(hive.key_at(store.cell_offset())?.name(), "Store".into());
    /// assert!(hive.key_at(calhive_regf::CellOffset::NIL).is_err());
    /// # Ok::<(), calhive_regf::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`cell`](Self::cell). [`ErrorKind::FreeCell`], [`ErrorKind::Truncated`] or
    /// [`ErrorKind::Signature`] if the cell holds no key.
    pub fn key_at(self, at: CellOffset) -> Result<Key<'d>> {
        let fault = || *self.fault(at, Structure::KeyNode, size_of::<raw::KeyNode>());
        Key::parse(self, at).ok_or_else(fault)
    }

    /// Returns a walk through all keys, from the root key on.
    pub fn walk(self) -> Walk<'d> {
        Walk::new(self, self.root()).with_fault(self.root_fault())
    }

    /// Returns the file offset of the data in the cell at `at`.
    #[inline]
    pub(crate) const fn data_place(self, at: CellOffset) -> FileOffset {
        at.file_offset().plus(self.layout().header_length())
    }

    #[inline]
    pub(crate) const fn layout(self) -> Layout {
        if self.root & IS_1_1 != 0 { Layout::V1_1 } else { Layout::V1_2 }
    }

    /// Whether names can be Latin-1. Versions with Latin-1 names have flags where version 1.1 has
    /// title indices.
    #[inline]
    pub(crate) const fn has_compressed_names(self) -> bool {
        self.root & IS_1_1 == 0
    }

    /// Whether data above 16,344 bytes are big data.
    #[inline]
    pub(crate) const fn has_big_data(self) -> bool {
        self.root & HAS_BIG_DATA != 0
    }
}

impl fmt::Debug for Hive<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hive")
            .field("base_block", &self.base_block())
            .field("bins_length", &self.bin_bytes().len())
            .finish_non_exhaustive()
    }
}

/// Returns the length of the bins. `rest` are all bytes after the base block.
fn bins_length(rest: &[u8], base_block: BaseBlock<'_>) -> u32 {
    let there = u32::try_from(rest.len()).unwrap_or(u32::MAX);
    let stored = base_block.bins_size().min(there);
    if base_block.checksum_is_valid() { stored } else { stored.max(there & !0xFFF) }
}

/// Returns the minor version of a hive with a wrong checksum. The position of the signature in the
/// root cell shows the length of the cell header, which is longer in version 1.1.
fn trusted_minor(bins: &[u8], base_block: BaseBlock<'_>, minor: u32) -> u32 {
    let root = base_block.root().get() as usize;
    let is_node = |header: usize| {
        let at = root.saturating_add(header);
        bins.get(at..).is_some_and(|rest| rest.starts_with(b"nk"))
    };
    match (is_node(4), is_node(8)) {
        (true, false) if minor == 1 => 3,
        (false, true) => 1,
        _ => minor,
    }
}
