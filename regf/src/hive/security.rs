// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Security`] (`sk`): owner and access rights of keys ([regf.md](crate::format#security),
//! [MS-DTYP] 2.4).

use core::fmt;

use zerocopy::little_endian::U32;

use crate::bytes::Bytes;
use crate::error::{Error, ErrorKind, Result, Structure};
use crate::hive::Hive;
use crate::hive::cell::wrong_signature;
use crate::meter::count;
use crate::offset::{CellOffset, FileOffset};
use crate::raw;

/// `sk`: a security cell, which all keys with the same descriptor share.
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

    /// Returns the offset of the cell in the file.
    pub const fn offset(self) -> FileOffset {
        self.offset.file_offset()
    }

    /// Returns the offset of the cell from the first bin.
    pub const fn cell_offset(self) -> CellOffset {
        self.offset
    }

    /// Returns the fields as stored on disk.
    pub const fn raw(self) -> &'d raw::Security {
        self.security
    }

    /// Returns the security descriptor.
    ///
    /// ```
    /// # let forged = hive_forge::write(&hive_forge::tree::Tree::new("ROOT"), &Default::default());
    /// let hive = calhive_regf::Hive::parse(&forged.bytes)?;
    /// let security = hive.root()?.security()?.expect("every key has one");
    /// let descriptor = security.descriptor()?;
    /// for entry in descriptor.dacl()?.expect("it has one").entries() {
    ///     println!("{:?}", entry?);
    /// }
    /// # Ok::<(), calhive_regf::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Truncated`] if the cell is shorter than the descriptor.
    pub fn descriptor(self) -> Result<SecurityDescriptor<'d>> {
        let size = self.security.descriptor_size.get() as usize;
        let header = size_of::<raw::Security>();
        SecurityDescriptor::parse(self.data.slice(header, size, Structure::SecurityDescriptor)?)
    }
}

/// Self-relative `SECURITY_DESCRIPTOR` ([MS-DTYP] 2.4.6).
#[derive(Clone, Copy, Debug)]
pub struct SecurityDescriptor<'d> {
    header: &'d raw::SecurityDescriptor,
    bytes: Bytes<'d>,
}

impl<'d> SecurityDescriptor<'d> {
    fn parse(bytes: Bytes<'d>) -> Result<Self> {
        Ok(Self { header: bytes.record(Structure::SecurityDescriptor)?, bytes })
    }

    /// Returns all bytes of the descriptor.
    pub const fn bytes(self) -> Bytes<'d> {
        self.bytes
    }

    /// Returns the raw control flags.
    pub const fn control(self) -> u16 {
        self.header.control.get()
    }

    /// Returns the owner, or `None` if the descriptor has no owner.
    ///
    /// # Errors
    /// If the SID is outside the descriptor.
    pub fn owner(self) -> Result<Option<Sid<'d>>> {
        self.sid(self.header.owner)
    }

    /// Returns the primary group, or `None` if the descriptor has no group.
    ///
    /// # Errors
    /// If the SID is outside the descriptor.
    pub fn group(self) -> Result<Option<Sid<'d>>> {
        self.sid(self.header.group)
    }

    /// Returns the discretionary ACL, which grants and denies access. `None` if the descriptor has
    /// no such ACL.
    ///
    /// # Errors
    /// If the ACL is outside the descriptor.
    pub fn dacl(self) -> Result<Option<Acl<'d>>> {
        self.acl(self.header.dacl)
    }

    /// Returns the system ACL, which audits access. `None` if the descriptor has no such ACL.
    ///
    /// # Errors
    /// If the ACL is outside the descriptor.
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
        // If the offset is beyond the descriptor, the part is empty and begins at the end of the
        // descriptor. The offset in an error is then inside the file.
        (at != 0).then(|| self.bytes.clip(at.min(self.bytes.len()), self.bytes.len()))
    }
}

/// Security identifier ([MS-DTYP] 2.4.2), displayed as `S-1-5-18`.
#[derive(Clone, Copy)]
pub struct Sid<'d> {
    header: &'d raw::SidHeader,
    sub_authorities: &'d [U32],
}

impl<'d> Sid<'d> {
    fn parse(bytes: Bytes<'d>) -> Result<Self> {
        let header: &raw::SidHeader = bytes.record(Structure::SecurityDescriptor)?;
        let length = usize::from(header.sub_authority_count);
        let body = size_of::<raw::SidHeader>();
        let structure = Structure::SecurityDescriptor;
        let sub_authorities = bytes.slice(body, length.saturating_mul(4), structure)?;
        Ok(Self { header, sub_authorities: sub_authorities.array(0, length) })
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

/// Access control list ([MS-DTYP] 2.4.5).
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

    /// Returns the number of entries in the header.
    pub const fn count(self) -> u16 {
        self.header.count.get()
    }

    /// Returns the entries. The first unreadable entry is the last item.
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

/// Access control entry ([MS-DTYP] 2.4.4).
#[derive(Clone, Copy)]
pub struct Ace<'d> {
    header: &'d raw::AceHeader,
    bytes: Bytes<'d>,
}

/// ACE types with an access mask and a SID only: allowed, denied, audit, alarm, and mandatory label
/// ([MS-DTYP] 2.4.4.1).
const SIMPLE_TYPES: [u8; 5] = [0x00, 0x01, 0x02, 0x03, 0x11];

impl<'d> Ace<'d> {
    fn parse(bytes: Bytes<'d>) -> Result<Self> {
        count(1);
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

    /// Returns the type: 0 allowed, 1 denied, 2 audit.
    pub const fn ace_type(self) -> u8 {
        self.header.ace_type
    }

    /// Returns the flags of inheritance and auditing.
    pub const fn flags(self) -> u8 {
        self.header.flags
    }

    /// Returns all bytes of the entry.
    pub const fn bytes(self) -> Bytes<'d> {
        self.bytes
    }

    /// Returns the access mask, or `None` if the entry is too short.
    pub fn mask(self) -> Option<u32> {
        self.bytes.array::<U32>(4, 1).first().map(|mask| mask.get())
    }

    /// Returns the SID of the user or group. `None` for types with more than a mask and a SID, and
    /// for a truncated SID.
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
