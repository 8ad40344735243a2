// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`ServerCertificateText`]: the text that the Clearinghouse writes into the certificate of a license server,
//! extension 311.18.

use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use calhive_regf::hive::name::Name;

use crate::token::ber::Elements;

/// Text of extension 1.3.6.1.4.1.311.18, the root of Microsoft's licensing arc. See
/// [licensing.md](crate::licensing#certificates-of-license-servers-and-hosts).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServerCertificateText {
    /// The whole text: `TLS~BASIC`, or several lines.
    pub text: String,
    /// Type of the certificate, such as `SignOnly`.
    pub certificate_type: Option<String>,
    /// Organization that was registered at the activation.
    pub organization: Option<String>,
    /// Country that was registered at the activation.
    pub country: Option<String>,
}

/// Line break of the sample: four letters, not two control characters.
const LINE_BREAK: &str = r"\r\n";

impl ServerCertificateText {
    /// Parses an ASN.1 string; `None` if the content is no string.
    pub fn parse(content: &[u8]) -> Option<Self> {
        const STRINGS: [u8; 4] = [0x0C, 0x13, 0x14, 0x16];
        let element = Elements::new(content, 0).next()?.ok()?;
        (STRINGS.contains(&element.tag) && element.missing == 0).then_some(())?;
        let whole = Name::latin1(element.content).to_string_lossy();
        let shown = |text: &str| {
            let units: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
            Name::utf16(&units).as_text().to_string()
        };
        let mut parsed = Self { text: shown(&whole), ..Self::default() };
        for line in whole.split(LINE_BREAK).flat_map(|part| part.split("\r\n")) {
            let Some((label, value)) = line.split_once(':') else { continue };
            let field = match label.trim() {
                "CertType" => &mut parsed.certificate_type,
                "Subject.Organization" => &mut parsed.organization,
                "Subject.Country" => &mut parsed.country,
                _ => continue,
            };
            *field = Some(shown(value.trim()));
        }
        Some(parsed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> ServerCertificateText {
        let content = [&[0x16, u8::try_from(text.len()).unwrap()][..], text.as_bytes()].concat();
        ServerCertificateText::parse(&content).unwrap()
    }

    #[test]
    fn both_forms_of_the_text_are_read() {
        let basic = parsed("TLS~BASIC");
        assert_eq!((&*basic.text, basic.organization), ("TLS~BASIC", None));
        let signing =
            r"CertType:SignOnly\r\nSubject.Organization:Example GmbH\r\nSubject.Country:DE";
        for text in [signing, &signing.replace(r"\r\n", "\r\n")] {
            let text = parsed(text);
            assert_eq!(text.certificate_type.as_deref(), Some("SignOnly"));
            assert_eq!(text.organization.as_deref(), Some("Example GmbH"));
            assert_eq!(text.country.as_deref(), Some("DE"));
        }
    }

    #[test]
    fn content_other_than_a_string_is_none() {
        for content in [&b""[..], &[4, 1, 65], &[0x16, 9, 65], &[0x30, 0]] {
            assert_eq!(ServerCertificateText::parse(content), None, "{content:?}");
        }
        assert_eq!(parsed(""), ServerCertificateText::default());
    }
}
