// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`TokenSignatures`]: finds license tokens and chains of session hosts in raw bytes, at any offset, by two
//! object identifiers.
//! See [licensing.md](crate::licensing#the-clients-store).

use alloc::boxed::Box;

use calhive_regf::recover::carve::{Match, Signatures, Window};
use memchr::memchr2_iter;
use memchr::memmem::Finder;

use crate::token::container_extent::{
    CHAIN_HEAD, ChainExtent, ContainerExtent, certificate_length, chain_extent,
};
use crate::token::der::Header;

/// Identifier of SignedData in PKCS #7, 1.2.840.113549.1.7.2, without tag and length.
const SIGNED_DATA: [u8; 9] = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x02];
/// Microsoft's arc for licenses, 1.3.6.1.4.1.311.18.
const LICENSES: [u8; 8] = [0x2B, 0x06, 0x01, 0x04, 0x01, 0x82, 0x37, 0x12];
/// Index of the byte of each identifier that is rare in hives.
const RARE_IN_SIGNED_DATA: usize = 4;
const RARE_IN_LICENSES: usize = 5;
/// Number of bytes before an identifier in which calhive searches for the start of the certificate.
/// Certificates of license servers have up to 6 KiB.
const MOST_CERTIFICATE: u64 = 8 << 10;
/// Number of certificates before the one with an identifier that calhive follows back to the head of their
/// chain.
const MOST_IN_CHAIN: usize = 16;
/// Largest number of bytes from the start of a container to its content type: two tags and lengths.
const MOST_BEFORE_CONTENT_TYPE: u64 = 7;
/// Number of bytes after an identifier that a fragment contains. A fragment is a match without a
/// readable certificate around the identifier.
const FRAGMENT_AFTER: u64 = 2 << 10;
/// Number of bytes before the identifier that a fragment contains.
const FRAGMENT_BEFORE: u64 = FRAGMENT_AFTER / 4;

/// Kind of a match of [`TokenSignatures`], decoded from the tag of the match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CarvedToken {
    /// A container of certificates (PKCS #7) with Microsoft's extensions for licenses
    /// (1.3.6.1.4.1.311.18).
    Token,
    /// The rest of a container of certificates, without Microsoft's extensions.
    Remains,
    /// A chain of certificates (X509_CERTIFICATE_CHAIN, [MS-RDPELE] 2.2.1.4.2) with Microsoft's extensions.
    /// License servers give such chains to session hosts.
    Chain,
    /// An identifier of Microsoft's extensions outside a container. The match contains the
    /// certificate with the identifier and the adjacent certificates. Without such a certificate,
    /// the match contains only the bytes around the identifier.
    Fragment,
}

impl CarvedToken {
    /// Decodes the tag of a match; `None` if the tag belongs to another scanner.
    pub const fn from_tag(tag: u32) -> Option<Self> {
        Some(match tag {
            0 => Self::Token,
            1 => Self::Remains,
            2 => Self::Chain,
            3 => Self::Fragment,
            _ => return None,
        })
    }

    const fn tag(self) -> u32 {
        self as u32
    }
}

/// Scanner for license tokens, for [`carve`](calhive_regf::recover::carve::carve()) and
/// [`Recovery::unclaimed`](calhive_regf::recover::Recovery::unclaimed).
#[derive(Debug)]
pub struct TokenSignatures {
    licenses: Finder<'static>,
    /// End of the last match.
    reported: u64,
    /// The last search for a license identifier. Containers can overlap, so the result saves a
    /// second search of the same bytes.
    searched: Option<Searched>,
}

/// A search for the first license identifier in a range of bytes.
#[derive(Clone, Copy, Debug)]
struct Searched {
    from: u64,
    /// End of the searched bytes.
    to: u64,
    found: Option<u64>,
}

impl Default for TokenSignatures {
    fn default() -> Self {
        Self::new()
    }
}

impl Signatures for TokenSignatures {
    fn scan(&mut self, window: Window<'_>, from: u64, to: u64, report: &mut dyn FnMut(Match)) {
        self.scan_range(window, from, to, report);
    }

    fn fresh(&self) -> Box<dyn Signatures> {
        Box::new(Self::new())
    }
}

impl TokenSignatures {
    /// Returns a scanner for bytes from their start.
    pub fn new() -> Self {
        Self { licenses: Finder::new(&LICENSES), reported: 0, searched: None }
    }

