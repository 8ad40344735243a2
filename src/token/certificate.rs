// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Certificate`]: one certificate of a token. In a damaged certificate, calhive reads all
//! readable parts.

use alloc::string::String;
use alloc::vec::Vec;
use core::ops::Range;

use calhive_regf::time::FileTime;
use sha2::{Digest as _, Sha256};

use crate::meaning::Reading;
use crate::meaning::text;
use crate::token::ber::{
    self, BIT_STRING, Element, Elements, INTEGER, OBJECT_IDENTIFIER, SEQUENCE,
};
use crate::token::binding::HostBinding;
use crate::token::embedded_hardware_id::EmbeddedHardwareId;
use crate::token::extension::Extension;
use crate::token::fault::{TokenFault, TokenFaultKind};
use crate::token::fault_log::FaultLog;
use crate::token::key::PublicKey;
use crate::token::license_extensions::LicenseExtensions;
use crate::token::name::DistinguishedName;
use crate::token::structure::TokenStructure;
use crate::token::time;

/// A certificate of a token or of a session host. A missing or unreadable part is `None` or empty.
/// See [licensing.md](crate::licensing#x509-quirks).
#[derive(Clone, Debug)]
pub struct Certificate {
    /// Offset of the certificate, in bytes from the start of the token.
    pub offset: usize,
    /// Bytes of the certificate as stored.
    pub raw: Vec<u8>,
    /// How completely calhive read the certificate.
    pub reading: Reading,
    /// Unreadable parts, and departures from DER and RFC 5280.
    pub faults: Vec<TokenFault>,
    /// Version; 3 for certificates with extensions.
    pub version: Option<u32>,
    /// Serial number, the bytes of its INTEGER.
    pub serial: Vec<u8>,
    /// Issuer of the certificate.
    pub issuer: DistinguishedName,
    /// Subject of the certificate.
    pub subject: DistinguishedName,
    /// First moment of the validity, by the issuer's clock.
    pub not_before: Option<FileTime>,
    /// Last moment of the validity.
    pub not_after: Option<FileTime>,
    /// Public key. In the leaf of a token, this is the key of the license server.
    pub key: Option<PublicKey>,
    /// All extensions, in their order on disk.
    pub extensions: Vec<Extension>,
    /// Decoded contents of Microsoft's extensions.
    pub license: LicenseExtensions,
    /// Algorithm of the signature, an object identifier.
    pub signature_algorithm: Option<String>,
    /// Signature.
    pub signature: Vec<u8>,
    /// Range of the signed bytes in `raw`.
    pub(crate) signed: Option<Range<usize>>,
    /// Whether bytes are missing at the end.
    pub(crate) is_truncated: bool,
}

impl Certificate {
    /// Number of extensions that calhive reads.
    const MOST_EXTENSIONS: usize = 64;
    /// Number of faults that calhive keeps.
    const MOST_FAULTS: usize = 100;
    /// Bytes of a serial number (RFC 5280 4.1.2.2).
    const MOST_SERIAL: usize = 20;

    /// Parses a certificate at this offset of a token.
    pub(crate) fn parse(raw: &[u8], offset: usize) -> Self {
        let mut certificate = Self::unread(raw, offset);
        let mut log = FaultLog::default();
        let is_complete = certificate.read(raw, &mut log).is_some() && !log.is_truncated();
        certificate.reading = if is_complete { Reading::Strict } else { Reading::Salvaged };
        certificate.add_faults(log.into_faults());
        certificate
    }

    /// Adds faults. The first fault lowers the reading from strict to lenient.
    pub(crate) fn add_faults(&mut self, faults: Vec<TokenFault>) {
        self.faults.extend(faults);
        self.faults.truncate(Self::MOST_FAULTS);
        if self.reading == Reading::Strict && !self.faults.is_empty() {
            self.reading = Reading::Lenient;
        }
    }

    /// Shifts all offsets by the number of bytes before the token.
    pub(crate) fn shift_offsets(&mut self, by: usize) {
        self.offset = self.offset.saturating_add(by);
        self.faults.iter_mut().for_each(|fault| fault.shift_offset(by));
        for extension in &mut self.extensions {
            extension.offset = extension.offset.saturating_add(by);
        }
    }

    /// Returns the SHA-256 of the bytes, in hex.
    pub fn sha256(&self) -> String {
        text::hex(&Sha256::digest(&self.raw))
    }

    /// Returns the masked hardware ID in the subject (inferred). Returns `None` unless the subject
    /// has a serial number that is the base64 form of 20 bytes.
    pub fn embedded_hardware_id(&self) -> Option<EmbeddedHardwareId> {
        EmbeddedHardwareId::parse(self.subject.plain_serial_number()?)
    }

    /// Returns the RPC binding in the subject of a session host's certificate. Returns `None` if the subject has
    /// another form.
    pub fn binding(&self) -> Option<HostBinding> {
        HostBinding::of_subject(&self.subject)
    }

