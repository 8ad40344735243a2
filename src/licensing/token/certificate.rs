// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Certificate`]: one certificate of a token, read whole where it can be, and as far as it can be
//! where it cannot.

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::ops::Range;

use sha2::{Digest as _, Sha256};

use crate::licensing::report::Reading;
use crate::licensing::text;
use crate::licensing::token::ber::{
    self, BIT_STRING, BOOLEAN, Element, Elements, INTEGER, OBJECT_IDENTIFIER, OCTET_STRING,
    SEQUENCE,
};
use crate::licensing::token::{
    DistinguishedName, EmbeddedHardwareId, LicenseExtensions, PublicKey, TokenFault, library, time,
};
use crate::time::FileTime;

/// A certificate of a token or of a session host. What could not be read is `None` or empty.
#[derive(Clone, Debug)]
pub struct Certificate {
    /// Where it begins, in bytes from the start of the token.
    pub offset: usize,
    /// Its bytes as they lie.
    pub raw: Vec<u8>,
    /// How it was read.
    pub reading: Reading,
    /// What of it is not as DER and RFC 5280 ask, or could not be read.
    pub faults: Vec<TokenFault>,
    /// Version: 3 for those with extensions.
    pub version: Option<u32>,
    /// Serial number, the bytes of its INTEGER.
    pub serial: Vec<u8>,
    /// Who issued it.
    pub issuer: DistinguishedName,
    /// Whom it is about.
    pub subject: DistinguishedName,
    /// The first moment of its validity, by the clock of its issuer.
    pub not_before: Option<FileTime>,
    /// The last moment of its validity.
    pub not_after: Option<FileTime>,
    /// The key of its subject. That of a token's leaf is the licence server's own.
    pub key: Option<PublicKey>,
    /// All its extensions, in order.
    pub extensions: Vec<Extension>,
    /// What Microsoft's extensions say.
    pub license: LicenseExtensions,
    /// The algorithm that it is signed with, an object identifier.
    pub signature_algorithm: Option<String>,
    /// Its signature.
    pub signature: Vec<u8>,
    /// Which of its bytes are signed.
    pub(crate) signed: Option<Range<usize>>,
    /// Whether bytes are missing at its end.
    pub(crate) is_cut: bool,
    /// Whether a part of it lacks bytes.
    is_lost: bool,
}

/// An extension.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extension {
    /// Its object identifier.
    pub oid: String,
    /// Whether it is marked critical.
    pub is_critical: bool,
    /// Its bytes, as they lie.
    pub content: Vec<u8>,
    /// Where those begin, in bytes from the start of the token.
    pub offset: usize,
}

impl Certificate {
    /// As many extensions are read.
    const MOST_EXTENSIONS: usize = 64;
    /// As many faults are kept.
    const MOST_FAULTS: usize = 100;

    /// Reads a certificate that stands at `offset` of a token.
    pub(crate) fn read(raw: &[u8], offset: usize) -> Self {
        let mut certificate = Self {
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
            is_cut: false,
            is_lost: false,
        };
        let is_whole = certificate.fill(raw).is_some() && !certificate.is_lost;
        if is_whole {
            certificate.faults.extend(library::differences(&certificate));
        }
        certificate.faults.truncate(Self::MOST_FAULTS);
        certificate.reading = match (is_whole, certificate.faults.is_empty()) {
            (false, _) => Reading::Salvaged,
            (true, true) => Reading::Strict,
            (true, false) => Reading::Lenient,
        };
        certificate
    }

    /// The SHA-256 of its bytes, in hex.
    pub fn sha256(&self) -> String {
        text::hex(&Sha256::digest(&self.raw))
    }

    /// The hardware id that its subject carries under a mask (inferred); `None` where its
    /// subject has no serial number of 20 bytes in base64.
    pub fn embedded_hardware_id(&self) -> Option<EmbeddedHardwareId> {
        EmbeddedHardwareId::decode(self.subject.plain_serial_number()?)
    }

    /// Reads what there is; `None` where a part that every certificate has is missing.
    fn fill(&mut self, raw: &[u8]) -> Option<()> {
        let mut all = Elements::new(raw, self.offset);
        let outer = self.element(all.tagged(SEQUENCE), "certificate", self.offset)?;
        self.is_cut = outer.missing > 0;
        if !all.rest.is_empty() {
            self.tell("certificate", "is followed by bytes that are none of it", all.at);
        }
        let mut inside = outer.elements();
        let tbs = self.element(inside.tagged(SEQUENCE), "signed part", inside.at);
        let is_whole = tbs.and_then(|tbs| {
            self.signed = self.range(&tbs);
            self.fill_signed(&tbs)
        });
        let algorithm = self.element(inside.tagged(SEQUENCE), "signature algorithm", inside.at)?;
        let oid = algorithm.elements().tagged(OBJECT_IDENTIFIER)?.ok()?;
        self.signature_algorithm = Some(ber::oid(oid.content));
        let signature = self.element(inside.tagged(BIT_STRING), "signature", inside.at)?;
        self.signature = signature.content.strip_prefix(&[0])?.to_vec();
        if !inside.rest.is_empty() {
            self.tell("certificate", "holds more than a certificate does", inside.at);
        }
        is_whole
    }