    /// Reports the tokens whose identifiers begin in a range of offsets.
    fn scan_range(
        &mut self,
        window: Window<'_>,
        from: u64,
        to: u64,
        report: &mut dyn FnMut(Match),
    ) {
        let mut next = next_identifier(window, from, to);
        while let Some((at, identifier)) = next {
            match identifier {
                Identifier::SignedData => self.scan_container(window, at, report),
                Identifier::Licenses if at >= self.reported => {
                    self.report_fragment(window, at, report);
                }
                Identifier::Licenses => {}
            }
            next = next_identifier(window, self.after(at), to);
        }
    }

    /// Returns the offset at which the search for the next identifier begins.
    const fn after(&self, at: u64) -> u64 {
        let next = at.saturating_add(1);
        if self.reported > next { self.reported } else { next }
    }

    /// Reports the container whose content type is at `at`, if the container is a token.
    fn scan_container(&mut self, window: Window<'_>, at: u64, report: &mut dyn FnMut(Match)) {
        let Some(start) = container_start(window, at, self.reported) else { return };
        let Some(container) = ContainerExtent::parse(window.from(start)) else { return };
        let bytes = window.from(start);
        let length = bytes.get(..container.length).unwrap_or(bytes).len() as u64;
        let mut end = start.saturating_add(length);
        // What overwrote the end of a container can be another one.
        if !container.is_whole {
            end = next_container(window, at, end).unwrap_or(end);
        }
        let has_extension = self.has_license(window, start, end);
        let is_remains = container.is_certificates_only && !container.is_whole;
        if has_extension || is_remains {
            self.reported = end;
            let kind = if has_extension { CarvedToken::Token } else { CarvedToken::Remains };
            report(Match {
                offset: start,
                length: end.saturating_sub(start),
                is_whole: container.is_whole,
                tag: kind.tag(),
            });
        }
    }

    /// Whether a license identifier lies in a range of offsets.
    fn has_license(&mut self, window: Window<'_>, from: u64, to: u64) -> bool {
        let end = |at: u64| at.saturating_add(LICENSES.len() as u64);
        let mut search = from;
        if let Some(last) = self.searched.filter(|last| last.from <= from && from < last.to) {
            match last.found {
                Some(at) if at >= from => return end(at) <= to,
                None => search = last.to.saturating_sub(LICENSES.len() as u64).max(from),
                Some(_) => {}
            }
        }
        let found = self.licenses.find(window.slice(search, to));
        let found = found.map(|at| search.max(window.start()).saturating_add(at as u64));
        let to = found.map_or(to, end).max(from);
        self.searched = Some(Searched { from, to, found });
        found.is_some()
    }

    /// Reports the bytes around an identifier outside a container.
    fn report_fragment(&mut self, window: Window<'_>, at: u64, report: &mut dyn FnMut(Match)) {
        if let Some((start, extent)) = chain_around(window, at, self.reported) {
            let length = extent.length as u64;
            self.reported = start.saturating_add(length);
            let (is_whole, tag) = (extent.is_whole, CarvedToken::Chain.tag());
            return report(Match { offset: start, length, is_whole, tag });
        }
        let (start, end) = match certificates_around(window, at, self.reported) {
            Some(found) => found,
            None => {
                let start = at.saturating_sub(FRAGMENT_BEFORE).max(self.reported);
                (start, at.saturating_add(FRAGMENT_AFTER))
            }
        };
        let start = start.max(window.start());
        let bytes = window.slice(start, end);
        // The fragment contains every byte of its range, but no complete container.
        self.reported = start.saturating_add(bytes.len() as u64);
        report(Match {
            offset: start,
            length: bytes.len() as u64,
            is_whole: false,
            tag: CarvedToken::Fragment.tag(),
        });
    }
}

/// One of the two identifiers that a scanner searches for.
#[derive(Clone, Copy)]
enum Identifier {
    SignedData,
    Licenses,
}

/// Returns the first identifier that begins in a range of offsets.
///
/// One search for the two rare bytes finds both identifiers.
fn next_identifier(window: Window<'_>, from: u64, to: u64) -> Option<(u64, Identifier)> {
    let start = from.max(window.start());
    let bytes = window.slice(from, to.saturating_add(SIGNED_DATA.len() as u64));
    let (signed_data, licenses) = (SIGNED_DATA[RARE_IN_SIGNED_DATA], LICENSES[RARE_IN_LICENSES]);
    memchr2_iter(signed_data, licenses, bytes).find_map(|rare| {
        let begins = |known: &[u8], before: usize| {
            let place = rare.checked_sub(before)?;
            bytes.get(place..)?.starts_with(known).then_some(place)
        };
        let found = begins(&SIGNED_DATA, RARE_IN_SIGNED_DATA)
            .map(|place| (place, Identifier::SignedData))
            .or_else(|| Some((begins(&LICENSES, RARE_IN_LICENSES)?, Identifier::Licenses)));
        let (place, identifier) = found?;
        let at = start.saturating_add(place as u64);
        (at < to).then_some((at, identifier))
    })
}

