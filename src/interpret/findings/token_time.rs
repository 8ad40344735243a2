// SPDX-License-Identifier: MIT OR Apache-2.0
//! The finding about a token whose issue and storage are far apart.

use alloc::format;
use alloc::vec::Vec;
use core::time::Duration;

use crate::interpret::findings::draft::Draft;
use crate::interpret::findings::page::{FindingPage, TOKENS, pages};
use crate::interpret::findings::token_comparison::upgrades;
use crate::interpret::host_evidence::HostEvidence;
use crate::interpret::view::Exhibit;
use crate::meaning::certificate_date::is_fixed_date;
use crate::meaning::{Certainty, CertificateKind, SignatureState};
use crate::report::{LicenseReport, Severity, TokenReport};

pages! {
    STORE_TIME_DIFFERS "client.token.store_time_differs" "Key time and start of the token far apart" Info Inferred TOKENS
        when "the start of a token's validity and the last-written time of its key differ by more than one day, the signature holds, and no Windows installation or upgrade is within one day of the key's time"
        shows "The start of the token's validity, by its issuer's clock, and the last write of its key, by the machine's clock, are far apart."
        not "It does not show which clock is wrong, or what wrote the key. Any write to the key updates its timestamp."
        innocent [
            "the clock of the machine or of the license server was wrong",
            "the key was restored, copied, or part of an image",
            "a Windows upgrade that left no trace in these hives rewrote the key",
        ]
        reproduce "compare notBefore of the last certificate in ClientLicense (`openssl pkcs7 -inform der -print_certs -text`) with the last-written time of the LICENSEnnn key in any registry viewer"
        source "[MS] MS-RDPELE 3.3.5.6 for the storage of a new token; [INF] own comparison"
}

/// Difference between issue and storage that clocks and time zones explain.
const DAY: Duration = Duration::from_secs(86_400);

/// Finds a token whose key was written long before or after the start of the token's validity.
pub(super) fn stored(
    examined: &HostEvidence<'_>,
    token: &TokenReport,
    license: &LicenseReport,
    drafts: &mut Vec<Draft>,
) {
    let is_sound = license.kind == CertificateKind::ClientToken
        && license.signature == Some(SignatureState::Valid);
    let issued = license.valid_from.filter(|time| is_sound && !is_fixed_date(*time));
    let stored = token.facts.first().and_then(|id| examined.view.exhibit(id));
    let stored = stored.filter(|it| it.fact.provenance.is_in_tree());
    let written = stored.and_then(Exhibit::written);
    let (Some(issued), Some(written)) = (issued, written.filter(|time| time.is_plausible())) else {
        return;
    };
    let is_upgrade = upgrades(examined).iter().any(|time| time.abs_diff(written) <= DAY);
    if issued.abs_diff(written) > DAY && !is_upgrade {
        let statement = format!(
            "{} was issued or renewed at {issued} (license server's clock); its key was last written at {written} (machine's \
             clock).",
            token.id
        );
        let draft = Draft::about(&STORE_TIME_DIFFERS, examined, statement);
        drafts.push(draft.token(token));
    }
}
