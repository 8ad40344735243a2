// SPDX-License-Identifier: MIT OR Apache-2.0
//! Answers, roles and settings that claimed more than the hives show.

use calhive::Report;
use calhive::fact::{Facts, Source, State};
use calhive::regf::hive::look_up::LookUp;
use calhive::report::{Answer, FactReport, RoleState};
use hive_forge::deletion::{Edits, Lost, deleted_token};
use hive_forge::tree::{Key, Tree, Value};
use hive_forge::{Options, scenario, time, write};

use crate::findings::report;
use crate::trials::trial;

/// Report of the hives in a folder of the trials; `None` without the folder.
fn of_trial(name: &str) -> Option<Report> {
    let folder = trial(name)?;
    let hives = ["SYSTEM", "SOFTWARE"].map(|file| folder.join(file));
    let files: Vec<(String, Vec<u8>)> = hives
        .iter()
        .filter(|path| path.exists())
        .map(|path| (path.display().to_string(), std::fs::read(path).unwrap()))
        .collect();
    Some(report(&files))
}

/// Report of the SYSTEM hive of this tree.
fn of_system(tree: &Tree) -> Report {
    report(&[("SYSTEM".to_owned(), write(tree, &Options::default()).bytes)])
}

/// Reports of a forged hive and of a trial.
fn both(forged: Report, name: &str) -> impl Iterator<Item = Report> {
    [Some(forged), of_trial(name)].into_iter().flatten()
}

fn answer<'r>(report: &'r Report, code: &str) -> &'r Answer {
    report.hosts[0].answers.iter().find(|it| it.code == code).unwrap()
}

fn facts<'r>(report: &'r Report, code: &str) -> Vec<&'r FactReport> {
    report.facts.iter().filter(|it| it.code.as_str() == code && it.state.is_found()).collect()
}

/// Tree of a SYSTEM hive with one control set and a computer name.
fn system() -> Tree {
    let mut tree = Tree::new("SYSTEM");
    let name = r"ControlSet001\Control\ComputerName\ComputerName";
    tree.root.made(name, time::DEFAULT).set(Value::sz("ComputerName", "HOSTA"));
    tree.root = tree.root.key(Key::new("Select").dword("Current", 1).dword("Default", 1));
    tree
}

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// Trial 08.
#[test]
fn empty_policy_value_is_named_and_not_denied() {
    let mut software = Tree::new("SOFTWARE");
    let policy = r"Policies\Microsoft\Windows NT\Terminal Services";
    software.root.made(policy, time::DEFAULT).set(Value::sz("LicenseServers", ""));
    let mut tree = system();
    let servers = r"ControlSet001\Services\TermService\Parameters\LicenseServers";
    let key = tree.root.made(servers, time::DEFAULT);
    key.set(Value::multi_sz("SpecifiedLicenseServers", &["LS1"]));
    let bytes = |tree: &Tree| write(tree, &Options::default()).bytes;
    let files = [("SYSTEM".to_owned(), bytes(&tree)), ("SOFTWARE".to_owned(), bytes(&software))];
    for report in both(report(&files), "08-policy-empty") {
        let servers = &report.hosts[0].license_servers;
        assert_eq!(servers.value.as_ref().unwrap()[0].as_str(), "LS1");
        let id = &facts(&report, "host.policy.license_servers")[0].id;
        let expected = format!("the policy value LicenseServers names no license server ({id})");
        assert!(servers.statement.contains(&expected), "{}", servers.statement);
    }
}

