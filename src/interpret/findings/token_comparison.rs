// SPDX-License-Identifier: MIT OR Apache-2.0
//! Findings about tokens that contradict nearby values or themselves.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use calhive_regf::FileTime;

use crate::catalog::Code;
use crate::interpret::findings::draft::Draft;
use crate::interpret::findings::page::{FORGED, FindingPage, TOKENS, pages};
use crate::interpret::host_evidence::HostEvidence;
use crate::interpret::view::Exhibit;
use crate::meaning::{Certainty, HardwareId, HardwareIdForm, MachineName};
use crate::report::{Between, LicenseReport, Severity, TokenReport};

pages! {
    MACHINE_DIFFERS "client.token.machine_differs" "Machine name in the token differs from the computer name" Notice Observed TOKENS
        when "the client-reported machine of a token and the computer name in SYSTEM differ in their first 15 characters; case and non-ASCII characters are ignored"
        shows "The machine name that the client reported in its request for the token is not the computer name in SYSTEM."
        not "It does not show which machine requested the token. The name is text that the client supplies, and a renewal does not update the name."
        innocent [
            "the machine was renamed after the token was issued",
            "the machine was set up from an image that held the token",
            "the client software reports a name of its own",
        ]
        reproduce "compare CN of the last certificate's subject with Control\\ComputerName\\ComputerName"
        source "[MS] MS-RDPELE 2.2.2.2, 2.2.2.3"
    HARDWARE_ID_DIFFERS "client.token.hardware_id_differs" "The token carries a different hardware ID" Info Inferred TOKENS
        when "the unmasked hardware ID in the subject of a token is not the ClientHWID of the same registry view, and both are plausible"
        shows "The token and the key HardwareID hold different hardware IDs."
        not "It does not show which hardware ID is older, or that a token was copied. The mask is inferred: it is consistent on ten license servers of 2003 to 2019, and exact on one."
        innocent [
            "the client created a new hardware ID after a repair deleted the key",
            "the license server is of a generation with a different mask",
        ]
        reproduce "decode the serialNumber of the last certificate's subject (UTF-16BE text, which openssl shows with \\x00 before each letter) from base64, XOR it with d6170a792def158d7124582c088fb8eebe35798d, and compare with ClientHWID"
        source "[INF] mask derived from public code of WALLIX, matched on MS-RDPELE 4.5 and 4.6"
    CONTRADICTS_INDEX "client.token.contradicts_index" "The token contradicts the values stored with it" Notice Observed TOKENS
        when "ProductVersion, ProductID or CompanyName stored with a token differs from the token's certificate; case is ignored"
        shows "The index values of the token name a different version, product or company than the token."
        not "It does not show which is correct, or how the values and the token came to be stored together."
        innocent [
            "a script or an image wrote the values",
            "the license server uses an index unlike the samples",
        ]
        reproduce "compare the values of the LICENSEnnn key with the extensions 1.3.6.1.4.1.311.18.2 and .5 of the last certificate, as `openssl asn1parse` shows them"
        source "[MS] MS-RDPELE 2.2.2.6.1, 3.3.1.8; [INF] for the names of the values"
    CONTRADICTS_ITSELF "client.token.contradicts_itself" "The token contradicts itself" Notice Observed TOKENS
        when "two parts of a token's last certificate contradict each other: the license server in issuer and extension, if the license server signed its own certificate and has no SPK (case and domain suffix are ignored), the product name and its version numbers, or the start and end of validity"
        shows "Two parts of one certificate contradict each other."
        not "It does not show which part is correct. The license server may have signed the certificate as it is."
        innocent ["an unexamined generation of license servers writes certificates differently"]
        reproduce "show the last certificate with `openssl asn1parse` and compare the named parts"
        source "[INF] own comparison; [MS] MS-RDPELE 2.2.2.9 for the fields"
    OTHER_CLIENT "client.token.other_client" "Hardware ID in the form of non-Microsoft software" Info Inferred TOKENS
        when "the stored hardware ID, or the hardware ID in a token, has a form that FreeRDP, rdesktop or WALLIX writes"
        shows "The hardware ID has a form that public code of other client software creates, and that no sample from a Microsoft client has. For 0x04010000, only the platform ID is compared; the hash is not verified."
        not "It does not show which program wrote the hardware ID."
        innocent [
            "other client software in ordinary use sends fixed or computed IDs",
            "a Microsoft client uses the documented platform ID: 0x04010000 is documented for Microsoft on NT 5.2 to 6.3",
        ]
        reproduce "read the 20 bytes: 02000000 and an ASCII host name, 00000104 and a hash, or 00000000 and the MD5 of six zero bytes"
        source "[CODE] FreeRDP, rdesktop, WALLIX; against it [MS] MS-RDPELE 2.2.2.2"
    NEWER_HARDWARE_ID "client.hardware_id.newer_than_token" "Hardware ID written after the token" Info Inferred FORGED
        when "the key HardwareID was last written more than one day after the key of a stored token, and not within one day of a Windows installation or upgrade"
        shows "The key of the hardware ID was last written after the key of a stored token."
        not "It does not show that the hardware ID changed: any write to the key updates the timestamp."
        innocent [
            "a repair deleted the key, and the client created it again",
            "a Windows upgrade that left no trace in these hives rewrote the keys",
            "the permissions of the key were changed",
        ]
        reproduce "compare the last-written times of both keys in any registry viewer"
        source "[INF] own inference from last-written times"
}

