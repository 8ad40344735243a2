// SPDX-License-Identifier: MIT OR Apache-2.0

//! Certificates of session hosts, and the chain that a host sends to its clients.

use super::certificate::{Attribute, Certificate, key_info, name};
use super::extension::{self, Product, server_info};
use super::{TokenSpec, der, hardware};

/// Content of the certificate that a license server issues to a session host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostSpec {
    /// Name of the license server.
    pub server: String,
    /// Domain or workgroup of the license server.
    pub server_domain: String,
    /// Scope of the license server.
    pub scope: String,
    /// Product ID of the license server.
    pub server_id: String,
    /// Common name of the license server in its certificate: the name from its activation, or the server's
    /// name.
    pub certificate_name: String,
    /// Protocol of the host's RPC binding: `ncalrpc`, `ncacn_np` or `ncacn_ip_tcp`.
    pub protocol: String,
    /// Name or address of the host in the binding.
    pub host: String,
    /// Version records. Certificates have one up to 2013, and three from 2014 on.
    pub versions: Vec<(u16, u16)>,
    /// Flags of each version record.
    pub flags: u32,
    /// Identifier of the host, under the mask of hardware IDs.
    pub hardware_id: [u8; 20],
    /// Low four of the five bytes of the serial number. The first byte is 1.
    pub serial: u32,
    /// FILETIME of whole seconds.
    pub not_before: u64,
    /// FILETIME of whole seconds.
    pub not_after: u64,
    /// Language of the license server.
    pub language_id: u32,
    /// Test key of the license server.
    pub server_key: usize,
    /// Test key of the host. Unlike a client, a host has its own key.
    pub key: usize,
}

impl HostSpec {
    /// Returns the data of a certificate for `host` from the license server of `token`.
    pub fn new(token: &TokenSpec, host: &str) -> Self {
        Self {
            server: token.server.clone(),
            server_domain: token.server_domain.clone(),
            scope: token.scope.clone(),
            server_id: token.server_id.clone(),
            certificate_name: token.certificate_name().to_owned(),
            protocol: "ncalrpc".to_owned(),
            host: host.to_owned(),
            versions: vec![(0, 0x1000)],
            flags: 0x0064_8000,
            hardware_id: token.hardware_id,
            serial: 2,
            not_before: token.not_before,
            not_after: crate::time::filetime(2038, 1, 19, 3, 14, 7),
            language_id: token.language_id,
            server_key: token.key,
            key: token.key + 1,
        }
    }
}

/// Returns the certificate of a session host.
pub fn host_certificate(spec: &HostSpec) -> Vec<u8> {
    let issuer = name(&[
        (Attribute::CommonName, &spec.certificate_name),
        (Attribute::Locality, &spec.server_domain),
    ]);
    let binding = format!("{}:{}", spec.protocol, spec.host);
    let cut: String = binding.chars().take(16).collect();
    let subject = name(&[
        (Attribute::CommonName, &cut),
        (Attribute::Locality, &binding),
        (Attribute::SerialNumber, &hardware::subject_serial(&spec.hardware_id)),
    ]);
    let product = Product {
        count: 1,
        platform: 2,
        language: spec.language_id,
        requested: HOST_PRODUCT,
        adjusted: HOST_PRODUCT,
        versions: &spec.versions,
        flags: spec.flags,
    };
    let info = server_info(&spec.server, &spec.server_id, &spec.scope);
    let serial = [&[1], &spec.serial.to_be_bytes()[..]].concat();
    let mut extensions = extension::licensed(0x0005_0001, "Microsoft Corporation", &product, &info);
    extensions.push(extension::authority_key(&spec.server, &serial));
    Certificate {
        serial: der::unsigned(&serial),
        key_info: key_info(&OIW_SHA_RSA, spec.key),
        extensions,
        signer: spec.server_key,
        ..Certificate::new(issuer, subject, (spec.not_before, spec.not_after))
    }
    .sign()
}

/// X509_CERTIFICATE_CHAIN of [MS-RDPELE] 2.2.1.4.2 in a SERVER_CERTIFICATE, after the version:
/// chain, temporarily issued.
pub fn chain(certificates: &[Vec<u8>]) -> Vec<u8> {
    [&0x8000_0002_u32.to_le_bytes(), &bare_chain(certificates)[..]].concat()
}

/// Returns the chain without the version.
pub fn bare_chain(certificates: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = (certificates.len() as u32).to_le_bytes().to_vec();
    for certificate in certificates {
        bytes.extend((certificate.len() as u32).to_le_bytes());
        bytes.extend(certificate);
    }
    bytes.resize(bytes.len() + 8 + 4 * certificates.len(), 0);
    bytes
}

/// Product of a session host in its certificate.
const HOST_PRODUCT: &str = "3d267954-eeb7-11d1-b94e-00c04fa3080d";

/// shaWithRSASignature of the OIW, here in the place of the key algorithm.
const OIW_SHA_RSA: [u32; 6] = [1, 3, 14, 3, 2, 15];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::hex::decode;
    use crate::token::Generation;

    #[test]
    fn chain_equals_that_of_the_sample() {
        let message = decode(include_str!("../../vectors/rdpele_4.1_message.hex"));
        let published = &message[0x70..message.len() - 22];
        let server = published[12..12 + 757].to_vec();
        let host = published[12 + 757 + 4..][..1277].to_vec();
        assert_eq!(chain(&[server, host]), published);
    }

    #[test]
    fn host_certificate_has_its_own_key() {
        let token = TokenSpec::generation(Generation::Server2012);
        let spec = HostSpec::new(&token, "RDSH01");
        let other = HostSpec { key: token.key, ..spec.clone() };
        assert_ne!(host_certificate(&spec), host_certificate(&other));
    }
}
