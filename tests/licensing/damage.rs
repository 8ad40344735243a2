// SPDX-License-Identifier: MIT OR Apache-2.0
//! Damage affects one fact, and no other fact.

use calhive::Report;
use calhive::catalog::Code;
use calhive::fact::{Fact, Facts, Source, State};
use calhive::regf::hive::look_up::LookUp;
use hive_forge::tree::{Key, SYM_LINK, Tree, Value};
use hive_forge::{Forged, Options, scenario, write};

fn forged() -> Forged {
    let mut tree = Tree::new("ROOT");
    tree.root.at("Classes");
    let hardware = Key::new("HardwareID").binary("ClientHWID", &[2; 20]);
    let license = Key::new("LICENSE000").binary("ClientLicense", &[0x30; 3000]);
    *tree.root.at(r"Microsoft\MSLicensing") =
        Key::new("MSLicensing").key(hardware).key(Key::new("Store").key(license));
    let policy = tree.root.at(r"Policies\Microsoft\Windows NT\Terminal Services");
    policy.push(Value::dword("LicensingMode", 4));
    write(&tree, &Options::default())
}

fn read(hive: &Forged) -> (Facts, Report) {
    let hive = calhive::Hive::parse(&hive.bytes).unwrap();
    let facts = calhive::collect(&Source::new(hive, "SOFTWARE"), LookUp::Thorough);
    let report = calhive::interpret(std::slice::from_ref(&facts), None);
    (facts, report)
}

fn fact<'f>(facts: &'f Facts, code: &str) -> &'f Fact {
    facts.facts.iter().find(|fact| fact.location.code.as_str() == code).unwrap()
}

/// A wrong size leaves the data of other values readable. Truncated data are not interpreted.
#[test]
fn wrong_data_size_affects_one_fact() {
    let mut hive = forged();
    let size = hive.bytes.len() as u64 - 100;
    hive.set(r"value Microsoft\MSLicensing\HardwareID:ClientHWID", "data_size", size);
    let (facts, report) = read(&hive);
    assert_eq!(fact(&facts, "client.hardware_id").state, State::Incomplete);
    assert_eq!(fact(&facts, "client.store").data.len(), 3000);
    assert_eq!(facts.unread.total, 1);
    let told = report.facts.iter().find(|fact| fact.code == Code::ClientHardwareId).unwrap();
    assert_eq!(told.label.as_deref(), Some("not all could be read: not interpreted"));
}

/// A key whose list holds subkeys that the key does not count is not an empty key.
#[test]
fn lowered_subkey_count_is_not_an_empty_store() {
    let mut hive = forged();
    hive.set(r"key Microsoft\MSLicensing\Store", "subkey_count", 0);
    let (facts, _) = read(&hive);
    assert_eq!(fact(&facts, "client.store").state, State::NotReadable);
    assert_eq!(facts.unread.total, 1, "{:?}", facts.unread);
}

/// An unreadable setting leaves the setting in effect in doubt.
#[test]
fn unreadable_setting_is_not_reported_as_absent() {
    let mut hive = forged();
    let value = r"value Policies\Microsoft\Windows NT\Terminal Services:LicensingMode";
    hive.set(value, "data_size", 200).set(value, "data", 0xFFFF_FFFF);
    let (_, report) = read(&hive);
    let mode = &report.hosts[0].licensing_mode;
    assert_eq!(mode.value, None);
    assert!(
        mode.statement.starts_with("The licensing mode in effect is not determinable"),
        "{}",
        mode.statement
    );
}

/// A list out of order loses nothing. Its fault is reported once, however often the list is read.
#[test]
fn list_out_of_order_is_reported_once() {
    let mut hive = forged();
    let (a, b) = (hive.get("list ", "element 0"), hive.get("list ", "element 1"));
    hive.set("list ", "element 0", b).set("list ", "element 1", a);
    let (facts, _) = read(&hive);
    assert_eq!(fact(&facts, "client.store").state, State::Set);
    assert_eq!(facts.unread.total, 0, "{:?}", facts.unread);
    assert!(facts.faults.first.iter().any(|fault| fault.to_string().contains("out of order")));
    let mut faults = facts.faults.first.clone();
    faults.dedup();
    assert_eq!(facts.faults.total as usize, faults.len());
}

/// If the root offset leads to no key, the tree is read from the key that is flagged as root, and
/// the fault is reported.
#[test]
fn root_offset_without_key_loses_no_fact() {
    for look_up in [LookUp::Thorough, LookUp::Trusting] {
        let mut hive = forged();
        hive.set("base", "root", 0xFFFF_FFFF).seal();
        let read = calhive::Hive::parse(&hive.bytes).unwrap();
        let facts = calhive::collect(&Source::new(read, "SOFTWARE"), look_up);
        assert_eq!(fact(&facts, "client.store").data.len(), 3000);
        let told = read.root_fault().unwrap();
        assert_eq!(facts.unread.first.iter().filter(|fault| **fault == told).count(), 1);
    }
}

