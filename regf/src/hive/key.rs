// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Key`] (`nk`): a key node ([regf.md](crate::format#key-nodes)).

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;

use zerocopy::{FromBytes, Immutable, KnownLayout, Unaligned};

use crate::bytes::Bytes;
use crate::error::{Error, ErrorKind, Field, Result, Structure};
use crate::hive::Hive;
use crate::hive::name::{Name, name_fault};
use crate::hive::path::KeyPath;
use crate::hive::security::Security;
use crate::hive::subkeys::Subkeys;
use crate::hive::value::Value;
use crate::hive::values::Values;
use crate::offset::{CellOffset, FileOffset};
use crate::raw::{self, AccessBits, KeyFlags};
use crate::time::FileTime;

/// Largest cell of a key node that Windows accepts, and the longest name that fits the cell.
pub(crate) const LONGEST_NODE: u32 = 0x45C;
const LONGEST_NAME: usize = LONGEST_NODE as usize - size_of::<raw::KeyNode>();

/// `nk`: a key. `Copy`; lives as long as the evidence, so functions can return keys.
///
/// ```
/// # let mut tree = hive_forge::tree::Tree::new("ROOT");
/// # tree.root.at(r"Microsoft\MSLicensing").values.clear();
/// # let forged = hive_forge::write(&tree, &Default::default());
/// let hive = calhive_regf::Hive::parse(&forged.bytes)?;
/// let key = hive.key(r"Microsoft\MSLicensing")?.expect("it is there");
/// assert_eq!(key.name(), "MSLicensing".into());
/// println!("{} last written {}, at {}", key.name(), key.last_written(), key.offset());
/// # Ok::<(), calhive_regf::Error>(())
/// ```
#[derive(Clone, Copy)]
pub struct Key<'d> {
    hive: Hive<'d>,
    record: &'d Record,
    offset: CellOffset,
}

/// Key node and the rest of its cell. A single reference to both parts keeps `Key` small.
#[derive(FromBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
struct Record {
    node: raw::KeyNode,
    name: [u8],
}

impl<'d> Key<'d> {
    /// Returns the key at `at`. If the result is `None`, [`fault`](Self::fault) returns the fault.
    #[inline]
    pub(crate) fn parse(hive: Hive<'d>, at: CellOffset) -> Option<Self> {
        let record = Record::ref_from_bytes(hive.payload(at)?).ok()?;
        (record.node.signature == *b"nk").then_some(Self { hive, record, offset: at })
    }

    /// Returns the key at `at` with these bytes as the content of its cell.
    #[inline]
    pub(crate) fn sized(hive: Hive<'d>, at: CellOffset, payload: &'d [u8]) -> Option<Self> {
        let record = Record::ref_from_bytes(payload).ok()?;
        (record.node.signature == *b"nk").then_some(Self { hive, record, offset: at })
    }

    /// Returns the reason why `at` leads to no key. `from` is the place of the reference to `at`.
    #[cold]
    pub(crate) fn fault(hive: Hive<'d>, at: CellOffset, from: FileOffset) -> Box<Error> {
        let mut error = hive.fault(at, Structure::KeyNode, size_of::<raw::KeyNode>());
        *error = error.pointed_from(from);
        error
    }

    /// Returns the key at `at`. `from` is the place of the reference to `at`.
    #[inline]
    pub(crate) fn pointed(hive: Hive<'d>, at: CellOffset, from: FileOffset) -> Result<Self> {
        Self::parse(hive, at).ok_or_else(|| *Self::fault(hive, at, from))
    }

