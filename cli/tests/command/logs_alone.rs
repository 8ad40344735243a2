// SPDX-License-Identifier: GPL-3.0-or-later
//! `calhive recover` where the hive is lost and its logs are not.

use hive_forge::corpus::file;

use crate::{Folder, calhive};

/// The licensing mode of a real machine stands in its logs alone.
#[test]
fn a_licensing_mode_is_recovered_from_logs_without_their_hive() {
    let test = "a_licensing_mode_is_recovered_from_logs_without_their_hive";
    let logs =
        ["LOG1", "LOG2"].map(|log| file(test, &format!("logs-without-base/notatin-system.{log}")));
    let [Some(one), Some(two)] = logs else { return };
    let folder = Folder::new();
    let [one, two] =
        [("LOG1", one), ("LOG2", two)].map(|(name, log)| folder.file(name, &log.bytes));
    for logs in [vec![two.as_str()], vec![&two, "--log", &one]] {
        let run = calhive(["recover", "--format", "jsonl"].into_iter().chain(logs)).code(3);
        assert!(run.err.contains("a transaction log without its hive. "), "{}", run.err);
        assert!(run.err.contains("filled the rest with zeros"), "{}", run.err);
        let lines = run.lines();
        let named =
            |item, name| lines.iter().filter(move |it| it["item"] == item && it["name"] == name);
        let key = named("key", "Licensing Core").next().unwrap();
        assert_eq!((&key["offset"], &key["origin"]), (&0x20_C42C.into(), &"unreferenced".into()));
        let mode = named("value", "LicensingMode").next().unwrap();
        assert_eq!((&mode["type"], &mode["data_hex"]), (&4.into(), &"01000000".into()));
        let path = mode["path"].as_array().unwrap();
        assert_eq!(path.last(), Some(&"Licensing Core".into()));
    }
}

#[test]
fn a_log_without_pages_is_refused() {
    let state = hive_forge::log::states().into_iter().find(|it| !it.applied.is_empty()).unwrap();
    let (_, log) = &state.logs[0];
    let folder = Folder::new();
    let run = calhive(["recover", &folder.file("HIVE.LOG1", &log.bytes)]).code(3);
    assert!(run.err.contains("a transaction log without its hive. "), "{}", run.err);
    let run = calhive(["recover", &folder.file("EMPTY.LOG1", &log.bytes[..512])]).code(1);
    assert!(run.err.contains("no page of the hive is in it"), "{}", run.err);
    // All else still asks for the hive.
    let run = calhive(["walk", &folder.file("OTHER.LOG1", &log.bytes)]).code(1);
    assert!(run.err.contains("give its hive instead"), "{}", run.err);
}
