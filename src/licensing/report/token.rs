// SPDX-License-Identifier: MIT OR Apache-2.0
//! The tokens and certificate chains of a report.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

#[cfg(feature = "schema")]
use schemars::JsonSchema;
#[cfg(feature = "serde")]
use serde::Serialize;

use crate::licensing::fact::Origin;

/// A token that a client keeps, or the certificates of a session host, taken apart.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct TokenReport {
    /// Id of the token: `token-1` and so on.
    pub id: String,
    /// What it is.
    pub kind: TokenKind,
    /// The host whose hives hold it; null for one that was given as a file.
    pub host: Option<String>,
    /// The facts that hold its bytes, and those that index it.
    pub facts: Vec<String>,
    /// In which state of the hive it stands; null for one that was given as a file.
    pub origin: Option<Origin>,
    /// Whether it is the view of 32-bit programs (`Wow6432Node`).
    pub redirected: bool,
    /// The number of its bytes.
    pub size: u64,
    /// The SHA-256 of its bytes, in hex.
    pub sha256: String,
    /// Why it could not be taken apart; null where it could.
    pub error: Option<String>,
    /// In what its certificates lie; null where it could not be taken apart.
    pub container: Option<Container>,
    /// How it was read, as its worst part; null where it could not be.
    pub reading: Option<Reading>,
    /// What of its container is not as it should be.
    pub faults: Vec<TokenFaultReport>,
    /// The values that index it: beside it in the registry, before it in a NEW_LICENSE_INFO.
    pub index: Option<IndexReport>,
    /// What the certificate that it is about says; null where there is none.
    pub license: Option<LicenseReport>,
    /// Its certificates, in their order.
    pub certificates: Vec<CertificateReport>,
    /// Where two parts of it say different things of the same.
    pub disagreements: Vec<Disagreement>,
}

/// What a chain of certificates is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[non_exhaustive]
pub enum TokenKind {
    /// A licence that a client keeps.
    StoredLicense,
    /// What a licence server gave a session host.
    HostCertificate,
    /// A file.
    File,
}

/// In what certificates lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub enum Container {
    /// PKCS #7 SignedData without signatures of its own: what clients store.
    Pkcs7,
    /// X509_CERTIFICATE_CHAIN ([MS-RDPELE] 2.2.1.4.2).
    CertificateChain,
    /// Certificates, one after the other.
    Certificates,
    /// None that is known, or a broken one: certificates were searched for in the bytes.
    Unknown,
}

/// How a certificate was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub enum Reading {
    /// Whole; it is as DER and RFC 5280 ask, as far as that is looked at, and a second reader
    /// (x509-parser) reads the same.
    Strict,
    /// Whole; something about it is not as the standards ask.
    Lenient,
    /// In part: something is missing, or no certificate.
    Salvaged,
}

/// Whether a signature holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub enum SignatureState {
    /// The key of its issuer signed these bytes.
    Valid,
    /// The key of its issuer signed other bytes, or another key signed these.
    Invalid,
    /// It could not be checked.
    NotCheckable,
}

/// What of a token is not as it should be.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct TokenFaultReport {
    /// Where, in bytes from the start of the token.
    pub offset: u64,
    /// What is wrong.
    pub message: String,
}

/// The values that index a token ([MS-RDPELE] 2.2.2.6.1). Null where there is none, or it could not be
/// understood.
#[derive(Clone, Debug, Default)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct IndexReport {
    /// Version of the product: major in the high half, minor in the low one.
    pub version: Option<u32>,
    /// Scope.
    pub scope: Option<String>,
    /// Company.
    pub company: Option<String>,
    /// Product.
    pub product: Option<String>,
}

