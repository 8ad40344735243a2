// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`ContainerExtent`]: extent of a container of certificates in raw bytes.

use crate::token::der::Header;

/// A PKCS #7 container of certificates in raw bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ContainerExtent {
    /// Number of bytes of the container, according to its length fields. Fewer bytes can be
    /// present.
    pub(crate) length: usize,
    /// Whether the container has certificates but no signature algorithm. Such a container has no
    /// signer.
    pub(crate) is_certificates_only: bool,
    /// Whether all bytes are present and the lengths fit, up to the last element.
    pub(crate) is_whole: bool,
}

/// Number of certificates in the longest chain ([MS-RDPELE] 2.2.1.4.2).
const MOST: usize = 200;

impl ContainerExtent {
    /// Parses the container at the start of `bytes`; `None` if there is no container.
    pub(crate) fn parse(bytes: &[u8]) -> Option<Self> {
        let outer = Header::parse(bytes).ok().filter(|head| head.tag == 0x30)?;
        let present = bytes.get(outer.size..)?;
        let mut rest = present.get(..outer.length.unwrap_or(present.len())).unwrap_or(present);
        let (_, _) = take(&mut rest, 0x06)?;
        let (mut rest, _) = take(&mut rest, 0xA0)?;
        let (mut rest, _) = take(&mut rest, 0x30)?;
        let is_empty = rest.is_empty();
        let mut container = Self {
            length: outer.length.map_or(bytes.len(), |length| length.saturating_add(outer.size)),
            is_certificates_only: false,
            is_whole: false,
        };
        match container.take_signed_data(&mut rest) {
            // Without length fields, the end markers of four open elements end the container. A set
            // of signers can precede the last markers.
            Some(Certificates { after, is_indefinite: true, .. }) => {
                let markers =
                    after.iter().take_while(|byte| matches!(byte, 0 | 0x31)).count().min(10);
                let end = after.len().saturating_sub(markers);
                container.is_whole = markers >= 2;
                if outer.length.is_none() {
                    container.length = bytes.len().saturating_sub(end);
                }
            }
            Some(Certificates { after, is_whole, .. }) => {
                let mut signers = rest;
                let has_signers = take(&mut signers, 0x31).is_some_and(|(_, is_whole)| is_whole);
                container.is_whole = is_whole && after.is_empty() && has_signers;
                if outer.length.is_none() {
                    let markers = signers.iter().take_while(|byte| **byte == 0).count().min(6);
                    let before = bytes.len().saturating_sub(signers.len());
                    container.length = before.saturating_add(markers);
                }
            }
            None => {}
        }
        container.is_whole &= container.length <= bytes.len() && !is_empty;
        Some(container)
    }

    /// Removes version, algorithms, content and certificates of SignedData from the start of
    /// `rest`. Returns `None` if one of these parts is missing, or if a certificate is truncated.
    fn take_signed_data<'d>(&mut self, rest: &mut &'d [u8]) -> Option<Certificates<'d>> {
        let (version, _) = take(rest, 0x02)?;
        let (algorithms, _) = take(rest, 0x31)?;
        self.is_certificates_only = version.len() == 1 && algorithms.is_empty();
        let (_, _) = take(rest, 0x30)?;
        let is_indefinite = Header::parse(rest).ok()?.length.is_none();
        let (mut after, is_whole) = take(rest, 0xA0)?;
        for _ in 0..MOST {
            if after.is_empty() || is_indefinite && after.starts_with(&[0, 0]) {
                break;
            }
            if !take(&mut after, 0x30)?.1 {
                return None;
            }
        }
        Some(Certificates { after, is_whole, is_indefinite })
    }
}

/// The set of certificates in SignedData.
struct Certificates<'d> {
    /// Bytes of the set after the certificates.
    after: &'d [u8],
    /// Whether all bytes of the set are present.
    is_whole: bool,
    /// Whether the set has an indefinite length.
    is_indefinite: bool,
}

/// Removes the element with this tag from the start of `rest`. Returns the bytes of the value that
/// are present, and whether the value is complete.
fn take<'d>(rest: &mut &'d [u8], tag: u8) -> Option<(&'d [u8], bool)> {
    let head = Header::parse(rest).ok().filter(|head| head.tag == tag)?;
    let body = rest.get(head.size..)?;
    let length = head.length.unwrap_or(body.len());
    let (value, after) = body.split_at_checked(length).unwrap_or((body, &[]));
    *rest = after;
    Some((value, value.len() == length))
}

