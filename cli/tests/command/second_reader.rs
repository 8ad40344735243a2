// SPDX-License-Identifier: GPL-3.0-or-later
//! The second reader: it agrees, it differs where there is something to differ about, and its panics
//! stay inside.

use calhive::fact::{Fact, Facts, SecondReader, SecondReading, Source, State};
use calhive::{Hive, second_reader};
use calhive_regf::hive::look_up::LookUp;
use hive_forge::tree::{Key, Tree, Value};
use hive_forge::{Forged, Options, write};

use super::{Folder, calhive, calhive_wide, scenario};

fn read(bytes: &[u8]) -> Facts {
    let hive = Hive::parse(bytes).unwrap();
    calhive::collect(&Source::new(hive, "HIVE"), LookUp::Thorough)
}

/// What it says of the fact of this code, after calhive's own reading was changed.
fn reading(bytes: &[u8], code: &str, change: impl Fn(&mut Fact)) -> SecondReading {
    let mut facts = read(bytes);
    let is_it = |fact: &&mut Fact| fact.location.code.as_str() == code;
    change(facts.facts.iter_mut().find(is_it).unwrap());
    second_reader::confirm(&mut facts, bytes);
    let fact = facts.facts.iter().find(|fact| fact.location.code.as_str() == code).unwrap();
    fact.second_reading.clone().unwrap()
}

fn software() -> Forged {
    let mut tree = Tree::new("ROOT");
    tree.root.at("Classes");
    tree.root.at("Other");
    let hardware = Key::new("HardwareID").binary("ClientHWID", &[2; 20]);
    *tree.root.at(r"Microsoft\MSLicensing") = Key::new("MSLicensing").key(hardware);
    let policy = tree.root.at(r"Policies\Microsoft\Windows NT\Terminal Services");
    policy.push(Value::dword("LicensingMode", 4)).push(Value::sz("LicenseServers", "a, b"));
    write(&tree, &Options::default())
}

#[test]
fn it_agrees_on_every_value_and_absence_of_every_scenario() {
    let mut agreed = 0;
    for scenario in hive_forge::scenario::all() {
        for (file, bytes) in scenario.files() {
            let mut facts = read(&bytes);
            second_reader::confirm(&mut facts, &bytes);
            assert!(matches!(facts.second_reader, SecondReader::Asked), "{file}");
            for fact in &facts.facts {
                let place = (scenario.name, file, fact.location.code, &fact.provenance);
                assert_eq!(fact.second_reading, Some(SecondReading::Agreed), "{place:?}");
                agreed += 1;
            }
        }
    }
    println!("{agreed} facts agreed");
    assert!(agreed > 2000, "{agreed}");
}

#[test]
fn a_falsified_reading_is_seen() {
    let bytes = software().bytes;
    let differs = |code: &str, change: &dyn Fn(&mut Fact)| match reading(&bytes, code, change) {
        SecondReading::Differs { why, value } => (why, value),
        other => panic!("{code}: {other:?}"),
    };
    let mode = "host.policy.licensing_mode";
    let (why, value) = differs(mode, &|fact| fact.data = vec![2, 0, 0, 0]);
    assert_eq!(why, "it reads other data");
    assert_eq!(value.unwrap().1, [4, 0, 0, 0]);
    let (why, _) = differs(mode, &|fact| {
        let (place, _) = fact.provenance.value_place.unwrap();
        fact.provenance.value_place = Some((place, calhive::ValueType::BINARY));
    });
    assert_eq!(why, "it reads another type");
    let (why, _) = differs(mode, &|fact| fact.state = State::NotInKey);
    assert_eq!(why, "it shows a value LicensingMode");
    let (why, _) = differs(mode, &|fact| fact.state = State::NotSet);
    assert_eq!(why, "it shows this key");
    let (why, _) = differs(mode, &|fact| fact.provenance.value = Some("Invented".into()));
    assert_eq!(why, "it shows no value Invented");
    let (why, _) = differs(mode, &|fact| fact.provenance.key.push_str(r"\Invented"));
    assert_eq!(why, "it shows no key Invented");
    assert_eq!(reading(&bytes, mode, |_| {}), SecondReading::Agreed);
}

