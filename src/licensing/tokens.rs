// SPDX-License-Identifier: MIT OR Apache-2.0
//! The tokens and certificates that the facts of a host hold, taken apart, each with what stands beside it.

use alloc::vec::Vec;

use crate::licensing::host::View;
use crate::licensing::report::TokenReport;

/// As many tokens of a host are taken apart: each takes time.
pub(crate) const MOST: usize = 512;

/// Takes them apart; the first gets this number. Without the feature `token`, none.
#[cfg(not(feature = "token"))]
pub(crate) fn of_host(_: &View<'_>, _: &str, _: usize) -> Vec<TokenReport> {
    Vec::new()
}

#[cfg(feature = "token")]
pub(crate) use with_feature::of_host;

#[cfg(feature = "token")]
mod with_feature {
    use alloc::collections::BTreeMap;
    use alloc::format;
    use alloc::string::{String, ToString};

    use super::{MOST, TokenReport, Vec, View};
    use crate::hive::name::Name;
    use crate::hive::value::ValueType;
    use crate::licensing::fact::{Fact, Origin};
    use crate::licensing::hardware_id::HardwareId;
    use crate::licensing::host::Numbered;
    use crate::licensing::locations::Meaning;
    use crate::licensing::report::{Between, Disagreement, IndexReport, TokenKind};
    use crate::licensing::{text, token};

    /// The facts of a key.
    type Beside<'v, 'f> = BTreeMap<Place<'v>, Vec<&'v Numbered<'f>>>;
    /// A key: its path, and where it begins.
    type Place<'v> = (&'v str, Option<u64>);

    fn place(fact: &Fact) -> Place<'_> {
        (fact.provenance.key.as_str(), fact.provenance.key_place.map(|(offset, _)| offset))
    }

    pub(crate) fn of_host(view: &View<'_>, host: &str, first: usize) -> Vec<TokenReport> {
        let mut tokens: Vec<TokenReport> = Vec::new();
        let mut beside = Beside::new();
        for numbered in everything(view) {
            if numbered.1.location.meaning == Meaning::StoredLicense {
                beside.entry(place(numbered.1)).or_default().push(numbered);
            }
        }
        for numbered in everything(view) {
            let (id, fact) = numbered;
            let Some(kind) = kind(fact).filter(|_| tokens.len() < MOST) else { continue };
            let mut token = token::describe(&fact.data, kind);
            token.origin = Some(fact.provenance.origin);
            token.redirected = fact.provenance.redirected;
            token.host = Some(String::from(host));
            token.facts.push(id.clone());
            let same = |other: &&mut TokenReport| {
                kind == TokenKind::HostCertificate
                    && (other.kind, other.origin, &other.sha256)
                        == (kind, token.origin, &token.sha256)
            };
            // A host keeps the same in several values and control sets.
            if let Some(other) = tokens.iter_mut().find(same) {
                other.facts.push(id.clone());
                continue;
            }
            if kind == TokenKind::StoredLicense {
                add_index(&mut token, beside.get(&place(fact)).map_or(&[], Vec::as_slice));
                compare_hardware_id(&mut token, view, fact);
            }
            tokens.push(token);
        }
        for (token, number) in tokens.iter_mut().zip(first..) {
            token.id = format!("token-{number}");
        }
        tokens
    }

    /// What the tree shows, and what it does not show, and what was recovered.
    fn everything<'v, 'f>(view: &'v View<'f>) -> impl Iterator<Item = &'v Numbered<'f>> {
        view.facts.iter().chain(&view.hidden).chain(&view.recovered)
    }

    fn kind(fact: &Fact) -> Option<TokenKind> {
        let is_named = |known: &str| {
            let name = fact.provenance.value.as_deref().unwrap_or_default();
            Name::from(name).same(known.into())
        };
        match fact.location.meaning {
            _ if !fact.state.is_value() => None,
            Meaning::StoredLicense if is_named("ClientLicense") => Some(TokenKind::StoredLicense),
            Meaning::StoredLicense if fact.provenance.origin == Origin::Carved => {
                Some(TokenKind::StoredLicense)
            }
            Meaning::HostCertificate => Some(TokenKind::HostCertificate),
            _ => None,
        }
    }

    /// The values beside a token.
    fn add_index(token: &mut TokenReport, beside: &[&Numbered<'_>]) {
        let mut index = IndexReport::default();
        for (id, fact) in beside {
            let name = fact.provenance.value.as_deref().unwrap_or_default();
            let is = |known: &str| Name::from(name).same(known.into());
            let value_type = fact.provenance.value_place.map_or(ValueType::SZ, |(_, kind)| kind);
            let shown = || text::single_lenient(&fact.data, value_type);
            if is("ProductVersion") {
                let number = fact.data.as_slice().try_into().ok();
                let number = number.filter(|_| !text::is_text(value_type));
                index.version = number.map(u32::from_le_bytes);
            } else if is("LicenseScope") {
                index.scope = shown();
            } else if is("CompanyName") {
                index.company = shown();
            } else if is("ProductID") {
                index.product = shown();
            } else {
                continue;
            }
            token.facts.push(id.clone());
        }
        token.index = Some(index);
        token::compare_index(token);
        let ids: Vec<String> = token.facts.iter().skip(1).cloned().collect();
        token.disagreements.iter_mut().filter(|it| it.between == Between::Index).for_each(|it| {
            it.facts.clone_from(&ids);
        });
    }

    /// The hardware id in the token, and the one that is stored in the same view.
    fn compare_hardware_id(token: &mut TokenReport, view: &View<'_>, of: &Fact) {
        let is_plausible =
            token.license.as_ref().is_some_and(|it| it.hardware_id_is_plausible == Some(true));
        let embedded = token.license.as_ref().and_then(|it| it.hardware_id.clone());
        let same_view =
            |(_, fact): &&Numbered<'_>| fact.provenance.redirected == of.provenance.redirected;
        let stored = view.all("client.hardware_id").find(same_view);
        if let (Some(embedded), Some((id, fact)), true) = (embedded, stored, is_plausible)
            && let Some(stored) = HardwareId::parse(&fact.data)
            && stored.to_string() != embedded
        {
            token.disagreements.push(Disagreement {
                between: Between::HardwareId,
                what: String::from("hardware id"),
                one: format!("token: {embedded}"),
                other: format!("ClientHWID: {stored}"),
                facts: Vec::from([id.clone()]),
            });
        }
    }
}
