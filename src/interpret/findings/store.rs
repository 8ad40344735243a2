// SPDX-License-Identifier: MIT OR Apache-2.0
//! Findings about the license store of a client.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::catalog::Code;
use crate::fact::Facts;
use crate::interpret::findings::draft::Draft;
use crate::interpret::findings::page::{FORGED, FindingPage, TOKENS, pages};
use crate::interpret::host_evidence::HostEvidence;
use crate::interpret::view::Exhibit;
use crate::meaning::stored_license::number_of_key;
use crate::meaning::{Certainty, MachineName};
use crate::report::{LicenseReport, Severity, TokenReport};

pages! {
    SEVERAL_ISSUERS "client.tokens.several_issuers" "Tokens from several license servers" Info Observed TOKENS
        when "the tokens on one host name more than one license server as issuer"
        shows "The stored tokens name different issuers. The store keeps the last token for each version."
        not "It does not show which session hosts were used, or when each license server was first used."
        innocent [
            "an organization with several license servers",
            "the device is used with several organizations",
            "tokens of several product versions",
        ]
        reproduce "decode each ClientLicense and compare the issuers of the last certificates"
        source "[MS] MS-RDPELE 3.3.1.8, 3.3.5.6"
    SEVERAL_SCOPES "client.tokens.several_scopes" "Tokens with several scopes" Info Observed TOKENS
        when "the tokens on one host name more than one license-server scope"
        shows "The stored tokens name different scopes (domains or workgroups) of one or more license servers."
        not "It does not show that the device belonged to any of these scopes."
        innocent [
            "license server and session host may be in different trusted domains",
            "the domain or workgroup of one license server changed",
            "a token was part of an image or a copied key",
            "the device is used with several organizations",
        ]
        reproduce "compare the scopes in the extension 1.3.6.1.4.1.311.18.6 of each ClientLicense, as `openssl asn1parse` shows them"
        source "[MS] MS-RDPELE 2.2.2.9.2; KB 2473823"
    GAP "client.store.gap" "Missing LICENSEnnn number" Info Observed FORGED
        when "the store has a key LICENSEnnn, but a key with a lower number is missing"
        shows "A number is missing among the LICENSEnnn keys of the store. The cause is unknown."
        not "It does not show that a key was removed."
        innocent [
            "the client chose the number by an undocumented rule",
            "a repair or script removed a key",
        ]
        reproduce "list the subkeys of MSLicensing\\Store in any registry viewer"
        source "[CODE] three-digit numbers; [INF] own inference"
}

/// Finds tokens from several license servers, tokens with several scopes, and missing numbers.
pub(super) fn find(examined: &HostEvidence<'_>, drafts: &mut Vec<Draft>) {
    for (page, what, of) in [
        (&SEVERAL_ISSUERS, "license servers", issuer as fn(&LicenseReport) -> _),
        (&SEVERAL_SCOPES, "scopes", scope),
    ] {
        several(examined, page, what, of, drafts);
    }
    missing_numbers(examined, drafts);
}

/// Returns the license server of a token: its comparable form and its name.
fn issuer(license: &LicenseReport) -> Option<(String, String)> {
    let name = license.license_server.as_ref().or(license.issuer.as_ref())?;
    Some((MachineName::from(name.as_str()).comparable(), name.clone()))
}

/// Returns the scope of a token: its comparable form and its name.
fn scope(license: &LicenseReport) -> Option<(String, String)> {
    let name = license.scope.as_ref()?;
    Some((name.trim().to_uppercase(), name.clone()))
}

/// Finds tokens for which `of` returns different names.
fn several(
    examined: &HostEvidence<'_>,
    page: &'static FindingPage,
    what: &str,
    of: fn(&LicenseReport) -> Option<(String, String)>,
    drafts: &mut Vec<Draft>,
) {
    let mut names: BTreeMap<String, (String, Vec<&TokenReport>)> = BTreeMap::new();
    for (token, license) in examined.decoded() {
        if let Some((form, name)) = of(license) {
            names.entry(form).or_insert((name, Vec::new())).1.push(token);
        }
    }
    if names.len() < 2 {
        return;
    }
    let ids = |tokens: &[&TokenReport]| {
        tokens.iter().map(|it| it.id.clone()).collect::<Vec<_>>().join(", ")
    };
    let parts: Vec<String> =
        names.values().map(|(name, tokens)| format!("{name} ({})", ids(tokens))).collect();
    let statement = format!("The stored tokens name the {what} {}.", parts.join(" and "));
    let tokens = names.values().flat_map(|(_, tokens)| tokens);
    let draft = Draft::about(page, examined, statement);
    drafts.push(tokens.fold(draft, |draft, token| draft.token(token)));
}

/// Finds missing numbers below the highest number in each store.
fn missing_numbers(examined: &HostEvidence<'_>, drafts: &mut Vec<Draft>) {
    // If a key could not be read, its number would look like a missing number.
    let is_partial = |source: &Facts| source.unread.total > 0 || !source.form.is_hive();
    if examined.view.sources.iter().any(|(_, source)| is_partial(source)) {
        return;
    }
    let mut stores: BTreeMap<(&str, bool), BTreeMap<u32, &Exhibit<'_>>> = BTreeMap::new();
    for exhibit in &examined.view.facts {
        let place = &exhibit.fact.provenance;
        if exhibit.code() != Code::ClientStore || !exhibit.fact.state.is_found() {
            continue;
        }
        let Some((store, name)) = place.key.rsplit_once('\\') else { continue };
        if let Some(number) = number_of_key(name) {
            stores.entry((store, place.redirected)).or_default().entry(number).or_insert(exhibit);
        }
    }
    for ((store, _), numbers) in stores {
        let Some((last, exhibit)) = numbers.last_key_value() else { continue };
        let there: BTreeSet<u32> = numbers.keys().copied().collect();
        // Report only the first missing number: there may be billions.
        if let Some(missing) = (0..*last).find(|number| !there.contains(number)) {
            let statement = format!(
                "{store} has LICENSE{last:03} but not LICENSE{missing:03}: gap; cause unknown."
            );
            drafts.push(Draft::about(&GAP, examined, statement).exhibit(exhibit));
        }
    }
}