/// Trials 09 and 20.
#[test]
fn text_after_its_terminator_is_hidden_data_and_no_name() {
    let mut tree = system();
    let name = r"ControlSet001\Control\ComputerName\ComputerName";
    tree.root.made(name, time::DEFAULT).set(Value::new("ComputerName", 1, &utf16("HOSTA\0junk")));
    let zone = r"ControlSet001\Control\TimeZoneInformation";
    let text = [utf16("W. Europe Standard Time\0"), vec![0xCC; 32]].concat();
    tree.root.made(zone, time::DEFAULT).set(Value::new("TimeZoneKeyName", 1, &text));
    let servers = r"ControlSet001\Services\TermService\Parameters\LicenseServers";
    let list = utf16("LS1\0LS2\0\0junk\0");
    tree.root.made(servers, time::DEFAULT).set(Value::new("SpecifiedLicenseServers", 7, &list));
    for report in both(of_system(&tree), "09-after-nul") {
        let host = &report.hosts[0];
        assert_eq!(host.system.computer_name.as_ref().unwrap().text, "HOSTA");
        let zone = &host.system.time_zone.as_ref().unwrap().text;
        assert!(zone.starts_with("W. Europe Standard Time"), "{zone}");
        assert!(!zone.contains(|c: char| !c.is_ascii()), "{zone}");
        let names: Vec<&str> =
            host.license_servers.value.iter().flatten().map(|it| it.as_str()).collect();
        assert_eq!(names, ["LS1", "LS2"]);
        for code in ["system.computer_name", "host.license_servers"] {
            let [value, rest] = &facts(&report, code)[..] else { panic!("{code}") };
            assert!(value.provenance.hidden.is_none(), "{value:?}");
            let hiding = rest.provenance.hidden.as_ref().unwrap();
            assert_eq!(hiding.field, "terminator of the text");
            assert_eq!(rest.shown.as_deref(), Some("junk"), "{rest:?}");
            assert!(host.hidden.contains(&rest.id), "{rest:?}");
        }
    }
    if let Some(report) = of_trial("20-time-zone-after-nul") {
        let zone = &report.hosts[0].system.time_zone.as_ref().unwrap().text;
        assert!(zone.starts_with("Eastern Standard Time,"), "{zone}");
    }
}

/// The place of the terminator and the number of bytes after it are right, also in big data.
#[test]
fn terminator_of_a_text_is_named_by_its_place() {
    for length in [5_usize, 9_000] {
        let text = [utf16(&"x".repeat(length)), vec![0, 0, 65, 0, 66]].concat();
        let mut tree = system();
        let zone = r"ControlSet001\Control\TimeZoneInformation";
        tree.root.made(zone, time::DEFAULT).set(Value::new("TimeZoneKeyName", 1, &text));
        let bytes = write(&tree, &Options::default()).bytes;
        let report = report(&[("SYSTEM".to_owned(), bytes.clone())]);
        let facts = facts(&report, "system.time_zone");
        let mut hidden = facts.iter().filter_map(|it| it.provenance.hidden.as_ref());
        let hiding = hidden.find(|it| it.field == "terminator of the text").unwrap();
        let at = usize::try_from(hiding.offset).unwrap();
        assert_eq!((hiding.found, &bytes[at..at + 5]), (3, &[0, 0, 65, 0, 66][..]), "{length}");
    }
}

/// Trial 10.
#[test]
fn stored_current_control_set_is_marked_and_not_in_effect() {
    let core = r"Control\Terminal Server\RCM\Licensing Core";
    let mut tree = system();
    for (set, mode) in [("ControlSet001", 2), ("CurrentControlSet", 4)] {
        let key = tree.root.made(&format!(r"{set}\{core}"), time::DEFAULT);
        key.set(Value::dword("LicensingMode", mode));
    }
    for report in both(of_system(&tree), "10-control-set-missing/b-ccs") {
        let host = &report.hosts[0];
        assert_eq!(host.licensing_mode.value.unwrap().0, 2, "{:?}", host.licensing_mode);
        assert_eq!(host.control_sets[0].number, 0, "{:?}", host.control_sets);
        assert_eq!(facts(&report, "system.stored_control_set").len(), 1);
        assert!(host.differences.iter().any(|it| it.values.iter().any(|it| it.control_set == 0)));
    }
}

#[test]
fn selected_control_set_that_is_not_there_is_named_with_the_others() {
    let mut tree = system();
    let core = r"ControlSet001\Control\Terminal Server\RCM\Licensing Core";
    tree.root.made(core, time::DEFAULT).set(Value::dword("LicensingMode", 4));
    let select = tree.root.at("Select");
    select.set(Value::dword("Current", 2)).set(Value::dword("LastKnownGood", 1));
    let report = of_system(&tree);
    let host = &report.hosts[0];
    assert_eq!(host.licensing_mode.value, None);
    let statement = &host.licensing_mode.statement;
    for part in [
        "The licensing mode in effect is not determinable: Select\\Current is 2",
        "but ControlSet002 is not in the tree; the tree holds ControlSet001 (Default, LastKnownGood)",
        "ControlSet001 stores 4 (Per User)",
    ] {
        assert!(statement.contains(part), "{part:?} in {statement}");
    }
    assert_eq!(host.license_server.state, RoleState::Unknown);
}

