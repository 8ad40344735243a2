// SPDX-License-Identifier: MIT OR Apache-2.0
//! The token of [MS-RDPELE] 4.6, deleted. The token is found wherever its bytes are left.

use calhive::Hive;
use calhive::token::{CarvedToken, Token, TokenSignatures};
use calhive_regf::recover::carve::{Kind, carve_bytes};
use hive_forge::deletion::{DeletedToken, Lost, deleted_token, token_in_raw_file};

/// Asserts that the fields are those of the published token.
fn assert_published_token(bytes: &[u8]) {
    let token = Token::parse(bytes).unwrap();
    let leaf = token.chain.leaf().unwrap();
    assert_eq!(leaf.issuer.common_name(), Some("RODENT"));
    assert_eq!(leaf.issuer.locality(), Some("WORKGROUP"));
    assert_eq!(leaf.subject.common_name(), Some("RODENT"));
    assert_eq!(leaf.subject.locality(), Some("Administrator"));
    assert_eq!(leaf.serial, [3, 0, 0, 0, 0x0F]);
    assert_eq!(&*leaf.license.product.as_ref().unwrap().product, "A02-6.00-S");
    assert_eq!(leaf.not_after.unwrap().to_string(), "2007-09-18T14:51:35.0000000Z");
}

/// Whole tokens with their offsets.
fn tokens(bytes: &[u8]) -> Vec<(u64, Vec<u8>)> {
    let mut tokens = Vec::new();
    carve_bytes(bytes, Some(&TokenSignatures::new()), |carved| {
        if let Kind::Signature { bytes, tag } = carved.kind
            && CarvedToken::from_tag(tag) == Some(CarvedToken::Token)
        {
            assert!(carved.is_whole);
            tokens.push((carved.place.offset.get(), bytes.to_vec()));
        }
    });
    tokens
}

#[test]
fn deleted_token_is_recovered_from_its_value_or_carved() {
    for lost in [Lost::Neither, Lost::Value, Lost::Key, Lost::Both] {
        let DeletedToken { edited, token, offset } = deleted_token(lost);
        let bytes = &edited.hive.bytes;
        let recovery = Hive::parse(bytes).unwrap().recover();
        let values: Vec<_> = recovery
            .iter()
            .filter(|it| it.value().is_some() && it.name() == "ClientLicense".into())
            .collect();
        match lost {
            Lost::Neither | Lost::Key => {
                let [value] = values[..] else { panic!("{lost:?}: {values:?}") };
                let data = value.data();
                assert!(data.is_whole() && data.to_bytes() == token, "{lost:?}");
                assert_eq!(data.pieces()[0].bytes.offset().get(), offset as u64);
                assert_published_token(&data.to_bytes());
                let path = value.key_path().map(|path| path.to_string());
                let known = (lost == Lost::Neither)
                    .then(|| String::from(r"Microsoft\MSLicensing\Store\LICENSE000"));
                assert_eq!(path, known, "{lost:?}");
            }
            Lost::Value | Lost::Both => assert!(values.is_empty(), "{lost:?}: {values:?}"),
        }
        // Carving needs only the bytes of the token.
        let carved = tokens(bytes);
        assert_eq!(carved, [(offset as u64, token)], "{lost:?}");
        assert_published_token(&carved[0].1);
    }
}

#[test]
fn token_at_odd_offset_of_a_raw_file_is_carved() {
    for seed in 0..20 {
        let (bytes, offset, token) = token_in_raw_file(seed);
        let carved = tokens(&bytes);
        assert_eq!(carved, [(offset as u64, token)], "{seed}");
        assert_published_token(&carved[0].1);
    }
}
