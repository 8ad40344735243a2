// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Key`] (`nk`): a key node (REGF 4).

use alloc::boxed::Box;
use core::fmt;

use zerocopy::{FromBytes, Immutable, KnownLayout, Unaligned};

use crate::bytes::{Bytes, CellOffset, FileOffset};
use crate::error::{Error, ErrorKind, Field, Result, Structure};
use crate::hive::Hive;
use crate::hive::name::Name;
use crate::hive::security::Security;
use crate::hive::subkeys::Subkeys;
use crate::hive::value::{Value, Values};
use crate::raw::{self, AccessBits, KeyFlags};
use crate::time::FileTime;

/// The longest key node that Windows takes, with the header of its cell (ReactOS refuses longer
/// ones), and the longest name that fits one.
pub(crate) const LONGEST_NODE: u32 = 0x45C;
const LONGEST_NAME: usize = LONGEST_NODE as usize - size_of::<raw::KeyNode>();

/// `nk`: a key. `Copy`; lives as long as the evidence, so a function may return one that it found.
///
/// ```
/// # let mut tree = hive_forge::tree::Tree::new("ROOT");
/// # tree.root.at(r"Microsoft\MSLicensing").values.clear();
/// # let forged = hive_forge::write(&tree, &Default::default());
/// let hive = calhive::Hive::parse(&forged.bytes)?;
/// let key = hive.key(r"Microsoft\MSLicensing")?.expect("it is there");
/// assert_eq!(key.name(), "MSLicensing".into());
/// println!("{} last written {}, at {}", key.name(), key.last_written(), key.offset());
/// # Ok::<(), calhive::Error>(())
/// ```
#[derive(Clone, Copy)]
pub struct Key<'d> {
    hive: Hive<'d>,
    record: &'d Record,
    offset: CellOffset,
}

/// A node with what follows it in its cell. Both behind one reference keep the view small.
#[derive(FromBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
struct Record {
    node: raw::KeyNode,
    name: [u8],
}

impl<'d> Key<'d> {
    /// The key at `at`; `None` where [`fault`](Self::fault) tells what is wrong.
    #[inline]
    pub(crate) fn parse(hive: Hive<'d>, at: CellOffset) -> Option<Self> {
        let record = Record::ref_from_bytes(hive.payload(at)?).ok()?;
        (record.node.signature == *b"nk").then_some(Self { hive, record, offset: at })
    }

    /// Why there is no key at `at`, to which the field or element at `from` leads.
    #[cold]
    pub(crate) fn fault(hive: Hive<'d>, at: CellOffset, from: FileOffset) -> Box<Error> {
        let mut error = hive.fault(at, Structure::KeyNode, size_of::<raw::KeyNode>());
        *error = error.pointed_from(from);
        error
    }

    /// The key at `at`, to which the field or element at `from` leads.
    #[inline]
    pub(crate) fn pointed(hive: Hive<'d>, at: CellOffset, from: FileOffset) -> Result<Self> {
        Self::parse(hive, at).ok_or_else(|| *Self::fault(hive, at, from))
    }