/// Returns the start of the container whose content type is at `at`, not below `lowest`. The tag and length of the
/// container are directly before the tag and length of the identifier.
fn container_start(window: Window<'_>, at: u64, lowest: u64) -> Option<u64> {
    let identifier = at.checked_sub(2)?;
    if window.slice(identifier, at) != [0x06, 0x09] {
        return None;
    }
    let mut starts = [4, 3, 2, 5].iter().filter_map(|size| {
        let start = identifier.checked_sub(*size)?;
        let head = Header::parse(window.slice(start, identifier)).ok()?;
        (head.tag == 0x30 && head.size as u64 == *size).then_some(start)
    });
    starts.find(|start| *start >= lowest)
}

/// Returns the start of the first container that begins after a content type and before `end`.
fn next_container(window: Window<'_>, after: u64, end: u64) -> Option<u64> {
    let from = after.saturating_add(1);
    // Tag and length of the container, and those of the identifier, precede the content type.
    let to = end.saturating_add(MOST_BEFORE_CONTENT_TYPE);
    let mut next = next_identifier(window, from, to);
    while let Some((at, identifier)) = next {
        if let Identifier::SignedData = identifier
            && let Some(start) = container_start(window, at, from)
        {
            return (start < end).then_some(start);
        }
        next = next_identifier(window, at.saturating_add(1), to);
    }
    None
}

/// Returns the lowest offset at which something around an identifier can begin.
fn lowest(window: Window<'_>, at: u64, reported: u64) -> u64 {
    at.saturating_sub(Window::BEHIND).max(reported).max(window.start())
}

/// Returns start and end of the certificates that begin before an offset, the nearest first.
fn starts_before(
    window: Window<'_>,
    end: u64,
    lowest: u64,
) -> impl Iterator<Item = (u64, u64)> + use<'_> {
    let from = end.saturating_sub(MOST_CERTIFICATE).max(lowest);
    (from..end).rev().filter_map(move |start| {
        let length = certificate_length(window.slice(start, start.saturating_add(16)))?;
        Some((start, start.saturating_add(length as u64)))
    })
}

/// Returns the start and extent of the X509_CERTIFICATE_CHAIN around an identifier. The size of each certificate
/// precedes the certificate; the version and the number of certificates precede the first size.
fn chain_around(window: Window<'_>, at: u64, reported: u64) -> Option<(u64, ChainExtent)> {
    const SIZE: u64 = 4;
    let lowest = lowest(window, at, reported);
    let (mut start, _) = starts_before(window, at, lowest).find(|(_, end)| *end > at)?;
    for _ in 0..MOST_IN_CHAIN {
        let head = start.checked_sub(SIZE.saturating_add(CHAIN_HEAD as u64));
        if let Some(head) = head.filter(|head| *head >= lowest)
            && let Some(extent) = chain_extent(window.from(head))
        {
            let end = head.saturating_add(extent.length as u64);
            return (end > at).then_some((head, extent));
        }
        let end = start.checked_sub(SIZE)?;
        (start, _) = starts_before(window, end, lowest).find(|(_, other)| *other == end)?;
    }
    None
}

/// Returns the range of the certificate that contains an identifier. The range includes
/// certificates that adjoin without a gap.
fn certificates_around(window: Window<'_>, at: u64, reported: u64) -> Option<(u64, u64)> {
    let lowest = lowest(window, at, reported);
    let starts_before = |end: u64| starts_before(window, end, lowest);
    let (mut start, mut end) = starts_before(at).find(|(_, end)| *end > at)?;
    while let Some((before, _)) = starts_before(start).find(|(_, end)| *end == start) {
        start = before;
    }
    while let Some(length) = certificate_length(window.slice(end, end.saturating_add(16))) {
        let further = end.saturating_add(length as u64);
        if further > window.end() || further.saturating_sub(at) > Window::BEHIND {
            break;
        }
        end = further;
    }
    Some((start, end))
}
