// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Security`] (`sk`): who owns a key and who may do what with it (REGF 4, [MS-DTYP] 2.4).

use core::fmt;

use zerocopy::little_endian::U32;

use crate::bytes::{Bytes, CellOffset, FileOffset};
use crate::error::{Error, ErrorKind, Result, Structure};
use crate::hive::Hive;
use crate::hive::cell::wrong_signature;
use crate::raw;

/// `sk`: a security cell, shared by all keys with the same descriptor.
#[derive(Clone, Copy, Debug)]
pub struct Security<'d> {
    security: &'d raw::Security,
    offset: CellOffset,
    data: Bytes<'d>,
}

impl<'d> Security<'d> {
    pub(crate) fn parse(hive: Hive<'d>, at: CellOffset) -> Result<Self> {
        let cell = hive.allocated(at, Structure::Security)?;
        let security: &raw::Security = cell.data().record(Structure::Security)?;
        if security.signature != *b"sk" {
            return Err(wrong_signature(cell.data(), Structure::Security));
        }
        Ok(Self { security, offset: at, data: cell.data() })
    }

    /// Where its cell begins in the file.
    pub const fn offset(self) -> FileOffset {
        self.offset.file_offset()
    }

    /// Where its cell begins, relative to the first bin.
    pub const fn cell_offset(self) -> CellOffset {
        self.offset
    }

    /// The fields as they lie on disk.
    pub const fn raw(self) -> &'d raw::Security {
        self.security
    }

    /// The security descriptor.
    ///
    /// ```
    /// # let forged = hive_forge::write(&hive_forge::tree::Tree::new("ROOT"), &Default::default());
    /// let hive = calhive::Hive::parse(&forged.bytes)?;
    /// let security = hive.root()?.security()?.expect("every key has one");
    /// let descriptor = security.descriptor()?;
    /// for entry in descriptor.dacl()?.expect("it has one").entries() {
    ///     println!("{:?}", entry?);
    /// }
    /// # Ok::<(), calhive::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Truncated`] where the cell holds less than the descriptor.
    pub fn descriptor(self) -> Result<SecurityDescriptor<'d>> {
        let size = self.security.descriptor_size.get() as usize;
        let header = size_of::<raw::Security>();
        SecurityDescriptor::parse(self.data.slice(header, size, Structure::SecurityDescriptor)?)
    }
}

/// A self-relative `SECURITY_DESCRIPTOR` ([MS-DTYP] 2.4.6).
#[derive(Clone, Copy, Debug)]
pub struct SecurityDescriptor<'d> {
    header: &'d raw::SecurityDescriptor,
    bytes: Bytes<'d>,
}

impl<'d> SecurityDescriptor<'d> {
    fn parse(bytes: Bytes<'d>) -> Result<Self> {
        Ok(Self { header: bytes.record(Structure::SecurityDescriptor)?, bytes })
    }

    /// All its bytes.
    pub const fn bytes(self) -> Bytes<'d> {
        self.bytes
    }

    /// Its control flags, raw.
    pub const fn control(self) -> u16 {
        self.header.control.get()
    }

    /// The owner; `None` where none is given.
    ///
    /// # Errors
    /// Where the SID lies outside the descriptor.
    pub fn owner(self) -> Result<Option<Sid<'d>>> {
        self.sid(self.header.owner)
    }

    /// The primary group; `None` where none is given.
    ///
    /// # Errors
    /// Where the SID lies outside the descriptor.
    pub fn group(self) -> Result<Option<Sid<'d>>> {
        self.sid(self.header.group)
    }

    /// The discretionary ACL, which grants and denies access; `None` where there is none.
    ///
    /// # Errors
    /// Where the ACL lies outside the descriptor.
    pub fn dacl(self) -> Result<Option<Acl<'d>>> {
        self.acl(self.header.dacl)
    }

    /// The system ACL, which audits access; `None` where there is none.
    ///
    /// # Errors
    /// Where the ACL lies outside the descriptor.
    pub fn sacl(self) -> Result<Option<Acl<'d>>> {
        self.acl(self.header.sacl)
    }

    fn sid(self, at: U32) -> Result<Option<Sid<'d>>> {
        self.part(at).map(Sid::parse).transpose()
    }

    fn acl(self, at: U32) -> Result<Option<Acl<'d>>> {
        self.part(at).map(Acl::parse).transpose()
    }

    fn part(self, at: U32) -> Option<Bytes<'d>> {
        let at = at.get() as usize;
        // What is cut begins at the end of the descriptor, not beyond the file.
        (at != 0).then(|| self.bytes.clip(at.min(self.bytes.len()), self.bytes.len()))
    }
}