/// Returns the size that the version 3 certificate at the start of `bytes` states for itself,
/// including the header.
pub(crate) fn certificate_length(bytes: &[u8]) -> Option<usize> {
    match bytes {
        [0x30, 0x82, _, _, 0x30, 0x82, _, _, 0xA0, 3, 2, 1, 2, ..]
        | [0x30, 0x82, _, _, 0x30, 0x81, _, 0xA0, 3, 2, 1, 2, ..] => {
            let head = Header::parse(bytes).ok()?;
            Some(head.size.saturating_add(head.length?))
        }
        _ => None,
    }
}

/// Returns the size of an X509_CERTIFICATE_CHAIN at the start of `bytes`, and whether all bytes are present
/// ([MS-RDPELE] 2.2.1.4.2). Returns `None` unless the chain has a version and its first certificate.
pub(crate) fn chain_extent(bytes: &[u8]) -> Option<ChainExtent> {
    let word = |at: usize| Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk::<4>()?));
    let count = usize::try_from(word(4)?).ok()?;
    let is_chain = word(0)? & !TEMPORARY == CHAIN && (2..=MOST).contains(&count);
    is_chain.then_some(())?;
    let mut end = CHAIN_HEAD;
    for number in 0..count {
        let start = end.checked_add(4)?;
        let size = word(end).and_then(|size| usize::try_from(size).ok());
        let stated = bytes.get(start..).and_then(certificate_length);
        match (size, stated) {
            (Some(size), Some(stated)) if size == stated => end = start.checked_add(size)?,
            _ if number == 0 => return None,
            // The chain is damaged or truncated here.
            _ => return Some(ChainExtent { length: end.min(bytes.len()), is_whole: false }),
        }
    }
    let is_whole = end <= bytes.len();
    let padding = count.checked_mul(4)?.checked_add(8)?;
    let after = bytes.get(end..).unwrap_or_default();
    let is_padding = after.get(..padding).is_some_and(|it| it.iter().all(|byte| *byte == 0));
    let length = if is_padding { end.checked_add(padding)? } else { end };
    Some(ChainExtent { length: length.min(bytes.len()), is_whole })
}

/// Extent of an X509_CERTIFICATE_CHAIN.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ChainExtent {
    /// Number of bytes of the chain that are present, with padding of zeros.
    pub(crate) length: usize,
    /// Whether all certificates are complete.
    pub(crate) is_whole: bool,
}

/// Version of an X509_CERTIFICATE_CHAIN, without the flag of a temporary certificate.
const CHAIN: u32 = 2;
/// Flag of a temporary certificate.
const TEMPORARY: u32 = 0x8000_0000;
/// Bytes before the first certificate and its size: version and number of certificates.
pub(crate) const CHAIN_HEAD: usize = 8;

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;
    use crate::meaning::text::tests::bytes;

    const REAL: &str =
        include_str!("../../testdata/vectors/rdpele_4.6_ClientLicense_pkcs7_temp_A02-6.00-S.hex");

    #[test]
    fn container_is_whole_with_all_its_bytes_only() {
        let token = bytes(REAL);
        let followed: Vec<u8> = [&token[..], &[0xFF; 20]].concat();
        let container = ContainerExtent::parse(&followed).unwrap();
        assert_eq!((container.length, container.is_whole), (token.len(), true));
        assert!(container.is_certificates_only);
        let cut = ContainerExtent::parse(&token[..token.len() - 1]).unwrap();
        assert_eq!((cut.length, cut.is_whole), (token.len(), false));
        assert!(ContainerExtent::parse(&token[1..]).is_none());
    }

    #[test]
    fn chain_extent_has_all_certificates_and_zeros_after_them() {
        let message = bytes(include_str!("../../testdata/vectors/rdpele_4.1_message.hex"));
        let chain = message[0x70..].to_vec();
        let size = 8 + (4 + 757) + (4 + 1277) + 16;
        let extent = |bytes: &[u8]| chain_extent(bytes).map(|it| (it.length, it.is_whole));
        assert_eq!(extent(&chain), Some((size, true)));
        assert_eq!(extent(&chain[..size - 16]), Some((size - 16, true)), "no padding");
        assert_eq!(extent(&chain[..size - 17]), Some((size - 17, false)), "truncated");
        assert_eq!(extent(&chain[4..]), None, "no version");
        let mut damaged = chain.clone();
        damaged[8 + 4 + 757] ^= 1;
        assert_eq!(extent(&damaged), Some((8 + 4 + 757, false)), "wrong size");
    }

    #[test]
    fn certificate_states_its_length() {
        let leaf =
            bytes(include_str!("../../testdata/vectors/rdpele_4.6_cert1_client_CAL_leaf.hex"));
        assert_eq!(certificate_length(&leaf), Some(leaf.len()));
        assert_eq!(certificate_length(&leaf[1..]), None);
    }
}