/// Trial 25.
#[test]
fn control_set_outside_the_tree_is_named_instead_of_a_missing_select() {
    let Some(report) = of_trial("25-select-misquoted") else { return };
    let statement = &report.hosts[0].licensing_mode.statement;
    for part in ["Select\\Current is 1", "ControlSet001 lies outside the tree", "LicensingMode"] {
        assert!(statement.contains(part), "{part:?} in {statement}");
    }
    assert!(report.findings.iter().any(|it| it.code == "hive.outside_tree"));
}

/// Trial 16.
#[test]
fn recovered_token_is_named_and_not_denied() {
    let forged = deleted_token(Lost::Both).edited.hive.bytes;
    let forged = report(&[("SOFTWARE".to_owned(), forged)]);
    for report in both(forged, "16-answers-deny-recovered-token") {
        assert!(report.findings.iter().any(|it| it.code == "client.token.stray"));
        let session = answer(&report, "session");
        assert!(session.shown.contains("token-1 was recovered outside the tree"), "{session:?}");
        assert!(answer(&report, "user").shown.contains("token-1, outside the tree"));
        let moved = answer(&report, "moved");
        assert!(!moved.shown.contains("found no removed local copy"), "{moved:?}");
        let events = report.events.iter();
        assert!(events.filter(|it| it.tokens.contains(&"token-1".to_owned())).count() > 0);
    }
}

/// Trial 17.
#[test]
fn license_key_below_a_removed_key_is_named() {
    let Some(report) = of_trial("17-license-below-deleted-key") else { return };
    let removed = report.findings.iter().find(|it| it.code == "client.licensing.removed").unwrap();
    let expected =
        r"License keys were recovered from below it: Microsoft\MSLicensing\Store\LICENSE000 (";
    assert!(removed.statement.contains(expected), "{}", removed.statement);
}

/// Trial 18.
#[test]
fn service_library_with_bytes_after_its_terminator_is_windows_own() {
    let mut tree = system();
    let parameters = r"ControlSet001\Services\TermService\Parameters";
    let text = utf16("%SystemRoot%\\System32\\termsrv.dll\0AB\0");
    tree.root.made(parameters, time::DEFAULT).set(Value::new("ServiceDll", 2, &text));
    for report in both(of_system(&tree), "18-service-library-after-nul") {
        let library = facts(&report, "host.service.library");
        let shown = library[0].shown.as_deref();
        assert_eq!(shown, Some(r"%SystemRoot%\System32\termsrv.dll"), "{library:?}");
        let codes: Vec<&str> = report.findings.iter().map(|it| it.code).collect();
        assert!(!codes.contains(&"host.sessions.concurrent"), "{codes:?}");
    }
}

/// SOFTWARE of a client whose token was overwritten in place by shorter data.
fn shortened_token() -> Vec<u8> {
    let mut tree = Tree::new("SOFTWARE");
    let token = deleted_token(Lost::Neither).token;
    let key = tree.root.made(r"Microsoft\MSLicensing\Store\LICENSE000", time::DEFAULT);
    key.set(Value::binary("ClientLicense", &token));
    let mut forged = write(&tree, &Options::default());
    let value = r"value Microsoft\MSLicensing\Store\LICENSE000:ClientLicense";
    forged.set(value, "data_size", 60);
    let at = forged.bytes.windows(40).position(|bytes| bytes == &token[..40]).unwrap();
    forged.bytes[at..at + 60].fill(b'A');
    forged.bytes
}

/// Trial 23.
#[test]
fn certificate_after_shorter_data_is_tied_to_its_license() {
    let forged = report(&[("SOFTWARE".to_owned(), shortened_token())]);
    for report in both(forged, "23-token-in-slack") {
        let is_one = |it: &&FactReport| {
            let place = &it.provenance;
            place.recovered.is_some() && place.key_path.ends_with(r"\Store\LICENSE000")
        };
        let found: Vec<&FactReport> = report
            .facts
            .iter()
            .filter(is_one)
            .filter(|it| it.code.as_str() == "client.store")
            .collect();
        let [fact, ..] = &found[..] else { panic!("{:?}", report.hosts[0].recovered) };
        assert_eq!(fact.provenance.value_name.as_deref(), Some("ClientLicense"), "{fact:?}");
        let of_fact = |it: &&calhive::report::TokenReport| it.facts.contains(&fact.id);
        let token = report.tokens.iter().find(of_fact).unwrap();
        assert!(token.license.is_some(), "{token:?}");
    }
}