/// A security identifier ([MS-DTYP] 2.4.2), shown as `S-1-5-18`.
#[derive(Clone, Copy)]
pub struct Sid<'d> {
    header: &'d raw::SidHeader,
    sub_authorities: &'d [U32],
}

impl<'d> Sid<'d> {
    fn parse(bytes: Bytes<'d>) -> Result<Self> {
        let header: &raw::SidHeader = bytes.record(Structure::SecurityDescriptor)?;
        let count = usize::from(header.sub_authority_count);
        let body = size_of::<raw::SidHeader>();
        let structure = Structure::SecurityDescriptor;
        let sub_authorities = bytes.slice(body, count.saturating_mul(4), structure)?;
        Ok(Self { header, sub_authorities: sub_authorities.array(0, count) })
    }
}

impl fmt::Display for Sid<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, e, g] = self.header.authority;
        let authority = u64::from_be_bytes([0, 0, a, b, c, d, e, g]);
        write!(f, "S-{}-{authority}", self.header.revision)?;
        self.sub_authorities.iter().try_for_each(|part| write!(f, "-{}", part.get()))
    }
}

impl fmt::Debug for Sid<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// An access control list ([MS-DTYP] 2.4.5).
#[derive(Clone, Copy, Debug)]
pub struct Acl<'d> {
    header: &'d raw::AclHeader,
    entries: Bytes<'d>,
}

impl<'d> Acl<'d> {
    fn parse(bytes: Bytes<'d>) -> Result<Self> {
        let header: &raw::AclHeader = bytes.record(Structure::SecurityDescriptor)?;
        let all = bytes.slice(0, usize::from(header.size.get()), Structure::SecurityDescriptor)?;
        Ok(Self { header, entries: all.clip(size_of::<raw::AclHeader>(), all.len()) })
    }

    /// The number of entries that the header claims.
    pub const fn count(self) -> u16 {
        self.header.count.get()
    }

    /// Its entries. The first that cannot be read is the last.
    pub fn entries(self) -> impl Iterator<Item = Result<Ace<'d>>> {
        let mut rest = Some(self.entries);
        (0..self.count()).map_while(move |_| {
            let bytes = rest.take()?;
            let entry = Ace::parse(bytes);
            if let Ok(entry) = &entry {
                rest = Some(bytes.clip(entry.bytes.len(), bytes.len()));
            }
            Some(entry)
        })
    }
}

/// An access control entry ([MS-DTYP] 2.4.4).
#[derive(Clone, Copy)]
pub struct Ace<'d> {
    header: &'d raw::AceHeader,
    bytes: Bytes<'d>,
}

/// ACE types that hold an access mask and then a SID: allowed, denied, audit, alarm, and mandatory
/// label ([MS-DTYP] 2.4.4.1).
const SIMPLE_TYPES: [u8; 5] = [0x00, 0x01, 0x02, 0x03, 0x11];

impl<'d> Ace<'d> {
    fn parse(bytes: Bytes<'d>) -> Result<Self> {
        let structure = Structure::SecurityDescriptor;
        let header: &raw::AceHeader = bytes.record(structure)?;
        let size = usize::from(header.size.get());
        if size < size_of::<raw::AceHeader>() {
            let needed = size_of::<raw::AceHeader>() as u64;
            let kind = ErrorKind::Truncated { structure, needed, available: size as u64 };
            return Err(Error::new(kind, bytes.offset()));
        }
        Ok(Self { header, bytes: bytes.slice(0, size, structure)? })
    }

    /// Its type: 0 allowed, 1 denied, 2 audit.
    pub const fn ace_type(self) -> u8 {
        self.header.ace_type
    }

    /// Its flags: inheritance and auditing.
    pub const fn flags(self) -> u8 {
        self.header.flags
    }

    /// All its bytes.
    pub const fn bytes(self) -> Bytes<'d> {
        self.bytes
    }

    /// The access mask; `None` where the entry is too short for one.
    pub fn mask(self) -> Option<u32> {
        self.bytes.array::<U32>(4, 1).first().map(|mask| mask.get())
    }

    /// Whom it is about; `None` for types that hold more than a mask and a SID, and where the SID
    /// is cut.
    pub fn sid(self) -> Option<Sid<'d>> {
        if !SIMPLE_TYPES.contains(&self.ace_type()) {
            return None;
        }
        Sid::parse(self.bytes.clip(8, self.bytes.len())).ok()
    }
}

impl fmt::Debug for Ace<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ace")
            .field("type", &self.ace_type())
            .field("flags", &self.flags())
            .field("mask", &self.mask())
            .field("sid", &self.sid())
            .finish()
    }
}
