// SPDX-License-Identifier: MIT OR Apache-2.0
//! Every field of the samples that Microsoft published.

use calhive::describe_token;
use calhive::meaning::Container;
use calhive::meaning::{Reading, SignatureState};
use calhive::report::TokenKind;
use calhive::token::Token;
use calhive::token::{Certificate, Chain, DistinguishedName};

use super::vector;

const TOKEN: &str = "rdpele_4.6_ClientLicense_pkcs7_temp_A02-6.00-S";

fn names(name: &DistinguishedName) -> Vec<(&str, u8, &str)> {
    name.attributes.iter().map(|it| (&*it.oid, it.tag, &*it.value)).collect()
}

fn validity(certificate: &Certificate) -> [String; 2] {
    [certificate.not_before, certificate.not_after].map(|time| time.unwrap().to_string())
}

#[test]
fn the_token_of_4_6_says_what_licensing_2_5_lists() {
    let token = Token::parse(&vector(TOKEN)).unwrap();
    assert_eq!(token.index, None);
    let chain = &token.chain;
    assert_eq!((chain.container, chain.reading()), (Container::Pkcs7, Reading::Strict));
    assert_eq!((chain.certificates.len(), chain.leaf_index()), (2, Some(1)));
    assert_eq!(chain.faults, []);

    let leaf = chain.leaf().unwrap();
    assert_eq!((leaf.reading, leaf.version), (Reading::Strict, Some(3)));
    assert_eq!(leaf.faults, []);
    assert_eq!(names(&leaf.issuer), [("2.5.4.3", 0x1E, "RODENT"), ("2.5.4.7", 0x1E, "WORKGROUP")]);
    assert_eq!(leaf.subject.common_name(), Some("RODENT"));
    assert_eq!(leaf.subject.locality(), Some("Administrator"));
    assert_eq!(leaf.subject.serial_number(), Some(r"1BcKedy2krO4/MCDLI1AHZcPias=\u{D}\u{A}"));
    assert_eq!(leaf.serial, [3, 0, 0, 0, 0x0F]);
    assert_eq!(validity(leaf), ["2007-06-20T14:51:35.0000000Z", "2007-09-18T14:51:35.0000000Z"]);
    assert_eq!(leaf.signature_algorithm.as_deref(), Some("1.3.14.3.2.29"));
    assert_eq!((leaf.signature.len(), leaf.key.as_ref().unwrap().bits()), (256, 2048));
    assert_eq!(leaf.key.as_ref().unwrap().exponent, [1, 0, 1]);

    let license = &leaf.license;
    assert_eq!(license.manufacturer.as_deref(), Some("Microsoft Corporation"));
    assert_eq!(license.certificate_version, Some(0x0005_0001));
    assert_eq!((&license.server_spk, license.unnamed_9), (&None, None));
    let product = license.product.as_ref().unwrap();
    assert_eq!((product.version, product.license_count, product.platform_id), (0x3000, 1, 0xFF));
    assert_eq!(product.language_id, 0x400);
    assert_eq!((&*product.requested_product, &*product.product), ("A02", "A02-6.00-S"));
    let [version] = product.versions[..] else { panic!("{product:?}") };
    assert_eq!((version.major, version.minor, version.flags.bits()), (6, 0, 0x8064_8000));
    assert_eq!(version.flags.to_string(), "0x80648000 (temporary, enforced, beta version)");
    let server = license.server.as_ref().unwrap();
    assert_eq!((server.version, &*server.issuer, &*server.scope), (0x3000, "RODENT", "WORKGROUP"));
    assert_eq!(server.issuer_id.as_deref(), Some("78440-006-5867045-70347"));
    let unknown: Vec<&str> = leaf
        .extensions
        .iter()
        .map(|it| it.oid.as_str())
        .filter(|it| !it.contains("311.18"))
        .collect();
    assert_eq!(unknown, ["2.5.29.35"]);
    assert_eq!(leaf.extensions[4].content[..4], [0x30, 0x19, 0xA1, 0x10], "kept raw");
    assert!(leaf.extensions.iter().all(|it| it.is_critical));

    let root = &chain.certificates[0];
    assert_eq!((root.reading, root.raw.len(), root.faults.len()), (Reading::Strict, 757, 0));
    assert_eq!(names(&root.subject), names(&leaf.issuer));
    assert_eq!(root.key, leaf.key, "a token has the license server's key");
    assert_eq!(validity(root), ["1970-05-30T10:36:18.0000000Z", "2049-05-30T10:36:18.0000000Z"]);
    assert_eq!(root.raw, vector("rdpele_4.6_cert0_license_server_selfsigned"));
    assert_eq!(leaf.raw, vector("rdpele_4.6_cert1_client_CAL_leaf"));
    assert_eq!(vector(TOKEN)[leaf.offset..][..leaf.raw.len()], leaf.raw);
}

