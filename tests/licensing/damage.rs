// SPDX-License-Identifier: MIT OR Apache-2.0
//! What damage does to facts: one fact, and none of the others.

use calhive::licensing::{self, Fact, Facts, Report, Source, State};
use hive_forge::tree::{Key, Tree, Value};
use hive_forge::{Forged, Options, write};

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
    let facts = licensing::collect(&Source::new(hive, "SOFTWARE"), &Default::default());
    let report = licensing::interpret(std::slice::from_ref(&facts), None);
    (facts, report)
}

fn fact<'f>(facts: &'f Facts, code: &str) -> &'f Fact {
    facts.facts.iter().find(|fact| fact.location.code == code).unwrap()
}

/// A size that is wrong takes nothing from the data of other values, and what is cut is not
/// interpreted.
#[test]
fn a_damaged_size_costs_one_fact() {
    let mut hive = forged();
    let size = hive.bytes.len() as u64 - 100;
    hive.set(r"value Microsoft\MSLicensing\HardwareID:ClientHWID", "data_size", size);
    let (facts, report) = read(&hive);
    assert_eq!(fact(&facts, "client.hardware_id").state, State::Incomplete);
    assert_eq!(fact(&facts, "client.store").data.len(), 3000);
    assert_eq!(facts.unread.total, 1);
    let told = report.facts.iter().find(|fact| fact.code == "client.hardware_id").unwrap();
    assert_eq!(told.label.as_deref(), Some("not all could be read: not interpreted"));
}

/// A key whose list says that it has subkeys which it does not count: not the same as none.
#[test]
fn a_lowered_count_is_not_an_empty_store() {
    let mut hive = forged();
    hive.set(r"key Microsoft\MSLicensing\Store", "subkey_count", 0);
    let (facts, _) = read(&hive);
    assert_eq!(fact(&facts, "client.store").state, State::NotReadable);
    assert_eq!(facts.unread.total, 1, "{:?}", facts.unread);
}

/// What could not be read leaves a doubt in what is in effect.
#[test]
fn a_setting_that_cannot_be_read_is_not_taken_for_none() {
    let mut hive = forged();
    let value = r"value Policies\Microsoft\Windows NT\Terminal Services:LicensingMode";
    hive.set(value, "data_size", 200).set(value, "data", 0xFFFF_FFFF);
    let (_, report) = read(&hive);
    let mode = &report.hosts[0].licensing_mode;
    assert_eq!(mode.value, None);
    assert!(mode.statement.contains("Not everything could be read"), "{}", mode.statement);
}

/// A list that is out of order loses nothing, and is told once however often it is gone through.
#[test]
fn a_list_out_of_order_is_one_fault() {
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

/// Where the base block leads to no key, the tree is read from the key that says that it is the root,
/// and that is told.
#[test]
fn a_root_that_is_nowhere_costs_no_fact() {
    use calhive::hive::look_up::LookUp;
    for look_up in [LookUp::Thorough, LookUp::Trusting] {
        let mut hive = forged();
        hive.set("base", "root", 0xFFFF_FFFF).seal();
        let read = calhive::Hive::parse(&hive.bytes).unwrap();
        let options = licensing::Options { look_up };
        let facts = licensing::collect(&Source::new(read, "SOFTWARE"), &options);
        assert_eq!(fact(&facts, "client.store").data.len(), 3000);
        let told = read.root_fault().unwrap();
        assert_eq!(facts.unread.first.iter().filter(|fault| **fault == told).count(), 1);
    }
}
