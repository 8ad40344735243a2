// SPDX-License-Identifier: MIT OR Apache-2.0
//! Reading a hive: [`Hive`], and the views that it hands out.
//!
//! One file per notion of the format: [`base_block`] (`regf`), [`hbin`], [`cell`], [`key`] (`nk`),
//! [`value`] (`vk`) with its big data (`db`), [`subkeys`] (`li`, `lf`, `lh`, `ri`) with [`look_up`], [`security`]
//! (`sk`), [`name`] and [`path`]; [`fragment`] for bins without a base block. [`walk`] goes through the
//! whole tree in linear time, [`check`] looks for every fault, [`hidden`] for what the tree leaves out,
//! [`span`] tells which bytes a thing is made of.
//!
//! All views are `Copy` and borrow the evidence alone. Nothing is copied or allocated to read a key,
//! a name or data in one piece.

pub mod base_block;
pub(crate) mod big_data;
pub mod cell;
pub mod check;
pub mod fragment;
pub mod hbin;
pub mod hidden;
pub mod key;
pub mod look_up;
pub mod name;
pub mod path;
mod scan;
pub mod security;
pub mod severity;
pub mod span;
pub mod subkeys;
mod upcase;
pub mod value;
pub mod walk;

pub use upcase::upcase;

use core::fmt;

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use crate::bytes::{BASE_BLOCK_LENGTH, Bytes, CellOffset, FileOffset};
use crate::error::{Error, ErrorKind, Result, Structure};
use crate::raw;
use base_block::BaseBlock;
use cell::Layout;
use key::Key;
use path::ToNames;
use walk::Walk;

/// A registry hive over borrowed bytes. `Copy`.
///
/// ```no_run
/// let image = calhive::Image::read("SOFTWARE")?;
/// let hive = calhive::Hive::parse(image.bytes())?;
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
    bins_length: u32,
    /// The cell of the root, and in its low bits what the version decides: in one word, since every
    /// key and value carries it.
    root: u32,
}

/// The low bits of the word with the root, which no offset of a cell has.
const VERSION: u32 = 7;
/// Of them: whether it is version 1.1, which has longer headers of cells and wide names only.
const IS_1_1: u32 = 1;
/// Whether data over 16,344 bytes stand in segments: since version 1.4.
const HAS_BIG_DATA: u32 = 2;

/// A file that is long enough for a base block. Both parts behind one reference keep the views small.
#[derive(FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
struct HiveFile {
    base_block: raw::BaseBlock,
    /// What follows the base block; the bins are the first part of it.
    rest: [u8],
}

impl<'d> Hive<'d> {
    /// Opens a hive. Only the base block and the root key are read, unless the base block leads to no
    /// key: then the cells are searched for one, once. A dirty hive opens, and so does a damaged one.
    ///
    /// Where the checksum is right, the bins are as long as the base block says, or as long as the
    /// file has bytes for. Where it is wrong, no size in it is trusted: the bins are what the file
    /// has in whole pages, and the cells are taken to lie as the root's cell shows them to.
    ///
    /// # Errors
    /// As [`BaseBlock::parse`]: a file that is no hive, a log, or an unsupported version.
    pub fn parse(file: &'d [u8]) -> Result<Self> {
        let base_block = BaseBlock::parse(file)?;
        let Ok(file) = HiveFile::ref_from_bytes(file) else {
            let (needed, available) = (u64::from(BASE_BLOCK_LENGTH), file.len() as u64);
            let structure = Structure::BaseBlock;
            let kind = ErrorKind::Truncated { structure, needed, available };
            return Err(Error::new(kind, FileOffset::default()));
        };
        let rest = &file.rest;
        let (_, mut minor) = base_block.version();
        let there = u32::try_from(rest.len()).unwrap_or(u32::MAX);
        let mut bins_length = base_block.bins_size().min(there);
        if !base_block.checksum_is_valid() {
            bins_length = there & !0xFFF;
            minor = trusted_minor(rest, base_block, minor);
        }
        let version = match minor {
            1 => IS_1_1,
            2 | 3 => 0,
            _ => HAS_BIG_DATA,
        };
        let root = base_block.root().get() & !VERSION;
        let mut hive = Self { file, bins_length, root: root | version };
        if hive.base_root().is_err() {
            let found = hive.root_candidate().map_or(CellOffset::NIL, |key| key.cell_offset());
            hive.root = (found.get() & !VERSION) | version;
        }
        Ok(hive)
    }

