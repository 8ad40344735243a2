// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`TokenStructure`]: the parts of a token, as faults name them.

use core::fmt;

/// A part of a token or of a certificate, as [`TokenFaultKind`](crate::token::TokenFaultKind) names it.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TokenStructure {
    /// All bytes of the token.
    Token,
    /// Any container of certificates.
    Container,
    /// A container PKCS #7.
    Pkcs7,
    /// A container X509_CERTIFICATE_CHAIN.
    X509CertificateChain,
    /// A licensing message of [MS-RDPELE].
    Message,
    /// A certificate in an X509_CERTIFICATE_CHAIN: the bytes that its size field covers.
    ChainedCertificate,
    /// Certificates that follow each other.
    CertificateList,
    /// A certificate.
    Certificate,
    /// The signed part of a certificate (TBSCertificate).
    SignedPart,
    /// Version of a certificate.
    Version,
    /// Serial number of a certificate.
    SerialNumber,
    /// Algorithm of a signature.
    SignatureAlgorithm,
    /// Issuer of a certificate.
    Issuer,
    /// Validity of a certificate: two times.
    Validity,
    /// One of the two times.
    Time,
    /// The first of the two times.
    ValidityStart,
    /// The second of the two times.
    ValidityEnd,
    /// Subject of a certificate.
    Subject,
    /// Public key of a certificate.
    PublicKey,
    /// Unique identifier of issuer or subject.
    UniqueIdentifier,
    /// All extensions of a certificate.
    ExtensionList,
    /// One extension.
    Extension,
    /// Object identifier of an extension.
    ExtensionIdentifier,
    /// Content of an extension.
    ExtensionContent,
    /// Signature of a certificate.
    Signature,
    /// Name of an issuer or a subject.
    Name,
    /// Value of an attribute of a name.
    AttributeValue,
    /// A string of type PrintableString.
    PrintableString,
    /// A string of type BMPString.
    BmpString,
    /// A string of type UTF8String.
    Utf8String,
    /// Extension 311.18: text in the certificate of a license server.
    ServerCertificate,
    /// Extension 311.18.4: version of the certificate.
    CertificateVersion,
    /// Extension 311.18.5: licensed product.
    LicensedProduct,
    /// Extension 311.18.6: license server.
    LicenseServer,
    /// Extension 311.18.9, which has no published name.
    Unnamed9,
}

impl TokenStructure {
    /// Returns the plural name of the items in a list of this kind.
    pub(crate) const fn items(self) -> &'static str {
        match self {
            Self::CertificateList => "certificates",
            Self::ExtensionList => "extensions",
            Self::Name => "attributes",
            _ => "elements",
        }
    }
}

impl fmt::Display for TokenStructure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Token => "token",
            Self::Container => "container",
            Self::Pkcs7 => "PKCS #7",
            Self::X509CertificateChain => "X509_CERTIFICATE_CHAIN",
            Self::Message => "licensing message",
            Self::ChainedCertificate => "certificate in X509_CERTIFICATE_CHAIN",
            Self::CertificateList => "certificate list",
            Self::Certificate => "certificate",
            Self::SignedPart => "signed part",
            Self::Version => "version",
            Self::SerialNumber => "serial number",
            Self::SignatureAlgorithm => "signature algorithm",
            Self::Issuer => "issuer",
            Self::Validity => "validity",
            Self::Time => "time of the validity",
            Self::ValidityStart => "start of the validity",
            Self::ValidityEnd => "end of the validity",
            Self::Subject => "subject",
            Self::PublicKey => "public key",
            Self::UniqueIdentifier => "unique identifier",
            Self::ExtensionList => "extension list",
            Self::Extension => "extension",
            Self::ExtensionIdentifier => "identifier of an extension",
            Self::ExtensionContent => "content of an extension",
            Self::Signature => "signature",
            Self::Name => "name",
            Self::AttributeValue => "attribute value",
            Self::PrintableString => "PrintableString",
            Self::BmpString => "BMPString",
            Self::Utf8String => "UTF8String",
            Self::ServerCertificate => "text of a license server's certificate (extension 311.18)",
            Self::CertificateVersion => "certificate version (extension 311.18.4)",
            Self::LicensedProduct => "licensed product (extension 311.18.5)",
            Self::LicenseServer => "license server (extension 311.18.6)",
            Self::Unnamed9 => "extension 311.18.9",
        })
    }
}