    /// Whether the certificate marks itself as one of an authority (basicConstraints, RFC 5280 4.2.1.9).
    pub(crate) fn is_authority(&self) -> bool {
        const BASIC_CONSTRAINTS: &str = "2.5.29.19";
        const TRUE: [u8; 3] = [0x01, 0x01, 0xFF];
        let mut own = self.extensions.iter().filter(|it| it.oid == BASIC_CONSTRAINTS);
        own.any(|it| {
            let list = Elements::new(&it.content, 0).tagged(SEQUENCE).and_then(Result::ok);
            list.is_some_and(|list| list.content.starts_with(&TRUE))
        })
    }

    fn unread(raw: &[u8], offset: usize) -> Self {
        Self {
            offset,
            raw: raw.to_vec(),
            reading: Reading::Salvaged,
            faults: Vec::new(),
            version: None,
            serial: Vec::new(),
            issuer: DistinguishedName::default(),
            subject: DistinguishedName::default(),
            not_before: None,
            not_after: None,
            key: None,
            extensions: Vec::new(),
            license: LicenseExtensions::default(),
            signature_algorithm: None,
            signature: Vec::new(),
            signed: None,
            is_truncated: false,
        }
    }

    /// Reads all readable parts; `None` if a mandatory part is missing.
    fn read(&mut self, raw: &[u8], log: &mut FaultLog) -> Option<()> {
        let mut all = Elements::new(raw, self.offset);
        let outer = log.required(&mut all, SEQUENCE, TokenStructure::Certificate)?;
        self.is_truncated = outer.missing > 0;
        if !all.rest.is_empty() {
            let (structure, count) = (TokenStructure::Certificate, all.rest.len());
            log.add(TokenFaultKind::TrailingBytes { structure, count }, all.offset);
        }
        let mut inside = outer.elements();
        let tbs = log.required(&mut inside, SEQUENCE, TokenStructure::SignedPart);
        let is_complete = tbs.and_then(|tbs| {
            self.signed = self.range(&tbs);
            self.read_signed(&tbs, log)
        });
        let algorithm = log.required(&mut inside, SEQUENCE, TokenStructure::SignatureAlgorithm)?;
        let oid = algorithm.elements().tagged(OBJECT_IDENTIFIER)?.ok()?;
        self.signature_algorithm = Some(ber::oid(oid.content));
        let signature = log.required(&mut inside, BIT_STRING, TokenStructure::Signature)?;
        self.signature = signature.content.strip_prefix(&[0])?.to_vec();
        if let Some(found) = inside.peek() {
            let structure = TokenStructure::Certificate;
            log.add(TokenFaultKind::UnexpectedElement { structure, found }, inside.offset);
        }
        is_complete
    }

    /// Reads the signed part; `None` if a mandatory part is missing. If a time or the key is
    /// missing, calhive reads the other parts.
    fn read_signed(&mut self, tbs: &Element<'_>, log: &mut FaultLog) -> Option<()> {
        const VERSION: u8 = 0xA0;
        const UNIQUE_IDS: [u8; 4] = [0x81, 0xA1, 0x82, 0xA2];
        const EXTENSIONS: u8 = 0xA3;
        let mut inside = tbs.elements();
        self.version = Some(1);
        if inside.peek() == Some(VERSION) {
            let version = log.next_part(&mut inside, TokenStructure::Version)?;
            let number = version.elements().tagged(INTEGER)?.ok()?;
            self.version = number.content.first().map(|it| u32::from(*it).saturating_add(1));
        }
        let serial = log.required(&mut inside, INTEGER, TokenStructure::SerialNumber)?;
        self.serial = serial.content.to_vec();
        if let Some(fault) = serial_fault(&self.serial) {
            log.add(fault, serial.offset);
        }
        log.required(&mut inside, SEQUENCE, TokenStructure::SignatureAlgorithm)?;
        let issuer = log.required(&mut inside, SEQUENCE, TokenStructure::Issuer)?;
        self.issuer = DistinguishedName::parse(&issuer, log);
        let validity = log.required(&mut inside, SEQUENCE, TokenStructure::Validity)?;
        let times = self.read_validity(&validity, log);
        let subject = log.required(&mut inside, SEQUENCE, TokenStructure::Subject)?;
        self.subject = DistinguishedName::parse(&subject, log);
        let key = log.required(&mut inside, SEQUENCE, TokenStructure::PublicKey)?;
        self.key = PublicKey::parse(&key);
        if self.key.is_none() {
            let structure = TokenStructure::PublicKey;
            log.add(TokenFaultKind::Undecodable { structure }, key.offset);
        }
        while inside.peek().is_some_and(|tag| UNIQUE_IDS.contains(&tag)) {
            log.next_part(&mut inside, TokenStructure::UniqueIdentifier)?;
        }
        if inside.peek() == Some(EXTENSIONS) {
            let extensions = log.next_part(&mut inside, TokenStructure::ExtensionList)?;
            self.read_extensions(&extensions, log)?;
        }
        if let Some(found) = inside.peek() {
            let structure = TokenStructure::SignedPart;
            log.add(TokenFaultKind::UnexpectedElement { structure, found }, inside.offset);
            return None;
        }
        times.and(self.key.as_ref().map(|_| ()))
    }

