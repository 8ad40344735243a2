// SPDX-License-Identifier: MIT OR Apache-2.0
//! The tokens and certificate chains of a report.

use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

#[cfg(feature = "schema")]
use schemars::JsonSchema;
#[cfg(feature = "serde")]
use serde::Serialize;

use calhive_regf::FileTime;

use crate::fact::Origin;
use crate::meaning::{
    CertificateKind, Container, HardwareId, HardwareIdForm, MachineName, ProductVersion, Reading,
    SignatureState, Wrapping,
};
use crate::report::license_server::LicenseServerReport;
use crate::report::session_host::{BindingReport, VersionReport};
use crate::report::text::Text;

/// A decoded token of a client, or the decoded certificates of a session host.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct TokenReport {
    /// Id of the token: `token-1` and so on.
    pub id: String,
    /// Place of the token.
    pub kind: TokenKind,
    /// What the token is: kind of the certificate that it is about. Absent if the token could not be decoded.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub certificate_kind: Option<CertificateKind>,
    /// Id of the host whose hives hold the token. Absent for a token from a file.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub host: Option<String>,
    /// Ids of the facts with the bytes of the token, and of the facts with its index.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub facts: Vec<String>,
    /// State of the hive that holds the token. Absent for a token from a file.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub origin: Option<Origin>,
    /// Whether the token is in the registry view of 32-bit programs (`Wow6432Node`).
    pub redirected: bool,
    /// Size of the token, in bytes.
    pub size: u64,
    /// SHA-256 of the token, in hex.
    pub sha256: String,
    /// Why the token could not be decoded. Absent if it was decoded.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub error: Option<Text>,
    /// Structure around the container. Absent without such a structure.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub wrapping: Option<Wrapping>,
    /// Container of the certificates. Absent if the token could not be decoded.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub container: Option<Container>,
    /// How completely the token was read, by its worst part. Absent if the token could not be decoded.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub reading: Option<Reading>,
    /// Faults of the container.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub faults: Vec<TokenFaultReport>,
    /// Values that index the token. They are beside the token in the registry, or before it in a
    /// NEW_LICENSE_INFO.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub index: Option<IndexReport>,
    /// Content of the certificate that describes the license or the session host. Absent without such a
    /// certificate.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub license: Option<LicenseReport>,
    /// License server whose certificate is in the chain. Absent without such a certificate.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub license_server: Option<LicenseServerReport>,
    /// Certificates of the token, in their order.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub certificates: Vec<CertificateReport>,
    /// Statements of two parts of the token that contradict each other.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub disagreements: Vec<Disagreement>,
}

/// Place of a certificate chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[non_exhaustive]
pub enum TokenKind {
    /// A license in the store of a client.
    StoredLicense,
    /// Certificates that a license server gave to a session host.
    HostCertificate,
    /// A token from a file.
    File,
}

/// A fault of a token.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct TokenFaultReport {
    /// Offset of the fault, in bytes from the start of the token.
    pub offset: u64,
    /// What is wrong.
    #[cfg_attr(feature = "serde", serde(rename = "text"))]
    pub message: String,
}

/// Values that index a token ([MS-RDPELE] 2.2.2.6.1). A field is absent if its value is absent or cannot be
/// decoded.
#[derive(Clone, Debug, Default)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct IndexReport {
    /// Version of the product: major in the high half, minor in the low half.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub version: Option<u32>,
    /// Scope of the license.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub scope: Option<String>,
    /// Company that made the product.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub company: Option<String>,
    /// Name of the product.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub product: Option<String>,
}