const DAY: Duration = Duration::from_secs(86_400);

/// Finds a client-reported machine name that is not the computer name.
pub(super) fn machine(
    examined: &HostEvidence<'_>,
    token: &TokenReport,
    license: &LicenseReport,
    drafts: &mut Vec<Draft>,
) {
    let (Some(reported), Some(own)) =
        (&license.client_reported_machine, &examined.host.system.computer_name)
    else {
        return;
    };
    let own_name = MachineName::from(own.text.as_str());
    if !reported.is_empty() && !own_name.may_be_same(&MachineName::from(reported.as_str())) {
        let statement = format!(
            "{} names the client-reported machine {reported}; the computer name is {}.",
            token.id, own.text
        );
        let draft = Draft::about(&MACHINE_DIFFERS, examined, statement);
        drafts.push(draft.token(token).facts(&own.facts));
    }
}

/// Finds contradictions between a token and nearby values, and between two parts of its certificate.
pub(super) fn disagreements(
    examined: &HostEvidence<'_>,
    token: &TokenReport,
    drafts: &mut Vec<Draft>,
) {
    for (between, page) in [
        (Between::HardwareId, &HARDWARE_ID_DIFFERS),
        (Between::Index, &CONTRADICTS_INDEX),
        (Between::Certificate, &CONTRADICTS_ITSELF),
    ] {
        let of = || token.disagreements.iter().filter(|it| it.between == between);
        let Some(first) = of().next() else { continue };
        let parts: Vec<String> =
            of().map(|it| format!("{} ({}; {})", it.what, it.one, it.other)).collect();
        let (whose, inferred) = match between {
            Between::Certificate => ("two parts of its certificate differ in", ""),
            Between::Index => ("its certificate and the values stored with it differ in", ""),
            Between::HardwareId => ("the token and the stored value differ in", " (inferred)"),
        };
        let statement = format!("{}: {whose} {}{inferred}.", token.id, parts.join(", and in "));
        drafts.push(Draft::about(page, examined, statement).token(token).facts(&first.facts));
    }
}

/// Finds hardware IDs in the form of client software other than Microsoft's.
pub(super) fn forms(examined: &HostEvidence<'_>, drafts: &mut Vec<Draft>) {
    let is_other =
        |form: &HardwareIdForm| matches!(form, HardwareIdForm::HostName | HardwareIdForm::FreeRdp);
    for exhibit in examined.view.all(Code::ClientHardwareId) {
        let stored = HardwareId::parse(&exhibit.fact.data);
        if let Some((stored, form)) = stored.and_then(|it| Some((it, it.form().filter(is_other)?)))
        {
            let statement = format!("The stored hardware ID {stored} is {form} (inferred).");
            drafts.push(Draft::about(&OTHER_CLIENT, examined, statement).exhibit(exhibit));
        }
    }
    for (token, license) in examined.decoded() {
        let form = license.hardware_id_form.filter(is_other);
        if let (Some(form), Some(id)) = (form, license.hardware_id) {
            let statement = format!("The hardware ID in {}, {id}, is {form} (inferred).", token.id);
            drafts.push(Draft::about(&OTHER_CLIENT, examined, statement).token(token));
        }
    }
}

/// Finds a hardware ID whose key is newer than the key of a token. Skips IDs from the time of an upgrade,
/// which rewrites keys.
pub(super) fn newer_hardware_id(examined: &HostEvidence<'_>, drafts: &mut Vec<Draft>) {
    let view = &examined.view;
    let upgrades = upgrades(examined);
    let view_of = |it: &Exhibit<'_>| it.fact.provenance.redirected;
    for exhibit in view.all(Code::ClientHardwareId) {
        let Some(made) = exhibit.written() else { continue };
        if upgrades.iter().any(|upgrade| upgrade.abs_diff(made) <= DAY) {
            continue;
        }
        let older = examined.licenses().find_map(|token| {
            let stored = view.exhibit(token.facts.first()?)?;
            let written = stored.written()?;
            let is_older = written.saturating_add(DAY) < made;
            (view_of(stored) == view_of(exhibit) && is_older).then_some((token, written))
        });
        if let Some((token, written)) = older {
            let statement = format!(
                "The key HardwareID was last written at {made}, after the key of {} at {written}.",
                token.id
            );
            let draft = Draft::about(&NEWER_HARDWARE_ID, examined, statement);
            drafts.push(draft.exhibit(exhibit).token(token));
        }
    }
}

/// Times at which Windows was installed or upgraded.
pub(super) fn upgrades(examined: &HostEvidence<'_>) -> Vec<FileTime> {
    let view = &examined.view;
    let installed = [Code::SystemInstalled, Code::SystemUpgradedInstalled];
    let seconds = installed.iter().flat_map(|code| view.all(*code)).filter_map(|it| {
        let seconds = u32::from_le_bytes(it.fact.data.as_slice().try_into().ok()?);
        FileTime::from_unix_seconds(i64::from(seconds))
    });
    let keys = view.all(Code::SystemUpgraded).filter_map(Exhibit::written);
    seconds.chain(keys).collect()
}
