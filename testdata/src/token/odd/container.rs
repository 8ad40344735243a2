// SPDX-License-Identifier: MIT OR Apache-2.0

//! Oddities around signed certificates, and partial tokens.

use super::{Odd, Reading, Signature, odd_spec};
use crate::scenario::hex;
use crate::token::{der, signed_data};
use Reading::{Lenient, Salvaged, Strict, Undecodable};

/// The indefinite length, and the end of its content.
const INDEFINITE: u8 = 0x80;
const END: [u8; 2] = [0, 0];

pub(super) fn odd() -> Vec<Odd> {
    let [server, leaf] = pair();
    let odd = |name, reading, token, note| Odd {
        name,
        token,
        reading,
        signature: Signature::Valid,
        note,
    };
    let parts = odd_spec().unsigned().leaf.signed_parts().concat();
    let with_leaf = |leaf: Vec<u8>| signed_data(&[server.clone(), leaf]);
    let len = (parts.len() as u32).to_be_bytes();
    vec![
        odd(
            "long form of the length of a certificate",
            Lenient,
            with_leaf([&[0x30, 0x83], &len[1..], &parts].concat()),
            "the leaf has a length of three bytes, of which one is 0",
        ),
        odd(
            "element after the signature",
            Lenient,
            with_leaf(der::sequence(&[&parts[..], &der::NULL])),
            "the leaf ends with a NULL behind its signature",
        ),
        odd(
            "bytes after the certificate",
            Lenient,
            with_leaf([&leaf[..], &[0xAB, 0xCD, 0xEF, 1, 2]].concat()),
            "five bytes that are no element follow the leaf in the set of certificates",
        ),
        odd(
            "bytes after the token",
            Lenient,
            [&signed_data(&pair())[..], &[0; 7]].concat(),
            "seven zero bytes follow the SignedData",
        ),
        odd(
            "indefinite length of the certificate",
            Lenient,
            with_leaf([&[0x30, INDEFINITE], &parts[..], &END].concat()),
            "the leaf's outermost sequence; what is signed has its length",
        ),
        odd(
            "indefinite length everywhere",
            Lenient,
            indefinite(&pair()),
            "all of SignedData down to the certificates, which have their lengths",
        ),
        odd(
            "leaf twice",
            Lenient,
            signed_data(&[&server[..], &leaf, &leaf]),
            "the set has the same leaf twice",
        ),
        odd(
            "server twice",
            Lenient,
            signed_data(&[&server[..], &server, &leaf]),
            "the set has the same server twice",
        ),
        odd("leaf first", Strict, signed_data(&[&leaf, &server]), "the server comes last"),
    ]
}

/// Truncated tokens. Their lengths exceed the bytes, unless the note says otherwise.
pub(super) fn cut() -> Vec<Odd> {
    let [server, leaf] = pair();
    let token = signed_data(&pair());
    let leaf_at = token.len() - 2 - leaf.len();
    let extensions = leaf_at + position(&leaf, &[0x37, 0x12, 6]);
    let validity = leaf_at + position(&leaf, &odd_spec().unsigned().leaf.not_before);
    let short = position(&leaf, &[0x37, 0x12, 6]);
    let signature = token.len() - 2 - 40;
    let odd = |name, token: &[u8], note| Odd {
        name,
        token: token.to_vec(),
        reading: Salvaged,
        signature: Signature::NotCheckable,
        note,
    };
    vec![
        odd(
            "cut in the extensions",
            &token[..extensions + 30],
            "ends inside the server information of the leaf",
        ),
        odd("cut in the validity", &token[..validity + 9], "ends inside notBefore of the leaf"),
        odd("cut in the signature", &token[..signature], "40 bytes of it are missing"),
        odd(
            "cut in the server",
            &token[..300],
            "ends inside the server's key; nothing of the leaf",
        ),
        odd(
            "cut leaf in whole containers",
            &signed_data(&[&server[..], &leaf[..short + 30]]),
            "as cut in the extensions, with lengths around the leaf that fit what is left",
        ),
    ]
}

/// Data that are no token.
pub(super) fn undecodable() -> Vec<Odd> {
    let odd = |name, token, note| Odd {
        name,
        token,
        reading: Undecodable,
        signature: Signature::NotCheckable,
        note,
    };
    let data = der::sequence(&[
        der::oid(&[1, 2, 840, 113_549, 1, 7, 1]),
        der::tagged(0, &der::octet_string(b"text")),
    ]);
    vec![
        odd("empty", Vec::new(), "no bytes"),
        odd("zeros", vec![0; 1945], "as long as a token"),
        odd("text", b"This is not a license.".to_vec(), "ASCII"),
        odd("PKCS #7 of data", data, "ContentInfo of another type"),
        odd("no certificates", signed_data::<Vec<u8>>(&[]), "SignedData with an empty set"),
        odd("cut in the header", signed_data(&pair())[..12].to_vec(), "the first twelve bytes"),
        odd(
            "proprietary certificate",
            hex::proprietary_certificate(),
            "what a host without a license server shows",
        ),
    ]
}

/// Returns the certificates of the token that all odd tokens start from.
fn pair() -> [Vec<u8>; 2] {
    odd_spec().certificates().try_into().expect("a server and a leaf")
}

/// Returns SignedData with indefinite lengths.
fn indefinite(certificates: &[Vec<u8>]) -> Vec<u8> {
    let open = |tag: u8, content: &[u8]| [&[tag, INDEFINITE], content, &END].concat();
    let content = [
        der::unsigned(&[1]),
        open(0x31, &[]),
        open(0x30, &der::oid(&[1, 2, 840, 113_549, 1, 7, 1])),
        open(0xA0, &certificates.concat()),
        open(0x31, &[]),
    ];
    let tagged = open(0xA0, &open(0x30, &content.concat()));
    open(0x30, &[der::oid(&[1, 2, 840, 113_549, 1, 7, 2]), tagged].concat())
}

fn position(bytes: &[u8], part: &[u8]) -> usize {
    bytes.windows(part.len()).position(|window| window == part).expect("the part is in it")
}
