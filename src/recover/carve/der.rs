// SPDX-License-Identifier: MIT OR Apache-2.0
//! Just enough of ASN.1 to tell how long a container of certificates is.

/// A tag with its length.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Head {
    pub(crate) tag: u8,
    /// Bytes of tag and length.
    pub(crate) size: usize,
    /// Bytes of the value; `None` where an end mark tells.
    pub(crate) length: Option<usize>,
}

/// The tag and length at the start of `bytes`, in the forms that certificates have.
pub(crate) fn head(bytes: &[u8]) -> Option<Head> {
    let [tag, first, rest @ ..] = bytes else { return None };
    let head = |size, length| Some(Head { tag: *tag, size, length });
    match *first {
        0..=0x7F => head(2, Some(usize::from(*first))),
        0x80 => head(2, None),
        0x81..=0x83 => {
            let count = usize::from(first & 3);
            let digits = rest.get(..count)?;
            let length = digits.iter().fold(0_usize, |sum, it| sum << 8 | usize::from(*it));
            head(count.saturating_add(2), Some(length))
        }
        _ => None,
    }
}

/// The element with this tag at the start of `rest`, which is taken away: its value, and whether all of
/// it is there.
fn take<'d>(rest: &mut &'d [u8], tag: u8) -> Option<(&'d [u8], bool)> {
    let head = head(rest).filter(|head| head.tag == tag)?;
    let body = rest.get(head.size..)?;
    let length = head.length.unwrap_or(body.len());
    let (value, after) = body.split_at_checked(length).unwrap_or((body, &[]));
    *rest = after;
    Some((value, value.len() == length))
}

/// What a PKCS #7 with certificates looks like.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Container {
    /// Bytes from its first to its last, by its lengths; those that are there may be fewer.
    pub(crate) length: usize,
    /// Whether it holds certificates alone: no algorithm, and so nobody who signs.
    pub(crate) is_certificates_only: bool,
    /// Whether all of it is there and follows from its lengths, to the last element.
    pub(crate) is_whole: bool,
}

/// As many certificates as a chain may have ([MS-RDPELE] 2.2.1.4.2).
const MOST: usize = 200;

/// The container that begins with `bytes`; `None` where none does.
pub(crate) fn container(bytes: &[u8]) -> Option<Container> {
    let outer = head(bytes).filter(|head| head.tag == 0x30)?;
    let there = bytes.get(outer.size..)?;
    let body = there.get(..outer.length.unwrap_or(there.len())).unwrap_or(there);
    let mut rest = body;
    let (_, _) = take(&mut rest, 0x06)?;
    let (mut rest, _) = take(&mut rest, 0xA0)?;
    let (mut rest, _) = take(&mut rest, 0x30)?;
    let signed = rest;
    let mut container = Container {
        length: outer.length.map_or(bytes.len(), |length| length.saturating_add(outer.size)),
        is_certificates_only: false,
        is_whole: false,
    };
    let mut parts = || {
        let (version, _) = take(&mut rest, 0x02)?;
        let (algorithms, _) = take(&mut rest, 0x31)?;
        container.is_certificates_only = version.len() == 1 && algorithms.is_empty();
        let (_, _) = take(&mut rest, 0x30)?;
        let indefinite = head(rest)?.length.is_none();
        let (mut certificates, all) = take(&mut rest, 0xA0)?;
        for _ in 0..MOST {
            if certificates.is_empty() || indefinite && certificates.starts_with(&[0, 0]) {
                break;
            }
            if !take(&mut certificates, 0x30)?.1 {
                return None;
            }
        }
        Some((certificates, all, indefinite))
    };
    match parts() {
        // Without lengths, it ends with the marks of its four open elements and what stands before
        // the last of them.
        Some((after, _, true)) => {
            let marks = after.iter().take_while(|byte| matches!(byte, 0 | 0x31)).count().min(10);
            let end = after.len().saturating_sub(marks);
            container.is_whole = marks >= 2;
            if outer.length.is_none() {
                container.length = bytes.len().saturating_sub(end);
            }
        }
        Some((after, all, false)) => {
            let mut signers = rest;
            let is_signed_off = take(&mut signers, 0x31).is_some_and(|(_, all)| all);
            container.is_whole = all && after.is_empty() && is_signed_off;
            if outer.length.is_none() {
                let left = signers.iter().take_while(|byte| **byte == 0).count().min(6);
                container.length = bytes.len().saturating_sub(signers.len()).saturating_add(left);
            }
        }
        None => {}
    }
    container.is_whole &= container.length <= bytes.len() && !signed.is_empty();
    Some(container)
}

/// How many bytes the certificate of version 3 at the start of `bytes` says it has.
pub(crate) fn certificate(bytes: &[u8]) -> Option<usize> {
    match bytes {
        [0x30, 0x82, _, _, 0x30, 0x82, _, _, 0xA0, 3, 2, 1, 2, ..]
        | [0x30, 0x82, _, _, 0x30, 0x81, _, 0xA0, 3, 2, 1, 2, ..] => {
            let head = head(bytes)?;
            Some(head.size.saturating_add(head.length?))
        }
        _ => None,
    }
}
