// SPDX-License-Identifier: MIT OR Apache-2.0

//! Forges tokens of Remote Desktop clients, and certificates of session hosts. A [`TokenSpec`]
//! determines the content of certificates. They have the layout of the published samples, byte for
//! byte, and are signed with test keys.

mod certificate;
mod clock;
mod damage;
mod der;
mod extension;
mod generation;
pub(crate) mod hardware;
mod host;
mod keys;
mod odd;
mod random;
mod rsa;
mod seeds;
mod spec;

pub use damage::damaged;
pub use generation::Generation;
pub use host::{HostSpec, bare_chain, chain, host_certificate};
pub use odd::{Odd, Reading, Signature, odd, odd_spec};
pub(crate) use rsa::Algorithm;
pub use seeds::seeds;
pub use spec::{Index, TokenSpec};

/// Number of test keys. Higher indexes wrap around.
pub const KEYS: usize = keys::KEYS.len();

/// Returns a SignedData of PKCS #7 with certificates only.
pub(crate) fn signed_data<T: AsRef<[u8]>>(certificates: &[T]) -> Vec<u8> {
    let data = der::sequence(&[der::oid(&[1, 2, 840, 113_549, 1, 7, 1])]);
    let content = der::sequence(&[
        der::unsigned(&[1]),
        der::set(Vec::new()),
        data,
        der::tagged(0, &der::joined(certificates)),
        der::set(Vec::new()),
    ]);
    der::sequence(&[der::oid(&[1, 2, 840, 113_549, 1, 7, 2]), der::tagged(0, &content)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Rng;
    use crate::scenario::hex;
    use crate::time::filetime;

    /// Test key of 2048 bits, the size of the key in the sample.
    const BIG: usize = 3;

    /// Identifier in the host certificate of [MS-RDPELE] 4.1, under its mask.
    const HOST_ID: [u8; 20] = [
        0x02, 0x00, 0x00, 0x00, 0x95, 0x86, 0x48, 0x16, 0x3A, 0x8C, 0xB6, 0xFE, 0x4A, 0xFF, 0xD1,
        0xAB, 0x45, 0xA8, 0x0C, 0x5B,
    ];

    /// Content of the token in [MS-RDPELE] 4.6.
    fn sample() -> TokenSpec {
        TokenSpec {
            server: "RODENT".to_owned(),
            server_domain: "WORKGROUP".to_owned(),
            scope: "WORKGROUP".to_owned(),
            server_id: "78440-006-5867045-70347".to_owned(),
            server_created: 0x019E_274D_68AC_ED20,
            machine: "RODENT".to_owned(),
            user: "Administrator".to_owned(),
            hardware_id: hex::hardware_id().try_into().expect("20 bytes"),
            serial: 15,
            not_before: filetime(2007, 6, 20, 14, 51, 35),
            not_after: filetime(2007, 9, 18, 14, 51, 35),
            language_id: 0x400,
            key: BIG,
            ..TokenSpec::generation(Generation::Server2008)
        }
    }

    #[test]
    fn host_certificate_equals_the_sample_without_key_and_signature() {
        let spec = HostSpec {
            hardware_id: HOST_ID,
            serial: 2,
            not_before: filetime(2007, 5, 26, 12, 45, 53),
            not_after: filetime(2038, 1, 19, 3, 14, 7),
            language_id: 0x409,
            key: BIG,
            ..HostSpec::new(&sample(), "RODENT")
        };
        let published = hex::terminal_server_certificate();
        assert_eq!(masked(&host_certificate(&spec), 293), masked(&published, 293));
    }

    /// Returns the bytes except the modulus, which begins at `modulus`, and the signature at the
    /// end.
    fn masked(certificate: &[u8], modulus: usize) -> Vec<u8> {
        let mut bytes = certificate.to_vec();
        bytes[modulus..modulus + 256].fill(0);
        let signature = bytes.len() - 256;
        bytes[signature..].fill(0);
        bytes
    }

    #[test]
    fn token_equals_the_sample_without_key_and_signature() {
        let forged = sample().certificates();
        let server = hex::license_server_certificate();
        let leaf = hex::decode(include_str!("../../vectors/rdpele_4.6_cert1_client_CAL_leaf.hex"));
        assert_eq!(masked(&forged[0], 203), masked(&server, 203));
        assert_eq!(masked(&forged[1], 277), masked(&leaf, 277));
        assert_eq!(forged.len(), 2);
    }

    #[test]
    fn containers_equal_those_of_the_sample() {
        let samples = hex::token();
        assert_eq!(signed_data(&[&samples[45..802], &samples[802..1943]]), samples);
        let info = hex::decode(include_str!("../../vectors/rdpele_4.6_NEW_LICENSE_INFO.hex"));
        let forged = sample().new_license_info();
        assert_eq!(forged.len(), info.len());
        assert_eq!(forged[..86], info[..86]);
        assert_eq!(info[86..], samples);
    }

    #[test]
    fn signatures_verify_up_to_the_root() {
        let spec = TokenSpec { above: 2, ..TokenSpec::generation(Generation::Server2012) };
        let certificates = spec.unsigned();
        let chain = [&certificates.above[..], &[certificates.server, certificates.leaf]].concat();
        let keys = [spec.key + 1, spec.key + 1, spec.key + 2, spec.key];
        for (index, (certificate, key)) in chain.iter().zip(keys).enumerate() {
            let issuer = &chain[index.saturating_sub(1)];
            assert_eq!(certificate.issuer, issuer.subject);
            assert_eq!(
                issuer.key_info,
                certificate::key_info(&certificate::RSA_ENCRYPTION, key),
                "{index}"
            );
            let [body, _, signature] = certificate.signed_parts();
            let bytes = &signature[signature.len() - 128..];
            let algorithm = if index == 3 { Algorithm::OiwSha1 } else { Algorithm::Sha1 };
            assert!(rsa::verifies(key, algorithm, &body, bytes), "{index}");
        }
    }

    #[test]
    fn random_tokens_differ() {
        let specs: Vec<TokenSpec> =
            (0..20).map(|seed| TokenSpec::random(&mut Rng::new(seed))).collect();
        for (index, spec) in specs.iter().enumerate() {
            assert!(!specs[..index].contains(spec));
            assert_eq!(spec.certificates().len(), spec.above + 2);
            assert_eq!(spec.encode(), spec.encode());
        }
    }
}