    fn read_validity(&mut self, validity: &Element<'_>, log: &mut FaultLog) -> Option<()> {
        let mut times = validity.elements();
        for time in [&mut self.not_before, &mut self.not_after] {
            let element = log.next_part(&mut times, TokenStructure::Time)?;
            *time = time::parse(&element, log);
            if time.is_none() {
                log.add(TokenFaultKind::InvalidTime { tag: element.tag }, element.offset);
            }
        }
        self.not_before.and(self.not_after).map(|_| ())
    }

    fn read_extensions(&mut self, extensions: &Element<'_>, log: &mut FaultLog) -> Option<()> {
        let structure = TokenStructure::ExtensionList;
        let mut inside = extensions.elements();
        if inside.peek() != Some(SEQUENCE) {
            let found = inside.peek();
            log.add(TokenFaultKind::Missing { structure, found }, extensions.offset);
            return None;
        }
        let list = log.next_part(&mut inside, structure)?;
        let mut elements = list.elements();
        while !elements.rest.is_empty() {
            if self.extensions.len() == Self::MOST_EXTENSIONS {
                let most = Self::MOST_EXTENSIONS;
                log.add(TokenFaultKind::TooMany { structure, most }, list.offset);
                return None;
            }
            let element = log.next_part(&mut elements, TokenStructure::Extension)?;
            let extension = Extension::parse(&element, log)?;
            let oid = &extension.oid;
            if self.extensions.iter().any(|other| other.oid == *oid) {
                let oid = oid.clone();
                log.add(TokenFaultKind::DuplicateExtension { oid }, element.offset);
            } else if let Err(fault) = self.license.add(oid, &extension.content) {
                log.add(fault, extension.offset);
            }
            self.extensions.push(extension);
        }
        Some(())
    }

    /// Returns the range of an element in this certificate.
    fn range(&self, element: &Element<'_>) -> Option<Range<usize>> {
        let start = element.offset.checked_sub(self.offset)?;
        Some(start..start.checked_add(element.whole.len())?)
    }
}

/// Returns how a serial number departs from DER or RFC 5280.
const fn serial_fault(serial: &[u8]) -> Option<TokenFaultKind> {
    let structure = TokenStructure::SerialNumber;
    let (found, most) = (serial.len(), Certificate::MOST_SERIAL);
    Some(match serial {
        [] => TokenFaultKind::Empty { structure },
        [byte @ 0, next, ..] if *next < 0x80 => {
            TokenFaultKind::PaddedInteger { structure, byte: *byte }
        }
        [byte @ 0xFF, next, ..] if *next >= 0x80 => {
            TokenFaultKind::PaddedInteger { structure, byte: *byte }
        }
        [first, ..] if *first >= 0x80 => TokenFaultKind::NegativeInteger { structure },
        [0] => TokenFaultKind::ZeroInteger { structure },
        _ if found > most => TokenFaultKind::TooLong { structure, found, most },
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn departures_of_serial_numbers_are_faults() {
        let structure = TokenStructure::SerialNumber;
        for (serial, fault) in [
            (&[][..], TokenFaultKind::Empty { structure }),
            (&[0, 0x7F], TokenFaultKind::PaddedInteger { structure, byte: 0 }),
            (&[0xFF, 0x80], TokenFaultKind::PaddedInteger { structure, byte: 0xFF }),
            (&[0x80], TokenFaultKind::NegativeInteger { structure }),
            (&[0], TokenFaultKind::ZeroInteger { structure }),
            (&[1; 21], TokenFaultKind::TooLong { structure, found: 21, most: 20 }),
        ] {
            assert_eq!(serial_fault(serial), Some(fault), "{serial:?}");
        }
        for serial in [&[1][..], &[0, 0x80], &[1; 20]] {
            assert_eq!(serial_fault(serial), None, "{serial:?}");
        }
    }

    #[test]
    fn bytes_without_a_certificate_are_salvaged_with_a_fault_at_their_offset() {
        let certificate = Certificate::parse(&[2, 1, 5], 7);
        let structure = TokenStructure::Certificate;
        let kind = TokenFaultKind::Missing { structure, found: Some(2) };
        assert_eq!(certificate.reading, Reading::Salvaged);
        assert_eq!(certificate.faults, [TokenFault::new(kind, 7)]);
    }
}