/// Trial 19.
#[test]
fn service_behind_a_damaged_list_is_not_called_absent() {
    let all = scenario::all();
    let scenario = all.iter().find(|it| it.name == "license-server").unwrap();
    let (_, tree, options) =
        scenario.hives.iter().find(|(name, ..)| name.ends_with("SYSTEM")).unwrap();
    let mut forged = write(tree, options);
    let list = r"list ControlSet001\Services";
    for number in 0..forged.get(list, "count") {
        forged.set(list, &format!("element {number}"), 0);
    }
    let forged = report(&[("SYSTEM".to_owned(), forged.bytes)]);
    for report in both(forged, "19-services-key-unlisted") {
        let role = &report.hosts[0].license_server;
        assert_eq!(role.state, RoleState::Unknown);
        assert!(role.statement.starts_with("not determinable: "), "{}", role.statement);
        assert!(role.statement.contains("lies outside the tree"), "{}", role.statement);
        let lost = report.facts.iter().filter(|it| it.state == State::NotReadable);
        assert!(lost.clone().count() > 0 && lost.clone().all(|it| it.lost.is_some()));
    }
}

/// Trial 24, `mr-03.2`: a list counts more subkeys than its cell holds.
#[test]
fn name_beyond_the_end_of_a_list_is_not_called_absent() {
    let tree = system();
    let mut forged = write(&tree, &Options::default());
    let (list, key) = (r"list ControlSet001\Control", r"key ControlSet001\Control");
    let count = forged.get(list, "count");
    forged.set(list, "count", count + 4).set(key, "subkey_count", count + 4);
    let forged = report(&[("SYSTEM".to_owned(), forged.bytes)]);
    let real = trial("24-cell-sizes/mr-03.2")
        .map(|path| report(&[("SYSTEM".to_owned(), std::fs::read(path).unwrap())]));
    for report in [Some(forged), real].into_iter().flatten() {
        let is_it = |it: &&FactReport| {
            it.code.as_str() == "system.shut_down" && it.provenance.hidden.is_none()
        };
        let fact = report.facts.iter().find(is_it).unwrap();
        assert_eq!(fact.state, State::NotReadable, "{fact:?}");
        assert!(fact.lost.as_ref().unwrap().message.contains("count is "), "{fact:?}");
    }
}

/// Trial 37.
#[test]
fn grace_period_of_the_installation_indicates_no_reset() {
    let report = of_scenario("windows-server-2008-r2-session-host");
    let grace = answer(&report, "grace_period");
    assert!(grace.shown.starts_with("Nothing in these hives indicates a reset"), "{grace:?}");
    assert!(grace.shown.contains(", within a day of RCM last written "), "{grace:?}");
    assert!(grace.shown.contains(", Windows last installed "), "{grace:?}");
    assert_eq!(grace.not_shown, "That no reset took place.");
    // A key that was written much later is compared with the other times. A new key also writes RCM.
    let later = of_scenario("windows-server-2016-session-host");
    let grace = answer(&later, "grace_period");
    assert!(grace.shown.contains("for comparison: RCM last written"), "{grace:?}");
    let both = "which fits an installation of the role and a new key GracePeriod alike";
    assert!(grace.shown.contains(both), "{grace:?}");
    assert!(!grace.shown.contains("Nothing"), "{grace:?}");
    assert!(!grace.shown.contains("Deleted data"), "{grace:?}");
}

/// A key at the path of a key in the tree can be an earlier version of the latter.
#[test]
fn earlier_record_of_the_grace_period_is_not_called_removed() {
    let report = of_scenario("session-host-grace-key-renewed");
    let grace = answer(&report, "grace_period");
    let start = "An earlier record of the key GracePeriod, last written 2022-02-15T10:04:27.3141592Z, was recovered (";
    assert!(grace.shown.starts_with(start), "{grace:?}");
    assert!(!grace.shown.contains("removed"), "{grace:?}");
    assert!(grace.shown.contains("consistent with a reset"), "{grace:?}");
}

