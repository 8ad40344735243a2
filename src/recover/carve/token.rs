// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Tokens`]: licence tokens at any byte, by two object identifiers.

use memchr::memmem::Finder;

use crate::recover::carve::der;
use crate::recover::carve::window::{BEHIND, Window};
use crate::recover::carve::{Carved, Kind, See, place};

/// SignedData of PKCS #7, 1.2.840.113549.1.7.2, after its tag and length.
const SIGNED_DATA: [u8; 9] = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x02];
/// Microsoft's arc for licences, 1.3.6.1.4.1.311.18.
const LICENSES: [u8; 8] = [0x2B, 0x06, 0x01, 0x04, 0x01, 0x82, 0x37, 0x12];
/// How far back a certificate is looked for: those of licence servers have up to 6 KiB.
const CERTIFICATE: u64 = 8 << 10;
/// Bytes that are told around an identifier, where no certificate holds it.
const AROUND: u64 = 2 << 10;

/// What is known of tokens so far.
#[derive(Debug)]
pub(crate) struct Tokens {
    signed_data: Finder<'static>,
    licenses: Finder<'static>,
    /// Up to where what was found was told.
    told: u64,
    /// The first identifier of a licence at or after a place, and the place up to which was searched
    /// where there is none: containers may overlap, and no byte is searched for each of them.
    known: Option<Known>,
}

#[derive(Clone, Copy, Debug)]
struct Known {
    from: u64,
    to: u64,
    at: Option<u64>,
}

impl Tokens {
    pub(crate) fn new() -> Self {
        Self {
            signed_data: Finder::new(&SIGNED_DATA),
            licenses: Finder::new(&LICENSES),
            told: 0,
            known: None,
        }
    }

    /// Tells the tokens whose identifiers begin between two places.
    pub(crate) fn scan(&mut self, window: Window<'_>, from: u64, to: u64, see: See<'_>) {
        let mut head = self.find(window, from, to, |tokens| &tokens.signed_data);
        let mut license = self.find(window, from, to, |tokens| &tokens.licenses);
        loop {
            match (head, license) {
                (Some(at), other) if other.is_none_or(|other| at < other) => {
                    self.container(window, at, see);
                    head = self.find(window, self.after(at), to, |tokens| &tokens.signed_data);
                }
                (_, Some(at)) => {
                    if at >= self.told {
                        self.fragment(window, at, see);
                    }
                    license = self.find(window, self.after(at), to, |tokens| &tokens.licenses);
                }
                _ => return,
            }
        }
    }

    /// Where to go on after an identifier.
    const fn after(&self, at: u64) -> u64 {
        let next = at.saturating_add(1);
        if self.told > next { self.told } else { next }
    }

    /// The first of these identifiers that begins between two places.
    fn find(
        &self,
        window: Window<'_>,
        from: u64,
        to: u64,
        which: impl Fn(&Self) -> &Finder<'static>,
    ) -> Option<u64> {
        let finder = which(self);
        let more = (finder.needle().len() as u64).saturating_sub(1);
        let found = finder.find(window.slice(from, to.saturating_add(more)))?;
        Some(from.max(window.start()).saturating_add(found as u64))
    }

    /// The container that has the identifier of its kind at `at`, if it is a token.
    fn container(&mut self, window: Window<'_>, at: u64, see: See<'_>) {
        // The identifier's own tag and length, and before them those of the whole.
        let Some(identifier) = at.checked_sub(2) else { return };
        if window.slice(identifier, at) != [0x06, 0x09] {
            return;
        }
        let starts = [4, 3, 2, 5].iter().filter_map(|size| {
            let start = identifier.checked_sub(*size)?;
            let head = der::head(window.slice(start, identifier))?;
            (head.tag == 0x30 && head.size as u64 == *size).then_some(start)
        });
        let mut starts = starts.filter(|start| *start >= self.told);
        let Some(start) = starts.next() else { return };
        let Some(container) = der::container(window.from(start)) else { return };
        let bytes = window.from(start);
        let bytes = bytes.get(..container.length).unwrap_or(bytes);
        let end = start.saturating_add(bytes.len() as u64);
        let has_extension = self.has_license(window, start, end);
        let is_left_over = container.is_certificates_only && !container.is_whole;
        if has_extension || is_left_over {
            self.told = end;
            see(Carved {
                place: place(start, bytes.len() as u64),
                is_whole: container.is_whole,
                kind: Kind::Token { bytes, has_extension },
            });
        }
    }

    fn has_license(&mut self, window: Window<'_>, from: u64, to: u64) -> bool {
        let end = |at: u64| at.saturating_add(LICENSES.len() as u64);
        let mut search = from;
        if let Some(known) = self.known.filter(|known| known.from <= from && from < known.to) {
            match known.at {
                Some(at) if at >= from => return end(at) <= to,
                None => search = known.to.saturating_sub(LICENSES.len() as u64).max(from),
                Some(_) => {}
            }
        }
        let found = self.find(window, search, to.saturating_sub(7), |tokens| &tokens.licenses);
        let to = found.map_or(to, end).max(from);
        self.known = Some(Known { from, to, at: found });
        found.is_some()
    }

    /// What lies around an identifier outside a container.
    fn fragment(&mut self, window: Window<'_>, at: u64, see: See<'_>) {
        let (start, end) = match certificate_around(window, at, self.told) {
            Some(found) => found,
            None => {
                let start = at.saturating_sub(AROUND / 4).max(self.told);
                (start, at.saturating_add(AROUND))
            }
        };
        let start = start.max(window.start());
        let bytes = window.slice(start, end);
        // None of its bytes are missing, but the container is.
        self.told = start.saturating_add(bytes.len() as u64);
        see(Carved {
            place: place(start, bytes.len() as u64),
            is_whole: false,
            kind: Kind::TokenFragment {
                bytes,
                at: usize::try_from(at.saturating_sub(start)).unwrap_or(0),
            },
        });
    }
}

/// The certificate that holds an identifier, with those that lie before and after it without a gap.
fn certificate_around(window: Window<'_>, at: u64, told: u64) -> Option<(u64, u64)> {
    let lowest = at.saturating_sub(BEHIND).max(told).max(window.start());
    let starts_before = |end: u64| {
        let from = end.saturating_sub(CERTIFICATE).max(lowest);
        (from..end).rev().filter_map(move |start| {
            let length = der::certificate(window.slice(start, start.saturating_add(16)))?;
            Some((start, start.saturating_add(length as u64)))
        })
    };
    let (mut start, mut end) = starts_before(at).find(|(_, end)| *end > at)?;
    while let Some((before, _)) = starts_before(start).find(|(_, end)| *end == start) {
        start = before;
    }
    while let Some(length) = der::certificate(window.slice(end, end.saturating_add(16))) {
        let further = end.saturating_add(length as u64);
        if further > window.end() || further.saturating_sub(at) > BEHIND {
            break;
        }
        end = further;
    }
    Some((start, end))
}