/// Windows reads the target of a symbolic link. What is below the link, or not below, says nothing about a place.
#[test]
fn place_behind_a_symbolic_link_is_not_called_absent() {
    let policy = r"Policies\Microsoft\Windows NT\Terminal Services";
    for path in [
        "Microsoft",
        r"Microsoft\MSLicensing",
        r"Microsoft\MSLicensing\Store",
        r"Microsoft\MSLicensing\Store\LICENSE000",
        "Policies",
        policy,
    ] {
        let (whole, _) = read(&forged());
        let mut hive = forged();
        let key = format!("key {path}");
        let flags = hive.get(&key, "flags") | u64::from(SYM_LINK);
        hive.set(&key, "flags", flags);
        for look_up in [LookUp::Thorough, LookUp::Trusting] {
            let read = calhive::Hive::parse(&hive.bytes).unwrap();
            let facts = calhive::collect(&Source::new(read, "SOFTWARE"), look_up);
            assert_eq!(facts.unread.total, 1, "{path}: {:?}", facts.unread);
            let told = facts.unread.first[0].to_string();
            assert!(told.contains("key is a symbolic link"), "{path}: {told}");
            let found: Vec<&Fact> = whole.facts.iter().filter(|it| it.state.is_found()).collect();
            let denied = |fact: &&Fact| found.iter().any(|whole| denies(fact, whole));
            assert_eq!(
                facts.facts.iter().find(denied).map(|it| &it.provenance.key),
                None,
                "{path}"
            );
            let is_below = |fact: &&Fact| fact.provenance.key.starts_with(path);
            let lost = facts.facts.iter().filter(|it| it.state == State::NotReadable);
            assert!(lost.clone().count() > 0, "{path}");
            assert!(lost.clone().all(|it| path.starts_with(&it.provenance.key) || is_below(&it)));
            if path == policy {
                let report = calhive::interpret(std::slice::from_ref(&facts), None);
                let statement = report.hosts[0].licensing_mode.statement.to_string();
                assert!(statement.contains("not determinable"), "{statement}");
            }
        }
    }
}

/// A control set that is a link is not read, and the others are.
#[test]
fn control_set_that_is_a_symbolic_link_is_not_read() {
    let named = |it: &scenario::Scenario| it.name == "windows-server-2019-session-host";
    let scenario = scenario::every().into_iter().find(named).unwrap();
    let (_, mut bytes) =
        scenario.files().into_iter().find(|(path, _)| path.ends_with("SYSTEM")).unwrap();
    let set = calhive::Hive::parse(&bytes).unwrap().root().unwrap().subkey("ControlSet001");
    let at = set.unwrap().unwrap().offset().get() as usize;
    // The size of the cell precedes the key node.
    bytes[at + 4 + 2] |= SYM_LINK as u8;
    let hive = calhive::Hive::parse(&bytes).unwrap();
    let facts = calhive::collect(&Source::new(hive, "SYSTEM"), LookUp::Thorough);
    assert_eq!(facts.unread.total, 1, "{:?}", facts.unread);
    let numbers = facts.facts.iter().filter_map(|it| Some(it.provenance.control_set.as_ref()?.0));
    assert!(numbers.clone().all(|number| number != 1), "{:?}", numbers.collect::<Vec<_>>());
}

/// Whether the fact is in the tree.
fn is_shown(fact: &Fact) -> bool {
    fact.provenance.hidden.is_none() && fact.provenance.recovered.is_none()
}

/// Whether the fact `cut` says that the item of the fact `whole` does not exist.
fn denies(cut: &Fact, whole: &Fact) -> bool {
    let (denied, found) = (&cut.provenance, &whole.provenance);
    let above = found.key.strip_prefix(&denied.key);
    let is_place = above.is_some_and(|rest| rest.is_empty() || rest.starts_with('\\'));
    let is_value = denied.value.is_none() || denied.value == found.value;
    let is_absent = matches!(cut.state, State::NotSet | State::NotInKey);
    is_absent && cut.location.code == whole.location.code && is_place && is_value
}

/// Trial: a hive cut at 30000 bytes. The list of the root holds the 32-bit view, whose key is cut off.
#[test]
fn place_beyond_the_end_of_a_cut_hive_is_not_called_absent() {
    for name in ["windows-10-client-with-token", "windows-server-2019-session-host"] {
        let scenario = scenario::every().into_iter().find(|it| it.name == name).unwrap();
        for (file, bytes) in scenario.files() {
            for look_up in [LookUp::Thorough, LookUp::Trusting] {
                let collect = |length: usize| {
                    let hive = calhive::Hive::parse(&bytes[..length]).unwrap();
                    calhive::collect(&Source::new(hive, file), look_up)
                };
                let whole = collect(bytes.len());
                let found: Vec<&Fact> =
                    whole.facts.iter().filter(|it| it.state.is_found() && is_shown(it)).collect();
                assert!(found.len() > 8, "{file}: {}", found.len());
                let mut lost = 0;
                for length in (4608..bytes.len()).step_by(1000).chain([30000]) {
                    let cut = collect(length.min(bytes.len()));
                    lost += cut.facts.iter().filter(|it| it.state == State::NotReadable).count();
                    for fact in &cut.facts {
                        let denied = found.iter().find(|whole| denies(fact, whole));
                        assert!(
                            denied.is_none(),
                            "{file} cut to {length}, {look_up:?}: {:?} {:?}",
                            fact.state,
                            fact.provenance.key
                        );
                    }
                }
                assert!(lost > 100, "{file}: {lost} places not readable");
            }
        }
    }
}
