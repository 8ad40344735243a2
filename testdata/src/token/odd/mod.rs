// SPDX-License-Identifier: MIT OR Apache-2.0

//! Tokens with odd certificates: forms that some readers reject, and damage that leaves only a part
//! readable.

mod container;
mod leaf;

use super::spec::Certificates;
use super::{Generation, TokenSpec, signed_data};

/// An odd token. Its content except the oddity is in [`odd_spec`].
#[derive(Clone, Debug)]
pub struct Odd {
    /// Name of the oddity.
    pub name: &'static str,
    /// Bytes as a client would store them.
    pub token: Vec<u8>,
    /// Expected reading.
    pub reading: Reading,
    /// Expected check of the signature of the leaf.
    pub signature: Signature,
    /// Exact place of the oddity.
    pub note: &'static str,
}

/// Completeness of the reading of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// Plain DER with odd content.
    Strict,
    /// Whole, but not by DER or RFC 5280.
    Lenient,
    /// Readable in part.
    Salvaged,
    /// Not readable.
    Undecodable,
}

/// Result of checking the signature of the leaf with the key of the server's certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signature {
    /// Valid.
    Valid,
    /// Not a signature of the leaf.
    Invalid,
    /// Unknown algorithm, or no signature.
    NotCheckable,
}

/// All odd tokens.
pub fn odd() -> Vec<Odd> {
    [leaf::odd(), container::odd(), container::cut(), container::undecodable()].concat()
}

/// Content of the odd tokens: a temporary token of Windows Server 2008.
pub fn odd_spec() -> TokenSpec {
    TokenSpec::generation(Generation::Server2008)
}

/// Returns a token with a change before its signature.
fn changed(
    name: &'static str,
    reading: Reading,
    note: &'static str,
    change: impl FnOnce(&mut Certificates),
) -> Odd {
    let mut certificates = odd_spec().unsigned();
    change(&mut certificates);
    let token = signed_data(&certificates.sign());
    Odd { name, token, reading, signature: Signature::Valid, note }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Reading::{Lenient, Strict};

    #[test]
    fn names_and_tokens_differ() {
        let odd = odd();
        for (index, one) in odd.iter().enumerate() {
            for other in &odd[..index] {
                assert_ne!(one.name, other.name);
                assert_ne!(one.token, other.token, "{} and {}", one.name, other.name);
            }
            assert_ne!(one.token, odd_spec().encode(), "{}", one.name);
        }
        for reading in [Strict, Lenient, Reading::Salvaged, Reading::Undecodable] {
            assert!(odd.iter().filter(|odd| odd.reading == reading).count() > 3, "{reading:?}");
        }
    }

    #[test]
    fn strict_odd_tokens_are_der() {
        // Deviations from RFC 5280 only, which the encoding does not show.
        let only_meaning = [
            "negative serial",
            "serial of 25 bytes",
            "bad PrintableString",
            "names with a lone surrogate",
            "GeneralizedTime before 2050",
            "duplicate extension",
            "duplicate extension that differs",
            "UTCTime without seconds",
            "UTCTime with an offset",
            "element after the signature",
            "leaf twice",
            "server twice",
        ];
        assert!(distinguished(&odd_spec().encode()));
        for Odd { name, token, reading, .. } in odd() {
            let expected = reading == Strict || only_meaning.contains(&name);
            // Bytes without certificates can have any form.
            if reading != Reading::Undecodable {
                assert_eq!(distinguished(&token), expected, "{name}");
            }
        }
    }

    /// Returns whether `bytes` are elements in sequence, each with the shortest length, and with
    /// DER integers and truth values.
    fn distinguished(mut bytes: &[u8]) -> bool {
        while let [tag, first, rest @ ..] = bytes {
            let (len, rest) = match first & 0x7F {
                _ if *first < 0x80 => (usize::from(*first), rest),
                0 => return false,
                digits => {
                    let Some((digits, rest)) = rest.split_at_checked(usize::from(digits)) else {
                        return false;
                    };
                    let len = digits.iter().fold(0, |len, &digit| len << 8 | usize::from(digit));
                    if digits[0] == 0 || len < 0x80 {
                        return false;
                    }
                    (len, rest)
                }
            };
            let Some((content, rest)) = rest.split_at_checked(len) else { return false };
            let sound = match (tag, content) {
                (0x01, content) => matches!(content, [0 | 0xFF]),
                (0x02, [0, next, ..]) => *next >= 0x80,
                (0x02, content) => !content.is_empty(),
                (tag, content) if tag & 0x20 != 0 => distinguished(content),
                _ => true,
            };
            if !sound {
                return false;
            }
            bytes = rest;
        }
        bytes.is_empty()
    }
}