#[test]
fn both_signatures_of_the_token_of_4_6_are_valid() {
    let token = Token::parse(&vector(TOKEN)).unwrap();
    let states: Vec<_> = token.chain.signatures.iter().map(|it| (it.state, it.issuer)).collect();
    assert_eq!(states, [(SignatureState::Valid, Some(0)), (SignatureState::Valid, Some(0))]);
}

#[test]
fn the_hardware_id_in_the_token_of_4_6_is_that_of_4_5() {
    let token = Token::parse(&vector(TOKEN)).unwrap();
    let embedded = token.chain.leaf().unwrap().embedded_hardware_id().unwrap();
    assert_eq!(embedded.masked[..], vector("cal_subject_serial_rdpele"));
    assert!(embedded.is_plausible);
    let id = embedded.id;
    let words = [id.platform_id].into_iter().chain(id.data);
    let bytes: Vec<u8> = words.flat_map(u32::to_le_bytes).collect();
    assert_eq!(bytes, vector("hwid_rdpele_4.5"));
    let mask: Vec<u8> = bytes.iter().zip(embedded.masked).map(|(a, b)| a ^ b).collect();
    assert_eq!(mask, vector("hwid_xor_mask_derived"));
}

#[test]
fn token_with_index_has_the_same_leaf() {
    let whole = vector("rdpele_4.6_NEW_LICENSE_INFO");
    let token = Token::parse(&whole).unwrap();
    let index = token.index.unwrap();
    assert_eq!((index.version, &*index.scope), (0x0006_0000, "microsoft.com"));
    assert_eq!((&*index.company, &*index.product), ("Microsoft Corporation", "A02"));
    let leaf = token.chain.leaf().unwrap();
    assert_eq!(whole[leaf.offset..][..leaf.raw.len()], leaf.raw, "offsets are those in the whole");
    assert_eq!(token.chain.leaf_signature().unwrap().state, SignatureState::Valid);
}

#[test]
fn terminal_server_certificate_of_4_1_is_decoded() {
    let chain = Chain::parse(&vector("rdpele_4.1_terminal_server_cert")).unwrap();
    assert_eq!(chain.container, Container::Certificates);
    let certificate = chain.leaf().unwrap();
    assert_eq!((certificate.reading, certificate.faults.len()), (Reading::Strict, 0));
    assert_eq!(certificate.serial, [1, 0, 0, 0, 2]);
    assert_eq!(certificate.issuer.to_string(), "CN=RODENT, L=WORKGROUP");
    assert_eq!(certificate.subject.common_name(), Some("ncalrpc:RODENT"));
    assert_eq!(certificate.subject.locality(), Some("ncalrpc:RODENT"));
    assert_eq!(
        validity(certificate),
        ["2007-05-26T12:45:53.0000000Z", "2038-01-19T03:14:07.0000000Z"]
    );
    let key = certificate.key.as_ref().unwrap();
    assert_eq!((&*key.algorithm, key.bits()), ("1.3.14.3.2.15", 2048), "a key all the same");
    let product = certificate.license.product.as_ref().unwrap();
    assert_eq!((product.platform_id, product.language_id), (2, 0x409));
    assert_eq!(product.product, "3d267954-eeb7-11d1-b94e-00c04fa3080d");
    assert_eq!(product.requested_product, product.product);
    let [version] = product.versions[..] else { panic!("{product:?}") };
    assert_eq!((version.major, version.minor, version.flags.bits()), (0, 0x1000, 0x0064_8000));
    let server = certificate.license.server.as_ref().unwrap();
    assert_eq!((&*server.issuer, &*server.scope), ("RODENT", "WORKGROUP"));
    assert_eq!(server.issuer_id.as_deref(), Some("78440-006-5867045-70347"));
    let embedded = certificate.embedded_hardware_id().unwrap();
    assert!(embedded.is_plausible && embedded.id.platform_id == 2, "{embedded:?}");
    let signature = chain.leaf_signature().unwrap();
    assert_eq!(signature.state, SignatureState::NotCheckable, "its issuer lies in another token");

    // The certificate with its issuer from the token of 4.6, in the container of 2.2.1.4.2.
    let root = vector("rdpele_4.6_cert0_license_server_selfsigned");
    let both = hive_chain(&[root, certificate.raw.clone()]);
    let chain = Chain::parse(&both).unwrap();
    assert_eq!((chain.container, chain.faults.len()), (Container::CertificateChain, 0));
    assert_eq!(chain.leaf_signature().unwrap().state, SignatureState::Valid);
    assert_eq!(chain.leaf_index(), Some(1));
}

