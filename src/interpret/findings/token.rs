// SPDX-License-Identifier: MIT OR Apache-2.0
//! Findings about the tokens of a client: undecodable tokens, invalid signatures, and validity at the
//! reference time.

use alloc::format;
use alloc::vec::Vec;
use core::time::Duration;

use crate::interpret::findings::draft::Draft;
use crate::interpret::findings::page::{FindingPage, TOKENS, pages};
use crate::interpret::host_evidence::HostEvidence;
use crate::meaning::{Certainty, SignatureState};
use crate::report::{LicenseReport, Severity, TokenReport};

pages! {
    UNDECODABLE "client.token.undecodable" "Token cannot be decoded" Notice Observed TOKENS
        when "calhive finds no license certificate in the data of ClientLicense"
        shows "The data are not a certificate chain in a container that calhive knows, or the chain lacks the license certificate."
        not "It does not show what the data are."
        innocent [
            "a very old client wrote the token in an unpublished form",
            "other client software wrote the data, or the data are truncated or damaged",
        ]
        reproduce "run `openssl asn1parse -inform der` on the data of the value"
        source "[MS] MS-RDPELE 2.2.2.6.1"
    SIGNATURE_INVALID "client.token.signature_invalid" "Invalid signature in a token" Attention Observed TOKENS
        when "the signature of a certificate does not match the certificate's bytes under the issuer's key in the same token"
        shows "The certificate, its signature and the issuer's key in the token do not belong together as stored."
        not "It does not show who changed what, or when. Even a valid signature would not authenticate the issuer, because the key is in the same token."
        innocent [
            "the hive or its copy is damaged",
            "other client software stored its own data",
        ]
        reproduce "split the certificates with `openssl pkcs7 -inform der -print_certs`; decrypt the signature of the certificate with its issuer's key (`openssl pkeyutl -verifyrecover`), and compare the result with the SHA-1 of the signed part"
        source "[MS] MS-RDPELE 3.2.5.3"
    TEMPORARY "client.token.temporary" "Temporary token" Info Documented TOKENS
        when "bit 0x80000000 of the token's ProductLicenseFlags is set"
        shows "The token carries the flag of a temporary token. Microsoft documents that a temporary token is issued on a device's first licensing exchange, before sign-in."
        not "It does not show that anyone signed in, or why no permanent token followed."
        innocent [
            "the device was used with session hosts once: Microsoft documents that a later exchange brings the permanent token",
            "the license server was not activated",
        ]
        reproduce "print the certificates with `openssl pkcs7 -inform der -print_certs`, write the last one to a file, and show it with `openssl asn1parse`. In extension 1.3.6.1.4.1.311.18.5, the 16-bit little-endian number at byte 24 is the offset of the version record. The flags are the 32-bit little-endian number at byte 4 of that record"
        source "[MS] MS-RDPELE 2.2.2.9.1.1; KB 187614"
    PAST_VALIDITY "client.token.past_validity" "Token past its validity" Info Documented TOKENS
        when "the validity of a token ends before the reference time of the host"
        shows "The validity stated in the token had ended at the reference time."
        not "It does not show what a session host would do: a token past its validity leads to a renewal attempt, whose result depends on the host and the license server. It is no evidence about any session."
        innocent [
            "the device was not used with a licensed session host since then: tokens are renewed on use, within seven days of their end",
            "the reference time is inaccurate: the clocks of the machine and the license server may differ",
        ]
        reproduce "decode ClientLicense with `openssl pkcs7 -inform der -print_certs -text`; compare notAfter of the last certificate with the reference time"
        source "[MS] MS-RDPELE 3.2.5.3"
    NEAR_END "client.token.near_end" "Token near the end of its validity" Info Documented TOKENS
        when "the validity of a token ends within seven days after the reference time of the host"
        shows "At the reference time, the token was in the period in which a client requests a renewal."
        not "It does not show whether the client requested a renewal."
        innocent ["this is ordinary: every token reaches its last seven days"]
        reproduce "decode ClientLicense with `openssl pkcs7 -inform der -print_certs -text`; compare notAfter of the last certificate with the reference time"
        source "[MS] MS-RDPELE 3.2.5.3"
}

/// Remaining validity at which a client requests a renewal (\[MS-RDPELE] 3.2.5.3).
const RENEWAL: Duration = Duration::from_secs(7 * 86_400);

/// Finds tokens without a readable license certificate, and tokens with invalid signatures.
pub(super) fn integrity(examined: &HostEvidence<'_>, token: &TokenReport, drafts: &mut Vec<Draft>) {
    if let Some(error) = &token.error {
        let statement = format!("{} contains no readable certificate: {error}.", token.id);
        drafts.push(Draft::about(&UNDECODABLE, examined, statement).token(token));
    } else if token.license.is_none() {
        let number = token.certificates.len();
        let statement =
            format!("None of the {number} certificates in {} is a license certificate.", token.id);
        drafts.push(Draft::about(&UNDECODABLE, examined, statement).token(token));
    }
    let mut certificates = token.certificates.iter();
    if let Some(index) = certificates.position(|it| it.signature == SignatureState::Invalid) {
        let statement = format!(
            "The signature of certificate {index} of {} does not match its bytes under the issuer's key \
             in the same token.",
            token.id
        );
        drafts.push(Draft::about(&SIGNATURE_INVALID, examined, statement).token(token));
    }
}

/// Finds temporary tokens, and tokens past or near the end of their validity at the reference time.
pub(super) fn validity(
    examined: &HostEvidence<'_>,
    token: &TokenReport,
    license: &LicenseReport,
    drafts: &mut Vec<Draft>,
) {
    if license.is_temporary == Some(true) {
        let flags = license.flags_meaning.as_deref().unwrap_or_default();
        let statement =
            format!("The flags of {} are {flags}: the token is marked as temporary.", token.id);
        drafts.push(Draft::about(&TEMPORARY, examined, statement).token(token));
    }
    let (Some(expires), Some(reference)) = (license.expires, examined.reference_time()) else {
        return;
    };
    let (page, words) = if expires < reference {
        (&PAST_VALIDITY, "is past its validity at")
    } else if expires.abs_diff(reference) <= RENEWAL {
        (&NEAR_END, "is within seven days of the end of its validity at")
    } else {
        return;
    };
    let statement = format!(
        "{} {words} the reference time {reference}: its validity ends at {expires} (license server's clock).",
        token.id
    );
    drafts.push(Draft::about(page, examined, statement).token(token));
}
