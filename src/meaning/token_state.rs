// SPDX-License-Identifier: MIT OR Apache-2.0
//! States of a token: [`Container`], [`Wrapping`], [`Reading`] and [`SignatureState`].

use core::fmt;

/// Container of certificates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Container {
    /// PKCS #7 SignedData without signers, as clients store it.
    Pkcs7,
    /// X509_CERTIFICATE_CHAIN ([MS-RDPELE] 2.2.1.4.2).
    CertificateChain,
    /// Certificates that follow each other, without a container.
    Certificates,
    /// Unknown or damaged container. calhive searched all bytes for certificates.
    Unknown,
}

/// Structure around the container of certificates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub enum Wrapping {
    /// NEW_LICENSE_INFO ([MS-RDPELE] 2.2.2.6.1).
    NewLicenseInfo,
    /// Length of four bytes, little-endian.
    LengthPrefix,
    /// Hardware ID of 20 bytes and a length of four bytes, as WALLIX stores them.
    HardwareIdPrefix,
    /// SERVER_LICENSE_REQUEST ([MS-RDPELE] 2.2.2.1).
    LicenseRequest,
    /// SERVER_NEW_LICENSE or SERVER_UPGRADE_LICENSE with a license that is not encrypted ([MS-RDPELE]
    /// 2.2.2.6, 2.2.2.7).
    NewLicense,
}

/// How completely calhive read a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Reading {
    /// Whole, without a departure from DER and RFC 5280 that calhive checks for. With feature `x509`, as in
    /// the command, x509-parser as a second parser reads the same. Without the feature, no second parser
    /// reads the certificate.
    Strict,
    /// Whole, with a departure from the standards, or read differently by the second parser.
    Lenient,
    /// In part: a part is missing, unreadable, or does not belong to a certificate.
    Salvaged,
}

/// State of a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum SignatureState {
    /// The issuer's key signed these bytes.
    Valid,
    /// The issuer's key signed other bytes, or another key signed these bytes.
    Invalid,
    /// calhive cannot check the signature.
    NotCheckable,
}

impl fmt::Display for Wrapping {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NewLicenseInfo => "NEW_LICENSE_INFO",
            Self::LengthPrefix => "length prefix",
            Self::HardwareIdPrefix => "hardware ID and length prefix",
            Self::LicenseRequest => "SERVER_LICENSE_REQUEST",
            Self::NewLicense => "NEW_LICENSE message",
        })
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
            Self::Unknown => "no readable container; calhive searched for certificates",
        })
    }
}