/// X509_CERTIFICATE_CHAIN with the version of a SERVER_CERTIFICATE.
fn hive_chain(certificates: &[Vec<u8>]) -> Vec<u8> {
    let count = u32::try_from(certificates.len()).unwrap();
    let mut bytes = [0x8000_0002_u32.to_le_bytes(), count.to_le_bytes()].concat();
    for certificate in certificates {
        bytes.extend(u32::try_from(certificate.len()).unwrap().to_le_bytes());
        bytes.extend(certificate);
    }
    bytes.resize(bytes.len() + 8 + 4 * certificates.len(), 0);
    bytes
}

#[test]
fn flipped_bit_in_signed_part_makes_signature_invalid() {
    let bytes = vector(TOKEN);
    let token = Token::parse(&bytes).unwrap();
    let leaf = token.chain.leaf().unwrap();
    // The signed part follows the header of the certificate, and has a header of four bytes.
    let length = usize::from(u16::from_be_bytes([leaf.raw[6], leaf.raw[7]])) + 4;
    assert_eq!(length, 865);
    let start = leaf.offset + 4;
    for bit in 0..8 * length {
        let mut bytes = bytes.clone();
        bytes[start + bit / 8] ^= 1 << (bit % 8);
        let token = Token::parse(&bytes).unwrap();
        let state = token.chain.signatures[1].state;
        assert_eq!(state, SignatureState::Invalid, "byte {} bit {}", bit / 8, bit % 8);
    }
}

#[test]
fn the_report_of_a_token_has_the_fields_of_tsctst() {
    let report = describe_token(&vector(TOKEN), TokenKind::File);
    let license = report.license.unwrap();
    fn text<T: ToString>(field: &Option<T>) -> String {
        field.as_ref().map(T::to_string).unwrap_or_default()
    }
    for (field, expected) in [
        (text(&license.hardware_id), "00000002-3e8759f1-af98d8c9-f3f80224-26f03a29"),
        (text(&license.company), "Microsoft Corporation"),
        (text(&license.issuer), "RODENT"),
        (text(&license.issuer_domain), "WORKGROUP"),
        (text(&license.license_server), "RODENT"),
        (text(&license.scope), "WORKGROUP"),
        (text(&license.client_reported_machine), "RODENT"),
        (text(&license.client_reported_user), "Administrator"),
        (text(&license.language), "default of the process"),
        (text(&license.requested_product), "A02"),
        (text(&license.license_id), "A02-6.00-S"),
        (text(&license.license_type), "temporary; A02, which session hosts request"),
        (text(&license.product_version), "6.0"),
        (
            text(&license.generation),
            "Windows Server 2008 or 2008 R2; also 2012 according to a note by Microsoft",
        ),
        (text(&license.flags_meaning), "0x80648000 (temporary, enforced, beta version)"),
        (text(&license.valid_from), "2007-06-20T14:51:35.0000000Z"),
        (text(&license.expires), "2007-09-18T14:51:35.0000000Z"),
        (text(&license.license_server_id), "78440-006-5867045-70347"),
        (text(&license.license_server_spk), ""),
    ] {
        assert_eq!(field, expected);
    }
    let masked: String =
        vector("cal_subject_serial_rdpele").iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(text(&license.hardware_id_masked), masked);
    assert_eq!(license.hardware_id_is_plausible, Some(true));
    let numbers = [license.certificate_version, license.client_platform_id, license.language_id];
    assert_eq!(numbers, [Some(0x0005_0001), Some(0xFF), Some(0x0400)]);
    assert_eq!(license.flags, Some(0x8064_8000));
    assert_eq!((license.is_temporary, license.is_enforced), (Some(true), Some(true)));
    assert_eq!((license.is_released, license.license_count), (Some(false), Some(1)));
    assert_eq!((license.signature, license.certificate), (Some(SignatureState::Valid), 1));
    assert_eq!(license.integrity, "internally consistent; issuer not authenticated");
    assert!(report.sha256.starts_with("cbb96a64"), "{}", report.sha256);
    assert!(report.disagreements.is_empty(), "{:?}", report.disagreements);
    let serials: Vec<&str> = report.certificates.iter().map(|it| it.serial.as_str()).collect();
    assert_eq!(serials, ["019e274d68aced20", "030000000f"]);
}
