// SPDX-License-Identifier: MIT OR Apache-2.0

//! For each finding: hives that raise it, and a near miss that must not raise it.
//!
//! Both are made from an unremarkable machine and differ as little as possible. If a finding cannot
//! occur alone, its near miss has the other findings, too.

mod across;
mod base;
mod client;
mod copies;
mod deleted;
mod hives;
mod host;
mod license_server;
mod places;

use hives::Hives;

/// Hives of one or more machines: path and bytes. For one machine, the path is the path on its
/// disk, such as `Windows/System32/config/SYSTEM`. For several machines, a folder for each machine
/// is before it.
pub type Files = Vec<(String, Vec<u8>)>;

/// A finding, with hives that raise it and hives that do not.
#[derive(Clone, Debug)]
pub struct Case {
    /// Code of the finding.
    pub code: &'static str,
    /// Hives that raise the finding.
    pub raises: Files,
    /// Hives that do not raise the finding.
    pub near_miss: Files,
    /// Property of the hives that raise the finding.
    pub about: &'static str,
    /// Property of the near miss.
    pub miss: &'static str,
}

/// Returns a case for each finding.
pub fn cases() -> Vec<Case> {
    let of_hosts = [host::cases(), places::cases(), license_server::cases()].concat();
    [client::cases(), of_hosts, deleted::cases(), across::cases(), copies::cases()].concat()
}

/// Returns a session host whose grace-period key has the permissions that RCM grants by inheritance on Windows 7
/// and 10: full control for administrators.
pub fn grace_period_like_rcm() -> Files {
    host::grace_period_like_rcm()
}

/// Returns the machines without findings that the cases start from.
pub fn bases() -> Vec<(&'static str, Files)> {
    vec![
        ("client", client::files(|_| {})),
        ("session-host", host::files(|_| {})),
        ("license-server", license_server::files(|_| {})),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    const CODES: &[&str] = &[
        "client.token.past_validity",
        "client.token.near_end",
        "client.token.temporary",
        "client.token.hardware_id_differs",
        "client.hardware_id.newer_than_token",
        "client.token.machine_differs",
        "client.token.other_client",
        "client.token.store_time_differs",
        "client.token.signature_invalid",
        "client.token.undecodable",
        "client.token.contradicts_index",
        "client.token.contradicts_itself",
        "client.tokens.several_issuers",
        "client.tokens.several_scopes",
        "client.store.gap",
        "client.store.not_writable",
        "client.license_key.removed",
        "host.mode.per_user_workgroup",
        "host.drain",
        "host.listener",
        "host.service.disabled",
        "host.role.contradicted",
        "host.grace.task",
        "host.broker",
        "host.avd.server",
        "system.renamed",
        "hive.not_whole",
        "hive.outside_tree",
        "second_reader.differs",
        "host.mode.not_configured",
        "host.mode.invalid",
        "host.mode.policy_differs",
        "host.servers.policy_differs",
        "host.mode.per_user_membership_unknown",
        "host.servers.none",
        "host.servers.loopback_only",
        "host.setting.unusual_place",
        "host.warnings.suppressed",
        "host.grace.value_form",
        "host.grace.permissions",
        "host.grace.ended",
        "host.registration.none",
        "host.mode.multi_session",
        "host.sessions.concurrent",
        "host.control_sets.differ",
        "license_server.service.disabled",
        "license_server.service.missing",
        "license_server.workgroup_unauthenticated",
        "license_server.upgrade_prevented",
        "license_server.secure_group",
        "client.token.removed",
        "client.token.stray",
        "client.licensing.removed",
        "client.licensing.created_anew",
        "client.licensing.both_removed",
        "host.mode.recovered",
        "host.servers.recovered",
        "host.grace.recovered",
        "across.same_hardware_id",
        "across.same_token",
        "across.farm_servers_differ",
        "copies.token_removed",
        "copies.hardware_id_removed",
        "copies.mode_removed",
        "copies.servers_removed",
    ];

    #[test]
    fn finding_codes_have_one_case() {
        let codes: Vec<&str> = cases().iter().map(|case| case.code).collect();
        let unique: BTreeSet<&str> = codes.iter().copied().collect();
        assert_eq!(unique.len(), codes.len(), "{codes:?}");
        assert_eq!(unique, CODES.iter().copied().collect());
    }

    #[test]
    fn near_misses_differ_from_raising_hives() {
        for Case { code, raises, near_miss, about, miss } in cases() {
            assert_ne!(raises, near_miss, "{code}");
            assert!(!about.is_empty() && !miss.is_empty() && about != miss, "{code}");
        }
    }

    #[test]
    fn machines_have_both_hives_once() {
        let cases = cases();
        let of_cases = cases.iter().flat_map(|case| [&case.raises, &case.near_miss]);
        let bases = bases();
        for files in of_cases.chain(bases.iter().map(|(_, files)| files)) {
            let paths: BTreeSet<&str> = files.iter().map(|(path, _)| path.as_str()).collect();
            assert_eq!(paths.len(), files.len());
            for path in paths.iter().filter(|path| path.ends_with("/config/SYSTEM")) {
                let software = path.replace("SYSTEM", "SOFTWARE");
                assert!(paths.contains(software.as_str()), "{paths:?}");
            }
            assert!(files.iter().all(|(_, bytes)| bytes.starts_with(b"regf")));
        }
    }
}
