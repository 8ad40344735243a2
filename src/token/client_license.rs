// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Token`]: a license as a client stores it.

use crate::meaning::Wrapping;
use crate::token::chain::Chain;
use crate::token::envelope::Envelope;
use crate::token::fault::TokenFault;
use crate::token::license_index::LicenseIndex;

/// A license as a client stores it: the value `ClientLicense`, a file of another client, or a structure from
/// the network. See [licensing.md](crate::licensing#license-tokens).
///
/// ```
/// use calhive::token::Token;
/// # let hex = include_str!("../../testdata/vectors/rdpele_4.6_ClientLicense_pkcs7_temp_A02-6.00-S.hex");
/// # let digits: Vec<u8> = hex.bytes().filter(u8::is_ascii_hexdigit).collect();
/// # let bytes: Vec<u8> = digits.chunks(2)
/// #     .map(|two| u8::from_str_radix(std::str::from_utf8(two).unwrap(), 16).unwrap()).collect();
/// let token = Token::parse(&bytes)?;
/// let leaf = token.chain.leaf().unwrap();
/// assert_eq!(leaf.issuer.common_name(), Some("RODENT"));
/// assert_eq!(leaf.subject.locality(), Some("Administrator"));
/// assert_eq!(leaf.not_after.unwrap().to_string(), "2007-09-18T14:51:35.0000000Z");
/// # Ok::<(), calhive::token::TokenFault>(())
/// ```
#[derive(Clone, Debug)]
pub struct Token {
    /// Index values of a NEW_LICENSE_INFO. In the registry, the index values are separate from the
    /// token.
    pub index: Option<LicenseIndex>,
    /// Structure around the container of the certificates.
    pub wrapping: Option<Wrapping>,
    /// Certificates of the token.
    pub chain: Chain,
}

impl Token {
    /// Decodes a token. Offsets in the result count from the start of `bytes`.
    ///
    /// # Errors
    /// If there is no certificate.
    pub fn parse(bytes: &[u8]) -> Result<Self, TokenFault> {
        let Some(Envelope { wrapping, index, offset, bytes }) = Envelope::parse(bytes)? else {
            return Ok(Self { index: None, wrapping: None, chain: Chain::parse(bytes)? });
        };
        let mut chain = Chain::parse(bytes).map_err(|mut fault| {
            fault.shift_offset(offset);
            fault
        })?;
        chain.shift_offsets(offset);
        Ok(Self { index, wrapping: Some(wrapping), chain })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::meaning::text::tests::bytes;

    const INDEXED: &str = include_str!("../../testdata/vectors/rdpele_4.6_NEW_LICENSE_INFO.hex");

    #[test]
    fn offsets_after_an_index_count_from_the_start_of_the_bytes() {
        let whole = bytes(INDEXED);
        let token = Token::parse(&whole).unwrap();
        assert!(token.index.is_some());
        for certificate in &token.chain.certificates {
            assert!(whole[certificate.offset..].starts_with(&certificate.raw));
            for extension in &certificate.extensions {
                assert!(whole[extension.offset..].starts_with(&extension.content));
            }
        }
    }

    #[test]
    fn fault_after_an_index_has_its_offset_in_the_bytes() {
        let bytes = b"\0\0\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\x05\0\0\0\x30\x03\x06\x01\x00";
        assert_eq!(Token::parse(bytes).unwrap_err().offset(), 0x16);
    }
}
