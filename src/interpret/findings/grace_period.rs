// SPDX-License-Identifier: MIT OR Apache-2.0
//! Findings about the grace period of a session host.

use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use calhive_regf::ValueType;

use crate::catalog::Code;
use crate::fact::Permissions;
use crate::interpret::findings::draft::Draft;
use crate::interpret::findings::page::{FORGED, FindingPage, pages};
use crate::interpret::host_evidence::HostEvidence;
use crate::meaning::grace_period::is_known_name;
use crate::meaning::security_identifier::is_service;
use crate::meaning::{Certainty, ProtectedBlob};
use crate::report::Severity;

pages! {
    GRACE_VALUE_FORM "host.grace.value_form" "Grace-period value in an unexpected form" Info Inferred FORGED
        when "a value of the key GracePeriod has a type other than REG_BINARY, is not a DPAPI blob, or has an unknown name"
        shows "The value does not have the form that public code gives for it."
        not "It does not show intent or unlicensed use. No public real sample of the value was found."
        innocent [
            "deleting or overwriting the value is a long-published fix on licensed Windows Server 2012 hosts",
            "an upgrade or a restore",
            "a version of Windows that writes the value in another form",
        ]
        reproduce "read the values of SYSTEM\\ControlSet00n\\Control\\Terminal Server\\RCM\\GracePeriod (n: Select\\Current), in any registry viewer"
        source "[CODE] TSTool"
    GRACE_PERMISSIONS "host.grace.permissions" "Unusual owner or permissions of the grace-period key" Info Inferred FORGED
        when "an account other than SYSTEM or a service account of Windows owns the key GracePeriod, or an entry of its access control list allows such an account to write the key, and the key RCM above has no such owner or inheritable entry"
        shows "The key differs from the key RCM above it: an account other than a service of Windows owns the key, or an entry gives such an account write access. Entries that deny access are not considered."
        not "It does not show intent or unlicensed use, or that anything was written. No reliable sample of the default permissions exists."
        innocent [
            "published repairs take ownership of the key",
            "an upgrade, a restore, or a tool that sets permissions",
            "an unknown default of this version of Windows",
        ]
        reproduce "show the permissions of Control\\Terminal Server\\RCM\\GracePeriod and of Control\\Terminal Server\\RCM in a registry viewer that reads security descriptors, and compare them"
        source "[CODE] public repair scripts; [INF] what is unusual"
    GRACE_ENDED "host.grace.ended" "Marker for the end of the grace period" Info Documented FORGED
        when "the value LicensingGracePeriodEnded exists in TermService\\Parameters"
        shows "Microsoft documents that Windows creates this value once a permanent license was received for the host's clients."
        not "It does not show when the license was received, or by whom."
        innocent ["this is ordinary on a licensed host", "a script or a copied setting wrote the value"]
        reproduce "read the values of TermService\\Parameters in any registry viewer"
        source "[MS] hh553157"
}

/// Finds values in an unknown form, unusual permissions, and the marker for the end of the period.
pub(super) fn find(examined: &HostEvidence<'_>, drafts: &mut Vec<Draft>) {
    values(examined, drafts);
    permissions(examined, drafts);
    ended(examined, drafts);
}

fn values(examined: &HostEvidence<'_>, drafts: &mut Vec<Draft>) {
    let values = examined.view.all(Code::HostGracePeriod).filter(|it| it.fact.state.is_value());
    for exhibit in values {
        let (name, value_type) = (exhibit.value_name(), exhibit.value_type());
        let mut odd = Vec::new();
        if !is_known_name(name) {
            odd.push(String::from("its name is unknown"));
        }
        if value_type != ValueType::BINARY {
            odd.push(format!("its type is {value_type}"));
        }
        if ProtectedBlob::parse(&exhibit.fact.data).is_none() {
            odd.push(String::from("its data are not a DPAPI blob"));
        }
        if !odd.is_empty() {
            let statement =
                format!("The value {name} of the key GracePeriod: {}.", odd.join(", and "));
            let draft = Draft::about(&GRACE_VALUE_FORM, examined, statement);
            drafts.push(draft.by_role(&examined.host.session_host).exhibit(exhibit));
        }
    }
}

fn permissions(examined: &HostEvidence<'_>, drafts: &mut Vec<Draft>) {
    let manager = examined.view.one(Code::HostRcm);
    let above = manager.and_then(|it| it.fact.permissions.as_ref());
    for exhibit in examined.view.all(Code::HostGracePeriodKey) {
        let of_key = exhibit.fact.permissions.as_ref();
        let odd = of_key.map(|it| unusual(it, above)).unwrap_or_default();
        if !odd.is_empty() {
            let than = match above {
                Some(_) => "unlike RCM, it",
                None => "the permissions of RCM are not at hand; it",
            };
            let statement = format!("The key GracePeriod: {than} {}.", odd.join(", and "));
            let draft = Draft::about(&GRACE_PERMISSIONS, examined, statement);
            let draft = draft.by_role(&examined.host.session_host).exhibit(exhibit);
            drafts.push(manager.into_iter().fold(draft, |draft, it| draft.exhibit(it)));
        }
    }
}

/// Describes the owner and the access control entries that do not belong to Windows services, and that the key
/// above does not have.
fn unusual(permissions: &Permissions, above: Option<&Permissions>) -> Vec<String> {
    /// Type of an entry that allows access.
    const ALLOWS: u8 = 0;
    /// Flag of an entry that applies to subkeys only.
    const INHERIT_ONLY: u8 = 0x8;
    /// Flag of an entry that applies to subkeys.
    const INHERITABLE: u8 = 0x2;
    /// Rights to set values, create subkeys, delete, and change permissions or owner, plus the
    /// generic rights "write" and "all".
    const WRITES: u32 = 0x2 | 0x4 | 0x1_0000 | 0x4_0000 | 0x8_0000 | 0x1000_0000 | 0x4000_0000;
    let mut odd = Vec::new();
    let owner_above = above.and_then(|it| it.owner.as_ref());
    let owner = permissions.owner.as_ref().filter(|owner| !is_service(owner));
    if let Some(owner) = owner.filter(|owner| Some(*owner) != owner_above) {
        odd.push(format!("is owned by {owner}"));
    }
    for entry in permissions.entries.iter().filter(|entry| entry.flags & INHERIT_ONLY == 0) {
        let mask = entry.mask.unwrap_or_default();
        let sid = entry.sid.as_ref().filter(|sid| entry.r#type == ALLOWS && !is_service(sid));
        let is_inherited = above.is_some_and(|above| {
            above.entries.iter().any(|it| {
                let covers = it.mask.unwrap_or_default() & mask & WRITES == mask & WRITES;
                let is_same = it.r#type == ALLOWS && it.sid == entry.sid;
                is_same && covers && it.flags & INHERITABLE != 0
            })
        });
        if let Some(sid) = sid.filter(|_| mask & WRITES != 0 && !is_inherited) {
            odd.push(format!("has an entry that gives {sid} write access ({mask:#x})"));
        }
    }
    odd
}

fn ended(examined: &HostEvidence<'_>, drafts: &mut Vec<Draft>) {
    if let Some(exhibit) = examined.view.one(Code::HostGracePeriodEnded) {
        let written = exhibit.written().map(|written| written.to_string());
        let statement = format!(
            "The value LicensingGracePeriodEnded exists in the service's parameters. The key was last written at {}.",
            written.unwrap_or_default()
        );
        let draft = Draft::about(&GRACE_ENDED, examined, statement);
        drafts.push(draft.by_role(&examined.host.session_host).exhibit(exhibit));
    }
}
