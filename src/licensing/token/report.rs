// SPDX-License-Identifier: MIT OR Apache-2.0
//! A [`TokenReport`] of the bytes of a token: what of it a person or a program wants to read.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use sha2::{Digest as _, Sha256};

use crate::licensing::graph::machine_name;
use crate::licensing::report::{
    Between, CertificateReport, Disagreement, ExtensionReport, IndexReport, LicenseReport,
    SignatureState, TokenFaultReport, TokenKind, TokenReport,
};
use crate::licensing::text::hex;
use crate::licensing::token::{
    Certificate, Chain, DistinguishedName, LicenseFlags, Signature, Token, TokenFault,
};
use crate::time::FileTime;

/// Takes a token apart and tells what is in it. It never fails: what could not be read is in the result.
pub fn describe(bytes: &[u8], kind: TokenKind) -> TokenReport {
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

/// Tells where the values that index a token say other things than its certificate.
pub(crate) fn compare_index(token: &mut TokenReport) {
    let (Some(index), Some(license)) = (&token.index, &token.license) else { return };
    let version = index.version.map(|it| format!("{}.{}", it >> 16, it & 0xFFFF));
    for (what, value, beside, inside) in [
        ("product version", "ProductVersion", &version, &license.product_version),
        ("product", "ProductID", &index.product, &license.requested_product),
        ("company", "CompanyName", &index.company, &license.company),
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
        not_before: certificate.not_before.map(|time| time.to_string()),
        not_after: certificate.not_after.map(|time| time.to_string()),
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

/// What Microsoft's texts and lists call an extension.
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
        hardware_id: embedded.map(|it| it.id.to_string()),
        hardware_id_masked: embedded.map(|it| hex(&it.masked)),
        hardware_id_is_plausible: embedded.map(|it| it.is_plausible),
        hardware_id_form: embedded.and_then(|it| it.id.form()).map(|form| form.to_string()),
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
        license_type: product.zip(has(LicenseFlags::TEMPORARY)).map(|(product, is_temporary)| {
            match kind_of_product(&product.product) {
                Kind::Host => String::from("none: a certificate of a session host"),
                Kind::License(what) if is_temporary => format!("temporary; {what}"),
                Kind::License(what) => format!("permanent; {what}"),
            }
        }),
        product_version: version.map(|it| format!("{}.{}", it.major, it.minor)),
        generation: version.map(|it| String::from(generation(it.major, it.minor))),
        flags: version.map(|it| it.flags.to_string()),
        is_temporary: has(LicenseFlags::TEMPORARY),
        is_enforced: has(LicenseFlags::ENFORCED),
        is_released: has(LicenseFlags::RELEASED),
        license_count: product.map(|it| it.license_count),
        unnamed_9: extensions.unnamed_9,
        valid_from: leaf.not_before.map(|time| time.to_string()),
        valid_from_filetime: leaf.not_before.map(FileTime::raw),
        expires: leaf.not_after.map(|time| time.to_string()),
        expires_filetime: leaf.not_after.map(FileTime::raw),
        signature: chain.leaf_signature().map(|it| it.state),
        integrity: integrity(chain),
    })
}

/// What all signatures together come to.
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

/// What a certificate is about.
enum Kind {
    /// A session host.
    Host,
    /// A licence: for what.
    License(&'static str),
}

/// What a product's name says, where that is known.
fn kind_of_product(product: &str) -> Kind {
    match product.split('-').next() {
        Some("A02") => Kind::License("A02, which session hosts ask for"),
        Some("C50") => Kind::License("C50, which a public sample has for licences per user"),
        Some("3d267954") => Kind::Host,
        _ => Kind::License("a product that is not documented"),
    }
}

/// The generation of Windows Server that a product version belongs to, by published texts and samples.
const fn generation(major: u16, minor: u16) -> &'static str {
    match (major, minor) {
        (5, 0) => "Windows 2000",
        (5, 2) => "Windows Server 2003",
        (6, 0) => "Windows Server 2008 or 2008 R2; by a note of Microsoft's also 2012",
        (6, 2) => "Windows Server 2012 or 2012 R2, by samples; Microsoft's note differs",
        (10, 1) => "Windows Server 2019, by one public sample",
        _ => "generation not established",
    }
}

/// Names of languages as Windows numbers them; the most frequent ones.
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

/// Where the certificate of a licence says different things of the same.
fn within(leaf: &Certificate) -> Vec<Disagreement> {
    let mut found = Vec::new();
    let mut add = |what: &str, one: String, other: String| {
        let between = Between::Certificate;
        let facts = Vec::new();
        found.push(Disagreement { between, what: String::from(what), one, other, facts });
    };
    let issuer = DistinguishedName::common_name(&leaf.issuer);
    if let (Some(issuer), Some(server)) = (issuer, &leaf.license.server)
        && machine_name(issuer) != machine_name(&server.issuer)
    {
        let other = format!("extension 311.18.6: {}", server.issuer);
        add("licence server", format!("issuer: {issuer}"), other);
    }
    if let Some(product) = &leaf.license.product
        && let ([version, ..], Some(named)) =
            (&product.versions[..], named_version(&product.product))
        && named != (version.major, version.minor)
    {
        let other = format!("version record: {}.{}", version.major, version.minor);
        add("product version", format!("licence id: {}", product.product), other);
    }
    if let (Some(from), Some(until)) = (leaf.not_before, leaf.not_after)
        && from > until
    {
        add("validity", format!("valid from: {from}"), format!("expires: {until}"));
    }
    found
}

/// The version in a product's name: (6, 0) for `A02-6.00-S`.
fn named_version(product: &str) -> Option<(u16, u16)> {
    let (major, minor) = product.split('-').nth(1)?.split_once('.')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}
