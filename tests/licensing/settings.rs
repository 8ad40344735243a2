// SPDX-License-Identifier: MIT OR Apache-2.0
//! Which setting is in effect, which hives are one host, and which role it has.

use calhive::licensing::report::{Host, Pairing, RoleState};
use calhive::licensing::{self, Report, Source};
use hive_forge::tree::{Tree, Value};
use hive_forge::{Options, scenario, write};

fn report(hives: &[(&str, Vec<u8>)]) -> Report {
    let facts = hives.iter().map(|(path, bytes)| {
        let hive = calhive::Hive::parse(bytes).unwrap();
        licensing::collect(&Source::new(hive, *path), &Default::default())
    });
    licensing::interpret(&facts.collect::<Vec<_>>(), None)
}

/// The hive of a scenario whose file name ends like this.
fn hive(name: &str, file: &str) -> Vec<u8> {
    let scenario = scenario::all().into_iter().find(|scenario| scenario.name == name).unwrap();
    scenario.files().into_iter().find(|(path, _)| path.ends_with(file)).unwrap().1
}

fn host(name: &str) -> Host {
    let system = ("E/Windows/System32/config/SYSTEM", hive(name, "SYSTEM"));
    let software = ("E/Windows/System32/config/SOFTWARE", hive(name, "SOFTWARE"));
    report(&[software, system]).hosts.remove(0)
}

/// A server of this build, with the settings of Server 2003 and Windows 2000 alone.
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
fn settings_of_older_versions_count_in_those_alone() {
    let of = |build| {
        let host = old_settings(build);
        (host.licensing_mode.value, host.license_servers.value)
    };
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(of("2195"), (some("2"), some("NEWER")), "Windows 2000");
    assert_eq!(of("3790"), (some("2"), some("NEWER")), "Server 2003");
    assert_eq!(of("17763"), (None, None), "Server 2019");
    assert_eq!(of("unknown"), (some("2"), some("NEWER")), "nothing speaks against them");
}

#[test]
fn policy_comes_first_and_says_what_it_overrides() {
    let host = host("windows-server-2019-session-host");
    assert_eq!(host.pairing, Pairing::ConfigurationFolder);
    assert_eq!(host.licensing_mode.value.as_deref(), Some("4"));
    assert_eq!((host.licensing_mode.facts.len(), host.licensing_mode.overrides.len()), (1, 1));
    let statement = &host.licensing_mode.statement;
    assert!(statement.contains("overrides the local setting 2 (Per Device)"), "{statement}");
    let same = self::host("windows-server-2022-session-host").licensing_mode.statement;
    assert!(same.contains("the local setting is the same"), "{same}");
}

#[test]
fn without_software_policy_is_unknown() {
    let system = hive("windows-server-2019-session-host", "SYSTEM");
    let report = report(&[("SYSTEM", system)]);
    let mode = &report.hosts[0].licensing_mode;
    assert_eq!(mode.value.as_deref(), Some("2"));
    assert!(mode.statement.contains("policy unknown"), "{}", mode.statement);
}

/// SYSTEM and SOFTWARE of one folder that name different machines are not one host.
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
fn a_backup_copy_comes_last_and_is_called_one() {
    let of = |file| hive("windows-server-2012-r2-session-host", file);
    let report = report(&[
        ("W/System32/config/RegBack/SYSTEM", of("RegBack/SYSTEM")),
        ("W/System32/config/SYSTEM", of("config/SYSTEM")),
    ]);
    assert_eq!(report.hosts[0].copy, None);
    assert_eq!(report.hosts[1].copy.as_deref(), Some("backup copy that Windows keeps"));
    assert_eq!(report.hosts[1].sources, ["source-1"]);
}

#[test]
fn roles_are_told_by_what_speaks_for_them() {
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

/// The state of the role and the service contradict each other: neither is taken for the truth.
#[test]
fn a_registered_service_without_its_role_is_unknown() {
    let system = hive("license-server", "SYSTEM");
    let software = hive("windows-server-2022-role-absent", "SOFTWARE");
    let folder = "E/Windows/System32/config";
    let paths = [format!("{folder}/SYSTEM"), format!("{folder}/SOFTWARE")];
    let report = report(&[(&paths[0], system), (&paths[1], software)]);
    let role = &report.hosts[0].license_server;
    assert_eq!(role.state, RoleState::Unknown);
    assert!(role.statement.contains("but the service TermServLicensing is registered"));
}
