// SPDX-License-Identifier: MIT OR Apache-2.0
//! Signatures of sound chains. No order and no missing certificate makes a signature invalid.

use calhive::describe_token;
use calhive::meaning::SignatureState::{self, NotCheckable, Valid};
use calhive::report::TokenKind;
use calhive::token::Chain;
use hive_forge::token::{Generation, TokenSpec, bare_chain};

/// A root, an authority, the license server, and the leaf.
fn certificates() -> Vec<Vec<u8>> {
    TokenSpec { above: 2, ..TokenSpec::generation(Generation::Server2012) }.certificates()
}

fn states(certificates: &[Vec<u8>]) -> Vec<SignatureState> {
    let chain = Chain::parse(&bare_chain(certificates)).unwrap();
    chain.signatures.iter().map(|signature| signature.state).collect()
}

#[test]
fn order_and_missing_certificates_make_no_signature_invalid() {
    let all = certificates();
    let pick = |places: &[usize]| -> Vec<Vec<u8>> {
        places.iter().map(|place| all[*place].clone()).collect()
    };
    assert_eq!(states(&all), [Valid; 4]);
    assert_eq!(states(&pick(&[3, 2, 1, 0])), [Valid; 4], "leaf first");
    assert_eq!(states(&pick(&[3, 2, 1])), [Valid, Valid, NotCheckable], "leaf first, no root");
    assert_eq!(states(&pick(&[1, 2, 3])), [NotCheckable, Valid, Valid], "no root");
    assert_eq!(states(&pick(&[0, 1, 3])), [Valid, Valid, NotCheckable], "no license server");
    assert_eq!(states(&pick(&[2, 3])), [NotCheckable, Valid], "server and leaf");
    assert_eq!(states(&pick(&[3])), [NotCheckable], "the leaf alone");
}

#[test]
fn certificates_of_equal_name_are_all_tried() {
    let spec = |key| TokenSpec { key, ..TokenSpec::generation(Generation::Server2008) };
    // Self-signed certificates of one name with different keys, as of a renewed server.
    let mut chain: Vec<Vec<u8>> = (0..3).map(|key| spec(key).certificates().remove(0)).collect();
    chain.push(spec(0).certificates().remove(1));
    assert_eq!(states(&chain), [Valid; 4]);
    chain.rotate_left(1);
    assert_eq!(states(&chain), [Valid; 4]);
}

#[test]
fn chain_without_leaf_has_no_license() {
    for generation in Generation::ALL {
        let server = TokenSpec::generation(generation).certificates().remove(0);
        let report = describe_token(&server, TokenKind::File);
        assert!(report.license.is_none(), "{generation:?}: {:?}", report.license);
        assert_eq!(report.certificates.len(), 1);
    }
}
