// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`describe_token`]: the report on the bytes of a token.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use sha2::{Digest as _, Sha256};

use crate::meaning::licensed_product::LicensedProduct;
use crate::meaning::text::hex;
use crate::meaning::{MachineName, ProductVersion, SignatureState};
use crate::report::{
    Between, CertificateReport, Disagreement, ExtensionReport, IndexReport, LicenseReport,
    TokenFaultReport, TokenKind, TokenReport,
};
use crate::token::{
    Certificate, Chain, DistinguishedName, LicenseFlags, LicensedVersion, Signature, Token,
    TokenFault,
};

/// Decodes the bytes of a token. Never fails: the report lists the parts that could not be read.
pub fn describe_token(bytes: &[u8], kind: TokenKind) -> TokenReport {
    let token = Token::parse(bytes);
    let mut report = TokenReport {
        id: String::from("token-1"),
        kind,
        host: None,
        facts: Vec::new(),
        origin: None,
        redirected: false,
        size: bytes.len() as u64,
        sha256: hex(&Sha256::digest(bytes)),
        error: None,
        container: None,
        reading: None,
        faults: Vec::new(),
        index: None,
        license: None,
        certificates: Vec::new(),
        disagreements: Vec::new(),
    };
    match token {
        Ok(Token { index, chain }) => {
            report.container = Some(chain.container);
            report.reading = Some(chain.reading());
            report.faults = faults(&chain.faults);
            report.index = index.map(|index| IndexReport {
                version: Some(index.version),
                scope: Some(index.scope),
                company: Some(index.company),
                product: Some(index.product),
            });
            let both = chain.certificates.iter().zip(&chain.signatures);
            report.certificates = both.map(|(it, signature)| certificate(it, signature)).collect();
            report.license = license(&chain);
            report.disagreements = chain.leaf().map(within).unwrap_or_default();
            compare_index(&mut report);
        }
        Err(fault) => report.error = Some(fault.to_string()),
    }
    report
}

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
                what: String::from(what),
                one: format!("{value}: {beside}"),
                other: format!("certificate: {inside}"),
                facts: Vec::new(),
            });
        }
    }
}

fn faults(faults: &[TokenFault]) -> Vec<TokenFaultReport> {
    let fault = |fault: &TokenFault| TokenFaultReport {
        offset: fault.offset() as u64,
        message: fault.message(),
    };
    faults.iter().map(fault).collect()
}

fn certificate(certificate: &Certificate, signature: &Signature) -> CertificateReport {
    let key = certificate.key.as_ref();
    let rsa = key.filter(|key| !key.modulus.is_empty());
    CertificateReport {
        offset: certificate.offset as u64,
        size: certificate.raw.len() as u64,
        sha256: certificate.sha256(),
        reading: certificate.reading,
        faults: faults(&certificate.faults),
        version: certificate.version,
        serial: hex(&certificate.serial),
        issuer: certificate.issuer.to_string(),
        subject: certificate.subject.to_string(),
        not_before: certificate.not_before,
        not_after: certificate.not_after,
        key_bits: rsa.map(|key| key.bits() as u64),
        key_algorithm: key.map(|key| key.algorithm.clone()),
        key_sha256: rsa.map(|key| hex(&Sha256::digest(&key.modulus))),
        signature_algorithm: certificate.signature_algorithm.clone(),
        signature: signature.state,
        signature_issuer: signature.issuer.map(|issuer| issuer as u64),
        signature_why: signature.why.clone(),
        extensions: certificate
            .extensions
            .iter()
            .map(|extension| ExtensionReport {
                oid: extension.oid.clone(),
                name: extension_name(&extension.oid).map(String::from),
                is_critical: extension.is_critical,
                offset: extension.offset as u64,
                hex: hex(&extension.content),
            })
            .collect(),
    }
}

/// Returns the name of an extension in Microsoft's texts and lists.
fn extension_name(oid: &str) -> Option<&'static str> {
    Some(match oid {
        "1.3.6.1.4.1.311.18.1" => "LICENSE_INFO",
        "1.3.6.1.4.1.311.18.2" => "MANUFACTURER",
        "1.3.6.1.4.1.311.18.3" => "MANUFACTURER_MS_SPECIFIC",
        "1.3.6.1.4.1.311.18.4" => "HYDRA_CERT_VERSION",
        "1.3.6.1.4.1.311.18.5" => "LICENSED_PRODUCT_INFO",
        "1.3.6.1.4.1.311.18.6" => "MS_LICENSE_SERVER_INFO",
        "1.3.6.1.4.1.311.18.7" => "PRODUCT_SPECIFIC_OID",
        "1.3.6.1.4.1.311.18.8" => "TLSERVER_SPK_OID",
        "2.5.29.19" => "basicConstraints",
        "2.5.29.35" => "authorityKeyIdentifier",
        _ => return None,
    })
}

