// SPDX-License-Identifier: MIT OR Apache-2.0

//! Content of a token, and its certificates.

use super::certificate::{Attribute, Certificate, RSA_ENCRYPTION, key_info, name, name_in};
use super::clock::Clock;
use super::extension::{self, Product, server_info};
use super::rsa::Algorithm;
use super::{der, hardware, signed_data};
use crate::tree::utf16_nul;

/// Content that a license server writes into a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenSpec {
    /// Name of the license server: common name of the issuer, and in the extension.
    pub server: String,
    /// Domain or workgroup of the license server: locality of the issuer.
    pub server_domain: String,
    /// Scope of the license server, in the extension.
    pub scope: String,
    /// Product ID of the license server, in the extension.
    pub server_id: String,
    /// Serial number of the server's certificate. A self-signed one is valid from the day and time
    /// of this FILETIME in 1970 until that of 2049. In the samples the FILETIME is of 1970, too.
    pub server_created: u64,
    /// Machine name from the client: common name of the subject.
    pub machine: String,
    /// User name from the client: locality of the subject.
    pub user: String,
    /// CLIENT_HARDWARE_ID. The token contains the ID under a mask.
    pub hardware_id: [u8; 20],
    /// Low four of the five bytes of the token's serial number. The first byte is 3.
    pub serial: u32,
    /// FILETIME of whole seconds.
    pub not_before: u64,
    /// FILETIME of whole seconds.
    pub not_after: u64,
    /// Product that the host requested.
    pub requested_product: String,
    /// Granted product.
    pub product: String,
    /// Version of the product, major and minor.
    pub version: (u16, u16),
    /// ProductLicenseFlags. The highest bit makes the token temporary.
    pub flags: u32,
    /// Number of licenses.
    pub license_count: u32,
    /// Platform of the client.
    pub platform_id: u32,
    /// Language of the license server.
    pub language_id: u32,
    /// Manufacturer of the product.
    pub manufacturer: String,
    /// Version of the certificate.
    pub cert_version: u32,
    /// `ProductVersion` of the store: major in the high word, minor in the low one.
    pub index_version: u32,
    /// `LicenseScope` of the store.
    pub index_scope: String,
    /// `CompanyName` of the store.
    pub index_company: String,
    /// `ProductID` of the store.
    pub index_product: String,
    /// Name that was typed at the activation: common name of the license server in its certificate and in the
    /// certificates that it issues. Without such a name, both have the name of the server.
    pub activation_name: Option<String>,
    /// Text of the Clearinghouse in the certificate of the license server.
    pub clearinghouse_text: Option<String>,
    /// SPK in the certificate of an activated license server: 35 characters.
    pub server_spk: Option<String>,
    /// Number in an extension that no text names.
    pub unnamed_9: Option<u32>,
    /// Number of authorities above the license server. The topmost one is self-signed, or else the
    /// license server.
    pub above: usize,
    /// Test key of the license server and of the token. Higher indexes wrap.
    pub key: usize,
}

/// The four values of a token's index, as in the registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Index {
    /// `ProductVersion`.
    pub version: u32,
    /// `LicenseScope`: ANSI with a NUL.
    pub scope: Vec<u8>,
    /// `CompanyName`: UTF-16 with a NUL.
    pub company: Vec<u8>,
    /// `ProductID`: UTF-16 with a NUL.
    pub product: Vec<u8>,
}

/// Certificates of a token before their signatures, the root first.
#[derive(Clone, Debug)]
pub(crate) struct Certificates {
    pub(crate) above: Vec<Certificate>,
    pub(crate) server: Certificate,
    pub(crate) leaf: Certificate,
}

impl Certificates {
    pub(crate) fn sign(&self) -> Vec<Vec<u8>> {
        self.above.iter().chain([&self.server, &self.leaf]).map(Certificate::sign).collect()
    }
}

impl TokenSpec {
    /// Returns the token as a client stores it: certificates in a SignedData of PKCS #7.
    pub fn encode(&self) -> Vec<u8> {
        signed_data(&self.certificates())
    }

    /// Returns the certificates of the token: the root first, the client's last.
    pub fn certificates(&self) -> Vec<Vec<u8>> {
        self.unsigned().sign()
    }

    /// Returns NEW_LICENSE_INFO of [MS-RDPELE] 2.2.2.6.1, which carries the token.
    pub fn new_license_info(&self) -> Vec<u8> {
        let Index { version, scope, company, product } = self.index();
        let mut bytes = version.to_le_bytes().to_vec();
        for part in [scope, company, product, self.encode()] {
            bytes.extend((part.len() as u32).to_le_bytes());
            bytes.extend(part);
        }
        bytes
    }

