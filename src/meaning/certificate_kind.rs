// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`CertificateKind`]: what a certificate of Remote Desktop licensing is. See
//! [licensing.md](crate::licensing#certificates-of-license-servers-and-hosts).

use core::fmt;

/// Kind of a certificate, decided once from its decoded bytes and the chain around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub enum CertificateKind {
    /// License of a client.
    ClientToken,
    /// Certificate that a license server issued to a session host.
    HostCertificate,
    /// Certificate of a license server that names itself as the issuer.
    LicenseServerSelfSigned,
    /// Certificate of a license server that names another issuer: the Clearinghouse.
    LicenseServerIssued,
    /// Certificate of an authority above a license server: root or intermediate.
    Authority,
    /// The decoded parts do not establish the kind, or contradict each other.
    NotEstablished,
}

impl CertificateKind {
    /// Whether the certificate belongs to a license server.
    pub const fn is_license_server(self) -> bool {
        matches!(self, Self::LicenseServerSelfSigned | Self::LicenseServerIssued)
    }
}

impl fmt::Display for CertificateKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ClientToken => "client token",
            Self::HostCertificate => "certificate of a session host",
            Self::LicenseServerSelfSigned => {
                "certificate of a license server that names itself as issuer"
            }
            Self::LicenseServerIssued => "certificate of a license server, issued by another",
            Self::Authority => "certificate of an authority above license servers",
            Self::NotEstablished => "kind not established",
        })
    }
}
