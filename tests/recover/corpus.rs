// SPDX-License-Identifier: MIT OR Apache-2.0
//! Real hives: what is recovered from them, beside what yarp says.

use calhive::Hive;
use calhive::recover::{Counterpart, Level, Recovered, Recovery};

use crate::corpus::hives;

/// The keys and values that were recovered.
fn counts(recovery: &Recovery<'_>) -> (usize, usize) {
    let keys = recovery.iter().filter(|found| found.key().is_some()).count();
    (keys, recovery.len() - keys)
}

/// Where yarp tells a value more, which is none: at 0x1c7c of this hive stand the first 12 bytes of one, and
/// behind them a value list, whose offsets it takes for type, flags and name.
const NOT_ONE: (&str, usize) = ("win11-dirty-bbi/BBI", 1);

#[test]
fn at_least_as_much_as_yarp() {
    let Some(files) = hives("at_least_as_much_as_yarp") else { return };
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
        let false_one = if file.name == NOT_ONE.0 { NOT_ONE.1 } else { 0 };
        assert!(keys >= yarp_keys, "{}: {keys} of {yarp_keys} keys", file.name);
        assert!(
            values + false_one >= yarp_values,
            "{}: {values} of {yarp_values} values",
            file.name
        );
    }
    assert!(compared > 70, "{compared} hives");
}

/// How many are told with which confidence.
fn levels(recovery: &Recovery<'_>) -> String {
    let count = |level| recovery.iter().filter(|found| found.confidence().level == level).count();
    let (high, medium, low) = (count(Level::High), count(Level::Medium), count(Level::Low));
    let is_copy = |found: &Recovered<'_, '_>| {
        matches!(found.counterpart(), Some(Counterpart::Duplicate { .. }))
    };
    let copies = recovery.iter().filter(is_copy).count();
    format!("{high} high, {medium} medium, {low} low, {copies} copies")
}

/// A hive of which bins are zeros: the key is in a bin that is whole, and no list leads to it.
#[test]
fn the_licensing_core_of_a_broken_hive() {
    let name = "corrupt/corrupted_system_hive";
    let Some(file) = crate::corpus::file("the_licensing_core_of_a_broken_hive", name) else {
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
