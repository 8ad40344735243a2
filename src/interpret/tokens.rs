// SPDX-License-Identifier: MIT OR Apache-2.0
//! Tokens and certificates among the facts of a host, each with its index values.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::catalog::{Code, Meaning};
use crate::fact::Origin;
use crate::interpret::disagreements::compare_index;
use crate::interpret::token_report::describe_token;
use crate::interpret::view::{Exhibit, View};
use crate::meaning::HardwareId;
use crate::meaning::stored_license::StoredLicenseValue;
use crate::report::{Between, Disagreement, IndexReport, Text, TokenKind, TokenReport};

/// Maximum number of tokens that calhive decodes per host, because each takes time.
const MOST: usize = 512;

/// Path and offset of a key.
type KeyPlace<'f> = (&'f str, Option<u64>);

/// Decodes the tokens and certificates of a host. They have no IDs yet. Returns also how many more there are.
pub(super) fn of_host(view: &View<'_>, host: &str) -> (Vec<TokenReport>, u64) {
    let all = view.everything().filter_map(|exhibit| Some((exhibit, kind(exhibit)?)));
    let (chosen, left_out) = first_distinct(all.collect());
    let mut beside: BTreeMap<KeyPlace<'_>, Vec<&Exhibit<'_>>> = BTreeMap::new();
    for exhibit in view.everything() {
        if exhibit.fact.location.meaning == Meaning::StoredLicense {
            beside.entry(key_place(exhibit)).or_default().push(exhibit);
        }
    }
    let mut tokens: Vec<TokenReport> = Vec::new();
    for (exhibit, kind) in chosen {
        let fact = exhibit.fact;
        let mut token = describe_token(&fact.data, kind);
        token.origin = Some(fact.provenance.origin);
        token.redirected = fact.provenance.redirected;
        token.host = Some(String::from(host));
        token.facts.push(exhibit.id.clone());
        let is_same = |other: &&mut TokenReport| {
            kind == TokenKind::HostCertificate
                && (other.kind, other.origin, &other.sha256) == (kind, token.origin, &token.sha256)
        };
        // A host keeps the same certificate in several values and control sets.
        if let Some(other) = tokens.iter_mut().find(is_same) {
            other.facts.push(exhibit.id.clone());
            continue;
        }
        // A license file has no index.
        if kind == TokenKind::StoredLicense && fact.provenance.origin != Origin::LicenseFile {
            add_index(&mut token, beside.get(&key_place(exhibit)).map_or(&[], Vec::as_slice));
            compare_hardware_id(&mut token, view, exhibit);
        }
        tokens.push(token);
    }
    (tokens, left_out)
}

/// Returns the exhibits to decode, in their order, and the number of the others. Different bytes come before copies of
/// bytes.
fn first_distinct<'v, 'f>(
    all: Vec<(&'v Exhibit<'f>, TokenKind)>,
) -> (Vec<(&'v Exhibit<'f>, TokenKind)>, u64) {
    let left_out = all.len().saturating_sub(MOST);
    if left_out == 0 {
        return (all, 0);
    }
    let mut seen = BTreeSet::new();
    let (mut chosen, copies): (Vec<_>, Vec<_>) = all
        .into_iter()
        .enumerate()
        .partition(|(_, (exhibit, _))| seen.insert(exhibit.fact.data.as_slice()));
    chosen.extend(copies);
    chosen.truncate(MOST);
    chosen.sort_by_key(|(at, _)| *at);
    (chosen.into_iter().map(|(_, one)| one).collect(), left_out as u64)
}

fn key_place<'f>(exhibit: &Exhibit<'f>) -> KeyPlace<'f> {
    let place = &exhibit.fact.provenance;
    (place.key.as_str(), place.key_place.map(|(offset, _)| offset))
}

/// Returns the kind of token in the data of a fact, or `None` if the data are not a token.
fn kind(exhibit: &Exhibit<'_>) -> Option<TokenKind> {
    let fact = exhibit.fact;
    match fact.location.meaning {
        _ if !fact.state.is_value() => None,
        Meaning::StoredLicense
            if matches!(fact.provenance.origin, Origin::Carved | Origin::LicenseFile) =>
        {
            Some(TokenKind::StoredLicense)
        }
        Meaning::StoredLicense => {
            (stored(exhibit) == StoredLicenseValue::Token).then_some(TokenKind::StoredLicense)
        }
        Meaning::HostCertificate => Some(TokenKind::HostCertificate),
        _ => None,
    }
}

fn stored(exhibit: &Exhibit<'_>) -> StoredLicenseValue {
    let data = &exhibit.fact.data;
    StoredLicenseValue::decode(exhibit.value_name(), data, exhibit.value_type())
}

/// Adds the index values stored with a token.
fn add_index(token: &mut TokenReport, beside: &[&Exhibit<'_>]) {
    let mut index = IndexReport::default();
    for exhibit in beside {
        match stored(exhibit) {
            StoredLicenseValue::Version(version) => index.version = version,
            StoredLicenseValue::Scope(scope) => index.scope = scope,
            StoredLicenseValue::Company(company) => index.company = company,
            StoredLicenseValue::Product(product) => index.product = product,
            StoredLicenseValue::Token | StoredLicenseValue::Other(_) => continue,
        }
        token.facts.push(exhibit.id.clone());
    }
    token.index = Some(index);
    compare_index(token);
    let ids: Vec<String> = token.facts.iter().skip(1).cloned().collect();
    token.disagreements.iter_mut().filter(|it| it.between == Between::Index).for_each(|it| {
        it.facts.clone_from(&ids);
    });
}

/// Compares the hardware ID in a token with the hardware ID stored in the same registry view.
fn compare_hardware_id(token: &mut TokenReport, view: &View<'_>, of: &Exhibit<'_>) {
    let license = token.license.as_ref();
    let license = license.filter(|it| it.hardware_id_is_plausible == Some(true));
    let is_same_view =
        |it: &&Exhibit<'_>| it.fact.provenance.redirected == of.fact.provenance.redirected;
    // An ID of zeros identifies no client.
    let is_set = |it: &&Exhibit<'_>| it.fact.data.iter().any(|byte| *byte != 0);
    let stored = view.all(Code::ClientHardwareId).find(is_same_view).filter(is_set);
    if let (Some(embedded), Some(exhibit)) = (license.and_then(|it| it.hardware_id), stored)
        && let Some(stored) = HardwareId::parse(&exhibit.fact.data)
        && stored != embedded
    {
        token.disagreements.push(Disagreement {
            between: Between::HardwareId,
            what: Text::from("hardware ID"),
            one: format!("token: {embedded}").into(),
            other: format!("ClientHWID: {stored}").into(),
            facts: Vec::from([exhibit.id.clone()]),
        });
    }
}
