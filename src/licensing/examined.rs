// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Examined`]: a host with all that is known of it, from which findings and answers are drawn.

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::licensing::host::View;
use crate::licensing::report::{Attributed, EdgeKind, Host, LicenseReport, TokenKind, TokenReport};
use crate::licensing::session_host;
use crate::time::FileTime;

/// A host, its facts and its tokens.
pub(crate) struct Examined<'f> {
    pub(crate) view: View<'f>,
    pub(crate) host: Host,
    pub(crate) tokens: Vec<TokenReport>,
}

impl Examined<'_> {
    /// The stored licences that the tree shows.
    pub(crate) fn licenses(&self) -> impl Iterator<Item = &TokenReport> {
        let is_one = |it: &&TokenReport| it.kind == TokenKind::StoredLicense && it.is_shown();
        self.tokens.iter().filter(is_one)
    }

    /// Those that could be taken apart, with what their last certificate says.
    pub(crate) fn decoded(&self) -> impl Iterator<Item = (&TokenReport, &LicenseReport)> {
        self.licenses().filter_map(|token| Some((token, token.license.as_ref()?)))
    }

    /// The certificates that licence servers gave it, in the control set in use, with what the last of each
    /// chain says.
    pub(crate) fn registrations(&self) -> impl Iterator<Item = (&TokenReport, &LicenseReport)> {
        let places = session_host::CERTIFICATES.iter().flat_map(|code| self.view.all(code));
        let current: BTreeSet<&str> = places.map(|(id, _)| id.as_str()).collect();
        let is_one = move |token: &&TokenReport| {
            token.kind == TokenKind::HostCertificate
                && token.is_shown()
                && token.facts.iter().any(|id| current.contains(id.as_str()))
        };
        let tokens = self.tokens.iter().filter(is_one);
        tokens.filter_map(|token| Some((token, token.license.as_ref()?)))
    }

    /// The licence servers that it is registered with, by those certificates.
    pub(crate) fn registered_with(&self) -> Vec<Attributed> {
        let said = |text: &Option<String>| text.clone().unwrap_or_else(|| String::from("unknown"));
        let mut all: Vec<Attributed> = Vec::new();
        for (token, license) in self.registrations() {
            let text = format!(
                "a licence server naming itself {}, scope {}: it signed a certificate for {} at {} (its clock)",
                said(&license.issuer),
                said(&license.scope),
                said(&license.client_reported_machine),
                said(&license.valid_from),
            );
            // A host keeps one certificate in several containers.
            match all.iter_mut().find(|known| known.text == text) {
                Some(known) => known.facts.extend_from_slice(&token.facts),
                None => all.push(Attributed { text, facts: token.facts.clone() }),
            }
        }
        all
    }

    /// What licence servers issued: tokens to it as a client, certificates to it as a host.
    pub(crate) fn issued(&self) -> impl Iterator<Item = (EdgeKind, &TokenReport, &LicenseReport)> {
        let tokens = self.decoded().map(|(token, it)| (EdgeKind::HoldsTokenOf, token, it));
        let certificates = self.registrations();
        tokens.chain(certificates.map(|(token, it)| (EdgeKind::HoldsCertificateOf, token, it)))
    }

    /// The time that its tokens are judged at.
    pub(crate) fn reference_time(&self) -> Option<FileTime> {
        self.host.reference_time.filetime.map(FileTime::from_raw)
    }

    /// The name of the farm that it belongs to, and the fact that says so.
    pub(crate) fn farm(&self) -> Option<(String, String)> {
        let filled = |code| self.view.text(code).filter(|(name, _)| !name.is_empty());
        filled("system.policy.broker_farm").or(filled("system.farm"))
    }
}
