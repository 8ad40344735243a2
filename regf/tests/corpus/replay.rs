// SPDX-License-Identifier: MIT OR Apache-2.0
//! Dirty hives of real machines, with their logs: calhive recovers the same tree as yarp, and as
//! Windows if Windows recovered the hive itself.

use calhive_regf::log::outcome::Untouched;
use calhive_regf::{Hive, Image};
use hive_forge::canonical::sha256;
use hive_forge::corpus::{file, hives};

use super::canonical::unescaped;
use crate::image::image;

/// Hives whose logs cannot be applied. yarp and calhive refuse the same hives.
const REFUSED: [&str; 3] = [
    "oldlog-BadLogHive1/BadLogHive",
    "oldlog-BadLogHive2/BadLogHive",
    "newlog-BadLogHive3/BadLogHive",
];

fn hash(image: &Image) -> String {
    sha256(&unescaped(Hive::parse(image.bytes()).unwrap()).text)
}

#[test]
fn replayed_trees_equal_those_of_yarp() {
    let Some(hives) = hives("replayed_trees_equal_those_of_yarp") else { return };
    let (mut equal, mut refused, mut clean) = (0, 0, 0);
    let mut wrong = Vec::new();
    for hive in hives {
        let logs = hive.logs();
        if logs.is_empty() {
            continue;
        }
        let base = image(&hive.bytes);
        // The order of the logs does not matter.
        let given: Vec<Image> = logs.iter().rev().map(|log| image(&log.bytes)).collect();
        let replayed = base.replay(&given).unwrap();
        let (dirty, report) =
            (hive.expected()["seq"][0] != hive.expected()["seq"][1], &replayed.replay);
        assert_eq!(base.bytes(), hive.bytes, "{}: the base image is unchanged", hive.name);
        match hive.expected()["yarp_replayed"]["canon_sha256"].as_str() {
            Some(expected) if hash(&replayed.image) == expected => equal += 1,
            Some(_) => wrong.push(format!("{}: {report:#?}", hive.name)),
            None if REFUSED.contains(&hive.name.as_str()) => {
                assert_eq!(report.untouched, Some(Untouched::NoLog), "{report:#?}");
                assert!(report.logs.iter().all(|log| log.refused.is_some()), "{report:#?}");
                refused += 1;
            }
            None => {
                assert!(!dirty, "{}", hive.name);
                assert_eq!(report.untouched, Some(Untouched::Clean), "{}", hive.name);
                assert_eq!(replayed.image.bytes(), hive.bytes, "{}", hive.name);
                clean += 1;
            }
        }
        if report.untouched.is_none() {
            let hive = Hive::parse(replayed.image.bytes()).unwrap();
            assert!(!hive.is_dirty(), "the result is clean");
        }
    }
    println!("{equal} of {} as yarp; {refused} refused, {clean} clean", equal + wrong.len());
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!((equal, refused, clean), (14, 3, 1));
}

#[test]
fn replayed_trees_equal_those_of_windows() {
    for (dirty, recovered) in [
        ("newlog-NewDirtyHive1/NewDirtyHive", "newlog-NewDirtyHive1/RecoveredHive_Windows10"),
        ("oldlog-OldDirtyHive/OldDirtyHive", "oldlog-OldDirtyHive/RecoveredHive_Windows7"),
    ] {
        let test = "replayed_trees_equal_those_of_windows";
        let Some(hive) = file(test, dirty).into_iter().next() else { return };
        let given: Vec<Image> = hive.logs().iter().map(|log| image(&log.bytes)).collect();
        let replayed = image(&hive.bytes).replay(&given).unwrap();
        let windows = file(test, recovered).unwrap();
        let windows = sha256(&unescaped(Hive::parse(&windows.bytes).unwrap()).text);
        assert_eq!(hash(&replayed.image), windows, "{dirty}: {:#?}", replayed.replay.logs);
    }
}