/// What the certificate that a token is about says: all that Microsoft's `tsctst` prints, and more. Null
/// for what it does not say.
#[derive(Clone, Debug, Default)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct LicenseReport {
    /// Which of the certificates, from 0.
    pub certificate: u64,
    /// Version of the certificate (extension 311.18.4).
    pub certificate_version: Option<String>,
    /// Hardware id in the subject, without its mask; inferred.
    pub hardware_id: Option<String>,
    /// The same as its 20 bytes stand there, under the mask, in hex.
    pub hardware_id_masked: Option<String>,
    /// Whether its platform id is one that hardware ids have; otherwise the mask is another one.
    pub hardware_id_is_plausible: Option<bool>,
    /// Form of client software that the hardware id has; inferred.
    pub hardware_id_form: Option<String>,
    /// Platform of the client (extension 311.18.5).
    pub client_platform_id: Option<String>,
    /// Company that made the product (extension 311.18.2).
    pub company: Option<String>,
    /// The licence server, as it names itself: CN of the issuer.
    pub issuer: Option<String>,
    /// L of the issuer: the licence server's domain or workgroup.
    pub issuer_domain: Option<String>,
    /// The licence server by the extension 311.18.6.
    pub license_server: Option<String>,
    /// Scope of the licence server (extension 311.18.6).
    pub scope: Option<String>,
    /// Product id of the licence server (extension 311.18.6).
    pub license_server_id: Option<String>,
    /// SPK of the licence server, from its own certificate (extension 311.18.8).
    pub license_server_spk: Option<String>,
    /// CN of the subject: the machine, as the client reported it.
    pub client_reported_machine: Option<String>,
    /// L of the subject: the user, as the client reported it. No authenticated account.
    pub client_reported_user: Option<String>,
    /// Language of the licence server, as a Windows language identifier.
    pub language_id: Option<String>,
    /// What that is called, where it is known.
    pub language: Option<String>,
    /// The product that was asked for.
    pub requested_product: Option<String>,
    /// Licence id: the product that was given.
    pub license_id: Option<String>,
    /// Type of the licence, in words.
    pub license_type: Option<String>,
    /// Version of the product.
    pub product_version: Option<String>,
    /// What generation of Windows Server that is, where it is known.
    pub generation: Option<String>,
    /// ProductLicenseFlags, with what they say.
    pub flags: Option<String>,
    /// Whether the flags mark it as temporary; permanent otherwise.
    pub is_temporary: Option<bool>,
    /// Whether the flags mark it as enforced.
    pub is_enforced: Option<bool>,
    /// Whether the flags mark it as issued by a released version; by a beta version otherwise.
    pub is_released: Option<bool>,
    /// Number of licences.
    pub license_count: Option<u32>,
    /// The number of the extension 311.18.9, which no text names.
    pub unnamed_9: Option<u32>,
    /// Start of its validity, UTC by the licence server's clock: its last issue or renewal.
    pub valid_from: Option<String>,
    /// The same in units of 100 ns since 1601.
    pub valid_from_filetime: Option<u64>,
    /// End of its validity, UTC.
    pub expires: Option<String>,
    /// The same in units of 100 ns since 1601.
    pub expires_filetime: Option<u64>,
    /// Whether its signature holds.
    pub signature: Option<SignatureState>,
    /// What the signatures of the whole chain come to, in words.
    pub integrity: String,
}

/// A certificate of a chain. Null or empty for what could not be read.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct CertificateReport {
    /// Where it begins, in bytes from the start of the token.
    pub offset: u64,
    /// The number of its bytes.
    pub size: u64,
    /// The SHA-256 of its bytes, in hex.
    pub sha256: String,
    /// How it was read.
    pub reading: Reading,
    /// What of it is not as the standards ask, or could not be read.
    pub faults: Vec<TokenFaultReport>,
    /// Version.
    pub version: Option<u32>,
    /// Serial number, in hex.
    pub serial: String,
    /// Its issuer.
    pub issuer: String,
    /// Its subject.
    pub subject: String,
    /// Start of its validity, UTC. Self-signed certificates of licence servers have 1970 and 2049 there.
    pub not_before: Option<String>,
    /// End of its validity, UTC.
    pub not_after: Option<String>,
    /// Length of its key in bits; null where it is no RSA key.
    pub key_bits: Option<u64>,
    /// The algorithm that its key stands under, an object identifier.
    pub key_algorithm: Option<String>,
    /// The SHA-256 of the modulus of its key, in hex: tokens of one licence server have the same.
    pub key_sha256: Option<String>,
    /// The algorithm of its signature, an object identifier.
    pub signature_algorithm: Option<String>,
    /// Whether its signature holds.
    pub signature: SignatureState,
    /// The certificate whose key its signature was checked with, from 0; null where none was.
    pub signature_issuer: Option<u64>,
    /// What that rests on.
    pub signature_why: String,
    /// Its extensions.
    pub extensions: Vec<ExtensionReport>,
}

/// An extension of a certificate.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct ExtensionReport {
    /// Its object identifier.
    pub oid: String,
    /// What it is called, where that is known.
    pub name: Option<String>,
    /// Whether it is marked critical.
    pub is_critical: bool,
    /// Where its bytes begin, in bytes from the start of the token.
    pub offset: u64,
    /// Its bytes, in hex.
    pub hex: String,
}

/// Two sources within a token that say different things of the same.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct Disagreement {
    /// Between what.
    pub between: Between,
    /// Of what.
    pub what: String,
    /// The first source, and what it says.
    pub one: String,
    /// The second source, and what it says.
    pub other: String,
    /// The facts that hold the sources outside of the token.
    pub facts: Vec<String>,
}

/// Between what sources a token disagrees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub enum Between {
    /// Two parts of its certificate.
    Certificate,
    /// Its certificate and the values that index it.
    Index,
    /// Its hardware id and the one that is stored beside it.
    HardwareId,
}

impl TokenReport {
    /// Whether it stands in the tree of a hive, where everything that is concluded comes from.
    pub(crate) fn is_shown(&self) -> bool {
        matches!(self.origin, Some(Origin::Live | Origin::Replayed))
    }
}

impl fmt::Display for Reading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Strict => "strict",
            Self::Lenient => "lenient",
            Self::Salvaged => "salvaged",
        })
    }
}

impl fmt::Display for SignatureState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Valid => "valid",
            Self::Invalid => "invalid",
            Self::NotCheckable => "not checkable",
        })
    }
}

impl fmt::Display for Container {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Pkcs7 => "PKCS #7 SignedData",
            Self::CertificateChain => "X509_CERTIFICATE_CHAIN",
            Self::Certificates => "certificates without a container",
            Self::Unknown => "no container that could be read; certificates were searched for",
        })
    }
}
