// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`HostEvidence`]: a host with its facts and tokens, the basis of findings and answers.

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use calhive_regf::FileTime;
use calhive_regf::registry::HiveKind;

use crate::catalog::Code;
use crate::fact::SecondReading;
use crate::interpret::settings;
use crate::interpret::view::{Exhibit, View};
use crate::meaning::{CertificateKind, MachineName, SignatureState};
use crate::report::{
    Attributed, BindingReport, EdgeKind, Host, LicenseReport, TokenKind, TokenReport,
};

/// A host, its facts and its tokens.
pub(crate) struct HostEvidence<'f> {
    pub(crate) view: View<'f>,
    pub(crate) host: Host,
    pub(crate) tokens: Vec<TokenReport>,
}

impl HostEvidence<'_> {
    /// Returns the stored licenses in the tree.
    pub(super) fn licenses(&self) -> impl Iterator<Item = &TokenReport> {
        let is_one = |it: &&TokenReport| it.kind == TokenKind::StoredLicense && it.is_shown();
        self.tokens.iter().filter(is_one)
    }

    /// Returns the decoded stored licenses, each with its leaf certificate.
    pub(super) fn decoded(&self) -> impl Iterator<Item = (&TokenReport, &LicenseReport)> {
        self.licenses().filter_map(|token| Some((token, token.license.as_ref()?)))
    }

    /// Returns the license-server certificates in the current control set, each with its leaf certificate.
    pub(super) fn registrations(&self) -> impl Iterator<Item = (&TokenReport, &LicenseReport)> {
        let places = settings::CERTIFICATES.iter().flat_map(|code| self.view.all(*code));
        let current: BTreeSet<&str> = places.map(|it| it.id.as_str()).collect();
        let is_one = move |token: &&TokenReport| {
            token.kind == TokenKind::HostCertificate
                && token.is_shown()
                && token.facts.iter().any(|id| current.contains(id.as_str()))
        };
        let tokens = self.tokens.iter().filter(is_one);
        tokens.filter_map(|token| Some((token, token.license.as_ref()?)))
    }

    /// Returns the license servers that issued the certificates in the current control set.
    pub(super) fn registered_with(&self) -> Vec<Attributed> {
        let own = self.view.text(Code::SystemComputerName).map(|(name, _)| name);
        let all = self.registrations();
        attributed(all.map(|(token, license)| (registration(license, own.as_deref()), token)))
    }

    /// Returns the registrations that the tree does not show: recovered certificates of a session host, which no
    /// certificate in the tree repeats.
    pub(super) fn earlier_registrations(&self) -> Vec<Attributed> {
        let leaf = |token: &TokenReport, license: &LicenseReport| {
            let index = usize::try_from(license.certificate).unwrap_or_default();
            token.certificates.get(index).map(|it| it.sha256.clone())
        };
        let of_host = || {
            let all = self.tokens.iter().filter(|it| it.kind == TokenKind::HostCertificate);
            all.filter_map(|token| Some((token, token.license.as_ref()?)))
        };
        let shown: BTreeSet<String> = of_host()
            .filter(|(token, _)| token.is_shown())
            .filter_map(|(token, license)| leaf(token, license))
            .collect();
        let is_earlier = |(token, license): &(&TokenReport, &LicenseReport)| {
            let is_repeated = leaf(token, license).is_some_and(|leaf| shown.contains(&leaf));
            !token.is_shown() && !is_repeated && license.kind == CertificateKind::HostCertificate
        };
        let words = |license: &LicenseReport| {
            let text = registration(license, None);
            if self.view.is_unallocated() {
                let text = text.replacen("a stored certificate", "a carved certificate", 1);
                return format!("{text}; {}", &*self.host.pairing_statement);
            }
            format!("{}; not in the tree", text.replacen("a stored", "a recovered", 1))
        };
        attributed(of_host().filter(is_earlier).map(|(token, it)| (words(it), token)))
    }

    /// Returns the tokens that the host holds as a client, and the certificates that the host holds
    /// as a session host.
    pub(super) fn issued(&self) -> impl Iterator<Item = (EdgeKind, &TokenReport, &LicenseReport)> {
        let tokens = self.decoded().map(|(token, it)| (EdgeKind::HoldsTokenOf, token, it));
        let certificates = self.registrations();
        tokens.chain(certificates.map(|(token, it)| (EdgeKind::HoldsCertificateOf, token, it)))
    }

    /// Returns the reference time of the host.
    pub(super) const fn reference_time(&self) -> Option<FileTime> {
        self.host.reference_time.time
    }

    /// Returns the name of the host's farm, with the ID of the fact.
    pub(super) fn farm(&self) -> Option<(String, String)> {
        let filled = |code| self.view.filled(code);
        filled(Code::SystemPolicyBrokerFarm).or(filled(Code::SystemFarm))
    }

    /// Whether an absence at these places is shown: every place was read, no data of the places lie outside the
    /// tree, and no second reader reads the places differently.
    pub(super) fn shows_absence(&self, codes: &[Code]) -> bool {
        let view = &self.view;
        let is_other = |it: &Exhibit<'_>| {
            matches!(it.fact.second_reading, Some(SecondReading::Differs { .. }))
        };
        let doubted = view.facts.iter().filter(|it| is_other(it)).chain(&view.hidden);
        let mut doubted = doubted.filter(|it| codes.contains(&it.code()));
        doubted.next().is_none() && view.doubts(codes).is_empty()
    }

    /// Whether SYSTEM and SOFTWARE were given and the current control set is known. Otherwise, a
    /// missing item is no evidence of absence.
    pub(super) fn has_both(&self) -> bool {
        let view = &self.view;
        view.has(HiveKind::Software) && view.has(HiveKind::System) && view.current_set().is_some()
    }
}

