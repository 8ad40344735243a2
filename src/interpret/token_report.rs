// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`describe_token`]: the report on the bytes of a token.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use sha2::{Digest as _, Sha256};

use crate::interpret::disagreements;
use crate::meaning::licensed_product::LicensedProduct;
use crate::meaning::text::hex;
use crate::meaning::{CertificateKind, SignatureState, language};
use crate::report::{
    BindingReport, CertificateReport, ExtensionReport, IndexReport, LicenseReport,
    LicenseServerReport, Text, TokenFaultReport, TokenKind, TokenReport, VersionReport,
};
use crate::token::{
    Certificate, Chain, LicenseFlags, LicensedVersion, ProductInfo, Signature, Token, TokenFault,
};

/// Decodes the bytes of a token. Never fails: the report lists the parts that could not be read.
pub fn describe_token(bytes: &[u8], kind: TokenKind) -> TokenReport {
    let token = Token::parse(bytes);
    let mut report = TokenReport {
        id: String::from("token-1"),
        kind,
        certificate_kind: None,
        host: None,
        facts: Vec::new(),
        origin: None,
        redirected: false,
        size: bytes.len() as u64,
        sha256: hex(&Sha256::digest(bytes)),
        error: None,
        wrapping: None,
        container: None,
        reading: None,
        faults: Vec::new(),
        index: None,
        license: None,
        license_server: None,
        certificates: Vec::new(),
        disagreements: Vec::new(),
    };
    match token {
        Ok(Token { index, wrapping, chain }) => {
            report.certificate_kind = Some(chain.kind());
            report.wrapping = wrapping;
            report.container = Some(chain.container);
            report.reading = Some(chain.reading());
            report.faults = faults(&chain.faults);
            report.index = index.map(|index| IndexReport {
                version: Some(index.version),
                scope: Some(index.scope),
                company: Some(index.company),
                product: Some(index.product),
            });
            report.certificates = certificates(&chain);
            report.license = license(&chain);
            report.license_server = license_server(&chain);
            report.disagreements = disagreements::within(&chain);
            disagreements::compare_index(&mut report);
        }
        Err(fault) => report.error = Some(fault.to_string().into()),
    }
    report
}

fn faults(faults: &[TokenFault]) -> Vec<TokenFaultReport> {
    let fault = |fault: &TokenFault| TokenFaultReport {
        offset: fault.offset() as u64,
        message: fault.message(),
    };
    faults.iter().map(fault).collect()
}

fn certificates(chain: &Chain) -> Vec<CertificateReport> {
    let parts = chain.certificates.iter().zip(&chain.signatures).zip(&chain.kinds);
    parts.map(|((it, signature), kind)| certificate(it, signature, *kind)).collect()
}

fn certificate(
    certificate: &Certificate,
    signature: &Signature,
    kind: CertificateKind,
) -> CertificateReport {
    let key = certificate.key.as_ref();
    CertificateReport {
        kind,
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
        key_bits: key.filter(|key| key.bits() > 0).map(|key| key.bits() as u64),
        key_algorithm: key.map(|key| key.algorithm.clone()),
        key_sha256: key_sha256(certificate),
        signature_algorithm: certificate.signature_algorithm.clone(),
        signature: signature.state,
        signature_issuer: signature.issuer.map(|issuer| issuer as u64),
        signature_why: signature.why.clone().into(),
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
        "1.3.6.1.4.1.311.18" => "root of the licensing arc",
        "1.3.6.1.4.1.311.18.1" => "LICENSE_INFO",
        "1.3.6.1.4.1.311.18.2" => "MANUFACTURER",
        "1.3.6.1.4.1.311.18.3" => "MANUFACTURER_MS_SPECIFIC",
        "1.3.6.1.4.1.311.18.4" => "HYDRA_CERT_VERSION",
        "1.3.6.1.4.1.311.18.5" => "LICENSED_PRODUCT_INFO",
        "1.3.6.1.4.1.311.18.6" => "MS_LICENSE_SERVER_INFO",
        "1.3.6.1.4.1.311.18.7" => "PRODUCT_SPECIFIC_OID",
        "1.3.6.1.4.1.311.18.8" => "TLSERVER_SPK_OID",
        "1.3.6.1.4.1.311.21.1" => "CA version",
        "1.3.6.1.5.5.7.1.1" => "authorityInfoAccess",
        "2.5.29.14" => "subjectKeyIdentifier",
        "2.5.29.15" => "keyUsage",
        "2.5.29.31" => "cRLDistributionPoints",
        "2.5.29.37" => "extKeyUsage",
        "2.5.29.19" => "basicConstraints",
        "2.5.29.35" => "authorityKeyIdentifier",
        _ => return None,
    })
}

/// Returns the SHA-256 of the modulus of a certificate's key, in hex.
fn key_sha256(certificate: &Certificate) -> Option<String> {
    let key = certificate.key.as_ref().filter(|key| !key.modulus.is_empty());
    key.map(|key| hex(&Sha256::digest(&key.modulus)))
}