/// A scan of live data alone sees no earlier key, and does not deny one.
#[test]
fn equal_times_of_grace_period_and_manager_deny_no_reset_in_live_data() {
    let name = "session-host-grace-key-renewed";
    let scenario = scenario::every().into_iter().find(|it| it.name == name).unwrap();
    let facts: Vec<Facts> = scenario
        .files()
        .iter()
        .map(|(path, bytes)| {
            let source = Source::new(calhive::Hive::parse(bytes).unwrap(), *path);
            calhive::collect(&source, LookUp::Trusting)
        })
        .collect();
    let report = calhive::interpret(&facts, None);
    let grace = answer(&report, "grace_period");
    let start = "The keys GracePeriod and RCM were last written at the same time, 2023-06-14";
    assert!(grace.shown.starts_with(start), "{grace:?}");
    assert!(grace.shown.contains("and a new key GracePeriod alike"), "{grace:?}");
    let not_searched = "Deleted data, which may hold an earlier key, were not searched.";
    assert!(grace.shown.contains(not_searched), "{grace:?}");
    assert!(!grace.shown.contains("Nothing"), "{grace:?}");
}

/// Trials 15, 16, 17 and 23: users of a client edition cannot write the store.
#[test]
fn store_that_users_cannot_write_is_a_reason_for_a_client_edition() {
    let mut clients = 0;
    for name in [
        "15-store-permissions",
        "16-answers-deny-recovered-token",
        "17-license-below-deleted-key",
        "23-token-in-slack",
    ] {
        let Some(report) = of_trial(name) else { return };
        let refused = answer(&report, "refused");
        let finding =
            report.findings.iter().find(|it| it.code == "client.store.not_writable").unwrap();
        let reason = format!("Users cannot write the license store ({})", finding.id);
        assert!(refused.shown.starts_with("Possible reasons: "), "{name}: {refused:?}");
        assert!(refused.shown.contains(&reason), "{name}: {refused:?}");
        let licensing = answer(&report, "licensing");
        clients += usize::from(licensing.shown.starts_with("Does not apply: client edition"));
    }
    assert!(clients > 0);
}

/// The answer about refused users applies to a client edition with the reasons of clients.
#[test]
fn rights_on_the_store_decide_the_answer_for_a_client_edition() {
    let report = of_scenario("windows-10-client-with-token");
    assert!(answer(&report, "licensing").shown.starts_with("Does not apply: client edition"));
    let refused = answer(&report, "refused");
    assert_eq!(refused.shown, "Users have the rights on the license store that a client needs.");
    assert!(refused.not_shown.starts_with("Whether anybody was refused"), "{refused:?}");
}

fn of_scenario(name: &str) -> Report {
    let scenario = scenario::every().into_iter().find(|it| it.name == name).unwrap();
    let files = scenario.files().into_iter();
    report(&files.map(|(path, bytes)| (path.to_owned(), bytes)).collect::<Vec<_>>())
}

/// Trial 38.
#[test]
fn grace_period_before_vista_is_a_secret_in_security() {
    let server = of_scenario("windows-server-2003-terminal-server");
    let grace = answer(&server, "grace_period");
    assert!(grace.shown.contains("the LSA secret L$RTMTIMEBOMB in SECURITY"), "{grace:?}");
    let has_security = server.sources.iter().any(|it| it.kind.to_string() == "SECURITY");
    let expected = if has_security { "The secret was set" } else { "SECURITY is not at hand" };
    assert!(grace.shown.contains(expected), "{grace:?}");
}

/// Trial 41.
#[test]
fn contradicting_signs_of_the_role_are_both_named() {
    let mut software = Tree::new("SOFTWARE");
    let cache = r"Microsoft\ServerManager\ServicingStorage\ServerComponentCache\RDS-RD-Server";
    software.root.made(cache, time::DEFAULT).set(Value::dword("InstallState", 0));
    software.root.made("Classes", time::DEFAULT);
    let mut tree = system();
    let server = r"ControlSet001\Control\Terminal Server";
    tree.root.made(server, time::DEFAULT).set(Value::dword("TSAppCompat", 1));
    let bytes = |tree: &Tree| write(tree, &Options::default()).bytes;
    let files = [("SYSTEM".to_owned(), bytes(&tree)), ("SOFTWARE".to_owned(), bytes(&software))];
    let report = report(&files);
    let role = &report.hosts[0].session_host;
    assert_eq!(role.state, RoleState::Unknown);
    for part in ["InstallState of the role is 0", "TSAppCompat is 1", "contradict each other"] {
        assert!(role.statement.contains(part), "{part:?} in {}", role.statement);
    }
}