/// Describes a registration of a session host with a license server.
fn registration(license: &LicenseReport, own: Option<&str>) -> String {
    let host = license.binding.as_ref().map(BindingReport::text);
    let doubt = match license.signature {
        Some(SignatureState::Valid) => "",
        Some(SignatureState::Invalid) => "; its signature does not hold",
        _ => "; its signature could not be checked",
    };
    let named = license.binding.as_ref().map(|it| MachineName::from(it.name.as_str()));
    let own = own.filter(|own| {
        named.as_ref().is_some_and(|it| !it.is_address() && !it.is_same(&MachineName::from(*own)))
    });
    let other = own.map(|own| format!("; the computer name is {own}")).unwrap_or_default();
    format!(
        "a stored certificate names {} as the host{other}, and {}, scope {}, as the license server (self-reported name); \
         valid from {} (server clock){doubt}",
        or_unknown(host.as_deref()),
        or_unknown(license.license_server_in_words().as_deref()),
        or_unknown(license.scope.as_deref()),
        time_or_unknown(license.valid_from),
    )
}

/// Merges equal texts. A host keeps one certificate in several containers.
fn attributed<'t>(texts: impl Iterator<Item = (String, &'t TokenReport)>) -> Vec<Attributed> {
    let mut all: Vec<Attributed> = Vec::new();
    for (text, token) in texts {
        match all.iter_mut().find(|known| known.text == text) {
            Some(known) => known.facts.extend_from_slice(&token.facts),
            None => all.push(Attributed { text, facts: token.facts.clone() }),
        }
    }
    all
}

/// Returns a text of a certificate, or "unknown".
pub(super) fn or_unknown(text: Option<&str>) -> String {
    String::from(text.unwrap_or("unknown"))
}

/// Returns a time of a certificate, or "unknown".
pub(super) fn time_or_unknown(time: Option<FileTime>) -> String {
    time.map_or_else(|| String::from("unknown"), |time| time.to_string())
}
