// SPDX-License-Identifier: MIT OR Apache-2.0
//! The setting in effect, the hives of a host, and the role of a host.

use calhive::Report;
use calhive::fact::Source;
use calhive::meaning::{LicensingMode, MachineName};
use calhive::regf::hive::look_up::LookUp;
use calhive::report::{HiveCopy, Host, Pairing, RoleState};
use hive_forge::tree::{Tree, Value};
use hive_forge::{Options, scenario, write};

fn report(hives: &[(&str, Vec<u8>)]) -> Report {
    let facts = hives.iter().map(|(path, bytes)| {
        let hive = calhive::Hive::parse(bytes).unwrap();
        calhive::collect(&Source::new(hive, *path), LookUp::Thorough)
    });
    calhive::interpret(&facts.collect::<Vec<_>>(), None)
}

/// Hive of a scenario by the end of its file name.
fn hive(name: &str, file: &str) -> Vec<u8> {
    let scenario = scenario::all().into_iter().find(|scenario| scenario.name == name).unwrap();
    scenario.files().into_iter().find(|(path, _)| path.ends_with(file)).unwrap().1
}

fn host(name: &str) -> Host {
    let system = ("E/Windows/System32/config/SYSTEM", hive(name, "SYSTEM"));
    let software = ("E/Windows/System32/config/SOFTWARE", hive(name, "SOFTWARE"));
    report(&[software, system]).hosts.remove(0)
}

/// A server of this build with only the settings of Server 2003 and Windows 2000.
fn old_settings(build: &str) -> Host {
    let mut system = Tree::new("ROOT");
    system.root.at("Select").push(Value::dword("Current", 1));
    let set = system.root.at("ControlSet001");
    set.at(r"Control\Terminal Server\Licensing Core").push(Value::dword("PolicyAcOn", 2));
    let parameters = set.at(r"Services\TermService\Parameters");
    parameters.push(Value::sz("DefaultLicenseServer", "OLD"));
    parameters.at(r"LicenseServers\NEWER");
    let mut software = Tree::new("ROOT");
    software.root.at("Classes");
    let version = software.root.at(r"Microsoft\Windows NT\CurrentVersion");
    version.push(Value::sz("CurrentBuildNumber", build));
    let bytes = |tree: &Tree| write(tree, &Options::default()).bytes;
    report(&[("E/SYSTEM", bytes(&system)), ("E/SOFTWARE", bytes(&software))]).hosts.remove(0)
}

#[test]
fn settings_of_older_versions_apply_only_to_these_versions() {
    let of = |build| {
        let host = old_settings(build);
        (host.licensing_mode.value, host.license_servers.value)
    };
    let mode = Some(LicensingMode(2));
    let servers = Some(vec![MachineName::from("NEWER")]);
    assert_eq!(of("2195"), (mode, servers.clone()), "Windows 2000");
    assert_eq!(of("3790"), (mode, servers.clone()), "Server 2003");
    assert_eq!(of("17763"), (None, None), "Server 2019");
    assert_eq!(of("unknown"), (mode, servers.clone()), "nothing speaks against them");
}

#[test]
fn policy_comes_first_and_says_what_it_overrides() {
    let host = host("windows-server-2019-session-host");
    assert_eq!(host.pairing, Pairing::ConfigurationFolder);
    assert_eq!(host.licensing_mode.value, Some(LicensingMode(4)));
    assert_eq!((host.licensing_mode.facts.len(), host.licensing_mode.overrides.len()), (1, 1));
    let statement = &host.licensing_mode.statement;
    assert!(statement.contains("overrides the local setting 2 (Per Device)"), "{statement}");
    let same = self::host("windows-server-2022-session-host").licensing_mode.statement;
    assert!(same.contains("the local setting is the same"), "{same}");
}

#[test]
fn policy_without_software_hive_is_unknown() {
    let system = hive("windows-server-2019-session-host", "SYSTEM");
    let report = report(&[("SYSTEM", system)]);
    let mode = &report.hosts[0].licensing_mode;
    assert_eq!(mode.value, Some(LicensingMode(2)));
    assert!(mode.statement.contains("policy unknown"), "{}", mode.statement);
}

/// SYSTEM and SOFTWARE of one folder name different machines.
#[test]
fn hives_of_two_machines_are_not_paired() {
    let system = hive("license-server", "SYSTEM");
    let software = hive("windows-server-2019-session-host", "SOFTWARE");
    let report = report(&[("E/SYSTEM", system), ("E/SOFTWARE", software)]);
    assert_eq!(report.hosts.len(), 2);
    assert!(report.hosts.iter().all(|host| host.pairing == Pairing::Contradicted));
    assert!(report.hosts[0].licensing_mode.statement.contains("Policy unknown"));
}

#[test]
fn backup_copy_is_listed_last_and_labeled() {
    let of = |file| hive("windows-server-2012-r2-session-host", file);
    let report = report(&[
        ("W/System32/config/RegBack/SYSTEM", of("RegBack/SYSTEM")),
        ("W/System32/config/SYSTEM", of("config/SYSTEM")),
    ]);
    assert_eq!(report.hosts[0].copy, None);
    assert_eq!(report.hosts[1].copy, Some(HiveCopy::Backup));
    assert_eq!(report.hosts[1].sources, ["source-1"]);
}

#[test]
fn roles_follow_from_their_evidence() {
    let session_host = |name| host(name).session_host.state;
    assert_eq!(session_host("windows-server-2016-session-host"), RoleState::Present);
    assert_eq!(session_host("windows-server-2008-r2-session-host"), RoleState::Present);
    assert_eq!(session_host("windows-server-2022-role-absent"), RoleState::Absent);
    assert_eq!(session_host("windows-10-client-plain"), RoleState::Absent);
    assert_eq!(session_host("windows-xp-client"), RoleState::Absent);
    assert_eq!(session_host("windows-11-multi-session"), RoleState::NotApplicable);
    assert_eq!(host("license-server").license_server.state, RoleState::Present);
    assert_eq!(host("workgroup-host").license_server.state, RoleState::Absent);
}

/// The state of the role contradicts the service.
#[test]
fn service_without_its_role_leaves_role_unknown() {
    let system = hive("license-server", "SYSTEM");
    let software = hive("windows-server-2022-role-absent", "SOFTWARE");
    let folder = "E/Windows/System32/config";
    let paths = [format!("{folder}/SYSTEM"), format!("{folder}/SOFTWARE")];
    let report = report(&[(&paths[0], system), (&paths[1], software)]);
    let role = &report.hosts[0].license_server;
    assert_eq!(role.state, RoleState::Unknown);
    assert!(role.statement.contains("but the service TermServLicensing is registered"));
}