/// Trial 45.
#[test]
fn nothing_behind_a_missing_end_is_called_absent() {
    let scenario = scenario::all();
    let scenario =
        scenario.iter().find(|it| it.name == "windows-server-2016-session-host").unwrap();
    let files = scenario.files();
    let (_, bytes) = files.iter().find(|(name, _)| name.ends_with("SYSTEM")).unwrap();
    let report = report(&[("SYSTEM".to_owned(), bytes[..40_140].to_vec())]);
    let host = &report.hosts[0];
    let mode = &host.licensing_mode.statement;
    assert!(mode.starts_with("The licensing mode in effect is not determinable: Select"), "{mode}");
    assert!(mode.contains("ControlSet001 stores 5 (Not configured)"), "{mode}");
    assert_eq!(host.license_server.state, RoleState::Unknown);
    assert!(report.findings.iter().any(|it| it.code == "hive.not_whole"));
}

/// SOFTWARE of a client whose store has two licenses, for edits.
fn store() -> (Edits, [u64; 3]) {
    let made = [1_u64, 2, 3].map(|day| time::filetime(2024, 1, day, 0, 0, 0));
    let mut tree = Tree::new("SOFTWARE");
    let store = tree.root.made(r"Microsoft\MSLicensing\Store", made[0]);
    for (number, byte) in [("LICENSE000", 7), ("LICENSE001", 8)] {
        store.made(number, made[1]).set(Value::binary("ClientLicense", &[byte; 600]));
    }
    (Edits::new(&tree, &Options::default()), made)
}

/// What the answer about moved licenses shows for edited hives.
fn shown(edits: &Edits) -> String {
    let report = report(&[("SOFTWARE".to_owned(), edits.finish().hive.bytes)]);
    answer(&report, "moved").shown.to_string()
}

#[test]
fn removal_lies_between_the_last_writes_of_the_key_and_of_its_parent() {
    let (mut edits, _) = store();
    let removed = time::filetime(2024, 2, 1, 0, 0, 0);
    edits.delete_key(edits.key(r"Microsoft\MSLicensing\Store\LICENSE000"), removed);
    let text = shown(&edits);
    assert!(text.contains("not before 2024-01-02"), "{text}");
    assert!(text.contains("not after 2024-02-01"), "{text}");
    // A later write to the parent makes the bound loose, and it stays true.
    edits.delete_key(
        edits.key(r"Microsoft\MSLicensing\Store\LICENSE001"),
        time::filetime(2024, 3, 1, 0, 0, 0),
    );
    let text = shown(&edits);
    assert!(text.contains("not after 2024-03-01"), "{text}");
}

#[test]
fn removed_parent_that_counts_no_subkey_bounds_the_removal() {
    let (mut edits, _) = store();
    let mut time = time::filetime(2024, 2, 1, 0, 0, 0);
    for key in ["LICENSE000", "LICENSE001"] {
        edits.delete_key(edits.key(&format!(r"Microsoft\MSLicensing\Store\{key}")), time);
        time += 864_000_000_000;
    }
    edits
        .delete_key(edits.key(r"Microsoft\MSLicensing\Store"), time::filetime(2024, 5, 1, 0, 0, 0));
    let text = shown(&edits);
    assert!(
        text.contains(r"not after 2024-02-02") && text.contains(r"MSLicensing\Store)"),
        "{text}"
    );
}

#[test]
fn removed_parent_that_still_counts_its_subkeys_bounds_nothing() {
    let (mut edits, _) = store();
    let removed = time::filetime(2024, 5, 1, 0, 0, 0);
    edits.delete_key(edits.key(r"Microsoft\MSLicensing\Store"), removed);
    let text = shown(&edits);
    assert!(text.contains("not after 2024-05-01"), "the key above Store: {text}");
    assert!(!text.contains("not after 2024-01-01"), "{text}");
}
