// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`LicenseExtensions`]: Microsoft's own extensions of a certificate (arc 1.3.6.1.4.1.311.18, [MS-RDPELE]
//! 2.2.2.9). Their contents are Windows structures instead of ASN.1.

use alloc::string::String;

use crate::token::fault::TokenFaultKind;
use crate::token::license_server_info::LicenseServerInfo;
use crate::token::little_endian::utf16_text;
use crate::token::product_info::ProductInfo;
use crate::token::server_certificate::ServerCertificateText;
use crate::token::structure::TokenStructure;

/// Microsoft's extensions of one certificate; `None` for an extension that is absent or undecodable. See
/// [licensing.md](crate::licensing#extensions).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LicenseExtensions {
    /// .18.2: company that made the product.
    pub manufacturer: Option<String>,
    /// .18.4: version of the certificate, 0x00050001 in every sample.
    pub certificate_version: Option<u32>,
    /// .18.5: licensed product. The leaf of a token is the last certificate with this extension.
    pub product: Option<ProductInfo>,
    /// .18.6: license server.
    pub server: Option<LicenseServerInfo>,
    /// .18.8: SPK of the license server, which the server receives at its activation.
    pub server_spk: Option<String>,
    /// .18: text in a certificate that the Clearinghouse issued to a license server.
    pub server_certificate: Option<ServerCertificateText>,
    /// .18.9: a number without a published name, 7 in the one sample.
    pub unnamed_9: Option<u32>,
}

impl LicenseExtensions {
    /// Root of the identifiers.
    const ROOT: &str = "1.3.6.1.4.1.311.18";

    /// Decodes an extension if it is one of Microsoft's.
    ///
    /// # Errors
    /// If the content is undecodable.
    pub(crate) fn add(&mut self, oid: &str, content: &[u8]) -> Result<(), TokenFaultKind> {
        let number = || content.try_into().ok().map(u32::from_le_bytes);
        let Some(arc) = oid.strip_prefix(Self::ROOT) else { return Ok(()) };
        match arc.strip_prefix('.') {
            None if arc.is_empty() => {
                let text = ServerCertificateText::parse(content);
                self.server_certificate = Some(decoded(text, TokenStructure::ServerCertificate)?);
            }
            Some("2") => self.manufacturer = Some(utf16_text(content)),
            Some("4") => {
                self.certificate_version =
                    Some(decoded(number(), TokenStructure::CertificateVersion)?);
            }
            Some("5") => {
                let product = ProductInfo::parse(content);
                self.product = Some(decoded(product, TokenStructure::LicensedProduct)?);
            }
            Some("6") => {
                let server = LicenseServerInfo::parse(content);
                self.server = Some(decoded(server, TokenStructure::LicenseServer)?);
            }
            Some("8") => self.server_spk = Some(utf16_text(content)),
            Some("9") => self.unnamed_9 = Some(decoded(number(), TokenStructure::Unnamed9)?),
            _ => {}
        }
        Ok(())
    }

    /// Whether an extension is present that license servers write into certificates for others. Certificates
    /// of license servers themselves have the SPK or the text of the Clearinghouse only.
    pub(crate) const fn is_issued(&self) -> bool {
        let Self { manufacturer, certificate_version, product, server, unnamed_9, .. } = self;
        manufacturer.is_some()
            || certificate_version.is_some()
            || product.is_some()
            || server.is_some()
            || unnamed_9.is_some()
    }
}

fn decoded<T>(content: Option<T>, structure: TokenStructure) -> Result<T, TokenFaultKind> {
    content.ok_or(TokenFaultKind::Undecodable { structure })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn undecodable_content_is_a_fault_and_foreign_extensions_are_skipped() {
        let mut extensions = LicenseExtensions::default();
        assert_eq!(extensions.add("2.5.29.35", b""), Ok(()));
        assert_eq!(extensions.add("1.3.6.1.4.1.311.18.8", b"S\0P\0K\0\0\0"), Ok(()));
        assert!(!extensions.is_issued());
        assert_eq!(extensions.add("1.3.6.1.4.1.311.18.4", &[1, 0, 5, 0]), Ok(()));
        assert!(extensions.is_issued());
        assert_eq!(extensions.server_spk.as_deref(), Some("SPK"));
        assert_eq!(extensions.certificate_version, Some(0x0005_0001));
        for (oid, structure) in [
            ("1.3.6.1.4.1.311.18", TokenStructure::ServerCertificate),
            ("1.3.6.1.4.1.311.18.4", TokenStructure::CertificateVersion),
            ("1.3.6.1.4.1.311.18.5", TokenStructure::LicensedProduct),
            ("1.3.6.1.4.1.311.18.6", TokenStructure::LicenseServer),
            ("1.3.6.1.4.1.311.18.9", TokenStructure::Unnamed9),
        ] {
            let fault = TokenFaultKind::Undecodable { structure };
            assert_eq!(extensions.add(oid, b"?"), Err(fault), "{oid}");
        }
    }
}