    /// Reads the part that is signed. What comes later is read even where a part is missing.
    fn fill_signed(&mut self, tbs: &Element<'_>) -> Option<()> {
        const VERSION: u8 = 0xA0;
        const UNIQUE_IDS: [u8; 4] = [0x81, 0xA1, 0x82, 0xA2];
        const EXTENSIONS: u8 = 0xA3;
        let mut inside = tbs.elements();
        self.version = Some(1);
        if let Some(version) = inside.tagged(VERSION) {
            let version = self.element(Some(version), "version", inside.at)?;
            let number = version.elements().tagged(INTEGER)?.ok()?;
            self.version = number.content.first().map(|it| u32::from(*it).saturating_add(1));
        }
        let serial = self.element(inside.tagged(INTEGER), "serial number", inside.at)?;
        self.serial = serial.content.to_vec();
        self.check_serial(serial.at);
        self.element(inside.tagged(SEQUENCE), "signature algorithm", inside.at)?;
        let issuer = self.element(inside.tagged(SEQUENCE), "issuer", inside.at)?;
        self.issuer = DistinguishedName::read(&issuer, &mut self.faults);
        let validity = self.element(inside.tagged(SEQUENCE), "validity", inside.at)?;
        let times = self.fill_validity(&validity);
        let subject = self.element(inside.tagged(SEQUENCE), "subject", inside.at)?;
        self.subject = DistinguishedName::read(&subject, &mut self.faults);
        let key = self.element(inside.tagged(SEQUENCE), "public key", inside.at)?;
        self.key = PublicKey::read(&key);
        if self.key.is_none() {
            self.tell("public key", "cannot be read", key.at);
        }
        while inside.peek().is_some_and(|tag| UNIQUE_IDS.contains(&tag)) {
            self.element(inside.next(), "unique identifier", inside.at)?;
        }
        if let Some(extensions) = inside.tagged(EXTENSIONS) {
            let extensions = self.element(Some(extensions), "extensions", inside.at)?;
            self.fill_extensions(&extensions)?;
        }
        if !inside.rest.is_empty() {
            self.tell("signed part", "holds more than it should", inside.at);
            return None;
        }
        times.and(self.key.as_ref().map(|_| ()))
    }

    fn fill_validity(&mut self, validity: &Element<'_>) -> Option<()> {
        let mut times = validity.elements();
        for which in [true, false] {
            let at = times.at;
            let element = self.element(times.next(), "validity", at)?;
            let time = time::read(&element, &mut self.faults);
            if time.is_none() {
                self.tell("validity", "holds what is no time", at);
            }
            *(if which { &mut self.not_before } else { &mut self.not_after }) = time;
        }
        self.not_before.and(self.not_after).map(|_| ())
    }

    fn fill_extensions(&mut self, extensions: &Element<'_>) -> Option<()> {
        let list =
            self.element(extensions.elements().tagged(SEQUENCE), "extensions", extensions.at)?;
        for extension in list.elements() {
            if self.extensions.len() == Self::MOST_EXTENSIONS {
                self.tell("extensions", "are more than 64; the others are not read", list.at);
                return None;
            }
            let extension = self.element(Some(extension), "extension", extensions.at)?;
            let mut inside = extension.elements();
            let oid = self.element(inside.tagged(OBJECT_IDENTIFIER), "extension", inside.at)?;
            let oid = ber::oid(oid.content);
            let critical = inside.tagged(BOOLEAN).transpose().ok().flatten();
            if critical.is_some_and(|it| !matches!(it.content, [0 | 0xFF])) {
                self.tell("extension", "has a BOOLEAN that is neither 0 nor 255", inside.at);
            }
            let content = self.element(inside.tagged(OCTET_STRING), "extension", inside.at)?;
            if self.extensions.iter().any(|other| other.oid == oid) {
                self.tell("extension", format!("{oid} stands there twice"), extension.at);
            } else {
                let fault = self.license.add(&oid, content.content, content.content_at);
                self.faults.extend(fault);
            }
            self.extensions.push(Extension {
                oid,
                is_critical: critical.is_some_and(|it| it.content != [0]),
                content: content.content.to_vec(),
                offset: content.content_at,
            });
        }
        Some(())
    }

    fn check_serial(&mut self, at: usize) {
        let problem = match self.serial.as_slice() {
            [] => "is empty",
            [0, next, ..] if *next < 0x80 => "has zeros before it",
            [0xFF, next, ..] if *next >= 0x80 => "has more bytes than it needs",
            [first, ..] if *first >= 0x80 => "is negative",
            [0] => "is zero",
            serial if serial.len() > 20 => "has more than 20 bytes",
            _ => return,
        };
        self.tell("serial number", problem, at);
    }

    /// An element that should be there, what is wrong with it told. One that is cut is handed out.
    fn element<'d>(
        &mut self,
        element: Option<Result<Element<'d>, TokenFault>>,
        structure: &'static str,
        at: usize,
    ) -> Option<Element<'d>> {
        match element {
            Some(Ok(element)) => {
                self.is_lost |= element.missing > 0;
                self.faults.extend(ber::faults_of_length(&element, structure));
                Some(element)
            }
            Some(Err(fault)) => {
                self.faults.push(fault);
                None
            }
            None => {
                self.tell(structure, "is not where it should be", at);
                None
            }
        }
    }

    fn tell(&mut self, structure: &'static str, problem: impl Into<Cow<'static, str>>, at: usize) {
        self.faults.push(TokenFault::new(structure, problem, at));
    }

    /// Where an element stands in this certificate.
    fn range(&self, element: &Element<'_>) -> Option<Range<usize>> {
        let start = element.at.checked_sub(self.offset)?;
        Some(start..start.checked_add(element.whole.len())?)
    }
}