/// A store that is said to be empty, and a license in it that is said to have no values.
#[test]
fn a_falsified_absence_below_subkeys_is_seen() {
    let mut tree = Tree::new("ROOT");
    tree.root.at("Classes");
    let license = Key::new("LICENSE000").binary("ClientLicense", &[1]);
    *tree.root.at(r"Microsoft\MSLicensing\Store") = Key::new("Store").key(license);
    let bytes = write(&tree, &Options::default()).bytes;
    for (key, wanted) in [
        (r"Microsoft\MSLicensing\Store", "it shows a subkey LICENSE000"),
        (r"Microsoft\MSLicensing\Store\LICENSE000", "it shows values"),
    ] {
        let reading = reading(&bytes, "client.store", |fact| {
            fact.state = State::NotInKey;
            fact.provenance.key = key.into();
        });
        let SecondReading::Differs { why, .. } = reading else { panic!("{reading:?}") };
        assert_eq!(why, wanted);
    }
}

/// nt-hive looks names up by the order of the list, and misses those that are out of it. What is not
/// there is confirmed all the same.
#[test]
fn a_list_out_of_order_is_told_with_the_reason() {
    let mut hive = software();
    let (first, last) = (hive.get("list ", "element 1"), hive.get("list ", "element 3"));
    hive.set("list ", "element 1", last).set("list ", "element 3", first);
    let (a, b) = (hive.get("list ", "hash 1"), hive.get("list ", "hash 3"));
    hive.set("list ", "hash 1", b).set("list ", "hash 3", a);
    let folder = Folder::new();
    let path = folder.file("SOFTWARE", &hive.bytes);
    let report = calhive(["scan", "--format", "json", &path]).code(3).json();
    let fact = |code: &str| {
        let facts = report["facts"].as_array().unwrap();
        facts.iter().find(|fact| fact["code"] == code).unwrap().clone()
    };
    let second = &fact("client.hardware_id")["second_reader"];
    assert_eq!(second["state"], "differs");
    assert_eq!(
        second["why"]["text"],
        "its look-up misses the key Microsoft, which its subkey list contains"
    );
    let searched = report["searched"].as_array().unwrap();
    let agreed = searched.iter().filter(|it| it["second_reader"] == "agreed");
    let keys = agreed.flat_map(|it| it["keys"].as_array().unwrap());
    let mut places = keys.flat_map(|key| key["places"].as_array().unwrap());
    assert!(places.any(|it| it["code"] == "client.store"), "it is not there: {searched:?}");
}

/// A value whose data are NIL: nt-hive 0.3 panics on it. The command says so and nothing else.
#[test]
fn a_panic_is_contained_and_makes_no_noise() {
    let mut hive = software();
    hive.set(r"value Microsoft\MSLicensing\HardwareID:ClientHWID", "data", 0xFFFF_FFFF);
    let folder = Folder::new();
    let path = folder.file("SOFTWARE", &hive.bytes);
    let run = calhive_wide(["scan", "--details", &path]).code(3);
    assert!(!run.err.contains("panicked"), "{}", run.err);
    let told = "not readable for the second reader: it panics here (source-1 \
                Microsoft\\MSLicensing\\HardwareID, value ClientHWID)";
    assert!(run.text().contains(told), "{}", run.text());
    // The data that are left without the value are hidden by that, and another reader is not asked.
    let others = "1 not readable, 1 not covered";
    assert!(run.text().contains(others), "{}", run.text());
}

/// What it does not open is told as such, not as agreed.
#[test]
fn a_hive_that_it_does_not_open_is_told() {
    let bytes = software().bytes;
    let mut facts = read(&bytes);
    second_reader::confirm(&mut facts, &[0; 100]);
    assert!(matches!(facts.second_reader, SecondReader::Refused(_)), "{:?}", facts.second_reader);
    assert!(!calhive_evidence::foreign::is_running());
}

#[test]
fn it_can_be_left_out() {
    let folder = scenario("workgroup-host");
    let args = ["scan", "--no-second-reader", "--format", "json", folder.to_str().unwrap()];
    let report = calhive(args).code(0).json();
    assert!(report["sources"][0]["second_reader"].is_null());
    assert!(report["facts"][0]["second_reader"].is_null());
}

/// Hostile row 2: the flag of a predefined key hides values from one reader. A disagreement ends with code 3.
#[test]
fn disagreement_of_the_second_reader_ends_with_3() {
    let case = hive_forge::finding::cases();
    let case = case.iter().find(|case| case.code == "second_reader.differs").unwrap();
    let code = |files: &[(String, Vec<u8>)]| {
        let folder = Folder::new();
        for (path, bytes) in files {
            folder.file(path, bytes);
        }
        let run = calhive(["scan", folder.path(), "--format", "json"]);
        (run.code, run.err.contains("nt-hive"))
    };
    assert_eq!(code(&case.raises), (3, true));
    assert_eq!(code(&case.near_miss), (0, false));
}
