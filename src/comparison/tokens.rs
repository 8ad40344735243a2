// SPDX-License-Identifier: MIT OR Apache-2.0
//! Comparison of tokens and of the certificates of session hosts.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use crate::catalog::Code;
use crate::comparison::item::{Items, Thing};
use crate::comparison::places::Slot;
use crate::comparison::side::Side;
use crate::fact::Origin;
use crate::report::{ComparedValue, FactReport, ItemSubject, Text, TokenKind, TokenReport};

/// A token in the tree, with the fact that holds its bytes.
type Stored<'r> = (&'r TokenReport, &'r FactReport);

/// Compares the tokens in the tree by their place, then the recovered tokens by their bytes.
pub(super) fn compare(a: &Side<'_>, b: &Side<'_>, items: &mut Items) {
    let (of_a, of_b) = (stored(a), stored(b));
    for (slot, (token, fact)) in &of_a {
        match of_b.get(slot) {
            Some((other, _)) if other.sha256 == token.sha256 => items.equal(),
            Some((other, of_other)) => {
                let value_a = value(a, token, fact);
                items.changed(thing(token, fact), value_a, value(b, other, of_other));
            }
            None => {
                let doubts = b.doubts(&[fact.code]);
                items.only_a(thing(token, fact), value(a, token, fact), doubts);
            }
        }
    }
    for (_, (token, fact)) in of_b.iter().filter(|(slot, _)| !of_a.contains_key(*slot)) {
        let doubts = a.doubts(&[fact.code]);
        items.only_b(thing(token, fact), value(b, token, fact), doubts);
    }
    recovered(a, b, items);
}

/// Returns the tokens in the tree by their place.
fn stored<'r>(side: &Side<'r>) -> BTreeMap<Slot, Stored<'r>> {
    let mut stored = BTreeMap::new();
    for token in side.index.tokens_of(&side.host.id) {
        let holds = |fact: &&FactReport| {
            side.is_in_tree(fact)
                && fact.data.as_ref().is_some_and(|data| data.sha256 == token.sha256)
        };
        if let Some(fact) = side.facts(&token.facts).into_iter().find(holds) {
            stored.entry(Slot::of(side, fact)).or_insert((token, fact));
        }
    }
    stored
}

/// Compares recovered tokens. Their bytes have no place in the tree, and can be overwritten at any time.
fn recovered(a: &Side<'_>, b: &Side<'_>, items: &mut Items) {
    let is_recovered =
        |token: &&TokenReport| matches!(token.origin, Some(Origin::Recovered | Origin::Carved));
    let of_a = || a.index.tokens_of(&a.host.id).filter(is_recovered);
    let of_b = || b.index.tokens_of(&b.host.id).filter(is_recovered);
    let hashes_a: BTreeSet<&str> = of_a().map(|token| token.sha256.as_str()).collect();
    let hashes_b: BTreeSet<&str> = of_b().map(|token| token.sha256.as_str()).collect();
    for found in of_a() {
        if hashes_b.contains(found.sha256.as_str()) {
            items.equal();
        } else {
            let doubt = "no such bytes were recovered from B; recovered bytes can be overwritten at any time";
            items.only_a(recovered_thing(), recovered_value(a, found), vec![Text::from(doubt)]);
        }
    }
    for found in of_b() {
        if !hashes_a.contains(found.sha256.as_str()) {
            let doubt = "no such bytes were recovered from A; A can hold the token in its tree";
            items.only_b(recovered_thing(), recovered_value(b, found), vec![Text::from(doubt)]);
        }
    }
}

const fn recovered_thing() -> Thing<'static> {
    Thing {
        subject: ItemSubject::RecoveredToken,
        code: "token",
        title: "Token recovered outside the tree",
    }
}

fn recovered_value(side: &Side<'_>, token: &TokenReport) -> ComparedValue {
    side.value(words(token), &side.facts(&token.facts))
}

fn thing<'t>(token: &TokenReport, fact: &'t FactReport) -> Thing<'t> {
    let subject = match token.kind {
        TokenKind::HostCertificate => ItemSubject::Registration,
        _ => ItemSubject::Token,
    };
    Thing { subject, code: fact.code.as_str(), title: title(fact) }
}

/// Returns the name of the key of a stored license, or the title of another place.
fn title(fact: &FactReport) -> &str {
    match fact.code {
        Code::ClientStore => {
            fact.provenance.key_path.rsplit('\\').next().unwrap_or(&fact.provenance.key_path)
        }
        _ => &fact.title,
    }
}

fn value(side: &Side<'_>, token: &TokenReport, fact: &FactReport) -> ComparedValue {
    side.value(words(token), &[fact])
}

/// Describes a token by its issuer, holder and validity.
fn words(token: &TokenReport) -> String {
    let Some(license) = &token.license else {
        return format!(
            "{} bytes without a license certificate, SHA-256 {}",
            token.size, token.sha256
        );
    };
    let mut parts = Vec::new();
    let server = license.license_server.as_ref().or(license.issuer.as_ref());
    for (label, text) in [
        ("license server", server),
        ("scope", license.scope.as_ref()),
        ("license", license.license_id.as_ref()),
        ("machine (client-reported)", license.client_reported_machine.as_ref()),
        ("user (client-reported)", license.client_reported_user.as_ref()),
    ] {
        if let Some(text) = text {
            parts.push(format!("{label} {text}"));
        }
    }
    if let Some(is_temporary) = license.is_temporary {
        parts.push(String::from(if is_temporary { "temporary" } else { "permanent" }));
    }
    if let (Some(from), Some(until)) = (license.valid_from, license.expires) {
        parts.push(format!("valid {} to {} UTC", seconds(from), seconds(until)));
    }
    parts.push(format!("SHA-256 {}", token.sha256));
    parts.join("; ")
}

/// Returns a time for people, in whole seconds.
fn seconds(time: calhive_regf::FileTime) -> String {
    let text = format!("{time}");
    text.get(..19).unwrap_or(&text).replace('T', " ")
}
