// SPDX-License-Identifier: MIT OR Apache-2.0
//! Keys and values recovered from real hives, compared with yarp.

use calhive_regf::Hive;
use calhive_regf::recover::{Counterpart, Level, Recovered, Recovery};
use hive_forge::corpus::hives;

/// Numbers of recovered keys and values.
fn counts(recovery: &Recovery<'_>) -> (usize, usize) {
    let keys = recovery.iter().filter(|found| found.key().is_some()).count();
    (keys, recovery.len() - keys)
}

/// Hive in which yarp reports one false value: at 0x1c7c lie the first 12 bytes of a value,
/// followed by a value list. yarp reads the offsets of the list as type, flags and name.
const FALSE_IN_YARP: (&str, usize) = ("win11-dirty-bbi/BBI", 1);

#[test]
fn recovery_finds_at_least_as_much_as_yarp() {
    let Some(files) = hives("recovery_finds_at_least_as_much_as_yarp") else { return };
    let mut compared = 0;
    for file in files {
        let Ok(hive) = Hive::parse(&file.bytes) else { continue };
        let recovery = hive.recover();
        let (keys, values) = counts(&recovery);
        let yarp = |what: &str| file.expected()["yarp_scan"][what].as_u64().map(|it| it as usize);
        println!("{}: {keys} keys, {values} values, {}", file.name, levels(&recovery));
        let (Some(yarp_keys), Some(yarp_values)) = (yarp("deleted_keys"), yarp("deleted_values"))
        else {
            continue;
        };
        compared += 1;
        let false_one = if file.name == FALSE_IN_YARP.0 { FALSE_IN_YARP.1 } else { 0 };
        assert!(keys >= yarp_keys, "{}: {keys} of {yarp_keys} keys", file.name);
        assert!(
            values + false_one >= yarp_values,
            "{}: {values} of {yarp_values} values",
            file.name
        );
    }
    assert!(compared > 70, "{compared} hives");
}

/// Numbers of recovered items by confidence, as text.
fn levels(recovery: &Recovery<'_>) -> String {
    let count = |level| recovery.iter().filter(|found| found.confidence().level == level).count();
    let (high, medium, low) = (count(Level::High), count(Level::Medium), count(Level::Low));
    let is_copy = |found: &Recovered<'_, '_>| {
        matches!(found.counterpart(), Some(Counterpart::Duplicate { .. }))
    };
    let copies = recovery.iter().filter(is_copy).count();
    format!("{high} high, {medium} medium, {low} low, {copies} copies")
}

/// A hive with zeroed bins. The key lies in a whole bin, and no list names it.
#[test]
fn licensing_core_of_a_damaged_hive_is_recovered() {
    let name = "corrupt/corrupted_system_hive";
    let Some(file) =
        hive_forge::corpus::file("licensing_core_of_a_damaged_hive_is_recovered", name)
    else {
        return;
    };
    let hive = Hive::parse(&file.bytes).unwrap();
    let recovery = hive.recover();
    let is_core = |found: &Recovered<'_, '_>| {
        found.key().is_some() && found.name() == "Licensing Core".into()
    };
    let core: Vec<_> = recovery.iter().filter(is_core).collect();
    for key in &core {
        println!("{key:?} {} {}", key.path(), key.confidence());
        for value in key.values() {
            println!("  {value:?} {:x?}", value.data().to_bytes());
        }
    }
    assert!(!core.is_empty());
}

/// The logs of this hive overwrite nearly all deleted records of its file.
#[test]
fn records_overwritten_by_logs_are_recovered_from_the_file() {
    let test = "records_overwritten_by_logs_are_recovered_from_the_file";
    let file = |name: &str| hive_forge::corpus::file(test, &format!("win10-dirty-system/{name}"));
    let (Some(hive), Some(one), Some(two)) =
        (file("SYSTEM"), file("SYSTEM.LOG1"), file("SYSTEM.LOG2"))
    else {
        return;
    };
    let (bytes, _) = calhive_regf::log::replay::replay(&hive.bytes, &[&one.bytes, &two.bytes]);
    let current = Hive::parse(&bytes).unwrap();
    let as_it_lies = Hive::parse(&hive.bytes).unwrap().recover().len();
    let now = current.recover();
    let mut overwritten = 0;
    calhive_regf::recover::recover_overwritten(&hive.bytes, current, |found| {
        overwritten += 1;
        let at = found.cell_offset();
        let still =
            now.iter().any(|other| other.cell_offset() == at && other.name() == found.name());
        assert!(!still || !found.data().pieces().is_empty(), "{found:?} is reported twice");
    })
    .unwrap();
    println!("{as_it_lies} in the file, {overwritten} of them written over, {} now", now.len());
    assert!(overwritten > 5000 && overwritten <= as_it_lies, "{overwritten} of {as_it_lies}");
}
