// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Extended`]: what extended headers say of the next entry of a tar archive.

use ::tar::{EntryType, PaxExtensions};

use crate::containment::contained;

/// Type of the extended header of Solaris, which has the form of pax.
const SOLARIS: u8 = b'X';

/// Fields of the next entry out of extended headers.
#[derive(Debug, Default)]
pub(super) struct Extended {
    /// Name of the entry.
    pub(super) name: Option<Vec<u8>>,
    /// Name of the entry that a hard link names.
    pub(super) link: Option<Vec<u8>>,
    /// Size of the entry in bytes.
    pub(super) size: Option<u64>,
    /// Whether the data are those of a sparse file.
    pub(super) is_sparse: bool,
}

/// Whether an entry describes the next one, or all later ones.
pub(super) fn is_extension(kind: EntryType) -> bool {
    let is_pax = matches!(kind, EntryType::XHeader | EntryType::XGlobalHeader);
    is_pax || is_long(kind) || kind.as_byte() == SOLARIS
}

/// Whether an entry is the long name of the next one, or of its target.
pub(super) fn is_long(kind: EntryType) -> bool {
    matches!(kind, EntryType::GNULongName | EntryType::GNULongLink)
}

impl Extended {
    /// Takes the fields of an extended header. Returns what cannot be used.
    pub(super) fn add(&mut self, kind: EntryType, mut record: Vec<u8>) -> Option<&'static str> {
        if is_long(kind) {
            let end = record.iter().position(|byte| *byte == 0);
            record.truncate(end.unwrap_or(record.len()));
            let field = match kind {
                EntryType::GNULongName => &mut self.name,
                _ => &mut self.link,
            };
            *field = Some(record);
            return None;
        }
        if kind == EntryType::XGlobalHeader {
            let mut of_all = Self::default();
            let fault = of_all.add_pax(&record);
            let says_something = of_all.name.is_some()
                || of_all.link.is_some()
                || of_all.size.is_some()
                || of_all.is_sparse;
            return fault.or(says_something.then_some("a name or size for all later entries"));
        }
        self.add_pax(&record)
    }

    fn add_pax(&mut self, record: &[u8]) -> Option<&'static str> {
        let mut fields = PaxExtensions::new(record);
        while let Some(field) = contained(|| Ok(fields.next())).transpose() {
            let Ok(Ok(field)) = field else { return Some("a record without the form of pax") };
            let value = field.value_bytes();
            match field.key_bytes() {
                b"path" if !self.is_sparse => self.name = Some(value.into()),
                b"linkpath" => self.link = Some(value.into()),
                b"size" => {
                    self.size = core::str::from_utf8(value).ok().and_then(|size| size.parse().ok());
                    if self.size.is_none() {
                        return Some("a size that is no number");
                    }
                }
                b"GNU.sparse.name" => {
                    self.name = Some(value.into());
                    self.is_sparse = true;
                }
                key if key.starts_with(b"GNU.sparse.") => self.is_sparse = true,
                _ => {}
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(kind: u8, record: &[u8]) -> (Extended, Option<&'static str>) {
        let mut extended = Extended::default();
        let fault = extended.add(EntryType::new(kind), record.into());
        (extended, fault)
    }

    #[test]
    fn fields_of_every_extended_header_are_read() {
        let pax = b"12 path=a/b\n14 linkpath=c\n11 size=42\n";
        for kind in [b'x', b'X'] {
            let (extended, fault) = of(kind, pax);
            assert_eq!(fault, None);
            assert_eq!(extended.name.as_deref(), Some(&b"a/b"[..]));
            assert_eq!((extended.link.as_deref(), extended.size), (Some(&b"c"[..]), Some(42)));
        }
        assert_eq!(of(b'L', b"name\0rest").0.name.as_deref(), Some(&b"name"[..]));
        assert_eq!(of(b'K', b"link\0").0.link.as_deref(), Some(&b"link"[..]));
    }

    #[test]
    fn record_that_cannot_be_used_is_named() {
        assert_eq!(of(b'x', b"99 path=a\n").1, Some("a record without the form of pax"));
        assert_eq!(of(b'x', b"10 size=x\n").1, Some("a size that is no number"));
        assert_eq!(of(b'g', b"11 size=42\n").1, Some("a name or size for all later entries"));
        assert_eq!(of(b'g', b"13 comment=a\n").1, None);
    }
}
