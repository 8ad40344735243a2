// SPDX-License-Identifier: MIT OR Apache-2.0

//! Oddities in a certificate before its signature.

use super::{Certificates, Odd, Reading, Signature, changed, odd_spec};
use crate::token::certificate::{Attribute, key_info, name_in};
use crate::token::clock::Clock;
use crate::token::der::{bmp_string, element};
use crate::token::extension;
use crate::token::rsa::Algorithm;
use Reading::{Lenient, Strict};

pub(super) fn odd() -> Vec<Odd> {
    [keys(), serials(), names(), times(), encodings(), algorithms()].concat()
}

/// Keys under the names of signatures.
fn keys() -> Vec<Odd> {
    let key = |arcs: &'static [u32]| {
        move |token: &mut Certificates| {
            token.server.key_info = key_info(arcs, odd_spec().key);
            token.leaf.key_info = token.server.key_info.clone();
        }
    };
    vec![
        changed(
            "md5WithRSA as key algorithm",
            Strict,
            "the key of server and leaf is an RSA key under 1.2.840.113549.1.1.4",
            key(&[1, 2, 840, 113_549, 1, 1, 4]),
        ),
        changed(
            "OIW sha1WithRSA as key algorithm",
            Strict,
            "the key of server and leaf is an RSA key under 1.3.14.3.2.29",
            key(&[1, 3, 14, 3, 2, 29]),
        ),
        changed(
            "OIW shaWithRSA as key algorithm",
            Strict,
            "the key of server and leaf is an RSA key under 1.3.14.3.2.15, as those of hosts are",
            key(&[1, 3, 14, 3, 2, 15]),
        ),
        changed(
            "v1 server certificate",
            Strict,
            "the server's certificate has neither version nor extensions",
            |token| {
                token.server.version.clear();
                token.server.extensions.clear();
            },
        ),
    ]
}

/// One byte 3, as in other serial numbers, and 24 other bytes.
const LONG_SERIAL: [u8; 25] = {
    let mut content = [0x5A; 25];
    content[0] = 3;
    content
};

fn serials() -> Vec<Odd> {
    // The content of the INTEGER; the authority key repeats it.
    let serial = |content: &'static [u8]| {
        move |token: &mut Certificates| {
            let repeated = extension::authority_key(&odd_spec().server, content);
            token.leaf.serial = element(0x02, content);
            *token.leaf.extensions.last_mut().expect("leaves have extensions") = repeated;
        }
    };
    vec![
        changed(
            "negative serial",
            Lenient,
            "83 00 00 00 11, whose first bit makes it negative",
            serial(&[0x83, 0, 0, 0, 0x11]),
        ),
        changed(
            "serial of 25 bytes",
            Lenient,
            "03 and 24 bytes of 5A; RFC 5280 allows 20",
            serial(&LONG_SERIAL),
        ),
        changed(
            "serial padded with zeros",
            Lenient,
            "00 00 00 03 00 00 00 11",
            serial(&[0, 0, 0, 3, 0, 0, 0, 0x11]),
        ),
    ]
}

fn names() -> Vec<Odd> {
    let subject = |string: fn(&str) -> Vec<u8>, machine: &str, user: &str| {
        let id = crate::token::hardware::subject_serial(&odd_spec().hardware_id);
        let attributes = [
            (Attribute::CommonName, machine),
            (Attribute::Locality, user),
            (Attribute::SerialNumber, &id),
        ];
        name_in(&attributes, string)
    };
    vec![
        changed(
            "names of T61String",
            Strict,
            "all names are T61String in Latin-1; the user is J\u{FC}rgen, with FC",
            |token| {
                let latin: fn(&str) -> Vec<u8> =
                    |text| element(0x14, &text.chars().map(|c| c as u8).collect::<Vec<u8>>());
                let spec = odd_spec();
                let server = name_in(
                    &[
                        (Attribute::CommonName, &spec.server),
                        (Attribute::Locality, &spec.server_domain),
                    ],
                    latin,
                );
                token.leaf.subject = subject(latin, &spec.machine, "J\u{FC}rgen");
                token.leaf.issuer = server.clone();
                token.server.issuer = server.clone();
                token.server.subject = server;
            },
        ),
        changed(
            "bad PrintableString",
            Lenient,
            "the subject of the leaf is PrintableString with _ and @ in it: CLIENT_1, alice@corp",
            |token| {
                let printable = |text: &str| element(0x13, text.as_bytes());
                token.leaf.subject = subject(printable, "CLIENT_1", "alice@corp");
            },
        ),
        changed(
            "names with a lone surrogate",
            Lenient,
            "the user is the unit D800 alone, which is no character",
            |token| {
                let broken = |text: &str| match text {
                    "?" => element(0x1E, &[0xD8, 0]),
                    text => bmp_string(text),
                };
                token.leaf.subject = subject(broken, &odd_spec().machine, "?");
            },
        ),
    ]
}

