// SPDX-License-Identifier: MIT OR Apache-2.0
//! Statements of two parts of a token that contradict each other.

use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use crate::meaning::{CertificateKind, MachineName, ProductVersion};
use crate::report::{Between, Disagreement, Text, TokenReport};
use crate::token::{Chain, DistinguishedName};

/// Reports contradictions between the index values of a token and its certificate.
pub(crate) fn compare_index(token: &mut TokenReport) {
    let (Some(index), Some(license)) = (&token.index, &token.license) else { return };
    let version = |version: ProductVersion| version.to_string();
    for (what, value, beside, inside) in [
        (
            "product version",
            "ProductVersion",
            index.version.map(ProductVersion::from_raw).map(version),
            license.product_version.map(version),
        ),
        ("product", "ProductID", index.product.clone(), license.requested_product.clone()),
        ("company", "CompanyName", index.company.clone(), license.company.clone()),
    ] {
        if let (Some(beside), Some(inside)) = (beside, inside)
            && beside.to_lowercase() != inside.to_lowercase()
        {
            token.disagreements.push(Disagreement {
                between: Between::Index,
                what: Text::from(what),
                one: format!("{value}: {beside}").into(),
                other: format!("certificate: {inside}").into(),
                facts: Vec::new(),
            });
        }
    }
}

/// Returns the contradictions within the certificate that a chain is about.
pub(super) fn within(chain: &Chain) -> Vec<Disagreement> {
    let Some(leaf) = chain.leaf() else { return Vec::new() };
    let mut found = Vec::new();
    let mut add = |what: &str, one: String, other: String| {
        let between = Between::Certificate;
        let facts = Vec::new();
        found.push(Disagreement {
            between,
            what: Text::from(what),
            one: one.into(),
            other: other.into(),
            facts,
        });
    };
    let issuer = DistinguishedName::common_name(&leaf.issuer);
    if let (Some(issuer), Some(server), true) = (issuer, &leaf.license.server, names_itself(chain))
        && !MachineName::from(issuer).is_same(&MachineName::from(server.issuer.as_str()))
    {
        let other = format!("extension 311.18.6: {}", server.issuer);
        add("license server", format!("issuer: {issuer}"), other);
    }
    if let Some(product) = &leaf.license.product
        && let ([version, ..], Some(named)) =
            (&product.versions[..], ProductVersion::in_product_name(&product.product))
        && named != version.number()
    {
        let other = format!("version record: {}.{}", version.major, version.minor);
        add("product version", format!("license ID: {}", product.product), other);
    }
    if let (Some(from), Some(until)) = (leaf.not_before, leaf.not_after)
        && from > until
    {
        add("validity", format!("valid from: {from}"), format!("expires: {until}"));
    }
    found
}

/// Whether the license server certainly writes its computer name into its certificate. The Clearinghouse writes
/// the name from the activation, and so can an activated server, which has an SPK.
fn names_itself(chain: &Chain) -> bool {
    chain.issuer_of_leaf().is_some_and(|(kind, certificate)| {
        kind == CertificateKind::LicenseServerSelfSigned && certificate.license.server_spk.is_none()
    })
}