    /// Returns the index of the token.
    pub fn index(&self) -> Index {
        let ansi = |c: char| u8::try_from(c).unwrap_or(b'?');
        Index {
            version: self.index_version,
            scope: self.index_scope.chars().chain(['\0']).map(ansi).collect(),
            company: utf16_nul(&self.index_company),
            product: utf16_nul(&self.index_product),
        }
    }

    /// Returns the common name of the license server in its certificate.
    pub(crate) fn certificate_name(&self) -> &str {
        self.activation_name.as_deref().unwrap_or(&self.server)
    }

    /// Returns the serial number of the leaf.
    pub(crate) fn serial_bytes(&self) -> Vec<u8> {
        [&[3], &self.serial.to_be_bytes()[..]].concat()
    }

    /// Returns the certificates, for changes.
    pub(crate) fn unsigned(&self) -> Certificates {
        let above = self.authorities();
        let server = self.server_certificate(above.last());
        let leaf = self.leaf(&server);
        Certificates { above, server, leaf }
    }

    /// Returns authorities like those of the Clearinghouse, with usual names and signatures. No
    /// sample is known.
    fn authorities(&self) -> Vec<Certificate> {
        let mut above: Vec<Certificate> = Vec::new();
        for number in 0..self.above {
            let common = match number {
                0 => "Forged Root Authority".to_owned(),
                _ => format!("Forged Licensing Authority {number}"),
            };
            let printable = |text: &str| der::element(0x13, text.as_bytes());
            let subject = name_in(&[(Attribute::CommonName, &common)], printable);
            let issuer = above.last().map_or(&subject, |issuer| &issuer.subject).clone();
            let key = self.key + 1 + number;
            above.push(Certificate {
                serial: der::unsigned(&[number as u8 + 1]),
                algorithm: Algorithm::Sha1,
                key_info: key_info(&RSA_ENCRYPTION, key),
                extensions: vec![extension::authority((self.above - number) as u8)],
                signer: if number == 0 { key } else { key - 1 },
                ..Certificate::new(issuer, subject, self.around(20))
            });
        }
        above
    }

    /// Returns the certificate of the license server.
    fn server_certificate(&self, issuer: Option<&Certificate>) -> Certificate {
        let subject = self.server_name();
        let mut extensions = vec![extension::authority(0)];
        if let Some(spk) = &self.server_spk {
            extensions.push(extension::licensing(8, false, &utf16_nul(spk)));
        }
        if let Some(text) = &self.clearinghouse_text {
            extensions.push(extension::clearinghouse(text));
        }
        let own = Certificate {
            serial: der::unsigned(&self.server_created.to_be_bytes()),
            key_info: key_info(&RSA_ENCRYPTION, self.key),
            extensions,
            signer: self.key,
            ..Certificate::new(subject.clone(), subject, self.around(1))
        };
        match issuer {
            Some(issuer) => Certificate {
                issuer: issuer.subject.clone(),
                algorithm: Algorithm::Sha1,
                signer: self.key + self.above,
                ..own
            },
            None => {
                let created = Clock::new(self.server_created);
                Certificate {
                    not_before: created.in_year(1970).encode(),
                    not_after: created.in_year(2049).encode(),
                    ..own
                }
            }
        }
    }

    /// The license certificate. It has the key of the server, since the client has no key.
    fn leaf(&self, server: &Certificate) -> Certificate {
        let subject = name(&[
            (Attribute::CommonName, &self.machine),
            (Attribute::Locality, &self.user),
            (Attribute::SerialNumber, &hardware::subject_serial(&self.hardware_id)),
        ]);
        let product = Product {
            count: self.license_count,
            platform: self.platform_id,
            language: self.language_id,
            requested: &self.requested_product,
            adjusted: &self.product,
            versions: &[self.version],
            flags: self.flags,
        };
        let info = server_info(&self.server, &self.server_id, &self.scope);
        let serial = self.serial_bytes();
        let mut extensions =
            extension::licensed(self.cert_version, &self.manufacturer, &product, &info);
        if let Some(number) = self.unnamed_9 {
            extensions.push(extension::licensing(9, true, &number.to_le_bytes()));
        }
        extensions.push(extension::authority_key(&self.server, &serial));
        Certificate {
            serial: der::unsigned(&serial),
            key_info: server.key_info.clone(),
            extensions,
            signer: self.key,
            ..Certificate::new(self.server_name(), subject, (self.not_before, self.not_after))
        }
    }

    fn server_name(&self) -> Vec<u8> {
        name(&[
            (Attribute::CommonName, self.certificate_name()),
            (Attribute::Locality, &self.server_domain),
        ])
    }

    /// A validity that exceeds that of the leaf by `years` on both sides.
    fn around(&self, years: u64) -> (u64, u64) {
        let longer = years * 365 * 86_400 * 10_000_000;
        (self.not_before.saturating_sub(longer), self.not_after.saturating_add(longer))
    }
}
