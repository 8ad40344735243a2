// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`LicenseIndex`]: the values before a token in a NEW_LICENSE_INFO.

use alloc::string::String;

use calhive_regf::hive::name::Name;

use crate::meaning::text;
use crate::token::ber::SEQUENCE;
use crate::token::little_endian::take_u32;

/// The values that index a license: the head of NEW_LICENSE_INFO ([MS-RDPELE] 2.2.2.6.1). See
/// [licensing.md](crate::licensing#the-clients-store).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LicenseIndex {
    /// Version of the product: major in the high half, minor in the low half.
    pub version: u32,
    /// Scope: `microsoft.com` in every sample.
    pub scope: String,
    /// Company that made the product.
    pub company: String,
    /// Product.
    pub product: String,
}

impl LicenseIndex {
    /// Parses the index. Returns the index with the offset and bytes of the token that follows, or
    /// `None` if the bytes have another form.
    pub(crate) fn parse(bytes: &[u8]) -> Option<(Self, usize, &[u8])> {
        let mut rest = bytes;
        let version = take_u32(&mut rest)?;
        let mut field = || {
            let size = usize::try_from(take_u32(&mut rest)?).ok()?;
            let (field, after) = rest.split_at_checked(size)?;
            rest = after;
            Some(field)
        };
        let (scope, company, product, token) = (field()?, field()?, field()?, field()?);
        // Certificates after their sizes have the same layout.
        let is_text = !scope.starts_with(&[SEQUENCE, 0x82]);
        let is_index = token.first() == Some(&SEQUENCE) && scope.len() < 0x1000 && is_text;
        let index = Self {
            version,
            scope: text::up_to_nul(Name::latin1(scope)),
            company: text::up_to_nul(Name::utf16(company)),
            product: text::up_to_nul(Name::utf16(product)),
        };
        let offset = bytes.len().checked_sub(rest.len())?.checked_sub(token.len())?;
        is_index.then_some((index, offset, token))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const INDEX: &[u8] =
        b"\0\0\x06\0\x02\0\0\0s\0\x04\0\0\0C\0\0\0\x04\0\0\0P\0\0\0\x02\0\0\0\x30\0";

    #[test]
    fn index_is_read_with_the_token_after_it() {
        let (index, offset, token) = LicenseIndex::parse(INDEX).unwrap();
        assert_eq!((index.version, &*index.scope), (0x0006_0000, "s"));
        assert_eq!((&*index.company, &*index.product), ("C", "P"));
        assert_eq!((offset, token), (INDEX.len() - 2, &b"\x30\0"[..]));
    }

    #[test]
    fn chain_of_four_certificates_is_no_index() {
        let chain = [&[4, 0, 0, 0][..], &[4, 0, 0, 0, 0x30, 0x82, 0, 0].repeat(4)].concat();
        assert_eq!(LicenseIndex::parse(&chain), None);
    }

    #[test]
    fn index_without_a_whole_token_is_none() {
        for end in 0..INDEX.len() {
            assert_eq!(LicenseIndex::parse(&INDEX[..end]), None, "{end}");
        }
        assert_eq!(LicenseIndex::parse(&[&INDEX[..INDEX.len() - 2], b"\x04\0"].concat()), None);
    }
}
