// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Attribute`]: a header in a file record, with the content or the clusters of the content.

use std::io;

use crate::field::{bytes_at, invalid, u16_at, u32_at, u64_at};

/// Type of an attribute.
pub(super) mod kind {
    /// Times and flags of a file.
    pub(in crate::ntfs) const STANDARD_INFORMATION: u32 = 0x10;
    /// Attributes that other records hold.
    pub(in crate::ntfs) const ATTRIBUTE_LIST: u32 = 0x20;
    /// A name and the parent.
    pub(in crate::ntfs) const FILE_NAME: u32 = 0x30;
    /// A stream of bytes.
    pub(in crate::ntfs) const DATA: u32 = 0x80;
    /// Names in a folder, as far as they fit the record.
    pub(in crate::ntfs) const INDEX_ROOT: u32 = 0x90;
    /// Further names in a folder.
    pub(in crate::ntfs) const INDEX_ALLOCATION: u32 = 0xA0;
    /// Parts of another attribute that are in use.
    pub(in crate::ntfs) const BITMAP: u32 = 0xB0;
    /// A tag that changes how a file is opened.
    pub(in crate::ntfs) const REPARSE_POINT: u32 = 0xC0;
    /// End of the attributes.
    pub(super) const END: u32 = 0xFFFF_FFFF;
}

/// Shortest header.
const SHORTEST: usize = 24;

/// A header in a file record, with the content or the clusters of the content.
#[derive(Clone, Copy, Debug)]
pub(super) struct Attribute<'r> {
    /// Type, such as [`kind::DATA`].
    pub(super) kind: u32,
    /// Flags: compressed (low byte), encrypted, sparse.
    pub(super) flags: u16,
    /// Name in UTF-16LE. Empty for most attributes.
    pub(super) name: &'r [u8],
    /// The content or its clusters.
    pub(super) body: Body<'r>,
}

/// Content of an attribute or its clusters.
#[derive(Clone, Copy, Debug)]
pub(super) enum Body<'r> {
    /// The content.
    Resident(&'r [u8]),
    /// Clusters of the content, or of a part.
    Extent(Extent<'r>),
}

/// Clusters of a content, or of a part.
#[derive(Clone, Copy, Debug)]
pub(super) struct Extent<'r> {
    /// First cluster, counted from the start of the content.
    pub(super) first: u64,
    /// Number of the cluster after the last one.
    pub(super) end: u64,
    /// Number of clusters in a compression unit, as exponent of two. 0 without compression.
    pub(super) unit: u16,
    /// Size of the content in bytes. Only the first extent has the sizes.
    pub(super) size: u64,
    /// Number of bytes that were written. The rest is zeros.
    pub(super) initialized: u64,
    /// Mapping pairs.
    pub(super) runs: &'r [u8],
}

impl<'r> Attribute<'r> {
    /// Returns the content, if the record holds it.
    pub(super) fn resident(&self) -> Option<&'r [u8]> {
        match self.body {
            Body::Resident(content) => Some(content),
            Body::Extent(_) => None,
        }
    }

    /// Returns the first cluster, counted from the start of the content.
    pub(super) fn first(&self) -> u64 {
        match self.body {
            Body::Resident(_) => 0,
            Body::Extent(extent) => extent.first,
        }
    }

    fn parse(bytes: &'r [u8], kind: u32) -> Option<Self> {
        let name_length = usize::from(*bytes.get(9)?).saturating_mul(2);
        let name_at = usize::from(u16_at(bytes, 10)?);
        let name = match name_length {
            0 => &[],
            _ => bytes.get(name_at..)?.get(..name_length)?,
        };
        let body = match bytes.get(8)? {
            0 => {
                let length = usize::try_from(u32_at(bytes, 16)?).ok()?;
                let at = usize::from(u16_at(bytes, 20)?);
                Body::Resident(bytes.get(at..)?.get(..length)?)
            }
            _ => Body::Extent(Extent {
                first: u64_at(bytes, 16)?,
                // An empty content ends at cluster -1.
                end: u64_at(bytes, 24)?.wrapping_add(1),
                unit: u16_at(bytes, 34)?,
                size: u64_at(bytes, 48)?,
                initialized: u64_at(bytes, 56)?,
                runs: bytes.get(usize::from(u16_at(bytes, 32)?)..)?,
            }),
        };
        Some(Self { kind, flags: u16_at(bytes, 12)?, name, body })
    }
}

/// Attributes of a record, in their order. After an error, the iterator ends.
#[derive(Clone, Debug)]
pub(super) struct Attributes<'r> {
    bytes: &'r [u8],
    at: Option<usize>,
}

impl<'r> Attributes<'r> {
    /// Returns the attributes from `start` on. The bytes end where the record says.
    pub(super) const fn new(bytes: &'r [u8], start: usize) -> Self {
        Self { bytes, at: Some(start) }
    }
}

impl<'r> Iterator for Attributes<'r> {
    type Item = io::Result<Attribute<'r>>;

    fn next(&mut self) -> Option<Self::Item> {
        let at = self.at.take()?;
        let fault = |what: &str| Some(Err(invalid(format!("attribute at {at:#x}: {what}"))));
        let Some(kind) = u32_at(self.bytes, at) else {
            return fault("it goes past the end of the record");
        };
        if kind == kind::END {
            return None;
        }
        let header: Option<[u8; SHORTEST]> = bytes_at(self.bytes, at);
        let length = header.and_then(|header| u32_at(&header, 4));
        let length = length.and_then(|length| usize::try_from(length).ok());
        let Some(length) = length.filter(|length| *length >= SHORTEST) else {
            return fault("its header is cut off or too short");
        };
        let rest = self.bytes.get(at..).unwrap_or_default();
        let Some(attribute) = rest.get(..length).and_then(|bytes| Attribute::parse(bytes, kind))
        else {
            return fault("its length, name or content goes past its end");
        };
        self.at = at.checked_add(length);
        Some(Ok(attribute))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resident(kind: u32, content: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0; 24];
        bytes.extend(content);
        bytes.resize(bytes.len().next_multiple_of(8), 0);
        let length = u32::try_from(bytes.len()).unwrap();
        bytes[..4].copy_from_slice(&kind.to_le_bytes());
        bytes[4..8].copy_from_slice(&length.to_le_bytes());
        bytes[16] = u8::try_from(content.len()).unwrap();
        bytes[20] = 24;
        bytes
    }

    #[test]
    fn attributes_end_at_the_end_mark() {
        let bytes =
            [resident(0x10, b"one"), resident(0x80, b""), vec![0xFF; 4], vec![1; 40]].concat();
        let found: Vec<_> = Attributes::new(&bytes, 0).map(Result::unwrap).collect();
        let contents: Vec<_> = found.iter().map(|it| (it.kind, it.resident().unwrap())).collect();
        assert_eq!(contents, [(0x10, &b"one"[..]), (0x80, b"")]);
    }

    #[test]
    fn damaged_attribute_ends_the_list_with_an_error() {
        for (at, value) in [(4, 8), (4, 0xF0), (5, 0xFF), (16, 30), (20, 30), (9, 90)] {
            let mut bytes = [resident(0x10, b"one"), vec![0xFF; 4]].concat();
            bytes[at] = value;
            let mut attributes = Attributes::new(&bytes, 0);
            assert!(attributes.next().unwrap().is_err(), "{at}");
            assert!(attributes.next().is_none());
        }
        // Without an end mark, the list goes past the end.
        let bytes = resident(0x10, b"one");
        assert!(Attributes::new(&bytes, 0).nth(1).unwrap().is_err());
    }
}