fn license(chain: &Chain) -> Option<LicenseReport> {
    let leaf = chain.leaf()?;
    let kind = chain.kind();
    let is_client = kind == CertificateKind::ClientToken;
    let (extensions, embedded) = (&leaf.license, leaf.embedded_hardware_id());
    let (product, server) = (extensions.product.as_ref(), extensions.server.as_ref());
    let version = product.and_then(|product| product.versions.first());
    let has = |flag| version.map(|version| version.flags.contains(flag));
    let text = |text: Option<&str>| text.map(String::from);
    let of_client = |it: Option<&str>| text(it.filter(|_| is_client));
    let spk = chain.certificates.iter().find_map(|it| it.license.server_spk.clone());
    let language = product.map(|product| product.language_id);
    let issuer = chain.issuer_of_leaf();
    let is_issued = issuer.is_some_and(|(kind, _)| kind == CertificateKind::LicenseServerIssued);
    let is_temporary = has(LicenseFlags::TEMPORARY).filter(|_| is_client);
    Some(LicenseReport {
        certificate: chain.leaf_index().unwrap_or_default() as u64,
        kind,
        binding: binding(leaf, kind),
        certificate_version: extensions.certificate_version,
        hardware_id: embedded.map(|it| it.id),
        hardware_id_hex: embedded.map(|it| it.id.to_hex()),
        hardware_id_masked: embedded.map(|it| hex(&it.masked)),
        hardware_id_is_plausible: embedded.map(|it| it.is_plausible),
        hardware_id_form: embedded.and_then(|it| it.id.form()),
        client_platform_id: product.map(|it| it.platform_id),
        company: extensions.manufacturer.clone(),
        issuer: text(leaf.issuer.common_name()),
        activation_name: text(leaf.issuer.common_name().filter(|_| is_issued)),
        issuer_domain: text(leaf.issuer.locality()),
        license_server: server.map(|it| it.issuer.clone()),
        scope: server.map(|it| it.scope.clone()),
        license_server_id: server.and_then(|it| it.issuer_id.clone()),
        license_server_spk: spk,
        license_server_key_sha256: match issuer {
            Some((_, issuer)) => key_sha256(issuer),
            // A token has the key of its license server.
            None => key_sha256(leaf).filter(|_| is_client),
        },
        client_reported_machine: of_client(leaf.subject.common_name()),
        client_reported_user: of_client(leaf.subject.locality()),
        language_id: language,
        language: language.and_then(language::name).map(String::from).map(Text::from),
        requested_product: product.map(|it| it.requested_product.clone()),
        license_id: product.map(|it| it.product.clone()),
        license_type: product
            .zip(is_temporary)
            .map(|(product, is_temporary)| license_type(&product.product, is_temporary))
            .map(Text::from),
        product_version: version.map(LicensedVersion::number),
        versions: product.map(versions).unwrap_or_default(),
        generation: version
            .filter(|_| is_client)
            .map(|it| String::from(it.number().generation()))
            .map(Text::from),
        flags: version.map(|it| it.flags.bits()),
        flags_meaning: version.map(|it| flags(it.flags, is_client).into()),
        is_temporary,
        is_enforced: has(LicenseFlags::ENFORCED),
        is_released: has(LicenseFlags::RELEASED),
        license_count: product.map(|it| it.license_count),
        unnamed_9: extensions.unnamed_9,
        valid_from: leaf.not_before,
        expires: leaf.not_after,
        signature: chain.leaf_signature().map(|it| it.state),
        integrity: integrity(chain).into(),
    })
}

/// Returns the binding of a session host.
fn binding(leaf: &Certificate, kind: CertificateKind) -> Option<BindingReport> {
    let binding = leaf.binding().filter(|_| kind == CertificateKind::HostCertificate)?;
    Some(BindingReport { protocol: binding.protocol, name: binding.name })
}

/// Returns all version records of a product.
fn versions(product: &ProductInfo) -> Vec<VersionReport> {
    let version = |it: &LicensedVersion| VersionReport {
        major: it.major,
        minor: it.minor,
        flags: it.flags.bits(),
    };
    product.versions.iter().map(version).collect()
}

/// Returns flags in words. For other certificates than licenses, only the number: temporary and permanent mean
/// nothing there.
fn flags(flags: LicenseFlags, is_client: bool) -> String {
    if is_client { flags.to_string() } else { format!("{:#010x}", flags.bits()) }
}

/// Describes the license server whose certificate is in the chain.
fn license_server(chain: &Chain) -> Option<LicenseServerReport> {
    let index = chain.license_server_index()?;
    let (certificate, kind) = (chain.certificates.get(index)?, *chain.kinds.get(index)?);
    let named = chain.leaf().and_then(|leaf| leaf.license.server.as_ref());
    let written = certificate.license.server_certificate.as_ref();
    let text = |text: Option<&str>| text.map(String::from);
    let is_issued = kind == CertificateKind::LicenseServerIssued;
    Some(LicenseServerReport {
        certificate: index as u64,
        kind,
        name: text(certificate.subject.common_name()),
        domain: text(certificate.subject.locality()),
        computer_name: named.map(|it| it.issuer.clone()),
        product_id: named.and_then(|it| it.issuer_id.clone()),
        certified_by: text(certificate.issuer.common_name().filter(|_| is_issued)),
        text: written.map(|it| it.text.clone()),
        certificate_type: written.and_then(|it| it.certificate_type.clone()),
        organization: written.and_then(|it| it.organization.clone()),
        country: written.and_then(|it| it.country.clone()),
        spk: certificate.license.server_spk.clone(),
        key_sha256: key_sha256(certificate),
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
        LicensedProduct::SessionHostRequest => "A02, which session hosts request",
        LicensedProduct::PerUser => "C50, which a public sample has for per-user licenses",
        LicensedProduct::Host | LicensedProduct::Other => "an undocumented product",
    };
    format!("{}; {what}", if is_temporary { "temporary" } else { "permanent" })
}