fn times() -> Vec<Odd> {
    let (from, to) = (odd_spec().not_before, odd_spec().not_after);
    vec![
        changed(
            "GeneralizedTime before 2050",
            Lenient,
            "both times of the leaf are GeneralizedTime",
            |token| {
                token.leaf.not_before = Clock::new(from).generalized();
                token.leaf.not_after = Clock::new(to).generalized();
            },
        ),
        changed(
            "UTCTime without seconds",
            Lenient,
            "both times of the leaf end with the minutes and Z",
            |token| {
                token.leaf.not_before = utc_time(from, 10, "Z");
                token.leaf.not_after = utc_time(to, 10, "Z");
            },
        ),
        changed(
            "UTCTime with an offset",
            Lenient,
            "both times of the leaf end with +0000 in place of Z",
            |token| {
                token.leaf.not_before = utc_time(from, 12, "+0000");
                token.leaf.not_after = utc_time(to, 12, "+0000");
            },
        ),
    ]
}

/// Returns the first `digits` of a UTCTime with another end.
fn utc_time(filetime: u64, digits: usize, end: &str) -> Vec<u8> {
    let time = Clock::new(filetime).encode();
    element(0x17, &[&time[2..2 + digits], end.as_bytes()].concat())
}

fn encodings() -> Vec<Odd> {
    vec![
        changed(
            "duplicate extension",
            Lenient,
            "the first extension of the leaf stands there twice",
            |token| {
                let first = token.leaf.extensions[0].clone();
                token.leaf.extensions.insert(1, first);
            },
        ),
        changed(
            "duplicate extension that differs",
            Lenient,
            "a second server information at the end of the leaf names OTHER, 0 and OTHER",
            |token| {
                let info = extension::server_info("OTHER", "0", "OTHER");
                token.leaf.extensions.push(extension::licensing(6, true, &info));
            },
        ),
        changed(
            "BOOLEAN of 1",
            Lenient,
            "the extensions of the leaf are critical with 01 in place of FF",
            |token| {
                for extension in &mut token.leaf.extensions {
                    let critical = extension.windows(3).position(|part| part == [1, 1, 0xFF]);
                    extension[critical.expect("all are critical") + 2] = 1;
                }
            },
        ),
        changed(
            "long form of a length",
            Lenient,
            "the serial number of the leaf has the length 81 05",
            |token| token.leaf.serial.splice(1..2, [0x81, 5]).for_each(drop),
        ),
    ]
}

fn algorithms() -> Vec<Odd> {
    let signed = |name, signature, note, algorithm| {
        let odd = changed(name, Strict, note, |token| token.leaf.algorithm = algorithm);
        Odd { signature, ..odd }
    };
    let (valid, unknown) = (Signature::Valid, Signature::NotCheckable);
    let other_key = changed(
        "signed with another key",
        Strict,
        "the leaf is signed with a key that is not the server's",
        |token| token.leaf.signer += 1,
    );
    vec![
        signed("sha1WithRSAEncryption", valid, "1.2.840.113549.1.1.5", Algorithm::Sha1),
        signed("sha256WithRSAEncryption", valid, "1.2.840.113549.1.1.11", Algorithm::Sha256),
        signed("sha224WithRSAEncryption", valid, "1.2.840.113549.1.1.14", Algorithm::Sha224),
        signed("sha384WithRSAEncryption", valid, "1.2.840.113549.1.1.12", Algorithm::Sha384),
        signed("sha512WithRSAEncryption", valid, "1.2.840.113549.1.1.13", Algorithm::Sha512),
        signed(
            "md5WithRSAEncryption",
            valid,
            "1.2.840.113549.1.1.4, as license servers registered before June 2012 sign",
            Algorithm::Md5,
        ),
        signed("md5WithRSA of the OIW", valid, "1.3.14.3.2.3", Algorithm::OiwMd5),
        signed(
            "md5WithRSASignature of the OIW",
            valid,
            "1.3.14.3.2.25",
            Algorithm::OiwMd5Signature,
        ),
        signed(
            "shaWithRSASignature of the OIW",
            valid,
            "1.3.14.3.2.15, over a signature of SHA-1",
            Algorithm::OiwSha,
        ),
        signed(
            "ecdsa-with-SHA256",
            unknown,
            "1.2.840.10045.4.3.2 without parameters, over a signature of RSA",
            Algorithm::Ecdsa,
        ),
        signed("unknown algorithm", unknown, "2.999.1.2.3", Algorithm::Unknown),
        Odd { signature: Signature::Invalid, ..other_key },
    ]
}
