// SPDX-License-Identifier: MIT OR Apache-2.0
//! Odd certificates are decoded as far as possible, and the result states how.

use calhive::meaning::{Reading, SignatureState};
use calhive::token::Token;
use hive_forge::token::{self, odd, odd_spec};

#[test]
fn odd_tokens_have_the_expected_reading_and_signature() {
    let (mut wrong, mut read_as) = (Vec::new(), [0; 4]);
    for odd in odd() {
        let read = Token::parse(&odd.token);
        let reading = match &read {
            Err(_) => token::Reading::Undecodable,
            Ok(token) => match token.chain.reading() {
                Reading::Strict => token::Reading::Strict,
                Reading::Lenient => token::Reading::Lenient,
                Reading::Salvaged => token::Reading::Salvaged,
            },
        };
        read_as[reading as usize] += 1;
        let state = read.as_ref().ok().and_then(|token| token.chain.signatures.last());
        let signature = match state.map(|it| it.state) {
            Some(SignatureState::Valid) => token::Signature::Valid,
            Some(SignatureState::Invalid) => token::Signature::Invalid,
            _ => token::Signature::NotCheckable,
        };
        let expected = odd.signature;
        if (reading, signature) != (odd.reading, expected) {
            wrong.push(format!(
                "{}: {reading:?} {signature:?}, should be {:?} {expected:?} ({})\n  {:?}",
                odd.name,
                odd.reading,
                odd.note,
                read.map(|it| (
                    it.chain.faults,
                    it.chain.certificates.iter().map(|it| it.faults.clone()).collect::<Vec<_>>()
                ))
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(read_as.iter().all(|count| *count > 2), "each reading: {read_as:?}");
}

#[test]
fn tokens_without_strict_reading_have_faults_with_offsets() {
    let (mut strict, mut faulty) = (0, 0);
    for odd in odd() {
        let Ok(token) = Token::parse(&odd.token) else { continue };
        let chain = &token.chain;
        let faults = chain.certificates.iter().flat_map(|it| &it.faults).chain(&chain.faults);
        let faults: Vec<_> = faults.collect();
        assert_eq!(faults.is_empty(), chain.reading() == Reading::Strict, "{}", odd.name);
        for fault in faults {
            assert!(fault.offset() <= odd.token.len(), "{}: {fault}", odd.name);
            faulty += 1;
        }
        strict += usize::from(chain.reading() == Reading::Strict);
    }
    assert!(strict > 2 && faulty > 10, "{strict} {faulty}");
}

#[test]
fn truncated_token_is_decoded_up_to_its_end() {
    let spec = odd_spec();
    let whole = spec.encode();
    let leaf = Token::parse(&whole).unwrap().chain.leaf().unwrap().clone();
    let subject = {
        let name: Vec<u8> = spec.machine.encode_utf16().flat_map(u16::to_be_bytes).collect();
        leaf.offset + leaf.raw.windows(name.len()).position(|part| part == name).unwrap()
    };
    let (mut salvaged, mut named) = (0, 0);
    for end in 0..whole.len() {
        let Ok(token) = Token::parse(&whole[..end]) else { continue };
        let chain = &token.chain;
        assert_eq!(chain.reading(), Reading::Salvaged, "{end}");
        salvaged += 1;
        let Some(cut) = chain.certificates.get(1) else { continue };
        if end > subject {
            named += 1;
            assert_eq!(cut.issuer, leaf.issuer, "{end}");
            assert_eq!((cut.not_before, cut.not_after), (leaf.not_before, leaf.not_after), "{end}");
        }
        let is_whole = end >= leaf.offset + leaf.raw.len();
        let state = if is_whole { SignatureState::Valid } else { SignatureState::NotCheckable };
        assert_eq!(chain.signatures[1].state, state, "{end}");
    }
    assert!(salvaged > 1000 && named > 500, "{salvaged} {named}");
}
