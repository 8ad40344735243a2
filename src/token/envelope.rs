// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Envelope`]: the structure around the certificates of a token: NEW_LICENSE_INFO, a whole licensing message,
//! or the prefix of a client's own store.

use crate::meaning::Wrapping;
use crate::token::ber::SEQUENCE;
use crate::token::fault::{TokenFault, TokenFaultKind};
use crate::token::license_index::LicenseIndex;
use crate::token::little_endian::{take_u32, u16_at, u32_at};

/// Certificates inside another structure.
#[derive(Debug)]
pub(crate) struct Envelope<'d> {
    pub(crate) wrapping: Wrapping,
    pub(crate) index: Option<LicenseIndex>,
    /// Offset of the certificates.
    pub(crate) offset: usize,
    pub(crate) bytes: &'d [u8],
}

/// Types of licensing messages ([MS-RDPELE] 2.2.2.1, 2.2.2.6, 2.2.2.7).
const LICENSE_REQUEST: u8 = 0x01;
const NEW_LICENSE: u8 = 0x03;
const UPGRADE_LICENSE: u8 = 0x04;
/// Bytes of the preamble: type, flags, and size of the whole message.
const PREAMBLE: usize = 4;
/// Bytes of the random number of a server.
const RANDOM: usize = 32;
/// Bytes of type and length of a binary blob.
const BLOB: usize = 4;
/// Type of a blob with the certificates of a session host.
const CERTIFICATE_BLOB: u16 = 3;
/// Bytes of a hardware ID.
const HARDWARE_ID: usize = 20;

impl<'d> Envelope<'d> {
    /// Finds the certificates inside another structure; `None` if the bytes have no such structure.
    ///
    /// # Errors
    /// If the license in a message is encrypted.
    pub(crate) fn parse(bytes: &'d [u8]) -> Result<Option<Self>, TokenFault> {
        if let Some((index, offset, token)) = LicenseIndex::parse(bytes) {
            let (wrapping, index) = (Wrapping::NewLicenseInfo, Some(index));
            return Ok(Some(Self { wrapping, index, offset, bytes: token }));
        }
        if let Some(envelope) = Self::prefixed(bytes, 0, Wrapping::LengthPrefix)
            .or_else(|| Self::prefixed(bytes, HARDWARE_ID, Wrapping::HardwareIdPrefix))
        {
            return Ok(Some(envelope));
        }
        // A message can follow the four bytes of its security header.
        for start in [0, 4] {
            if let Some((kind, message)) = message(bytes, start) {
                return Self::of_message(kind, message, start);
            }
        }
        Ok(None)
    }

    /// Finds certificates after a length, which is at this offset and counts all bytes after it.
    fn prefixed(bytes: &'d [u8], at: usize, wrapping: Wrapping) -> Option<Self> {
        let length = usize::try_from(u32_at(bytes, at)?).ok()?;
        let offset = at.checked_add(4)?;
        let rest = bytes.get(offset..)?;
        let is_token = rest.first() == Some(&SEQUENCE) && rest.len() == length;
        is_token.then_some(Self { wrapping, index: None, offset, bytes: rest })
    }

    /// Finds the certificates in a message, which begins at offset `start`.
    fn of_message(kind: u8, message: &'d [u8], start: usize) -> Result<Option<Self>, TokenFault> {
        if kind == LICENSE_REQUEST {
            let found = certificates_of_host(message);
            return Ok(found.map(|(offset, bytes)| Self {
                wrapping: Wrapping::LicenseRequest,
                index: None,
                offset: offset.saturating_add(start),
                bytes,
            }));
        }
        let blob = PREAMBLE.saturating_add(BLOB);
        let content = u16_at(message, PREAMBLE.saturating_add(2))
            .and_then(|length| message.get(blob..)?.get(..usize::from(length)));
        let Some((index, offset, token)) = content.and_then(LicenseIndex::parse) else {
            let offset = start.saturating_add(PREAMBLE);
            return Err(TokenFault::new(TokenFaultKind::EncryptedLicense, offset));
        };
        Ok(Some(Self {
            wrapping: Wrapping::NewLicense,
            index: Some(index),
            offset: offset.saturating_add(blob).saturating_add(start),
            bytes: token,
        }))
    }
}