fn license(chain: &Chain) -> Option<LicenseReport> {
    let leaf = chain.leaf()?;
    let (extensions, embedded) = (&leaf.license, leaf.embedded_hardware_id());
    let (product, server) = (extensions.product.as_ref(), extensions.server.as_ref());
    let version = product.and_then(|product| product.versions.first());
    let has = |flag| version.map(|version| version.flags.contains(flag));
    let text = |text: Option<&str>| text.map(String::from);
    let spk = chain.certificates.iter().find_map(|it| it.license.server_spk.clone());
    let language = product.map(|product| product.language_id);
    Some(LicenseReport {
        certificate: chain.leaf_index().unwrap_or_default() as u64,
        certificate_version: extensions.certificate_version.map(|it| format!("{it:#010x}")),
        hardware_id: embedded.map(|it| it.id),
        hardware_id_masked: embedded.map(|it| hex(&it.masked)),
        hardware_id_is_plausible: embedded.map(|it| it.is_plausible),
        hardware_id_form: embedded.and_then(|it| it.id.form()),
        client_platform_id: product.map(|it| format!("{:#x}", it.platform_id)),
        company: extensions.manufacturer.clone(),
        issuer: text(leaf.issuer.common_name()),
        issuer_domain: text(leaf.issuer.locality()),
        license_server: server.map(|it| it.issuer.clone()),
        scope: server.map(|it| it.scope.clone()),
        license_server_id: server.and_then(|it| it.issuer_id.clone()),
        license_server_spk: spk,
        client_reported_machine: text(leaf.subject.common_name()),
        client_reported_user: text(leaf.subject.locality()),
        language_id: language.map(|it| format!("{it:#06x}")),
        language: language.and_then(language_name).map(String::from),
        requested_product: product.map(|it| it.requested_product.clone()),
        license_id: product.map(|it| it.product.clone()),
        license_type: product
            .zip(has(LicenseFlags::TEMPORARY))
            .map(|(product, is_temporary)| license_type(&product.product, is_temporary)),
        product_version: version.map(version_of),
        generation: version.map(|it| String::from(version_of(it).generation())),
        flags: version.map(|it| it.flags.to_string()),
        is_temporary: has(LicenseFlags::TEMPORARY),
        is_enforced: has(LicenseFlags::ENFORCED),
        is_released: has(LicenseFlags::RELEASED),
        license_count: product.map(|it| it.license_count),
        unnamed_9: extensions.unnamed_9,
        valid_from: leaf.not_before,
        expires: leaf.not_after,
        signature: chain.leaf_signature().map(|it| it.state),
        integrity: integrity(chain),
    })
}

/// Summarizes all signatures.
fn integrity(chain: &Chain) -> String {
    let is = |state| chain.signatures.iter().filter(|it| it.state == state).count();
    let all = chain.signatures.len();
    match (is(SignatureState::Invalid), is(SignatureState::NotCheckable)) {
        (0, 0) => String::from("internally consistent; issuer not authenticated"),
        (0, open) => {
            format!("{open} of {all} signatures could not be checked; issuer not authenticated")
        }
        (bad, _) => format!("{bad} of {all} signatures do not hold"),
    }
}

/// Describes the type of a license: temporary or permanent, and the product.
fn license_type(product: &str, is_temporary: bool) -> String {
    let what = match LicensedProduct::of(product) {
        LicensedProduct::Host => return String::from("none: a certificate of a session host"),
        LicensedProduct::SessionHostRequest => "A02, which session hosts request",
        LicensedProduct::PerUser => "C50, which a public sample has for per-user licenses",
        LicensedProduct::Other => "an undocumented product",
    };
    format!("{}; {what}", if is_temporary { "temporary" } else { "permanent" })
}

/// Returns the version in a record of LICENSED_PRODUCT_INFO.
const fn version_of(record: &LicensedVersion) -> ProductVersion {
    ProductVersion { major: record.major, minor: record.minor }
}

/// Returns the name of a language with this Windows number; `None` for rare languages.
const fn language_name(id: u32) -> Option<&'static str> {
    Some(match id {
        0x400 => "default of the process",
        0x404 => "Chinese (Taiwan)",
        0x405 => "Czech",
        0x406 => "Danish",
        0x407 => "German (Germany)",
        0x408 => "Greek",
        0x409 => "English (United States)",
        0x40B => "Finnish",
        0x40C => "French (France)",
        0x40D => "Hebrew",
        0x40E => "Hungarian",
        0x410 => "Italian (Italy)",
        0x411 => "Japanese",
        0x412 => "Korean",
        0x413 => "Dutch (Netherlands)",
        0x414 => "Norwegian",
        0x415 => "Polish",
        0x416 => "Portuguese (Brazil)",
        0x419 => "Russian",
        0x41D => "Swedish",
        0x41F => "Turkish",
        0x804 => "Chinese (People's Republic of China)",
        0x809 => "English (United Kingdom)",
        0x816 => "Portuguese (Portugal)",
        0xC0A => "Spanish (Spain)",
        _ => return None,
    })
}

/// Returns the contradictions within a license certificate.
fn within(leaf: &Certificate) -> Vec<Disagreement> {
    let mut found = Vec::new();
    let mut add = |what: &str, one: String, other: String| {
        let between = Between::Certificate;
        let facts = Vec::new();
        found.push(Disagreement { between, what: String::from(what), one, other, facts });
    };
    let issuer = DistinguishedName::common_name(&leaf.issuer);
    if let (Some(issuer), Some(server)) = (issuer, &leaf.license.server)
        && !MachineName::from(issuer).is_same(&MachineName::from(server.issuer.as_str()))
    {
        let other = format!("extension 311.18.6: {}", server.issuer);
        add("license server", format!("issuer: {issuer}"), other);
    }
    if let Some(product) = &leaf.license.product
        && let ([version, ..], Some(named)) =
            (&product.versions[..], ProductVersion::in_product_name(&product.product))
        && named != version_of(version)
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