/// Content of the certificate that describes a license or a session host: all that Microsoft's `tsctst`
/// prints, and more. A field is absent if the certificate does not state it, or if the kind of the certificate has
/// no such field.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct LicenseReport {
    /// Number of the certificate in the token, from 0.
    pub certificate: u64,
    /// Kind of the certificate.
    pub kind: CertificateKind,
    /// RPC binding of the session host: L of the subject. Absent for other kinds.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub binding: Option<BindingReport>,
    /// Version of the certificate (extension 311.18.4).
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub certificate_version: Option<u32>,
    /// Hardware ID in the subject, without its mask. The meaning is inferred.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub hardware_id: Option<HardwareId>,
    /// The 20 bytes of the hardware ID without its mask, in hex.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub hardware_id_hex: Option<String>,
    /// The 20 bytes of the hardware ID under the mask, in hex.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub hardware_id_masked: Option<String>,
    /// Whether the platform ID is one that hardware IDs have. If not, the bytes have another mask.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub hardware_id_is_plausible: Option<bool>,
    /// Client software whose form the hardware ID has. The form is inferred.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub hardware_id_form: Option<HardwareIdForm>,
    /// Platform of the client (extension 311.18.5).
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub client_platform_id: Option<u32>,
    /// Company that made the product (extension 311.18.2).
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub company: Option<String>,
    /// CN of the issuer: the name that the license server gives itself, or the name from its activation.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub issuer: Option<String>,
    /// Name of the license server from its activation: CN of the issuer, if the certificate of the license
    /// server names another issuer. Absent otherwise.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub activation_name: Option<String>,
    /// Domain or workgroup of the license server: L of the issuer.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub issuer_domain: Option<String>,
    /// Computer name of the license server (extension 311.18.6).
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub license_server: Option<String>,
    /// Scope of the license server (extension 311.18.6).
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub scope: Option<String>,
    /// Product ID of the license server (extension 311.18.6).
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub license_server_id: Option<String>,
    /// SPK of the license server, from its own certificate (extension 311.18.8).
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub license_server_spk: Option<String>,
    /// SHA-256 of the modulus of the license server's key, in hex: the key that checked the signature. A client
    /// token without its license server's certificate has the same key itself.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub license_server_key_sha256: Option<String>,
    /// Name of the machine, as the client reported it: CN of a client token's subject.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub client_reported_machine: Option<String>,
    /// Name of the user, as the client reported it: L of a client token's subject. Not an authenticated
    /// account.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub client_reported_user: Option<String>,
    /// Language of the license server, as a Windows language identifier.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub language_id: Option<u32>,
    /// Name of the language. Absent if unknown.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub language: Option<Text>,
    /// Product that the client requested.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub requested_product: Option<String>,
    /// License ID: the product that the server issued.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub license_id: Option<String>,
    /// Type of the license, in words.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub license_type: Option<Text>,
    /// Version of the product: that of the first version record.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub product_version: Option<ProductVersion>,
    /// All version records of the product.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub versions: Vec<VersionReport>,
    /// Generation of Windows Server with this product version. Absent if unknown.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub generation: Option<Text>,
    /// ProductLicenseFlags of the first version record.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub flags: Option<u32>,
    /// The same flags in hex. For a client token, with their meaning in words.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub flags_meaning: Option<Text>,
    /// Whether the flags mark the license of a client as temporary. Otherwise they mark it as permanent.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub is_temporary: Option<bool>,
    /// Whether the flags mark the license as enforced.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub is_enforced: Option<bool>,
    /// Whether the flags name a released version as the issuer. Otherwise they name a beta version.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub is_released: Option<bool>,
    /// Number of licenses.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub license_count: Option<u32>,
    /// Number in the extension 311.18.9, which no published text names.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub unnamed_9: Option<u32>,
    /// Start of validity, UTC by the license server's clock: the last issue or renewal.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub valid_from: Option<FileTime>,
    /// End of validity, UTC.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub expires: Option<FileTime>,
    /// State of the signature.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub signature: Option<SignatureState>,
    /// Result of all signatures of the chain, in words.
    pub integrity: Text,
}