/// Returns the type and the bytes of a licensing message that fills the bytes from `start`.
fn message(bytes: &[u8], start: usize) -> Option<(u8, &[u8])> {
    let message = bytes.get(start..)?;
    let [kind, _flags, ..] = *message else { return None };
    let is_known = matches!(kind, LICENSE_REQUEST | NEW_LICENSE | UPGRADE_LICENSE);
    let size = u16_at(message, 2).map(usize::from)?;
    (is_known && size == message.len() && size > PREAMBLE.saturating_add(BLOB))
        .then_some((kind, message))
}

/// Returns the certificates in SERVER_LICENSE_REQUEST ([MS-RDPELE] 2.2.2.1) with their offset.
fn certificates_of_host(message: &[u8]) -> Option<(usize, &[u8])> {
    let mut rest = message.get(PREAMBLE.checked_add(RANDOM)?..)?;
    let _version = take_u32(&mut rest)?;
    // Company and product.
    for _ in 0..2 {
        let length = usize::try_from(take_u32(&mut rest)?).ok()?;
        rest = rest.get(length..)?;
    }
    // Key exchange algorithms, then the certificates.
    for _ in 0..2 {
        let (kind, length) = (u16_at(rest, 0)?, usize::from(u16_at(rest, 2)?));
        let content = rest.get(BLOB..)?;
        let (content, after) = content.split_at_checked(length)?;
        if kind == CERTIFICATE_BLOB {
            let after = after.len().checked_add(content.len())?;
            return Some((message.len().checked_sub(after)?, content));
        }
        rest = after;
    }
    None
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;
    use crate::meaning::text::tests::bytes;

    const REQUEST: &str = include_str!("../../testdata/vectors/rdpele_4.1_message.hex");
    const INDEXED: &str = include_str!("../../testdata/vectors/rdpele_4.6_NEW_LICENSE_INFO.hex");

    fn wrapping(bytes: &[u8]) -> Option<(Wrapping, usize)> {
        Envelope::parse(bytes).unwrap().map(|it| (it.wrapping, it.offset))
    }

    /// A NEW_LICENSE message around a blob with this content.
    fn new_license(content: &[u8]) -> Vec<u8> {
        let length = u16::try_from(content.len()).unwrap();
        let size = (length + 8).to_le_bytes();
        [&[NEW_LICENSE, 3][..], &size, &[9, 0], &length.to_le_bytes(), content].concat()
    }

    #[test]
    fn license_request_has_certificates_of_its_host() {
        let message = bytes(REQUEST);
        assert_eq!(wrapping(&message), Some((Wrapping::LicenseRequest, 0x70)));
        let with_header = [&[0x80, 0, 0, 0][..], &message].concat();
        assert_eq!(wrapping(&with_header), Some((Wrapping::LicenseRequest, 0x74)));
        for end in 4..0x80 {
            let mut cut = message[..end].to_vec();
            cut[2..4].copy_from_slice(&u16::try_from(end).unwrap().to_le_bytes());
            assert_eq!(wrapping(&cut), None, "{end}");
        }
    }

    #[test]
    fn new_license_is_read_in_plain_and_refused_if_encrypted() {
        let info = bytes(INDEXED);
        assert_eq!(wrapping(&info), Some((Wrapping::NewLicenseInfo, 86)));
        assert_eq!(wrapping(&new_license(&info)), Some((Wrapping::NewLicense, 94)));
        let fault = Envelope::parse(&new_license(&[7; 40])).unwrap_err();
        assert_eq!(fault, TokenFault::new(TokenFaultKind::EncryptedLicense, 4));
    }

    #[test]
    fn prefixes_count_exactly_the_bytes_after_them() {
        let token = [SEQUENCE, 2, 5, 0];
        let prefixed = [&[4, 0, 0, 0][..], &token].concat();
        assert_eq!(wrapping(&prefixed), Some((Wrapping::LengthPrefix, 4)));
        let stored = [&[2; HARDWARE_ID][..], &prefixed].concat();
        assert_eq!(wrapping(&stored), Some((Wrapping::HardwareIdPrefix, 24)));
        for other in [&prefixed[..7], &[&prefixed[..], &[0]].concat(), &token] {
            assert_eq!(wrapping(other), None, "{other:?}");
        }
    }
}