    /// Returns the hive of the key.
    #[inline]
    pub const fn hive(self) -> Hive<'d> {
        self.hive
    }

    /// Returns the offset of the cell in the file.
    #[inline]
    pub const fn offset(self) -> FileOffset {
        self.offset.file_offset()
    }

    /// Returns the offset of the cell from the first bin.
    #[inline]
    pub const fn cell_offset(self) -> CellOffset {
        self.offset
    }

    /// Returns the fields as stored on disk.
    #[inline]
    pub const fn raw(self) -> &'d raw::KeyNode {
        &self.record.node
    }

    /// Returns the file offset of byte `at` of the node.
    #[inline]
    pub(crate) fn place(self, at: u64) -> FileOffset {
        self.hive.data_place(self.offset).plus(at)
    }

    /// Returns the name. If the stored length exceeds the cell, the name ends with the cell; see
    /// [`name_fault`](Self::name_fault).
    #[inline]
    pub fn name(self) -> Name<'d> {
        let length = usize::from(self.record.node.name_length.get());
        let bytes = self.record.name.get(..length).unwrap_or(&self.record.name);
        if self.has_latin1_name() { Name::latin1(bytes) } else { Name::utf16(bytes) }
    }

    /// Whether the name is longer than Windows allows. Many keys can have overlong names only if
    /// the keys overlap. Comparing all such names would take more than linear time.
    pub(crate) fn has_overlong_name(self) -> bool {
        self.name().as_bytes().is_some_and(|bytes| bytes.len() > LONGEST_NAME)
    }

    /// Returns all bytes of the cell from the start of the name.
    pub(crate) const fn name_room(self) -> &'d [u8] {
        &self.record.name
    }

    #[inline]
    pub(crate) fn has_latin1_name(self) -> bool {
        self.hive.has_compressed_names() && self.flags().contains(KeyFlags::COMP_NAME)
    }

    /// Returns the fault of the name: truncated by the end of the cell, or UTF-16LE with an odd
    /// length.
    #[inline]
    pub fn name_fault(self) -> Option<Error> {
        let needed = u64::from(self.record.node.name_length.get());
        let available = self.record.name.len() as u64;
        name_fault(Structure::KeyName, needed, available, self.has_latin1_name(), || self.place(76))
    }

    /// Returns the time of the last write.
    #[inline]
    pub const fn last_written(self) -> FileTime {
        FileTime::from_raw(self.record.node.last_written.get())
    }

    /// Returns the flags.
    #[inline]
    pub const fn flags(self) -> KeyFlags {
        KeyFlags::from_bits_retain(self.record.node.flags.get())
    }

    /// Returns the access bits of Windows 8 and later. The result is `None` in version 1.1, where
    /// the field holds a title index.
    pub const fn access_bits(self) -> Option<AccessBits> {
        if self.hive.has_compressed_names() {
            Some(AccessBits::from_bits_retain(self.record.node.access_bits))
        } else {
            None
        }
    }

    /// Returns how the key changes the same key in the hive of the layer below (Windows 10).
    pub const fn layer(self) -> LayerSemantics {
        if !self.hive.has_compressed_names() {
            return LayerSemantics::Normal;
        }
        match self.record.node.layered & 3 {
            1 => LayerSemantics::Tombstone,
            2 => LayerSemantics::SupersedeLocal,
            3 => LayerSemantics::SupersedeTree,
            _ => LayerSemantics::Normal,
        }
    }

    /// Returns whether the key has the flag of a root key.
    #[inline]
    pub const fn is_root(self) -> bool {
        self.flags().contains(KeyFlags::HIVE_ENTRY)
    }

    /// Returns the stored number of subkeys.
    #[inline]
    pub const fn subkey_count(self) -> u32 {
        self.record.node.subkey_count.get()
    }

    /// Returns the stored number of values. A predefined key stores a handle in this field, so the
    /// result is 0.
    #[inline]
    pub const fn value_count(self) -> u32 {
        if self.flags().contains(KeyFlags::PREDEF_HANDLE) {
            0
        } else {
            self.record.node.value_count.get()
        }
    }

    /// Returns the subkeys in the order of the list.
    #[inline]
    pub fn subkeys(self) -> Subkeys<'d> {
        Subkeys::new(self)
    }

    /// Returns the values in the order of the list.
    #[inline]
    pub fn values(self) -> Values<'d> {
        Values::new(self)
    }

    /// Returns the value of this name, compared as Windows compares names. The default value has
    /// the name `""`.
    ///
    /// ```
    /// # let mut tree = hive_forge::tree::Tree::new("ROOT");
    /// # tree.root = tree.root.dword("LicensingMode", 4);
    /// # let forged = hive_forge::write(&tree, &Default::default());
    /// # let hive = calhive_regf::Hive::parse(&forged.bytes)?;
    /// let mode = hive.root()?.value("licensingmode")?.expect("it is there");
    /// assert_eq!(mode.data()?.to_dword(), Some(4));
    /// # Ok::<(), calhive_regf::Error>(())
    /// ```
    ///
    /// # Errors
    /// The first fault of the value list, if no readable value has the name.
    pub fn value<'n>(self, name: impl Into<Name<'n>>) -> Result<Option<Value<'d>>> {
        let name = name.into();
        let mut fault = None;
        for value in self.values() {
            match value {
                Ok(value) if value.name().same(name) => return Ok(Some(value)),
                Ok(_) => {}
                Err(error) => fault = fault.or(Some(error)),
            }
        }
        fault.map_or(Ok(None), Err)
    }

    /// Returns the class name, or `None` if the key has no class name.
    ///
    /// # Errors
    /// If the cell of the class name cannot be read.
    pub fn class_name(self) -> Result<Option<Name<'d>>> {
        Ok(self.class_bytes()?.map(|bytes| Name::utf16(bytes.as_slice())))
    }

    /// Returns the bytes of the class name, at most to the end of the cell.
    pub(crate) fn class_bytes(self) -> Result<Option<Bytes<'d>>> {
        let at = CellOffset::new(self.record.node.class.get());
        let length = usize::from(self.record.node.class_length.get());
        if at.is_nil() || length == 0 {
            return Ok(None);
        }
        let cell = self.hive.allocated(at, Structure::ClassName);
        let cell = cell.map_err(|error| error.pointed_from(self.place(48)))?;
        Ok(Some(cell.data().clip(0, length)))
    }

    /// Returns the security cell, or `None` if the key has no security cell.
    ///
    /// # Errors
    /// If the cell cannot be read.
    pub fn security(self) -> Result<Option<Security<'d>>> {
        let at = CellOffset::new(self.record.node.security.get());
        if at.is_nil() {
            return Ok(None);
        }
        let security = Security::parse(self.hive, at);
        security.map(Some).map_err(|error| error.pointed_from(self.place(44)))
    }

    /// Returns the value `SymbolicLinkValue` of a symbolic link, or `None` for any other key.
    ///
    /// # Errors
    /// If the values cannot be read.
    pub fn link_target(self) -> Result<Option<Value<'d>>> {
        if self.flags().contains(KeyFlags::SYM_LINK) {
            self.value("SymbolicLinkValue")
        } else {
            Ok(None)
        }
    }

    /// Returns the key itself, for a caller that reads it in the place of Windows.
    ///
    /// # Errors
    /// If the key is a symbolic link. Windows reads its [target](Self::link_target) instead.
    pub fn unless_link(self) -> Result<Self> {
        if self.flags().contains(KeyFlags::SYM_LINK) {
            return Err(Error::new(ErrorKind::SymbolicLink, self.offset()));
        }
        Ok(self)
    }

    /// Returns the key at the parent offset, or `None` for a root key. The parent offset can
    /// contradict the subkey lists. Windows follows the lists.
    ///
    /// # Errors
    /// If the parent offset leads to no key.
    pub fn parent(self) -> Result<Option<Self>> {
        if self.is_root() {
            return Ok(None);
        }
        let parent = CellOffset::new(self.record.node.parent.get());
        Self::pointed(self.hive, parent, self.place(16)).map(Some)
    }

    /// Returns the keys along the parent offsets, from the parent up to a root key. The iterator
    /// ends with an error if an offset leads to no key, or if the chain is longer than the maximum
    /// depth of a key tree.
    ///
    /// ```
    /// # let mut tree = hive_forge::tree::Tree::new("ROOT");
    /// # tree.root.at(r"A\B").values.clear();
    /// # let forged = hive_forge::write(&tree, &Default::default());
    /// # let hive = calhive_regf::Hive::parse(&forged.bytes)?;
    /// let key = hive.key(r"A\B")?.expect("it is there");
    /// let names: Result<Vec<_>, _> = key.parent_chain().map(|key| Ok(key?.name())).collect();
    /// assert_eq!(names?, ["A".into(), "ROOT".into()]);
    /// # Ok::<(), calhive_regf::Error>(())
    /// ```
    pub fn parent_chain(self) -> impl Iterator<Item = Result<Self>> + use<'d> {
        let mut last = Some(self);
        let mut left = crate::limits::Limits::default().depth;
        core::iter::from_fn(move || {
            let key = last.take()?;
            let parent = key.parent().transpose()?;
            let Some(fewer) = left.checked_sub(1) else {
                let kind = ErrorKind::AlreadyVisited {
                    structure: Structure::KeyNode,
                    target: key.record.node.parent.get(),
                };
                return Some(Err(Error::new(kind, key.place(16))));
            };
            left = fewer;
            last = parent.ok();
            Some(parent)
        })
    }

    /// Returns the path along the parent offsets, without the root key.
    ///
    /// # Errors
    /// As [`parent_chain`](Self::parent_chain).
    ///
    /// ```
    /// # let mut tree = hive_forge::tree::Tree::new("ROOT");
    /// # tree.root.at(r"A\B").values.clear();
    /// # let forged = hive_forge::write(&tree, &Default::default());
    /// # let hive = calhive_regf::Hive::parse(&forged.bytes)?;
    /// let key = hive.key(r"A\B")?.expect("it is there");
    /// assert_eq!(key.path_by_parents()?.to_string(), r"A\B");
    /// # Ok::<(), calhive_regf::Error>(())
    /// ```
    pub fn path_by_parents(self) -> Result<KeyPath> {
        let mut keys = core::iter::once(Ok(self)).chain(self.parent_chain());
        let mut keys: Vec<Self> = keys.by_ref().collect::<Result<_>>()?;
        keys.pop();
        Ok(keys.into_iter().rev().map(Self::name).collect())
    }

    /// Returns the fault of a parent offset that differs from `parent`, the key whose list leads
    /// here.
    #[inline]
    pub(crate) fn parent_fault(self, parent: CellOffset) -> Option<Error> {
        let (expected, found) = (parent.get(), self.record.node.parent.get());
        let kind = ErrorKind::Mismatch {
            structure: Structure::KeyNode,
            field: Field::Parent,
            expected: u64::from(expected),
            found: u64::from(found),
        };
        (expected != found).then(|| Error::new(kind, self.place(16)))
    }
}

impl fmt::Debug for Key<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({} at {})", self.name(), self.offset())
    }
}

/// Effect of a key on the same key in the hive of the layer below
/// ([regf.md](crate::format#layered-keys)).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LayerSemantics {
    /// Both keys are merged.
    Normal,
    /// The key is deleted in the merged view.
    Tombstone,
    /// The values are replaced, the subkeys are merged.
    SupersedeLocal,
    /// The key and all keys below are replaced.
    SupersedeTree,
}