    /// Its base block.
    pub const fn base_block(self) -> BaseBlock<'d> {
        BaseBlock::of(&self.file.base_block.head)
    }

    /// The number of bytes of the file.
    pub const fn file_length(self) -> u64 {
        (self.file.rest.len() as u64).saturating_add(BASE_BLOCK_LENGTH as u64)
    }

    /// The bins: where every cell lies.
    #[inline]
    pub fn bin_bytes(self) -> Bytes<'d> {
        let bins = self.file.rest.get(..self.bins_length as usize).unwrap_or(&self.file.rest);
        Bytes::new(bins, FileOffset::new(u64::from(BASE_BLOCK_LENGTH)))
    }

    /// What follows the last bin.
    pub fn remnant(self) -> Bytes<'d> {
        self.after_base_block().clip(self.bins_length as usize, self.file.rest.len())
    }

    /// All bytes, base block included.
    pub(crate) fn whole_file(self) -> &'d [u8] {
        self.file.as_bytes()
    }

    /// The bins, and what follows them.
    pub(crate) fn after_base_block(self) -> Bytes<'d> {
        Bytes::new(&self.file.rest, FileOffset::new(u64::from(BASE_BLOCK_LENGTH)))
    }

    /// Whether the newest changes may stand in the transaction logs only; see
    /// [`BaseBlock::is_dirty`].
    pub fn is_dirty(self) -> bool {
        self.base_block().is_dirty()
    }

    /// The root key. Where the base block leads to no key, the one that is most likely the root; then
    /// [`root_fault`](Self::root_fault) tells so.
    ///
    /// # Errors
    /// Where the base block leads to no key and no key looks like a root.
    pub fn root(self) -> Result<Key<'d>> {
        Key::parse(self, CellOffset::new(self.root & !VERSION)).map_or_else(|| self.base_root(), Ok)
    }

    /// The same hive with this key for its root, wherever the base block leads.
    pub(crate) const fn rooted(self, root: Key<'d>) -> Self {
        Self { root: (root.cell_offset().get() & !VERSION) | (self.root & VERSION), ..self }
    }

    /// Why the base block leads to no key. [`root`](Self::root) is then a key that was searched for:
    /// one that says that it is the root, else one whose parent is no key.
    ///
    /// ```
    /// # let mut tree = hive_forge::tree::Tree::new("ROOT");
    /// # tree.root.at("Store").values.clear();
    /// # let mut forged = hive_forge::write(&tree, &Default::default());
    /// # forged.set("base", "root", 0xFFFF_FFFF).seal();
    /// // The root offset of this hive is NIL.
    /// let hive = calhive::Hive::parse(&forged.bytes)?;
    /// assert_eq!(hive.root_fault().unwrap().offset().get(), 36);
    /// assert!(hive.key("Store")?.is_some());
    /// # Ok::<(), calhive::Error>(())
    /// ```
    pub fn root_fault(self) -> Option<Error> {
        self.base_root().err()
    }

    /// The key that the base block leads to.
    fn base_root(self) -> Result<Key<'d>> {
        Key::pointed(self, self.base_block().root(), FileOffset::new(36))
    }

    /// The key at `path`, from the root on; `None` where there is no such key. Hashes in the lists
    /// are trusted: it touches few pages.
    ///
    /// ```
    /// # let mut tree = hive_forge::tree::Tree::new("ROOT");
    /// # tree.root.at(r"Microsoft\MSLicensing\Store").values.clear();
    /// # let forged = hive_forge::write(&tree, &Default::default());
    /// let hive = calhive::Hive::parse(&forged.bytes)?;
    /// assert!(hive.key(r"microsoft\mslicensing\store")?.is_some());
    /// assert!(hive.key(r"Microsoft\Other")?.is_none());
    /// # Ok::<(), calhive::Error>(())
    /// ```
    ///
    /// # Errors
    /// Where a key or a list on the way cannot be read, and the path is not found without it.
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

    /// The key at `path`, found without trusting hashes or order: every list on the way is gone
    /// through. What is wrong with them goes to `fault`.
    ///
    /// ```
    /// # let mut tree = hive_forge::tree::Tree::new("ROOT");
    /// # tree.root.at("Store").values.clear();
    /// # let mut forged = hive_forge::write(&tree, &Default::default());
    /// # forged.set("list ", "hash 0", 0);
    /// // The list of this hive has a wrong hash.
    /// let hive = calhive::Hive::parse(&forged.bytes)?;
    /// assert!(hive.key("Store")?.is_none());
    /// let mut faults = Vec::new();
    /// assert!(hive.key_thorough("Store", |fault| faults.push(fault))?.is_some());
    /// assert_eq!(faults.len(), 1);
    /// # Ok::<(), calhive::Error>(())
    /// ```
    ///
    /// # Errors
    /// Where the root cannot be read.
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

    /// A walk through all keys, from the root on.
    pub fn walk(self) -> Walk<'d> {
        Walk::new(self, self.root()).with_fault(self.root_fault())
    }

    /// Where the data of the cell at `at` begin in the file.
    pub(crate) const fn data_place(self, at: CellOffset) -> FileOffset {
        at.file_offset().plus(self.layout().header_length())
    }

    pub(crate) const fn layout(self) -> Layout {
        if self.root & IS_1_1 != 0 { Layout::V1_1 } else { Layout::V1_2 }
    }

    /// Whether names may be stored in Latin-1, and title indices have given way to other fields.
    pub(crate) const fn has_compressed_names(self) -> bool {
        self.root & IS_1_1 == 0
    }

    /// Whether data over 16,344 bytes stand in segments.
    pub(crate) const fn has_big_data(self) -> bool {
        self.root & HAS_BIG_DATA != 0
    }
}

impl fmt::Debug for Hive<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hive")
            .field("base_block", &self.base_block())
            .field("bins_length", &self.bins_length)
            .finish_non_exhaustive()
    }
}

/// The minor version, where the checksum says that the base block is damaged: the signature of the
/// root key stands after the header of its cell, which is longer in version 1.1.
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
