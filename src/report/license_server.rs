// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`LicenseServerReport`]: a license server, by the certificates of a chain.

use alloc::format;
use alloc::string::{String, ToString as _};

#[cfg(feature = "schema")]
use schemars::JsonSchema;
#[cfg(feature = "serde")]
use serde::Serialize;

use crate::meaning::CertificateKind;

/// A license server, as its own certificate and the certificates that it issued describe it. A field is absent
/// if no certificate states it.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct LicenseServerReport {
    /// Number of the license server's certificate in the token, from 0.
    pub certificate: u64,
    /// Kind of the certificate.
    pub kind: CertificateKind,
    /// CN of the subject: the license server's own name, or the name from its activation.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub name: Option<String>,
    /// L of the subject: domain or workgroup.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub domain: Option<String>,
    /// Computer name, from extension 311.18.6 of the certificate that the license server issued.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub computer_name: Option<String>,
    /// Product ID, from the same extension.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub product_id: Option<String>,
    /// CN of the issuer. Absent for a self-signed certificate.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub certified_by: Option<String>,
    /// Text of extension 311.18, which the Clearinghouse writes.
    #[cfg_attr(
        feature = "serde",
        serde(rename = "certificate_text", skip_serializing_if = "Option::is_none")
    )]
    pub text: Option<String>,
    /// Type of the certificate, from that text.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub certificate_type: Option<String>,
    /// Registered organization, from that text.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub organization: Option<String>,
    /// Registered country, from that text.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub country: Option<String>,
    /// SPK (extension 311.18.8).
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub spk: Option<String>,
    /// SHA-256 of the modulus of the key, in hex.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub key_sha256: Option<String>,
}

impl LicenseServerReport {
    /// Returns the kind of the certificate in words, with the issuer.
    pub fn kind_in_words(&self) -> String {
        match &self.certified_by {
            Some(issuer) => format!("certificate of a license server, issued by {issuer}"),
            None => self.kind.to_string(),
        }
    }
}