/// A certificate of a chain. A field is absent or empty if it could not be read.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct CertificateReport {
    /// Kind of the certificate.
    pub kind: CertificateKind,
    /// Offset of the certificate, in bytes from the start of the token.
    pub offset: u64,
    /// Size of the certificate, in bytes.
    pub size: u64,
    /// SHA-256 of the certificate, in hex.
    pub sha256: String,
    /// How completely the certificate was read.
    pub reading: Reading,
    /// Departures from the standards, and parts that could not be read.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub faults: Vec<TokenFaultReport>,
    /// Version of the certificate.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub version: Option<u32>,
    /// Serial number, in hex.
    pub serial: String,
    /// Name of the issuer.
    pub issuer: String,
    /// Name of the subject.
    pub subject: String,
    /// Start of validity, UTC. Self-signed certificates of license servers have the year 1970 as start and
    /// 2049 as end.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub not_before: Option<FileTime>,
    /// End of validity, UTC.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub not_after: Option<FileTime>,
    /// Length of the key, in bits. Absent if the key is not an RSA key.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub key_bits: Option<u64>,
    /// Algorithm of the key, as an object identifier.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub key_algorithm: Option<String>,
    /// SHA-256 of the modulus of the key, in hex. Tokens of one license server have the same modulus.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub key_sha256: Option<String>,
    /// Algorithm of the signature, as an object identifier.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub signature_algorithm: Option<String>,
    /// State of the signature.
    pub signature: SignatureState,
    /// Number of the certificate whose key checked the signature, from 0. Absent if no key did.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub signature_issuer: Option<u64>,
    /// Reason for the state of the signature, in words.
    pub signature_why: Text,
    /// Extensions of the certificate.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub extensions: Vec<ExtensionReport>,
}

/// An extension of a certificate.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct ExtensionReport {
    /// Object identifier of the extension.
    pub oid: String,
    /// Name of the extension. Absent if unknown.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub name: Option<String>,
    /// Whether the extension is marked as critical.
    pub is_critical: bool,
    /// Offset of the content, in bytes from the start of the token.
    pub offset: u64,
    /// Content of the extension, in hex.
    pub hex: String,
}

/// Two statements in or beside a token that contradict each other.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct Disagreement {
    /// Kinds of the two sources.
    pub between: Between,
    /// Subject of both statements.
    pub what: Text,
    /// The first source and its statement.
    pub one: Text,
    /// The second source and its statement.
    pub other: Text,
    /// Ids of the facts that hold sources outside the token.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub facts: Vec<String>,
}

/// Kinds of two sources that contradict each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub enum Between {
    /// Two parts of the certificate.
    Certificate,
    /// The certificate and the values that index the token.
    Index,
    /// The hardware ID in the token and the hardware ID stored beside it.
    HardwareId,
}

impl LicenseReport {
    /// Returns the license server in words: the computer name of extension 311.18.6, and beside it a different
    /// name in the certificate.
    pub fn license_server_in_words(&self) -> Option<String> {
        let issuer = self.issuer.as_ref();
        let Some(computer) = &self.license_server else { return issuer.cloned() };
        let names = issuer.filter(|issuer| {
            !MachineName::from(issuer.as_str()).is_same(&MachineName::from(computer.as_str()))
        });
        Some(match (names, &self.activation_name) {
            (None, _) => computer.clone(),
            (Some(_), Some(name)) => format!("{computer} (activation name {name})"),
            (Some(name), None) => format!("{computer} (name in its certificate {name})"),
        })
    }
}

impl TokenReport {
    /// Returns what the token is, in words.
    pub fn kind_in_words(&self) -> Option<String> {
        let kind = self.certificate_kind?;
        let server = self.license_server.as_ref().filter(|_| kind.is_license_server());
        Some(server.map_or_else(|| kind.to_string(), LicenseServerReport::kind_in_words))
    }

    /// Returns the structure around the container, and the container.
    pub fn container_in_words(&self) -> Option<String> {
        let container = self.container?;
        Some(match self.wrapping {
            Some(wrapping) => format!("{wrapping} + {container}"),
            None => container.to_string(),
        })
    }

    /// Whether the tree of a hive shows the token. Conclusions use only such tokens.
    pub(crate) fn is_shown(&self) -> bool {
        self.origin.is_some_and(Origin::is_shown)
    }
}