    /// The hive that it is a key of.
    pub const fn hive(self) -> Hive<'d> {
        self.hive
    }

    /// Where its cell begins in the file.
    pub const fn offset(self) -> FileOffset {
        self.offset.file_offset()
    }

    /// Where its cell begins, relative to the first bin, as other structures refer to it.
    pub const fn cell_offset(self) -> CellOffset {
        self.offset
    }

    /// The fields as they lie on disk.
    pub const fn raw(self) -> &'d raw::KeyNode {
        &self.record.node
    }

    /// The file offset of the byte `at` of the node.
    pub(crate) fn place(self, at: u64) -> FileOffset {
        self.hive.data_place(self.offset).plus(at)
    }

    /// Its name. Where the name is longer than the cell, what the cell holds of it; see
    /// [`name_fault`](Self::name_fault).
    #[inline]
    pub fn name(self) -> Name<'d> {
        let length = usize::from(self.record.node.name_length.get());
        let bytes = self.record.name.get(..length).unwrap_or(&self.record.name);
        if self.has_latin1_name() { Name::latin1(bytes) } else { Name::utf16(bytes) }
    }

    /// Whether its name is longer than Windows lets a name be. Only keys that overlap can have many
    /// such names, and comparing them all would be more work than a hive has bytes.
    pub(crate) fn has_overlong_name(self) -> bool {
        self.name().as_bytes().is_some_and(|bytes| bytes.len() > LONGEST_NAME)
    }

    /// What its cell has room for from the name on.
    pub(crate) const fn name_room(self) -> &'d [u8] {
        &self.record.name
    }

    pub(crate) fn has_latin1_name(self) -> bool {
        self.hive.has_compressed_names() && self.flags().contains(KeyFlags::COMP_NAME)
    }

    /// What is wrong with the name: cut by the end of its cell, or an odd number of bytes of UTF-16.
    #[inline]
    pub fn name_fault(self) -> Option<Error> {
        let needed = u64::from(self.record.node.name_length.get());
        let available = self.record.name.len() as u64;
        name_fault(Structure::KeyName, needed, available, self.has_latin1_name(), || self.place(76))
    }

    /// When it was last written.
    pub const fn last_written(self) -> FileTime {
        FileTime::from_raw(self.record.node.last_written.get())
    }

    /// Flags.
    pub const fn flags(self) -> KeyFlags {
        KeyFlags::from_bits_retain(self.record.node.flags.get())
    }

    /// When it was accessed, as Windows 8 and later keep it; `None` in version 1.1, which has a
    /// title index there.
    pub const fn access_bits(self) -> Option<AccessBits> {
        if self.hive.has_compressed_names() {
            Some(AccessBits::from_bits_retain(self.record.node.access_bits))
        } else {
            None
        }
    }

    /// What it does to the same key of a lower layer (Windows 10).
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

    /// Whether it is the root of its hive, by its flag.
    pub const fn is_root(self) -> bool {
        self.flags().contains(KeyFlags::HIVE_ENTRY)
    }

    /// The number of subkeys that it claims.
    pub const fn subkey_count(self) -> u32 {
        self.record.node.subkey_count.get()
    }

    /// The number of values that it claims; none for a predefined key, which keeps a handle in that
    /// field.
    #[inline]
    pub const fn value_count(self) -> u32 {
        if self.flags().contains(KeyFlags::PREDEF_HANDLE) {
            0
        } else {
            self.record.node.value_count.get()
        }
    }

    /// Its subkeys, in the order of its list.
    #[inline]
    pub fn subkeys(self) -> Subkeys<'d> {
        Subkeys::new(self)
    }

    /// Its values, in the order of its list.
    #[inline]
    pub fn values(self) -> Values<'d> {
        Values::new(self)
    }

    /// The value of this name, in Windows' sense of the same name; `""` is the default value.
    ///
    /// ```
    /// # let mut tree = hive_forge::tree::Tree::new("ROOT");
    /// # tree.root = tree.root.dword("LicensingMode", 4);
    /// # let forged = hive_forge::write(&tree, &Default::default());
    /// # let hive = calhive::Hive::parse(&forged.bytes)?;
    /// let mode = hive.root()?.value("licensingmode")?.expect("it is there");
    /// assert_eq!(mode.data()?.to_dword(), Some(4));
    /// # Ok::<(), calhive::Error>(())
    /// ```
    ///
    /// # Errors
    /// The first fault of the value list, where the name is not among the values that can be read.
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

    /// Its class name; `None` where it has none.
    ///
    /// # Errors
    /// Where the cell that should hold it cannot be read.
    pub fn class_name(self) -> Result<Option<Name<'d>>> {
        Ok(self.class_bytes()?.map(|bytes| Name::utf16(bytes.as_slice())))
    }

    /// The bytes of the class name, clipped to their cell.
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

    /// Its security cell; `None` where it has none.
    ///
    /// # Errors
    /// Where the cell cannot be read.
    pub fn security(self) -> Result<Option<Security<'d>>> {
        let at = CellOffset::new(self.record.node.security.get());
        if at.is_nil() {
            return Ok(None);
        }
        let security = Security::parse(self.hive, at);
        security.map(Some).map_err(|error| error.pointed_from(self.place(44)))
    }

    /// Where a symbolic link leads: the value `SymbolicLinkValue`; `None` for any other key.
    ///
    /// # Errors
    /// Where the values cannot be read.
    pub fn link_target(self) -> Result<Option<Value<'d>>> {
        if self.flags().contains(KeyFlags::SYM_LINK) {
            self.value("SymbolicLinkValue")
        } else {
            Ok(None)
        }
    }

    /// The key that it names as its parent; `None` for the root. The tree above it may disagree:
    /// only the lists of subkeys decide what Windows shows.
    ///
    /// # Errors
    /// Where that key cannot be read.
    pub fn parent(self) -> Result<Option<Self>> {
        if self.is_root() {
            return Ok(None);
        }
        let parent = CellOffset::new(self.record.node.parent.get());
        Self::pointed(self.hive, parent, self.place(16)).map(Some)
    }

    /// The keys that the parent offsets lead to, from the parent up to a root. It ends with an error
    /// where they lead nowhere or go on for longer than a tree is deep.
    ///
    /// ```
    /// # let mut tree = hive_forge::tree::Tree::new("ROOT");
    /// # tree.root.at(r"A\B").values.clear();
    /// # let forged = hive_forge::write(&tree, &Default::default());
    /// # let hive = calhive::Hive::parse(&forged.bytes)?;
    /// let key = hive.key(r"A\B")?.expect("it is there");
    /// let names: Result<Vec<_>, _> = key.parent_chain().map(|key| Ok(key?.name())).collect();
    /// assert_eq!(names?, ["A".into(), "ROOT".into()]);
    /// # Ok::<(), calhive::Error>(())
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

    /// The fault of a parent offset that is not the cell of the key whose list it stands in.
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

/// What a key does to the same key of a lower layer (REGF 4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LayerSemantics {
    /// Merged with it.
    Normal,
    /// Hides it: deleted in this layer.
    Tombstone,
    /// Replaces its values, not its subkeys.
    SupersedeLocal,
    /// Replaces it with all below.
    SupersedeTree,
}

/// The fault of a name of a key or value, if it has one.
#[inline]
pub(crate) fn name_fault(
    structure: Structure,
    needed: u64,
    available: u64,
    latin1: bool,
    place: impl Fn() -> FileOffset,
) -> Option<Error> {
    if needed <= available && (latin1 || needed & 1 == 0) {
        return None;
    }
    let kind = if needed > available {
        ErrorKind::Truncated { structure, needed, available }
    } else {
        let expected = needed & !1;
        ErrorKind::Mismatch { structure, field: Field::Size, expected, found: needed }
    };
    Some(Error::new(kind, place()))
}
